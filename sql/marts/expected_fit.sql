-- Restricted: the lines behind the expected scores, one row per line.
-- Grain: one row per kind, basis_id, instrument_id, respondent, horizon_months
-- Reads: ref.reference, ref.setting, individual.waiting_fit, individual.usual_fit
-- Source: method, section 3.5. `basis_id`: the reference, or the intervention that is left out. A person's own pairs
-- are still in the sums here; they are taken out before the line is used on that person. The numbers of a reference
-- are the catalogue's: its n is that of the correlation.
WITH sums AS (
    SELECT
        'waiting' AS kind,
        'all' AS basis_id,
        waiting.instrument_id,
        waiting.respondent,
        waiting.horizon_months,
        waiting.n,
        waiting.x,
        waiting.y,
        waiting.xx,
        waiting.xy,
        waiting.yy,
        setting.minimum_waiting_persons AS minimum_n
    FROM individual.waiting_fit AS waiting
    CROSS JOIN ref.setting AS setting
    UNION ALL
    SELECT
        'usual_course' AS kind,
        usual.left_out_intervention_id AS basis_id,
        usual.instrument_id,
        usual.respondent,
        usual.horizon_months,
        usual.n,
        usual.x,
        usual.y,
        usual.xx,
        usual.xy,
        usual.yy,
        setting.minimum_usual_pairs AS minimum_n
    FROM individual.usual_fit AS usual
    CROSS JOIN ref.setting AS setting
),

spread AS (
    SELECT
        *,
        NULLIF(CAST(n * xx - x * x AS DOUBLE), 0) AS spread_x,
        CAST(n * xy - x * y AS DOUBLE) AS spread_xy,
        CAST(n * yy - y * y AS DOUBLE) AS spread_y
    FROM sums
),

fitted AS (
    SELECT
        *,
        spread_xy / spread_x AS slope,
        spread_xy * spread_xy / spread_x / NULLIF(spread_y, 0) AS r_squared
    FROM spread
),

-- Below 1e-12 of the whole an unexplained share is rounding.
shown AS (
    SELECT
        *,
        (y - slope * x) / n / 100 AS intercept,
        CASE
            WHEN n > 2 THEN SQRT(NULLIF(ROUND(1 - r_squared, 12), 0) * spread_y / n / (n - 2)) / 100
        END AS residual_sd_score
    FROM fitted
)

SELECT DISTINCT
    'reference' AS kind,
    reference_id AS basis_id,
    instrument_id,
    respondent,
    horizon_months,
    correlation_n AS n,
    mean AS mean_baseline_score,
    sd AS sd_baseline_score,
    (1 - correlation) * mean AS intercept,
    correlation AS slope,
    sd * SQRT(1 - correlation * correlation) AS residual_sd_score,
    correlation * correlation AS r_squared,
    CAST(NULL AS VARCHAR) AS reason_not_used
FROM ref.reference
UNION ALL
SELECT
    kind,
    basis_id,
    instrument_id,
    respondent,
    horizon_months,
    CAST(n AS BIGINT) AS n,
    x / n / 100 AS mean_baseline_score,
    CASE WHEN n > 1 THEN SQRT(spread_x / n / (n - 1)) / 100 END AS sd_baseline_score,
    intercept,
    slope,
    residual_sd_score,
    r_squared,
    CASE
        WHEN n < minimum_n THEN 'too_few'
        WHEN residual_sd_score IS NULL THEN 'no_variation'
    END AS reason_not_used
FROM shown
