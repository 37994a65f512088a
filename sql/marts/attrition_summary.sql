-- Who is counted, and what the others lack; an outcome's rows add up to its persons.
-- Grain: one row per intervention_id, outcome_id, population, reason
-- Reads: intervention.attrition
SELECT
    intervention_id,
    outcome_id,
    population,
    reason,
    person_count AS numerator,
    CAST(SUM(person_count) OVER (PARTITION BY intervention_id, outcome_id, population) AS BIGINT) AS n,
    FALSE AS is_suppressed
FROM intervention.attrition
