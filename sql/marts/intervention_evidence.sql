-- How sure the best design makes us of each outcome of an intervention.
-- Grain: one row per intervention_id, outcome_id
-- Reads: estimate.evidence
SELECT
    intervention_id,
    outcome_id,
    is_primary,
    design,
    comparator,
    evidence_level,
    evidence_id,
    reason_not_higher
FROM estimate.evidence
