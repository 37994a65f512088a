-- The first time each person started an intervention that has a register outcome, and the half-year it lies in.
-- Grain: one row per intervention_id, person_id
-- Reads: individual.dated_episode, ref.intervention_register, ref.run
-- Source: method, section 4, D4. The first start is absorbing: a later episode of the same intervention is no new one.
-- From the window's first day to the reference date: who had started before the window can be compared with nobody, and
-- who starts after it is still waiting in all of it.
-- Half-years are numbered 2 * year, plus 1 from July. A request after the start tells no wait.
WITH declared AS (
    SELECT DISTINCT intervention_id
    FROM ref.intervention_register
),

first_start AS (
    SELECT
        episode.intervention_id,
        episode.person_id,
        episode.requested_date,
        episode.started_date
    FROM individual.dated_episode AS episode
    INNER JOIN declared ON episode.intervention_id = declared.intervention_id
    WHERE episode.started_date IS NOT NULL
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY episode.intervention_id, episode.person_id
            ORDER BY episode.started_date, episode.requested_date, episode.episode_id
        ) = 1
)

SELECT
    first_start.intervention_id,
    first_start.person_id,
    first_start.started_date,
    2 * EXTRACT(YEAR FROM first_start.started_date)
    + CASE WHEN EXTRACT(MONTH FROM first_start.started_date) > 6 THEN 1 ELSE 0 END AS start_half_year,
    CASE
        WHEN first_start.requested_date <= first_start.started_date
            THEN DATE_DIFF('day', first_start.requested_date, first_start.started_date)
    END AS wait_days
FROM first_start
CROSS JOIN ref.run AS run
WHERE first_start.started_date >= run.window_start_date
