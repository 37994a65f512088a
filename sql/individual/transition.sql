-- Every transition: turning 18, another provider, another level, the end; when, planned or not, days without support.
-- Grain: one row per person_id, transition_kind, from_episode_id
-- Reads: individual.transition_succession, individual.transition_adult, staging.plan, staging.delivered_extract,
--        ref.run, ref.setting
-- Source: method, section 3.9. A transition's day is the birthday (which may lie ahead), or the day the old support
-- ended; `from_episode_id` is that support, NULL for the birthday. Days without support are counted to the next start
-- (of the new provider or level; of anything after an ending or a birthday), 0 where the two overlap; where nothing
-- has begun, to the reference date. A plan was in time when decided by that day, for the birthday before it.
-- A plan belongs to the transitions of its kind on the day nearest its planned day (without one, the day it was
-- decided), at most the parameter's days away; one decided after that day for a day still later is of another. A
-- birthday comes once, and all plans for it belong. Of a transition's plans those decided in time come first, then the
-- nearest, then the first decided: a plan that stood is not undone by a later one. A plan that has been closed counts:
-- the law wants the preparation finished before the day.
WITH moment AS (
    SELECT
        person_id,
        'turning_18' AS transition_kind,
        adult_date AS transition_date,
        CAST(NULL AS VARCHAR) AS from_episode_id,
        CAST(NULL AS VARCHAR) AS from_intervention_id,
        CAST(NULL AS VARCHAR) AS from_provider_id,
        CAST(NULL AS INTEGER) AS from_level,
        CAST(NULL AS VARCHAR) AS to_episode_id,
        CAST(NULL AS VARCHAR) AS to_intervention_id,
        CAST(NULL AS VARCHAR) AS to_provider_id,
        CAST(NULL AS INTEGER) AS to_level,
        -- The day the gap begins; where support ran on, it ends as it begins.
        CASE WHEN has_support_through THEN adult_date ELSE last_ended_date END AS last_ended_date,
        CASE WHEN has_support_through THEN adult_date ELSE next_started_date END AS next_started_date,
        CASE
            WHEN adult_date > reference_date THEN 'not_yet'
            WHEN NOT has_support_before THEN 'no_support_before'
            WHEN has_support_through OR next_started_date IS NOT NULL THEN NULL
            WHEN left_date IS NOT NULL THEN 'left'
        END AS reason_days_unknown,
        adult_date > reference_date AS is_ahead
    FROM individual.transition_adult
    UNION ALL
    SELECT
        person_id,
        transition_kind,
        ended_date AS transition_date,
        episode_id AS from_episode_id,
        intervention_id AS from_intervention_id,
        provider_id AS from_provider_id,
        support_level AS from_level,
        to_episode_id,
        to_intervention_id,
        to_provider_id,
        to_level,
        ended_date AS last_ended_date,
        next_started_date,
        CASE WHEN next_started_date IS NULL AND left_date IS NOT NULL THEN 'left' END AS reason_days_unknown,
        FALSE AS is_ahead
    FROM individual.transition_succession
),

plan_target AS (
    SELECT
        plan.plan_id,
        plan.person_id,
        plan.transition_kind,
        plan.planned_date,
        plan.decided_date,
        plan.transition_kind = 'turning_18' AS is_for_birthday,
        COALESCE(plan.planned_date, plan.decided_date) AS target_date
    FROM staging.plan AS plan
    CROSS JOIN ref.run AS run
    WHERE plan.kind = 'transition' AND plan.decided_date <= run.reference_date
),

plan_near AS (
    SELECT
        plan.*,
        moment.transition_date,
        ABS(DATE_DIFF('day', plan.target_date, moment.transition_date)) AS distance_days,
        plan.decided_date < moment.transition_date
        OR (plan.decided_date = moment.transition_date AND NOT plan.is_for_birthday) AS is_in_time
    FROM plan_target AS plan
    CROSS JOIN ref.setting AS setting
    INNER JOIN moment
        ON
            plan.person_id = moment.person_id
            AND plan.transition_kind = moment.transition_kind
            AND (
                plan.is_for_birthday
                OR (
                    LEAST(plan.decided_date, plan.target_date) <= moment.transition_date
                    AND plan.target_date + setting.transition_plan_days >= moment.transition_date
                    AND plan.target_date - setting.transition_plan_days <= moment.transition_date
                )
            )
),

plan_placed AS (
    SELECT *
    FROM plan_near
    QUALIFY ROW_NUMBER() OVER (PARTITION BY plan_id ORDER BY distance_days, transition_date) = 1
),

plan_chosen AS (
    SELECT *
    FROM plan_placed
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY person_id, transition_kind, transition_date
            ORDER BY CASE WHEN is_in_time THEN 0 ELSE 1 END, distance_days, decided_date, plan_id
        ) = 1
),

delivered AS (
    SELECT COUNT(*) > 0 AS is_delivered
    FROM staging.delivered_extract
    WHERE extract_id = 'plan'
)

SELECT
    moment.person_id,
    moment.transition_kind,
    moment.transition_date,
    moment.is_ahead,
    moment.from_episode_id,
    moment.from_intervention_id,
    moment.from_provider_id,
    moment.from_level,
    moment.to_episode_id,
    moment.to_intervention_id,
    moment.to_provider_id,
    moment.to_level,
    CASE WHEN moment.reason_days_unknown IS NULL THEN moment.next_started_date END AS next_started_date,
    CASE
        WHEN moment.reason_days_unknown IS NULL
            THEN
                GREATEST(
                    DATE_DIFF(
                        'day', moment.last_ended_date, COALESCE(moment.next_started_date - 1, run.reference_date)
                    ),
                    0
                )
    END AS days_without_support,
    CASE WHEN moment.reason_days_unknown IS NULL THEN moment.next_started_date IS NULL END AS is_still_without_support,
    moment.reason_days_unknown,
    plan.plan_id,
    plan.planned_date,
    plan.decided_date AS plan_decided_date,
    CASE
        WHEN NOT delivered.is_delivered THEN NULL
        WHEN plan.is_in_time THEN TRUE
        WHEN NOT moment.is_ahead THEN FALSE
    END AS is_planned_in_time,
    CASE
        WHEN NOT delivered.is_delivered THEN 'plans_not_delivered'
        WHEN plan.plan_id IS NULL AND moment.is_ahead THEN 'not_yet'
    END AS reason_plan_unknown,
    CASE WHEN NOT moment.is_ahead THEN DATE_DIFF('day', plan.planned_date, moment.transition_date) END
        AS days_from_plan,
    CASE
        WHEN NOT delivered.is_delivered THEN 'plans_not_delivered'
        WHEN moment.is_ahead THEN 'not_yet'
        WHEN plan.plan_id IS NULL THEN 'no_plan'
        WHEN plan.planned_date IS NULL THEN 'no_planned_date'
    END AS reason_days_from_plan_unknown
FROM moment
CROSS JOIN ref.run AS run
CROSS JOIN delivered
LEFT JOIN plan_chosen AS plan
    ON
        moment.person_id = plan.person_id
        AND moment.transition_kind = plan.transition_kind
        AND moment.transition_date = plan.transition_date
