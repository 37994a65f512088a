-- E0: the score a person was expected to have at the horizon without support, from the baseline alone.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.baseline, individual.episode_outcome, individual.waiting_fit, individual.waiting_pair,
--        staging.person, ref.reference, ref.setting
-- Source: method, section 3.5; regression to the mean: Davis 1976, Barnett, van der Pols & Dobson 2005. No follow-up
-- of a treated person is read, here or below: neither their mean nor their spread can come back as an expectation.
--
-- Two sources, the catalogue's reference first. It was declared before anybody looked at the data, says the same next
-- year, and its people were picked by nobody. Those who wait a whole horizon are few, change from year to year, and
-- were left to wait because others were thought to need help sooner.
--   reference  mean + r * (b - mean); z * SQRT(SD^2 * (1 - r^2) + ((1 - r) * SE_mean)^2 + (b - mean)^2 * var(r)), with
--              var(r) = (1 - r^2)^2 / (n_r - 1): the person's own spread, and both parameters' errors (delta method).
--              The error of SD is left out. The reference holds for the person's target group and age at the start,
--              in completed years; born on 29 February is a year older on 1 March where there is no such day.
--   waiting    least squares on waiting pairs of the same horizon, the person's own left out; the usual prediction
--              interval with Student's t, from z and the degrees of freedom (Abramowitz & Stegun 26.7.5: within 0.001
--              from 8 degrees). Where everybody scores the same or lies on one line, nothing is claimed.
-- An expectation or a limit beyond the scale's end is left there: it is a line's, no score.
-- E0 is right for people chosen by this very score. Chosen by something lasting that the score tells little of
-- (severity), they are expected too well; by a passing dip that it tells little of, too badly. See the documentation.
WITH subject AS (
    SELECT
        outcome.episode_id,
        outcome.person_id,
        outcome.instrument_id,
        outcome.respondent,
        outcome.horizon_months,
        setting.long_follow_up_months,
        baseline.baseline_hundredths,
        person.target_group,
        EXTRACT(YEAR FROM outcome.started_date) - EXTRACT(YEAR FROM person.birth_date)
        - CASE
            WHEN
                100 * EXTRACT(MONTH FROM outcome.started_date) + EXTRACT(DAY FROM outcome.started_date)
                < 100 * EXTRACT(MONTH FROM person.birth_date) + EXTRACT(DAY FROM person.birth_date)
                THEN 1
            ELSE 0
        END AS age
    FROM individual.episode_outcome AS outcome
    INNER JOIN individual.baseline AS baseline
        ON
            outcome.episode_id = baseline.episode_id
            AND outcome.instrument_id = baseline.instrument_id
            AND outcome.respondent = baseline.respondent
    INNER JOIN staging.person AS person ON outcome.person_id = person.person_id
    CROSS JOIN ref.setting AS setting
),

asked AS (
    SELECT
        episode_id,
        person_id,
        instrument_id,
        respondent,
        'primary' AS follow_up_kind,
        horizon_months,
        baseline_hundredths,
        target_group,
        age
    FROM subject
    UNION ALL
    SELECT
        episode_id,
        person_id,
        instrument_id,
        respondent,
        'long' AS follow_up_kind,
        long_follow_up_months AS horizon_months,
        baseline_hundredths,
        target_group,
        age
    FROM subject
),

-- The horizons for which the catalogue has a reference, whoever it is of.
known AS (
    SELECT DISTINCT
        instrument_id,
        respondent,
        horizon_months,
        TRUE AS is_own_horizon
    FROM ref.reference
),

known_instrument AS (
    SELECT DISTINCT
        instrument_id,
        respondent,
        TRUE AS has_reference
    FROM ref.reference
),

