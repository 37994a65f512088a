-- How much support a person had at once in a year, to the day.
-- Grain: one row per person_id, support_year
-- Reads: individual.support_year
-- Source: method, section 3.9. Between two edges (a first day, or the day after a last) nothing changes: each stretch
-- is counted once and weighs its days. Two episodes of one intervention are one intervention; so with providers. An
-- episode without a provider leaves the number of providers unknown.
WITH edge AS (
    SELECT
        person_id,
        support_year,
        from_date AS edge_date
    FROM individual.support_year
    UNION
    SELECT
        person_id,
        support_year,
        to_date + 1 AS edge_date
    FROM individual.support_year
),

stretch AS (
    SELECT
        person_id,
        support_year,
        edge_date AS from_date,
        LEAD(edge_date) OVER (PARTITION BY person_id, support_year ORDER BY edge_date) - 1 AS to_date
    FROM edge
),

-- A stretch lies wholly within an episode or wholly outside it; one without any has no row.
concurrent AS (
    SELECT
        stretch.person_id,
        stretch.support_year,
        DATE_DIFF('day', stretch.from_date, stretch.to_date) + 1 AS day_count,
        COUNT(DISTINCT running.intervention_id) AS intervention_count,
        COUNT(DISTINCT running.provider_id) AS provider_count
    FROM stretch
    INNER JOIN individual.support_year AS running
        ON
            stretch.person_id = running.person_id
            AND stretch.support_year = running.support_year
            AND stretch.from_date >= running.from_date
            AND stretch.to_date <= running.to_date
    GROUP BY stretch.person_id, stretch.support_year, stretch.from_date, stretch.to_date
),

day_sum AS (
    SELECT
        person_id,
        support_year,
        MAX(intervention_count) AS most_interventions,
        MAX(provider_count) AS most_providers,
        SUM(day_count) AS support_days,
        SUM(day_count) FILTER (WHERE intervention_count > 1) AS overlap_days
    FROM concurrent
    GROUP BY person_id, support_year
),

named AS (
    SELECT
        person_id,
        support_year,
        year_first_date,
        year_last_date,
        COUNT(*) AS episode_count,
        COUNT(DISTINCT intervention_id) AS intervention_count,
        COUNT(DISTINCT provider_id) AS provider_count,
        COUNT(*) > COUNT(provider_id) AS is_provider_unknown
    FROM individual.support_year
    GROUP BY person_id, support_year, year_first_date, year_last_date
)

SELECT
    named.person_id,
    named.support_year,
    named.year_first_date,
    named.year_last_date,
    named.episode_count,
    named.intervention_count,
    day_sum.most_interventions,
    CASE WHEN NOT named.is_provider_unknown THEN named.provider_count END AS provider_count,
    CASE WHEN NOT named.is_provider_unknown THEN day_sum.most_providers END AS most_providers,
    CASE WHEN named.is_provider_unknown THEN 'provider_unknown' END AS reason_no_providers,
    CAST(day_sum.support_days AS BIGINT) AS support_days,
    CAST(COALESCE(day_sum.overlap_days, 0) AS BIGINT) AS overlap_days
FROM named
INNER JOIN day_sum ON named.person_id = day_sum.person_id AND named.support_year = day_sum.support_year
