-- What all of a person's support cost from a decision until a comparison's horizon, in øre and fixed prices.
-- Grain: one row per episode_id, target_date
-- Reads: intervention.comparison_decision, intervention.comparison_score, individual.support_period, staging.episode,
--        ref.price_index, ref.setting
-- Source: method, section 5. The same in both arms: all the person's support on the days from the decision's until the
-- day before the horizon, also what ran already, for what it replaces is saved. An episode's cost is spread evenly over
-- the days it has run. One episode whose cost is not known makes the sum unknown, not smaller; no support costs 0. The
-- prices of the decision's year become those of the price year where an index of both is declared.
WITH asked AS (
    SELECT
        score.episode_id,
        decision.person_id,
        decision.time_zero_date,
        score.target_date
    FROM intervention.comparison_score AS score
    INNER JOIN intervention.comparison_decision AS decision ON score.episode_id = decision.episode_id
    UNION
    SELECT
        decision.episode_id,
        decision.person_id,
        decision.time_zero_date,
        decision.time_zero_date + 7 * setting.waiting_horizon_weeks AS target_date
    FROM intervention.comparison_decision AS decision
    CROSS JOIN ref.setting AS setting
    WHERE decision.time_zero_date + 7 * setting.waiting_horizon_weeks <= decision.reference_date
),

running AS (
    SELECT
        asked.episode_id,
        asked.target_date,
        CAST(
            ROUND(
                CAST(episode.cost_oere AS DOUBLE)
                * COALESCE(price_index.factor, 1)
                * (
                    DATE_DIFF(
                        'day',
                        GREATEST(period.from_date, asked.time_zero_date),
                        LEAST(period.to_date, asked.target_date - 1)
                    ) + 1
                )
                / (DATE_DIFF('day', period.from_date, period.to_date) + 1)
            ) AS BIGINT
        ) AS cost_oere
    FROM asked
    INNER JOIN individual.support_period AS period
        ON
            asked.person_id = period.person_id
            AND asked.time_zero_date <= period.to_date
            AND asked.target_date > period.from_date
    INNER JOIN staging.episode AS episode ON period.episode_id = episode.episode_id
    LEFT JOIN ref.price_index AS price_index ON EXTRACT(YEAR FROM asked.time_zero_date) = price_index.year_number
),

summed AS (
    SELECT
        episode_id,
        target_date,
        COUNT(*) AS running_count,
        COUNT(cost_oere) AS known_count,
        SUM(cost_oere) AS cost_oere
    FROM running
    GROUP BY episode_id, target_date
)

SELECT
    asked.episode_id,
    asked.target_date,
    CASE
        WHEN COALESCE(summed.running_count = summed.known_count, TRUE)
            THEN CAST(COALESCE(summed.cost_oere, 0) AS BIGINT)
    END AS cost_oere
FROM asked
LEFT JOIN summed ON asked.episode_id = summed.episode_id AND asked.target_date = summed.target_date
