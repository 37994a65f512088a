-- The course of an intervention's persons on its primary outcome: a few percentiles, period by period.
-- Grain: one row per intervention_id, outcome_id, population, month_number
-- Reads: intervention.course_point, ref.setting
-- The number of persons is rounded down to whole disclosure_minimum: exact, the first period would tell how many have a
-- baseline, and with those counted how many have no follow-up where that is hidden.
SELECT
    point.intervention_id,
    point.outcome_id,
    point.population,
    point.month_number,
    CASE
        WHEN point.n >= setting.disclosure_minimum THEN point.n - MOD(point.n, setting.disclosure_minimum)
    END AS n,
    point.p10_score,
    point.p25_score,
    point.p50_score,
    point.p75_score,
    point.p90_score,
    point.n < setting.disclosure_minimum AS is_suppressed,
    CASE WHEN point.n >= setting.disclosure_minimum THEN point.reason_no_scores END AS not_estimable_reason
FROM intervention.course_point AS point
CROSS JOIN ref.setting AS setting
