-- A day on which a person met a provider.
-- Grain: one row per person_id, provider_id, contact_date
-- Reads: raw.contact, staging.identity
-- Of rows with the same key the last delivered one counts.
SELECT
    identity.person_id,
    contact.provider_id,
    contact.contact_date
FROM raw.contact AS contact
INNER JOIN staging.identity AS identity ON contact.person_id = identity.pseudonym
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY identity.person_id, contact.provider_id, contact.contact_date
        ORDER BY contact.source_file DESC, contact.source_line DESC
    ) = 1
