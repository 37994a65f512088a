"""The rows of the economy, and what they are made from: comparisons found, with their draws."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa

from pipelines.estimation.rows import Row
from pipelines.estimators.economy import Uncertain
from pipelines.estimators.result import Estimate, NotEstimable, Result

ECONOMY_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("outcome_id", pa.string()),
        ("comparator", pa.string()),
        ("statistic", pa.string()),
        ("payer", pa.string()),
        ("item", pa.string()),
        ("willingness_to_pay", pa.float64()),
        ("effect_unit", pa.string()),
        ("year_number", pa.int64()),
        ("estimate", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("n", pa.int64()),
        ("diagnostics", pa.string()),
        ("not_estimable_reason", pa.string()),
    ]
)
ALL = "all"
WHOLE = "ALL"
NOT_YET_STARTED = "not_yet_started"
# Shares are told in steps, so that nobody counts single persons out of them.
SHARE_DECIMALS = 3


@dataclass(frozen=True)
class Found:
    """One comparison: who, against what, and what was found in which unit; cost per person.

    `is_sound` is None where the design has checks of another kind.
    """

    intervention_id: str
    outcome_id: str
    comparator: str
    n: int
    is_sound: bool | None
    cost: Uncertain | NotEstimable
    effects: Mapping[str, Uncertain | NotEstimable]


def economy_row(
    one: Found | Mapping[str, Any],
    statistic: str,
    result: Result,
    *,
    payer: str = ALL,
    item: str = ALL,
    willingness_to_pay: float | None = None,
    effect_unit: str | None = None,
    year_number: int | None = None,
    told: Mapping[str, Any] | None = None,
) -> Row:
    """Return one row; where there is no number it rests on nobody."""
    key = one if isinstance(one, Mapping) else vars(one)
    estimate = result if isinstance(result, Estimate) else None
    return {
        "intervention_id": key["intervention_id"],
        "outcome_id": key["outcome_id"],
        "comparator": key["comparator"],
        "statistic": statistic,
        "payer": payer,
        "item": item,
        "willingness_to_pay": willingness_to_pay,
        "effect_unit": effect_unit,
        "year_number": year_number,
        "estimate": estimate.estimate if estimate else None,
        "lower": estimate.lower if estimate else None,
        "upper": estimate.upper if estimate else None,
        "n": estimate.n if estimate else 0,
        "diagnostics": json.dumps(told) if told and estimate else None,
        "not_estimable_reason": result.reason if isinstance(result, NotEstimable) else None,
    }


def without_limits(row: Row) -> Row:
    """Return the row of a number whose interval would say nothing."""
    return row | {"lower": None, "upper": None}


def exactly(value: float, n: int) -> Estimate:
    """Return a number that has no interval of its own."""
    return Estimate(value, value, value, n)


def generator(setting: Row, *names: str) -> np.random.Generator:
    """Return the same draws for the same name in every run, whatever else there is."""
    return np.random.Generator(
        np.random.Philox(key=[setting["bootstrap_seed"], crc32("/".join(names).encode())])
    )
