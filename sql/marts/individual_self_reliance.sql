-- Restricted: each person's employment, education, housing and debt about the start of support.
-- Grain: one row per episode_id, domain
-- Reads: individual.self_reliance
SELECT
    person_id,
    episode_id,
    intervention_id,
    domain,
    started_date,
    is_in_window,
    start_status_id,
    is_start_favourable,
    reason_no_start_status,
    first_status_id,
    is_first_favourable,
    reason_no_first_status,
    second_status_id,
    is_second_favourable,
    reason_no_second_status,
    third_status_id,
    is_third_favourable,
    reason_no_third_status,
    before_known_months,
    before_favourable_months,
    after_known_months,
    after_favourable_months,
    favourable_month_change,
    reason_no_change
FROM individual.self_reliance
