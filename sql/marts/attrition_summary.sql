-- Who is counted, and what the others lack; the rows of an outcome, and of the whole, add up to their persons.
-- Grain: one row per intervention_id, outcome_id, population, reason
-- Reads: strategy.attrition
-- Persons whose support began in the assessment window: per outcome in a few parts, and in the whole strategy (ALL),
-- each once with the outcome that came furthest, by every reason. Goals are not published: they share persons, so
-- that a goal, the others and the whole would together tell of hidden interventions. They are in the mart
-- attrition_count.
WITH person AS (
    SELECT
        intervention_id,
        outcome_id,
        published_part AS reason,
        published_part AS part,
        CAST(SUM(person_count) AS BIGINT) AS person_count
    FROM strategy.attrition
    WHERE level = 'outcome' AND outcome_id <> 'NONE' AND published_part IS NOT NULL
    GROUP BY intervention_id, outcome_id, published_part
    UNION ALL
    SELECT
        intervention_id,
        outcome_id,
        reason,
        published_part AS part,
        person_count
    FROM strategy.attrition
    WHERE level = 'strategy' AND published_part IS NOT NULL
)

SELECT
    intervention_id,
    outcome_id,
    'window' AS population,
    reason,
    part,
    person_count AS numerator,
    CAST(SUM(person_count) OVER (PARTITION BY intervention_id, outcome_id) AS BIGINT) AS n,
    FALSE AS is_suppressed
FROM person
