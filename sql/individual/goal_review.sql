-- Each individual goal as it was set, where it stood at its latest review, and whether it had succeeded.
-- Grain: one row per goal_id
-- Reads: staging.individual_goal, staging.episode, ref.run
-- Source: method, section 3.7; Kiresuk & Sherman 1968; VUM's types. This is the one rule of success by type for levels
-- (its twin for points is goal_judgement.sql):
--   develop     the person stood below 0 when the goal was set; success is what was expected (0) or better
--   maintain    unchanged is coded 0; success is unchanged or better
--   limit_loss  the person stood above 0, and 0 is the expected loss; success is that loss or less
-- So 0 or better is success for all three, and the type lies in how the scale was set. A scale set otherwise
-- contradicts its type: its levels mean something else, and the goal is not judged. Where the level at the setting is
-- unknown, the scale is taken to be set right.
--
-- A goal is judged as it was set: of what its rows state, the first row that states it counts. A type, a weight or an
-- expectation that is changed at a review would else fit the goal to its result. A review after the reference date has
-- not happened yet, and a goal set after it is none yet. A goal whose episode is not the person's own, or not known, is
-- the person's, without an episode.
WITH known AS (
    SELECT
        goal.*,
        CASE WHEN goal.reviewed_date <= run.reference_date THEN goal.reviewed_date END AS known_date,
        ROW_NUMBER() OVER (PARTITION BY goal.goal_id ORDER BY goal.reviewed_date NULLS FIRST) AS place
    FROM staging.individual_goal AS goal
    CROSS JOIN ref.run AS run
    WHERE goal.set_date <= run.reference_date
),

dated AS (
    SELECT
        *,
        MAX(known_date) OVER (PARTITION BY goal_id) AS latest_date
    FROM known
),

goal AS (
    SELECT
        goal_id,
        latest_date AS reviewed_date,
        ARG_MIN(person_id, place) AS person_id,
        ARG_MIN(goal_type, place) AS goal_type,
        ARG_MIN(set_date, place) AS set_date,
        ARG_MIN(episode_id, place) FILTER (WHERE episode_id IS NOT NULL) AS episode_id,
        ARG_MIN(owner, place) FILTER (WHERE owner IS NOT NULL) AS owner,
        ARG_MIN(instrument_id, place) FILTER (WHERE instrument_id IS NOT NULL) AS instrument_id,
        ARG_MIN(expected_change_hundredths, place) FILTER (WHERE expected_change_hundredths IS NOT NULL)
            AS expected_change_hundredths,
        ARG_MIN(weight_ten_thousandths, place) FILTER (WHERE weight_ten_thousandths IS NOT NULL)
            AS weight_ten_thousandths,
        ARG_MIN(baseline_level, place) FILTER (WHERE baseline_level IS NOT NULL) AS baseline_level,
        MAX(CASE WHEN known_date = latest_date THEN attained_level END) AS attained_level
    FROM dated
    GROUP BY goal_id, latest_date
),

placed AS (
    SELECT
        goal.person_id,
        episode.episode_id,
        episode.intervention_id,
        goal.goal_id,
        goal.goal_type,
        goal.owner,
        goal.instrument_id,
        goal.expected_change_hundredths,
        goal.weight_ten_thousandths,
        goal.set_date,
        goal.baseline_level,
        goal.reviewed_date,
        goal.attained_level,
        COALESCE(
            CASE goal.goal_type
                WHEN 'develop' THEN goal.baseline_level >= 0
                WHEN 'maintain' THEN goal.baseline_level <> 0
                WHEN 'limit_loss' THEN goal.baseline_level <= 0
            END,
            FALSE
        ) AS is_scale_contradicting_type
    FROM goal
    LEFT JOIN staging.episode AS episode ON goal.episode_id = episode.episode_id AND goal.person_id = episode.person_id
)

SELECT
    *,
    CASE WHEN NOT is_scale_contradicting_type THEN attained_level >= 0 END AS is_success,
    CASE
        WHEN reviewed_date IS NULL THEN 'no_review'
        WHEN attained_level IS NULL THEN 'attained_level_missing'
        WHEN is_scale_contradicting_type THEN 'scale_contradicts_type'
    END AS reason_not_judged
FROM placed
