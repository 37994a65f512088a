-- The sums behind an indicator that is a mean, by provider where persons come with one.
-- Grain: one row per indicator_id, year, population, provider_id
-- Reads: strategy.indicator_person
-- Whole ten-thousandths, so that sums and sums of squares are exact.
SELECT
    indicator_id,
    year,
    COALESCE(sex_population, age_population, 'year') AS population,
    provider_id,
    COUNT(*) AS n,
    CAST(SUM(amount_ten_thousandths) AS BIGINT) AS amount_sum,
    SUM(CAST(amount_ten_thousandths AS DECIMAL(18, 0)) * amount_ten_thousandths) AS amount_squares
FROM strategy.indicator_person
WHERE amount_ten_thousandths IS NOT NULL
GROUP BY
    GROUPING SETS (
        (indicator_id, year, provider_id),
        (indicator_id, year, sex_population, provider_id),
        (indicator_id, year, age_population, provider_id)
    )
