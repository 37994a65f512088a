-- What decides whether one person's change is reliable, by the method the catalogue chooses.
-- Grain: one row per instrument_id, respondent
-- Reads: individual.norm_moment, individual.cutoff, ref.setting
-- Every method is the same sentence: the change, less the change that chance alone would bring,
-- over a standard error, against a critical value. In raw scores (x before, y after, M mean, S SD,
-- r reliability, SEM = S * sqrt(1 - r)) they differ in two things:
--   method  change by chance                             standard error
--   JT      0                                            S * sqrt(2 * (1 - r))             Jacobson & Truax 1991
--   EN      (1 - r) * (M - x)                            SEM              Edwards, Yarvis, Mueller & Nunnally 1978
--   GLN     (1 - r) * (M - x)                            S * sqrt(1 - r^2)             Gulliksen, Lord & Novick
--   HLL     M_post - M_pre + (1 - r) * (M_pre - x)       S * sqrt(1 - r^2)             Hsu, Linn & Lord
--   NK      (1 - r) * (M - x)                            sqrt(r^2 * SEM^2 + S^2 * (1 - r_post))  Nunnally & Kotsch 1983
--   HA      -(M_post - M_pre) * (1 - r_dd) / r_dd        SEM * sqrt(2 / r_dd)          Hageman & Arrindell 1999
-- with r_dd = 1 - 2 * SEM^2 / var(y - x), the share of the variance of change that is true; HA has a
-- critical value of its own. `percentage` has no error: JT's stands beside it as a guard.
-- M is the mean of the population that S is of: the sample's where the norm says so, else the norm's
-- `mean`, never the functional population's by default. M_post and var(y - x) only a sample has. What
-- a method lacks makes its standard error NULL (no_norm): nothing is judged, nothing is guessed.
-- HLL and HA judge a person against the group: one who changes as all others do is not reliable in HLL.
WITH needed AS (
    SELECT
        moment.*,
        setting.reliable_change_method AS method,
        1 - moment.reliability AS unreliability,
        CASE setting.reliable_change_method WHEN 'HA' THEN setting.hageman_arrindell_z ELSE setting.reliable_z END
            AS critical_z,
        CASE
            WHEN moment.variance_change > 2 * moment.sem_score * moment.sem_score
                THEN 1 - 2 * moment.sem_score * moment.sem_score / moment.variance_change
        END AS true_change_share
    FROM individual.norm_moment AS moment
    CROSS JOIN ref.setting AS setting
),

by_method AS (
    SELECT
        *,
        CASE
            WHEN method IN ('JT', 'percentage') THEN 0.0
            WHEN method IN ('EN', 'GLN', 'NK') THEN unreliability * mean_score
            WHEN method = 'HLL' THEN mean_follow_up - mean_score + unreliability * mean_score
            WHEN method = 'HA' THEN -(mean_follow_up - mean_score) * (1 - true_change_share) / true_change_share
        END AS chance_change_at_zero,
        CASE WHEN method IN ('JT', 'percentage', 'HA') THEN 0.0 ELSE -unreliability END AS chance_change_per_point,
        CASE
            WHEN method IN ('JT', 'percentage') THEN NULLIF(sd_score, 0) * SQRT(2 * (1 - reliability))
            WHEN method = 'EN' THEN sem_score
            WHEN method IN ('GLN', 'HLL') THEN NULLIF(sd_score, 0) * SQRT(1 - reliability * reliability)
            WHEN method = 'NK'
                THEN SQRT(
                    reliability * reliability * sem_score * sem_score + sd_score * sd_score * (1 - reliability_post)
                )
            WHEN method = 'HA' THEN sem_score * SQRT(2 / true_change_share)
        END AS error_score
    FROM needed
)

SELECT
    by_method.instrument_id,
    by_method.respondent,
    by_method.reliability,
    by_method.minimal_important_change,
    by_method.is_sample_sd,
    by_method.sd_score,
    cutoff.cutoff_score,
    cutoff.follow_up_cutoff_score,
    by_method.critical_z,
    by_method.chance_change_at_zero,
    by_method.chance_change_per_point,
    CASE WHEN by_method.chance_change_at_zero IS NOT NULL THEN by_method.error_score END
        AS standard_error_of_difference
FROM by_method
INNER JOIN individual.cutoff AS cutoff
    ON by_method.instrument_id = cutoff.instrument_id AND by_method.respondent = cutoff.respondent
