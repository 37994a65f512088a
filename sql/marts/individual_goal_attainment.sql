-- Restricted: how far each person's own goals were attained, per episode and by whose goals they were.
-- Grain: one row per person_id, episode_id, owner
-- Reads: individual.goal_attainment
SELECT
    person_id,
    episode_id,
    intervention_id,
    owner,
    goal_count,
    new_goal_count,
    reviewed_goal_count,
    judged_goal_count,
    successful_goal_count,
    success_share,
    latest_review_date,
    baseline_t_score,
    reason_no_baseline_t_score,
    t_score,
    reason_no_t_score
FROM individual.goal_attainment
