-- A person's employment, education, housing or debt about the start of support: statuses then and later, and months.
-- Grain: one row per episode_id, domain
-- Reads: individual.self_reliance_month, individual.status_moment, individual.status_side, ref.setting
-- Source: method, section 3.8. `favourable_month_change` is favourable months after minus before, only where every
-- month of both sides is known: it describes a course and is no effect. Months of two episodes of one person may be the
-- same months.
WITH side_sum AS (
    SELECT
        episode_id,
        domain,
        SUM(month_count) FILTER (WHERE side = 'before' AND is_favourable IS NOT NULL) AS known_before,
        SUM(month_count) FILTER (WHERE side = 'before' AND is_favourable) AS favourable_before,
        SUM(month_count) FILTER (WHERE side = 'after' AND is_favourable IS NOT NULL) AS known_after,
        SUM(month_count) FILTER (WHERE side = 'after' AND is_favourable) AS favourable_after,
        MAX(state) FILTER (WHERE state IN ('died', 'moved', 'window_open')) AS reason_after_known
    FROM individual.self_reliance_month
    GROUP BY episode_id, domain
),

-- Favourable months are counted out of the known: out of none there is no count.
months AS (
    SELECT
        episode_id,
        domain,
        reason_after_known,
        CAST(COALESCE(known_before, 0) AS BIGINT) AS known_before,
        CAST(COALESCE(known_after, 0) AS BIGINT) AS known_after,
        CASE WHEN known_before > 0 THEN CAST(COALESCE(favourable_before, 0) AS BIGINT) END AS favourable_before,
        CASE WHEN known_after > 0 THEN CAST(COALESCE(favourable_after, 0) AS BIGINT) END AS favourable_after
    FROM side_sum
),

moments AS (
    SELECT
        episode_id,
        domain,
        MAX(status_id) FILTER (WHERE moment = 'start') AS start_status_id,
        BOOL_OR(is_favourable) FILTER (WHERE moment = 'start') AS is_start_favourable,
        MAX(reason_unknown) FILTER (WHERE moment = 'start') AS reason_no_start_status,
        MAX(status_id) FILTER (WHERE moment = 'first') AS first_status_id,
        BOOL_OR(is_favourable) FILTER (WHERE moment = 'first') AS is_first_favourable,
        MAX(reason_unknown) FILTER (WHERE moment = 'first') AS reason_no_first_status,
        MAX(status_id) FILTER (WHERE moment = 'second') AS second_status_id,
        BOOL_OR(is_favourable) FILTER (WHERE moment = 'second') AS is_second_favourable,
        MAX(reason_unknown) FILTER (WHERE moment = 'second') AS reason_no_second_status,
        MAX(status_id) FILTER (WHERE moment = 'third') AS third_status_id,
        BOOL_OR(is_favourable) FILTER (WHERE moment = 'third') AS is_third_favourable,
        MAX(reason_unknown) FILTER (WHERE moment = 'third') AS reason_no_third_status
    FROM individual.status_moment
    GROUP BY episode_id, domain
)

SELECT
    side.person_id,
    side.episode_id,
    side.intervention_id,
    side.started_date,
    side.is_in_window,
    moments.domain,
    moments.start_status_id,
    moments.is_start_favourable,
    moments.reason_no_start_status,
    moments.first_status_id,
    moments.is_first_favourable,
    moments.reason_no_first_status,
    moments.second_status_id,
    moments.is_second_favourable,
    moments.reason_no_second_status,
    moments.third_status_id,
    moments.is_third_favourable,
    moments.reason_no_third_status,
    months.known_before AS before_known_months,
    months.favourable_before AS before_favourable_months,
    months.known_after AS after_known_months,
    months.favourable_after AS after_favourable_months,
    CASE
        WHEN LEAST(months.known_before, months.known_after) = setting.status_side_months
            THEN months.favourable_after - months.favourable_before
    END AS favourable_month_change,
    CASE
        WHEN LEAST(months.known_before, months.known_after) = setting.status_side_months THEN NULL
        ELSE COALESCE(months.reason_after_known, 'unknown')
    END AS reason_no_change
FROM individual.status_side AS side
CROSS JOIN ref.setting AS setting
INNER JOIN moments ON side.episode_id = moments.episode_id
INNER JOIN months ON side.episode_id = months.episode_id AND moments.domain = months.domain
WHERE side.side = 'before'
