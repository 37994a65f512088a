-- The strategies' goals by year: each indicator's figure, its change, target, status and trend.
-- Grain: one row per goal_id, indicator_id, year, population
-- Reads: estimate.strategy_indicator
-- A goal without a row is not measured yet.
SELECT
    goal_id,
    indicator_id,
    year,
    population,
    law,
    measured_from,
    value,
    lower,
    upper,
    numerator,
    n,
    unit_numerator,
    unit_count,
    baseline_year,
    baseline_value,
    change,
    change_lower,
    change_upper,
    reason_no_change,
    previous_year,
    previous_change,
    previous_lower,
    previous_upper,
    target_value,
    target_date,
    status,
    trend,
    FALSE AS is_suppressed,
    not_estimable_reason
FROM estimate.strategy_indicator
