-- Persons reached and cost per person.
-- Grain: one row per intervention_id, population
-- Reads: intervention.population
SELECT
    intervention_id,
    population,
    person_count AS n,
    cost_per_person_dkk,
    FALSE AS is_suppressed
FROM intervention.population
