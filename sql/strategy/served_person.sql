-- The persons with support in a calendar year, and what they had on their last day of it.
-- Grain: one row per year, person_id
-- Reads: individual.support_year, staging.episode, staging.support_hours, ref.run
-- The years of the assessment window only: before it deliveries are cut off, and a first year would seem small. The
-- last day of support in the year stands for it: all that ran on that day was granted at once. Hours are those last
-- granted on or before the day, else the episode's own; one episode without known hours leaves them unknown.
WITH placed AS (
    SELECT
        support_year.*,
        MAX(support_year.to_date) OVER (PARTITION BY support_year.person_id, support_year.support_year) AS last_date
    FROM individual.support_year AS support_year
    CROSS JOIN ref.run AS run
    WHERE
        support_year.support_year >= EXTRACT(YEAR FROM run.window_start_date)
        AND support_year.support_year <= run.reporting_year
),

running AS (
    SELECT
        placed.support_year AS year,
        placed.person_id,
        placed.episode_id,
        placed.last_date,
        placed.last_date = placed.year_last_date AS is_at_year_end,
        COALESCE(
            CAST(ROUND(100 * ARG_MAX(granted.weekly_hours, granted.from_date)) AS BIGINT),
            CAST(ROUND(100 * MAX(episode.weekly_hours)) AS BIGINT)
        ) AS hours_hundredths
    FROM placed
    INNER JOIN staging.episode AS episode ON placed.episode_id = episode.episode_id
    LEFT JOIN staging.support_hours AS granted
        ON placed.episode_id = granted.episode_id AND placed.last_date >= granted.from_date
    WHERE placed.to_date = placed.last_date
    GROUP BY placed.support_year, placed.person_id, placed.episode_id, placed.last_date, placed.year_last_date
)

SELECT
    year,
    person_id,
    last_date,
    is_at_year_end,
    CASE WHEN COUNT(hours_hundredths) = COUNT(*) THEN CAST(SUM(hours_hundredths) AS BIGINT) END AS hours_hundredths
FROM running
GROUP BY year, person_id, last_date, is_at_year_end
