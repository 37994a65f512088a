-- Who is compared with whom: those who got an intervention, and those who got other support.
-- Grain: one row per intervention_id, outcome_id, comparator, person_id
-- Reads: individual.dated_episode, intervention.comparison_cost, intervention.comparison_decision,
--        intervention.comparison_score, ref.intervention, ref.intervention_outcome, ref.setting
-- Source: method, section 4 (D3). A person takes part in a comparison once, with the first decision that is eligible:
-- treated, if it was for the intervention and that began before the horizon; comparison, if it was for other support of
-- the same area, judged by the same instrument and respondent, that began before the horizon, and the intervention did
-- not. Whatever begins after the horizon changes nothing: who first got other support and long after the intervention
-- is a comparison person. Who is compared with those who wait is in waiting_person.sql.
-- Of the largest groups those with the lowest person numbers are taken: ranks of keyed hashes, and so a random draw,
-- the same in every comparison.
WITH first_start AS (
    SELECT
        person_id,
        intervention_id,
        MIN(started_date) AS first_start_date
    FROM individual.dated_episode
    GROUP BY person_id, intervention_id
),

candidate AS (
    SELECT
        intervention.intervention_id,
        outcome.outcome_id,
        score.person_id,
        score.episode_id,
        score.target_date,
        score.baseline_hundredths,
        score.earlier_hundredths,
        score.follow_up_hundredths,
        score.is_reliably_improved,
        score.is_reliably_deteriorated,
        decision.intervention_id AS decided_intervention_id,
        COALESCE(decision.first_start_date < score.target_date, FALSE) AS is_begun
    FROM ref.intervention AS intervention
    INNER JOIN ref.intervention_outcome AS outcome ON intervention.intervention_id = outcome.intervention_id
    INNER JOIN intervention.comparison_score AS score
        ON
            intervention.area = score.area
            AND intervention.horizon_months = score.horizon_months
            AND outcome.instrument_id = score.instrument_id
            AND outcome.respondent = score.respondent
    INNER JOIN intervention.comparison_decision AS decision ON score.episode_id = decision.episode_id
),

own AS (
    SELECT
        candidate.*,
        'other_support' AS comparator,
        TRUE AS is_treated
    FROM candidate
    WHERE candidate.intervention_id = candidate.decided_intervention_id AND candidate.is_begun
),

other AS (
    SELECT
        candidate.*,
        'other_support' AS comparator,
        FALSE AS is_treated
    FROM candidate
    LEFT JOIN first_start
        ON
            candidate.person_id = first_start.person_id
            AND candidate.intervention_id = first_start.intervention_id
    WHERE
        candidate.intervention_id <> candidate.decided_intervention_id
        AND candidate.is_begun
        AND COALESCE(first_start.first_start_date >= candidate.target_date, TRUE)
),

entered AS (
    SELECT *
    FROM (
        SELECT * FROM own
        UNION ALL
        SELECT * FROM other
    ) AS eligible
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY intervention_id, outcome_id, comparator, person_id
            ORDER BY target_date, episode_id
        ) = 1
),

ranked AS (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY intervention_id, outcome_id, comparator, is_treated ORDER BY person_id)
            AS person_rank
    FROM entered
)

SELECT
    ranked.intervention_id,
    ranked.outcome_id,
    ranked.comparator,
    ranked.person_id,
    ranked.episode_id,
    ranked.is_treated,
    decision.time_zero_date,
    decision.provider_id,
    ranked.baseline_hundredths,
    ranked.follow_up_hundredths,
    ranked.is_reliably_improved,
    ranked.is_reliably_deteriorated,
    decision.age_days,
    decision.sex,
    decision.target_group,
    decision.requested_days,
    decision.earlier_count,
    decision.concurrent_count,
    decision.window_days,
    ranked.earlier_hundredths,
    decision.crisis_count,
    decision.contact_count,
    decision.favourable_share,
    cost.cost_oere
FROM ranked
CROSS JOIN ref.setting AS setting
INNER JOIN intervention.comparison_decision AS decision ON ranked.episode_id = decision.episode_id
INNER JOIN intervention.comparison_cost AS cost
    ON ranked.episode_id = cost.episode_id AND ranked.target_date = cost.target_date
WHERE ranked.person_rank <= setting.comparison_maximum
