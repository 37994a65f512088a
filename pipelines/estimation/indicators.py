"""The strategies' goals: shares with their intervals, and counts."""

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.proportion import wilson_interval
from pipelines.estimators.result import NotEstimable

READS = ("strategy.goal_count",)
SCHEMA = pa.schema(
    [
        ("goal_id", pa.string()),
        ("indicator_id", pa.string()),
        ("population", pa.string()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("numerator", pa.int64()),
        ("n", pa.int64()),
    ]
)


def indicators(connection: duckdb.DuckDBPyConnection, level: float) -> pa.Table:
    """Return one row per goal_id, indicator_id and population that anybody was counted in."""
    counted = read_rows(connection, "SELECT * FROM strategy.goal_count")
    return pa.Table.from_pylist([_row(row, level) for row in counted], schema=SCHEMA)


def _row(row: Mapping[str, Any], level: float) -> Row:
    if row["numerator"] is None:
        return {**row, "value": float(row["n"]), "lower": None, "upper": None}
    result = wilson_interval(row["numerator"], row["n"], level)
    if isinstance(result, NotEstimable):
        raise ValueError(f"goal {row['goal_id']} was counted without persons")
    return {**row, "value": result.estimate, "lower": result.lower, "upper": result.upper}
