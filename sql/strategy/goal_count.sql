-- Of the persons measured on a goal, how many are reliably better.
-- Grain: one row per goal_id, indicator_id, population
-- Reads: individual.episode_effect, staging.episode, ref.run
-- Each person counts once per goal, with the latest started counted pair (the intervention's
-- primary outcome first), so that many outcomes do not give many chances. The row for the goal
-- `ALL` counts everybody who began a course of support in the window.
-- It counts reliable improvement, not success by type of goal (method, section 3.7), and its label says so. The types
-- are not equally hard, so a share over all of them would rise by calling goals "maintain", for a whole strategy and
-- with nobody near enough to see it; beside the interventions' shares it would tell which few goals are of another
-- type; and a promise made in one measure is kept in it. Success stands at each intervention, where the mix is known.
WITH pair AS (
    SELECT
        goal_id,
        person_id,
        is_reliable AND change_hundredths > 0 AS is_reliably_improved
    FROM individual.episode_effect
    WHERE follow_up_kind = 'primary' AND reason_not_counted IS NULL AND is_reliable IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (
        PARTITION BY goal_id, person_id
        ORDER BY started_date DESC, is_primary DESC, episode_id, outcome_id
    ) = 1
),

improved AS (
    SELECT
        goal_id,
        'reliably_improved_share' AS indicator_id,
        'window' AS population,
        COUNT(*) FILTER (WHERE is_reliably_improved) AS numerator,
        COUNT(*) AS n
    FROM pair
    GROUP BY goal_id
),

supported AS (
    SELECT
        'ALL' AS goal_id,
        'people_supported' AS indicator_id,
        'window' AS population,
        CAST(NULL AS BIGINT) AS numerator,
        COUNT(DISTINCT episode.person_id) AS n
    FROM staging.episode AS episode
    CROSS JOIN ref.run AS run
    WHERE episode.started_date >= run.window_start_date AND episode.started_date <= run.window_end_date
)

SELECT * FROM improved
UNION ALL
SELECT * FROM supported
