"""From counts and moments to estimates with intervals, as long tables `estimate.*`.

SQL has counted; the estimators infer; this module only carries rows between them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.estimators.mean import PairedMoments, mean, mean_change
from pipelines.estimators.proportion import wilson_interval
from pipelines.estimators.result import Estimate, NotEstimable, Result
from pipelines.estimators.standardised import mean_change_in_known_sd, repeated_measures_d
from pipelines.warehouse.reference import create_table

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
INDICATOR_SCHEMA = pa.schema(
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


def estimate(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[dict[str, int], int]]:
    """Estimate everything the ladder has counted; return, per table, rows read and rows written.

    Writes `estimate.intervention_effect` (design D1, before-after: a development, not an effect)
    and `estimate.strategy_indicator`.
    """
    connection.execute("CREATE SCHEMA estimate")
    level = float(_rows(connection, "SELECT confidence_level FROM ref.setting")[0]["confidence_level"])
    counted = {
        table: _rows(connection, f"SELECT * FROM {table}")
        for table in ("intervention.share_count", "intervention.change_moment", "strategy.goal_count")
    }
    shares, moments, goals = counted.values()
    effects = _share_rows(shares, level) + _mean_rows(moments, level)
    indicators = [_indicator_row(row, level) for row in goals]
    made = (
        ("estimate.intervention_effect", effects, EFFECT_SCHEMA, counted.keys() - {"strategy.goal_count"}),
        ("estimate.strategy_indicator", indicators, INDICATOR_SCHEMA, {"strategy.goal_count"}),
    )
    for table, rows, schema, _ in made:
        create_table(connection, table, pa.Table.from_pylist(rows, schema=schema))
    return {table: ({t: len(counted[t]) for t in sorted(read)}, len(rows)) for table, rows, _, read in made}


def _share_rows(counted: Sequence[Mapping[str, Any]], level: float) -> list[dict[str, Any]]:
    rows = []
    for row in counted:
        result: Result
        if row["lacks"] is not None:
            result = NotEstimable(row["lacks"])
        elif row["n"] == 0 and row["statistic"] == "coverage":
            result = NotEstimable("none_closed")
        else:
            result = wilson_interval(row["numerator"], row["n"], level)
        rows.append(_effect_row(row, row["statistic"], result, numerator=row["numerator"], n=row["n"]))
    return rows


def _mean_rows(counted: Sequence[Mapping[str, Any]], level: float) -> list[dict[str, Any]]:
    rows = []
    for row in counted:
        for statistic, result in _mean_results(row, level).items():
            rows.append(_effect_row(row, statistic, result, numerator=None, n=row["n"]))
    return rows


def _mean_results(row: Mapping[str, Any], level: float) -> dict[str, Result]:
    """Means in the instrument's own direction, changes with plus as improvement."""
    n, sd = row["n"], row["sd_score"]
    means = {name: row[name] for name in ("mean_baseline", "mean_follow_up")}
    spread = {name: row[name] for name in ("variance_baseline", "variance_follow_up", "covariance")}
    turned = {name: row["direction"] * score if n else None for name, score in means.items()}
    pairs, change = PairedMoments(n=n, **means, **spread), PairedMoments(n=n, **turned, **spread)
    standardised: Result
    if sd is None:
        standardised = NotEstimable("no_norm")
    elif row["is_sample_sd"]:
        standardised = repeated_measures_d(change, "b", level, is_corrected=True)
    else:
        standardised = mean_change_in_known_sd(change, sd, level)
    return {
        "mean_baseline": mean(pairs.baseline, level),
        "mean_follow_up": mean(pairs.follow_up, level),
        "mean_change": mean_change(change, level),
        "standardised_mean_change": standardised,
    }


def _indicator_row(row: Mapping[str, Any], level: float) -> dict[str, Any]:
    if row["numerator"] is None:
        return {**row, "value": float(row["n"]), "lower": None, "upper": None}
    result = wilson_interval(row["numerator"], row["n"], level)
    if isinstance(result, NotEstimable):
        raise ValueError(f"goal {row['goal_id']} was counted without persons")
    return {**row, "value": result.estimate, "lower": result.lower, "upper": result.upper}


def _effect_row(
    row: Mapping[str, Any], statistic: str, result: Result, *, numerator: int | None, n: int
) -> dict[str, Any]:
    found = result if isinstance(result, Estimate) else None
    return {
        "intervention_id": row["intervention_id"],
        "outcome_id": row["outcome_id"],
        "design": "D1",
        "comparator": "none",
        "population": row["population"],
        "follow_up_kind": "primary",
        "statistic": statistic,
        "estimate": found.estimate if found else None,
        "lower": found.lower if found else None,
        "upper": found.upper if found else None,
        "numerator": numerator,
        "n": n,
        "n_effective": float(n) if found else None,
        "diagnostics": None,
        "not_estimable_reason": result.reason if isinstance(result, NotEstimable) else None,
    }


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.execute(sql).to_arrow_table().to_pylist()
    return rows
