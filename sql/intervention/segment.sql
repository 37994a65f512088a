-- The groups that an intervention's people are shown in: the whole window, and the parts it is divided into.
-- Grain: one row per episode_id, segmentation
-- Reads: individual.episode_outcome, individual.support_hours, staging.episode, staging.person, ref.age_band
-- Source: method, section 4. Index episodes only, so a row is a person in an intervention. Each segmentation divides
-- all of them: what is not known of a person is a segment of its own, `unknown`. Age in completed years and hours per
-- week are those at the start; `year` is the start's. Hours are in thirds of the intervention's people with known
-- hours; those with equal hours stand together, in the third where the middle one of them would. More hours follow
-- greater need: the thirds describe, and say nothing of what hours do.
WITH index_episode AS (
    SELECT DISTINCT
        episode_id,
        person_id,
        intervention_id,
        started_date
    FROM individual.episode_outcome
    WHERE is_index
),

placed AS (
    SELECT
        intervention_id,
        episode_id,
        2 * RANK() OVER (PARTITION BY intervention_id ORDER BY own_hundredths)
        + COUNT(*) OVER (PARTITION BY intervention_id, own_hundredths) - 2 AS twice_place,
        COUNT(*) OVER (PARTITION BY intervention_id) AS known_count
    FROM (
        SELECT
            index_episode.intervention_id,
            index_episode.episode_id,
            hours.own_hundredths
        FROM index_episode
        INNER JOIN individual.support_hours AS hours ON index_episode.episode_id = hours.episode_id
        WHERE hours.moment = 'start' AND hours.own_hundredths IS NOT NULL
    ) AS known
),

told AS (
    SELECT
        index_episode.episode_id,
        index_episode.person_id,
        index_episode.intervention_id,
        person.sex,
        person.target_group,
        episode.provider_id,
        EXTRACT(YEAR FROM index_episode.started_date) AS start_year,
        EXTRACT(YEAR FROM index_episode.started_date) - EXTRACT(YEAR FROM person.birth_date)
        - CASE
            WHEN
                100 * EXTRACT(MONTH FROM index_episode.started_date) + EXTRACT(DAY FROM index_episode.started_date)
                < 100 * EXTRACT(MONTH FROM person.birth_date) + EXTRACT(DAY FROM person.birth_date)
                THEN 1
            ELSE 0
        END AS age,
        CASE
            WHEN 3 * placed.twice_place < 2 * placed.known_count THEN 'lowest'
            WHEN 3 * placed.twice_place < 4 * placed.known_count THEN 'middle'
            WHEN placed.twice_place IS NOT NULL THEN 'highest'
        END AS hours_third
    FROM index_episode
    INNER JOIN staging.episode AS episode ON index_episode.episode_id = episode.episode_id
    INNER JOIN staging.person AS person ON index_episode.person_id = person.person_id
    LEFT JOIN placed ON index_episode.episode_id = placed.episode_id
),

long AS (
    SELECT
        told.episode_id,
        told.person_id,
        told.intervention_id,
        segmentation.segmentation,
        CASE segmentation.segmentation
            WHEN 'sex' THEN told.sex
            WHEN 'age_band' THEN age_band.age_band_id
            WHEN 'target_group' THEN told.target_group
            WHEN 'year' THEN CAST(told.start_year AS VARCHAR)
            WHEN 'hours' THEN told.hours_third
            WHEN 'provider' THEN told.provider_id
        END AS segment
    FROM told
    LEFT JOIN ref.age_band AS age_band
        ON told.age >= age_band.age_from AND COALESCE(told.age < age_band.age_before, TRUE)
    CROSS JOIN (
        VALUES ('window'), ('sex'), ('age_band'), ('target_group'), ('year'), ('hours'), ('provider')
    ) AS segmentation (segmentation)
)

SELECT
    episode_id,
    person_id,
    intervention_id,
    segmentation,
    CASE
        WHEN segmentation = 'window' THEN 'window'
        ELSE CONCAT(segmentation, ':', COALESCE(segment, 'unknown'))
    END AS population
FROM long
