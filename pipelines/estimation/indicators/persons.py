"""Indicators that count persons: shares, rates of events, numbers served, means and medians."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import duckdb
import numpy as np

from pipelines.estimation.indicators.figure import Measured
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.clustered import cluster_robust_means
from pipelines.estimators.mean import SampleMoments, mean, welch_difference
from pipelines.estimators.median import Values, median_difference, median_interval
from pipelines.estimators.poisson import poisson_difference, poisson_interval
from pipelines.estimators.proportion import newcombe_difference, wilson_interval
from pipelines.estimators.repeated_events import EventCounts, event_rate, event_rate_difference
from pipelines.estimators.result import Estimate, NotEstimable, Result

READS = ("strategy.indicator_count", "strategy.indicator_moment", "strategy.indicator_days")
PERSONS = 1000  # what a rate is per
AMOUNT = 10_000  # sums are of whole ten-thousandths
MEANS = ("mean_change", "coherence_index", "mean_hours")


@dataclass(frozen=True)
class OfPersons:
    """What is counted is persons, and nothing else."""

    n: int
    unit_count: ClassVar[None] = None
    unit_numerator: ClassVar[None] = None


@dataclass(frozen=True)
class Share(OfPersons):
    """How many of `n` persons have the property.

    Some of the persons are the same from year to year, and mostly stay as they were: taking the years for
    different persons makes the interval of a change too wide rather than too narrow. So it is of the others.
    """

    numerator: int
    law: ClassVar[str] = "share"

    def result(self, level: float) -> Result:
        """Return the share, from 0 to 1, with Wilson's interval."""
        return wilson_interval(self.numerator, self.n, level)

    def change(self, earlier: "Share", level: float) -> Result:
        """Return the difference with Newcombe's interval."""
        return newcombe_difference(self.numerator, self.n, earlier.numerator, earlier.n, level)


@dataclass(frozen=True)
class Rate(OfPersons):
    """The events of `n` persons; `numerator` of them have any."""

    numerator: int
    events: EventCounts
    law: ClassVar[str] = "rate"

    def result(self, level: float) -> Result:
        """Return events per 1,000 persons with the gamma interval, exact Poisson where none has several."""
        return event_rate(self.events, PERSONS, level)

    def change(self, earlier: "Rate", level: float) -> Result:
        """Return the difference per 1,000 persons."""
        return event_rate_difference(self.events, earlier.events, PERSONS, level)


@dataclass(frozen=True)
class Number(OfPersons):
    """How many persons there are."""

    numerator: ClassVar[None] = None
    law: ClassVar[str] = "count"

    def result(self, level: float) -> Result:
        """Return the number with the exact Poisson interval: what a year with as much need could have had."""
        return poisson_interval(self.n, level)

    def change(self, earlier: "Number", level: float) -> Result:
        """Return the difference."""
        return poisson_difference(self.n, earlier.n, level)


@dataclass(frozen=True)
class Part:
    """The persons of one provider: how many, their sum and their sum of squares, in ten-thousandths."""

    provider_id: str | None
    n: int
    total: int
    squares: int


@dataclass(frozen=True)
class Mean(OfPersons):
    """A mean over persons, who may come in clusters: those of one provider share more than chance."""

    parts: tuple[Part, ...]
    numerator: ClassVar[None] = None
    law: ClassVar[str] = "mean"

    @property
    def moments(self) -> SampleMoments:
        """The mean and variance, as if persons were independent; whole numbers until the last division."""
        total, squares = sum(part.total for part in self.parts), sum(part.squares for part in self.parts)
        spread = self.n * squares - total**2
        variance = spread / (self.n * (self.n - 1) * AMOUNT**2) if self.n > 1 else None
        return SampleMoments(self.n, total / (self.n * AMOUNT), variance)

    def result(self, level: float) -> Result:
        """Return the mean with its interval between providers, or persons where there is one provider."""
        return _between_providers([self], [1], level) or mean(self.moments, level)

    def change(self, earlier: "Mean", level: float) -> Result:
        """Return the difference: a provider's two years are one cluster, so what stays the same cancels."""
        return _between_providers([self, earlier], [1, -1], level) or welch_difference(
            self.moments, earlier.moments, level
        )


