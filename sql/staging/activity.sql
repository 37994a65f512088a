-- An action network, a dialogue meeting, a theme day or another activity of a strategy.
-- Grain: one row per activity_id
-- Reads: raw.activity
-- Of rows with the same key the last delivered one counts. A number that is not stated is unknown.
SELECT
    activity.activity_id,
    activity.kind,
    activity.started_date,
    activity.participant_count,
    activity.citizen_count,
    activity.organisation_count,
    activity.with_municipality = 'yes' AS has_municipality,
    activity.with_civil_society = 'yes' AS has_civil_society
FROM raw.activity AS activity
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY activity.activity_id
        ORDER BY activity.source_file DESC, activity.source_line DESC
    ) = 1
