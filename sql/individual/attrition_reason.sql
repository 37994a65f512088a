-- What an episode may lack to be counted, in the order in which the reasons are tried: the one place that says what
-- each of them means for the counting.
-- Grain: one row per reason
-- Reads: nothing; a reason is a branch of individual.attrition or individual.episode_effect
-- `step`: the order, and how far on the way to being counted an episode came. Of several, a person has the furthest.
-- `is_eligible`: in the denominator of coverage (method, section 2: only deaths and moves are taken out, and what
-- cannot be known yet; too short a course is a missing measurement like any other, as all are analysed by what was
-- started).
-- `published_part`: where the reason is that of a person whose support began in the assessment window, the name under
-- which it is published per outcome. Small groups are put together before any is hidden: with the reasons themselves
-- most of an outcome's numbers would be. The whole strategy is published by reason.
SELECT
    listed.reason,
    listed.step,
    listed.is_eligible,
    listed.published_part
FROM (
    VALUES
    -- Never started, by the reference date.
    ('no_date', 1, FALSE, NULL),
    ('withdrawn', 2, FALSE, NULL),
    ('awaiting_decision', 3, FALSE, NULL),
    ('awaiting_start', 4, FALSE, NULL),
    -- Started, but not the course that stands for the person.
    ('no_outcome', 5, FALSE, NULL),
    ('outside_window', 6, FALSE, NULL),
    ('repeat_episode', 7, FALSE, NULL),
    -- Cannot be known yet, or never. Whoever was measured twice is counted, also if they moved afterwards.
    ('window_open', 8, FALSE, 'not_due'),
    ('died', 9, FALSE, 'not_due'),
    ('moved', 10, FALSE, 'not_due'),
    -- Might have been measured twice, and was not.
    ('not_measured', 11, TRUE, 'lacks_baseline'),
    ('no_baseline', 12, TRUE, 'lacks_baseline'),
    ('wrong_respondent_baseline', 13, TRUE, 'lacks_baseline'),
    ('too_short', 14, TRUE, 'lacks_follow_up'),
    ('wrong_respondent', 15, TRUE, 'lacks_follow_up'),
    ('other_version', 16, TRUE, 'lacks_follow_up'),
    ('no_follow_up', 17, TRUE, 'lacks_follow_up'),
    ('counted', 18, TRUE, 'counted')
) AS listed (reason, step, is_eligible, published_part)
