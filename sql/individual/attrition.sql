-- Every episode, also those never started, for every outcome of its intervention: counted, or the first thing it lacks.
-- Grain: one row per episode_id, outcome_id
-- Reads: individual.dated_episode, individual.episode_effect, individual.attrition_reason, ref.intervention_outcome
-- Primary follow-up. The order and meaning of the reasons stand in individual/attrition_reason.sql. Counted persons at
-- ceiling are counted: `is_at_ceiling` is a part of them, not a reason. An intervention without an outcome has one row
-- per episode, with NONE for its outcome and goal.
WITH found AS (
    SELECT
        episode.person_id,
        episode.episode_id,
        episode.intervention_id,
        episode.started_date,
        outcome.is_primary,
        effect.is_at_ceiling,
        COALESCE(outcome.outcome_id, 'NONE') AS outcome_id,
        COALESCE(outcome.goal_id, 'NONE') AS goal_id,
        CASE
            WHEN episode.started_date IS NOT NULL AND outcome.outcome_id IS NULL THEN 'no_outcome'
            WHEN episode.started_date IS NOT NULL THEN effect.reason
            WHEN COALESCE(episode.ended_date, episode.left_date) IS NOT NULL THEN 'withdrawn'
            WHEN episode.decided_date IS NOT NULL THEN 'awaiting_start'
            WHEN episode.requested_date IS NOT NULL THEN 'awaiting_decision'
            ELSE 'no_date'
        END AS reason
    FROM individual.dated_episode AS episode
    LEFT JOIN ref.intervention_outcome AS outcome ON episode.intervention_id = outcome.intervention_id
    LEFT JOIN individual.episode_effect AS effect
        ON
            episode.episode_id = effect.episode_id
            AND outcome.outcome_id = effect.outcome_id
            AND effect.follow_up_kind = 'primary'
)

SELECT
    found.person_id,
    found.episode_id,
    found.intervention_id,
    found.outcome_id,
    found.goal_id,
    found.is_primary,
    found.started_date,
    found.reason,
    listed.step,
    listed.is_eligible,
    found.reason = 'counted' AS is_counted,
    CASE WHEN found.reason = 'counted' THEN found.is_at_ceiling END AS is_at_ceiling
FROM found
INNER JOIN individual.attrition_reason AS listed ON found.reason = listed.reason
