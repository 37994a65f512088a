-- What became of each person of an intervention, in the counting of one outcome.
-- Grain: one row per intervention_id, outcome_id, population, reason
-- Reads: ref.intervention_outcome, individual.episode_effect
-- Index episodes, primary follow-up: the reasons of an outcome add up to all its persons. Every
-- reason has its row, also with nobody: a missing row would tell a reader that it is 0.
WITH listed AS (
    SELECT known.reason
    FROM (
        VALUES ('counted'), ('no_baseline'), ('no_follow_up'), ('moved'), ('died'), ('window_open')
    ) AS known (reason)
),

person AS (
    SELECT
        intervention_id,
        outcome_id,
        COALESCE(reason_not_counted, 'counted') AS reason,
        COUNT(*) AS person_count
    FROM individual.episode_effect
    WHERE follow_up_kind = 'primary' AND is_index
    GROUP BY intervention_id, outcome_id, COALESCE(reason_not_counted, 'counted')
)

SELECT
    outcome.intervention_id,
    outcome.outcome_id,
    'window' AS population,
    listed.reason,
    COALESCE(person.person_count, 0) AS person_count
FROM ref.intervention_outcome AS outcome
CROSS JOIN listed
LEFT JOIN person
    ON
        outcome.intervention_id = person.intervention_id
        AND outcome.outcome_id = person.outcome_id
        AND listed.reason = person.reason
