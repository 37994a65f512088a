"""Design D1: how it went for those who got the support. A development, not an effect."""

from collections.abc import Mapping
from typing import Any

import duckdb

from pipelines.estimation.rows import Row, effect_row, read_rows
from pipelines.estimators.mean import PairedMoments, mean, mean_change
from pipelines.estimators.proportion import wilson_interval
from pipelines.estimators.result import NotEstimable, Result
from pipelines.estimators.standardised import mean_change_in_known_sd, repeated_measures_d

READS = ("intervention.share_count", "intervention.change_moment")


def results(connection: duckdb.DuckDBPyConnection, level: float) -> list[Row]:
    """Return the shares with Wilson intervals and the means with t intervals, one row per statistic."""
    shares, moments = (read_rows(connection, f"SELECT * FROM {table}") for table in READS)
    return [_share_row(row, level) for row in shares] + [
        effect_row(row, statistic, result, design="D1", comparator="none", n=row["n"])
        for row in moments
        for statistic, result in _mean_results(row, level).items()
    ]


def _share_row(row: Mapping[str, Any], level: float) -> Row:
    result: Result
    if row["lacks"] is not None:
        result = NotEstimable(row["lacks"])
    elif row["n"] == 0 and row["statistic"] == "coverage":
        result = NotEstimable("none_closed")
    else:
        result = wilson_interval(row["numerator"], row["n"], level)
    return effect_row(
        row,
        row["statistic"],
        result,
        design="D1",
        comparator="none",
        n=row["n"],
        numerator=row["numerator"],
    )


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
