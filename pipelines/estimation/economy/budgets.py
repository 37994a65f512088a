"""What the successes spare, by year and payer, less what the support costs more (in the manner of SØM)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb
import numpy as np

from pipelines.estimation.economy.rows import (
    ALL,
    NOT_YET_STARTED,
    SHARE_DECIMALS,
    Found,
    economy_row,
    exactly,
    generator,
    without_limits,
)
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.economy import (
    Budget,
    Floats,
    Saving,
    Uncertain,
    break_even_year,
    discount_factors,
    summary,
    uncertain,
)
from pipelines.estimators.result import Estimate, NotEstimable, Result

# Who pays for social support: the municipality, less what it is refunded, which no extract tells.
COST_PAYER = "municipality"
# How many draws of prices and consequences each redraw of the persons is put together with.
REPEATS = 10


@dataclass(frozen=True)
class Prices:
    """What the catalogue says of money: consequences by intervention and outcome, prices, rates and λ."""

    consequences: Mapping[tuple[str, str], list[Row]]
    unit_prices: Mapping[str, Row]
    rates: Sequence[tuple[int, float]]
    other_rates: Sequence[Sequence[tuple[int, float]]]
    willingness: Mapping[str, Row]


def read_prices(connection: duckdb.DuckDBPyConnection) -> Prices:
    """Read what the catalogue declares."""
    order = "intervention_id, outcome_id, consequence_id, year_number"
    consequences: dict[tuple[str, str], list[Row]] = {}
    for row in read_rows(connection, f"SELECT * FROM ref.consequence ORDER BY {order}"):
        consequences.setdefault((row["intervention_id"], row["outcome_id"]), []).append(row)
    tables: dict[Any, list[tuple[int, float]]] = {}
    in_force = None
    for row in read_rows(connection, "SELECT * FROM ref.discount_rate ORDER BY valid_from_date, year_from"):
        tables.setdefault(row["valid_from_date"], []).append((row["year_from"], row["rate"]))
        in_force = row["valid_from_date"] if row["is_in_force"] else in_force
    return Prices(
        consequences=consequences,
        unit_prices={
            row["unit_price_id"]: row for row in read_rows(connection, "SELECT * FROM ref.unit_price")
        },
        rates=tables.get(in_force, []),
        other_rates=[rates for day, rates in tables.items() if day != in_force],
        willingness={
            row["outcome_id"]: row for row in read_rows(connection, "SELECT * FROM ref.willingness_to_pay")
        },
    )


def budget_of(one: Found, prices: Prices, level: float, setting: Row) -> Budget | NotEstimable:
    """What the comparison's successes spare, or why it cannot be said."""
    if isinstance(one.cost, NotEstimable):
        return one.cost
    unit = "favourable_share" if one.comparator == NOT_YET_STARTED else "reliably_improved"
    success = one.effects.get(unit, NotEstimable("no_share_difference"))
    declared = prices.consequences.get((one.intervention_id, one.outcome_id), [])
    if not declared:
        return NotEstimable("no_unit_price")
    if isinstance(success, NotEstimable):
        return success
    if not prices.rates:
        return NotEstimable("no_discount_rate")
    draws = REPEATS * len(success.draws)
    savings = [
        _saving(list(years), prices.unit_prices, draws, level, setting)
        for _, years in groupby(declared, lambda row: row["consequence_id"])
    ]
    last = max(year for saving in savings for year in saving.years)
    return Budget(
        success=_repeated(success),
        cost=_repeated(one.cost),
        cost_payer=COST_PAYER,
        savings=tuple(savings),
        factors=discount_factors(prices.rates, last),
    )


def _repeated(number: Uncertain) -> Uncertain:
    return Uncertain(number.estimate, number.lower, number.upper, np.tile(number.draws, REPEATS))


def _saving(
    years: Sequence[Row], unit_prices: Mapping[str, Row], draws: int, level: float, setting: Row
) -> Saving:
    """One consequence: its years stand or fall together, and so do all uses of a price."""
    first = years[0]
    price = unit_prices[first["unit_price_id"]]
    of_price = (price["price_dkk"], price["lower_dkk"], price["upper_dkk"])
    named = generator(setting, "price", price["unit_price_id"])
    return Saving(
        name=first["consequence_id"],
        payer=price["payer"],
        years=tuple(row["year_number"] for row in years),
        units=tuple(
            uncertain(
                row["units"],
                row["lower"],
                row["upper"],
                level,
                draws,
                generator(setting, "units", first["consequence_id"]),
            )
            for row in years
        ),
        price_name=price["unit_price_id"],
        price=uncertain(*of_price, level, draws, named),
    )


def budget_rows(one: Found, budget: Budget | NotEstimable, prices: Prices, level: float) -> list[Row]:
    """Return the net results, when it is paid back, and what each input could do to it."""
    if isinstance(budget, NotEstimable):
        return [economy_row(one, "net_result", budget)]
    assumed = sorted(
        {s.price_name for s in budget.savings if prices.unit_prices[s.price_name]["is_interval_assumed"]}
    )
    told = {"is_sound": one.is_sound, "prices_with_assumed_interval": assumed}
    flows, drawn = budget.flows(), budget.drawn_flows()
    rows = result_rows(one, flows, drawn, budget.factors, budget.payers, one.n, level, told)
    years = len(flows)
    year = break_even_year(flows.sum(axis=1), budget.factors)
    even: Result = NotEstimable("not_within_horizon") if year is None else exactly(float(year), one.n)
    rows.append(without_limits(economy_row(one, "break_even_year", even, told=told)))
    paid = np.cumsum(drawn.sum(axis=2) * budget.factors[:years], axis=1) >= 0
    for number, share in enumerate(paid.mean(axis=0).tolist()):
        probability = exactly(round(share, SHARE_DECIMALS), one.n)
        rows.append(
            without_limits(
                economy_row(
                    one, "probability_paid_back", probability, item=f"year:{number}", year_number=number
                )
            )
        )
    estimate = float(flows.sum(axis=1) @ budget.factors[:years])
    others = [discount_factors(rates, years - 1) for rates in prices.other_rates]
    for name, (low, high) in budget.tornado(others).items():
        end = Estimate(estimate, min(low, estimate), max(high, estimate), one.n)
        rows.append(economy_row(one, "net_result_if", end, item=f"input:{name}"))
    return rows


def result_rows(
    one: Found | Mapping[str, Any],
    flows: Floats,
    drawn: Floats,
    factors: Floats,
    payers: Sequence[str],
    n: int,
    level: float,
    told: Mapping[str, Any],
) -> list[Row]:
    """The net result by payer and year, not discounted; in all years together, discounted; and P(above 0)."""
    years = len(flows)
    weights = factors[:years]
    rows = []
    parts = {payer: (flows[:, i], drawn[:, :, i]) for i, payer in enumerate(payers)}
    for payer, (flow, draws) in {ALL: (flows.sum(axis=1), drawn.sum(axis=2)), **parts}.items():
        total, totals = float(flow @ weights), draws @ weights
        rows.append(economy_row(one, "net_result", summary(total, totals, level, n), payer=payer, told=told))
        probability = exactly(round(float((totals > 0).mean()), SHARE_DECIMALS), n)
        rows.append(
            without_limits(economy_row(one, "probability_net_result", probability, payer=payer, told=told))
        )
        rows += [
            economy_row(
                one,
                "net_result",
                summary(float(flow[year]), draws[:, year], level, n),
                payer=payer,
                item=f"year:{year}",
                year_number=year,
                told=told,
            )
            for year in range(years)
        ]
    return rows
