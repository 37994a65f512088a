-- Restricted: how coherent each person's support was in each calendar year.
-- Grain: one row per person_id, support_year
-- Reads: individual.person_year_coherence
SELECT
    person_id,
    support_year,
    year_days,
    episode_count,
    intervention_count,
    most_interventions,
    provider_count,
    most_providers,
    reason_no_providers,
    support_days,
    overlap_days,
    gap_count,
    gap_days,
    contact_count,
    contact_provider_count,
    continuity_index,
    reason_no_continuity_index,
    plan_count,
    reason_no_plan_count
FROM individual.person_year_coherence
