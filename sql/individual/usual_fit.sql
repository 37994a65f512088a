-- The exact sums over all other interventions' primary pairs, per intervention that is left out.
-- Grain: one row per left_out_intervention_id, instrument_id, respondent, horizon_months
-- Reads: individual.usual_sum, ref.intervention_outcome, ref.setting, ref.intervention
-- Source: method, section 3.5 (E1): all interventions' sums minus one's own, for every outcome an intervention has
-- at its own horizon and at the long one. Exact, so nothing is lost by subtracting.
WITH wanted AS (
    SELECT
        outcome.intervention_id,
        outcome.instrument_id,
        outcome.respondent,
        intervention.horizon_months
    FROM ref.intervention_outcome AS outcome
    INNER JOIN ref.intervention AS intervention ON outcome.intervention_id = intervention.intervention_id
    UNION
    SELECT
        outcome.intervention_id,
        outcome.instrument_id,
        outcome.respondent,
        setting.long_follow_up_months AS horizon_months
    FROM ref.intervention_outcome AS outcome
    CROSS JOIN ref.setting AS setting
),

by_intervention AS (
    SELECT
        intervention_id,
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
    GROUP BY intervention_id, instrument_id, respondent, horizon_months
)

SELECT
    wanted.intervention_id AS left_out_intervention_id,
    wanted.instrument_id,
    wanted.respondent,
    wanted.horizon_months,
    SUM(by_intervention.n) AS n,
    SUM(by_intervention.x) AS x,
    SUM(by_intervention.y) AS y,
    SUM(by_intervention.xx) AS xx,
    SUM(by_intervention.xy) AS xy,
    SUM(by_intervention.yy) AS yy
FROM wanted
INNER JOIN by_intervention
    ON
        wanted.instrument_id = by_intervention.instrument_id
        AND wanted.respondent = by_intervention.respondent
        AND wanted.horizon_months = by_intervention.horizon_months
        AND wanted.intervention_id <> by_intervention.intervention_id
GROUP BY wanted.intervention_id, wanted.instrument_id, wanted.respondent, wanted.horizon_months
