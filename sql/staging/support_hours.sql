-- Weekly hours granted within an episode from a day on, until the next such day.
-- Grain: one row per episode_id, from_date
-- Reads: raw.support_hours, staging.identity
-- Of rows with the same key the last delivered one counts.
SELECT
    identity.person_id,
    support_hours.episode_id,
    support_hours.from_date,
    support_hours.weekly_hours
FROM raw.support_hours AS support_hours
INNER JOIN staging.identity AS identity ON support_hours.person_id = identity.pseudonym
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY support_hours.episode_id, support_hours.from_date
        ORDER BY support_hours.source_file DESC, support_hours.source_line DESC
    ) = 1
