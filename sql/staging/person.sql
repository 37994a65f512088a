-- A person known from any extract, with a small integer number in place of the 16-byte pseudonym.
-- Grain: one row per person_id
-- Reads: raw.person, raw.episode, raw.measurement
-- A person met only in episodes or measurements is kept, with unknown birth date and sex:
-- dropping the row would drop the episodes too. The number is the pseudonym's rank in this
-- run and means nothing outside it. Of several person rows the last delivered one counts.
WITH known AS (
    SELECT person_id AS pseudonym FROM raw.person
    UNION
    SELECT person_id AS pseudonym FROM raw.episode
    UNION
    SELECT person_id AS pseudonym FROM raw.measurement
),

latest AS (
    SELECT
        person_id AS pseudonym,
        birth_date,
        sex,
        target_group,
        moved_date,
        death_date
    FROM raw.person
    QUALIFY ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY source_file DESC, source_line DESC) = 1
)

SELECT
    known.pseudonym,
    latest.birth_date,
    latest.sex,
    latest.target_group,
    latest.moved_date,
    latest.death_date,
    CAST(ROW_NUMBER() OVER (ORDER BY known.pseudonym) AS BIGINT) AS person_id
FROM known
LEFT JOIN latest ON known.pseudonym = latest.pseudonym
