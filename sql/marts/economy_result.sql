-- What the interventions cost, whether that is worth it, and what it spares whom: every number or the reason for none.
-- Grain: one row per intervention_id, outcome_id, comparator, statistic, payer, item
-- Reads: estimate.economy_result
SELECT
    intervention_id,
    outcome_id,
    comparator,
    statistic,
    payer,
    item,
    willingness_to_pay,
    effect_unit,
    CAST(year_number AS INTEGER) AS year_number,
    estimate,
    lower,
    upper,
    n,
    diagnostics,
    FALSE AS is_suppressed,
    not_estimable_reason
FROM estimate.economy_result
