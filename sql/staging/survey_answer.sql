-- One answer to one question of a survey.
-- Grain: one row per invitation_id, question_id
-- Reads: raw.survey_answer, staging.survey_invitation
-- Of rows with the same key the last delivered one counts. An answer without its invitation is of nobody who can be
-- counted, and is left out (the check on references tells of it). Answers are kept in whole hundredths, so that sums
-- are exact.
SELECT
    survey_answer.invitation_id,
    survey_answer.question_id,
    survey_answer.answered_date,
    CAST(ROUND(survey_answer.answer * 100) AS BIGINT) AS answer_hundredths
FROM raw.survey_answer AS survey_answer
INNER JOIN staging.survey_invitation AS invitation ON survey_answer.invitation_id = invitation.invitation_id
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY survey_answer.invitation_id, survey_answer.question_id
        ORDER BY survey_answer.source_file DESC, survey_answer.source_line DESC
    ) = 1
