-- Every episode, outcome and kind of follow-up: what was found, or why it is not counted.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.episode_outcome, individual.follow_up_window, individual.baseline, individual.reliable_change,
--        individual.unpaired_measurement, individual.attrition_reason, ref.setting
-- Source: method, section 2. The reasons are tried in order and the first one that holds is given, so that they add up
-- to all episodes; `attrition_reason` lists them and says which are in the denominator of coverage (`is_eligible`). A
-- death or a move after the start, before the window closed, takes an episode out of it; a missing measurement does
-- not. A pair is counted however short the course was: all are analysed by what was started.
WITH judged AS (
    SELECT
        outcome.person_id,
        outcome.episode_id,
        outcome.intervention_id,
        outcome.instrument_id,
        outcome.respondent,
        outcome.outcome_id,
        outcome.goal_id,
        outcome.is_primary,
        outcome.is_index,
        outcome.is_in_window,
        outcome.started_date,
        follow_up_window.follow_up_kind,
        baseline.baseline_date,
        baseline.baseline_hundredths,
        reliable_change.follow_up_date,
        reliable_change.follow_up_hundredths,
        reliable_change.change_hundredths,
        reliable_change.rci,
        reliable_change.is_reliable,
        reliable_change.crossed_cutoff,
        reliable_change.category,
        reliable_change.is_noticeable,
        reliable_change.is_at_ceiling,
        CASE
            WHEN NOT outcome.is_in_window THEN 'outside_window'
            WHEN NOT outcome.is_index THEN 'repeat_episode'
            WHEN NOT follow_up_window.is_closed THEN 'window_open'
            WHEN reliable_change.change_hundredths IS NOT NULL THEN 'counted'
            WHEN outcome.death_date <= follow_up_window.to_date THEN 'died'
            WHEN outcome.moved_date >= outcome.started_date AND outcome.moved_date <= follow_up_window.to_date
                THEN 'moved'
            WHEN measured.episode_id IS NULL THEN 'not_measured'
            WHEN baseline.baseline_date IS NULL AND measured.has_other_respondent_at_start
                THEN 'wrong_respondent_baseline'
            WHEN baseline.baseline_date IS NULL THEN 'no_baseline'
            WHEN outcome.ended_date < outcome.started_date + setting.short_episode_days THEN 'too_short'
            WHEN measured.has_other_respondent_at_follow_up THEN 'wrong_respondent'
            WHEN measured.has_other_version_at_follow_up THEN 'other_version'
            ELSE 'no_follow_up'
        END AS reason
    FROM individual.episode_outcome AS outcome
    CROSS JOIN ref.setting AS setting
    INNER JOIN individual.follow_up_window AS follow_up_window
        ON
            outcome.episode_id = follow_up_window.episode_id
            AND outcome.instrument_id = follow_up_window.instrument_id
            AND outcome.respondent = follow_up_window.respondent
    LEFT JOIN individual.baseline AS baseline
        ON
            outcome.episode_id = baseline.episode_id
            AND outcome.instrument_id = baseline.instrument_id
            AND outcome.respondent = baseline.respondent
    LEFT JOIN individual.reliable_change AS reliable_change
        ON
            follow_up_window.episode_id = reliable_change.episode_id
            AND follow_up_window.instrument_id = reliable_change.instrument_id
            AND follow_up_window.respondent = reliable_change.respondent
            AND follow_up_window.follow_up_kind = reliable_change.follow_up_kind
    LEFT JOIN individual.unpaired_measurement AS measured
        ON
            follow_up_window.episode_id = measured.episode_id
            AND follow_up_window.instrument_id = measured.instrument_id
            AND follow_up_window.respondent = measured.respondent
            AND follow_up_window.follow_up_kind = measured.follow_up_kind
)

SELECT
    judged.*,
    NULLIF(judged.reason, 'counted') AS reason_not_counted,
    listed.is_eligible
FROM judged
INNER JOIN individual.attrition_reason AS listed ON judged.reason = listed.reason
