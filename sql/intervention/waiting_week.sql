-- Every week in which a person with a decision could still begin, and what was known as the week began.
-- Grain: one row per intervention_id, outcome_id, person_id, week
-- Reads: intervention.waiting_person, staging.event, staging.measurement, staging.delivered_extract, ref.event_kind,
--        ref.instrument, ref.intervention_outcome, ref.setting, ref.waiting_week
-- Source: method, section 2: who begins when it gets worse is no longer like those left waiting, and the weights that
-- mend it need what made it so. Weeks, not months: a crisis may bring a start within days, and one of the same week as
-- the start is not known here. Week 0 begins on the day of the decision. What happened on the first day of a week is
-- known from the next: it may have come of the start. `latest_hundredths` is the baseline's until there is a later one
-- of the same version; plus is better. Crises are those since the decision, NULL where no events were delivered.
WITH at_risk AS (
    SELECT
        person.intervention_id,
        person.outcome_id,
        person.person_id,
        week.week,
        person.time_zero_date,
        person.time_zero_date + 7 * week.week AS from_date,
        person.baseline_date,
        person.version,
        person.baseline_hundredths,
        COALESCE(person.first_start_date < person.time_zero_date + 7 * (week.week + 1), FALSE) AS is_start
    FROM intervention.waiting_person AS person
    INNER JOIN ref.waiting_week AS week
        ON
            -- On the day of the decision everybody could begin.
            week.week = 0
            OR COALESCE(
                person.time_zero_date + 7 * week.week
                <= COALESCE(person.first_start_date, person.given_up_date),
                TRUE
            )
),

-- The same in all outcomes: counted once.
crisis AS (
    SELECT
        at_risk.intervention_id,
        at_risk.person_id,
        at_risk.from_date,
        COUNT(*) AS crisis_count
    FROM (
        SELECT DISTINCT
            intervention_id,
            person_id,
            time_zero_date,
            from_date
        FROM at_risk
    ) AS at_risk
    INNER JOIN staging.event AS event
        ON
            at_risk.person_id = event.person_id
            AND at_risk.time_zero_date <= event.event_date
            AND at_risk.from_date > event.event_date
    INNER JOIN ref.event_kind AS event_kind ON event.kind = event_kind.event_kind_id
    WHERE event_kind.is_crisis
    GROUP BY at_risk.intervention_id, at_risk.person_id, at_risk.from_date
),

latest AS (
    SELECT
        at_risk.intervention_id,
        at_risk.outcome_id,
        at_risk.person_id,
        at_risk.week,
        ARG_MAX(instrument.direction * measurement.score_hundredths, measurement.measured_date) AS latest_hundredths
    FROM at_risk
    INNER JOIN ref.intervention_outcome AS outcome
        ON at_risk.intervention_id = outcome.intervention_id AND at_risk.outcome_id = outcome.outcome_id
    INNER JOIN ref.instrument AS instrument ON outcome.instrument_id = instrument.instrument_id
    INNER JOIN staging.measurement AS measurement
        ON
            at_risk.person_id = measurement.person_id
            AND outcome.instrument_id = measurement.instrument_id
            AND outcome.respondent = measurement.respondent
            AND at_risk.version = measurement.version
            AND at_risk.baseline_date < measurement.measured_date
            AND at_risk.from_date > measurement.measured_date
    GROUP BY at_risk.intervention_id, at_risk.outcome_id, at_risk.person_id, at_risk.week
),

delivered AS (
    SELECT COUNT(*) > 0 AS has_events
    FROM staging.delivered_extract
    WHERE extract_id = 'event'
)

SELECT
    at_risk.intervention_id,
    at_risk.outcome_id,
    at_risk.person_id,
    at_risk.week,
    COALESCE(latest.latest_hundredths, at_risk.baseline_hundredths) AS latest_hundredths,
    CASE WHEN delivered.has_events THEN COALESCE(crisis.crisis_count, 0) END AS crisis_count,
    at_risk.is_start
FROM at_risk
CROSS JOIN delivered
LEFT JOIN crisis
    ON
        at_risk.intervention_id = crisis.intervention_id
        AND at_risk.person_id = crisis.person_id
        AND at_risk.from_date = crisis.from_date
LEFT JOIN latest
    ON
        at_risk.intervention_id = latest.intervention_id
        AND at_risk.outcome_id = latest.outcome_id
        AND at_risk.person_id = latest.person_id
        AND at_risk.week = latest.week
