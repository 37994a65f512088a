-- How each person stood on the primary outcome, in periods of months before and after the start of support.
-- Grain: one row per episode_id, month_number
-- Reads: individual.episode_outcome, individual.baseline, staging.measurement, ref.setting
-- Source: method, section 4 (a description). Index episodes with a baseline, so an episode is a person; the version of
-- the instrument is the baseline's, and a measurement belongs to the episode as in individual.trajectory. A person has
-- one value in a period: the measurement nearest its middle, on a tie the earlier.
WITH candidate AS (
    SELECT
        baseline.episode_id,
        baseline.person_id,
        outcome.intervention_id,
        outcome.outcome_id,
        measurement.score_hundredths,
        DATE_DIFF('day', outcome.started_date, measurement.measured_date) AS day_number,
        CAST(
            FLOOR(
                12 * DATE_DIFF('day', outcome.started_date, measurement.measured_date)
                / (setting.days_per_year * setting.trajectory_bin_months) + 0.5
            ) AS INTEGER
        ) * setting.trajectory_bin_months AS month_number,
        setting.days_per_year / 12 AS days_per_month
    FROM individual.baseline AS baseline
    INNER JOIN individual.episode_outcome AS outcome
        ON
            baseline.episode_id = outcome.episode_id
            AND baseline.instrument_id = outcome.instrument_id
            AND baseline.respondent = outcome.respondent
    CROSS JOIN ref.setting AS setting
    INNER JOIN staging.measurement AS measurement
        ON
            baseline.person_id = measurement.person_id
            AND baseline.instrument_id = measurement.instrument_id
            AND baseline.respondent = measurement.respondent
            AND baseline.version = measurement.version
            AND measurement.measured_date >= outcome.started_date - setting.baseline_days_before
            AND measurement.measured_date
            <= LEAST(outcome.reference_date, outcome.ended_date + setting.end_days_after)
    WHERE outcome.is_index AND outcome.is_primary
)

SELECT
    episode_id,
    person_id,
    intervention_id,
    outcome_id,
    month_number,
    ARG_MIN(
        score_hundredths,
        2 * ABS(day_number - CAST(ROUND(month_number * days_per_month) AS INTEGER))
        + CASE WHEN day_number > month_number * days_per_month THEN 1 ELSE 0 END
    ) AS score_hundredths
FROM candidate
GROUP BY episode_id, person_id, intervention_id, outcome_id, month_number
