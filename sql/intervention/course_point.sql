-- How persons stood on the primary outcome, period by period: how many, and a few percentiles.
-- Grain: one row per intervention_id, outcome_id, population, month_number
-- Reads: intervention.course_person, ref.setting
-- Periods do not hold the same persons: who is no longer measured is gone from them. A percentile is here the mean of
-- the disclosure_minimum scores (or one more) nearest to it in rank, and never one person's score. There is no mean of
-- all: less the mean of those measured twice it would give a few persons' scores.
WITH placed AS (
    SELECT
        *,
        COUNT(*) OVER (PARTITION BY intervention_id, outcome_id, month_number) AS n,
        ROW_NUMBER() OVER (
            PARTITION BY intervention_id, outcome_id, month_number
            ORDER BY score_hundredths, episode_id
        ) - 1 AS place
    FROM intervention.course_person
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
