-- The strategies' goals that can be measured; a goal without a row is not measured yet.
-- Grain: one row per goal_id, indicator_id, population
-- Reads: estimate.strategy_indicator
SELECT
    goal_id,
    indicator_id,
    population,
    value,
    lower,
    upper,
    numerator,
    n,
    FALSE AS is_suppressed
FROM estimate.strategy_indicator
