-- The outcome of every data check: rows, never people or values.
-- Grain: one row per extract_id, check_id
-- Reads: quality.check_result
SELECT
    extract_id,
    check_id,
    field_id,
    severity,
    status,
    row_count,
    failed_count,
    message_da
FROM quality.check_result
