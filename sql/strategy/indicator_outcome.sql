-- Each person's own goals, ending of support and 18th birthday, for the indicators that ask of them.
-- Grain: one row per indicator_id, year, person_id
-- Reads: individual.goal_review, individual.dated_episode, individual.transition, ref.indicator, ref.indicator_member,
--        ref.run
-- A goal of one's own is asked of those for whom a goal was set in the year, and it is known whose. A goal is attained
-- or not at its latest review. An ending is planned when its reason is one that the indicator lists, `completed`
-- where it lists none; deaths, moves and endings without a reason say nothing. Of several the latest counts.
WITH own_goal AS (
    SELECT
        person_id,
        EXTRACT(YEAR FROM set_date) AS year,
        BOOL_OR(owner = 'person') AS has_own_goal
    FROM individual.goal_review
    WHERE owner IS NOT NULL
    GROUP BY person_id, EXTRACT(YEAR FROM set_date)
),

judged AS (
    SELECT
        person_id,
        EXTRACT(YEAR FROM reviewed_date) AS year,
        is_success
    FROM individual.goal_review
    WHERE is_success IS NOT NULL AND reviewed_date IS NOT NULL
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY person_id, EXTRACT(YEAR FROM reviewed_date) ORDER BY reviewed_date DESC, goal_id
        ) = 1
),

with_reasons AS (
    SELECT DISTINCT indicator_id
    FROM ref.indicator_member
    WHERE list_kind = 'end_reason'
),

ended AS (
    SELECT
        indicator.indicator_id,
        episode.person_id,
        EXTRACT(YEAR FROM episode.ended_date) AS year,
        CASE
            WHEN with_reasons.indicator_id IS NULL THEN episode.end_reason = 'completed'
            ELSE reason.member IS NOT NULL
        END AS is_planned
    FROM individual.dated_episode AS episode
    INNER JOIN ref.indicator AS indicator ON indicator.formula = 'completed_share'
    LEFT JOIN with_reasons ON indicator.indicator_id = with_reasons.indicator_id
    LEFT JOIN ref.indicator_member AS reason
        ON
            indicator.indicator_id = reason.indicator_id
            AND reason.list_kind = 'end_reason'
            AND episode.end_reason = reason.member
    LEFT JOIN ref.indicator_member AS intervention
        ON
            indicator.indicator_id = intervention.indicator_id
            AND intervention.list_kind = 'intervention'
            AND episode.intervention_id = intervention.member
    WHERE
        episode.ended_date IS NOT NULL
        AND episode.end_reason NOT IN ('died', 'moved')
        AND (COALESCE(indicator.list_kind <> 'intervention', TRUE) OR intervention.member IS NOT NULL)
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY indicator.indicator_id, EXTRACT(YEAR FROM episode.ended_date), episode.person_id
            ORDER BY episode.ended_date DESC, episode.episode_id
        ) = 1
),

found AS (
    SELECT
        indicator.indicator_id,
        own_goal.year,
        own_goal.person_id,
        own_goal.has_own_goal AS is_in_numerator
    FROM own_goal
    INNER JOIN ref.indicator AS indicator ON indicator.formula = 'own_goal_share'
    UNION ALL
    SELECT
        indicator.indicator_id,
        judged.year,
        judged.person_id,
        judged.is_success AS is_in_numerator
    FROM judged
    INNER JOIN ref.indicator AS indicator ON indicator.formula = 'goal_attained_share'
    UNION ALL
    SELECT
        indicator_id,
        year,
        person_id,
        is_planned AS is_in_numerator
    FROM ended
    UNION ALL
    SELECT
        indicator.indicator_id,
        EXTRACT(YEAR FROM transition.transition_date) AS year,
        transition.person_id,
        transition.is_planned_in_time AS is_in_numerator
    FROM individual.transition AS transition
    INNER JOIN ref.indicator AS indicator ON indicator.formula = 'transition_share'
    WHERE
        transition.transition_kind = 'turning_18'
        AND NOT transition.is_ahead
        AND transition.is_planned_in_time IS NOT NULL
)

SELECT found.*
FROM found
CROSS JOIN ref.run AS run
WHERE found.year >= EXTRACT(YEAR FROM run.window_start_date) AND found.year <= run.reporting_year
