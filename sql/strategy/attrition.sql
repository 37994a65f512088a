-- Counted or what they lack, added up from outcome to intervention, to goal and to the whole strategy.
-- Grain: one row per level, intervention_id, outcome_id, goal_id, reason
-- Reads: individual.attrition, individual.attrition_reason, ref.intervention_outcome
-- `level`: outcome (of one intervention), intervention, goal (every outcome tied to it) or strategy; ALL stands where a
-- level does not divide. Three counts, each adding up over the reasons to its own whole: `outcome_count` is of episodes
-- times outcomes, and the only one that also adds up from level to level; `episode_count` and `person_count` are of
-- each once, with the reason of the one that came furthest, as goals and interventions share persons. Of the counted,
-- `at_ceiling_count` are at ceiling. Every reason has its row, also with nobody: a missing row would tell that it is 0.
WITH place AS (
    SELECT
        'outcome' AS level,
        intervention_id,
        outcome_id,
        goal_id,
        episode_id,
        person_id,
        step,
        is_at_ceiling
    FROM individual.attrition
    UNION ALL
    SELECT
        'intervention' AS level,
        intervention_id,
        'ALL' AS outcome_id,
        'ALL' AS goal_id,
        episode_id,
        person_id,
        step,
        is_at_ceiling
    FROM individual.attrition
    UNION ALL
    SELECT
        'goal' AS level,
        'ALL' AS intervention_id,
        'ALL' AS outcome_id,
        goal_id,
        episode_id,
        person_id,
        step,
        is_at_ceiling
    FROM individual.attrition
    UNION ALL
    SELECT
        'strategy' AS level,
        'ALL' AS intervention_id,
        'ALL' AS outcome_id,
        'ALL' AS goal_id,
        episode_id,
        person_id,
        step,
        is_at_ceiling
    FROM individual.attrition
),

unit AS (
    SELECT
        level,
        intervention_id,
        outcome_id,
        goal_id,
        'outcome' AS counted_unit,
        step,
        is_at_ceiling
    FROM place
    UNION ALL
    SELECT
        level,
        intervention_id,
        outcome_id,
        goal_id,
        'episode' AS counted_unit,
        MAX(step) AS step,
        NULL AS is_at_ceiling
    FROM place
    GROUP BY level, intervention_id, outcome_id, goal_id, episode_id
    UNION ALL
    SELECT
        level,
        intervention_id,
        outcome_id,
        goal_id,
        'person' AS counted_unit,
        MAX(step) AS step,
        NULL AS is_at_ceiling
    FROM place
    GROUP BY level, intervention_id, outcome_id, goal_id, person_id
),

counted AS (
    SELECT
        level,
        intervention_id,
        outcome_id,
        goal_id,
        step,
        COUNT(*) FILTER (WHERE counted_unit = 'outcome') AS outcome_count,
        COUNT(*) FILTER (WHERE counted_unit = 'episode') AS episode_count,
        COUNT(*) FILTER (WHERE counted_unit = 'person') AS person_count,
        COUNT(*) FILTER (WHERE is_at_ceiling) AS at_ceiling_count
    FROM unit
    GROUP BY level, intervention_id, outcome_id, goal_id, step
),

-- What the catalogue declares has its rows, also where nobody was ever referred.
listed_place AS (
    SELECT
        level,
        intervention_id,
        outcome_id,
        goal_id
    FROM counted
    UNION
    SELECT
        'outcome' AS level,
        intervention_id,
        outcome_id,
        goal_id
    FROM ref.intervention_outcome
    UNION
    SELECT
        'intervention' AS level,
        intervention_id,
        'ALL' AS outcome_id,
        'ALL' AS goal_id
    FROM ref.intervention_outcome
    UNION
    SELECT
        'goal' AS level,
        'ALL' AS intervention_id,
        'ALL' AS outcome_id,
        goal_id
    FROM ref.intervention_outcome
)

SELECT
    listed_place.level,
    listed_place.intervention_id,
    listed_place.outcome_id,
    listed_place.goal_id,
    listed.reason,
    listed.published_part,
    COALESCE(counted.outcome_count, 0) AS outcome_count,
    COALESCE(counted.episode_count, 0) AS episode_count,
    COALESCE(counted.person_count, 0) AS person_count,
    COALESCE(counted.at_ceiling_count, 0) AS at_ceiling_count
FROM listed_place
CROSS JOIN individual.attrition_reason AS listed
LEFT JOIN counted
    ON
        listed_place.level = counted.level
        AND listed_place.intervention_id = counted.intervention_id
        AND listed_place.outcome_id = counted.outcome_id
        AND listed_place.goal_id = counted.goal_id
        AND listed.step = counted.step
