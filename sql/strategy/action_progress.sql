-- The actions of the yearly plans as they stand on the reference date, and whether each was late.
-- Grain: one row per action_id
-- Reads: ref.indicator, ref.run, staging.action
-- Why: late is what was not done on its deadline. A deadline on the reference date itself has not passed, and what is
-- done after the reference date has not happened yet. A dropped action is late for nothing. Done on a day that nobody
-- wrote down may have been late: that is unknown, unless the deadline is still to come. The expected change of a share
-- is delivered in percentage points, as the catalogue's targets are, and is from -1 to 1 here, as shares are measured.
WITH happened AS (
    SELECT
        action.*,
        run.reference_date,
        COALESCE(action.done_date <= run.reference_date, TRUE) AND action.status = 'done' AS is_done,
        action.deadline_date < run.reference_date AS is_past_deadline,
        COALESCE(RIGHT(indicator.formula, 6) = '_share', FALSE) AS is_share
    FROM staging.action AS action
    CROSS JOIN ref.run AS run
    LEFT JOIN ref.indicator AS indicator ON action.indicator_id = indicator.indicator_id
)

SELECT
    action_id,
    plan_year,
    goal_id,
    initiative_id,
    intervention_id,
    indicator_id,
    title_da,
    owner_role,
    deadline_date,
    CASE WHEN is_done THEN done_date END AS done_date,
    -- What is to be done on a day to come is under way.
    CASE WHEN status = 'done' AND NOT is_done THEN 'started' ELSE status END AS status,
    is_done,
    CASE
        WHEN status = 'dropped' THEN FALSE
        WHEN NOT is_past_deadline THEN FALSE
        WHEN NOT is_done THEN TRUE
        ELSE done_date > deadline_date
    END AS is_late,
    CASE WHEN is_done AND is_past_deadline AND done_date IS NULL THEN 'no_done_date' END AS reason_lateness_unknown,
    CASE WHEN is_share THEN expected_change / 100 ELSE expected_change END AS expected_change
FROM happened
