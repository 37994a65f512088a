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
        ("not_estimable_reason", pa.string()),
    ]
)
Row = dict[str, Any]


def read_rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    """Return a query's rows as dictionaries."""
    rows: list[Row] = connection.execute(sql).to_arrow_table().to_pylist()
    return rows


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
) -> Row:
    """Return one row: the estimate with its interval, or the reason there is none.

    `key` has intervention_id, outcome_id and population; `n` counts persons; `n_effective` is n where nothing
    else is given. `diagnostics` is a JSON text.
    """
    found = result if isinstance(result, Estimate) else None
    return {
        "intervention_id": key["intervention_id"],
        "outcome_id": key["outcome_id"],
        "design": design,
        "comparator": comparator,
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
        "not_estimable_reason": result.reason if isinstance(result, NotEstimable) else None,
    }
