-- Which person a pseudonym is of, with a small integer number in place of the 16-byte pseudonym.
-- Grain: one row per pseudonym
-- Reads: raw.person, raw.episode, raw.measurement, raw.item_answer, raw.individual_goal, raw.status_spell,
--        raw.support_hours, raw.contact, raw.event, raw.plan, raw.survey_invitation, raw.person_link
-- A person met only in episodes or measurements is kept: dropping the row would drop the episodes too. A pseudonym
-- that a link calls former belongs to the present one, three links deep (the check on links stops a run with longer
-- chains or circles). The number is the rank of the present pseudonym in this run and means nothing outside it.
WITH known AS (
    SELECT person_id AS pseudonym FROM raw.person
    UNION
    SELECT person_id AS pseudonym FROM raw.episode
    UNION
    SELECT person_id AS pseudonym FROM raw.measurement
    UNION
    SELECT person_id AS pseudonym FROM raw.item_answer
    UNION
    SELECT person_id AS pseudonym FROM raw.individual_goal
    UNION
    SELECT person_id AS pseudonym FROM raw.status_spell
    UNION
    SELECT person_id AS pseudonym FROM raw.support_hours
    UNION
    SELECT person_id AS pseudonym FROM raw.contact
    UNION
    SELECT person_id AS pseudonym FROM raw.event
    UNION
    SELECT person_id AS pseudonym FROM raw.plan
    UNION
    SELECT person_id AS pseudonym FROM raw.survey_invitation
    WHERE person_id IS NOT NULL
    UNION
    SELECT person_id AS pseudonym FROM raw.person_link
    UNION
    SELECT former_person_id AS pseudonym FROM raw.person_link
),

link AS (
    SELECT
        former_person_id AS pseudonym,
        person_id AS present_pseudonym
    FROM raw.person_link
    QUALIFY ROW_NUMBER() OVER (PARTITION BY former_person_id ORDER BY source_file DESC, source_line DESC) = 1
),

followed AS (
    SELECT
        known.pseudonym,
        COALESCE(
            third.present_pseudonym, second.present_pseudonym, first.present_pseudonym, known.pseudonym
        ) AS present_pseudonym
    FROM known
    LEFT JOIN link AS first ON known.pseudonym = first.pseudonym
    LEFT JOIN link AS second ON first.present_pseudonym = second.pseudonym
    LEFT JOIN link AS third ON second.present_pseudonym = third.pseudonym
)

SELECT
    pseudonym,
    present_pseudonym,
    CAST(DENSE_RANK() OVER (ORDER BY present_pseudonym) AS BIGINT) AS person_id
FROM followed
