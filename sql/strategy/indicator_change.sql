-- Each person's reliable change and change in points, for the indicators that ask of them, in the follow-up's year.
-- Grain: one row per indicator_id, year, person_id
-- Reads: individual.episode_effect, staging.episode, ref.indicator, ref.indicator_member, ref.run
-- Counted pairs at the intervention's own horizon (method, section 2); of several in a year the latest counts.
SELECT
    indicator.indicator_id,
    EXTRACT(YEAR FROM effect.follow_up_date) AS year,
    effect.person_id,
    episode.provider_id,
    CASE indicator.change
        WHEN 'improved' THEN effect.is_reliable AND effect.change_hundredths > 0
        WHEN 'deteriorated' THEN effect.is_reliable AND effect.change_hundredths < 0
        WHEN 'neither' THEN NOT effect.is_reliable
    END AS is_in_numerator,
    CASE WHEN indicator.formula = 'mean_change' THEN 100 * effect.change_hundredths END AS amount_ten_thousandths
FROM individual.episode_effect AS effect
CROSS JOIN ref.run AS run
INNER JOIN ref.indicator AS indicator
    ON
        (indicator.formula = 'reliable_share' AND effect.is_reliable IS NOT NULL)
        OR (
            indicator.formula = 'mean_change'
            AND effect.instrument_id = indicator.instrument_id
            AND effect.respondent = indicator.respondent
        )
INNER JOIN staging.episode AS episode ON effect.episode_id = episode.episode_id
LEFT JOIN ref.indicator_member AS listed
    ON indicator.indicator_id = listed.indicator_id AND effect.instrument_id = listed.member
WHERE
    effect.follow_up_kind = 'primary'
    AND effect.reason_not_counted IS NULL
    AND EXTRACT(YEAR FROM effect.follow_up_date) <= run.reporting_year
    AND (indicator.list_kind IS NULL OR listed.member IS NOT NULL)
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY indicator.indicator_id, EXTRACT(YEAR FROM effect.follow_up_date), effect.person_id
        ORDER BY effect.follow_up_date DESC, effect.is_primary DESC, effect.episode_id, effect.outcome_id
    ) = 1
