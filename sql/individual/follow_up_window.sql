-- The days on which each kind of follow-up may fall, and whether they have all passed.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.episode_outcome, ref.setting
-- Source: method, section 2: `primary` at the intervention's own horizon; `end`, `interim` and
-- `long` are descriptions. Interim aims at the reference date: the latest measurement so far.
WITH aimed AS (
    SELECT
        episode_id,
        instrument_id,
        respondent,
        reference_date,
        'primary' AS follow_up_kind,
        CAST(started_date + horizon_months * INTERVAL 1 MONTH AS DATE) AS target_date
    FROM individual.episode_outcome
    UNION ALL
    SELECT
        outcome.episode_id,
        outcome.instrument_id,
        outcome.respondent,
        outcome.reference_date,
        'long' AS follow_up_kind,
        CAST(outcome.started_date + setting.long_follow_up_months * INTERVAL 1 MONTH AS DATE) AS target_date
    FROM individual.episode_outcome AS outcome
    CROSS JOIN ref.setting AS setting
),

around_target AS (
    SELECT
        aimed.episode_id,
        aimed.instrument_id,
        aimed.respondent,
        aimed.reference_date,
        aimed.follow_up_kind,
        aimed.target_date,
        aimed.target_date - setting.follow_up_tolerance_days AS from_date,
        aimed.target_date + setting.follow_up_tolerance_days AS to_date
    FROM aimed
    CROSS JOIN ref.setting AS setting
),

at_end AS (
    SELECT
        outcome.episode_id,
        outcome.instrument_id,
        outcome.respondent,
        outcome.reference_date,
        'end' AS follow_up_kind,
        outcome.ended_date AS target_date,
        outcome.ended_date - setting.end_days_before AS from_date,
        outcome.ended_date + setting.end_days_after AS to_date
    FROM individual.episode_outcome AS outcome
    CROSS JOIN ref.setting AS setting
    WHERE outcome.ended_date IS NOT NULL
),

still_open AS (
    SELECT
        outcome.episode_id,
        outcome.instrument_id,
        outcome.respondent,
        outcome.reference_date,
        'interim' AS follow_up_kind,
        outcome.reference_date AS target_date,
        outcome.started_date + setting.interim_minimum_days AS from_date,
        outcome.reference_date AS to_date
    FROM individual.episode_outcome AS outcome
    CROSS JOIN ref.setting AS setting
    WHERE
        outcome.ended_date IS NULL
        AND outcome.started_date + setting.interim_minimum_days <= outcome.reference_date
)

SELECT
    *,
    to_date <= reference_date AS is_closed
FROM around_target
UNION ALL
SELECT
    *,
    to_date <= reference_date AS is_closed
FROM at_end
UNION ALL
SELECT
    *,
    to_date <= reference_date AS is_closed
FROM still_open
