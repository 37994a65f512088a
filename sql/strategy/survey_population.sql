-- A person with a day of support in a calendar year: whom the year's surveys of the served are about.
-- Grain: one row per person_id, served_year
-- Reads: individual.support_year, staging.person, ref.age_band, ref.run
-- Age in completed years on 31 December, so that a person has one band a year; what is not known of a person is a
-- group of its own, `unknown`. The reporting year is the last.
WITH served AS (
    SELECT DISTINCT
        support.person_id,
        support.support_year AS served_year
    FROM individual.support_year AS support
    CROSS JOIN ref.run AS run
    WHERE support.support_year <= run.reporting_year
)

SELECT
    served.person_id,
    served.served_year,
    served.served_year - EXTRACT(YEAR FROM person.birth_date) AS age,
    COALESCE(person.sex, 'unknown') AS sex,
    COALESCE(age_band.age_band_id, 'unknown') AS age_band_id
FROM served
INNER JOIN staging.person AS person ON served.person_id = person.person_id
LEFT JOIN ref.age_band AS age_band
    ON
        served.served_year - EXTRACT(YEAR FROM person.birth_date) >= age_band.age_from
        AND COALESCE(served.served_year - EXTRACT(YEAR FROM person.birth_date) < age_band.age_before, TRUE)
