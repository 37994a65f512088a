-- How far a person's own goals were attained, per episode and by whose goals they were.
-- Grain: one row per person_id, episode_id, owner
-- Reads: individual.goal_review, ref.setting
-- Source: method, section 3.7; T = 50 + 10 * sum(wx) / sqrt((1 - rho) * sum(w^2) + rho * (sum w)^2), Kiresuk & Sherman
-- 1968. T = 50 says that the goals were attained as expected, not that support had an effect; and as it depends on how
-- easily the goals were set, it is never compared between units. That is why no published mart has it.
--
-- `owner`: `person`, `professional` or `shared`, `unknown` where it is not said, and `all` together. Goals without an
-- episode belong to the person: they have a row of their own (episode_id NULL) and never mix with an episode's.
-- A set has one T before and one after, over the same goals, or none: the goals that went badly are those not reviewed,
-- so a T of the others would flatter. A goal set on or after the day of the set's latest review, and not reviewed
-- itself, was not there to be reviewed: it is new, counted apart, and in neither T.
-- Weights: as given. Where no goal of the set has one, all count the same; where only some have, nobody knows what the
-- others weigh (0, 1 or the average give three answers): no T. A weight of 0 beside others is a choice, and obeyed.
WITH owned AS (
    SELECT
        goal_review.*,
        listed.owner AS owner_group
    FROM individual.goal_review AS goal_review
    INNER JOIN (
        VALUES ('person'), ('professional'), ('shared'), ('unknown'), ('all')
    ) AS listed (owner) ON listed.owner = 'all' OR listed.owner = COALESCE(goal_review.owner, 'unknown')
),

dated AS (
    SELECT
        *,
        MAX(reviewed_date) OVER (PARTITION BY person_id, episode_id, owner_group) AS latest_review_date
    FROM owned
),

marked AS (
    SELECT
        *,
        reviewed_date IS NULL AND COALESCE(set_date >= latest_review_date, FALSE) AS is_new
    FROM dated
),

counted AS (
    SELECT
        *,
        COUNT(CASE WHEN NOT is_new THEN weight_ten_thousandths END) OVER (
            PARTITION BY person_id, episode_id, owner_group
        ) AS given_weight_count
    FROM marked
),

weighed AS (
    SELECT
        *,
        CASE
            WHEN is_new THEN NULL
            WHEN given_weight_count = 0 THEN 1
            ELSE weight_ten_thousandths
        END AS w
    FROM counted
),

summed AS (
    SELECT
        person_id,
        episode_id,
        intervention_id,
        owner_group AS owner,
        latest_review_date,
        COUNT(*) AS goal_count,
        COUNT(*) FILTER (WHERE is_new) AS new_goal_count,
        COUNT(reviewed_date) AS reviewed_goal_count,
        COUNT(is_success) AS judged_goal_count,
        COUNT(*) FILTER (WHERE is_success) AS successful_goal_count,
        COUNT(*) FILTER (WHERE NOT is_new AND reviewed_date IS NULL) AS unreviewed_count,
        COUNT(*) FILTER (WHERE NOT is_new AND attained_level IS NULL) AS unattained_count,
        COUNT(*) FILTER (WHERE NOT is_new AND baseline_level IS NULL) AS no_baseline_count,
        COUNT(*) FILTER (WHERE NOT is_new AND is_scale_contradicting_type) AS contradicting_count,
        COUNT(*) FILTER (WHERE NOT is_new AND w IS NULL) AS unweighed_count,
        CAST(NULLIF(SUM(w), 0) AS DOUBLE) AS sum_w,
        CAST(SUM(w * w) AS DOUBLE) AS sum_ww,
        CAST(SUM(w * baseline_level) AS DOUBLE) AS sum_w_baseline,
        CAST(SUM(w * attained_level) AS DOUBLE) AS sum_w_attained
    FROM weighed
    GROUP BY person_id, episode_id, intervention_id, owner_group, latest_review_date
),

judged AS (
    SELECT
        summed.*,
        10 / SQRT(
            (1 - setting.goal_correlation) * summed.sum_ww + setting.goal_correlation * summed.sum_w * summed.sum_w
        ) AS t_per_level,
        CASE
            WHEN summed.contradicting_count > 0 THEN 'scale_contradicts_type'
            WHEN summed.unweighed_count > 0 THEN 'weight_missing'
            WHEN summed.sum_w IS NULL THEN 'weights_zero'
        END AS reason_no_scale
    FROM summed
    CROSS JOIN ref.setting AS setting
),

reasoned AS (
    SELECT
        *,
        CASE WHEN no_baseline_count > 0 THEN 'baseline_level_missing' ELSE reason_no_scale END
            AS reason_no_baseline_t_score,
        CASE
            WHEN latest_review_date IS NULL THEN 'no_review'
            WHEN unreviewed_count > 0 THEN 'goal_not_reviewed'
            WHEN unattained_count > 0 THEN 'attained_level_missing'
            ELSE reason_no_scale
        END AS reason_no_t_score
    FROM judged
)

SELECT
    person_id,
    episode_id,
    intervention_id,
    owner,
    goal_count,
    new_goal_count,
    reviewed_goal_count,
    judged_goal_count,
    successful_goal_count,
    CAST(successful_goal_count AS DOUBLE) / NULLIF(judged_goal_count, 0) AS success_share,
    latest_review_date,
    CASE WHEN reason_no_baseline_t_score IS NULL THEN 50 + sum_w_baseline * t_per_level END AS baseline_t_score,
    reason_no_baseline_t_score,
    CASE WHEN reason_no_t_score IS NULL THEN 50 + sum_w_attained * t_per_level END AS t_score,
    reason_no_t_score
FROM reasoned
