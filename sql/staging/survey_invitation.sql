-- One invitation to answer a survey, of a person known or not.
-- Grain: one row per invitation_id
-- Reads: raw.survey_invitation, staging.identity
-- Of rows with the same key the last delivered one counts. `person_id` is unknown (NULL) where nobody was named: a
-- survey of staff or relatives.
WITH latest AS (
    SELECT *
    FROM raw.survey_invitation
    QUALIFY ROW_NUMBER() OVER (PARTITION BY invitation_id ORDER BY source_file DESC, source_line DESC) = 1
)

SELECT
    latest.invitation_id,
    latest.survey_id,
    identity.person_id,
    latest.invited_date
FROM latest
LEFT JOIN staging.identity AS identity ON latest.person_id = identity.pseudonym
