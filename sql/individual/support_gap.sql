-- A person's stretches without any support between two episodes.
-- Grain: one row per person_id, from_date
-- Reads: individual.support_period, ref.setting
-- Source: method, section 3.9. Support that follows the next day leaves no gap, and a gap shorter than the parameter
-- `gap_minimum_days` is not counted: hours are granted by the week. Support that never came back has ended: no gap.
WITH following AS (
    SELECT
        person_id,
        from_date AS resumed_date,
        MAX(to_date) OVER (
            PARTITION BY person_id
            ORDER BY from_date, episode_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS stopped_date
    FROM individual.support_period
)

SELECT
    following.person_id,
    following.stopped_date + 1 AS from_date,
    following.resumed_date - 1 AS to_date
FROM following
CROSS JOIN ref.setting AS setting
WHERE DATE_DIFF('day', following.stopped_date, following.resumed_date) > setting.gap_minimum_days
