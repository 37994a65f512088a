-- What a pair of measurements says about one person.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.measurement_pair, individual.measurement_error, ref.instrument, ref.setting
-- Source: Jacobson & Truax 1991; method, sections 3.1 to 3.4. `is_reliable` speaks of one person,
-- `is_noticeable` (minimal important change) of groups; the two are never exchanged. The well side is strictly
-- beyond the cut-off. At ceiling: the scale has no room for a reliable improvement.
WITH scored AS (
    SELECT
        pair.*,
        instrument.direction,
        measurement_error.standard_error_of_difference,
        measurement_error.cutoff_score,
        measurement_error.minimal_important_change,
        setting.reliable_z,
        pair.change_hundredths / (100 * measurement_error.standard_error_of_difference) AS rci,
        CASE
            WHEN instrument.direction = 1 THEN instrument.maximum_score - pair.baseline_hundredths / 100
            ELSE pair.baseline_hundredths / 100 - instrument.minimum_score
        END AS room_score,
        instrument.direction * pair.baseline_hundredths / 100 > instrument.direction * measurement_error.cutoff_score
            AS was_well,
        instrument.direction * pair.follow_up_hundredths / 100 > instrument.direction * measurement_error.cutoff_score
            AS is_well
    FROM individual.measurement_pair AS pair
    INNER JOIN ref.instrument AS instrument ON pair.instrument_id = instrument.instrument_id
    INNER JOIN individual.measurement_error AS measurement_error
        ON pair.instrument_id = measurement_error.instrument_id AND pair.respondent = measurement_error.respondent
    CROSS JOIN ref.setting AS setting
)

SELECT
    episode_id,
    instrument_id,
    respondent,
    follow_up_kind,
    baseline_date,
    baseline_hundredths,
    follow_up_date,
    follow_up_hundredths,
    change_hundredths,
    rci,
    ABS(rci) > reliable_z AS is_reliable,
    NOT was_well AND is_well AS crossed_cutoff,
    CASE
        WHEN rci > reliable_z AND NOT was_well AND is_well THEN 'recovered'
        WHEN rci > reliable_z THEN 'improved'
        WHEN rci < -reliable_z THEN 'deteriorated'
        WHEN rci IS NOT NULL THEN 'unchanged'
    END AS category,
    change_hundredths >= 100 * minimal_important_change AS is_noticeable,
    room_score <= reliable_z * standard_error_of_difference AS is_at_ceiling
FROM scored
