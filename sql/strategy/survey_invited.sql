-- An invitation to a survey, and in whose place it counts.
-- Grain: one row per invitation_id
-- Reads: ref.run, ref.survey, staging.survey_invitation, strategy.survey_population
-- A survey of the served counts the person, also with several invitations in a year, and only who was served in the
-- year and is of the ages asked (or of unknown age): others are not whom the answers are weighted to. A survey with
-- no population (staff) counts the invitation. The year is the invitation's, whenever it is answered.
SELECT
    invitation.invitation_id,
    invitation.survey_id,
    EXTRACT(YEAR FROM invitation.invited_date) AS survey_year,
    CASE
        WHEN survey.population = 'served' THEN CAST(served.person_id AS VARCHAR)
        ELSE invitation.invitation_id
    END AS respondent_id,
    CASE WHEN survey.population = 'served' THEN served.sex ELSE 'unknown' END AS sex,
    CASE WHEN survey.population = 'served' THEN served.age_band_id ELSE 'unknown' END AS age_band_id
FROM staging.survey_invitation AS invitation
INNER JOIN ref.survey AS survey ON invitation.survey_id = survey.survey_id
CROSS JOIN ref.run AS run
LEFT JOIN strategy.survey_population AS served
    ON
        invitation.person_id = served.person_id
        AND EXTRACT(YEAR FROM invitation.invited_date) = served.served_year
        AND COALESCE(served.age, survey.age_from) >= survey.age_from
WHERE
    EXTRACT(YEAR FROM invitation.invited_date) <= run.reporting_year
    AND (survey.population <> 'served' OR served.person_id IS NOT NULL)
