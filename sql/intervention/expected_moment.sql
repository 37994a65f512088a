-- How far the counted persons' follow-ups lay from what was expected, by the line or reference that said so.
-- Grain: one row per intervention_id, outcome_id, population, kind, basis_id
-- Reads: individual.episode_effect, individual.expected_change, individual.expected_without_support,
--        individual.waiting_fit, individual.usual_fit, ref.intervention, ref.reference
-- Source: method, section 4 (D2). `kind`: without_support (E0) or usual_course (E1). `basis_id`: the reference,
-- `waiting` or `usual`; empty where nothing was expected, so that the rows of a kind add up to all counted persons.
-- `basis_variance`: the variance of the group's mean expectation for want of knowing the reference's mean and
-- correlation, or the line, better (delta method): everybody's expectation errs together. In points squared.
WITH pair AS (
    SELECT
        effect.intervention_id,
        effect.outcome_id,
        effect.instrument_id,
        effect.respondent,
        intervention.horizon_months,
        effect.baseline_hundredths,
        without_support.reference_id,
        expected.without_support_source,
        expected.expected_usual_course IS NOT NULL AS has_usual_course,
        CAST(ROUND(100 * expected.versus_expected) AS BIGINT) AS versus_expected_hundredths,
        CAST(ROUND(100 * expected.versus_usual_course) AS BIGINT) AS versus_usual_hundredths
    FROM individual.episode_effect AS effect
    INNER JOIN ref.intervention AS intervention ON effect.intervention_id = intervention.intervention_id
    INNER JOIN individual.expected_change AS expected
        ON
            effect.episode_id = expected.episode_id
            AND effect.instrument_id = expected.instrument_id
            AND effect.respondent = expected.respondent
            AND effect.follow_up_kind = expected.follow_up_kind
    LEFT JOIN individual.expected_without_support AS without_support
        ON
            effect.episode_id = without_support.episode_id
            AND effect.instrument_id = without_support.instrument_id
            AND effect.respondent = without_support.respondent
            AND effect.follow_up_kind = without_support.follow_up_kind
    WHERE effect.follow_up_kind = 'primary' AND effect.is_index AND effect.reason_not_counted IS NULL
),

long AS (
    SELECT
        intervention_id,
        outcome_id,
        instrument_id,
        respondent,
        horizon_months,
        'without_support' AS kind,
        COALESCE(reference_id, without_support_source, '') AS basis_id,
        baseline_hundredths,
        versus_expected_hundredths AS versus_hundredths
    FROM pair
    UNION ALL
    SELECT
        intervention_id,
        outcome_id,
        instrument_id,
        respondent,
        horizon_months,
        'usual_course' AS kind,
        CASE WHEN has_usual_course THEN 'usual' ELSE '' END AS basis_id,
        baseline_hundredths,
        versus_usual_hundredths AS versus_hundredths
    FROM pair
),

summed AS (
    SELECT
        intervention_id,
        outcome_id,
        instrument_id,
        respondent,
        horizon_months,
        kind,
        basis_id,
        COUNT(*) AS n,
        CAST(SUM(baseline_hundredths) AS DOUBLE) / COUNT(*) / 100 AS mean_baseline,
        CAST(SUM(versus_hundredths) AS BIGINT) AS versus_hundredths,
        CAST(SUM(versus_hundredths * versus_hundredths) AS BIGINT) AS versus_squared
    FROM long
    GROUP BY intervention_id, outcome_id, instrument_id, respondent, horizon_months, kind, basis_id
),

line AS (
    SELECT
        'without_support' AS kind,
        'waiting' AS basis_id,
        '' AS left_out_intervention_id,
        instrument_id,
        respondent,
        horizon_months,
        CAST(n AS DOUBLE) AS n,
        CAST(x AS DOUBLE) / n / 100 AS mean_x,
        CAST(n * xx - x * x AS DOUBLE) / n / 10000 AS squares_x,
        CAST(n * yy - y * y AS DOUBLE) / n / 10000 AS squares_y,
        CAST(n * xy - x * y AS DOUBLE) / n / 10000 AS products
    FROM individual.waiting_fit
    UNION ALL
    SELECT
        'usual_course' AS kind,
        'usual' AS basis_id,
        left_out_intervention_id,
        instrument_id,
        respondent,
        horizon_months,
        CAST(n AS DOUBLE) AS n,
        CAST(x AS DOUBLE) / n / 100 AS mean_x,
        CAST(n * xx - x * x AS DOUBLE) / n / 10000 AS squares_x,
        CAST(n * yy - y * y AS DOUBLE) / n / 10000 AS squares_y,
        CAST(n * xy - x * y AS DOUBLE) / n / 10000 AS products
    FROM individual.usual_fit
),

-- A reference has a row per target group; its numbers are the same in all.
reference AS (
    SELECT DISTINCT
        reference_id,
        mean,
        mean_standard_error,
        correlation,
        correlation_n
    FROM ref.reference
)

SELECT
    summed.intervention_id,
    summed.outcome_id,
    'window' AS population,
    summed.kind,
    summed.basis_id,
    summed.n,
    summed.versus_hundredths,
    summed.versus_squared,
    COALESCE(
        POWER((1 - reference.correlation) * reference.mean_standard_error, 2)
        + POWER((summed.mean_baseline - reference.mean) * (1 - reference.correlation * reference.correlation), 2)
        / (reference.correlation_n - 1),
        (line.squares_y - line.products * line.products / line.squares_x) / (line.n - 2)
        * (1 / line.n + POWER(summed.mean_baseline - line.mean_x, 2) / line.squares_x)
    ) AS basis_variance
FROM summed
LEFT JOIN reference ON summed.basis_id = reference.reference_id
LEFT JOIN line
    ON
        summed.kind = line.kind
        AND summed.basis_id = line.basis_id
        AND summed.instrument_id = line.instrument_id
        AND summed.respondent = line.respondent
        AND summed.horizon_months = line.horizon_months
        AND (line.left_out_intervention_id = '' OR line.left_out_intervention_id = summed.intervention_id)
