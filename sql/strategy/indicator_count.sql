-- The persons behind an indicator in a year, of everybody and by segment: how many, with what, how many events.
-- Grain: one row per indicator_id, year, population
-- Reads: strategy.indicator_person
SELECT
    indicator_id,
    year,
    COALESCE(sex_population, age_population, 'year') AS population,
    COUNT(*) AS n,
    CASE
        WHEN COUNT(is_in_numerator) > 0 THEN COUNT(*) FILTER (WHERE is_in_numerator)
    END AS numerator,
    CAST(SUM(event_count) AS BIGINT) AS event_count,
    CAST(SUM(event_count * event_count) AS BIGINT) AS event_squares,
    MAX(event_count) AS most_events
FROM strategy.indicator_person
GROUP BY
    GROUPING SETS (
        (indicator_id, year),
        (indicator_id, year, sex_population),
        (indicator_id, year, age_population)
    )
