-- The persons behind every indicator that counts persons, each once a year, and the segments they are shown in.
-- Grain: one row per indicator_id, year, person_id
-- Reads: strategy.indicator_change, strategy.indicator_score, strategy.indicator_waiting, strategy.indicator_served,
--        strategy.indicator_outcome, staging.person, ref.age_band
-- Age in completed years on the last day of the year, when all birthdays have been. What is not known of a person is a
-- segment of its own, so that each segmentation divides all.
WITH found AS (
    SELECT
        indicator_id,
        year,
        person_id,
        provider_id,
        is_in_numerator,
        CAST(NULL AS BIGINT) AS event_count,
        CAST(NULL AS BIGINT) AS elapsed_days,
        amount_ten_thousandths
    FROM strategy.indicator_change
    UNION ALL
    SELECT
        indicator_id,
        year,
        person_id,
        NULL AS provider_id,
        is_in_numerator,
        NULL AS event_count,
        NULL AS elapsed_days,
        NULL AS amount_ten_thousandths
    FROM strategy.indicator_score
    UNION ALL
    SELECT
        indicator_id,
        year,
        person_id,
        NULL AS provider_id,
        is_in_numerator,
        NULL AS event_count,
        elapsed_days,
        NULL AS amount_ten_thousandths
    FROM strategy.indicator_waiting
    UNION ALL
    SELECT
        indicator_id,
        year,
        person_id,
        NULL AS provider_id,
        is_in_numerator,
        event_count,
        NULL AS elapsed_days,
        amount_ten_thousandths
    FROM strategy.indicator_served
    UNION ALL
    SELECT
        indicator_id,
        year,
        person_id,
        NULL AS provider_id,
        is_in_numerator,
        NULL AS event_count,
        NULL AS elapsed_days,
        NULL AS amount_ten_thousandths
    FROM strategy.indicator_outcome
)

SELECT
    found.indicator_id,
    CAST(found.year AS INTEGER) AS year,
    found.person_id,
    found.provider_id,
    found.is_in_numerator,
    found.event_count,
    found.elapsed_days,
    found.amount_ten_thousandths,
    CONCAT('sex:', COALESCE(person.sex, 'unknown')) AS sex_population,
    CONCAT('age_band:', COALESCE(age_band.age_band_id, 'unknown')) AS age_population
FROM found
INNER JOIN staging.person AS person ON found.person_id = person.person_id
LEFT JOIN ref.age_band AS age_band
    ON
        found.year - EXTRACT(YEAR FROM person.birth_date) >= age_band.age_from
        AND COALESCE(found.year - EXTRACT(YEAR FROM person.birth_date) < age_band.age_before, TRUE)
