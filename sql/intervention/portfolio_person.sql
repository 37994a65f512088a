-- The months in which a person's place in a register may be an intervention's doing, and how much of each is its own.
-- Grain: one row per intervention_id, outcome_id, person_id
-- Reads: intervention.start_panel_start, individual.status_month, ref.consequence, ref.intervention,
--        ref.intervention_register, ref.month
-- Source: method, section 5: one job is counted once. The months are those from the first start's own until the horizon
-- whose status is known. A month that lies so after the start of several interventions that are to move the same
-- register is shared evenly between them: `unique_months` add up to the months there are. Only outcomes whose worth is
-- declared. A month whose status is not known is nobody's: the total is then too low, not too high.
WITH wanted AS (
    SELECT DISTINCT
        declared.intervention_id,
        declared.register,
        declared.outcome_id
    FROM ref.intervention_register AS declared
    INNER JOIN ref.consequence AS consequence
        ON declared.intervention_id = consequence.intervention_id AND declared.outcome_id = consequence.outcome_id
),

followed AS (
    SELECT
        wanted.intervention_id,
        wanted.outcome_id,
        person_start.person_id,
        status_month.month_date
    FROM wanted
    INNER JOIN ref.intervention AS intervention ON wanted.intervention_id = intervention.intervention_id
    INNER JOIN intervention.start_panel_start AS person_start
        ON wanted.intervention_id = person_start.intervention_id
    INNER JOIN ref.month AS calendar
        ON
            12 * EXTRACT(YEAR FROM person_start.started_date)
            + EXTRACT(MONTH FROM person_start.started_date) <= calendar.month_number
            AND 12 * EXTRACT(YEAR FROM person_start.started_date)
            + EXTRACT(MONTH FROM person_start.started_date)
            + intervention.horizon_months > calendar.month_number
    INNER JOIN individual.status_month AS status_month
        ON
            person_start.person_id = status_month.person_id
            AND wanted.register = status_month.domain
            AND calendar.month_date = status_month.month_date
),

shared AS (
    SELECT
        *,
        COUNT(*) OVER (PARTITION BY outcome_id, person_id, month_date) AS sharing_count
    FROM followed
)

SELECT
    intervention_id,
    outcome_id,
    person_id,
    COUNT(*) AS month_count,
    SUM(CAST(1 AS DOUBLE) / sharing_count) AS unique_months
FROM shared
GROUP BY intervention_id, outcome_id, person_id
