-- E1: the score a person was expected to have at the horizon in the usual course, that of all other interventions.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.measurement_pair, individual.episode_outcome, individual.usual_sum, individual.usual_fit,
--        ref.setting
-- Source: method, section 3.5; least squares of follow-up on baseline (Draper & Smith 1998, chapter 1). Descriptive:
-- no rule reads it. The person's own intervention is left out, and the person's own pairs in the others: nobody's
-- expectation rests on oneself. `n` counts pairs; a person has one in each intervention, and the interval takes them
-- for independent. Student's t as in expected_without_support.sql. An interval is of one person's score.
WITH asked AS (
    SELECT
        pair.episode_id,
        pair.instrument_id,
        pair.respondent,
        pair.follow_up_kind,
        pair.baseline_hundredths,
        outcome.person_id,
        outcome.intervention_id,
        CASE pair.follow_up_kind
            WHEN 'primary' THEN outcome.horizon_months
            ELSE setting.long_follow_up_months
        END AS horizon_months
    FROM individual.measurement_pair AS pair
    INNER JOIN individual.episode_outcome AS outcome
        ON
            pair.episode_id = outcome.episode_id
            AND pair.instrument_id = outcome.instrument_id
            AND pair.respondent = outcome.respondent
    CROSS JOIN ref.setting AS setting
    WHERE pair.follow_up_kind IN ('primary', 'long')
),

person_sum AS (
    SELECT
        person_id,
        instrument_id,
        respondent,
        horizon_months,
        SUM(n) AS n,
        SUM(x) AS x,
        SUM(y) AS y,
        SUM(xx) AS xx,
        SUM(xy) AS xy,
        SUM(yy) AS yy
    FROM individual.usual_sum
    GROUP BY person_id, instrument_id, respondent, horizon_months
),

-- The others' sums, less what the person has in them: all of the person's pairs but those in the own intervention.
basis AS (
    SELECT
        asked.episode_id,
        asked.instrument_id,
        asked.respondent,
        asked.follow_up_kind,
        asked.baseline_hundredths AS b,
        usual.n - COALESCE(person_sum.n, 0) + COALESCE(own.n, 0) AS n,
        usual.x - COALESCE(person_sum.x, 0) + COALESCE(own.x, 0) AS x,
        usual.y - COALESCE(person_sum.y, 0) + COALESCE(own.y, 0) AS y,
        usual.xx - COALESCE(person_sum.xx, 0) + COALESCE(own.xx, 0) AS xx,
        usual.xy - COALESCE(person_sum.xy, 0) + COALESCE(own.xy, 0) AS xy,
        usual.yy - COALESCE(person_sum.yy, 0) + COALESCE(own.yy, 0) AS yy
    FROM asked
    LEFT JOIN individual.usual_fit AS usual
        ON
            asked.intervention_id = usual.left_out_intervention_id
            AND asked.instrument_id = usual.instrument_id
            AND asked.respondent = usual.respondent
            AND asked.horizon_months = usual.horizon_months
    LEFT JOIN person_sum
        ON
            asked.person_id = person_sum.person_id
            AND asked.instrument_id = person_sum.instrument_id
            AND asked.respondent = person_sum.respondent
            AND asked.horizon_months = person_sum.horizon_months
    LEFT JOIN individual.usual_sum AS own
        ON
            asked.person_id = own.person_id
            AND asked.intervention_id = own.intervention_id
            AND asked.instrument_id = own.instrument_id
            AND asked.respondent = own.respondent
            AND asked.horizon_months = own.horizon_months
),

spread AS (
    SELECT
        basis.*,
        setting.expected_change_z AS z,
        CASE WHEN basis.n >= setting.minimum_usual_pairs THEN CAST(basis.n AS DOUBLE) END AS fitted_n,
        NULLIF(CAST(basis.n * basis.xx - basis.x * basis.x AS DOUBLE), 0) AS spread_x,
        CAST(basis.n * basis.xy - basis.x * basis.y AS DOUBLE) AS spread_xy,
        CAST(basis.n * basis.yy - basis.y * basis.y AS DOUBLE) AS spread_y
    FROM basis
    CROSS JOIN ref.setting AS setting
),

fitted AS (
    SELECT
        *,
        fitted_n - 2 AS df,
        NULLIF(ROUND(1 - spread_xy * spread_xy / spread_x / NULLIF(spread_y, 0), 12), 0) AS unexplained_share,
        fitted_n * b - x AS distance
    FROM spread
),

predicted AS (
    SELECT
        *,
        (y + spread_xy / spread_x * distance) / fitted_n / 100 AS expected_score,
        SQRT(
            unexplained_share * spread_y / fitted_n / df
            * (1 + 1 / fitted_n + distance * distance / fitted_n / spread_x)
        ) / 100 AS prediction_error,
        z + (POWER(z, 3) + z) / (4 * df) + (5 * POWER(z, 5) + 16 * POWER(z, 3) + 3 * z) / (96 * df * df)
        + (3 * POWER(z, 7) + 19 * POWER(z, 5) + 17 * POWER(z, 3) - 15 * z) / (384 * df * df * df) AS t
    FROM fitted
)

SELECT
    episode_id,
    instrument_id,
    respondent,
    follow_up_kind,
    CASE WHEN prediction_error IS NOT NULL THEN expected_score END AS expected_usual_course,
    expected_score - t * prediction_error AS expected_usual_course_lower,
    expected_score + t * prediction_error AS expected_usual_course_upper,
    CASE
        WHEN prediction_error IS NOT NULL THEN NULL
        WHEN fitted_n IS NULL THEN 'too_few_other_pairs'
        ELSE 'no_variation'
    END AS reason_no_expected_usual_course
FROM predicted
