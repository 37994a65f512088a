-- The status on the day of each start and some months after it.
-- Grain: one row per episode_id, domain, moment
-- Reads: individual.dated_episode, individual.status_period, staging.person, ref.setting
-- Source: method, section 3.8. The very day, in calendar months from the start (from the 31st to the last day of a
-- shorter month). The day a person died or moved is the last known one.
-- A domain nobody has a status in is not measured, and has no rows.
WITH measured AS (
    SELECT DISTINCT domain
    FROM individual.status_period
),

ahead AS (
    SELECT
        'start' AS moment,
        0 AS months
    FROM ref.setting
    UNION ALL
    SELECT
        'first' AS moment,
        status_first_months AS months
    FROM ref.setting
    UNION ALL
    SELECT
        'second' AS moment,
        status_second_months AS months
    FROM ref.setting
    UNION ALL
    SELECT
        'third' AS moment,
        status_third_months AS months
    FROM ref.setting
),

aimed AS (
    SELECT
        episode.episode_id,
        episode.person_id,
        episode.left_date,
        episode.reference_date,
        ahead.moment,
        CAST(episode.started_date + ahead.months * INTERVAL 1 MONTH AS DATE) AS target_date
    FROM individual.dated_episode AS episode
    CROSS JOIN ahead
    WHERE episode.started_date IS NOT NULL
)

SELECT
    aimed.episode_id,
    measured.domain,
    aimed.moment,
    aimed.target_date,
    period.status_id,
    period.is_favourable,
    CASE
        WHEN period.status_id IS NOT NULL THEN NULL
        WHEN aimed.left_date < aimed.target_date
            THEN CASE WHEN aimed.left_date = person.death_date THEN 'died' ELSE 'moved' END
        WHEN aimed.reference_date < aimed.target_date THEN 'window_open'
        ELSE 'unknown'
    END AS reason_unknown
FROM aimed
CROSS JOIN measured
INNER JOIN staging.person AS person ON aimed.person_id = person.person_id
LEFT JOIN individual.status_period AS period
    ON
        aimed.person_id = period.person_id
        AND measured.domain = period.domain
        AND aimed.target_date >= period.from_date
        AND aimed.target_date <= period.to_date
