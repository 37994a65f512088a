-- An ambassador of a strategy, from a day to a day (the last not included; open while it lasts).
-- Grain: one row per ambassador_id
-- Reads: raw.ambassador
-- Of rows with the same key the last delivered one counts.
SELECT
    ambassador.ambassador_id,
    ambassador.kind,
    ambassador.joined_date,
    ambassador.left_date
FROM raw.ambassador AS ambassador
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY ambassador.ambassador_id
        ORDER BY ambassador.source_file DESC, ambassador.source_line DESC
    ) = 1
