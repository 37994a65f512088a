-- The other intervention that most of an intervention's counted people were getting when they began.
-- Grain: one row per intervention_id, outcome_id
-- Reads: ref.intervention_outcome, individual.episode_effect, individual.support_period
-- Source: method, section 4 (concurrent support). Primary pairs of index episodes, so a pair is a person. Concurrent is
-- what ran on the day the support began, that day included. Of two that as many were getting, the first by its name.
WITH counted AS (
    SELECT
        person_id,
        episode_id,
        intervention_id,
        outcome_id,
        started_date
    FROM individual.episode_effect
    WHERE follow_up_kind = 'primary' AND reason_not_counted IS NULL
),

other AS (
    SELECT
        counted.intervention_id,
        counted.outcome_id,
        period.intervention_id AS with_intervention_id,
        COUNT(DISTINCT counted.person_id) AS with_count
    FROM counted
    INNER JOIN individual.support_period AS period
        ON
            counted.person_id = period.person_id
            AND counted.intervention_id <> period.intervention_id
            AND counted.started_date >= period.from_date
            AND counted.started_date <= period.to_date
    GROUP BY counted.intervention_id, counted.outcome_id, period.intervention_id
),

most AS (
    SELECT *
    FROM other
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY intervention_id, outcome_id ORDER BY with_count DESC, with_intervention_id
        ) = 1
),

everybody AS (
    SELECT
        intervention_id,
        outcome_id,
        COUNT(*) AS n
    FROM counted
    GROUP BY intervention_id, outcome_id
)

SELECT
    outcome.intervention_id,
    outcome.outcome_id,
    'window' AS population,
    most.with_intervention_id,
    COALESCE(most.with_count, 0) AS numerator,
    COALESCE(everybody.n, 0) AS n
FROM ref.intervention_outcome AS outcome
LEFT JOIN everybody
    ON outcome.intervention_id = everybody.intervention_id AND outcome.outcome_id = everybody.outcome_id
LEFT JOIN most ON outcome.intervention_id = most.intervention_id AND outcome.outcome_id = most.outcome_id
