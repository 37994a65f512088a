-- A questionnaire scored from its answers, or why it has no score.
-- Grain: one row per person_id, instrument_id, respondent, measured_date, version
-- Reads: staging.item_answer, ref.item, ref.scoring_part
-- Source: each instrument's published rule, in the catalogue with its source (`scoring`); method, section 1.
-- An answer to a reversed item counts from the other end. A part with too few answers has no score, and
-- then neither has the questionnaire. With answers missing but enough, the part is prorated: the mean of
-- the answered stands for the missing, sum * items / answered. A rounded part is floor(0.5 + points), here
-- one division of whole numbers, so that a half is exactly a half. Scores are in hundredths of a point.
WITH part_sum AS (
    SELECT
        answer.person_id,
        answer.instrument_id,
        answer.respondent,
        answer.measured_date,
        answer.version,
        item.part_id,
        COUNT(*) AS answer_count,
        CAST(
            SUM(
                CASE
                    WHEN item.is_reversed
                        THEN
                            CAST(ROUND(100 * (item.minimum_answer + item.maximum_answer)) AS BIGINT)
                            - answer.answer_hundredths
                    ELSE answer.answer_hundredths
                END
            ) AS BIGINT
        ) AS sum_hundredths,
        MAX(answer.source_file) AS source_file,
        MAX(answer.source_line) AS source_line
    FROM staging.item_answer AS answer
    INNER JOIN ref.item AS item
        ON answer.instrument_id = item.instrument_id AND answer.item_id = item.item_id
    GROUP BY
        answer.person_id,
        answer.instrument_id,
        answer.respondent,
        answer.measured_date,
        answer.version,
        item.part_id
),

part_score AS (
    SELECT
        part_sum.*,
        part.is_in_total,
        part.total_part_count,
        CASE
            WHEN NOT part.is_in_total OR part_sum.answer_count < part.minimum_answered THEN NULL
            WHEN part.is_rounded
                THEN
                    100 * part.multiplier * FLOOR(
                        (2 * part_sum.sum_hundredths * part.item_count + 100 * part_sum.answer_count)
                        / (200 * part_sum.answer_count)
                    )
            ELSE part.multiplier * part_sum.sum_hundredths * part.item_count / part_sum.answer_count
        END AS part_hundredths
    FROM part_sum
    INNER JOIN ref.scoring_part AS part
        ON part_sum.instrument_id = part.instrument_id AND part_sum.part_id = part.part_id
),

questionnaire AS (
    SELECT
        person_id,
        instrument_id,
        respondent,
        measured_date,
        version,
        CAST(SUM(answer_count) AS BIGINT) AS answer_count,
        CASE
            WHEN COUNT(part_hundredths) = MAX(total_part_count)
                THEN CAST(SUM(CAST(ROUND(part_hundredths) AS BIGINT)) AS BIGINT)
        END AS score_hundredths,
        MAX(source_file) AS source_file,
        MAX(source_line) AS source_line
    FROM part_score
    GROUP BY person_id, instrument_id, respondent, measured_date, version
)

SELECT
    person_id,
    instrument_id,
    respondent,
    measured_date,
    version,
    answer_count,
    score_hundredths,
    CASE WHEN score_hundredths IS NULL THEN 'too_few_answers' END AS reason_no_score,
    source_file,
    source_line
FROM questionnaire