@dataclass(frozen=True)
class Median(OfPersons):
    """The days that half of `n` persons waited at most.

    The interval's limits are two persons' own days. Below `minimum` persons they would be of the outermost
    few, and there is no figure.
    """

    days: Values
    minimum: int
    numerator: ClassVar[None] = None
    law: ClassVar[str] = "median"

    def result(self, level: float) -> Result:
        """Return the median with the interval by order statistics."""
        return NotEstimable("too_few_persons") if self.n < self.minimum else median_interval(self.days, level)

    def change(self, earlier: "Median", level: float) -> Result:
        """Return the difference with Bonett and Price's interval."""
        if min(self.n, earlier.n) < self.minimum:
            return NotEstimable("too_few_persons")
        return median_difference(self.days, earlier.days, level)


def measured(connection: duckdb.DuckDBPyConnection) -> list[Measured]:
    """Return every indicator of persons that anybody was counted in."""
    (setting,) = read_rows(connection, "SELECT segment_minimum FROM ref.setting")
    parts: dict[tuple[Any, ...], list[Part]] = defaultdict(list)
    query = "SELECT * FROM strategy.indicator_moment ORDER BY indicator_id, year, population, provider_id"
    for row in read_rows(connection, query):
        squares = int(row["amount_squares"])
        parts[_key(row)].append(Part(row["provider_id"], row["n"], row["amount_sum"], squares))
    days: dict[tuple[Any, ...], dict[float, int]] = defaultdict(dict)
    for row in read_rows(connection, "SELECT * FROM strategy.indicator_days"):
        days[_key(row)][row["elapsed_days"]] = row["n"]
    counted = read_rows(
        connection,
        "SELECT counted.*, indicator.formula FROM strategy.indicator_count AS counted"
        " INNER JOIN ref.indicator AS indicator ON counted.indicator_id = indicator.indicator_id",
    )
    return [
        Measured(*_key(row), _figure(row, parts[_key(row)], days[_key(row)], setting["segment_minimum"]))
        for row in counted
    ]


def _key(row: Row) -> tuple[str, int, str]:
    return row["indicator_id"], row["year"], row["population"]


def _figure(
    row: Row, parts: Sequence[Part], days: dict[float, int], minimum: int
) -> Share | Rate | Number | Mean | Median:
    n, formula = row["n"], row["formula"]
    if formula in MEANS:
        return Mean(n, tuple(parts))
    if formula == "median_days":
        return Median(n, Values.of(days), minimum)
    if formula == "served_count":
        return Number(n)
    if formula == "event_rate":
        events = EventCounts(n, row["event_count"], row["event_squares"], row["most_events"])
        return Rate(n, row["numerator"], events)
    return Share(n, row["numerator"])


def _between_providers(years: Sequence[Mean], contrast: Sequence[int], level: float) -> Estimate | None:
    """Return the contrast of the years' means with CR2 errors; None where a year has one provider."""
    providers = sorted({part.provider_id or "" for year in years for part in year.parts})
    place = {provider_id: row for row, provider_id in enumerate(providers)}
    sizes, totals = np.zeros((2, len(providers), len(years)))
    for column, year in enumerate(years):
        for part in year.parts:
            row = place[part.provider_id or ""]
            sizes[row, column], totals[row, column] = part.n, part.total / AMOUNT
    fitted = cluster_robust_means(sizes, totals, np.array(contrast, dtype=np.float64))
    if isinstance(fitted, NotEstimable):
        return None
    return Estimate(fitted.coefficient, *fitted.interval(level), sum(year.n for year in years))
