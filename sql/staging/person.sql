-- A person known from any extract.
-- Grain: one row per person_id
-- Reads: raw.person, staging.identity
-- A person without a row of their own has unknown birth date and sex. Of several rows the last delivered one counts;
-- a person with two numbers is told by the present number's row, else by the former's.
WITH present AS (
    SELECT DISTINCT
        person_id,
        present_pseudonym
    FROM staging.identity
),

latest AS (
    SELECT
        identity.person_id,
        person.birth_date,
        person.sex,
        person.target_group,
        person.moved_date,
        person.death_date
    FROM raw.person AS person
    INNER JOIN staging.identity AS identity ON person.person_id = identity.pseudonym
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY identity.person_id
            ORDER BY
                CASE WHEN identity.pseudonym = identity.present_pseudonym THEN 0 ELSE 1 END,
                person.source_file DESC,
                person.source_line DESC
        ) = 1
)

SELECT
    present.person_id,
    present.present_pseudonym AS pseudonym,
    latest.birth_date,
    latest.sex,
    latest.target_group,
    latest.moved_date,
    latest.death_date
FROM present
LEFT JOIN latest ON present.person_id = latest.person_id
