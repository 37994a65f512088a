-- An episode's outcome without a pair: how its instrument was measured all the same, at the start and at the follow-up.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.episode_outcome, individual.follow_up_window, individual.baseline, individual.measurement_pair,
--        staging.measurement, ref.setting
-- Tells "never measured" (no row here) from "measured, but by somebody else" or with another version. Only episodes
-- that stand for their person, with a follow-up whose window is closed: the others are not counted whatever was
-- measured.
WITH lacking AS (
    SELECT
        follow_up_window.episode_id,
        follow_up_window.instrument_id,
        follow_up_window.respondent,
        follow_up_window.follow_up_kind,
        outcome.person_id,
        baseline.version,
        outcome.started_date - setting.baseline_days_before AS baseline_from_date,
        outcome.started_date + setting.baseline_days_after AS baseline_to_date,
        GREATEST(follow_up_window.from_date, baseline.baseline_date + setting.minimum_pair_days) AS from_date,
        follow_up_window.to_date
    FROM individual.follow_up_window AS follow_up_window
    INNER JOIN individual.episode_outcome AS outcome
        ON
            follow_up_window.episode_id = outcome.episode_id
            AND follow_up_window.instrument_id = outcome.instrument_id
            AND follow_up_window.respondent = outcome.respondent
    CROSS JOIN ref.setting AS setting
    LEFT JOIN individual.baseline AS baseline
        ON
            follow_up_window.episode_id = baseline.episode_id
            AND follow_up_window.instrument_id = baseline.instrument_id
            AND follow_up_window.respondent = baseline.respondent
    LEFT JOIN individual.measurement_pair AS pair
        ON
            follow_up_window.episode_id = pair.episode_id
            AND follow_up_window.instrument_id = pair.instrument_id
            AND follow_up_window.respondent = pair.respondent
            AND follow_up_window.follow_up_kind = pair.follow_up_kind
    WHERE follow_up_window.is_closed AND outcome.is_index AND pair.episode_id IS NULL
),

found AS (
    SELECT
        lacking.episode_id,
        lacking.instrument_id,
        lacking.respondent,
        lacking.follow_up_kind,
        measurement.respondent = lacking.respondent AS is_same_respondent,
        measurement.version <> lacking.version AS is_other_version,
        measurement.measured_date >= lacking.baseline_from_date
        AND measurement.measured_date <= lacking.baseline_to_date AS is_at_start,
        measurement.measured_date >= lacking.from_date
        AND measurement.measured_date <= lacking.to_date AS is_at_follow_up
    FROM lacking
    INNER JOIN staging.measurement AS measurement
        ON lacking.person_id = measurement.person_id AND lacking.instrument_id = measurement.instrument_id
)

SELECT
    episode_id,
    instrument_id,
    respondent,
    follow_up_kind,
    COUNT(*) FILTER (WHERE is_at_start AND NOT is_same_respondent) > 0 AS has_other_respondent_at_start,
    COUNT(*) FILTER (WHERE is_at_follow_up AND NOT is_same_respondent) > 0 AS has_other_respondent_at_follow_up,
    COUNT(*) FILTER (WHERE is_at_follow_up AND is_same_respondent AND is_other_version) > 0
        AS has_other_version_at_follow_up
FROM found
WHERE is_at_start OR is_at_follow_up
GROUP BY episode_id, instrument_id, respondent, follow_up_kind
