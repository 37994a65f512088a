-- Restricted: the straight line through each person's measurements of one outcome in one episode.
-- Grain: one row per episode_id, instrument_id, respondent
-- Reads: individual.trajectory
SELECT
    person_id,
    episode_id,
    intervention_id,
    instrument_id,
    respondent,
    started_date,
    is_in_window,
    point_count,
    first_date,
    last_date,
    slope_score,
    reason_no_slope,
    slope_standard_error_score,
    residual_sd_score,
    reason_no_standard_error
FROM individual.trajectory
