-- Who got an intervention and was followed up after the latest earlier year's run: not in that year's estimate.
-- Grain: one row per intervention_id, outcome_id, comparator, person_id
-- Reads: intervention.comparison_person, intervention.waiting_person, ref.intervention, ref.intervention_outcome,
--        ref.remembered_year, ref.setting
-- Source: method, section 6: the second year must add new persons whose own estimate has the same sign. A year's
-- estimate takes only windows that had closed by its reference date (comparison_score.sql, waiting_person.sql): who was
-- decided on in that year, and followed up in the next, is new. Only the primary outcome, and only those followed up.
WITH treated AS (
    SELECT
        person.intervention_id,
        person.outcome_id,
        person.comparator,
        person.person_id,
        CAST(person.time_zero_date + intervention.horizon_months * INTERVAL 1 MONTH AS DATE) AS target_date
    FROM intervention.comparison_person AS person
    INNER JOIN ref.intervention AS intervention ON person.intervention_id = intervention.intervention_id
    WHERE person.is_treated AND person.follow_up_hundredths IS NOT NULL
    UNION ALL
    SELECT
        person.intervention_id,
        person.outcome_id,
        'waiting' AS comparator,
        person.person_id,
        person.time_zero_date + 7 * setting.waiting_horizon_weeks AS target_date
    FROM intervention.waiting_person AS person
    CROSS JOIN ref.setting AS setting
    WHERE person.is_early AND person.follow_up_hundredths IS NOT NULL
)

SELECT
    treated.intervention_id,
    treated.outcome_id,
    treated.comparator,
    treated.person_id
FROM treated
CROSS JOIN ref.setting AS setting
INNER JOIN ref.intervention_outcome AS outcome
    ON treated.intervention_id = outcome.intervention_id AND treated.outcome_id = outcome.outcome_id
INNER JOIN ref.remembered_year AS previous
    ON treated.target_date + setting.follow_up_tolerance_days > previous.reference_date
WHERE outcome.is_primary AND previous.is_previous
