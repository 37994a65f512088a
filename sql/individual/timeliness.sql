-- Was the support given in time, did it end too early, and was it the right one?
-- Grain: one row per episode_id
-- Reads: individual.dated_episode, individual.episode_step, ref.setting
-- Source: method, section 3.10. What the extracts cannot tell is left out, not guessed:
--   too late also means started after a crisis event, and there is no extract of events yet: only deadlines count;
--   too early ended also means back in *heavier* support, and the catalogue has no level of support: only a new
--   start of the same intervention counts, also one on the day of the end (a change of provider looks like that).
-- Not matched: ended as `changed` soon after the start, and not back in the same intervention.
-- What cannot be known yet, or never, is NULL with a reason. Died or moved is no verdict on the ending.
WITH return_start AS (
    SELECT
        ended.episode_id,
        MIN(later.started_date) AS returned_date
    FROM individual.dated_episode AS ended
    CROSS JOIN ref.setting AS setting
    INNER JOIN individual.dated_episode AS later
        ON
            ended.person_id = later.person_id
            AND ended.intervention_id = later.intervention_id
            AND ended.started_date < later.started_date
            AND ended.ended_date <= later.started_date
            AND ended.ended_date + setting.early_return_days >= later.started_date
    GROUP BY ended.episode_id
),

judged AS (
    SELECT
        episode.*,
        return_start.returned_date,
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
        AND return_start.returned_date IS NULL AS was_changed_early
    FROM individual.dated_episode AS episode
    CROSS JOIN ref.setting AS setting
    LEFT JOIN return_start ON episode.episode_id = return_start.episode_id
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
    CASE WHEN judged.reason_return_unknown IS NULL THEN judged.returned_date IS NOT NULL END AS is_too_early_ended,
    DATE_DIFF('day', judged.ended_date, judged.returned_date) AS return_days,
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
