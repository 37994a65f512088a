-- What those who answered said, added up for each indicator in each cell.
-- Grain: one row per indicator_id, survey_year, sex, age_band_id
-- Reads: ref.indicator, strategy.survey_reply
-- Answers are in hundredths of the scale's points, and their squares in ten-thousandths, so that sums are exact.
-- `match_count` is NULL for an indicator that has no limit: a mean.
SELECT
    indicator.indicator_id,
    reply.survey_id,
    reply.survey_year,
    reply.sex,
    reply.age_band_id,
    COUNT(*) AS answer_count,
    CASE
        WHEN MAX(indicator.threshold_hundredths) IS NOT NULL
            THEN
                COUNT(*) FILTER (
                    WHERE CASE
                        WHEN indicator.is_at_least
                            THEN reply.answer_hundredths >= indicator.threshold_hundredths
                        ELSE reply.answer_hundredths <= indicator.threshold_hundredths
                    END
                )
    END AS match_count,
    CAST(SUM(reply.answer_hundredths) AS BIGINT) AS sum_hundredths,
    CAST(SUM(reply.answer_hundredths * reply.answer_hundredths) AS BIGINT) AS sum_squares
FROM strategy.survey_reply AS reply
INNER JOIN ref.indicator AS indicator
    ON reply.question_id = indicator.question_id AND indicator.formula IN ('survey_share', 'survey_mean')
GROUP BY indicator.indicator_id, reply.survey_id, reply.survey_year, reply.sex, reply.age_band_id
