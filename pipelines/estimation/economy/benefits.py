"""Is the difference worth what it costs: at the declared willingness to pay, and along the curve."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.estimation.economy.budgets import Prices
from pipelines.estimation.economy.rows import (
    NOT_YET_STARTED,
    SHARE_DECIMALS,
    Found,
    economy_row,
    exactly,
    without_limits,
)
from pipelines.estimation.rows import Row
from pipelines.estimators.economy import NetBenefit, Uncertain, cost_effectiveness_ratio, net_benefit
from pipelines.estimators.result import Estimate, NotEstimable


def benefit_rows(one: Found, prices: Prices, level: float, setting: Row) -> list[Row]:
    """What it costs more, and whether that is worth it at the declared λ and along the curve."""
    told = {"is_sound": one.is_sound}
    if isinstance(one.cost, NotEstimable):
        return [economy_row(one, "incremental_cost", one.cost), *_undeclared(one, prices, one.cost)]
    cost = one.cost
    rows = [economy_row(one, "incremental_cost", _estimate(cost, one.n), told=told)]
    if one.comparator == NOT_YET_STARTED:
        return rows
    declared = prices.willingness.get(one.outcome_id)
    unit = declared["unit"] if declared else "sd"
    effect = one.effects.get(unit, NotEstimable("no_share_difference"))
    if isinstance(effect, NotEstimable):
        return [*rows, *_undeclared(one, prices, effect)]
    rows.append(
        economy_row(
            one,
            "cost_effectiveness_ratio",
            cost_effectiveness_ratio(effect, cost, level, one.n),
            effect_unit=unit,
            told=told,
        )
    )
    if declared:
        at = net_benefit(effect, cost, declared["amount_dkk"], level)
        rows += _at_willingness(one, at, unit, "", "declared", told)
    for willingness in np.linspace(
        0, setting["willingness_grid_highest_dkk"], setting["willingness_grid_steps"] + 1
    ).tolist():
        at = net_benefit(effect, cost, willingness, level)
        rows += _at_willingness(one, at, unit, "curve_", f"willingness:{willingness:.0f}", told)
    return rows


def _undeclared(one: Found, prices: Prices, reason: NotEstimable) -> list[Row]:
    """Where λ is declared and there is no number, the reason."""
    declared = prices.willingness.get(one.outcome_id)
    if not declared or one.comparator == NOT_YET_STARTED:
        return []
    return [
        economy_row(
            one,
            "probability_net_benefit",
            reason,
            item="declared",
            willingness_to_pay=declared["amount_dkk"],
            effect_unit=declared["unit"],
        )
    ]


def _at_willingness(
    one: Found, at: NetBenefit, unit: str, before: str, item: str, told: Mapping[str, Any]
) -> list[Row]:
    probability = exactly(round(at.probability_positive, SHARE_DECIMALS), one.n)
    names = {
        f"{before}net_benefit": Estimate(at.estimate, at.lower, at.upper, one.n),
        f"{before}probability" if before else "probability_net_benefit": probability,
        f"{before}perfect_information": exactly(at.perfect_information, one.n),
    }
    rows = [
        economy_row(
            one,
            statistic,
            result,
            item=item,
            willingness_to_pay=at.willingness_to_pay,
            effect_unit=unit,
            told=told,
        )
        for statistic, result in names.items()
    ]
    return [rows[0], *(without_limits(row) for row in rows[1:])]


def _estimate(number: Uncertain, n: int) -> Estimate:
    return Estimate(number.estimate, number.lower, number.upper, n)
