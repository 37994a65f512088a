-- A decision that a comparison may begin with, and what was known of the person on that day.
-- Grain: one row per episode_id
-- Reads: individual.dated_episode, individual.support_period, individual.status_period, staging.person, staging.event,
--        staging.contact, staging.delivered_extract, ref.intervention, ref.event_kind, ref.run, ref.setting
-- Source: method, sections 2 and 4 (D3). Time zero is the decision in both arms. Who had started the intervention
-- before (or before the decision, as urgent support does) has no time zero of it. All columns but `first_start_date`
-- were known on that day. Crises, contacts and favourable months are not for the model of who got what, but to check
-- its balance; where their extract was not delivered they are NULL, and so are the months of a person whose status is
-- not known.
WITH first_start AS (
    SELECT
        person_id,
        intervention_id,
        MIN(started_date) AS first_start_date
    FROM individual.dated_episode
    GROUP BY person_id, intervention_id
),

decision AS (
    SELECT
        episode.episode_id,
        episode.person_id,
        episode.intervention_id,
        episode.provider_id,
        episode.requested_date,
        episode.reference_date,
        episode.decided_date AS time_zero_date,
        CAST(episode.decided_date - setting.held_out_months * INTERVAL 1 MONTH AS DATE) AS held_out_from_date,
        12 * EXTRACT(YEAR FROM episode.decided_date) + EXTRACT(MONTH FROM episode.decided_date) AS month_number,
        first_start.first_start_date,
        run.window_start_date
    FROM individual.dated_episode AS episode
    INNER JOIN first_start
        ON episode.person_id = first_start.person_id AND episode.intervention_id = first_start.intervention_id
    CROSS JOIN ref.run AS run
    CROSS JOIN ref.setting AS setting
    WHERE
        episode.decided_date >= run.window_start_date
        AND episode.decided_date <= run.window_end_date
        AND COALESCE(first_start.first_start_date >= episode.decided_date, TRUE)
),

support AS (
    SELECT
        decision.episode_id,
        COUNT(*) FILTER (WHERE period.to_date < decision.time_zero_date) AS earlier_count,
        COUNT(*) FILTER (WHERE period.to_date >= decision.time_zero_date) AS concurrent_count
    FROM decision
    INNER JOIN individual.support_period AS period
        ON
            decision.person_id = period.person_id
            AND decision.episode_id <> period.episode_id
            AND decision.time_zero_date >= period.from_date
    GROUP BY decision.episode_id
),

crisis AS (
    SELECT
        decision.episode_id,
        COUNT(*) AS crisis_count
    FROM decision
    INNER JOIN staging.event AS event
        ON
            decision.person_id = event.person_id
            AND decision.held_out_from_date <= event.event_date
            AND decision.time_zero_date > event.event_date
    INNER JOIN ref.event_kind AS event_kind ON event.kind = event_kind.event_kind_id
    WHERE event_kind.is_crisis
    GROUP BY decision.episode_id
),

contact AS (
    SELECT
        decision.episode_id,
        COUNT(*) AS contact_count
    FROM decision
    INNER JOIN staging.contact AS contact
        ON
            decision.person_id = contact.person_id
            AND decision.held_out_from_date <= contact.contact_date
            AND decision.time_zero_date > contact.contact_date
    GROUP BY decision.episode_id
),

-- The whole months before the decision's, in every domain that is known of.
status_overlap AS (
    SELECT
        decision.episode_id,
        period.is_favourable,
        LEAST(period.last_month_number, decision.month_number - 1)
        - GREATEST(period.first_month_number, decision.month_number - setting.held_out_months) + 1 AS month_count
    FROM decision
    CROSS JOIN ref.setting AS setting
    INNER JOIN individual.status_period AS period
        ON
            decision.person_id = period.person_id
            AND decision.month_number - 1 >= period.first_month_number
            AND decision.month_number - setting.held_out_months <= period.last_month_number
),

status AS (
    SELECT
        episode_id,
        CAST(SUM(month_count) FILTER (WHERE is_favourable) AS DOUBLE) AS favourable_count,
        CAST(SUM(month_count) AS DOUBLE) AS known_count
    FROM status_overlap
    WHERE month_count > 0
    GROUP BY episode_id
),

delivered AS (
    SELECT
        COUNT(*) FILTER (WHERE extract_id = 'event') > 0 AS has_events,
        COUNT(*) FILTER (WHERE extract_id = 'contact') > 0 AS has_contacts
    FROM staging.delivered_extract
)

SELECT
    decision.episode_id,
    decision.person_id,
    decision.intervention_id,
    intervention.area,
    decision.provider_id,
    decision.time_zero_date,
    decision.first_start_date,
    decision.reference_date,
    DATE_DIFF('day', person.birth_date, decision.time_zero_date) AS age_days,
    person.sex,
    person.target_group,
    CASE
        WHEN decision.requested_date <= decision.time_zero_date
            THEN DATE_DIFF('day', decision.requested_date, decision.time_zero_date)
    END AS requested_days,
    COALESCE(support.earlier_count, 0) AS earlier_count,
    COALESCE(support.concurrent_count, 0) AS concurrent_count,
    DATE_DIFF('day', decision.window_start_date, decision.time_zero_date) AS window_days,
    CASE WHEN delivered.has_events THEN COALESCE(crisis.crisis_count, 0) END AS crisis_count,
    CASE WHEN delivered.has_contacts THEN COALESCE(contact.contact_count, 0) END AS contact_count,
    COALESCE(status.favourable_count, 0) / status.known_count AS favourable_share
FROM decision
INNER JOIN ref.intervention AS intervention ON decision.intervention_id = intervention.intervention_id
INNER JOIN staging.person AS person ON decision.person_id = person.person_id
CROSS JOIN delivered
LEFT JOIN support ON decision.episode_id = support.episode_id
LEFT JOIN crisis ON decision.episode_id = crisis.episode_id
LEFT JOIN contact ON decision.episode_id = contact.episode_id
LEFT JOIN status ON decision.episode_id = status.episode_id
