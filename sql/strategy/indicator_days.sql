-- How many persons waited each number of days, for the indicators that are a median.
-- Grain: one row per indicator_id, year, population, elapsed_days
-- Reads: strategy.indicator_person
SELECT
    indicator_id,
    year,
    COALESCE(sex_population, age_population, 'year') AS population,
    elapsed_days,
    COUNT(*) AS n
FROM strategy.indicator_person
WHERE elapsed_days IS NOT NULL
GROUP BY
    GROUPING SETS (
        (indicator_id, year, elapsed_days),
        (indicator_id, year, sex_population, elapsed_days),
        (indicator_id, year, age_population, elapsed_days)
    )
