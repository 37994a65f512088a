-- Measurements of people whom no support on record has reached yet.
-- Grain: one row per person_id, instrument_id, respondent, measured_date
-- Reads: staging.measurement, individual.dated_episode
-- Source: method, section 3.5. The expected change without support (E0) is fitted on these and on no other
-- measurements: a treated follow-up cannot enter by this door. The day of the start itself is shut out too, and so is
-- everybody who was supported before, however long ago: what that support still does cannot be seen here.
-- Only people with an episode are asked about: nobody else waits.
WITH first_start AS (
    SELECT
        person_id,
        MIN(reference_date) AS reference_date,
        MIN(started_date) AS started_date
    FROM individual.dated_episode
    GROUP BY person_id
)

SELECT
    measurement.person_id,
    measurement.instrument_id,
    measurement.respondent,
    measurement.measured_date,
    measurement.version,
    measurement.score_hundredths
FROM staging.measurement AS measurement
INNER JOIN first_start ON measurement.person_id = first_start.person_id
WHERE
    measurement.measured_date <= first_start.reference_date
    AND (first_start.started_date IS NULL OR measurement.measured_date < first_start.started_date)
