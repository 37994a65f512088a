-- What a pair of measurements says about one person.
-- Grain: one row per episode_id, instrument_id, respondent, follow_up_kind
-- Reads: individual.measurement_pair, individual.measurement_error, ref.instrument, ref.setting
-- Source: method, sections 3.1 to 3.4; the methods and their formulas stand in measurement_error.sql.
-- `is_reliable` speaks of one person, `is_noticeable` (minimal important change) of groups; the two
-- are never exchanged. The well side is strictly beyond the cut-off. At ceiling: not even the best
-- score of the scale would be a reliable improvement.
-- `percentage`: the change as a share of the baseline's distance from the scale's lowest score
-- (a scale from 3 to 9 has no percentages of its own; at the lowest score there is no percentage of
-- nothing: NULL), against a share each way, limits included. It knows no error and has no rci. So
-- where the error is known a change within it is unchanged, whatever its percentage; where it is
-- not, the category is the percentage's and is_reliable is NULL.
WITH scored AS (
    SELECT
        pair.*,
        measurement_error.minimal_important_change,
        measurement_error.critical_z,
        measurement_error.standard_error_of_difference,
        setting.reliable_change_method = 'percentage' AS is_percentage,
        setting.percentage_improvement_share,
        setting.percentage_deterioration_share,
        NULLIF(pair.baseline_hundredths - ROUND(100 * instrument.minimum_score), 0) AS whole_hundredths,
        instrument.direction * (
            measurement_error.chance_change_at_zero
            + measurement_error.chance_change_per_point * pair.baseline_hundredths / 100
        ) AS chance_change,
        CASE
            WHEN instrument.direction = 1 THEN instrument.maximum_score - pair.baseline_hundredths / 100
            ELSE pair.baseline_hundredths / 100 - instrument.minimum_score
        END AS room_score,
        instrument.direction * pair.baseline_hundredths / 100 > instrument.direction * measurement_error.cutoff_score
            AS was_well,
        instrument.direction * pair.follow_up_hundredths / 100
        > instrument.direction * measurement_error.follow_up_cutoff_score AS is_well
    FROM individual.measurement_pair AS pair
    INNER JOIN ref.instrument AS instrument ON pair.instrument_id = instrument.instrument_id
    INNER JOIN individual.measurement_error AS measurement_error
        ON pair.instrument_id = measurement_error.instrument_id AND pair.respondent = measurement_error.respondent
    CROSS JOIN ref.setting AS setting
),

indexed AS (
    SELECT
        *,
        (change_hundredths - 100 * chance_change) / (100 * standard_error_of_difference) AS error_index,
        change_hundredths / whole_hundredths AS change_share,
        room_score - chance_change <= critical_z * standard_error_of_difference AS has_no_room
    FROM scored
),

judged AS (
    SELECT
        *,
        CASE WHEN is_percentage THEN change_share ELSE error_index END IS NOT NULL AS is_judged,
        CASE
            WHEN NOT is_percentage THEN error_index > critical_z
            ELSE change_share >= percentage_improvement_share AND COALESCE(error_index > critical_z, TRUE)
        END AS is_better,
        CASE
            WHEN NOT is_percentage THEN error_index < -critical_z
            ELSE change_share <= -percentage_deterioration_share AND COALESCE(error_index < -critical_z, TRUE)
        END AS is_worse
    FROM indexed
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
    CASE WHEN NOT is_percentage THEN error_index END AS rci,
    CASE WHEN is_judged AND error_index IS NOT NULL THEN is_better OR is_worse END AS is_reliable,
    NOT was_well AND is_well AS crossed_cutoff,
    CASE
        WHEN NOT is_judged THEN NULL
        WHEN is_better AND NOT was_well AND is_well THEN 'recovered'
        WHEN is_better THEN 'improved'
        WHEN is_worse THEN 'deteriorated'
        ELSE 'unchanged'
    END AS category,
    change_hundredths >= 100 * minimal_important_change AS is_noticeable,
    CASE
        WHEN is_percentage
            THEN room_score * 100 / whole_hundredths < percentage_improvement_share OR COALESCE(has_no_room, FALSE)
        ELSE has_no_room
    END AS is_at_ceiling
FROM judged
