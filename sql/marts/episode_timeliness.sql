-- Restricted: how long each episode's steps took, against the deadlines, and how it ended.
-- Grain: one row per episode_id
-- Reads: individual.timeliness
SELECT
    person_id,
    episode_id,
    intervention_id,
    requested_date,
    decided_date,
    started_date,
    ended_date,
    requested_to_decided_days,
    requested_to_decided_reason,
    requested_to_decided_deadline_id,
    requested_to_decided_due_date,
    is_decided_after_deadline,
    decided_to_started_days,
    decided_to_started_reason,
    decided_to_started_deadline_id,
    decided_to_started_due_date,
    is_started_after_decision_deadline,
    requested_to_started_days,
    requested_to_started_reason,
    requested_to_started_deadline_id,
    requested_to_started_due_date,
    is_started_after_request_deadline,
    is_still_waiting,
    waiting_days,
    is_too_early_ended,
    return_days,
    reason_return_unknown,
    is_not_matched,
    reason_match_unknown
FROM individual.timeliness
