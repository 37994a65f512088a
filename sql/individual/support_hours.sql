-- Weekly hours of support at an episode's start, at its end, and some months after each.
-- Grain: one row per episode_id, moment
-- Reads: individual.dated_episode, individual.support_period, staging.support_hours, staging.person, ref.setting
-- Source: method, section 3.8. `total` is of all the person's episodes running that day, `own` of this one. The hours
-- of an episode are those last granted on or before the day, else the episode's own. One running episode without known
-- hours makes the total unknown, not smaller; no running episode is 0 hours, and known. The day support ends, and the
-- day a person died or moved, still belong to it. Fewer hours are no success in themselves.
WITH aimed AS (
    SELECT
        episode_id,
        'start' AS moment,
        started_date AS target_date
    FROM individual.dated_episode
    UNION ALL
    SELECT
        episode_id,
        'end' AS moment,
        ended_date AS target_date
    FROM individual.dated_episode
    UNION ALL
    SELECT
        episode.episode_id,
        'after_start' AS moment,
        CAST(episode.started_date + setting.support_hours_months * INTERVAL 1 MONTH AS DATE) AS target_date
    FROM individual.dated_episode AS episode
    CROSS JOIN ref.setting AS setting
    UNION ALL
    SELECT
        episode.episode_id,
        'after_end' AS moment,
        CAST(episode.ended_date + setting.support_hours_months * INTERVAL 1 MONTH AS DATE) AS target_date
    FROM individual.dated_episode AS episode
    CROSS JOIN ref.setting AS setting
),

moment AS (
    SELECT
        episode.person_id,
        episode.episode_id,
        episode.intervention_id,
        episode.started_date,
        aimed.moment,
        aimed.target_date,
        CASE
            WHEN aimed.target_date IS NULL THEN 'not_ended'
            WHEN episode.left_date >= episode.started_date AND episode.left_date < aimed.target_date
                THEN CASE WHEN episode.left_date = person.death_date THEN 'died' ELSE 'moved' END
            WHEN episode.reference_date < aimed.target_date THEN 'window_open'
        END AS reason_unknown
    FROM individual.dated_episode AS episode
    INNER JOIN staging.person AS person ON episode.person_id = person.person_id
    INNER JOIN aimed ON episode.episode_id = aimed.episode_id
    WHERE episode.started_date IS NOT NULL
),

running AS (
    SELECT
        moment.episode_id,
        moment.moment,
        period.episode_id AS running_episode_id,
        COALESCE(
            CAST(ROUND(100 * ARG_MAX(granted.weekly_hours, granted.from_date)) AS BIGINT),
            CAST(ROUND(100 * MAX(period.weekly_hours)) AS BIGINT)
        ) AS hours_hundredths
    FROM moment
    INNER JOIN individual.support_period AS period
        ON
            moment.person_id = period.person_id
            AND moment.target_date >= period.from_date
            AND moment.target_date <= period.to_date
    LEFT JOIN staging.support_hours AS granted
        ON period.episode_id = granted.episode_id AND moment.target_date >= granted.from_date
    WHERE moment.reason_unknown IS NULL
    GROUP BY moment.episode_id, moment.moment, period.episode_id
),

total AS (
    SELECT
        episode_id,
        moment,
        COUNT(*) AS running_count,
        COUNT(hours_hundredths) AS known_count,
        SUM(hours_hundredths) AS total_hundredths,
        COUNT(*) FILTER (WHERE running_episode_id = episode_id) AS own_count,
        MAX(hours_hundredths) FILTER (WHERE running_episode_id = episode_id) AS own_hundredths
    FROM running
    GROUP BY episode_id, moment
),

counted AS (
    SELECT
        moment.*,
        CASE WHEN moment.reason_unknown IS NULL THEN COALESCE(total.running_count, 0) END AS running_episode_count,
        COALESCE(total.running_count > total.known_count, FALSE) AS is_total_unknown,
        COALESCE(total.own_count > 0, FALSE) AND total.own_hundredths IS NULL AS is_own_unknown,
        CAST(COALESCE(total.total_hundredths, 0) AS BIGINT) AS total_hundredths,
        COALESCE(total.own_hundredths, 0) AS own_hundredths
    FROM moment
    LEFT JOIN total ON moment.episode_id = total.episode_id AND moment.moment = total.moment
)

SELECT
    person_id,
    episode_id,
    intervention_id,
    started_date,
    moment,
    target_date,
    running_episode_count,
    CASE WHEN reason_unknown IS NULL AND NOT is_total_unknown THEN total_hundredths END AS total_hundredths,
    COALESCE(reason_unknown, CASE WHEN is_total_unknown THEN 'hours_unknown' END) AS reason_no_total,
    CASE WHEN reason_unknown IS NULL AND NOT is_own_unknown THEN own_hundredths END AS own_hundredths,
    COALESCE(reason_unknown, CASE WHEN is_own_unknown THEN 'hours_unknown' END) AS reason_no_own
FROM counted
