-- The actions of the yearly plans: what was expected of each, and how far the figure it names moved.
-- Grain: one row per action_id
-- Reads: estimate.intervention_effect, estimate.strategy_indicator, ref.intervention_outcome, ref.run, ref.setting,
-- strategy.action_progress
-- Why: the figure is the indicator's change from the year before (from the baseline where there is no year before);
-- where an intervention is named but no indicator, the change from before to after on its primary outcome. It moved;
-- that the action moved it is not known. The evaluation reads the interval, not the point, in the direction that was
-- expected: less or more where the interval lies wholly on one side of what was expected, give or take the tolerance;
-- as expected where it reaches that and shows a movement; otherwise nothing can be told, nor of an action that has not
-- begun or of a year that is not over. What is counted in full has
-- no interval: the figure itself is compared.
WITH figure AS (
    SELECT
        'indicator' AS measured_from,
        indicator_id AS figure_id,
        year,
        n,
        COALESCE(previous_change, change) AS measured_change,
        CASE WHEN previous_change IS NULL THEN change_lower ELSE previous_lower END AS change_lower,
        CASE WHEN previous_change IS NULL THEN change_upper ELSE previous_upper END AS change_upper,
        CASE WHEN previous_change IS NULL THEN baseline_year ELSE previous_year END AS compared_year,
        law = 'census' AS is_counted_in_full
    FROM estimate.strategy_indicator
    WHERE population = 'year'
    -- An indicator of several goals has the same figures in all of them.
    QUALIFY ROW_NUMBER() OVER (PARTITION BY indicator_id, year ORDER BY goal_id) = 1
    UNION ALL
    SELECT
        'intervention' AS measured_from,
        effect.intervention_id AS figure_id,
        run.reporting_year AS year,
        effect.n,
        effect.estimate AS measured_change,
        effect.lower AS change_lower,
        effect.upper AS change_upper,
        NULL AS compared_year,
        FALSE AS is_counted_in_full
    FROM estimate.intervention_effect AS effect
    INNER JOIN ref.intervention_outcome AS outcome
        ON effect.intervention_id = outcome.intervention_id AND effect.outcome_id = outcome.outcome_id
    CROSS JOIN ref.run AS run
    WHERE
        outcome.is_primary
        AND effect.design = 'D1'
        AND effect.specification = 'main'
        AND effect.population = 'window'
        AND effect.follow_up_kind = 'primary'
        AND effect.statistic = 'mean_change'
),

action AS (
    SELECT
        progress.*,
        CASE
            WHEN progress.indicator_id IS NOT NULL THEN 'indicator'
            WHEN progress.intervention_id IS NOT NULL THEN 'intervention'
        END AS measured_from,
        COALESCE(progress.indicator_id, progress.intervention_id) AS figure_id,
        CASE WHEN progress.expected_change < 0 THEN -1 ELSE 1 END AS direction,
        run.reference_date < run.window_end_date AND progress.plan_year = run.reporting_year AS is_year_open,
        ROUND(ABS(progress.expected_change) * (1 - setting.action_tolerance_share), 9) AS least,
        ROUND(ABS(progress.expected_change) * (1 + setting.action_tolerance_share), 9) AS most
    FROM strategy.action_progress AS progress
    CROSS JOIN ref.run AS run
    CROSS JOIN ref.setting AS setting
    WHERE progress.plan_year <= run.reporting_year
),

-- The interval turned to the direction that was expected. Rounded like the limits, so that a figure that is exactly the
-- tolerance away lies within.
compared AS (
    SELECT
        action.*,
        figure.n,
        figure.measured_change,
        figure.change_lower,
        figure.change_upper,
        figure.figure_id IS NOT NULL AS has_figure,
        CASE WHEN figure.measured_change IS NOT NULL THEN figure.compared_year END AS compared_year,
        ROUND(
            CASE
                WHEN figure.is_counted_in_full THEN action.direction * figure.measured_change
                WHEN action.direction = 1 THEN figure.change_lower
                ELSE -figure.change_upper
            END, 9
        ) AS low,
        ROUND(
            CASE
                WHEN figure.is_counted_in_full THEN action.direction * figure.measured_change
                WHEN action.direction = 1 THEN figure.change_upper
                ELSE -figure.change_lower
            END, 9
        ) AS high
    FROM action
    LEFT JOIN figure
        ON
            action.measured_from = figure.measured_from
            AND action.figure_id = figure.figure_id
            AND action.plan_year = figure.year
),

evaluated AS (
    SELECT
        *,
        CASE
            WHEN measured_from IS NULL THEN 'nothing_named'
            WHEN NOT has_figure THEN 'no_figure'
            WHEN measured_change IS NULL THEN 'no_earlier_figure'
            WHEN expected_change IS NULL THEN 'nothing_expected'
            WHEN status = 'planned' THEN 'not_begun'
            WHEN is_year_open THEN 'year_not_over'
            WHEN low IS NULL OR high IS NULL THEN 'no_interval'
            WHEN high < least OR low > most THEN NULL
            WHEN low <= 0 AND (low < least OR high > most) THEN 'too_uncertain'
        END AS reason_not_evaluated
    FROM compared
)

SELECT
    action_id,
    plan_year AS year,
    goal_id,
    initiative_id,
    intervention_id,
    indicator_id,
    title_da,
    owner_role,
    deadline_date,
    done_date,
    status,
    is_late,
    reason_lateness_unknown,
    expected_change,
    measured_from,
    compared_year,
    measured_change,
    change_lower,
    change_upper,
    CASE WHEN measured_change IS NULL THEN 0 ELSE n END AS n,
    CASE
        WHEN measured_change IS NULL THEN 'not_measured'
        WHEN reason_not_evaluated IS NOT NULL THEN 'cannot_tell'
        WHEN high < least THEN 'less'
        WHEN low > most THEN 'more'
        ELSE 'as_expected'
    END AS evaluation,
    reason_not_evaluated,
    FALSE AS is_suppressed
FROM evaluated
