-- The long result table: every statistic of every outcome, or the reason why there is none.
-- Grain: one row per intervention_id, outcome_id, design, comparator, specification, population, follow_up_kind,
--        statistic
-- Reads: estimate.intervention_effect, ref.estimand, ref.intervention, ref.intervention_outcome,
--        ref.intervention_register
WITH outcome AS (
    SELECT
        intervention_id,
        outcome_id,
        name_da,
        is_primary
    FROM ref.intervention_outcome
    UNION ALL
    SELECT
        intervention_id,
        outcome_id,
        name_da,
        FALSE AS is_primary
    FROM ref.intervention_register
),

sentence AS (
    SELECT
        intervention.intervention_id,
        outcome.outcome_id,
        outcome.is_primary,
        estimand.design,
        estimand.comparator,
        REPLACE(
            REPLACE(
                REPLACE(estimand.sentence_da, '{intervention}', intervention.name_da),
                '{outcome}',
                outcome.name_da
            ),
            '{months}',
            CAST(intervention.horizon_months AS VARCHAR)
        ) AS estimand
    FROM ref.intervention AS intervention
    INNER JOIN outcome ON intervention.intervention_id = outcome.intervention_id
    CROSS JOIN ref.estimand AS estimand
)

SELECT
    effect.intervention_id,
    effect.outcome_id,
    effect.design,
    effect.comparator,
    effect.specification,
    effect.population,
    effect.follow_up_kind,
    effect.statistic,
    effect.estimate,
    effect.lower,
    effect.upper,
    effect.numerator,
    effect.n,
    effect.n_effective,
    effect.diagnostics,
    effect.verdict,
    effect.would_verdict_flip,
    effect.p_adjusted,
    sentence.is_primary,
    UPPER(SUBSTRING(sentence.estimand, 1, 1)) || SUBSTRING(sentence.estimand, 2) AS estimand,
    FALSE AS is_suppressed,
    effect.not_estimable_reason
FROM estimate.intervention_effect AS effect
LEFT JOIN sentence
    ON
        effect.intervention_id = sentence.intervention_id
        AND effect.outcome_id = sentence.outcome_id
        AND effect.design = sentence.design
        AND effect.comparator = sentence.comparator
