-- One score of one person on one day, by one kind of respondent.
-- Grain: one row per person_id, instrument_id, respondent, measured_date
-- Reads: raw.measurement, staging.identity
-- Two scores on one day: the last delivered counts (the check on keys reports how many).
-- Scores are kept in whole hundredths of a point, so that sums are exact.
SELECT
    identity.person_id,
    measurement.instrument_id,
    measurement.respondent,
    measurement.measured_date,
    CAST(ROUND(measurement.score * 100) AS BIGINT) AS score_hundredths
FROM raw.measurement AS measurement
INNER JOIN staging.identity AS identity ON measurement.person_id = identity.pseudonym
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY
            identity.person_id, measurement.instrument_id, measurement.respondent, measurement.measured_date
        ORDER BY measurement.source_file DESC, measurement.source_line DESC
    ) = 1
