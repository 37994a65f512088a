-- Serious events during support, in the reporting year, and whether they are more than declared.
-- Grain: one row per intervention_id
-- Reads: individual.dated_episode, staging.event, staging.delivered_extract, ref.event_kind, ref.intervention,
--        ref.run
-- Source: method, section 6 (Sikkerhedsflag). Which kinds are serious, and the limit, is the catalogue's choice. An
-- event counts from the day of the start to the day of the end, both included, and once for an intervention however
-- many of its episodes it falls in. No event where no events were delivered is no proof of none.
WITH support AS (
    SELECT
        episode.intervention_id,
        episode.person_id,
        episode.started_date,
        COALESCE(episode.ended_date, run.reference_date) AS until_date
    FROM individual.dated_episode AS episode
    CROSS JOIN ref.run AS run
    WHERE episode.started_date IS NOT NULL
),

serious AS (
    SELECT
        event.person_id,
        event.kind,
        event.event_date
    FROM staging.event AS event
    INNER JOIN ref.event_kind AS event_kind ON event.kind = event_kind.event_kind_id
    CROSS JOIN ref.run AS run
    WHERE
        event_kind.is_serious
        AND event.event_date <= run.reference_date
        AND EXTRACT(YEAR FROM event.event_date) >= run.reporting_year
),

during AS (
    SELECT DISTINCT
        support.intervention_id,
        serious.person_id,
        serious.kind,
        serious.event_date
    FROM serious
    INNER JOIN support
        ON
            serious.person_id = support.person_id
            AND serious.event_date >= support.started_date
            AND serious.event_date <= support.until_date
),

counted AS (
    SELECT
        intervention_id,
        COUNT(*) AS event_count
    FROM during
    GROUP BY intervention_id
),

delivered AS (
    SELECT COUNT(*) > 0 AS is_delivered
    FROM staging.delivered_extract
    WHERE extract_id = 'event'
)

SELECT
    intervention.intervention_id,
    CASE WHEN delivered.is_delivered THEN COALESCE(counted.event_count, 0) END AS event_count,
    CASE
        WHEN delivered.is_delivered THEN COALESCE(counted.event_count, 0) > intervention.serious_event_limit
    END AS has_safety_flag,
    CASE WHEN NOT delivered.is_delivered THEN 'events_not_delivered' END AS reason_safety_unknown
FROM ref.intervention AS intervention
CROSS JOIN delivered
LEFT JOIN counted ON intervention.intervention_id = counted.intervention_id
