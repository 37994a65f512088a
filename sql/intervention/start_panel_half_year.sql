-- How many months of each half-year a person's status is known, and how many of these it was what is aimed for.
-- Grain: one row per person_id, register, half_year
-- Reads: intervention.start_panel_start, individual.status_period, ref.intervention_register, ref.month, ref.run
-- Source: method, section 4, D4. The half-years of ref.month to the assessment window's end: the window, and as far
-- back as a start in it looks. A month is known by its status day (see status_period.sql).
-- Months are counted by subtraction from the periods, which never overlap: no row per month.
WITH half_year AS (
    SELECT
        2 * calendar.year_number
        + CASE WHEN calendar.month_number - 12 * calendar.year_number > 6 THEN 1 ELSE 0 END AS half_year,
        MIN(calendar.month_date) AS half_year_date,
        MIN(calendar.month_number) AS first_month_number,
        MAX(calendar.month_number) AS last_month_number
    FROM ref.month AS calendar
    CROSS JOIN ref.run AS run
    WHERE calendar.month_date <= run.window_end_date
    GROUP BY
        2 * calendar.year_number
        + CASE WHEN calendar.month_number - 12 * calendar.year_number > 6 THEN 1 ELSE 0 END
),

wanted AS (
    SELECT DISTINCT
        start.person_id,
        declared.register
    FROM intervention.start_panel_start AS start
    INNER JOIN ref.intervention_register AS declared ON start.intervention_id = declared.intervention_id
),

status AS (
    SELECT
        wanted.person_id,
        wanted.register,
        period.is_favourable,
        period.first_month_number,
        period.last_month_number
    FROM wanted
    INNER JOIN individual.status_period AS period
        ON wanted.person_id = period.person_id AND wanted.register = period.domain
    WHERE period.first_month_number <= period.last_month_number
),

counted AS (
    SELECT
        status.person_id,
        status.register,
        half_year.half_year,
        SUM(
            LEAST(status.last_month_number, half_year.last_month_number)
            - GREATEST(status.first_month_number, half_year.first_month_number) + 1
        ) AS known_months,
        SUM(
            CASE
                WHEN status.is_favourable
                    THEN
                        LEAST(status.last_month_number, half_year.last_month_number)
                        - GREATEST(status.first_month_number, half_year.first_month_number) + 1
                ELSE 0
            END
        ) AS favourable_months
    FROM status
    INNER JOIN half_year
        ON
            status.first_month_number <= half_year.last_month_number
            AND status.last_month_number >= half_year.first_month_number
    GROUP BY status.person_id, status.register, half_year.half_year
)

SELECT
    wanted.person_id,
    wanted.register,
    half_year.half_year,
    half_year.half_year_date,
    half_year.last_month_number - half_year.first_month_number + 1 AS month_count,
    CAST(COALESCE(counted.known_months, 0) AS INTEGER) AS known_months,
    CAST(COALESCE(counted.favourable_months, 0) AS INTEGER) AS favourable_months
FROM wanted
CROSS JOIN half_year
LEFT JOIN counted
    ON
        wanted.person_id = counted.person_id
        AND wanted.register = counted.register
        AND half_year.half_year = counted.half_year
