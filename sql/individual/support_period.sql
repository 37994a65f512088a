-- The days on which each started episode runs, as far as they are known.
-- Grain: one row per episode_id
-- Reads: individual.dated_episode, staging.episode
-- Both days included. An episode without an end runs on to the reference date, or to the day the person died or moved;
-- who moved before the start has come back, or the support would not have begun.
WITH running AS (
    SELECT
        episode.episode_id,
        episode.person_id,
        episode.intervention_id,
        delivered.provider_id,
        delivered.weekly_hours,
        episode.started_date AS from_date,
        LEAST(
            episode.ended_date,
            CASE WHEN episode.left_date >= episode.started_date THEN episode.left_date END,
            episode.reference_date
        ) AS to_date
    FROM individual.dated_episode AS episode
    INNER JOIN staging.episode AS delivered ON episode.episode_id = delivered.episode_id
    WHERE episode.started_date IS NOT NULL
)

SELECT *
FROM running
WHERE from_date <= to_date
