"""What the comparisons found, as numbers with draws: effect and cost of the same persons."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import duckdb
import numpy as np
import numpy.typing as npt

from pipelines.estimation.economy.rows import NOT_YET_STARTED, Found, generator
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.economy import Uncertain, uncertain, widened
from pipelines.estimators.result import Estimate, NotEstimable, Result

DRAW_TABLES = ("estimate.other_support_draw", "estimate.waiting_draw")


def compared(connection: duckdb.DuckDBPyConnection, level: float) -> Iterator[Found]:
    """Yield each comparison of persons with its effect and cost, from the same redraws."""
    tables = " UNION ALL ".join(f"SELECT * FROM {table}" for table in DRAW_TABLES)
    order = "ORDER BY comparator, intervention_id, outcome_id, quantity"
    rows = read_rows(connection, f"SELECT * FROM ({tables}) {order}")
    for _, group in groupby(rows, lambda r: (r["comparator"], r["intervention_id"], r["outcome_id"])):
        by_quantity = {row["quantity"]: row for row in group}
        fitted = [np.array(row["draws"]) for row in by_quantity.values() if row["draws"]]
        kept = np.all(np.isfinite(fitted), axis=0) if fitted else np.empty(0, dtype=np.bool_)
        known = {name: _known(row, kept, level) for name, row in by_quantity.items()}
        first = next(iter(by_quantity.values()))
        yield Found(
            intervention_id=first["intervention_id"],
            outcome_id=first["outcome_id"],
            comparator=first["comparator"],
            n=first["n"],
            is_sound=first["is_sound"],
            cost=known.pop("cost"),
            effects=known,
        )


def _known(row: Row, kept: npt.NDArray[np.bool_], level: float) -> Uncertain | NotEstimable:
    if row["not_estimable_reason"]:
        return NotEstimable(row["not_estimable_reason"])
    draws = widened(np.array(row["draws"])[kept], row["lower"], row["upper"], level)
    return Uncertain(row["estimate"], row["lower"], row["upper"], draws)


def registered(
    connection: duckdb.DuckDBPyConnection,
    effects: Sequence[Row],
    own_costs: Mapping[str, Result],
    level: float,
    setting: Row,
) -> Iterator[Found]:
    """Yield what the registers say at each intervention's horizon: persons' share of the time, and the cost.

    The effect is a number with its error, the cost the intervention's own: those not started have none of it.
    """
    horizons = dict(
        connection.execute("SELECT intervention_id, horizon_months FROM ref.intervention").fetchall()
    )
    for row in effects:
        wanted = f"effect_at_{horizons.get(row['intervention_id'])}_months"
        if (row["comparator"], row["statistic"]) != (NOT_YET_STARTED, wanted):
            continue
        effect: Uncertain | NotEstimable = NotEstimable(str(row["not_estimable_reason"]))
        if row["estimate"] is not None:
            error = json.loads(row["diagnostics"])["pointwise_standard_error"]
            numbers = (value / 100 for value in (row["estimate"], row["lower"], row["upper"]))
            rng = generator(setting, row["intervention_id"], row["outcome_id"])
            draws = setting["bootstrap_draws"]
            estimate, lower, upper = numbers
            effect = Uncertain(estimate, lower, upper, estimate + error / 100 * rng.standard_normal(draws))
        cost = own_costs.get(row["intervention_id"], NotEstimable("cost_unknown"))
        if isinstance(cost, Estimate):
            rng = generator(setting, row["intervention_id"], "cost")
            limits = cost.estimate, cost.lower, cost.upper
            known: Uncertain | NotEstimable = uncertain(*limits, level, setting["bootstrap_draws"], rng)
        else:
            known = cost
        yield Found(
            intervention_id=row["intervention_id"],
            outcome_id=row["outcome_id"],
            comparator=NOT_YET_STARTED,
            n=row["n"],
            is_sound=None,
            cost=effect if isinstance(effect, NotEstimable) else known,
            effects={"favourable_share": effect},
        )
