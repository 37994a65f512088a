-- Support that began again soon after an episode had ended.
-- Grain: one row per episode_id
-- Reads: individual.dated_episode, ref.setting
-- Source: method, section 3.10: back in the same or heavier support. The same is the same intervention; heavier is any
-- other of a higher level, in whatever area: areas follow age and department, and the gravest returns (from support at
-- home to a shelter, from a child's support to an adult's) cross them. Another of the same level is another need.
-- An episode that ended as `changed` was not ended but replaced: going straight on to another intervention, or to
-- another provider of the same, is no return. Where a level is not in the catalogue, heavier cannot be told (NULL).
-- Only episodes with some later start within the days have a row.
WITH later_start AS (
    SELECT
        ended.episode_id,
        later.started_date,
        ended.intervention_id = later.intervention_id AS is_same,
        CASE
            WHEN ended.intervention_id = later.intervention_id
                THEN COALESCE(ended.end_reason <> 'changed' OR ended.provider_id = later.provider_id, TRUE)
            WHEN ended.end_reason = 'changed' THEN FALSE
            ELSE ended.support_level < later.support_level
        END AS is_return
    FROM individual.dated_episode AS ended
    CROSS JOIN ref.setting AS setting
    INNER JOIN individual.dated_episode AS later
        ON
            ended.person_id = later.person_id
            AND ended.started_date < later.started_date
            AND ended.ended_date <= later.started_date
            AND ended.ended_date + setting.early_return_days >= later.started_date
)

SELECT
    episode_id,
    MIN(started_date) FILTER (WHERE is_return) AS returned_date,
    MIN(started_date) FILTER (WHERE is_return AND is_same) AS same_returned_date,
    COUNT(*) FILTER (WHERE is_same) > 0 AS is_same_again,
    COUNT(*) FILTER (WHERE is_return IS NULL) > 0 AS has_start_without_level
FROM later_start
GROUP BY episode_id
