"""What the differences cost and save: cost, net benefit, and budget consequences by year and payer.

Of comparisons alone, and of what they measured: a success is one more than without the support, never one of
those who did well. What a success is worth is the catalogue's, with its interval; nothing is counted beyond
what was measured unless the catalogue has a source for it.
"""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from pipelines.estimation.economy.benefits import benefit_rows
from pipelines.estimation.economy.budgets import budget_of, budget_rows, read_prices
from pipelines.estimation.economy.descriptions import descriptions, own_costs
from pipelines.estimation.economy.found import DRAW_TABLES, compared, registered
from pipelines.estimation.economy.portfolio import portfolio_rows
from pipelines.estimation.economy.rows import ECONOMY_SCHEMA, Found
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.economy import Budget

READS = (*DRAW_TABLES, "intervention.cost_moment", "intervention.portfolio_person")


def results(connection: duckdb.DuckDBPyConnection, level: float, effects: Sequence[Row]) -> pa.Table:
    """Return every row of the economy; `effects` are those of `estimate.intervention_effect`."""
    (setting,) = read_rows(connection, "SELECT * FROM ref.setting")
    moments = read_rows(
        connection, "SELECT * FROM intervention.cost_moment ORDER BY intervention_id, outcome_id, statistic"
    )
    prices = read_prices(connection)
    found = [
        *compared(connection, level),
        *registered(connection, effects, own_costs(moments, level, setting), level, setting),
    ]
    rows = descriptions(moments, level, setting)
    budgets: list[tuple[Found, Budget]] = []
    for one in found:
        rows += benefit_rows(one, prices, level, setting)
        budget = budget_of(one, prices, level, setting)
        rows += budget_rows(one, budget, prices, level)
        if isinstance(budget, Budget):
            budgets.append((one, budget))
    rows += portfolio_rows(connection, budgets, level, setting)
    return pa.Table.from_pylist(rows, schema=ECONOMY_SCHEMA)
