-- Did a crisis come while the person waited for support?
-- Grain: one row per episode_id
-- Reads: individual.dated_episode, staging.event, staging.delivered_extract, ref.event_kind
-- Source: method, section 3.10. Which events are a crisis is the catalogue's choice. The wait begins with the request
-- (else the decision) and ends when support starts, is given up, or the data stop. A crisis on the day of the request
-- is taken for its cause, one on the day of the start for what brought the start about: the first did not come while
-- waiting, the second did. Of several the first counts. No event where no events were delivered is no proof of none.
WITH wait AS (
    SELECT
        episode_id,
        person_id,
        started_date,
        COALESCE(requested_date, decided_date) AS asked_date,
        COALESCE(started_date, LEAST(left_date, ended_date), reference_date) AS until_date,
        LEAST(left_date, ended_date) IS NOT NULL AS is_over
    FROM individual.dated_episode
),

crisis AS (
    SELECT
        wait.episode_id,
        MIN(event.event_date) AS crisis_date
    FROM wait
    INNER JOIN staging.event AS event
        ON
            wait.person_id = event.person_id
            AND wait.asked_date < event.event_date
            AND wait.until_date >= event.event_date
    INNER JOIN ref.event_kind AS event_kind ON event.kind = event_kind.event_kind_id
    WHERE event_kind.is_crisis
    GROUP BY wait.episode_id
),

delivered AS (
    SELECT COUNT(*) > 0 AS is_delivered
    FROM staging.delivered_extract
    WHERE extract_id = 'event'
),

judged AS (
    SELECT
        wait.episode_id,
        wait.started_date,
        crisis.crisis_date,
        CASE
            WHEN crisis.crisis_date IS NOT NULL THEN NULL
            WHEN wait.asked_date IS NULL THEN 'no_first_date'
            WHEN wait.started_date < wait.asked_date THEN 'wrong_order'
            WHEN NOT delivered.is_delivered THEN 'events_not_delivered'
            WHEN wait.started_date IS NOT NULL THEN NULL
            WHEN wait.is_over THEN 'given_up'
            ELSE 'waiting'
        END AS reason_crisis_unknown
    FROM wait
    CROSS JOIN delivered
    LEFT JOIN crisis ON wait.episode_id = crisis.episode_id
)

SELECT
    episode_id,
    crisis_date,
    CASE WHEN reason_crisis_unknown IS NULL THEN crisis_date IS NOT NULL END AS is_crisis_while_waiting,
    DATE_DIFF('day', crisis_date, started_date) AS crisis_to_started_days,
    reason_crisis_unknown
FROM judged
