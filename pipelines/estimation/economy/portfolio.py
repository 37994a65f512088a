"""All interventions together: each month of a job is counted once, however many supports it came after."""

from collections.abc import Sequence

import duckdb
import numpy as np

from pipelines.estimation.economy.budgets import result_rows
from pipelines.estimation.economy.rows import NOT_YET_STARTED, WHOLE, Found, economy_row
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.economy import Budget
from pipelines.estimators.result import NotEstimable


def portfolio_rows(
    connection: duckdb.DuckDBPyConnection, budgets: Sequence[tuple[Found, Budget]], level: float, setting: Row
) -> list[Row]:
    """All interventions whose register outcomes have a worth, for all who began: each job counted once.

    A month of one person in one register is shared between the interventions it came after; each
    intervention's cost is counted once, however many registers it is to move. Differences from other support
    are not in it: they are against each other.
    """
    key = {"intervention_id": WHOLE, "outcome_id": WHOLE, "comparator": NOT_YET_STARTED}
    counted = [(one, budget) for one, budget in budgets if one.comparator == NOT_YET_STARTED]
    months = {
        (row["intervention_id"], row["outcome_id"]): row
        for row in read_rows(
            connection,
            """
            SELECT
                portfolio.intervention_id,
                portfolio.outcome_id,
                COUNT(*) AS person_count,
                SUM(CAST(ROUND(1000000 * portfolio.unique_months) AS BIGINT))
                / CAST(1000000 AS DOUBLE) / MAX(intervention.horizon_months) AS unique_persons
            FROM intervention.portfolio_person AS portfolio
            INNER JOIN ref.intervention AS intervention USING (intervention_id)
            GROUP BY portfolio.intervention_id, portfolio.outcome_id
            """,
        )
    }
    counted = [(one, budget) for one, budget in counted if (one.intervention_id, one.outcome_id) in months]
    if not counted:
        return [economy_row(key, "portfolio_net_result", NotEstimable("no_register_result"))]
    names = sorted({one.intervention_id for one, _ in counted})
    n = _persons(connection, names, setting["disclosure_minimum"])
    if n == 0:
        return [economy_row(key, "portfolio_net_result", NotEstimable("too_few_persons"))]
    payers = tuple(dict.fromkeys(payer for _, budget in counted for payer in budget.payers))
    years = max(len(budget.factors) for _, budget in counted)
    factors = next(budget.factors for _, budget in counted if len(budget.factors) == years)
    draws = len(counted[0][1].success.draws)
    flows, drawn = np.zeros((years, len(payers))), np.zeros((draws, years, len(payers)))
    is_paid: set[str] = set()
    for one, budget in counted:
        row = months[one.intervention_id, one.outcome_id]
        own, own_drawn = budget.flows(), budget.drawn_flows()
        # What is spared is of the months that are its own; what it costs is of everybody, once.
        scale = row["unique_persons"]
        paid_again = (0 if one.intervention_id in is_paid else row["person_count"]) - scale
        place = [payers.index(payer) for payer in budget.payers]
        flows[: len(own), place] += scale * own
        drawn[:, : len(own), place] += scale * own_drawn
        flows[0, place[0]] -= paid_again * budget.cost.estimate
        drawn[:, 0, place[0]] -= paid_again * budget.cost.draws
        is_paid.add(one.intervention_id)
    told = {"interventions": len(names), "outcomes": len(counted)}
    rows = result_rows(key, flows, drawn, factors, payers, n, level, told)
    return [row | {"statistic": f"portfolio_{row['statistic']}"} for row in rows]


def _persons(connection: duckdb.DuckDBPyConnection, interventions: Sequence[str], step: int) -> int:
    """How many persons the portfolio is of, rounded down: less those of its parts, it tells of no few."""
    counted = connection.execute(
        "SELECT COUNT(DISTINCT person_id) FROM intervention.portfolio_person"
        f" WHERE intervention_id IN ({', '.join('?' * len(interventions))})",
        interventions,
    ).fetchone()
    assert counted is not None
    return step * (int(counted[0]) // step)
