-- The means, spreads and reliabilities by which an instrument's changes are judged.
-- Grain: one row per instrument_id, respondent
-- Reads: ref.instrument_norm, individual.measurement_pair
-- Two kinds of norm, never mixed. A published norm gives SD, reliability and (for the methods
-- that need one) the mean of the population the SD is of. A norm that says `sample` takes mean
-- and SD of the baseline scores of complete primary pairs; only such a norm knows the moments
-- of the follow-up and of the change: they are NULL beside a published SD. `sample_mean` and
-- `sample_sd` are the baseline's whatever the norm says: the clinical side of cut-offs a and c.
-- Only all pairs of an instrument together make a sample. Variances are sample ones (n - 1), from
-- exact integer sums divided once. `sem_score` is the standard error of measurement, SD * sqrt(1 - r).
WITH sample_sum AS (
    SELECT
        instrument_id,
        respondent,
        COUNT(*) AS n,
        SUM(baseline_hundredths) AS x,
        SUM(follow_up_hundredths) AS y,
        SUM(baseline_hundredths * baseline_hundredths) AS xx,
        SUM(follow_up_hundredths * follow_up_hundredths) AS yy,
        SUM(change_hundredths) AS d,
        SUM(change_hundredths * change_hundredths) AS dd
    FROM individual.measurement_pair
    WHERE follow_up_kind = 'primary'
    GROUP BY instrument_id, respondent
),

divided AS (
    SELECT
        *,
        CASE WHEN n > 1 THEN CAST(n AS DOUBLE) * (n - 1) END AS divisor
    FROM sample_sum
),

sample AS (
    SELECT
        instrument_id,
        respondent,
        CAST(x AS DOUBLE) / n / 100 AS mean_baseline,
        CAST(y AS DOUBLE) / n / 100 AS mean_follow_up,
        SQRT(CAST(n * xx - x * x AS DOUBLE) / divisor) / 100 AS sd_baseline,
        CAST(n * yy - y * y AS DOUBLE) / divisor / 10000 AS variance_follow_up,
        CAST(n * dd - d * d AS DOUBLE) / divisor / 10000 AS variance_change
    FROM divided
),

in_use AS (
    SELECT
        norm.*,
        sample.mean_baseline AS sample_mean,
        sample.sd_baseline AS sample_sd,
        CASE WHEN norm.is_sample_sd THEN sample.sd_baseline ELSE norm.sd END AS sd_score,
        CASE WHEN norm.is_sample_sd THEN sample.mean_baseline ELSE norm.mean END AS mean_score,
        CASE WHEN norm.is_sample_sd THEN sample.mean_follow_up END AS mean_follow_up,
        CASE WHEN norm.is_sample_sd THEN sample.variance_follow_up END AS variance_follow_up,
        CASE WHEN norm.is_sample_sd THEN sample.variance_change END AS variance_change
    FROM ref.instrument_norm AS norm
    LEFT JOIN sample ON norm.instrument_id = sample.instrument_id AND norm.respondent = sample.respondent
)

SELECT
    instrument_id,
    respondent,
    is_sample_sd,
    sd_score,
    NULLIF(sd_score, 0) * SQRT(1 - reliability) AS sem_score,
    mean_score,
    mean_follow_up,
    NULLIF(variance_follow_up, 0) AS variance_follow_up,
    NULLIF(variance_change, 0) AS variance_change,
    reliability,
    COALESCE(reliability_post, reliability) AS reliability_post,
    sample_mean,
    sample_sd,
    functional_mean,
    functional_sd,
    cutoff,
    cutoff_method,
    minimal_important_change
FROM in_use
