"""Design D1: how it went for those who got the support, all and by segment. A development, no effect."""

import json
from collections.abc import Mapping
from typing import Any

import duckdb

from pipelines.estimation.rows import Row, effect_row, read_rows
from pipelines.estimators.mean import PairedMoments, mean, mean_change
from pipelines.estimators.proportion import wilson_interval
from pipelines.estimators.result import NotEstimable, Result
from pipelines.estimators.standardised import mean_change_in_known_sd, repeated_measures_d

READS = ("intervention.share_count", "intervention.change_moment", "intervention.package")
# What must be said with the segments of a segmentation.
CAUTIONS = {"hours": "severity_sets_hours", "provider": "case_mix_differs"}


def results(connection: duckdb.DuckDBPyConnection, level: float) -> list[Row]:
    """Return the shares with Wilson intervals and the means with t intervals, one row per statistic."""
    (setting,) = read_rows(connection, "SELECT segment_minimum, disclosure_minimum FROM ref.setting")
    shares, moments, packages = (
        read_rows(connection, f"SELECT * FROM {table} ORDER BY ALL") for table in READS
    )
    return [
        *(_share_row(row, level) for row in shares),
        *(row for moment in moments for row in _mean_rows(moment, level, setting["segment_minimum"])),
        *(_package_row(row, level, setting["disclosure_minimum"]) for row in packages),
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
        diagnostics=_caution(row["population"]),
    )


def _caution(population: str) -> str | None:
    caution = CAUTIONS.get(population.partition(":")[0])
    return json.dumps({"caution": caution}) if caution else None


def _mean_rows(row: Mapping[str, Any], level: float, segment_minimum: int) -> list[Row]:
    """Return the window's means, or a segment's mean change."""
    found: Mapping[str, Result]
    if row["population"] == "window":
        found = _mean_results(row, level)
    elif 0 < row["n"] < segment_minimum:
        found = {"mean_change": NotEstimable("too_few_persons")}
    else:
        found = {"mean_change": mean_change(_moments(row, row["direction"]), level)}
    said = _caution(row["population"])
    return [
        effect_row(row, statistic, result, design="D1", comparator="none", n=row["n"], diagnostics=said)
        for statistic, result in found.items()
    ]


def _package_row(row: Mapping[str, Any], level: float, minimum: int) -> Row:
    """Return the share who began with the other intervention that most of them were getting.

    Where few were not, the share may not be told, only that it is nearly all: what is evaluated is then the
    two together, and it must not be hidden that it is.
    """
    numerator, n = row["numerator"], row["n"]
    result: Result = wilson_interval(numerator, n, level)
    if n >= 2 * minimum and n - numerator < minimum:
        result, numerator = NotEstimable("nearly_all"), None
    said = json.dumps({"with": row["with_intervention_id"]}) if row["with_intervention_id"] else None
    return effect_row(
        row,
        "share_in_package",
        result,
        design="D1",
        comparator="none",
        n=n,
        numerator=numerator,
        diagnostics=said,
    )


def _mean_results(row: Mapping[str, Any], level: float) -> dict[str, Result]:
    """Means in the instrument's own direction, changes with plus as improvement."""
    pairs, change, sd = _moments(row, 1), _moments(row, row["direction"]), row["sd_score"]
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


def _moments(row: Mapping[str, Any], direction: int) -> PairedMoments:
    """Return a row's moments with the scores turned round where `direction` is -1."""
    means = {name: row[name] for name in ("mean_baseline", "mean_follow_up")}
    spread = {name: row[name] for name in ("variance_baseline", "variance_follow_up", "covariance")}
    turned = {name: direction * score if row["n"] else None for name, score in means.items()}
    return PairedMoments(n=row["n"], **turned, **spread)
