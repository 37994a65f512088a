-- What was recommended of each intervention year after year, what was decided on it, and what was found afterwards.
-- Grain: one row per intervention_id, year
-- Reads: estimate.recommendation, ref.remembered_recommendation, ref.remembered_year, ref.run, staging.decision
-- Source: method, section 6. Earlier years are as they were published then: a year's numbers are those of its own
-- catalogue, and `method_changed` says what this year's does otherwise. A decision on a year that is not remembered
-- stands alone. Of several decisions on one recommendation the latest counts that had been made at the time.
WITH line AS (
    SELECT
        remembered.intervention_id,
        remembered.year,
        remembered.outcome_id,
        remembered.design,
        remembered.comparator,
        remembered.recommendation,
        remembered.rule_id,
        remembered.evidence_level,
        remembered.n,
        remembered.estimate_sd,
        remembered.lower,
        remembered.upper,
        remembered_year.catalogue_sha256,
        remembered.method_changed,
        FALSE AS is_this_year,
        remembered.is_suppressed
    FROM ref.remembered_recommendation AS remembered
    INNER JOIN ref.remembered_year AS remembered_year ON remembered.year = remembered_year.year
    UNION ALL
    SELECT
        recommendation.intervention_id,
        run.reporting_year AS year,
        recommendation.outcome_id,
        recommendation.design,
        recommendation.comparator,
        recommendation.recommendation,
        recommendation.rule_id,
        recommendation.evidence_level,
        recommendation.n,
        recommendation.estimate_sd,
        recommendation.lower,
        recommendation.upper,
        NULL AS catalogue_sha256,
        NULL AS method_changed,
        TRUE AS is_this_year,
        FALSE AS is_suppressed
    FROM estimate.recommendation AS recommendation
    CROSS JOIN ref.run AS run
),

decision AS (
    SELECT
        decision.intervention_id,
        decision.recommendation_year AS year,
        decision.decided,
        decision.decided_date,
        decision.decided_by
    FROM staging.decision AS decision
    CROSS JOIN ref.run AS run
    WHERE decision.decided_date <= run.reference_date AND decision.recommendation_year <= run.reporting_year
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY decision.intervention_id, decision.recommendation_year
            ORDER BY decision.decided_date DESC
        ) = 1
),

about AS (
    SELECT
        intervention_id,
        year
    FROM line
    UNION
    SELECT
        intervention_id,
        year
    FROM decision
)

SELECT
    about.intervention_id,
    about.year,
    line.outcome_id,
    line.design,
    line.comparator,
    line.recommendation,
    line.rule_id,
    line.evidence_level,
    CASE WHEN NOT COALESCE(line.is_suppressed, FALSE) THEN COALESCE(line.n, 0) END AS n,
    line.estimate_sd,
    line.lower,
    line.upper,
    decision.decided,
    decision.decided_date,
    decision.decided_by,
    line.catalogue_sha256,
    line.method_changed,
    COALESCE(line.is_this_year, FALSE) AS is_this_year,
    COALESCE(line.is_suppressed, FALSE) AS is_suppressed
FROM about
LEFT JOIN line ON about.intervention_id = line.intervention_id AND about.year = line.year
LEFT JOIN decision ON about.intervention_id = decision.intervention_id AND about.year = decision.year
