-- Moments of baseline and follow-up over the counted pairs of an intervention's outcome.
-- Grain: one row per intervention_id, outcome_id, population
-- Reads: ref.intervention_outcome, ref.instrument, individual.episode_effect, individual.measurement_error
-- Primary follow-up of index episodes, so a pair is a person. Variances and the covariance are
-- sample ones (n - 1), from exact integer sums divided once: no cancellation, same bytes each run.
-- Every declared outcome has its row, also where nobody was measured.
WITH pair_sum AS (
    SELECT
        intervention_id,
        outcome_id,
        COUNT(*) AS n,
        SUM(baseline_hundredths) AS x,
        SUM(follow_up_hundredths) AS y,
        SUM(baseline_hundredths * baseline_hundredths) AS xx,
        SUM(follow_up_hundredths * follow_up_hundredths) AS yy,
        SUM(baseline_hundredths * follow_up_hundredths) AS xy
    FROM individual.episode_effect
    WHERE follow_up_kind = 'primary' AND reason_not_counted IS NULL
    GROUP BY intervention_id, outcome_id
),

divided AS (
    SELECT
        *,
        CASE WHEN n > 1 THEN CAST(n AS DOUBLE) * (n - 1) * 10000 END AS variance_divisor
    FROM pair_sum
)

SELECT
    outcome.intervention_id,
    outcome.outcome_id,
    'window' AS population,
    COALESCE(divided.n, 0) AS n,
    CAST(divided.x AS DOUBLE) / divided.n / 100 AS mean_baseline,
    CAST(divided.y AS DOUBLE) / divided.n / 100 AS mean_follow_up,
    CAST(divided.n * divided.xx - divided.x * divided.x AS DOUBLE) / divided.variance_divisor AS variance_baseline,
    CAST(divided.n * divided.yy - divided.y * divided.y AS DOUBLE) / divided.variance_divisor AS variance_follow_up,
    CAST(divided.n * divided.xy - divided.x * divided.y AS DOUBLE) / divided.variance_divisor AS covariance,
    instrument.direction,
    measurement_error.sd_score,
    measurement_error.is_sample_sd
FROM ref.intervention_outcome AS outcome
INNER JOIN ref.instrument AS instrument ON outcome.instrument_id = instrument.instrument_id
INNER JOIN individual.measurement_error AS measurement_error
    ON outcome.instrument_id = measurement_error.instrument_id AND outcome.respondent = measurement_error.respondent
LEFT JOIN divided ON outcome.intervention_id = divided.intervention_id AND outcome.outcome_id = divided.outcome_id
