-- Every episode that has started, for every outcome its intervention is judged on, with the
-- outcome's time zero, horizon and the facts that decide whether it can be counted.
-- Grain: one row per episode_id, instrument_id, respondent
-- Reads: individual.dated_episode, staging.person, ref.intervention, ref.intervention_outcome, ref.run
-- Source: method, sections 2 and 4 (assessment window). The index episode is a person's first
-- episode of the intervention in the window: nobody counts twice in one intervention.
WITH started AS (
    SELECT
        episode.episode_id,
        episode.person_id,
        episode.intervention_id,
        episode.started_date,
        episode.ended_date,
        person.moved_date,
        person.death_date,
        episode.reference_date,
        episode.started_date >= run.window_start_date
        AND episode.started_date <= run.window_end_date AS is_in_window
    FROM individual.dated_episode AS episode
    INNER JOIN staging.person AS person ON episode.person_id = person.person_id
    CROSS JOIN ref.run AS run
    WHERE episode.started_date IS NOT NULL
),

numbered AS (
    SELECT
        *,
        is_in_window AND ROW_NUMBER() OVER (
            PARTITION BY person_id, intervention_id, is_in_window
            ORDER BY started_date, episode_id
        ) = 1 AS is_index
    FROM started
)

SELECT
    numbered.*,
    outcome.instrument_id,
    outcome.respondent,
    outcome.outcome_id,
    outcome.goal_id,
    outcome.is_primary,
    intervention.horizon_months
FROM numbered
INNER JOIN ref.intervention AS intervention ON numbered.intervention_id = intervention.intervention_id
INNER JOIN ref.intervention_outcome AS outcome ON numbered.intervention_id = outcome.intervention_id
