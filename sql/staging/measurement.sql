-- One score of one person on one day, by one kind of respondent: delivered, or scored from answers.
-- Grain: one row per person_id, instrument_id, respondent, measured_date
-- Reads: raw.measurement, staging.identity, staging.item_score
-- Two scores on one day: a delivered one goes before one scored here, then the last delivered counts (the check
-- on keys reports how many). Scores are kept in whole hundredths of a point, so that sums are exact.
-- `version` is the edition of the instrument; one that is not told is a version of its own, the empty name.
WITH score AS (
    SELECT
        identity.person_id,
        measurement.instrument_id,
        measurement.respondent,
        measurement.measured_date,
        COALESCE(measurement.version, '') AS version,
        CAST(ROUND(measurement.score * 100) AS BIGINT) AS score_hundredths,
        FALSE AS is_from_items,
        measurement.source_file,
        measurement.source_line
    FROM raw.measurement AS measurement
    INNER JOIN staging.identity AS identity ON measurement.person_id = identity.pseudonym
    UNION ALL
    SELECT
        person_id,
        instrument_id,
        respondent,
        measured_date,
        version,
        score_hundredths,
        TRUE AS is_from_items,
        source_file,
        source_line
    FROM staging.item_score
    WHERE score_hundredths IS NOT NULL
)

SELECT
    person_id,
    instrument_id,
    respondent,
    measured_date,
    version,
    score_hundredths,
    is_from_items
FROM score
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY person_id, instrument_id, respondent, measured_date
        ORDER BY is_from_items, source_file DESC, source_line DESC, version DESC
    ) = 1
