-- Restricted: what happened to each person, in the columns that catalogue/marts.toml declares.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.episode_effect, individual.goal_judgement, individual.expected_change
SELECT
    effect.person_id,
    effect.episode_id,
    effect.intervention_id,
    effect.instrument_id,
    effect.respondent,
    effect.follow_up_kind,
    effect.started_date,
    effect.is_in_window,
    effect.reason_not_counted IS NULL AS is_counted,
    effect.reason_not_counted,
    effect.baseline_date,
    effect.baseline_hundredths / 100 AS baseline_score,
    effect.follow_up_date,
    effect.follow_up_hundredths / 100 AS follow_up_score,
    effect.change_hundredths / 100 AS change,
    effect.rci,
    effect.is_reliable,
    effect.crossed_cutoff,
    effect.category,
    effect.is_noticeable,
    effect.is_at_ceiling,
    judgement.goal_type,
    judgement.goal_owner,
    judgement.is_success,
    expected.expected_without_support,
    expected.expected_without_support_lower,
    expected.expected_without_support_upper,
    expected.without_support_source,
    expected.versus_expected,
    expected.expected_usual_course,
    expected.expected_usual_course_lower,
    expected.expected_usual_course_upper,
    expected.versus_usual_course,
    CASE WHEN judgement.episode_id IS NULL THEN 'no_pair' ELSE judgement.reason_not_judged END AS reason_not_judged,
    CASE WHEN expected.episode_id IS NULL THEN 'no_pair' ELSE expected.reason_no_expected_without_support END
        AS reason_no_expected_without_support,
    CASE WHEN expected.episode_id IS NULL THEN 'no_pair' ELSE expected.reason_no_expected_usual_course END
        AS reason_no_expected_usual_course
FROM individual.episode_effect AS effect
LEFT JOIN individual.goal_judgement AS judgement
    ON
        effect.episode_id = judgement.episode_id
        AND effect.instrument_id = judgement.instrument_id
        AND effect.respondent = judgement.respondent
        AND effect.follow_up_kind = judgement.follow_up_kind
LEFT JOIN individual.expected_change AS expected
    ON
        effect.episode_id = expected.episode_id
        AND effect.instrument_id = expected.instrument_id
        AND effect.respondent = expected.respondent
        AND effect.follow_up_kind = expected.follow_up_kind
