-- The days a person turns 16 and 18: when the preparation for adult life begins, and when it must be decided.
-- Grain: one row per person_id
-- Reads: staging.person, ref.setting
-- Source: Barnets lov §§ 122 and 123 (until 2024 Serviceloven § 19 a); the ages are parameters. Born on 29 February: a
-- year of life is whole when 28 February is over (so counts Regulation 1182/71, article 3), so in a year without that
-- day the birthday is 1 March. No Danish provision was found that says so in words.
WITH birthday AS (
    SELECT
        person.person_id,
        person.birth_date,
        CAST(person.birth_date + setting.preparation_age * INTERVAL 1 YEAR AS DATE) AS preparation_date,
        CAST(person.birth_date + setting.adult_age * INTERVAL 1 YEAR AS DATE) AS adult_date
    FROM staging.person AS person
    CROSS JOIN ref.setting AS setting
    WHERE person.birth_date IS NOT NULL
)

-- Adding years to 29 February gives the 28th: one day is missing.
SELECT
    person_id,
    preparation_date
    + CASE WHEN EXTRACT(DAY FROM preparation_date) < EXTRACT(DAY FROM birth_date) THEN 1 ELSE 0 END
        AS preparation_date,
    adult_date + CASE WHEN EXTRACT(DAY FROM adult_date) < EXTRACT(DAY FROM birth_date) THEN 1 ELSE 0 END
        AS adult_date
FROM birthday
