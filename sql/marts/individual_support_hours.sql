-- Restricted: each person's weekly hours of support at the start and end of an episode, and later.
-- Grain: one row per episode_id, moment
-- Reads: individual.support_hours
SELECT
    person_id,
    episode_id,
    intervention_id,
    moment,
    started_date,
    target_date,
    running_episode_count,
    total_hundredths / 100 AS total_weekly_hours,
    reason_no_total,
    own_hundredths / 100 AS own_weekly_hours,
    reason_no_own
FROM individual.support_hours
