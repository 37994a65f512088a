-- One score of one person on one day, by one kind of respondent.
-- Grain: one row per person_id, instrument_id, respondent, measured_date
-- Reads: raw.measurement, staging.person
-- Two scores on one day: the last delivered counts (the check on keys reports how many).
-- Scores are kept in whole hundredths of a point, so that sums are exact.
WITH latest AS (
    SELECT *
    FROM raw.measurement
    QUALIFY ROW_NUMBER() OVER (
        PARTITION BY person_id, instrument_id, respondent, measured_date
        ORDER BY source_file DESC, source_line DESC
    ) = 1
)

SELECT
    person.person_id,
    latest.instrument_id,
    latest.respondent,
    latest.measured_date,
    CAST(ROUND(latest.score * 100) AS BIGINT) AS score_hundredths
FROM latest
INNER JOIN staging.person AS person ON latest.person_id = person.pseudonym
