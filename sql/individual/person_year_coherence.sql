-- How coherent a person's support was in a calendar year.
-- Grain: one row per person_id, support_year
-- Reads: individual.support_concurrency, individual.support_gap, staging.contact, staging.plan,
--        staging.delivered_extract
-- Source: method, section 3.9. Only years with support, up to the reference date.
-- `continuity_index`: the probability that two contacts drawn at random are with the same provider,
-- (sum of n_j squared - n) / (n (n - 1)), with n_j the year's contacts with provider j (Bice & Boxerman 1977, Medical
-- Care 15(4), 347-349): 1 when all are with one provider, 0 when no two are. With fewer than two it has no value.
-- A gap over the turn of the year is in both years, with each year's own days; a plan counts in each year it was in
-- force. An extract that was not delivered leaves NULL, never 0.
WITH gap AS (
    SELECT
        concurrency.person_id,
        concurrency.support_year,
        COUNT(*) AS gap_count,
        SUM(
            DATE_DIFF(
                'day',
                GREATEST(support_gap.from_date, concurrency.year_first_date),
                LEAST(support_gap.to_date, concurrency.year_last_date)
            ) + 1
        ) AS gap_days
    FROM individual.support_concurrency AS concurrency
    INNER JOIN individual.support_gap AS support_gap
        ON
            concurrency.person_id = support_gap.person_id
            AND concurrency.year_first_date <= support_gap.to_date
            AND concurrency.year_last_date >= support_gap.from_date
    GROUP BY concurrency.person_id, concurrency.support_year
),

provider_contact AS (
    SELECT
        concurrency.person_id,
        concurrency.support_year,
        contact.provider_id,
        COUNT(*) AS contact_count
    FROM individual.support_concurrency AS concurrency
    INNER JOIN staging.contact AS contact
        ON
            concurrency.person_id = contact.person_id
            AND concurrency.year_first_date <= contact.contact_date
            AND concurrency.year_last_date >= contact.contact_date
    GROUP BY concurrency.person_id, concurrency.support_year, contact.provider_id
),

contact_sum AS (
    SELECT
        person_id,
        support_year,
        COUNT(*) AS provider_count,
        SUM(contact_count) AS n,
        SUM(contact_count * contact_count) AS sum_of_squares
    FROM provider_contact
    GROUP BY person_id, support_year
),

plan_in_force AS (
    SELECT
        concurrency.person_id,
        concurrency.support_year,
        COUNT(*) AS plan_count
    FROM individual.support_concurrency AS concurrency
    INNER JOIN staging.plan AS support_plan
        ON
            concurrency.person_id = support_plan.person_id
            AND concurrency.year_last_date >= support_plan.decided_date
            AND (concurrency.year_first_date <= support_plan.ended_date OR support_plan.ended_date IS NULL)
    GROUP BY concurrency.person_id, concurrency.support_year
),

delivered AS (
    SELECT
        COUNT(*) FILTER (WHERE extract_id = 'contact') > 0 AS has_contacts,
        COUNT(*) FILTER (WHERE extract_id = 'plan') > 0 AS has_plans
    FROM staging.delivered_extract
)

SELECT
    concurrency.person_id,
    concurrency.support_year,
    DATE_DIFF('day', concurrency.year_first_date, concurrency.year_last_date) + 1 AS year_days,
    concurrency.episode_count,
    concurrency.intervention_count,
    concurrency.most_interventions,
    concurrency.provider_count,
    concurrency.most_providers,
    concurrency.reason_no_providers,
    concurrency.support_days,
    concurrency.overlap_days,
    COALESCE(gap.gap_count, 0) AS gap_count,
    CAST(COALESCE(gap.gap_days, 0) AS BIGINT) AS gap_days,
    CASE WHEN delivered.has_contacts THEN CAST(COALESCE(contact_sum.n, 0) AS BIGINT) END AS contact_count,
    CASE WHEN delivered.has_contacts THEN COALESCE(contact_sum.provider_count, 0) END AS contact_provider_count,
    CASE
        WHEN contact_sum.n > 1 THEN (contact_sum.sum_of_squares - contact_sum.n) / (contact_sum.n * (contact_sum.n - 1))
    END AS continuity_index,
    CASE
        WHEN NOT delivered.has_contacts THEN 'no_contact_extract'
        WHEN COALESCE(contact_sum.n, 0) < 2 THEN 'few_contacts'
    END AS reason_no_continuity_index,
    CASE WHEN delivered.has_plans THEN COALESCE(plan_in_force.plan_count, 0) END AS plan_count,
    CASE WHEN NOT delivered.has_plans THEN 'no_plan_extract' END AS reason_no_plan_count
FROM individual.support_concurrency AS concurrency
CROSS JOIN delivered
LEFT JOIN gap ON concurrency.person_id = gap.person_id AND concurrency.support_year = gap.support_year
LEFT JOIN contact_sum
    ON concurrency.person_id = contact_sum.person_id AND concurrency.support_year = contact_sum.support_year
LEFT JOIN plan_in_force
    ON concurrency.person_id = plan_in_force.person_id AND concurrency.support_year = plan_in_force.support_year
