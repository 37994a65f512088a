-- Moments of baseline and follow-up over the counted pairs of an outcome, in the window and in each of its segments.
-- Grain: one row per intervention_id, outcome_id, population
-- Reads: ref.intervention_outcome, ref.instrument, individual.episode_effect, individual.measurement_error,
--        intervention.segment
-- Primary follow-up of index episodes, so a pair is a person. Variances and the covariance are
-- sample ones (n - 1), from exact integer sums divided once: no cancellation, same bytes each run.
-- Every declared outcome has its row, also where nobody was measured; a segment where somebody began.
WITH pair_sum AS (
    SELECT
        effect.intervention_id,
        effect.outcome_id,
        segment.population,
        COUNT(*) AS n,
        SUM(effect.baseline_hundredths) AS x,
        SUM(effect.follow_up_hundredths) AS y,
        SUM(effect.baseline_hundredths * effect.baseline_hundredths) AS xx,
        SUM(effect.follow_up_hundredths * effect.follow_up_hundredths) AS yy,
        SUM(effect.baseline_hundredths * effect.follow_up_hundredths) AS xy
    FROM individual.episode_effect AS effect
    INNER JOIN intervention.segment AS segment ON effect.episode_id = segment.episode_id
    WHERE effect.follow_up_kind = 'primary' AND effect.reason_not_counted IS NULL
    GROUP BY effect.intervention_id, effect.outcome_id, segment.population
),

asked AS (
    SELECT
        intervention_id,
        'window' AS population
    FROM ref.intervention_outcome
    UNION
    SELECT
        intervention_id,
        population
    FROM intervention.segment
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
    asked.population,
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
INNER JOIN asked ON outcome.intervention_id = asked.intervention_id
INNER JOIN ref.instrument AS instrument ON outcome.instrument_id = instrument.instrument_id
INNER JOIN individual.measurement_error AS measurement_error
    ON outcome.instrument_id = measurement_error.instrument_id AND outcome.respondent = measurement_error.respondent
LEFT JOIN divided
    ON
        outcome.intervention_id = divided.intervention_id
        AND outcome.outcome_id = divided.outcome_id
        AND asked.population = divided.population
