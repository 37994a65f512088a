-- Each person's latest score of the year, against the limit of the indicators that have one.
-- Grain: one row per indicator_id, year, person_id
-- Reads: staging.measurement, ref.indicator, ref.run
SELECT
    indicator.indicator_id,
    EXTRACT(YEAR FROM measurement.measured_date) AS year,
    measurement.person_id,
    CASE
        WHEN indicator.is_at_least THEN measurement.score_hundredths >= indicator.threshold_hundredths
        ELSE measurement.score_hundredths <= indicator.threshold_hundredths
    END AS is_in_numerator
FROM staging.measurement AS measurement
CROSS JOIN ref.run AS run
INNER JOIN ref.indicator AS indicator
    ON
        measurement.instrument_id = indicator.instrument_id
        AND measurement.respondent = indicator.respondent
WHERE
    indicator.formula = 'score_share'
    AND measurement.measured_date >= run.window_start_date
    AND measurement.measured_date <= run.window_end_date
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY indicator.indicator_id, EXTRACT(YEAR FROM measurement.measured_date), measurement.person_id
        ORDER BY measurement.measured_date DESC
    ) = 1
