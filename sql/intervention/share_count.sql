-- The numerators and denominators of every share reported about an intervention's outcome.
-- Grain: one row per intervention_id, outcome_id, population, statistic
-- Reads: ref.intervention_outcome, individual.episode_effect, individual.goal_judgement, individual.measurement_error,
--        intervention.segment
-- Source: method, sections 2 (coverage), 3.3 (categories), 3.4 (noticeable), 3.7 (success by type of goal). Every
-- declared outcome has its rows, also where nobody was measured. `lacks` names the catalogue entry without which a
-- share has no meaning; its counts are then NULL, not 0.
-- Success has a share only where everybody counted could be judged: those who could not are the ones whose loss nobody
-- foresaw, and a share of the others would not stand beside the categories, which are of all.
-- A segment has the three shares that add up, and a year also its coverage.
WITH person AS (
    SELECT
        effect.intervention_id,
        effect.outcome_id,
        segment.population,
        effect.category,
        effect.is_noticeable,
        effect.is_at_ceiling,
        judgement.goal_type,
        judgement.is_success,
        effect.reason_not_counted IS NULL AS is_counted,
        effect.is_eligible
    FROM individual.episode_effect AS effect
    INNER JOIN intervention.segment AS segment ON effect.episode_id = segment.episode_id
    LEFT JOIN individual.goal_judgement AS judgement
        ON
            effect.episode_id = judgement.episode_id
            AND effect.instrument_id = judgement.instrument_id
            AND effect.respondent = judgement.respondent
            AND effect.follow_up_kind = judgement.follow_up_kind
    WHERE effect.follow_up_kind = 'primary'
),

counted AS (
    SELECT
        intervention_id,
        outcome_id,
        population,
        COUNT(*) FILTER (WHERE is_eligible) AS eligible,
        COUNT(*) FILTER (WHERE is_counted) AS pairs,
        COUNT(*) FILTER (WHERE is_counted AND category = 'recovered') AS recovered,
        COUNT(*) FILTER (WHERE is_counted AND category = 'improved') AS improved,
        COUNT(*) FILTER (WHERE is_counted AND category = 'unchanged') AS unchanged,
        COUNT(*) FILTER (WHERE is_counted AND category = 'deteriorated') AS deteriorated,
        COUNT(*) FILTER (WHERE is_counted AND is_noticeable) AS noticeable,
        COUNT(*) FILTER (WHERE is_counted AND is_at_ceiling) AS at_ceiling,
        COUNT(*) FILTER (WHERE is_counted AND is_success) AS successful,
        COUNT(*) FILTER (WHERE is_counted AND is_success IS NULL) AS unjudged,
        COUNT(*) FILTER (WHERE is_counted AND goal_type <> 'limit_loss') AS by_category
    FROM person
    GROUP BY intervention_id, outcome_id, population
),

asked AS (
    SELECT
        intervention_id,
        'window' AS population,
        'window' AS segmentation
    FROM ref.intervention_outcome
    UNION
    SELECT
        intervention_id,
        population,
        segmentation
    FROM intervention.segment
),

judged AS (
    SELECT
        outcome.intervention_id,
        outcome.outcome_id,
        asked.population,
        asked.segmentation,
        COALESCE(counted.eligible, 0) AS eligible,
        COALESCE(counted.pairs, 0) AS pairs,
        COALESCE(counted.recovered, 0) AS recovered,
        COALESCE(counted.improved, 0) AS improved,
        COALESCE(counted.unchanged, 0) AS unchanged,
        COALESCE(counted.deteriorated, 0) AS deteriorated,
        COALESCE(counted.noticeable, 0) AS noticeable,
        COALESCE(counted.at_ceiling, 0) AS at_ceiling,
        COALESCE(counted.successful, 0) AS successful,
        CASE
            WHEN
                measurement_error.standard_error_of_difference IS NULL
                AND COALESCE(counted.by_category > 0, outcome.goal_type <> 'limit_loss')
                THEN 'no_norm'
            WHEN counted.unjudged > 0 THEN 'goal_not_judged'
        END AS lacks_judgement,
        CASE WHEN measurement_error.standard_error_of_difference IS NULL THEN 'no_norm' END AS lacks_norm,
        CASE
            WHEN measurement_error.standard_error_of_difference IS NULL THEN 'no_norm'
            WHEN measurement_error.cutoff_score IS NULL THEN 'no_cutoff'
        END AS lacks_cutoff,
        CASE WHEN measurement_error.minimal_important_change IS NULL THEN 'no_minimal_important_change' END
            AS lacks_minimal_important_change
    FROM ref.intervention_outcome AS outcome
    INNER JOIN asked ON outcome.intervention_id = asked.intervention_id
    INNER JOIN individual.measurement_error AS measurement_error
        ON
            outcome.instrument_id = measurement_error.instrument_id
            AND outcome.respondent = measurement_error.respondent
    LEFT JOIN counted
        ON
            outcome.intervention_id = counted.intervention_id
            AND outcome.outcome_id = counted.outcome_id
            AND asked.population = counted.population
),

statistic AS (
    SELECT
        listed.statistic,
        listed.is_by_segment,
        listed.is_by_year
    FROM (
        VALUES
        ('coverage', FALSE, TRUE),
        ('share_recovered', FALSE, FALSE),
        ('share_improved', FALSE, FALSE),
        ('share_unchanged', TRUE, TRUE),
        ('share_deteriorated', TRUE, TRUE),
        ('share_reliably_improved', TRUE, TRUE),
        ('share_success', FALSE, FALSE),
        ('share_noticeable', FALSE, FALSE),
        ('share_at_ceiling', FALSE, FALSE)
    ) AS listed (statistic, is_by_segment, is_by_year)
),

long AS (
    SELECT
        judged.intervention_id,
        judged.outcome_id,
        judged.population,
        statistic.statistic,
        CASE statistic.statistic
            WHEN 'coverage' THEN judged.pairs
            WHEN 'share_recovered' THEN judged.recovered
            WHEN 'share_improved' THEN judged.improved
            WHEN 'share_unchanged' THEN judged.unchanged
            WHEN 'share_deteriorated' THEN judged.deteriorated
            WHEN 'share_reliably_improved' THEN judged.recovered + judged.improved
            WHEN 'share_success' THEN judged.successful
            WHEN 'share_noticeable' THEN judged.noticeable
            WHEN 'share_at_ceiling' THEN judged.at_ceiling
        END AS numerator,
        CASE statistic.statistic WHEN 'coverage' THEN judged.eligible ELSE judged.pairs END AS n,
        CASE statistic.statistic
            WHEN 'coverage' THEN NULL
            WHEN 'share_recovered' THEN judged.lacks_cutoff
            WHEN 'share_success' THEN judged.lacks_judgement
            WHEN 'share_noticeable' THEN judged.lacks_minimal_important_change
            ELSE judged.lacks_norm
        END AS lacks
    FROM judged
    INNER JOIN statistic
        ON
            judged.segmentation = 'window'
            OR statistic.is_by_segment
            OR (judged.segmentation = 'year' AND statistic.is_by_year)
)

SELECT
    intervention_id,
    outcome_id,
    population,
    statistic,
    CASE WHEN lacks IS NULL THEN numerator END AS numerator,
    n,
    lacks
FROM long
