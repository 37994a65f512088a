-- How far the counted persons' follow-ups lay from their usual course, by provider, for the primary outcome.
-- Grain: one row per intervention_id, outcome_id, population
-- Reads: individual.episode_effect, individual.expected_change, intervention.segment
-- Source: method, section 4 (funnel). Observed less the usual course (E1: all other interventions, from the person's
-- own baseline) is the outcome adjusted for case mix. Every counted pair is in one row; `expected_count` are those for
-- whom a usual course is known, and the sums are of them, in hundredths and whole numbers: exact.
SELECT
    effect.intervention_id,
    effect.outcome_id,
    segment.population,
    COUNT(*) AS n,
    COUNT(expected.versus_usual_course) AS expected_count,
    CAST(SUM(CAST(ROUND(100 * expected.versus_usual_course) AS BIGINT)) AS BIGINT) AS versus_hundredths,
    CAST(
        SUM(
            CAST(ROUND(100 * expected.versus_usual_course) AS BIGINT)
            * CAST(ROUND(100 * expected.versus_usual_course) AS BIGINT)
        ) AS BIGINT
    ) AS versus_squared
FROM individual.episode_effect AS effect
INNER JOIN intervention.segment AS segment ON effect.episode_id = segment.episode_id
LEFT JOIN individual.expected_change AS expected
    ON
        effect.episode_id = expected.episode_id
        AND effect.instrument_id = expected.instrument_id
        AND effect.respondent = expected.respondent
        AND effect.follow_up_kind = expected.follow_up_kind
WHERE
    effect.follow_up_kind = 'primary'
    AND effect.is_primary
    AND effect.reason_not_counted IS NULL
    AND segment.segmentation = 'provider'
GROUP BY effect.intervention_id, effect.outcome_id, segment.population
