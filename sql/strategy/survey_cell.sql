-- How many a year's survey was about, how many were invited and how many answered.
-- Grain: one row per survey_id, survey_year, sex, age_band_id
-- Reads: ref.survey, strategy.survey_population, strategy.survey_invited, strategy.survey_reply
-- The cells that answers are weighted by: everybody served in a year the survey was held, of the ages asked. Whom a
-- survey with no population is about is whom it was sent to, in one cell. Answered is at least one question.
WITH invited AS (
    SELECT
        survey_id,
        survey_year,
        sex,
        age_band_id,
        COUNT(DISTINCT respondent_id) AS invited_count
    FROM strategy.survey_invited
    GROUP BY survey_id, survey_year, sex, age_band_id
),

answered AS (
    SELECT
        survey_id,
        survey_year,
        sex,
        age_band_id,
        COUNT(DISTINCT respondent_id) AS answered_count
    FROM strategy.survey_reply
    GROUP BY survey_id, survey_year, sex, age_band_id
),

held AS (
    SELECT DISTINCT
        survey_id,
        survey_year
    FROM invited
),

population AS (
    SELECT
        held.survey_id,
        held.survey_year,
        served.sex,
        served.age_band_id,
        COUNT(*) AS population_count
    FROM held
    INNER JOIN ref.survey AS survey ON held.survey_id = survey.survey_id AND survey.population = 'served'
    INNER JOIN strategy.survey_population AS served
        ON held.survey_year = served.served_year AND COALESCE(served.age, survey.age_from) >= survey.age_from
    GROUP BY held.survey_id, held.survey_year, served.sex, served.age_band_id
    UNION ALL
    SELECT
        invited.survey_id,
        invited.survey_year,
        invited.sex,
        invited.age_band_id,
        invited.invited_count AS population_count
    FROM invited
    INNER JOIN ref.survey AS survey ON invited.survey_id = survey.survey_id AND survey.population <> 'served'
)

SELECT
    population.survey_id,
    population.survey_year,
    population.sex,
    population.age_band_id,
    population.population_count,
    COALESCE(invited.invited_count, 0) AS invited_count,
    COALESCE(answered.answered_count, 0) AS answered_count
FROM population
LEFT JOIN invited
    ON
        population.survey_id = invited.survey_id
        AND population.survey_year = invited.survey_year
        AND population.sex = invited.sex
        AND population.age_band_id = invited.age_band_id
LEFT JOIN answered
    ON
        population.survey_id = answered.survey_id
        AND population.survey_year = answered.survey_year
        AND population.sex = answered.sex
        AND population.age_band_id = answered.age_band_id
