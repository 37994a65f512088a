-- A plan for a person; one for a transition says which and when.
-- Grain: one row per plan_id
-- Reads: raw.plan, staging.identity
-- Of rows with the same key the last delivered one counts.
SELECT
    identity.person_id,
    plan.plan_id,
    plan.kind,
    plan.transition_kind,
    plan.decided_date,
    plan.planned_date,
    plan.ended_date
FROM raw.plan AS plan
INNER JOIN staging.identity AS identity ON plan.person_id = identity.pseudonym
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY plan.plan_id
        ORDER BY plan.source_file DESC, plan.source_line DESC
    ) = 1
