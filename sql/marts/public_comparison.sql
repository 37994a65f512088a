-- Published counts of our own area, the neighbours and the nation, each against its own baseline year.
-- Grain: one row per statistic_id, area, year
-- Reads: estimate.public_comparison
SELECT
    statistic_id,
    area,
    area_kind,
    year,
    value,
    lower,
    upper,
    inhabitants,
    rate,
    rate_lower,
    rate_upper,
    baseline_year,
    baseline_value,
    ratio,
    ratio_lower,
    ratio_upper,
    p_value,
    reads,
    relative_ratio,
    relative_lower,
    relative_upper,
    relative_p_value,
    relative_reads,
    area_count,
    dispersion,
    break_date,
    skipped_years,
    reason_no_comparison,
    reason_no_relative
FROM estimate.public_comparison
