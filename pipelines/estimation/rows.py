"""The long result table's rows, and how they are read and written."""

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.estimators.result import Estimate, NotEstimable, Result

EFFECT_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("outcome_id", pa.string()),
        ("design", pa.string()),
        ("comparator", pa.string()),
        ("specification", pa.string()),
        ("population", pa.string()),
        ("follow_up_kind", pa.string()),
        ("statistic", pa.string()),
        ("estimate", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("numerator", pa.int64()),
        ("n", pa.int64()),
        ("n_effective", pa.float64()),
        ("diagnostics", pa.string()),
        ("verdict", pa.string()),
        ("would_verdict_flip", pa.bool_()),
        ("p_adjusted", pa.float64()),
        ("not_estimable_reason", pa.string()),
    ]
)
Row = dict[str, Any]


def read_rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    """Return a query's rows as dictionaries."""
    rows: list[Row] = connection.execute(sql).to_arrow_table().to_pylist()
    return rows


def verdict(lower: float, upper: float, delta: float) -> str:
    """Return the code of what an interval says of a difference where plus is better.

    Wholly within `delta` of 0 it is of no relevance, even where it does not hold 0.
    """
    if -delta < lower and upper < delta:
        return "no_relevant_difference"
    if lower > 0:
        return "favourable"
    return "unfavourable" if upper < 0 else "undecided"


def effect_row(
    key: Mapping[str, Any],
    statistic: str,
    result: Result,
    *,
    design: str,
    comparator: str,
    n: int,
    numerator: int | None = None,
    n_effective: float | None = None,
    diagnostics: str | None = None,
    specification: str = "main",
    delta: float | None = None,
    would_flip: bool | None = None,
) -> Row:
    """Return one row: the estimate with its interval, or the reason there is none.

    `key` has intervention_id, outcome_id and population; `n` counts persons; `n_effective` is n where nothing
    else is given. `diagnostics` is a JSON text. With `delta`, the smallest difference worth while in the
    estimate's unit, the row has a verdict; `would_flip` says if another answer of the missing would turn it.
    """
    found = result if isinstance(result, Estimate) else None
    return {
        "intervention_id": key["intervention_id"],
        "outcome_id": key["outcome_id"],
        "design": design,
        "comparator": comparator,
        "specification": specification,
        "population": key["population"],
        "follow_up_kind": "primary",
        "statistic": statistic,
        "estimate": found.estimate if found else None,
        "lower": found.lower if found else None,
        "upper": found.upper if found else None,
        "numerator": numerator,
        "n": n,
        "n_effective": (float(n) if n_effective is None else n_effective) if found else None,
        "diagnostics": diagnostics,
        "verdict": verdict(found.lower, found.upper, delta) if found and delta is not None else None,
        "would_verdict_flip": would_flip,
        "p_adjusted": None,
        "not_estimable_reason": result.reason if isinstance(result, NotEstimable) else None,
    }
