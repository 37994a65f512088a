-- Restricted: who is between 16 and 18 in support, with or without a plan for turning 18.
-- Grain: one row per person_id
-- Reads: individual.transition_preparation
SELECT
    person_id,
    preparation_date,
    adult_date,
    days_left,
    running_episode_count,
    decided_episode_count,
    support_level,
    plan_id,
    planned_date,
    plan_decided_date,
    is_without_plan,
    reason_plan_unknown
FROM individual.transition_preparation
