-- The one status a person had in a domain, in periods that never overlap, and the status days they hold.
-- Grain: one row per person_id, domain, from_date
-- Reads: staging.status_spell, staging.person, ref.status, ref.run, ref.setting
-- Source: method, section 3.8. Where spells overlap, the one that began last is in force, and the earlier again after
-- it if it still runs: so the extract's contract says, and one person never has two statuses on a day. Neighbouring
-- periods may have the same status. Nothing is known after the reference date, nor after the day a person died or
-- moved. A row whose status is of another domain than its own says nothing (the data checks warn of it).
-- A month is known by one day, the parameter `status_month_day`. The 15th: every month has one, and it is far from the
-- turn of the month, where spells begin and end and registers differ by a day. Months are numbered 12 * year + month.
WITH spell AS (
    SELECT
        status_spell.person_id,
        status_spell.domain,
        status_spell.status_id,
        status.is_favourable,
        status_spell.from_date,
        LEAST(status_spell.to_date, person.death_date, person.moved_date, run.reference_date) AS to_date
    FROM staging.status_spell AS status_spell
    INNER JOIN ref.status AS status
        ON status_spell.status_id = status.status_id AND status_spell.domain = status.domain
    INNER JOIN staging.person AS person ON status_spell.person_id = person.person_id
    CROSS JOIN ref.run AS run
),

edge AS (
    SELECT
        person_id,
        domain,
        from_date AS edge_date
    FROM spell
    WHERE from_date <= to_date
    UNION
    SELECT
        person_id,
        domain,
        to_date + 1 AS edge_date
    FROM spell
    WHERE from_date <= to_date
),

stretch AS (
    SELECT
        person_id,
        domain,
        edge_date AS from_date,
        LEAD(edge_date) OVER (PARTITION BY person_id, domain ORDER BY edge_date) - 1 AS to_date
    FROM edge
),

-- A stretch between two edges lies wholly within a spell or wholly outside it; one that lies in none is unknown.
in_force AS (
    SELECT
        stretch.person_id,
        stretch.domain,
        stretch.from_date,
        stretch.to_date,
        ARG_MAX(spell.status_id, spell.from_date) AS status_id,
        ARG_MAX(spell.is_favourable, spell.from_date) AS is_favourable
    FROM stretch
    INNER JOIN spell
        ON
            stretch.person_id = spell.person_id
            AND stretch.domain = spell.domain
            AND stretch.from_date >= spell.from_date
            AND stretch.to_date <= spell.to_date
    GROUP BY stretch.person_id, stretch.domain, stretch.from_date, stretch.to_date
)

SELECT
    in_force.*,
    12 * EXTRACT(YEAR FROM in_force.from_date) + EXTRACT(MONTH FROM in_force.from_date)
    + CASE WHEN EXTRACT(DAY FROM in_force.from_date) > setting.status_month_day THEN 1 ELSE 0 END AS first_month_number,
    12 * EXTRACT(YEAR FROM in_force.to_date) + EXTRACT(MONTH FROM in_force.to_date)
    - CASE WHEN EXTRACT(DAY FROM in_force.to_date) < setting.status_month_day THEN 1 ELSE 0 END AS last_month_number
FROM in_force
CROSS JOIN ref.setting AS setting
