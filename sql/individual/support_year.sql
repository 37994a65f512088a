-- The days on which each started episode runs, cut up by calendar year.
-- Grain: one row per episode_id, support_year
-- Reads: individual.support_period, ref.month, ref.run
-- The years of ref.month; the last ends with the reference date.
WITH calendar AS (
    SELECT
        month.year_number AS support_year,
        MIN(month.month_date) AS first_date,
        LEAST(CAST(MAX(month.month_date) + INTERVAL 1 MONTH AS DATE) - 1, MAX(run.reference_date)) AS last_date
    FROM ref.month AS month
    CROSS JOIN ref.run AS run
    GROUP BY month.year_number
)

SELECT
    period.person_id,
    calendar.support_year,
    calendar.first_date AS year_first_date,
    calendar.last_date AS year_last_date,
    period.episode_id,
    period.intervention_id,
    period.provider_id,
    GREATEST(period.from_date, calendar.first_date) AS from_date,
    LEAST(period.to_date, calendar.last_date) AS to_date
FROM individual.support_period AS period
INNER JOIN calendar ON period.from_date <= calendar.last_date AND period.to_date >= calendar.first_date