-- The waiting sums without the person's own wait.
basis AS (
    SELECT
        asked.episode_id,
        asked.instrument_id,
        asked.respondent,
        asked.follow_up_kind,
        asked.age,
        asked.target_group,
        asked.baseline_hundredths AS b,
        known_instrument.has_reference,
        known.is_own_horizon,
        reference.reference_id,
        reference.mean,
        reference.mean_standard_error,
        reference.sd,
        reference.correlation,
        reference.correlation_n,
        waiting.n - CASE WHEN own.first_hundredths IS NULL THEN 0 ELSE 1 END AS n,
        waiting.x - COALESCE(own.first_hundredths, 0) AS x,
        waiting.y - COALESCE(own.second_hundredths, 0) AS y,
        waiting.xx - COALESCE(own.first_hundredths * own.first_hundredths, 0) AS xx,
        waiting.xy - COALESCE(own.first_hundredths * own.second_hundredths, 0) AS xy,
        waiting.yy - COALESCE(own.second_hundredths * own.second_hundredths, 0) AS yy
    FROM asked
    LEFT JOIN known_instrument
        ON asked.instrument_id = known_instrument.instrument_id AND asked.respondent = known_instrument.respondent
    LEFT JOIN known
        ON
            asked.instrument_id = known.instrument_id
            AND asked.respondent = known.respondent
            AND asked.horizon_months = known.horizon_months
    LEFT JOIN ref.reference AS reference
        ON
            asked.instrument_id = reference.instrument_id
            AND asked.respondent = reference.respondent
            AND asked.horizon_months = reference.horizon_months
            AND asked.target_group = reference.target_group
            AND asked.age >= reference.age_from
            AND asked.age <= reference.age_to
    LEFT JOIN individual.waiting_fit AS waiting
        ON
            asked.instrument_id = waiting.instrument_id
            AND asked.respondent = waiting.respondent
            AND asked.horizon_months = waiting.horizon_months
    LEFT JOIN individual.waiting_pair AS own
        ON
            asked.person_id = own.person_id
            AND asked.instrument_id = own.instrument_id
            AND asked.respondent = own.respondent
            AND asked.horizon_months = own.horizon_months
),

-- Spreads are n times the sum of squares (or products) about the means.
spread AS (
    SELECT
        basis.*,
        setting.expected_change_z AS z,
        basis.n < setting.minimum_waiting_persons AS is_too_few,
        CASE WHEN basis.n >= setting.minimum_waiting_persons THEN CAST(basis.n AS DOUBLE) END AS fitted_n,
        NULLIF(CAST(basis.n * basis.xx - basis.x * basis.x AS DOUBLE), 0) AS spread_x,
        CAST(basis.n * basis.xy - basis.x * basis.y AS DOUBLE) AS spread_xy,
        CAST(basis.n * basis.yy - basis.y * basis.y AS DOUBLE) AS spread_y
    FROM basis
    CROSS JOIN ref.setting AS setting
),

-- Below 1e-12 of the whole an unexplained share is rounding.
fitted AS (
    SELECT
        *,
        fitted_n - 2 AS df,
        NULLIF(ROUND(1 - spread_xy * spread_xy / spread_x / NULLIF(spread_y, 0), 12), 0) AS unexplained_share,
        fitted_n * b - x AS distance
    FROM spread
),

predicted AS (
    SELECT
        *,
        mean + correlation * (b / 100 - mean) AS reference_score,
        z * SQRT(
            sd * sd * (1 - correlation * correlation)
            + POWER((1 - correlation) * mean_standard_error, 2)
            + POWER((b / 100 - mean) * (1 - correlation * correlation), 2) / (correlation_n - 1)
        ) AS reference_half_width,
        (y + spread_xy / spread_x * distance) / fitted_n / 100 AS waiting_score,
        SQRT(
            unexplained_share * spread_y / fitted_n / df
            * (1 + 1 / fitted_n + distance * distance / fitted_n / spread_x)
        ) / 100 AS waiting_error,
        z + (POWER(z, 3) + z) / (4 * df) + (5 * POWER(z, 5) + 16 * POWER(z, 3) + 3 * z) / (96 * df * df)
        + (3 * POWER(z, 7) + 19 * POWER(z, 5) + 17 * POWER(z, 3) - 15 * z) / (384 * df * df * df) AS t
    FROM fitted
),

chosen AS (
    SELECT
        *,
        CASE
            WHEN reference_id IS NOT NULL THEN 'reference'
            WHEN waiting_error IS NOT NULL THEN 'waiting'
        END AS without_support_source,
        COALESCE(reference_half_width, t * waiting_error) AS half_width,
        CASE
            WHEN reference_id IS NOT NULL THEN reference_score
            WHEN waiting_error IS NOT NULL THEN waiting_score
        END AS expected_score
    FROM predicted
)

SELECT
    episode_id,
    instrument_id,
    respondent,
    follow_up_kind,
    expected_score AS expected_without_support,
    expected_score - half_width AS expected_without_support_lower,
    expected_score + half_width AS expected_without_support_upper,
    without_support_source,
    reference_id,
    CASE
        WHEN without_support_source IS NOT NULL THEN NULL
        WHEN n > 0 AND NOT is_too_few THEN 'no_variation'
        WHEN has_reference AND is_own_horizon IS NULL THEN 'other_horizon'
        WHEN has_reference AND age IS NULL THEN 'no_birth_date'
        WHEN has_reference AND target_group IS NULL THEN 'no_target_group'
        WHEN has_reference THEN 'other_population'
        WHEN n > 0 THEN 'too_few_waiting'
        ELSE 'no_reference'
    END AS reason_no_expected_without_support
FROM chosen
