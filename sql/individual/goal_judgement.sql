-- Whether a pair of measurements is a success, given what the goal was: to develop, to maintain or to limit a loss.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.reliable_change, individual.episode_outcome, individual.goal_review, individual.expected_change,
--        ref.intervention_outcome
-- Source: method, section 3.7. This is the one rule of success by type for points (its twin for levels is
-- goal_review.sql):
--   develop     reliably better
--   maintain    not reliably worse: an unchanged person is a success
--   limit_loss  better than expected: than the loss stated when the goal was set, else than E0 (expected_change.sql).
--               Exactly as expected is no success; what is expected happens without support too
-- The three are not equally hard: by error of measurement alone a person who has not changed passes the second with
-- 97.5 %, the first with 2.5 %, and whoever follows the expected course the third with 50 %. A share of successes is
-- therefore compared with no share of another mix of types.
--
-- The type is that of the person's own plan where it has a goal on the instrument, set before the day of the follow-up
-- (one set that day knows the answer); else what the catalogue declares for the outcome, and then nobody owns it. Of
-- several goals one person's own counts before a shared one, that before a professional's; then the first set.
WITH set_goal AS (
    SELECT
        reliable_change.episode_id,
        reliable_change.instrument_id,
        reliable_change.respondent,
        reliable_change.follow_up_kind,
        goal.goal_type,
        COALESCE(goal.owner, 'unknown') AS owner,
        goal.expected_change_hundredths
    FROM individual.reliable_change AS reliable_change
    INNER JOIN individual.goal_review AS goal
        ON
            reliable_change.episode_id = goal.episode_id
            AND reliable_change.instrument_id = goal.instrument_id
            AND reliable_change.follow_up_date > goal.set_date
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY
                reliable_change.episode_id,
                reliable_change.instrument_id,
                reliable_change.respondent,
                reliable_change.follow_up_kind
            ORDER BY
                CASE goal.owner WHEN 'person' THEN 1 WHEN 'shared' THEN 2 WHEN 'professional' THEN 3 ELSE 4 END,
                goal.set_date,
                goal.goal_id
        ) = 1
),

typed AS (
    SELECT
        reliable_change.episode_id,
        reliable_change.instrument_id,
        reliable_change.respondent,
        reliable_change.follow_up_kind,
        reliable_change.category,
        COALESCE(set_goal.goal_type, declared.goal_type) AS goal_type,
        set_goal.owner AS goal_owner,
        set_goal.expected_change_hundredths >= 0 AS is_expecting_no_loss,
        CASE
            WHEN set_goal.expected_change_hundredths IS NOT NULL
                THEN reliable_change.change_hundredths > set_goal.expected_change_hundredths
            ELSE expected_change.versus_expected > 0
        END AS is_better_than_expected
    FROM individual.reliable_change AS reliable_change
    INNER JOIN individual.episode_outcome AS outcome
        ON
            reliable_change.episode_id = outcome.episode_id
            AND reliable_change.instrument_id = outcome.instrument_id
            AND reliable_change.respondent = outcome.respondent
    INNER JOIN ref.intervention_outcome AS declared
        ON outcome.intervention_id = declared.intervention_id AND outcome.outcome_id = declared.outcome_id
    INNER JOIN individual.expected_change AS expected_change
        ON
            reliable_change.episode_id = expected_change.episode_id
            AND reliable_change.instrument_id = expected_change.instrument_id
            AND reliable_change.respondent = expected_change.respondent
            AND reliable_change.follow_up_kind = expected_change.follow_up_kind
    LEFT JOIN set_goal
        ON
            reliable_change.episode_id = set_goal.episode_id
            AND reliable_change.instrument_id = set_goal.instrument_id
            AND reliable_change.respondent = set_goal.respondent
            AND reliable_change.follow_up_kind = set_goal.follow_up_kind
)

SELECT
    episode_id,
    instrument_id,
    respondent,
    follow_up_kind,
    goal_type,
    goal_owner,
    CASE
        WHEN goal_type = 'develop' THEN category IN ('recovered', 'improved')
        WHEN goal_type = 'maintain' THEN category <> 'deteriorated'
        WHEN NOT COALESCE(is_expecting_no_loss, FALSE) THEN is_better_than_expected
    END AS is_success,
    CASE
        WHEN goal_type <> 'limit_loss' AND category IS NULL THEN 'no_category'
        WHEN goal_type <> 'limit_loss' THEN NULL
        WHEN is_expecting_no_loss THEN 'expected_change_is_no_loss'
        WHEN is_better_than_expected IS NULL THEN 'no_expected_change'
    END AS reason_not_judged
FROM typed
