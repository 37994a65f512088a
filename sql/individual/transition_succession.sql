-- What came after an episode that ended: another provider, another level of support, or nothing.
-- Grain: one row per episode_id
-- Reads: individual.dated_episode, ref.setting
-- Source: method, section 3.9. Only episodes whose end was one of these transitions have a row. A successor began after
-- the ended one had begun, at most the parameter's days before or after its end, and outlived it. Looked for in turn:
--   the same intervention by the same provider (or one unknown): the support went on, no transition;
--   the same intervention by another provider: a change of provider;
--   the same intervention still running beside, by another provider since long: the support went on;
--   the nearest other intervention: a change of level if the levels differ, else one support in place of another;
--   any other support still running or soon begun: something is in its place.
-- None of these: the support ended, which is known when the days have passed. Of several that end on one day the last
-- by number is the ending. Died or moved, before or in those days, is no transition.
WITH ended AS (
    SELECT
        episode.*,
        setting.transition_days,
        episode.ended_date + setting.transition_days AS settled_date
    FROM individual.dated_episode AS episode
    CROSS JOIN ref.setting AS setting
    WHERE
        episode.started_date <= episode.ended_date
        AND COALESCE(episode.end_reason, 'other') NOT IN ('died', 'moved')
        AND (episode.left_date IS NULL OR episode.left_date > episode.ended_date)
),

beside AS (
    SELECT
        ended.episode_id,
        other.episode_id AS to_episode_id,
        other.intervention_id AS to_intervention_id,
        other.provider_id AS to_provider_id,
        other.support_level AS to_level,
        other.started_date AS next_started_date,
        ABS(DATE_DIFF('day', ended.ended_date, other.started_date)) AS distance_days,
        ended.support_level <> other.support_level AS is_other_level,
        other.started_date > ended.started_date
        AND other.started_date >= ended.ended_date - ended.transition_days
        AND (other.ended_date IS NULL OR other.ended_date > ended.ended_date) AS is_successor,
        ended.intervention_id = other.intervention_id AS is_same,
        COALESCE(ended.provider_id <> other.provider_id, FALSE) AS is_other_provider
    FROM ended
    INNER JOIN individual.dated_episode AS other
        ON
            ended.person_id = other.person_id
            AND ended.episode_id <> other.episode_id
            AND ended.settled_date >= other.started_date
            AND (
                other.ended_date IS NULL
                OR ended.ended_date < other.ended_date
                OR (ended.ended_date = other.ended_date AND ended.episode_id < other.episode_id)
            )
),

follower AS (
    SELECT
        *,
        CASE
            WHEN is_same AND NOT is_other_provider THEN 'went_on'
            WHEN is_same AND is_successor THEN 'provider_change'
            WHEN is_same THEN 'ran_beside'
            WHEN is_successor AND is_other_level THEN 'level_change'
            WHEN is_successor THEN 'replaced'
            ELSE 'something_else'
        END AS course
    FROM beside
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY episode_id
            ORDER BY
                CASE
                    WHEN is_same AND NOT is_other_provider THEN 1
                    WHEN is_same AND is_successor THEN 2
                    WHEN is_same THEN 3
                    WHEN is_successor THEN 4
                    ELSE 5
                END,
                distance_days,
                next_started_date,
                CASE WHEN is_other_level THEN 0 ELSE 1 END,
                to_episode_id
        ) = 1
),

return_start AS (
    SELECT
        ended.episode_id,
        MIN(later.started_date) AS next_started_date
    FROM ended
    INNER JOIN individual.dated_episode AS later
        ON ended.person_id = later.person_id AND ended.settled_date < later.started_date
    GROUP BY ended.episode_id
)

SELECT
    ended.person_id,
    ended.episode_id,
    ended.intervention_id,
    ended.provider_id,
    ended.support_level,
    ended.ended_date,
    ended.left_date,
    ended.reference_date,
    COALESCE(follower.course, 'ending') AS transition_kind,
    follower.to_episode_id,
    follower.to_intervention_id,
    follower.to_provider_id,
    follower.to_level,
    COALESCE(follower.next_started_date, return_start.next_started_date) AS next_started_date
FROM ended
LEFT JOIN follower ON ended.episode_id = follower.episode_id
LEFT JOIN return_start ON ended.episode_id = return_start.episode_id
WHERE
    follower.course IN ('provider_change', 'level_change')
    OR (
        follower.course IS NULL
        AND ended.settled_date <= ended.reference_date
        AND (ended.left_date IS NULL OR ended.left_date > ended.settled_date)
    )
