-- A goal of one person's own plan at one review; not reviewed yet: no date.
-- Grain: one row per goal_id, reviewed_date
-- Reads: raw.individual_goal, staging.identity
-- Of rows with the same key the last delivered one counts. Weights are kept in whole ten-thousandths and points in
-- whole hundredths, so that sums are exact.
SELECT
    identity.person_id,
    individual_goal.goal_id,
    individual_goal.episode_id,
    individual_goal.goal_type,
    individual_goal.owner,
    individual_goal.instrument_id,
    CAST(ROUND(individual_goal.expected_change * 100) AS BIGINT) AS expected_change_hundredths,
    CAST(ROUND(individual_goal.weight * 10000) AS BIGINT) AS weight_ten_thousandths,
    individual_goal.set_date,
    individual_goal.baseline_level,
    individual_goal.reviewed_date,
    individual_goal.attained_level
FROM raw.individual_goal AS individual_goal
INNER JOIN staging.identity AS identity ON individual_goal.person_id = identity.pseudonym
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY individual_goal.goal_id, individual_goal.reviewed_date
        ORDER BY individual_goal.source_file DESC, individual_goal.source_line DESC
    ) = 1
