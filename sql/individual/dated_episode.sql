-- An episode as it was known on the reference date: a date after it has not happened yet.
-- Grain: one row per episode_id
-- Reads: staging.episode, staging.person, ref.intervention, ref.run
-- `left_date`: died or moved away, whichever was first. Who moved before the episode's first date has come back: that
-- move says nothing of it.
SELECT
    episode.episode_id,
    episode.person_id,
    episode.intervention_id,
    episode.provider_id,
    intervention.support_level,
    episode.end_reason,
    run.reference_date,
    CASE WHEN episode.requested_date <= run.reference_date THEN episode.requested_date END AS requested_date,
    CASE WHEN episode.decided_date <= run.reference_date THEN episode.decided_date END AS decided_date,
    CASE WHEN episode.started_date <= run.reference_date THEN episode.started_date END AS started_date,
    CASE WHEN episode.ended_date <= run.reference_date THEN episode.ended_date END AS ended_date,
    LEAST(
        CASE WHEN person.death_date <= run.reference_date THEN person.death_date END,
        CASE
            WHEN
                person.moved_date <= run.reference_date
                AND person.moved_date >= LEAST(episode.requested_date, episode.decided_date, episode.started_date)
                THEN person.moved_date
        END
    ) AS left_date
FROM staging.episode AS episode
INNER JOIN staging.person AS person ON episode.person_id = person.person_id
LEFT JOIN ref.intervention AS intervention ON episode.intervention_id = intervention.intervention_id
CROSS JOIN ref.run AS run
