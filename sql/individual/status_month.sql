-- Which status a person had in a domain in a calendar month, on the month's status day.
-- Grain: one row per person_id, domain, month_date
-- Reads: individual.status_period, individual.status_side, ref.month, ref.setting
-- Source: method, section 3.8. A month without a known status has no row: unknown is never unfavourable.
-- Kept small: persons who have started an episode, the months on either side of their starts that self-reliance counts,
-- and of these only the months of ref.month (the assessment window, and as far back as a start in it looks).
WITH wanted AS (
    SELECT
        person_id,
        MIN(first_month_number) AS first_month_number,
        MAX(last_month_number) AS last_month_number
    FROM individual.status_side
    GROUP BY person_id
)

SELECT
    period.person_id,
    period.domain,
    calendar.month_date,
    calendar.month_date + setting.status_month_day - 1 AS status_date,
    period.status_id,
    period.is_favourable
FROM wanted
INNER JOIN individual.status_period AS period ON wanted.person_id = period.person_id
INNER JOIN ref.month AS calendar
    ON
        calendar.month_number >= period.first_month_number
        AND calendar.month_number <= period.last_month_number
        AND calendar.month_number >= wanted.first_month_number
        AND calendar.month_number <= wanted.last_month_number
CROSS JOIN ref.setting AS setting
