-- How persons stood on the primary outcome, in periods of months before and after the start of support.
-- Grain: one row per intervention_id, outcome_id, population, month_number
-- Reads: individual.episode_outcome, individual.baseline, staging.measurement, ref.setting
-- Source: method, section 4 (a description). Index episodes with a baseline, so an episode is a person; the version of
-- the instrument is the baseline's, and a measurement belongs to the episode as in individual.trajectory. A person has
-- one value in a period: the measurement nearest its middle, on a tie the earlier. Periods do not hold the same
-- persons: who is no longer measured is gone from them.
-- A percentile is here the mean of the disclosure_minimum scores (or one more) nearest to it in rank, and never one
-- person's score. There is no mean of all: less the mean of those measured twice it would give a few persons' scores.
WITH candidate AS (
    SELECT
        baseline.episode_id,
        outcome.intervention_id,
        outcome.outcome_id,
        measurement.score_hundredths,
        DATE_DIFF('day', outcome.started_date, measurement.measured_date) AS day_number,
        CAST(
            FLOOR(
                12 * DATE_DIFF('day', outcome.started_date, measurement.measured_date)
                / (setting.days_per_year * setting.trajectory_bin_months) + 0.5
            ) AS INTEGER
        ) * setting.trajectory_bin_months AS month_number,
        setting.days_per_year / 12 AS days_per_month
    FROM individual.baseline AS baseline
    INNER JOIN individual.episode_outcome AS outcome
        ON
            baseline.episode_id = outcome.episode_id
            AND baseline.instrument_id = outcome.instrument_id
            AND baseline.respondent = outcome.respondent
    CROSS JOIN ref.setting AS setting
    INNER JOIN staging.measurement AS measurement
        ON
            baseline.person_id = measurement.person_id
            AND baseline.instrument_id = measurement.instrument_id
            AND baseline.respondent = measurement.respondent
            AND baseline.version = measurement.version
            AND measurement.measured_date >= outcome.started_date - setting.baseline_days_before
            AND measurement.measured_date
            <= LEAST(outcome.reference_date, outcome.ended_date + setting.end_days_after)
    WHERE outcome.is_index AND outcome.is_primary
),

person AS (
    SELECT
        episode_id,
        intervention_id,
        outcome_id,
        month_number,
        ARG_MIN(
            score_hundredths,
            2 * ABS(day_number - CAST(ROUND(month_number * days_per_month) AS INTEGER))
            + CASE WHEN day_number > month_number * days_per_month THEN 1 ELSE 0 END
        ) AS score_hundredths
    FROM candidate
    GROUP BY episode_id, intervention_id, outcome_id, month_number
),

placed AS (
    SELECT
        *,
        COUNT(*) OVER (PARTITION BY intervention_id, outcome_id, month_number) AS n,
        ROW_NUMBER() OVER (
            PARTITION BY intervention_id, outcome_id, month_number
            ORDER BY score_hundredths, episode_id
        ) - 1 AS place
    FROM person
),

-- A hundred times the distance in rank to each percentile, against a hundred times half the persons wanted.
distanced AS (
    SELECT
        placed.*,
        setting.disclosure_minimum,
        setting.course_minimum_persons,
        ABS(100 * placed.place - 10 * (placed.n - 1)) <= 50 * setting.disclosure_minimum AS is_near_10,
        ABS(100 * placed.place - 25 * (placed.n - 1)) <= 50 * setting.disclosure_minimum AS is_near_25,
        ABS(100 * placed.place - 50 * (placed.n - 1)) <= 50 * setting.disclosure_minimum AS is_near_50,
        ABS(100 * placed.place - 75 * (placed.n - 1)) <= 50 * setting.disclosure_minimum AS is_near_75,
        ABS(100 * placed.place - 90 * (placed.n - 1)) <= 50 * setting.disclosure_minimum AS is_near_90
    FROM placed
    CROSS JOIN ref.setting AS setting
),

summed AS (
    SELECT
        intervention_id,
        outcome_id,
        month_number,
        COUNT(*) AS n,
        -- The outer percentiles have the fewest persons around them: where they have enough, all have.
        COUNT(*) >= MIN(course_minimum_persons)
        AND COUNT(*) FILTER (WHERE is_near_10) >= MIN(disclosure_minimum)
        AND COUNT(*) FILTER (WHERE is_near_90) >= MIN(disclosure_minimum) AS is_enough,
        CAST(SUM(score_hundredths) FILTER (WHERE is_near_10) AS DOUBLE)
        / NULLIF(COUNT(*) FILTER (WHERE is_near_10), 0) / 100 AS p10,
        CAST(SUM(score_hundredths) FILTER (WHERE is_near_25) AS DOUBLE)
        / NULLIF(COUNT(*) FILTER (WHERE is_near_25), 0) / 100 AS p25,
        CAST(SUM(score_hundredths) FILTER (WHERE is_near_50) AS DOUBLE)
        / NULLIF(COUNT(*) FILTER (WHERE is_near_50), 0) / 100 AS p50,
        CAST(SUM(score_hundredths) FILTER (WHERE is_near_75) AS DOUBLE)
        / NULLIF(COUNT(*) FILTER (WHERE is_near_75), 0) / 100 AS p75,
        CAST(SUM(score_hundredths) FILTER (WHERE is_near_90) AS DOUBLE)
        / NULLIF(COUNT(*) FILTER (WHERE is_near_90), 0) / 100 AS p90
    FROM distanced
    GROUP BY intervention_id, outcome_id, month_number
)

SELECT
    intervention_id,
    outcome_id,
    'window' AS population,
    month_number,
    n,
    CASE WHEN is_enough THEN p10 END AS p10_score,
    CASE WHEN is_enough THEN p25 END AS p25_score,
    CASE WHEN is_enough THEN p50 END AS p50_score,
    CASE WHEN is_enough THEN p75 END AS p75_score,
    CASE WHEN is_enough THEN p90 END AS p90_score,
    CASE WHEN NOT is_enough THEN 'too_few_persons' END AS reason_no_scores
FROM summed
