-- One answer to one item of a questionnaire.
-- Grain: one row per person_id, instrument_id, respondent, measured_date, version, item_id
-- Reads: raw.item_answer, staging.identity
-- Of rows with the same key the last delivered one counts. Answers of two versions are never mixed; a version
-- that is not told is one of its own, and has the empty name: so that a join on it needs no care.
SELECT
    identity.person_id,
    item_answer.instrument_id,
    item_answer.respondent,
    item_answer.measured_date,
    COALESCE(item_answer.version, '') AS version,
    item_answer.item_id,
    CAST(ROUND(item_answer.answer * 100) AS BIGINT) AS answer_hundredths,
    item_answer.source_file,
    item_answer.source_line
FROM raw.item_answer AS item_answer
INNER JOIN staging.identity AS identity ON item_answer.person_id = identity.pseudonym
QUALIFY
    ROW_NUMBER() OVER (
        PARTITION BY
            identity.person_id,
            item_answer.instrument_id,
            item_answer.respondent,
            item_answer.measured_date,
            item_answer.version,
            item_answer.item_id
        ORDER BY item_answer.source_file DESC, item_answer.source_line DESC
    ) = 1
