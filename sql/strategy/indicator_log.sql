-- What was logged by the end of a year or of a target's period: ambassadors, activities, actions. No persons of ours.
-- Grain: one row per indicator_id, from_date, to_date
-- Reads: staging.ambassador, staging.activity, staging.action, ref.indicator, ref.indicator_member, ref.goal_target,
--        ref.year, ref.run
-- A year is counted from the first that the log has, also one in which nothing was logged: a log that was kept and says
-- nothing says 0. Ambassadors are those of the period's last day; activities and actions those within it. Whether an
-- activity had citizens, or both sectors, is not always stated: it is then in no share; organisations are summed where
-- stated, and where no activity states them there is no sum. An action was done in time or
-- not once its deadline has passed; one done on a day that is not told is neither. Without a first date a target counts
-- from the beginning.
WITH period AS (
    SELECT
        indicator.indicator_id,
        calendar.first_date AS from_date,
        LEAST(calendar.last_date, run.reference_date) AS day_date,
        calendar.last_date AS to_date
    FROM ref.indicator AS indicator
    CROSS JOIN ref.year AS calendar
    CROSS JOIN ref.run AS run
    WHERE
        indicator.formula IN ('ambassador_count', 'ambassador_share', 'activity_count', 'activity_share')
        OR indicator.formula IN ('organisation_count', 'action_share')
    UNION
    SELECT
        target.indicator_id,
        target.from_date,
        target.by_date AS day_date,
        target.by_date AS to_date
    FROM ref.goal_target AS target
    CROSS JOIN ref.run AS run
    WHERE target.by_date <= run.reference_date
),

first_logged AS (
    SELECT
        (SELECT MIN(joined_date) FROM staging.ambassador) AS ambassador_date,
        (SELECT MIN(started_date) FROM staging.activity) AS activity_date
),

ambassador AS (
    SELECT
        period.indicator_id,
        period.from_date,
        period.to_date,
        COUNT(ambassador.ambassador_id) AS n,
        CASE
            WHEN indicator.formula = 'ambassador_share'
                THEN COUNT(*) FILTER (WHERE ambassador.kind = indicator.ambassador_kind)
        END AS numerator,
        CAST(NULL AS BIGINT) AS unit_count,
        CAST(NULL AS BIGINT) AS unit_numerator
    FROM period
    CROSS JOIN first_logged
    INNER JOIN ref.indicator AS indicator ON period.indicator_id = indicator.indicator_id
    LEFT JOIN staging.ambassador AS ambassador
        ON
            period.day_date >= ambassador.joined_date
            AND (period.day_date < ambassador.left_date OR ambassador.left_date IS NULL)
    WHERE
        indicator.formula IN ('ambassador_count', 'ambassador_share')
        AND period.to_date >= first_logged.ambassador_date
    GROUP BY period.indicator_id, period.from_date, period.to_date, indicator.formula
),

listed_activity AS (
    SELECT
        indicator.indicator_id,
        indicator.formula,
        activity.started_date,
        activity.organisation_count,
        CASE indicator.activity_with
            WHEN 'citizens' THEN activity.citizen_count > 0
            WHEN 'both_sectors' THEN activity.has_municipality AND activity.has_civil_society
        END AS is_with
    FROM staging.activity AS activity
    CROSS JOIN ref.run AS run
    INNER JOIN ref.indicator AS indicator
        ON indicator.formula IN ('activity_count', 'activity_share', 'organisation_count')
    LEFT JOIN ref.indicator_member AS listed
        ON indicator.indicator_id = listed.indicator_id AND activity.kind = listed.member
    WHERE
        activity.started_date <= run.reference_date
        AND (indicator.list_kind IS NULL OR listed.member IS NOT NULL)
),

activity AS (
    SELECT
        period.indicator_id,
        period.from_date,
        period.to_date,
        CASE indicator.formula
            WHEN 'activity_share' THEN COUNT(activity.is_with)
            WHEN 'organisation_count' THEN COALESCE(SUM(activity.organisation_count), 0)
            ELSE COUNT(activity.indicator_id)
        END AS unit_count,
        CASE
            WHEN indicator.formula = 'activity_share' THEN COUNT(*) FILTER (WHERE activity.is_with)
        END AS unit_numerator
    FROM period
    CROSS JOIN first_logged
    INNER JOIN ref.indicator AS indicator ON period.indicator_id = indicator.indicator_id
    LEFT JOIN listed_activity AS activity
        ON
            period.indicator_id = activity.indicator_id
            AND period.to_date >= activity.started_date
            AND (period.from_date <= activity.started_date OR period.from_date IS NULL)
    WHERE
        indicator.formula IN ('activity_count', 'activity_share', 'organisation_count')
        AND period.to_date >= first_logged.activity_date
    GROUP BY period.indicator_id, period.from_date, period.to_date, indicator.formula
    HAVING
        indicator.formula <> 'organisation_count'
        OR COUNT(activity.indicator_id) = 0
        OR COUNT(activity.organisation_count) > 0
),

action AS (
    SELECT
        period.indicator_id,
        period.from_date,
        period.to_date,
        COUNT(*) AS unit_count,
        COUNT(*) FILTER (
            WHERE action.status = 'done' AND action.done_date <= LEAST(action.deadline_date, run.reference_date)
        ) AS unit_numerator
    FROM period
    CROSS JOIN ref.run AS run
    INNER JOIN ref.indicator AS indicator ON period.indicator_id = indicator.indicator_id
    INNER JOIN staging.action AS action
        ON
            period.to_date >= action.deadline_date
            AND (period.from_date <= action.deadline_date OR period.from_date IS NULL)
    WHERE
        indicator.formula = 'action_share'
        AND action.deadline_date < run.reference_date
        AND (action.status <> 'done' OR action.done_date IS NOT NULL)
    GROUP BY period.indicator_id, period.from_date, period.to_date
)

SELECT
    indicator_id,
    from_date,
    to_date,
    n,
    numerator,
    unit_count,
    unit_numerator
FROM ambassador
UNION ALL
SELECT
    indicator_id,
    from_date,
    to_date,
    0 AS n,
    NULL AS numerator,
    CAST(unit_count AS BIGINT) AS unit_count,
    CAST(unit_numerator AS BIGINT) AS unit_numerator
FROM activity
UNION ALL
SELECT
    indicator_id,
    from_date,
    to_date,
    0 AS n,
    NULL AS numerator,
    unit_count,
    unit_numerator
FROM action
