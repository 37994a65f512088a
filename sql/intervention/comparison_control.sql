-- What the support cannot change, for those compared: a declared instrument or register at the comparison's horizon.
-- Grain: one row per intervention_id, outcome_id, control_id, person_id
-- Reads: intervention.comparison_person, individual.status_period, staging.measurement, ref.intervention,
--        ref.instrument, ref.negative_control, ref.setting
-- Source: method, section 4 (negative control). An instrument: the score nearest the horizon within the tolerance of
-- a follow-up, the earlier on a tie, in points, plus as better. A register: the favourable share of the known months
-- after the decision's until the horizon's. Who was not measured, or whose status is not known, has no row.
WITH asked AS (
    SELECT
        person.intervention_id,
        person.outcome_id,
        person.person_id,
        control.control_id,
        control.instrument_id,
        control.respondent,
        control.register,
        CAST(person.time_zero_date + intervention.horizon_months * INTERVAL 1 MONTH AS DATE) AS target_date,
        12 * EXTRACT(YEAR FROM person.time_zero_date)
        + EXTRACT(MONTH FROM person.time_zero_date) AS month_number,
        intervention.horizon_months
    FROM intervention.comparison_person AS person
    INNER JOIN ref.negative_control AS control ON person.intervention_id = control.intervention_id
    INNER JOIN ref.intervention AS intervention ON person.intervention_id = intervention.intervention_id
),

measured AS (
    SELECT
        asked.intervention_id,
        asked.outcome_id,
        asked.control_id,
        asked.person_id,
        CAST(
            ARG_MIN(
                instrument.direction * measurement.score_hundredths,
                2 * ABS(DATE_DIFF('day', asked.target_date, measurement.measured_date))
                + CASE WHEN measurement.measured_date > asked.target_date THEN 1 ELSE 0 END
            ) AS DOUBLE
        ) / 100 AS control_value
    FROM asked
    CROSS JOIN ref.setting AS setting
    INNER JOIN ref.instrument AS instrument ON asked.instrument_id = instrument.instrument_id
    INNER JOIN staging.measurement AS measurement
        ON
            asked.person_id = measurement.person_id
            AND asked.instrument_id = measurement.instrument_id
            AND asked.respondent = measurement.respondent
    WHERE
        measurement.measured_date >= asked.target_date - setting.follow_up_tolerance_days
        AND measurement.measured_date <= asked.target_date + setting.follow_up_tolerance_days
    GROUP BY asked.intervention_id, asked.outcome_id, asked.control_id, asked.person_id
),

month_overlap AS (
    SELECT
        asked.intervention_id,
        asked.outcome_id,
        asked.control_id,
        asked.person_id,
        period.is_favourable,
        LEAST(period.last_month_number, asked.month_number + asked.horizon_months)
        - GREATEST(period.first_month_number, asked.month_number + 1) + 1 AS month_count
    FROM asked
    INNER JOIN individual.status_period AS period
        ON
            asked.person_id = period.person_id
            AND asked.register = period.domain
            AND asked.month_number + asked.horizon_months >= period.first_month_number
            AND asked.month_number + 1 <= period.last_month_number
),

registered AS (
    SELECT
        intervention_id,
        outcome_id,
        control_id,
        person_id,
        CAST(COALESCE(SUM(month_count) FILTER (WHERE is_favourable), 0) AS DOUBLE)
        / CAST(SUM(month_count) AS DOUBLE) AS control_value
    FROM month_overlap
    WHERE month_count > 0
    GROUP BY intervention_id, outcome_id, control_id, person_id
)

SELECT
    intervention_id,
    outcome_id,
    control_id,
    person_id,
    control_value
FROM measured
UNION ALL
SELECT
    intervention_id,
    outcome_id,
    control_id,
    person_id,
    control_value
FROM registered
