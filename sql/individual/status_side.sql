-- The status days before and after each start: which months they lie in, and how many have passed.
-- Grain: one row per episode_id, side
-- Reads: individual.dated_episode, staging.person, ref.run, ref.setting
-- Source: method, section 3.8: months in each of the 24 before and the 24 after (`status_side_months`). The start's own
-- day belongs to `before`: support that begins on a status day has not changed the status of that day.
-- Months are numbered 12 * year + month (see status_period.sql). `last_known_month_number`: the last month whose status
-- day was not after the reference date, nor after the person died or moved.
WITH started AS (
    SELECT
        episode.episode_id,
        episode.person_id,
        episode.intervention_id,
        episode.started_date,
        episode.started_date >= run.window_start_date
        AND episode.started_date <= run.window_end_date AS is_in_window,
        episode.left_date,
        CASE
            WHEN episode.left_date = person.death_date THEN 'died'
            WHEN episode.left_date IS NOT NULL THEN 'moved'
            ELSE 'window_open'
        END AS reason_after_known,
        LEAST(episode.left_date, episode.reference_date) AS known_to_date,
        setting.status_side_months,
        setting.status_month_day,
        12 * EXTRACT(YEAR FROM episode.started_date) + EXTRACT(MONTH FROM episode.started_date)
        - CASE WHEN EXTRACT(DAY FROM episode.started_date) < setting.status_month_day THEN 1 ELSE 0 END
            AS start_month_number
    FROM individual.dated_episode AS episode
    INNER JOIN staging.person AS person ON episode.person_id = person.person_id
    CROSS JOIN ref.run AS run
    CROSS JOIN ref.setting AS setting
    WHERE episode.started_date IS NOT NULL
),

dated AS (
    SELECT
        *,
        12 * EXTRACT(YEAR FROM known_to_date) + EXTRACT(MONTH FROM known_to_date)
        - CASE WHEN EXTRACT(DAY FROM known_to_date) < status_month_day THEN 1 ELSE 0 END AS last_known_month_number
    FROM started
)

SELECT
    episode_id,
    person_id,
    intervention_id,
    started_date,
    is_in_window,
    'before' AS side,
    start_month_number - status_side_months + 1 AS first_month_number,
    start_month_number AS last_month_number,
    last_known_month_number,
    reason_after_known
FROM dated
UNION ALL
SELECT
    episode_id,
    person_id,
    intervention_id,
    started_date,
    is_in_window,
    'after' AS side,
    start_month_number + 1 AS first_month_number,
    start_month_number + status_side_months AS last_month_number,
    last_known_month_number,
    reason_after_known
FROM dated
