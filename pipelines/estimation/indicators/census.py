"""Indicators that count all there is: ambassadors, activities, actions, evaluated interventions."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import duckdb

from pipelines.estimation.indicators.figure import Measured
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.result import Estimate, NotEstimable, Result

READS = ("strategy.indicator_log",)
Period = tuple[datetime.date | None, datetime.date]


@dataclass(frozen=True)
class Census:
    """A number of ambassadors (persons) or of units that are none, or the share of them with a property.

    There is no chance in it, but one meeting more or less is no movement: a change of at most `tolerance` of
    what it is compared with holds 0.
    """

    n: int = 0
    numerator: int | None = None
    unit_count: int | None = None
    unit_numerator: int | None = None
    tolerance: float = 0.0
    law: ClassVar[str] = "census"

    def result(self, level: float) -> Result:
        """Return the number or the share: all are counted, and there is no chance in it."""
        of, having = (
            (self.n, self.numerator) if self.unit_count is None else (self.unit_count, self.unit_numerator)
        )
        if having is None:
            return Estimate(of, of, of, self.n)
        return (
            Estimate(having / of, having / of, having / of, self.n) if of else NotEstimable("nothing_counted")
        )

    def change(self, earlier: "Census", level: float) -> Result:
        """Return the difference, give or take the tolerance."""
        now, before = self.result(level), earlier.result(level)
        if isinstance(now, NotEstimable):
            return now
        if isinstance(before, NotEstimable):
            return before
        difference, room = now.estimate - before.estimate, self.tolerance * abs(before.estimate)
        return Estimate(difference, difference - room, difference + room, self.n)


def logged(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[Period, Census]]:
    """Return what was logged, by indicator and period: calendar years, and the periods of targets."""
    tolerance = _tolerance(connection)
    found: dict[str, dict[Period, Census]] = {}
    for row in read_rows(connection, "SELECT * FROM strategy.indicator_log"):
        figure = Census(row["n"], row["numerator"], row["unit_count"], row["unit_numerator"], tolerance)
        found.setdefault(row["indicator_id"], {})[row["from_date"], row["to_date"]] = figure
    return found


def of_years(found: dict[str, dict[Period, Census]]) -> Iterable[Measured]:
    """Yield what was logged in whole calendar years."""
    for indicator_id, periods in found.items():
        for (first, last), figure in periods.items():
            if first == datetime.date(last.year, 1, 1) and (last.month, last.day) == (12, 31):
                yield Measured(indicator_id, last.year, "year", figure)


def evaluated(connection: duckdb.DuckDBPyConnection, effects: Iterable[Row]) -> list[Measured]:
    """Return how many interventions have an effect estimated against a comparison, in the reporting year."""
    wanted = read_rows(
        connection,
        "SELECT indicator_id, reporting_year, (SELECT COUNT(*) FROM ref.intervention) AS unit_count"
        " FROM ref.indicator CROSS JOIN ref.run WHERE formula = 'evaluated_share'",
    )
    compared = {
        row["intervention_id"]
        for row in effects
        if row["design"] in ("D3", "D4") and row["specification"] == "main" and row["estimate"] is not None
    }
    return [
        Measured(
            row["indicator_id"],
            row["reporting_year"],
            "year",
            Census(
                unit_count=row["unit_count"], unit_numerator=len(compared), tolerance=_tolerance(connection)
            ),
        )
        for row in wanted
    ]


def _tolerance(connection: duckdb.DuckDBPyConnection) -> float:
    (setting,) = read_rows(connection, "SELECT census_tolerance_share FROM ref.setting")
    return float(setting["census_tolerance_share"])
