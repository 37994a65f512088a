-- An action of the yearly plan: for which goal, by when, how it stands and what is expected of it.
-- Grain: one row per action_id
-- Reads: raw.action
-- Of rows with the same key the last delivered one counts. What it refers to may be unknown to the catalogue: the plan
-- is a short list, and such a row is told of and kept. The expected change is in the indicator's own unit and sign.
SELECT
    action.action_id,
    CAST(action.year AS INTEGER) AS plan_year,
    action.goal_id,
    action.initiative_id,
    action.intervention_id,
    action.indicator_id,
    action.title_da,
    action.owner_role,
    action.deadline_date,
    action.status,
    action.done_date,
    action.expected_change
FROM raw.action AS action
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY action.action_id
        ORDER BY action.source_file DESC, action.source_line DESC
    ) = 1
