-- What the table of rules recommends of each intervention, the numbers it rests on, and what would change it.
-- Grain: one row per intervention_id
-- Reads: estimate.recommendation
SELECT
    intervention_id,
    outcome_id,
    design,
    comparator,
    recommendation,
    rule_id,
    would_be_rule_id,
    evidence_level,
    known_evidence,
    is_legal_right,
    n,
    estimate_sd,
    lower,
    upper,
    numbers,
    is_robust,
    agreeing_share,
    power,
    smallest_detectable_sd,
    needed_persons,
    nearest_rule,
    needed_effect_sd,
    would_change,
    previous_recommendation,
    FALSE AS is_suppressed
FROM estimate.recommendation
