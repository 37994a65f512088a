-- The persons whose support meets their 18th birthday, and the days around it on which it ended and began.
-- Grain: one row per person_id
-- Reads: individual.transition_age, individual.dated_episode, ref.setting
-- Source: method, section 3.9; Barnets lov §§ 122 and 123. From the 16th birthday on, so that the 18th is seen while
-- there is time. Counted are persons with support that ran or was decided within the parameters' days of the birthday
-- (while it lies further ahead: that has not ended). Who had died or moved by the birthday is not.
-- The gap runs from the end of what had begun before the birthday to the first start on it or after. Support that ran
-- on beyond the days after leaves none; a gap that was over before the birthday is another matter.
WITH met AS (
    SELECT
        age.person_id,
        age.preparation_date,
        age.adult_date,
        episode.started_date,
        episode.ended_date,
        episode.left_date,
        episode.reference_date,
        age.adult_date + setting.adult_days_after AS last_date,
        episode.started_date < age.adult_date
        AND (episode.ended_date IS NULL OR episode.ended_date >= age.adult_date - setting.adult_days_before)
            AS is_before,
        COALESCE(episode.started_date, episode.decided_date) <= age.adult_date + setting.adult_days_after
        AND (
            episode.ended_date IS NULL
            OR episode.ended_date >= LEAST(age.adult_date - setting.adult_days_before, episode.reference_date + 1)
        ) AS is_near
    FROM individual.transition_age AS age
    CROSS JOIN ref.setting AS setting
    INNER JOIN individual.dated_episode AS episode ON age.person_id = episode.person_id
    WHERE
        age.preparation_date <= episode.reference_date
        AND (episode.left_date IS NULL OR episode.left_date > age.adult_date)
)

SELECT
    person_id,
    preparation_date,
    adult_date,
    left_date,
    reference_date,
    COUNT(*) FILTER (WHERE is_before) > 0 AS has_support_before,
    COUNT(*) FILTER (WHERE is_before AND (ended_date IS NULL OR ended_date > last_date)) > 0 AS has_support_through,
    MAX(ended_date) FILTER (WHERE is_before) AS last_ended_date,
    MIN(started_date) FILTER (WHERE started_date >= adult_date) AS next_started_date
FROM met
GROUP BY person_id, preparation_date, adult_date, left_date, reference_date
HAVING COUNT(*) FILTER (WHERE is_near) > 0
