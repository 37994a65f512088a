-- Each person's latest deadline that fell due in the year, and latest step on the way to support that ended in it.
-- Grain: one row per indicator_id, year, person_id
-- Reads: individual.episode_step, individual.dated_episode, ref.indicator, ref.run
-- A deadline is counted in the year it fell due, kept or not: whoever still waits then is late now, and would be
-- missing from the year of the decision. A wait in days is known when it is over, and counted in the year it ended.
WITH step AS (
    SELECT
        indicator.indicator_id,
        indicator.formula,
        episode.person_id,
        step.episode_id,
        step.step,
        step.elapsed_days,
        step.is_after_deadline,
        CASE WHEN indicator.formula = 'timely_share' THEN step.due_date ELSE step.to_date END AS counted_date
    FROM individual.episode_step AS step
    INNER JOIN individual.dated_episode AS episode ON step.episode_id = episode.episode_id
    INNER JOIN ref.indicator AS indicator
        ON
            (
                indicator.formula = 'timely_share'
                AND step.is_after_deadline IS NOT NULL
                AND COALESCE(indicator.deadline_id, step.deadline_id) = step.deadline_id
            )
            OR (
                indicator.formula = 'median_days'
                AND indicator.step = step.step
                AND step.elapsed_days IS NOT NULL
            )
)

SELECT
    step.indicator_id,
    EXTRACT(YEAR FROM step.counted_date) AS year,
    step.person_id,
    CASE WHEN step.formula = 'timely_share' THEN NOT step.is_after_deadline END AS is_in_numerator,
    CASE WHEN step.formula = 'median_days' THEN step.elapsed_days END AS elapsed_days
FROM step
CROSS JOIN ref.run AS run
WHERE step.counted_date >= run.window_start_date AND step.counted_date <= run.window_end_date
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY step.indicator_id, EXTRACT(YEAR FROM step.counted_date), step.person_id
        ORDER BY step.counted_date DESC, step.episode_id, step.step
    ) = 1
