-- How many of the months before and after each start a person had each status, or why it is not known.
-- Grain: one row per episode_id, domain, side, state
-- Reads: individual.status_side, individual.status_period, ref.setting
-- Source: method, section 3.8. `state` is a status, or `unknown`, `died`, `moved`, `window_open`; the month counts of
-- an episode, domain and side always add up to the parameter `status_side_months`, and a state of no months has no row.
-- A domain nobody has a status in is not measured, and has no rows.
WITH measured AS (
    SELECT DISTINCT domain
    FROM individual.status_period
),

known AS (
    SELECT
        side.episode_id,
        period.domain,
        side.side,
        period.status_id AS state,
        period.is_favourable,
        SUM(
            LEAST(period.last_month_number, side.last_month_number)
            - GREATEST(period.first_month_number, side.first_month_number) + 1
        ) AS month_count
    FROM individual.status_side AS side
    INNER JOIN individual.status_period AS period
        ON
            side.person_id = period.person_id
            AND side.first_month_number <= period.last_month_number
            AND side.last_month_number >= period.first_month_number
    WHERE period.first_month_number <= period.last_month_number
    GROUP BY side.episode_id, period.domain, side.side, period.status_id, period.is_favourable
),

known_sum AS (
    SELECT
        episode_id,
        domain,
        side,
        SUM(month_count) AS month_count
    FROM known
    GROUP BY episode_id, domain, side
),

not_known AS (
    SELECT
        side.episode_id,
        measured.domain,
        side.side,
        side.reason_after_known,
        LEAST(GREATEST(side.last_month_number - side.last_known_month_number, 0), setting.status_side_months)
            AS after_known_count,
        setting.status_side_months - COALESCE(known_sum.month_count, 0) AS not_known_count
    FROM individual.status_side AS side
    CROSS JOIN measured
    CROSS JOIN ref.setting AS setting
    LEFT JOIN known_sum
        ON
            side.episode_id = known_sum.episode_id
            AND measured.domain = known_sum.domain
            AND side.side = known_sum.side
)

SELECT
    episode_id,
    domain,
    side,
    state,
    is_favourable,
    CAST(month_count AS BIGINT) AS month_count
FROM known
UNION ALL
SELECT
    episode_id,
    domain,
    side,
    reason_after_known AS state,
    NULL AS is_favourable,
    CAST(after_known_count AS BIGINT) AS month_count
FROM not_known
WHERE after_known_count > 0
UNION ALL
SELECT
    episode_id,
    domain,
    side,
    'unknown' AS state,
    NULL AS is_favourable,
    CAST(not_known_count - after_known_count AS BIGINT) AS month_count
FROM not_known
WHERE not_known_count > after_known_count
