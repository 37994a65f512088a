-- The baseline of an episode's outcome: the measurement nearest the start, on a tie the earlier.
-- Grain: one row per episode_id, instrument_id, respondent
-- Reads: individual.episode_outcome, staging.measurement, ref.setting
-- Source: method, section 2. The sort key puts a day before the start ahead of the same
-- number of days after it; a day holds one measurement, so the key is unique.
WITH candidate AS (
    SELECT
        outcome.person_id,
        outcome.episode_id,
        outcome.instrument_id,
        outcome.respondent,
        measurement.measured_date,
        measurement.version,
        measurement.score_hundredths,
        2 * ABS(DATE_DIFF('day', outcome.started_date, measurement.measured_date))
        + CASE WHEN measurement.measured_date > outcome.started_date THEN 1 ELSE 0 END AS nearness
    FROM individual.episode_outcome AS outcome
    CROSS JOIN ref.setting AS setting
    INNER JOIN staging.measurement AS measurement
        ON
            outcome.person_id = measurement.person_id
            AND outcome.instrument_id = measurement.instrument_id
            AND outcome.respondent = measurement.respondent
            AND measurement.measured_date >= outcome.started_date - setting.baseline_days_before
            AND measurement.measured_date <= outcome.started_date + setting.baseline_days_after
)

SELECT
    person_id,
    episode_id,
    instrument_id,
    respondent,
    ARG_MIN(measured_date, nearness) AS baseline_date,
    ARG_MIN(version, nearness) AS version,
    ARG_MIN(score_hundredths, nearness) AS baseline_hundredths
FROM candidate
GROUP BY person_id, episode_id, instrument_id, respondent
