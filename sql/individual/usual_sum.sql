-- A person's primary pairs in one intervention, as the exact sums a regression needs.
-- Grain: one row per person_id, intervention_id, instrument_id, respondent, horizon_months
-- Reads: individual.measurement_pair, individual.episode_outcome
-- Source: method, section 3.5 (E1). All years, repeated episodes too: this describes what is usual, and judges nobody.
SELECT
    outcome.person_id,
    outcome.intervention_id,
    outcome.instrument_id,
    outcome.respondent,
    outcome.horizon_months,
    COUNT(*) AS n,
    SUM(pair.baseline_hundredths) AS x,
    SUM(pair.follow_up_hundredths) AS y,
    SUM(pair.baseline_hundredths * pair.baseline_hundredths) AS xx,
    SUM(pair.baseline_hundredths * pair.follow_up_hundredths) AS xy,
    SUM(pair.follow_up_hundredths * pair.follow_up_hundredths) AS yy
FROM individual.measurement_pair AS pair
INNER JOIN individual.episode_outcome AS outcome
    ON
        pair.episode_id = outcome.episode_id
        AND pair.instrument_id = outcome.instrument_id
        AND pair.respondent = outcome.respondent
WHERE pair.follow_up_kind = 'primary'
GROUP BY
    outcome.person_id, outcome.intervention_id, outcome.instrument_id, outcome.respondent, outcome.horizon_months
