-- A person's status in one domain, from a day to a day (both included; open at the end while it lasts).
-- Grain: one row per person_id, domain, from_date
-- Reads: raw.status_spell, staging.identity
-- Of rows with the same key the last delivered one counts.
SELECT
    identity.person_id,
    status_spell.domain,
    status_spell.status_id,
    status_spell.from_date,
    status_spell.to_date
FROM raw.status_spell AS status_spell
INNER JOIN staging.identity AS identity ON status_spell.person_id = identity.pseudonym
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY identity.person_id, status_spell.domain, status_spell.from_date
        ORDER BY status_spell.source_file DESC, status_spell.source_line DESC
    ) = 1
