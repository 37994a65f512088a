-- Was the support given in time, did it end too early, and was it the right one?
-- Grain: one row per episode_id
-- Reads: individual.dated_episode, individual.episode_step, individual.timeliness_crisis,
--        individual.timeliness_return, ref.setting
-- Source: method, section 3.10.
-- Too late: a step after its deadline, or a crisis while waiting. Not too late only when support has started, every
-- deadline in force was kept, and it is known that there was no crisis.
-- Too early ended: back in the same or heavier support, also on the day of the end.
-- Not matched: ended as `changed` soon after the start, and not back in the same intervention.
-- What cannot be known yet, or never, is NULL with a reason. Died or moved is no verdict on the ending.
WITH judged AS (
    SELECT
        episode.*,
        return_start.returned_date,
        return_start.same_returned_date,
        episode.started_date IS NULL
        AND episode.ended_date IS NULL
        AND episode.left_date IS NULL
        AND COALESCE(episode.requested_date, episode.decided_date) IS NOT NULL AS is_still_waiting,
        CASE
            WHEN episode.started_date IS NULL THEN 'not_started'
            WHEN episode.ended_date IS NULL THEN 'not_ended'
            WHEN episode.end_reason IN ('died', 'moved') THEN 'left'
            WHEN return_start.returned_date IS NOT NULL THEN NULL
            WHEN episode.left_date <= episode.ended_date + setting.early_return_days THEN 'left'
            WHEN episode.reference_date < episode.ended_date + setting.early_return_days THEN 'window_open'
            WHEN return_start.has_start_without_level THEN 'no_level'
        END AS reason_return_unknown,
        CASE
            WHEN episode.started_date IS NULL THEN 'not_started'
            WHEN episode.ended_date <= episode.started_date + setting.not_matched_days
                THEN CASE WHEN episode.end_reason IS NULL THEN 'no_end_reason' END
            WHEN episode.ended_date IS NOT NULL THEN NULL
            WHEN episode.left_date <= episode.started_date + setting.not_matched_days THEN 'left'
            WHEN episode.reference_date < episode.started_date + setting.not_matched_days THEN 'window_open'
        END AS reason_match_unknown,
        COALESCE(episode.ended_date <= episode.started_date + setting.not_matched_days, FALSE)
        AND COALESCE(episode.end_reason = 'changed', FALSE)
        AND NOT COALESCE(return_start.is_same_again, FALSE) AS was_changed_early
    FROM individual.dated_episode AS episode
    CROSS JOIN ref.setting AS setting
    LEFT JOIN individual.timeliness_return AS return_start ON episode.episode_id = return_start.episode_id
),

late AS (
    SELECT
        episode_id,
        COALESCE(BOOL_OR(is_after_deadline), FALSE) AS is_after_any_deadline,
        MIN(reason_deadline_unknown) AS reason_deadline_unknown
    FROM individual.episode_step
    GROUP BY episode_id
)

SELECT
    judged.person_id,
    judged.episode_id,
    judged.intervention_id,
    judged.requested_date,
    judged.decided_date,
    judged.started_date,
    judged.ended_date,
    decision.elapsed_days AS requested_to_decided_days,
    decision.reason_no_days AS requested_to_decided_reason,
    decision.deadline_id AS requested_to_decided_deadline_id,
    decision.due_date AS requested_to_decided_due_date,
    decision.is_after_deadline AS is_decided_after_deadline,
    start.elapsed_days AS decided_to_started_days,
    start.reason_no_days AS decided_to_started_reason,
    start.deadline_id AS decided_to_started_deadline_id,
    start.due_date AS decided_to_started_due_date,
    start.is_after_deadline AS is_started_after_decision_deadline,
    whole.elapsed_days AS requested_to_started_days,
    whole.reason_no_days AS requested_to_started_reason,
    whole.deadline_id AS requested_to_started_deadline_id,
    whole.due_date AS requested_to_started_due_date,
    whole.is_after_deadline AS is_started_after_request_deadline,
    judged.is_still_waiting,
    CASE
        WHEN judged.is_still_waiting
            THEN DATE_DIFF('day', COALESCE(judged.requested_date, judged.decided_date), judged.reference_date)
    END AS waiting_days,
    crisis.crisis_date,
    crisis.is_crisis_while_waiting,
    crisis.crisis_to_started_days,
    crisis.reason_crisis_unknown,
    CASE
        WHEN late.is_after_any_deadline OR crisis.is_crisis_while_waiting THEN TRUE
        WHEN
            judged.started_date IS NOT NULL
            AND crisis.reason_crisis_unknown IS NULL
            AND late.reason_deadline_unknown IS NULL
            THEN FALSE
    END AS is_too_late,
    CASE
        WHEN late.is_after_any_deadline AND crisis.is_crisis_while_waiting THEN 'deadline_and_crisis'
        WHEN late.is_after_any_deadline THEN 'deadline'
        WHEN crisis.is_crisis_while_waiting THEN 'crisis'
    END AS reason_too_late,
    CASE
        WHEN late.is_after_any_deadline OR crisis.is_crisis_while_waiting THEN NULL
        WHEN judged.is_still_waiting THEN 'waiting'
        WHEN judged.started_date IS NULL THEN 'not_started'
        ELSE COALESCE(crisis.reason_crisis_unknown, late.reason_deadline_unknown)
    END AS reason_too_late_unknown,
    CASE WHEN judged.reason_return_unknown IS NULL THEN judged.returned_date IS NOT NULL END AS is_too_early_ended,
    DATE_DIFF('day', judged.ended_date, judged.returned_date) AS return_days,
    CASE
        WHEN judged.returned_date IS NULL OR judged.reason_return_unknown IS NOT NULL THEN NULL
        WHEN judged.returned_date = judged.same_returned_date THEN 'same'
        ELSE 'heavier'
    END AS return_kind,
    judged.reason_return_unknown,
    CASE WHEN judged.reason_match_unknown IS NULL THEN judged.was_changed_early END AS is_not_matched,
    judged.reason_match_unknown
FROM judged
INNER JOIN individual.episode_step AS decision
    ON judged.episode_id = decision.episode_id AND decision.step = 'requested_to_decided'
INNER JOIN individual.episode_step AS start
    ON judged.episode_id = start.episode_id AND start.step = 'decided_to_started'
INNER JOIN individual.episode_step AS whole
    ON judged.episode_id = whole.episode_id AND whole.step = 'requested_to_started'
INNER JOIN late ON judged.episode_id = late.episode_id
INNER JOIN individual.timeliness_crisis AS crisis ON judged.episode_id = crisis.episode_id
