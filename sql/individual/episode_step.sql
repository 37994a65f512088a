-- Each step on the way to support: how long it took, and the deadline in force on the day it began.
-- Grain: one row per episode_id, step
-- Reads: individual.dated_episode, ref.deadline
-- Source: method, section 3.10. A deadline has its first and last day in force; one in months is calendar months (from
-- the 31st to the last day of a shorter month). After the deadline: the step ended on a later day, or has
-- not ended and the deadline had passed before the person left, the case closed or the data stopped. While neither
-- is so, it is not known (NULL). The three steps overlap: their delays are never added up.
-- `reason_deadline_unknown`: why it is not known whether a deadline was kept; NULL where none was in force. Without its
-- first date a step cannot say which was: one that the intervention has on any day is then unknown.
WITH step AS (
    SELECT
        episode_id,
        intervention_id,
        'requested_to_decided' AS step,
        requested_date AS from_date,
        decided_date AS to_date,
        -- Support began, so somebody decided: the date is missing, nobody waits.
        started_date IS NOT NULL AS is_overtaken,
        LEAST(left_date, ended_date) AS given_up_date,
        reference_date
    FROM individual.dated_episode
    UNION ALL
    SELECT
        episode_id,
        intervention_id,
        'decided_to_started' AS step,
        decided_date AS from_date,
        started_date AS to_date,
        FALSE AS is_overtaken,
        LEAST(left_date, ended_date) AS given_up_date,
        reference_date
    FROM individual.dated_episode
    UNION ALL
    SELECT
        episode_id,
        intervention_id,
        'requested_to_started' AS step,
        requested_date AS from_date,
        started_date AS to_date,
        FALSE AS is_overtaken,
        LEAST(left_date, ended_date) AS given_up_date,
        reference_date
    FROM individual.dated_episode
),

ruled AS (
    SELECT DISTINCT
        intervention_id,
        step
    FROM ref.deadline
),

due AS (
    SELECT
        step.*,
        deadline.deadline_id,
        ruled.step IS NOT NULL AS is_ruled,
        CASE
            WHEN deadline.deadline_months IS NOT NULL
                THEN CAST(step.from_date + deadline.deadline_months * INTERVAL 1 MONTH AS DATE)
            ELSE step.from_date + deadline.deadline_days
        END AS due_date,
        CASE
            WHEN step.from_date IS NULL THEN 'no_first_date'
            WHEN step.to_date < step.from_date THEN 'wrong_order'
            WHEN step.to_date IS NOT NULL THEN NULL
            WHEN step.is_overtaken THEN 'no_last_date'
            WHEN step.given_up_date IS NOT NULL THEN 'given_up'
            ELSE 'waiting'
        END AS reason_no_days
    FROM step
    LEFT JOIN ref.deadline AS deadline
        ON
            step.intervention_id = deadline.intervention_id
            AND step.step = deadline.step
            AND step.from_date >= deadline.valid_from_date
            AND (step.from_date <= deadline.valid_to_date OR deadline.valid_to_date IS NULL)
    LEFT JOIN ruled ON step.intervention_id = ruled.intervention_id AND step.step = ruled.step
),

judged AS (
    SELECT
        *,
        CASE
            WHEN reason_no_days IS NULL THEN to_date > due_date
            WHEN reason_no_days = 'waiting' AND reference_date > due_date THEN TRUE
            WHEN reason_no_days = 'given_up' AND given_up_date > due_date THEN TRUE
        END AS is_after_deadline
    FROM due
)

SELECT
    episode_id,
    step,
    from_date,
    to_date,
    CASE WHEN reason_no_days IS NULL THEN DATE_DIFF('day', from_date, to_date) END AS elapsed_days,
    reason_no_days,
    deadline_id,
    due_date,
    is_after_deadline,
    CASE
        WHEN is_after_deadline IS NULL AND (deadline_id IS NOT NULL OR (from_date IS NULL AND is_ruled))
            THEN reason_no_days
    END AS reason_deadline_unknown
FROM judged
