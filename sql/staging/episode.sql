-- One person's course of one intervention.
-- Grain: one row per episode_id
-- Reads: raw.episode, staging.identity
-- An episode delivered several times keeps its last row. Money is kept in whole øre,
-- so that sums are exact and the same on every run.
WITH latest AS (
    SELECT *
    FROM raw.episode
    QUALIFY ROW_NUMBER() OVER (PARTITION BY episode_id ORDER BY source_file DESC, source_line DESC) = 1
)

SELECT
    latest.episode_id,
    identity.person_id,
    latest.intervention_id,
    latest.provider_id,
    latest.requested_date,
    latest.decided_date,
    latest.started_date,
    latest.ended_date,
    latest.end_reason,
    latest.weekly_hours,
    CAST(ROUND(latest.cost_dkk * 100) AS BIGINT) AS cost_oere
FROM latest
INNER JOIN staging.identity AS identity ON latest.person_id = identity.pseudonym
