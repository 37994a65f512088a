-- How many of those invited to a survey answered it.
-- Grain: one row per survey_id, year, population
-- Reads: ref.setting, ref.survey, strategy.survey_cell
-- Persons, or invitations where a survey names no person: such a survey has no row by sex or age. Below either floor
-- nothing of what was answered is shown.
WITH part AS (
    SELECT
        cell.survey_id,
        cell.survey_year,
        cell.invited_count,
        cell.answered_count,
        CASE segmentation.segmentation
            WHEN 'sex' THEN CONCAT('sex:', cell.sex)
            WHEN 'age_band' THEN CONCAT('age_band:', cell.age_band_id)
            ELSE 'year'
        END AS population
    FROM strategy.survey_cell AS cell
    INNER JOIN ref.survey AS survey ON cell.survey_id = survey.survey_id
    CROSS JOIN (VALUES ('year'), ('sex'), ('age_band')) AS segmentation (segmentation)
    WHERE segmentation.segmentation = 'year' OR survey.population = 'served'
),

counted AS (
    SELECT
        survey_id,
        survey_year,
        population,
        SUM(invited_count) AS invited_count,
        SUM(answered_count) AS answered_count
    FROM part
    GROUP BY survey_id, survey_year, population
)

SELECT
    counted.survey_id,
    counted.survey_year AS year,
    counted.population,
    CAST(counted.invited_count AS BIGINT) AS invited,
    CAST(counted.answered_count AS BIGINT) AS answered,
    CAST(counted.answered_count AS DOUBLE) / counted.invited_count AS rate,
    counted.answered_count < setting.survey_minimum_answers
    OR CAST(counted.answered_count AS DOUBLE) / counted.invited_count < setting.survey_minimum_rate AS is_under_floor,
    FALSE AS is_suppressed
FROM counted
CROSS JOIN ref.setting AS setting
WHERE counted.invited_count > 0
