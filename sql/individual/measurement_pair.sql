-- A baseline and a follow-up of the same person, instrument, version of the instrument and respondent.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.baseline, individual.follow_up_window, staging.measurement, ref.instrument, ref.setting
-- Source: method, section 2. The follow-up is the measurement nearest the window's target, on a
-- tie the earlier. Change is turned so that plus is always an improvement. All keys of the join to the measurements
-- stand in one table (the baseline): with them in two, DuckDB at times joined on the version alone, for minutes.
WITH candidate AS (
    SELECT
        follow_up_window.episode_id,
        follow_up_window.instrument_id,
        follow_up_window.respondent,
        follow_up_window.follow_up_kind,
        baseline.baseline_date,
        baseline.baseline_hundredths,
        measurement.measured_date,
        measurement.score_hundredths,
        2 * ABS(DATE_DIFF('day', follow_up_window.target_date, measurement.measured_date))
        + CASE WHEN measurement.measured_date > follow_up_window.target_date THEN 1 ELSE 0 END AS nearness
    FROM individual.follow_up_window AS follow_up_window
    INNER JOIN individual.baseline AS baseline
        ON
            follow_up_window.episode_id = baseline.episode_id
            AND follow_up_window.instrument_id = baseline.instrument_id
            AND follow_up_window.respondent = baseline.respondent
    CROSS JOIN ref.setting AS setting
    INNER JOIN staging.measurement AS measurement
        ON
            baseline.person_id = measurement.person_id
            AND baseline.instrument_id = measurement.instrument_id
            AND baseline.respondent = measurement.respondent
            AND baseline.version = measurement.version
            AND measurement.measured_date >= follow_up_window.from_date
            AND measurement.measured_date <= follow_up_window.to_date
            AND measurement.measured_date >= baseline.baseline_date + setting.minimum_pair_days
    WHERE follow_up_window.is_closed
),

nearest AS (
    SELECT
        episode_id,
        instrument_id,
        respondent,
        follow_up_kind,
        baseline_date,
        baseline_hundredths,
        ARG_MIN(measured_date, nearness) AS follow_up_date,
        ARG_MIN(score_hundredths, nearness) AS follow_up_hundredths
    FROM candidate
    GROUP BY episode_id, instrument_id, respondent, follow_up_kind, baseline_date, baseline_hundredths
)

SELECT
    nearest.*,
    instrument.direction * (nearest.follow_up_hundredths - nearest.baseline_hundredths) AS change_hundredths
FROM nearest
INNER JOIN ref.instrument AS instrument ON nearest.instrument_id = instrument.instrument_id
