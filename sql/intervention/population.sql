-- How many persons an intervention reached in the assessment window, and what they cost.
-- Grain: one row per intervention_id, population
-- Reads: ref.intervention, ref.run, ref.setting, staging.episode
-- Persons, not episodes. The cost is of all their episodes started in the window; it rests on the
-- persons whose episodes all have a known cost, and is NULL when these are too few to show.
WITH person AS (
    SELECT
        episode.intervention_id,
        episode.person_id,
        SUM(episode.cost_oere) AS cost_oere,
        COUNT(*) = COUNT(episode.cost_oere) AS is_cost_known
    FROM staging.episode AS episode
    CROSS JOIN ref.run AS run
    WHERE episode.started_date >= run.window_start_date AND episode.started_date <= run.window_end_date
    GROUP BY episode.intervention_id, episode.person_id
),

counted AS (
    SELECT
        intervention_id,
        COUNT(*) AS person_count,
        COUNT(*) FILTER (WHERE is_cost_known) AS known_count,
        SUM(cost_oere) FILTER (WHERE is_cost_known) AS cost_oere
    FROM person
    GROUP BY intervention_id
)

SELECT
    intervention.intervention_id,
    'window' AS population,
    COALESCE(counted.person_count, 0) AS person_count,
    CASE
        WHEN counted.known_count >= setting.disclosure_minimum
            THEN CAST(counted.cost_oere AS DOUBLE) / counted.known_count / 100
    END AS cost_per_person_dkk
FROM ref.intervention AS intervention
CROSS JOIN ref.setting AS setting
LEFT JOIN counted ON intervention.intervention_id = counted.intervention_id
