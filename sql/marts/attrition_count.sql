-- Restricted: counted or what they lack, from outcome to the whole strategy; nothing is hidden here.
-- Grain: one row per level, intervention_id, outcome_id, goal_id, reason
-- Reads: strategy.attrition
SELECT
    level,
    intervention_id,
    outcome_id,
    goal_id,
    reason,
    outcome_count,
    episode_count,
    person_count,
    at_ceiling_count
FROM strategy.attrition
