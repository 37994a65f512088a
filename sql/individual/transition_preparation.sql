-- Who is between 16 and 18, in support or with support decided, and has a plan for turning 18 or none.
-- Grain: one row per person_id
-- Reads: individual.transition, individual.transition_adult, individual.dated_episode
-- Source: Barnets lov §§ 122 and 123: preparation begins at 16 and is decided before 18. From the 16th birthday to the
-- day before the 18th, on the reference date. Persons without a birth date cannot be placed and are not here.
WITH support AS (
    SELECT
        person_id,
        COUNT(*) FILTER (WHERE started_date IS NOT NULL) AS running_count,
        COUNT(*) FILTER (WHERE started_date IS NULL) AS decided_count,
        MAX(support_level) FILTER (WHERE started_date IS NOT NULL) AS support_level
    FROM individual.dated_episode
    WHERE ended_date IS NULL AND COALESCE(started_date, decided_date) IS NOT NULL
    GROUP BY person_id
)

SELECT
    transition.person_id,
    adult.preparation_date,
    adult.adult_date,
    DATE_DIFF('day', adult.reference_date, adult.adult_date) AS days_left,
    support.running_count AS running_episode_count,
    support.decided_count AS decided_episode_count,
    support.support_level,
    transition.plan_id,
    transition.planned_date,
    transition.plan_decided_date,
    CASE WHEN transition.reason_plan_unknown = 'plans_not_delivered' THEN NULL ELSE transition.plan_id IS NULL END
        AS is_without_plan,
    CASE WHEN transition.reason_plan_unknown = 'plans_not_delivered' THEN transition.reason_plan_unknown END
        AS reason_plan_unknown
FROM individual.transition AS transition
INNER JOIN individual.transition_adult AS adult ON transition.person_id = adult.person_id
INNER JOIN support ON transition.person_id = support.person_id
WHERE transition.transition_kind = 'turning_18' AND transition.is_ahead
