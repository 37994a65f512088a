-- What one of those invited answered to one question in a year's survey.
-- Grain: one row per survey_year, respondent_id, question_id
-- Reads: ref.question, ref.run, staging.survey_answer, strategy.survey_invited
-- The latest answer counts. One off the question's scale, to a question of another survey, or from after the reference
-- date is no answer.
SELECT
    invited.survey_id,
    invited.survey_year,
    invited.respondent_id,
    invited.sex,
    invited.age_band_id,
    answer.question_id,
    answer.answer_hundredths
FROM staging.survey_answer AS answer
INNER JOIN strategy.survey_invited AS invited ON answer.invitation_id = invited.invitation_id
INNER JOIN ref.question AS question
    ON
        answer.question_id = question.question_id
        AND invited.survey_id = question.survey_id
        AND answer.answer_hundredths BETWEEN 100 * question.scale_minimum AND 100 * question.scale_maximum
CROSS JOIN ref.run AS run
WHERE answer.answered_date <= run.reference_date
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY invited.survey_year, invited.respondent_id, answer.question_id
        ORDER BY answer.answered_date DESC, answer.invitation_id DESC
    ) = 1
