-- The numerators and denominators of every share reported about an intervention's outcome.
-- Grain: one row per intervention_id, outcome_id, population, statistic
-- Reads: ref.intervention_outcome, individual.episode_effect, individual.goal_judgement, individual.measurement_error
-- Source: method, sections 2 (coverage), 3.3 (categories), 3.4 (noticeable), 3.7 (success by type of goal). Every
-- declared outcome has its rows, also where nobody was measured. `lacks` names the catalogue entry without which a
-- share has no meaning; its counts are then NULL, not 0.
-- Success has a share only where everybody counted could be judged: those who could not are the ones whose loss nobody
-- foresaw, and a share of the others would not stand beside the categories, which are of all.
WITH person AS (
    SELECT
        effect.intervention_id,
        effect.outcome_id,
        effect.category,
        effect.is_noticeable,
        effect.is_at_ceiling,
        judgement.goal_type,
        judgement.is_success,
        effect.reason_not_counted IS NULL AS is_counted,
        effect.is_eligible
    FROM individual.episode_effect AS effect
    LEFT JOIN individual.goal_judgement AS judgement
        ON
            effect.episode_id = judgement.episode_id
            AND effect.instrument_id = judgement.instrument_id
            AND effect.respondent = judgement.respondent
            AND effect.follow_up_kind = judgement.follow_up_kind
    WHERE effect.follow_up_kind = 'primary' AND effect.is_index
),

counted AS (
    SELECT
        intervention_id,
        outcome_id,
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
    GROUP BY intervention_id, outcome_id
),

judged AS (
    SELECT
        outcome.intervention_id,
        outcome.outcome_id,
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
    INNER JOIN individual.measurement_error AS measurement_error
        ON
            outcome.instrument_id = measurement_error.instrument_id
            AND outcome.respondent = measurement_error.respondent
    LEFT JOIN counted
        ON outcome.intervention_id = counted.intervention_id AND outcome.outcome_id = counted.outcome_id
),

statistic AS (
    SELECT listed.statistic
    FROM (
        VALUES
        ('coverage'),
        ('share_recovered'),
        ('share_improved'),
        ('share_unchanged'),
        ('share_deteriorated'),
        ('share_reliably_improved'),
        ('share_success'),
        ('share_noticeable'),
        ('share_at_ceiling')
    ) AS listed (statistic)
),

long AS (
    SELECT
        judged.intervention_id,
        judged.outcome_id,
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
    CROSS JOIN statistic
)

SELECT
    intervention_id,
    outcome_id,
    'window' AS population,
    statistic,
    CASE WHEN lacks IS NULL THEN numerator END AS numerator,
    n,
    lacks
FROM long
