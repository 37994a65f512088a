-- Restricted: every transition of every person, with its plan and the days without support.
-- Grain: one row per person_id, transition_kind, from_episode_id
-- Reads: individual.transition
SELECT
    person_id,
    transition_kind,
    from_episode_id,
    transition_date,
    is_ahead,
    from_intervention_id,
    from_provider_id,
    from_level,
    to_episode_id,
    to_intervention_id,
    to_provider_id,
    to_level,
    next_started_date,
    days_without_support,
    is_still_without_support,
    reason_days_unknown,
    plan_id,
    planned_date,
    plan_decided_date,
    is_planned_in_time,
    reason_plan_unknown,
    days_from_plan,
    reason_days_from_plan_unknown
FROM individual.transition
