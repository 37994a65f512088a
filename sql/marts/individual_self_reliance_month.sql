-- Restricted: how many months before and after the start of support each person had each status.
-- Grain: one row per episode_id, domain, side, state
-- Reads: individual.self_reliance_month, individual.dated_episode
SELECT
    episode.person_id,
    counted.episode_id,
    episode.intervention_id,
    counted.domain,
    counted.side,
    counted.state,
    counted.is_favourable,
    counted.month_count
FROM individual.self_reliance_month AS counted
INNER JOIN individual.dated_episode AS episode ON counted.episode_id = episode.episode_id
