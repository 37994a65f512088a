-- An episode's course on one outcome: all its measurements, and the straight line through them.
-- Grain: one row per episode_id, instrument_id, respondent
-- Reads: individual.episode_outcome, staging.measurement, ref.instrument, ref.setting
-- Source: method, section 3.6; ordinary least squares of score on day (Draper & Smith 1998, chapter 1). A measurement
-- belongs to the episode from the baseline window's opening until the end follow-up's window closes, or until the
-- reference date, whichever is first; one between two episodes belongs to both. Plus is improvement.
-- Two versions of an instrument are two scales: the line is of the version with most points, on a tie of the one
-- used first, and the points of other versions are counted.
-- A slope describes a course. It is no effect: it holds the dip in which people ask for help. Over fewer days than a
-- pair needs there is none: 24 points from one day to the next would read as 4,383 in six months.
--
-- Days and hundredths of a point are whole numbers, so the sums are exact and divided once: no cancellation, the same
-- bytes on every run. With a point a day for 20 years of scores up to 10,000 points the largest product is 1e34; a
-- DECIMAL(38) that overflowed would stop the run, not wrap.
-- The standard error takes residuals for independent; those of measurements close together are not, and it is then
-- too small. Two points lie on any line; three or more on one by rounding alone: a standard error of 0 would then
-- claim to know the slope exactly, so there is none, and a reason. The sums go on to the model of all courses of an
-- intervention together (estimate.trajectory).
WITH point AS (
    SELECT
        outcome.episode_id,
        outcome.instrument_id,
        outcome.respondent,
        measurement.version,
        measurement.measured_date,
        DATE_DIFF('day', outcome.started_date, measurement.measured_date) AS x,
        instrument.direction * measurement.score_hundredths AS y
    FROM individual.episode_outcome AS outcome
    CROSS JOIN ref.setting AS setting
    INNER JOIN ref.instrument AS instrument ON outcome.instrument_id = instrument.instrument_id
    INNER JOIN staging.measurement AS measurement
        ON
            outcome.person_id = measurement.person_id
            AND outcome.instrument_id = measurement.instrument_id
            AND outcome.respondent = measurement.respondent
            AND measurement.measured_date >= outcome.started_date - setting.baseline_days_before
            AND measurement.measured_date
            <= LEAST(outcome.reference_date, outcome.ended_date + setting.end_days_after)
),

version_sum AS (
    SELECT
        episode_id,
        instrument_id,
        respondent,
        version,
        COUNT(*) AS n,
        MIN(measured_date) AS first_date,
        MAX(measured_date) AS last_date,
        SUM(x) AS sum_x,
        SUM(y) AS sum_y,
        SUM(x * x) AS sum_xx,
        SUM(x * y) AS sum_xy,
        SUM(y * y) AS sum_yy
    FROM point
    GROUP BY episode_id, instrument_id, respondent, version
),

point_sum AS (
    SELECT
        *,
        SUM(n) OVER (PARTITION BY episode_id, instrument_id, respondent) - n AS other_version_count
    FROM version_sum
    QUALIFY
        ROW_NUMBER() OVER (PARTITION BY episode_id, instrument_id, respondent ORDER BY n DESC, first_date) = 1
),

-- n times the sum of squares (or products) about the means.
spread AS (
    SELECT
        *,
        CAST(n * sum_xx - sum_x * sum_x AS DECIMAL(38, 0)) AS spread_x,
        CAST(n * sum_xy - sum_x * sum_y AS DECIMAL(38, 0)) AS spread_xy,
        CAST(n * sum_yy - sum_y * sum_y AS DECIMAL(38, 0)) AS spread_y
    FROM point_sum
),

-- Points closer than a pair may be give no line. `unexplained` is n times spread_x times the residual sum of
-- squares: 0 exactly when all points lie on the line, as one and two do.
fitted AS (
    SELECT
        spread.*,
        spread.last_date < spread.first_date + setting.minimum_pair_days AS is_too_short,
        CAST(spread.spread_x AS DOUBLE) AS x_x,
        CAST(spread.spread_xy AS DOUBLE) AS x_y,
        CASE
            WHEN spread.last_date >= spread.first_date + setting.minimum_pair_days
                THEN
                    CAST(
                        NULLIF(spread.spread_x * spread.spread_y - spread.spread_xy * spread.spread_xy, 0) AS DOUBLE
                    )
        END AS unexplained
    FROM spread
    CROSS JOIN ref.setting AS setting
)

SELECT
    outcome.person_id,
    outcome.episode_id,
    outcome.intervention_id,
    outcome.instrument_id,
    outcome.respondent,
    outcome.started_date,
    outcome.is_in_window,
    COALESCE(fitted.n, 0) AS point_count,
    CAST(COALESCE(fitted.other_version_count, 0) AS BIGINT) AS other_version_count,
    fitted.first_date,
    fitted.last_date,
    CASE
        WHEN fitted.n > 1 AND NOT fitted.is_too_short
            THEN fitted.x_y / fitted.x_x / 100 * setting.days_per_year * setting.trajectory_months / 12
    END AS slope_score,
    SQRT(fitted.unexplained / (fitted.n - 2)) / fitted.x_x / 100
    * setting.days_per_year * setting.trajectory_months / 12 AS slope_standard_error_score,
    SQRT(fitted.unexplained / fitted.x_x / fitted.n / (fitted.n - 2)) / 100 AS residual_sd_score,
    CASE
        WHEN fitted.n IS NULL THEN 'no_point'
        WHEN fitted.n = 1 THEN 'one_point'
        WHEN fitted.is_too_short THEN 'too_short'
    END AS reason_no_slope,
    CASE
        WHEN fitted.n IS NULL THEN 'no_point'
        WHEN fitted.n = 1 THEN 'one_point'
        WHEN fitted.is_too_short THEN 'too_short'
        WHEN fitted.n = 2 THEN 'two_points'
        WHEN fitted.unexplained IS NULL THEN 'points_on_a_line'
    END AS reason_no_standard_error,
    CAST(fitted.sum_x AS DOUBLE) AS sum_days,
    CAST(fitted.sum_xx AS DOUBLE) AS sum_days_days,
    CAST(fitted.sum_y AS DOUBLE) / 100 AS sum_score,
    CAST(fitted.sum_xy AS DOUBLE) / 100 AS sum_days_score,
    CAST(fitted.sum_yy AS DOUBLE) / 10000 AS sum_score_score
FROM individual.episode_outcome AS outcome
CROSS JOIN ref.setting AS setting
LEFT JOIN fitted
    ON
        outcome.episode_id = fitted.episode_id
        AND outcome.instrument_id = fitted.instrument_id
        AND outcome.respondent = fitted.respondent
