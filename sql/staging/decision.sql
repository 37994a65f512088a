-- What was decided on an earlier year's recommendation about an intervention.
-- Grain: one row per intervention_id, recommendation_year, decided_date
-- Reads: raw.decision
-- Of rows with the same key the last delivered one counts.
SELECT
    decision.intervention_id,
    CAST(decision.recommendation_year AS INTEGER) AS recommendation_year,
    decision.decided,
    decision.decided_date,
    decision.decided_by
FROM raw.decision AS decision
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY decision.intervention_id, decision.recommendation_year, decision.decided_date
        ORDER BY decision.source_file DESC, decision.source_line DESC
    ) = 1
