-- Everybody who started an intervention for the first time, half-year by half-year, in the registers it is to move.
-- Grain: one row per intervention_id, register, person_id, half_year
-- Reads: intervention.start_panel_start, intervention.start_panel_half_year, staging.person, ref.intervention_register,
-- ref.run
-- Source: method, section 4, D4: those who start are compared with those who start later: who never starts is not here.
-- The months are whole numbers, so that sums are exact. A person with an unknown month in any half-year has a reason
-- not to be in the panel at all: nobody comes or goes. Age is what they turn in the window's first year.
WITH person AS (
    SELECT
        start.intervention_id,
        start.person_id,
        start.start_half_year,
        start.wait_days,
        EXTRACT(YEAR FROM run.window_start_date) - EXTRACT(YEAR FROM person.birth_date) AS age_years,
        person.sex = 'female' AS is_female
    FROM intervention.start_panel_start AS start
    INNER JOIN staging.person AS person ON start.person_id = person.person_id
    CROSS JOIN ref.run AS run
)

SELECT
    person.intervention_id,
    declared.register,
    declared.outcome_id,
    person.person_id,
    panel.half_year,
    panel.half_year_date,
    person.start_half_year,
    person.wait_days,
    person.age_years,
    person.is_female,
    panel.month_count,
    panel.known_months,
    panel.favourable_months,
    CASE
        WHEN
            MIN(panel.known_months - panel.month_count) OVER (
                PARTITION BY person.intervention_id, declared.register, person.person_id
            ) < 0
            THEN 'unknown_months'
        WHEN person.age_years IS NULL OR person.is_female IS NULL THEN 'unknown_age_or_sex'
    END AS reason_not_in_panel
FROM person
INNER JOIN ref.intervention_register AS declared ON person.intervention_id = declared.intervention_id
INNER JOIN intervention.start_panel_half_year AS panel
    ON person.person_id = panel.person_id AND declared.register = panel.register
