-- What is asked of the persons with support in a year: how many, hours, plan, status, coherence, events.
-- Grain: one row per indicator_id, year, person_id
-- Reads: strategy.served_person, individual.support_year, individual.person_year_coherence, individual.status_period,
--        staging.event, staging.plan, staging.delivered_extract, ref.indicator, ref.indicator_member, ref.run,
--        ref.setting, ref.year
-- Where something is unknown of a person, or its extract was not delivered, the person has no row. A plan is asked of
-- those with support on the year's last day; one for a transition is not a plan for the support. A status is that of
-- December, in a year that is not over of the latest month known. Events count wherever in the year they fell.
WITH delivered AS (
    SELECT
        COUNT(*) FILTER (WHERE extract_id = 'plan') > 0 AS has_plans,
        COUNT(*) FILTER (WHERE extract_id = 'event') > 0 AS has_events
    FROM staging.delivered_extract
),

served AS (
    SELECT DISTINCT
        indicator.indicator_id,
        served_person.year,
        served_person.person_id
    FROM strategy.served_person AS served_person
    INNER JOIN individual.support_year AS support_year
        ON served_person.person_id = support_year.person_id AND served_person.year = support_year.support_year
    INNER JOIN ref.indicator AS indicator ON indicator.formula = 'served_count'
    LEFT JOIN ref.indicator_member AS listed
        ON indicator.indicator_id = listed.indicator_id AND support_year.intervention_id = listed.member
    WHERE indicator.list_kind IS NULL OR listed.member IS NOT NULL
),

planned AS (
    SELECT DISTINCT
        served_person.year,
        served_person.person_id
    FROM strategy.served_person AS served_person
    INNER JOIN staging.plan AS plan
        ON
            served_person.person_id = plan.person_id
            AND served_person.last_date >= plan.decided_date
            AND (served_person.last_date <= plan.ended_date OR plan.ended_date IS NULL)
    WHERE plan.kind <> 'transition'
),

happened AS (
    SELECT
        event.person_id,
        event.kind,
        EXTRACT(YEAR FROM event.event_date) AS year,
        COUNT(*) AS event_count
    FROM staging.event AS event
    CROSS JOIN ref.run AS run
    WHERE event.event_date <= run.reference_date
    GROUP BY event.person_id, event.kind, EXTRACT(YEAR FROM event.event_date)
),

status_month AS (
    SELECT
        calendar.year,
        LEAST(
            12 * calendar.year + 12,
            12 * EXTRACT(YEAR FROM run.reference_date) + EXTRACT(MONTH FROM run.reference_date)
            - CASE WHEN EXTRACT(DAY FROM run.reference_date) < setting.status_month_day THEN 1 ELSE 0 END
        ) AS month_number
    FROM ref.year AS calendar
    CROSS JOIN ref.run AS run
    CROSS JOIN ref.setting AS setting
)

SELECT
    indicator_id,
    year,
    person_id,
    CAST(NULL AS BOOLEAN) AS is_in_numerator,
    CAST(NULL AS BIGINT) AS event_count,
    CAST(NULL AS BIGINT) AS amount_ten_thousandths
FROM served
UNION ALL
SELECT
    indicator.indicator_id,
    served_person.year,
    served_person.person_id,
    NULL AS is_in_numerator,
    NULL AS event_count,
    100 * served_person.hours_hundredths AS amount_ten_thousandths
FROM strategy.served_person AS served_person
INNER JOIN ref.indicator AS indicator ON indicator.formula = 'mean_hours'
WHERE served_person.hours_hundredths IS NOT NULL
UNION ALL
SELECT
    indicator.indicator_id,
    served_person.year,
    served_person.person_id,
    NULL AS is_in_numerator,
    NULL AS event_count,
    CAST(ROUND(10000 * coherence.continuity_index) AS BIGINT) AS amount_ten_thousandths
FROM strategy.served_person AS served_person
INNER JOIN individual.person_year_coherence AS coherence
    ON served_person.person_id = coherence.person_id AND served_person.year = coherence.support_year
INNER JOIN ref.indicator AS indicator ON indicator.formula = 'coherence_index'
WHERE coherence.continuity_index IS NOT NULL
UNION ALL
SELECT
    indicator.indicator_id,
    served_person.year,
    served_person.person_id,
    planned.person_id IS NOT NULL AS is_in_numerator,
    NULL AS event_count,
    NULL AS amount_ten_thousandths
FROM strategy.served_person AS served_person
CROSS JOIN delivered
INNER JOIN ref.indicator AS indicator ON indicator.formula = 'plan_share'
LEFT JOIN planned ON served_person.person_id = planned.person_id AND served_person.year = planned.year
WHERE delivered.has_plans AND served_person.is_at_year_end
UNION ALL
SELECT
    indicator.indicator_id,
    served_person.year,
    served_person.person_id,
    period.is_favourable = indicator.is_favourable AS is_in_numerator,
    NULL AS event_count,
    NULL AS amount_ten_thousandths
FROM strategy.served_person AS served_person
INNER JOIN status_month ON served_person.year = status_month.year
INNER JOIN individual.status_period AS period
    ON
        served_person.person_id = period.person_id
        AND status_month.month_number >= period.first_month_number
        AND status_month.month_number <= period.last_month_number
INNER JOIN ref.indicator AS indicator ON period.domain = indicator.domain
WHERE indicator.formula = 'status_share' AND period.is_favourable IS NOT NULL
UNION ALL
SELECT
    indicator.indicator_id,
    served_person.year,
    served_person.person_id,
    happened.person_id IS NOT NULL AS is_in_numerator,
    COALESCE(happened.event_count, 0) AS event_count,
    NULL AS amount_ten_thousandths
FROM strategy.served_person AS served_person
CROSS JOIN delivered
INNER JOIN ref.indicator AS indicator ON indicator.formula = 'event_rate'
LEFT JOIN happened
    ON
        served_person.person_id = happened.person_id
        AND served_person.year = happened.year
        AND indicator.event_kind = happened.kind
WHERE delivered.has_events
