-- Sums over persons of what an intervention cost them and of what it is divided by: persons, completed courses,
-- reliably improved persons.
-- Grain: one row per intervention_id, outcome_id, statistic
-- Reads: individual.dated_episode, individual.episode_effect, staging.episode, ref.intervention,
--        ref.intervention_outcome, ref.price_index, ref.run
-- Source: method, section 5 (descriptions). Persons and their episodes begun in the window, as in
-- intervention.population, in whole kr. and the price year's prices where an index is declared. A person counts where
-- the cost of all of them is known. `asked_count` is everybody the statistic is about, `n` those whose cost is known.
-- Per completed course: the courses ended by agreement and their cost. Per reliably improved: of the persons counted on
-- the outcome, what all of them cost, for each who improved.
WITH course AS (
    SELECT
        episode.intervention_id,
        episode.person_id,
        CAST(ROUND(CAST(episode.cost_oere AS DOUBLE) * COALESCE(price_index.factor, 1) / 100) AS BIGINT) AS cost_dkk,
        dated.ended_date IS NOT NULL AND COALESCE(episode.end_reason = 'completed', FALSE) AS is_completed
    FROM staging.episode AS episode
    INNER JOIN individual.dated_episode AS dated ON episode.episode_id = dated.episode_id
    CROSS JOIN ref.run AS run
    LEFT JOIN ref.price_index AS price_index ON EXTRACT(YEAR FROM episode.started_date) = price_index.year_number
    WHERE episode.started_date >= run.window_start_date AND episode.started_date <= run.window_end_date
),

person AS (
    SELECT
        intervention_id,
        person_id,
        CASE WHEN COUNT(*) = COUNT(cost_dkk) THEN SUM(cost_dkk) END AS cost_dkk,
        COUNT(*) FILTER (WHERE is_completed) AS completed_count,
        CASE
            WHEN COUNT(*) FILTER (WHERE is_completed) = COUNT(cost_dkk) FILTER (WHERE is_completed)
                THEN SUM(cost_dkk) FILTER (WHERE is_completed)
        END AS completed_cost_dkk
    FROM course
    GROUP BY intervention_id, person_id
),

divided AS (
    SELECT
        intervention_id,
        'ALL' AS outcome_id,
        'cost_per_person' AS statistic,
        cost_dkk,
        1 AS unit_count
    FROM person
    UNION ALL
    SELECT
        intervention_id,
        'ALL' AS outcome_id,
        'cost_per_completed_episode' AS statistic,
        completed_cost_dkk AS cost_dkk,
        completed_count AS unit_count
    FROM person
    WHERE completed_count > 0
    UNION ALL
    SELECT
        effect.intervention_id,
        effect.outcome_id,
        'cost_per_reliably_improved' AS statistic,
        person.cost_dkk,
        CASE WHEN effect.is_reliable AND effect.change_hundredths > 0 THEN 1 ELSE 0 END AS unit_count
    FROM individual.episode_effect AS effect
    INNER JOIN person ON effect.intervention_id = person.intervention_id AND effect.person_id = person.person_id
    WHERE
        effect.follow_up_kind = 'primary'
        AND effect.reason_not_counted IS NULL
        AND effect.is_reliable IS NOT NULL
),

summed AS (
    SELECT
        intervention_id,
        outcome_id,
        statistic,
        COUNT(*) AS asked_count,
        COUNT(cost_dkk) AS n,
        SUM(cost_dkk) AS cost,
        SUM(unit_count) FILTER (WHERE cost_dkk IS NOT NULL) AS units,
        SUM(cost_dkk * cost_dkk) AS cost_cost,
        SUM(cost_dkk * unit_count) AS cost_units,
        SUM(unit_count * unit_count) FILTER (WHERE cost_dkk IS NOT NULL) AS units_units
    FROM divided
    GROUP BY intervention_id, outcome_id, statistic
),

wanted AS (
    SELECT
        intervention_id,
        'ALL' AS outcome_id,
        'cost_per_person' AS statistic
    FROM ref.intervention
    UNION ALL
    SELECT
        intervention_id,
        'ALL' AS outcome_id,
        'cost_per_completed_episode' AS statistic
    FROM ref.intervention
    UNION ALL
    SELECT
        intervention_id,
        outcome_id,
        'cost_per_reliably_improved' AS statistic
    FROM ref.intervention_outcome
)

SELECT
    wanted.intervention_id,
    wanted.outcome_id,
    wanted.statistic,
    COALESCE(summed.asked_count, 0) AS asked_count,
    COALESCE(summed.n, 0) AS n,
    CAST(COALESCE(summed.cost, 0) AS DOUBLE) AS cost,
    CAST(COALESCE(summed.units, 0) AS DOUBLE) AS units,
    CAST(COALESCE(summed.cost_cost, 0) AS DOUBLE) AS cost_cost,
    CAST(COALESCE(summed.cost_units, 0) AS DOUBLE) AS cost_units,
    CAST(COALESCE(summed.units_units, 0) AS DOUBLE) AS units_units
FROM wanted
LEFT JOIN summed
    ON
        wanted.intervention_id = summed.intervention_id
        AND wanted.outcome_id = summed.outcome_id
        AND wanted.statistic = summed.statistic
