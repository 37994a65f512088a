-- The long result table: every statistic of every outcome, or the reason why there is none.
-- Grain: one row per intervention_id, outcome_id, design, comparator, population, follow_up_kind, statistic
-- Reads: estimate.intervention_effect
SELECT
    intervention_id,
    outcome_id,
    design,
    comparator,
    population,
    follow_up_kind,
    statistic,
    estimate,
    lower,
    upper,
    numerator,
    n,
    n_effective,
    diagnostics,
    FALSE AS is_suppressed,
    not_estimable_reason
FROM estimate.intervention_effect
