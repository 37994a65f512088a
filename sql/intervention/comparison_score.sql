-- A decision's scores on the outcomes of its intervention: at time zero, before it, and at every horizon they are
-- compared at.
-- Grain: one row per episode_id, instrument_id, respondent, horizon_months
-- Reads: individual.measurement_error, intervention.comparison_decision, staging.measurement, staging.person,
--        ref.intervention, ref.intervention_outcome, ref.instrument, ref.setting
-- Source: method, section 2: the windows are those of individual.baseline and individual.follow_up_window, about the
-- decision instead of the start. Without a baseline there is no row. Only windows that have closed; who died or moved
-- away before without a follow-up is taken out, all others without one stay, with NULL. Plus is better. `earlier` is
-- the last score before the baseline, of the same version: it is kept out of the model, to check the balance.
-- `is_reliably_improved` and `is_reliably_deteriorated` judge the change from time zero to the horizon as
-- individual.reliable_change judges one from the start: NULL without a follow-up, and where the error of a change is
-- not known. A percentage of nothing is no change.
WITH horizon AS (
    SELECT DISTINCT
        intervention.area,
        outcome.instrument_id,
        outcome.respondent,
        intervention.horizon_months
    FROM ref.intervention_outcome AS outcome
    INNER JOIN ref.intervention AS intervention ON outcome.intervention_id = intervention.intervention_id
),

point AS (
    SELECT
        decision.episode_id,
        decision.person_id,
        decision.time_zero_date,
        outcome.instrument_id,
        outcome.respondent,
        measurement.version,
        measurement.measured_date,
        instrument.direction * measurement.score_hundredths AS score_hundredths,
        2 * ABS(DATE_DIFF('day', decision.time_zero_date, measurement.measured_date))
        + CASE WHEN measurement.measured_date > decision.time_zero_date THEN 1 ELSE 0 END AS nearness,
        measurement.measured_date >= decision.time_zero_date - setting.baseline_days_before
        AND measurement.measured_date <= decision.time_zero_date + setting.baseline_days_after AS is_at_time_zero
    FROM intervention.comparison_decision AS decision
    CROSS JOIN ref.setting AS setting
    INNER JOIN ref.intervention_outcome AS outcome ON decision.intervention_id = outcome.intervention_id
    INNER JOIN ref.instrument AS instrument ON outcome.instrument_id = instrument.instrument_id
    INNER JOIN staging.measurement AS measurement
        ON
            decision.person_id = measurement.person_id
            AND outcome.instrument_id = measurement.instrument_id
            AND outcome.respondent = measurement.respondent
),

baseline AS (
    SELECT
        episode_id,
        instrument_id,
        respondent,
        ARG_MIN(measured_date, nearness) AS baseline_date,
        ARG_MIN(version, nearness) AS version,
        ARG_MIN(score_hundredths, nearness) AS baseline_hundredths
    FROM point
    WHERE is_at_time_zero
    GROUP BY episode_id, instrument_id, respondent
),

earlier AS (
    SELECT
        point.episode_id,
        point.instrument_id,
        point.respondent,
        ARG_MAX(point.score_hundredths, point.measured_date) AS earlier_hundredths
    FROM point
    INNER JOIN baseline
        ON
            point.episode_id = baseline.episode_id
            AND point.instrument_id = baseline.instrument_id
            AND point.respondent = baseline.respondent
            AND point.version = baseline.version
            AND baseline.baseline_date > point.measured_date
    GROUP BY point.episode_id, point.instrument_id, point.respondent
),

aimed AS (
    SELECT
        decision.episode_id,
        decision.person_id,
        baseline.instrument_id,
        baseline.respondent,
        baseline.version,
        baseline.baseline_date,
        baseline.baseline_hundredths,
        horizon.horizon_months,
        decision.area,
        decision.time_zero_date,
        CAST(decision.time_zero_date + horizon.horizon_months * INTERVAL 1 MONTH AS DATE) AS target_date,
        decision.reference_date
    FROM intervention.comparison_decision AS decision
    INNER JOIN baseline ON decision.episode_id = baseline.episode_id
    INNER JOIN horizon
        ON
            decision.area = horizon.area
            AND baseline.instrument_id = horizon.instrument_id
            AND baseline.respondent = horizon.respondent
),

