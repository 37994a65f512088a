-- A crisis, a notification or an admission.
-- Grain: one row per person_id, kind, event_date
-- Reads: raw.event, staging.identity
-- Of rows with the same key the last delivered one counts.
SELECT
    identity.person_id,
    event.kind,
    event.event_date
FROM raw.event AS event
INNER JOIN staging.identity AS identity ON event.person_id = identity.pseudonym
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY identity.person_id, event.kind, event.event_date
        ORDER BY event.source_file DESC, event.source_line DESC
    ) = 1
