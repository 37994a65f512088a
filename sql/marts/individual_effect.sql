-- Restricted: what happened to each person, in the columns that catalogue/marts.toml declares.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.episode_effect
SELECT
    person_id,
    episode_id,
    intervention_id,
    instrument_id,
    respondent,
    follow_up_kind,
    started_date,
    is_in_window,
    reason_not_counted IS NULL AS is_counted,
    reason_not_counted,
    baseline_date,
    baseline_hundredths / 100 AS baseline_score,
    follow_up_date,
    follow_up_hundredths / 100 AS follow_up_score,
    change_hundredths / 100 AS change,
    rci,
    is_reliable,
    crossed_cutoff,
    category,
    is_noticeable,
    is_at_ceiling
FROM individual.episode_effect