closed AS (
    SELECT
        aimed.*,
        aimed.target_date + setting.follow_up_tolerance_days AS to_date
    FROM aimed
    CROSS JOIN ref.setting AS setting
    WHERE aimed.target_date + setting.follow_up_tolerance_days <= aimed.reference_date
),

follow_up AS (
    SELECT
        closed.episode_id,
        closed.instrument_id,
        closed.respondent,
        closed.horizon_months,
        ARG_MIN(
            point.score_hundredths,
            2 * ABS(DATE_DIFF('day', closed.target_date, point.measured_date))
            + CASE WHEN point.measured_date > closed.target_date THEN 1 ELSE 0 END
        ) AS follow_up_hundredths
    FROM closed
    CROSS JOIN ref.setting AS setting
    INNER JOIN point
        ON
            closed.episode_id = point.episode_id
            AND closed.instrument_id = point.instrument_id
            AND closed.respondent = point.respondent
            AND closed.version = point.version
            AND closed.to_date >= point.measured_date
    WHERE
        point.measured_date >= closed.target_date - setting.follow_up_tolerance_days
        AND point.measured_date >= closed.baseline_date + setting.minimum_pair_days
    GROUP BY closed.episode_id, closed.instrument_id, closed.respondent, closed.horizon_months
),

changed AS (
    SELECT
        closed.episode_id,
        closed.instrument_id,
        closed.respondent,
        closed.horizon_months,
        follow_up.follow_up_hundredths,
        measurement_error.critical_z,
        setting.reliable_change_method = 'percentage' AS is_percentage,
        setting.percentage_improvement_share,
        setting.percentage_deterioration_share,
        (follow_up.follow_up_hundredths - closed.baseline_hundredths)
        / NULLIF(instrument.direction * closed.baseline_hundredths - ROUND(100 * instrument.minimum_score), 0)
            AS change_share,
        (
            follow_up.follow_up_hundredths - closed.baseline_hundredths
            - 100 * instrument.direction * (
                measurement_error.chance_change_at_zero
                + measurement_error.chance_change_per_point * instrument.direction * closed.baseline_hundredths / 100
            )
        )
        / (100 * measurement_error.standard_error_of_difference) AS error_index
    FROM closed
    INNER JOIN follow_up
        ON
            closed.episode_id = follow_up.episode_id
            AND closed.instrument_id = follow_up.instrument_id
            AND closed.respondent = follow_up.respondent
            AND closed.horizon_months = follow_up.horizon_months
    INNER JOIN ref.instrument AS instrument ON closed.instrument_id = instrument.instrument_id
    INNER JOIN individual.measurement_error AS measurement_error
        ON
            closed.instrument_id = measurement_error.instrument_id
            AND closed.respondent = measurement_error.respondent
    CROSS JOIN ref.setting AS setting
)

SELECT
    closed.episode_id,
    closed.person_id,
    closed.area,
    closed.instrument_id,
    closed.respondent,
    closed.horizon_months,
    closed.target_date,
    closed.baseline_hundredths,
    earlier.earlier_hundredths,
    changed.follow_up_hundredths,
    CASE
        WHEN changed.error_index IS NOT NULL
            THEN
                changed.error_index > changed.critical_z
                AND (
                    NOT changed.is_percentage
                    OR COALESCE(changed.change_share >= changed.percentage_improvement_share, FALSE)
                )
    END AS is_reliably_improved,
    CASE
        WHEN changed.error_index IS NOT NULL
            THEN
                changed.error_index < -changed.critical_z
                AND (
                    NOT changed.is_percentage
                    OR COALESCE(changed.change_share <= -changed.percentage_deterioration_share, FALSE)
                )
    END AS is_reliably_deteriorated
FROM closed
INNER JOIN staging.person AS person ON closed.person_id = person.person_id
LEFT JOIN earlier
    ON
        closed.episode_id = earlier.episode_id
        AND closed.instrument_id = earlier.instrument_id
        AND closed.respondent = earlier.respondent
LEFT JOIN changed
    ON
        closed.episode_id = changed.episode_id
        AND closed.instrument_id = changed.instrument_id
        AND closed.respondent = changed.respondent
        AND closed.horizon_months = changed.horizon_months
WHERE
    changed.follow_up_hundredths IS NOT NULL
    OR NOT (
        COALESCE(person.death_date <= closed.to_date, FALSE)
        OR COALESCE(person.moved_date >= closed.time_zero_date AND person.moved_date <= closed.to_date, FALSE)
    )
