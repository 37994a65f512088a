-- The cut-off between the clinical and the well side, at the baseline and at the follow-up.
-- Grain: one row per instrument_id, respondent
-- Reads: individual.norm_moment, ref.instrument, ref.setting
-- Source: Jacobson & Truax 1991, in the direction of the scale (d):
--   a = M_clin + d * 2 * SD_clin      two SD outside the clinical population
--   b = M_func - d * 2 * SD_func      within two SD of the functional population, by its own SD
--   c = (SD_clin * M_func + SD_func * M_clin) / (SD_clin + SD_func)
-- The clinical side is always the sample's baseline, the functional side the norm's; otherwise the
-- cut-off is the published one. Hageman & Arrindell 1999 put SD * sqrt(reliability) for both SD in
-- c, and ask of the follow-up that its estimated true score lies beyond the cut-off by more than error:
--   d * (M_post + (y - M_post) * r_post - cut-off) / (sqrt(r_post) * SEM) > z
-- which is solved for y here, so that the well side is one comparison for every method. A cut-off of
-- any other kind is kept as it is. The SEM is one for all three populations, as in their paper.
WITH prepared AS (
    SELECT
        moment.*,
        instrument.direction,
        setting.hageman_arrindell_z,
        setting.reliable_change_method = 'HA' AND moment.cutoff_method = 'c' AS is_of_true_scores,
        moment.sem_score * moment.sem_score AS error_variance
    FROM individual.norm_moment AS moment
    INNER JOIN ref.instrument AS instrument ON moment.instrument_id = instrument.instrument_id
    CROSS JOIN ref.setting AS setting
),

-- A variance smaller than its own error leaves no true variance to speak of: NULL.
true_score AS (
    SELECT
        *,
        sample_sd * SQRT(reliability) AS true_sd_clinical,
        CASE
            WHEN functional_sd * functional_sd > error_variance
                THEN SQRT(functional_sd * functional_sd - error_variance)
        END AS true_sd_functional,
        CASE
            WHEN variance_follow_up > error_variance THEN (variance_follow_up - error_variance) / variance_follow_up
        END AS true_share_follow_up
    FROM prepared
),

placed AS (
    SELECT
        *,
        CASE
            WHEN is_of_true_scores
                THEN
                    (true_sd_clinical * functional_mean + true_sd_functional * sample_mean)
                    / (true_sd_clinical + true_sd_functional)
            WHEN cutoff_method = 'a' THEN sample_mean + direction * 2 * sample_sd
            WHEN cutoff_method = 'b' THEN functional_mean - direction * 2 * functional_sd
            WHEN cutoff_method = 'c'
                THEN (sample_sd * functional_mean + functional_sd * sample_mean) / (sample_sd + functional_sd)
            ELSE cutoff
        END AS cutoff_score
    FROM true_score
)

SELECT
    instrument_id,
    respondent,
    cutoff_score,
    CASE
        WHEN is_of_true_scores
            THEN
                mean_follow_up
                + (
                    cutoff_score
                    + direction * hageman_arrindell_z * SQRT(true_share_follow_up) * sem_score
                    - mean_follow_up
                ) / true_share_follow_up
        ELSE cutoff_score
    END AS follow_up_cutoff_score
FROM placed
