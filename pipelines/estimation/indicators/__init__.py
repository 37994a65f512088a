"""The strategies' goals: each goal's indicators year by year, with their change, target, status and trend.

A module for each kind of thing that is counted gives figures; here they are set beside their baseline and the
year before, and held against the targets of the goals that they belong to.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.estimation.indicators import census, persons, public, surveys
from pipelines.estimation.indicators.figure import Figure, Measured
from pipelines.estimation.indicators.judgement import Target, chosen, status, trend
from pipelines.estimation.indicators.series import Line, compared
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.proportion import wilson_interval
from pipelines.estimators.result import Estimate, NotEstimable, Result

READS = ("strategy.goal_count", *persons.READS, *census.READS, *surveys.READS, "estimate.intervention_effect")
SCHEMA = pa.schema(
    [
        ("goal_id", pa.string()),
        ("indicator_id", pa.string()),
        ("year", pa.int32()),
        ("population", pa.string()),
        ("law", pa.string()),
        ("measured_from", pa.string()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("numerator", pa.int64()),
        ("n", pa.int64()),
        ("unit_numerator", pa.int64()),
        ("unit_count", pa.int64()),
        ("baseline_year", pa.int32()),
        ("baseline_value", pa.float64()),
        ("change", pa.float64()),
        ("change_lower", pa.float64()),
        ("change_upper", pa.float64()),
        ("reason_no_change", pa.string()),
        ("previous_year", pa.int32()),
        ("previous_change", pa.float64()),
        ("previous_lower", pa.float64()),
        ("previous_upper", pa.float64()),
        ("target_value", pa.float64()),
        ("target_date", pa.date32()),
        ("status", pa.string()),
        ("trend", pa.string()),
        ("not_estimable_reason", pa.string()),
    ]
)
YEAR, TARGET = "year", "target"
CENSUS = census.Census.law


def indicators(connection: duckdb.DuckDBPyConnection, level: float, effects: Sequence[Row]) -> pa.Table:
    """Return one row per goal, indicator, year and population that anything was counted in, or promised for.

    `effects` are the rows of `estimate.intervention_effect`.
    """
    (run,) = read_rows(connection, "SELECT * FROM ref.run")
    declared = {row["indicator_id"]: row for row in read_rows(connection, "SELECT * FROM ref.indicator")}
    logged = census.logged(connection)
    figures = [
        *persons.measured(connection),
        *census.of_years(logged),
        *census.evaluated(connection, effects),
        *surveys.measured(connection),
        *public.measured(connection),
    ]
    (setting,) = read_rows(connection, "SELECT baseline_minimum_persons FROM ref.setting")
    lines = compared(figures, declared, run, setting["baseline_minimum_persons"], level)
    targets: dict[tuple[str, str], list[Target]] = defaultdict(list)
    for row in read_rows(connection, "SELECT * FROM ref.goal_target"):
        target = Target(row["comparison"], row["value"], row["from_date"], row["by_date"])
        targets[row["goal_id"], row["indicator_id"]].append(target)
    window = read_rows(connection, "SELECT * FROM strategy.goal_count")
    rows = [_window(row, run["reporting_year"], level) for row in window]
    query = "SELECT * FROM ref.goal_indicator ORDER BY goal_id, indicator_id"
    for goal in read_rows(connection, query):
        indicator = declared[goal["indicator_id"]]
        own, promised = lines[goal["indicator_id"]], targets[goal["goal_id"], goal["indicator_id"]]
        due = [t for t in promised if t.by_date and t.by_date <= run["reference_date"]]
        kept = {t: _judged(t, own, logged.get(goal["indicator_id"], {}), level) for t in due}
        rows += [goal | _row(line, indicator) | _against(line, promised, kept, indicator) for line in own]
        rows += [goal | _target_row(t, line, indicator) for t, line in kept.items()]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _judged(
    target: Target, own: Sequence[Line], logged: Mapping[census.Period, census.Census], level: float
) -> Line | None:
    """Return the figure that a target whose day has passed is judged on; None where nothing was counted."""
    assert target.by_date is not None
    if figure := logged.get((target.from_date, target.by_date)):
        return Line(Measured("", target.by_date.year, TARGET, figure), figure.result(level))
    of_year = (line for line in own if line.measured.population == YEAR)
    return next((line for line in of_year if line.measured.year == target.by_date.year), None)


def _row(line: Line, indicator: Row) -> Row:
    figure, value = line.measured.figure, line.value
    is_census = figure.law == CENSUS
    found = value if isinstance(value, Estimate) else None
    return {
        "year": line.measured.year,
        "population": line.measured.population,
        "measured_from": indicator["measured_from"],
        "value": found.estimate if found else None,
        "lower": None if is_census or not found else found.lower,
        "upper": None if is_census or not found else found.upper,
        "not_estimable_reason": value.reason if isinstance(value, NotEstimable) else None,
        "baseline_year": line.baseline.year if line.baseline else None,
        "baseline_value": line.baseline.value if line.baseline else None,
        "previous_year": line.previous_year,
        "reason_no_change": _reason(line),
        **_counts(figure),
        **_limits("change", "change", line.change, is_census),
        **_limits("previous_change", "previous", line.previous, is_census),
    }


def _reason(line: Line) -> str | None:
    if line.is_part_of_year:
        return "year_not_over"
    if line.change is None:
        return "first_measurement"
    return line.change.reason if isinstance(line.change, NotEstimable) else None


def _counts(figure: Figure) -> Row:
    return {
        "law": figure.law,
        "numerator": figure.numerator,
        "n": figure.n,
        "unit_numerator": figure.unit_numerator,
        "unit_count": figure.unit_count,
    }


def _limits(name: str, prefix: str, change: Result | None, is_census: bool) -> Row:
    if not isinstance(change, Estimate):
        return {}
    limits = {} if is_census else {f"{prefix}_lower": change.lower, f"{prefix}_upper": change.upper}
    return {name: change.estimate, **limits}


def _against(
    line: Line, promised: Sequence[Target], kept: Mapping[Target, Line | None], indicator: Row
) -> Row:
    """Hold a year's figure against the goal's targets; a part of the persons is not judged."""
    year = line.measured.year
    if line.measured.population != YEAR:
        return {}
    target = chosen(promised, year)
    told: dict[str, Any] = {"trend": trend(line.previous)}
    if target is not None:
        told |= {"target_value": target.value, "target_date": target.by_date}
        if target.by_date is None:
            verdict = target.verdict(line.value)
            is_early = line.is_part_of_year and verdict != "reached"
            return told | {"status": "cannot_tell" if is_early else verdict}
        if target in kept and target.by_date.year <= year:
            judged = kept[target]
            return told | {"status": target.verdict(judged.value if judged else None)}
    if line.is_part_of_year:
        return told | {"status": "cannot_tell"}
    found = status(line.value, target, line.baseline, line.change, year, indicator["better"])
    return told | {"status": found}


def _target_row(target: Target, line: Line | None, indicator: Row) -> Row:
    """The row of a target whose day has passed, also where nothing was counted then."""
    assert target.by_date is not None
    told = {
        "year": target.by_date.year,
        "population": TARGET,
        "measured_from": indicator["measured_from"],
        "target_value": target.value,
        "target_date": target.by_date,
        "status": target.verdict(line.value if line else None),
    }
    if line is None:
        return told | {"n": 0, "not_estimable_reason": "nothing_counted"}
    return _row(Line(line.measured, line.value), indicator) | told | {"reason_no_change": None}


def _window(row: Row, year: int, level: float) -> Row:
    """The whole assessment window: shares of persons with two measurements, and how many had support."""
    told = row | {"year": year, "measured_from": "register"}
    if row["numerator"] is None:
        return told | {"law": CENSUS, "value": float(row["n"])}
    result = wilson_interval(row["numerator"], row["n"], level)
    if isinstance(result, NotEstimable):
        raise ValueError(f"goal {row['goal_id']} was counted without persons")
    return told | {
        "law": "share",
        "value": result.estimate,
        "lower": result.lower,
        "upper": result.upper,
    }
