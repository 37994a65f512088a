-- Restricted: the straight line through each person's measurements of one outcome in one episode.
-- Grain: one row per episode_id, instrument_id, respondent
-- Reads: individual.trajectory, estimate.trajectory
SELECT
    trajectory.person_id,
    trajectory.episode_id,
    trajectory.intervention_id,
    trajectory.instrument_id,
    trajectory.respondent,
    trajectory.started_date,
    trajectory.is_in_window,
    trajectory.point_count,
    trajectory.other_version_count,
    trajectory.first_date,
    trajectory.last_date,
    trajectory.slope_score,
    trajectory.reason_no_slope,
    trajectory.slope_standard_error_score,
    trajectory.residual_sd_score,
    trajectory.reason_no_standard_error,
    together.average_slope_score,
    together.deviation_score,
    together.deviation_standard_error_score,
    CASE
        WHEN NOT trajectory.is_in_window THEN 'outside_window'
        WHEN together.episode_id IS NULL THEN 'too_few_points'
        ELSE together.reason_no_deviation
    END AS reason_no_deviation
FROM individual.trajectory AS trajectory
LEFT JOIN estimate.trajectory AS together
    ON
        trajectory.episode_id = together.episode_id
        AND trajectory.instrument_id = together.instrument_id
        AND trajectory.respondent = together.respondent
