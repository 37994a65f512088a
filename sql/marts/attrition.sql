-- Restricted: every episode and outcome, counted or the first thing it lacks.
-- Grain: one row per episode_id, outcome_id
-- Reads: individual.attrition
SELECT
    person_id,
    episode_id,
    intervention_id,
    outcome_id,
    goal_id,
    is_primary,
    started_date,
    reason,
    is_eligible,
    is_counted,
    is_at_ceiling
FROM individual.attrition
