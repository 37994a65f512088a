-- Two measurements of a person who waits: around the request or decision, and a whole horizon later, still unsupported.
-- Grain: one row per person_id, instrument_id, respondent, horizon_months
-- Reads: individual.waiting_measurement, individual.dated_episode, ref.intervention, ref.intervention_outcome,
--        ref.setting
-- Source: method, section 3.5: waiting periods of equal length. The windows are those of a treated pair: the first
-- measurement is sought as a baseline is (nearest the request, else the decision, on a tie the earlier), the second
-- as a follow-up is (nearest the horizon after the first, of the same version). Who withdrew waits no longer from that
-- day. A person gives one pair, that of the first wait, so that the points of the line are as many people.
WITH horizon AS (
    SELECT
        outcome.instrument_id,
        outcome.respondent,
        intervention.horizon_months
    FROM ref.intervention_outcome AS outcome
    INNER JOIN ref.intervention AS intervention ON outcome.intervention_id = intervention.intervention_id
    UNION
    SELECT
        outcome.instrument_id,
        outcome.respondent,
        setting.long_follow_up_months AS horizon_months
    FROM ref.intervention_outcome AS outcome
    CROSS JOIN ref.setting AS setting
),

wait AS (
    SELECT
        person_id,
        episode_id,
        COALESCE(requested_date, decided_date) AS asked_date,
        GREATEST(requested_date, decided_date) AS decided_date,
        CASE WHEN started_date IS NULL THEN ended_date END AS withdrawn_date
    FROM individual.dated_episode
    WHERE requested_date IS NOT NULL OR decided_date IS NOT NULL
),

first_candidate AS (
    SELECT
        wait.person_id,
        wait.episode_id,
        wait.withdrawn_date,
        measurement.instrument_id,
        measurement.respondent,
        measurement.measured_date,
        measurement.version,
        measurement.score_hundredths,
        2 * ABS(DATE_DIFF('day', wait.asked_date, measurement.measured_date))
        + CASE WHEN measurement.measured_date > wait.asked_date THEN 1 ELSE 0 END AS nearness
    FROM wait
    CROSS JOIN ref.setting AS setting
    INNER JOIN individual.waiting_measurement AS measurement
        ON
            wait.person_id = measurement.person_id
            AND measurement.measured_date >= wait.asked_date - setting.baseline_days_before
            AND measurement.measured_date
            <= COALESCE(wait.decided_date, wait.asked_date) + setting.baseline_days_after
),

first_measurement AS (
    SELECT
        person_id,
        episode_id,
        withdrawn_date,
        instrument_id,
        respondent,
        ARG_MIN(measured_date, nearness) AS first_date,
        ARG_MIN(version, nearness) AS version,
        ARG_MIN(score_hundredths, nearness) AS first_hundredths
    FROM first_candidate
    GROUP BY person_id, episode_id, withdrawn_date, instrument_id, respondent
),

aimed AS (
    SELECT
        first_measurement.*,
        horizon.horizon_months,
        CAST(first_measurement.first_date + horizon.horizon_months * INTERVAL 1 MONTH AS DATE) AS target_date
    FROM first_measurement
    INNER JOIN horizon
        ON
            first_measurement.instrument_id = horizon.instrument_id
            AND first_measurement.respondent = horizon.respondent
)

SELECT
    aimed.person_id,
    aimed.instrument_id,
    aimed.respondent,
    aimed.horizon_months,
    aimed.first_date,
    aimed.first_hundredths,
    measurement.measured_date AS second_date,
    measurement.score_hundredths AS second_hundredths
FROM aimed
CROSS JOIN ref.setting AS setting
INNER JOIN individual.waiting_measurement AS measurement
    ON
        aimed.person_id = measurement.person_id
        AND aimed.instrument_id = measurement.instrument_id
        AND aimed.respondent = measurement.respondent
        AND aimed.version = measurement.version
        AND measurement.measured_date >= aimed.target_date - setting.follow_up_tolerance_days
        AND measurement.measured_date <= aimed.target_date + setting.follow_up_tolerance_days
        AND measurement.measured_date >= aimed.first_date + setting.minimum_pair_days
        AND measurement.measured_date <= COALESCE(aimed.withdrawn_date, measurement.measured_date)
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY aimed.person_id, aimed.instrument_id, aimed.respondent, aimed.horizon_months
        ORDER BY
            aimed.first_date,
            ABS(DATE_DIFF('day', aimed.target_date, measurement.measured_date)),
            measurement.measured_date,
            aimed.episode_id
    ) = 1
