-- Restricted: each person's employment, education, housing and debt, month by month.
-- Grain: one row per person_id, domain, month_date
-- Reads: individual.status_month
SELECT
    person_id,
    domain,
    month_date,
    status_date,
    status_id,
    is_favourable
FROM individual.status_month
