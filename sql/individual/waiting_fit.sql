-- The exact sums of a regression of the second on the first measurement of people who wait.
-- Grain: one row per instrument_id, respondent, horizon_months
-- Reads: individual.waiting_pair
-- Sums, not coefficients: a person's own wait is subtracted before the line is used on them (expected_without_support).
-- Hundredths of a point are whole numbers, so the sums are exact.
SELECT
    instrument_id,
    respondent,
    horizon_months,
    COUNT(*) AS n,
    SUM(first_hundredths) AS x,
    SUM(second_hundredths) AS y,
    SUM(first_hundredths * first_hundredths) AS xx,
    SUM(first_hundredths * second_hundredths) AS xy,
    SUM(second_hundredths * second_hundredths) AS yy
FROM individual.waiting_pair
GROUP BY instrument_id, respondent, horizon_months
