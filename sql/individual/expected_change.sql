-- What each follow-up score was expected to be: without support (E0), and in the usual course (E1).
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.measurement_pair, individual.expected_without_support, individual.expected_usual_course,
--        ref.instrument
-- Source: method, section 3.5. "Did it help?" is follow-up minus E0, "more than what we usually do?" follow-up minus
-- E1, both turned so that plus is better than expected. Only a follow-up at a fixed horizon has either: when an end
-- or interim follow-up falls is itself part of the course.
SELECT
    pair.episode_id,
    pair.instrument_id,
    pair.respondent,
    pair.follow_up_kind,
    without_support.expected_without_support,
    without_support.expected_without_support_lower,
    without_support.expected_without_support_upper,
    without_support.without_support_source,
    usual.expected_usual_course,
    usual.expected_usual_course_lower,
    usual.expected_usual_course_upper,
    CASE
        WHEN pair.follow_up_kind NOT IN ('primary', 'long') THEN 'no_fixed_horizon'
        ELSE without_support.reason_no_expected_without_support
    END AS reason_no_expected_without_support,
    CASE
        WHEN pair.follow_up_kind NOT IN ('primary', 'long') THEN 'no_fixed_horizon'
        ELSE usual.reason_no_expected_usual_course
    END AS reason_no_expected_usual_course,
    instrument.direction * (pair.follow_up_hundredths / 100 - without_support.expected_without_support)
        AS versus_expected,
    instrument.direction * (pair.follow_up_hundredths / 100 - usual.expected_usual_course) AS versus_usual_course
FROM individual.measurement_pair AS pair
INNER JOIN ref.instrument AS instrument ON pair.instrument_id = instrument.instrument_id
LEFT JOIN individual.expected_without_support AS without_support
    ON
        pair.episode_id = without_support.episode_id
        AND pair.instrument_id = without_support.instrument_id
        AND pair.respondent = without_support.respondent
        AND pair.follow_up_kind = without_support.follow_up_kind
LEFT JOIN individual.expected_usual_course AS usual
    ON
        pair.episode_id = usual.episode_id
        AND pair.instrument_id = usual.instrument_id
        AND pair.respondent = usual.respondent
        AND pair.follow_up_kind = usual.follow_up_kind
