-- The standard error of a difference and the cut-off that judge one person's change.
-- Grain: one row per instrument_id, respondent
-- Reads: ref.instrument_norm, individual.measurement_pair
-- Source: Jacobson & Truax 1991: S_diff = SD * sqrt(2 * (1 - r)); cut-off c =
-- (s_clin * m_func + s_func * m_clin) / (s_clin + s_func). SD and cut-off are the catalogue's;
-- a norm that says `sample` takes the SD of the baseline scores of complete primary pairs, and
-- cut-off c always takes mean and SD of those as its clinical side. Sample variance from exact
-- integer sums, divided once. Only all pairs of an instrument together make a sample.
WITH sample_sum AS (
    SELECT
        instrument_id,
        respondent,
        COUNT(*) AS n,
        SUM(baseline_hundredths) AS total,
        SUM(baseline_hundredths * baseline_hundredths) AS total_square
    FROM individual.measurement_pair
    WHERE follow_up_kind = 'primary'
    GROUP BY instrument_id, respondent
),

sample AS (
    SELECT
        instrument_id,
        respondent,
        CAST(total AS DOUBLE) / n / 100 AS mean_score,
        CASE
            WHEN n > 1
                THEN SQRT(CAST(n * total_square - total * total AS DOUBLE) / (CAST(n AS DOUBLE) * (n - 1))) / 100
        END AS sd_score
    FROM sample_sum
),

judged AS (
    SELECT
        norm.instrument_id,
        norm.respondent,
        norm.reliability,
        norm.minimal_important_change,
        norm.is_sample_sd,
        CASE WHEN norm.is_sample_sd THEN sample.sd_score ELSE norm.sd END AS sd_score,
        CASE
            WHEN norm.cutoff_method = 'c'
                THEN
                    (sample.sd_score * norm.functional_mean + norm.functional_sd * sample.mean_score)
                    / (sample.sd_score + norm.functional_sd)
            ELSE norm.cutoff
        END AS cutoff_score
    FROM ref.instrument_norm AS norm
    LEFT JOIN sample ON norm.instrument_id = sample.instrument_id AND norm.respondent = sample.respondent
)

SELECT
    *,
    NULLIF(sd_score, 0) * SQRT(2 * (1 - reliability)) AS standard_error_of_difference
FROM judged
