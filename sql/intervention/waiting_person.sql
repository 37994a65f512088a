-- Everybody with a decision for an intervention: who began within the grace period, who still waited at the horizon.
-- Grain: one row per intervention_id, outcome_id, person_id
-- Reads: intervention.comparison_cost, intervention.comparison_decision, individual.dated_episode,
--        staging.measurement, staging.person, ref.intervention_outcome, ref.instrument, ref.setting
-- Source: method, sections 2 and 4 (D3, waiting). Time zero is the decision, for all; a person takes part once, with
-- the first decision that is eligible. Who began between the grace period's end and the horizon kept to neither course,
-- and has no follow-up here, but tells how people come to begin (waiting_week.sql).
-- The baseline lies at or before the decision: one of the two weeks after it would let a start decide who is eligible.
-- The follow-up is nearest the horizon, of the same version, after the start of who began, before the start of who
-- waited. Only windows that have closed; who died or moved away before without a follow-up is taken out.
WITH decision AS (
    SELECT
        decision.*,
        decision.time_zero_date + 7 * setting.waiting_horizon_weeks AS target_date,
        decision.time_zero_date
        + 7 * setting.waiting_horizon_weeks
        + setting.follow_up_tolerance_days AS to_date,
        COALESCE(
            decision.first_start_date < decision.time_zero_date + 7 * setting.waiting_grace_weeks, FALSE
        ) AS is_early,
        COALESCE(
            decision.first_start_date >= decision.time_zero_date + 7 * setting.waiting_horizon_weeks, TRUE
        ) AS is_waiting
    FROM intervention.comparison_decision AS decision
    CROSS JOIN ref.setting AS setting
    WHERE
        decision.time_zero_date
        + 7 * setting.waiting_horizon_weeks
        + setting.follow_up_tolerance_days <= decision.reference_date
),

point AS (
    SELECT
        decision.episode_id,
        outcome.outcome_id,
        measurement.version,
        measurement.measured_date,
        instrument.direction * measurement.score_hundredths AS score_hundredths
    FROM decision
    INNER JOIN ref.intervention_outcome AS outcome ON decision.intervention_id = outcome.intervention_id
    INNER JOIN ref.instrument AS instrument ON outcome.instrument_id = instrument.instrument_id
    INNER JOIN staging.measurement AS measurement
        ON
            decision.person_id = measurement.person_id
            AND outcome.instrument_id = measurement.instrument_id
            AND outcome.respondent = measurement.respondent
            AND decision.to_date >= measurement.measured_date
),

baseline AS (
    SELECT
        point.episode_id,
        point.outcome_id,
        MAX(point.measured_date) AS baseline_date,
        ARG_MAX(point.version, point.measured_date) AS version,
        ARG_MAX(point.score_hundredths, point.measured_date) AS baseline_hundredths
    FROM point
    CROSS JOIN ref.setting AS setting
    INNER JOIN decision ON point.episode_id = decision.episode_id
    WHERE
        point.measured_date >= decision.time_zero_date - setting.baseline_days_before
        AND point.measured_date <= decision.time_zero_date
    GROUP BY point.episode_id, point.outcome_id
),

earlier AS (
    SELECT
        point.episode_id,
        point.outcome_id,
        ARG_MAX(point.score_hundredths, point.measured_date) AS earlier_hundredths
    FROM point
    INNER JOIN baseline
        ON
            point.episode_id = baseline.episode_id
            AND point.outcome_id = baseline.outcome_id
            AND point.version = baseline.version
            AND baseline.baseline_date > point.measured_date
    GROUP BY point.episode_id, point.outcome_id
),

follow_up AS (
    SELECT
        point.episode_id,
        point.outcome_id,
        ARG_MIN(
            point.score_hundredths,
            2 * ABS(DATE_DIFF('day', decision.target_date, point.measured_date))
            + CASE WHEN point.measured_date > decision.target_date THEN 1 ELSE 0 END
        ) AS follow_up_hundredths
    FROM point
    CROSS JOIN ref.setting AS setting
    INNER JOIN decision ON point.episode_id = decision.episode_id
    INNER JOIN baseline
        ON
            point.episode_id = baseline.episode_id
            AND point.outcome_id = baseline.outcome_id
            AND point.version = baseline.version
    WHERE
        point.measured_date >= decision.target_date - setting.follow_up_tolerance_days
        AND point.measured_date >= baseline.baseline_date + setting.minimum_pair_days
        AND (
            (decision.is_early AND point.measured_date > decision.first_start_date)
            OR (decision.is_waiting AND COALESCE(point.measured_date < decision.first_start_date, TRUE))
        )
    GROUP BY point.episode_id, point.outcome_id
),

-- Who gave up before a start waits no longer, and cannot begin: no later week says how people come to begin.
given_up AS (
    SELECT
        episode_id,
        CASE WHEN started_date IS NULL THEN LEAST(ended_date, left_date) END AS given_up_date
    FROM individual.dated_episode
),

entered AS (
    SELECT
        decision.*,
        baseline.outcome_id,
        baseline.baseline_date,
        baseline.version,
        baseline.baseline_hundredths,
        earlier.earlier_hundredths,
        follow_up.follow_up_hundredths
    FROM decision
    INNER JOIN baseline ON decision.episode_id = baseline.episode_id
    INNER JOIN staging.person AS person ON decision.person_id = person.person_id
    LEFT JOIN earlier ON baseline.episode_id = earlier.episode_id AND baseline.outcome_id = earlier.outcome_id
    LEFT JOIN follow_up ON baseline.episode_id = follow_up.episode_id AND baseline.outcome_id = follow_up.outcome_id
    WHERE
        follow_up.follow_up_hundredths IS NOT NULL
        OR NOT (
            COALESCE(person.death_date <= decision.to_date, FALSE)
            OR COALESCE(
                person.moved_date >= decision.time_zero_date AND person.moved_date <= decision.to_date, FALSE
            )
        )
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY decision.intervention_id, baseline.outcome_id, decision.person_id
            ORDER BY decision.time_zero_date, decision.episode_id
        ) = 1
),

-- The lowest person numbers: ranks of keyed hashes, and so a random draw, the same in every comparison.
ranked AS (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY intervention_id, outcome_id ORDER BY person_id) AS person_rank
    FROM entered
)

SELECT
    ranked.intervention_id,
    ranked.outcome_id,
    ranked.person_id,
    ranked.episode_id,
    ranked.is_early,
    ranked.is_waiting,
    ranked.time_zero_date,
    ranked.first_start_date,
    given_up.given_up_date,
    ranked.provider_id,
    ranked.baseline_date,
    ranked.version,
    ranked.baseline_hundredths,
    ranked.follow_up_hundredths,
    ranked.age_days,
    ranked.sex,
    ranked.target_group,
    ranked.requested_days,
    ranked.earlier_count,
    ranked.concurrent_count,
    ranked.window_days,
    ranked.earlier_hundredths,
    ranked.crisis_count,
    ranked.contact_count,
    ranked.favourable_share,
    cost.cost_oere
FROM ranked
CROSS JOIN ref.setting AS setting
INNER JOIN intervention.comparison_cost AS cost
    ON ranked.episode_id = cost.episode_id AND ranked.target_date = cost.target_date
INNER JOIN given_up ON ranked.episode_id = given_up.episode_id
WHERE ranked.person_rank <= setting.comparison_maximum
