"""Each indicator through the years: every figure beside its baseline and the year before."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.estimation.indicators.census import Census
from pipelines.estimation.indicators.figure import Figure, Measured
from pipelines.estimation.indicators.judgement import Baseline
from pipelines.estimation.rows import Row
from pipelines.estimators.result import Estimate, NotEstimable, Result

# What grows with the months: part of a year is not held against a whole one.
GROWING = ("served_count", "event_rate", "activity_count", "organisation_count")


@dataclass(frozen=True)
class Line:
    """A figure with its value, its baseline and the year before, the same for every goal it belongs to."""

    measured: Measured
    value: Result
    baseline: Baseline | None = None
    change: Result | None = None
    previous_year: int | None = None
    previous: Result | None = None
    is_part_of_year: bool = False


def compared(
    figures: Iterable[Measured], declared: Mapping[str, Row], run: Row, minimum: int, level: float
) -> dict[str, list[Line]]:
    """Set every figure up to the reporting year beside its baseline and the year before.

    The baseline is the catalogue's (`declared`), else the first year of at least `minimum` persons: of a
    handful, every later year would be uncertain. A catalogue's year that is measured here is compared as
    measured, with the chance in it; of a baseline from elsewhere only the number is known. Where the data
    stop before the year does (`run`), what grows with the months is compared with nothing.
    """
    year: int = run["reporting_year"]
    open_year = year if run["reference_date"] < datetime.date(year, 12, 31) else None
    series: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for one in figures:
        if one.year <= year:
            series[one.indicator_id, one.population].append(one)
    lines: dict[str, list[Line]] = defaultdict(list)
    for (indicator_id, population), found in sorted(series.items()):
        indicator = declared[indicator_id]
        known = _known(indicator) if population == "year" else None
        earlier: list[Line] = []
        for one in sorted(found, key=lambda each: each.year):
            value = one.figure.result(level)
            if one.year == open_year and indicator["formula"] in GROWING:
                line = Line(one, value, is_part_of_year=True)
            else:
                line = _compared(one, value, known, earlier, level, minimum)
            lines[indicator_id].append(line)
            if isinstance(value, Estimate):
                earlier.append(line)
    return lines


def _known(indicator: Row) -> Baseline | None:
    if indicator["baseline_date"] is None:
        return None
    return Baseline(indicator["baseline_date"].year, indicator["baseline_value"])


def _compared(
    one: Measured, value: Result, known: Baseline | None, earlier: Sequence[Line], level: float, minimum: int
) -> Line:
    before = earlier[-1] if earlier else None
    previous = one.figure.change(before.measured.figure, level) if before else None
    previous_year = before.measured.year if before else None
    if known is None:
        first = next((line for line in earlier if _is_enough(line.measured.figure, minimum)), None)
    else:
        of_year = (line for line in earlier if line.measured.year == known.year)
        first = next((line for line in of_year if not isinstance(line.measured.figure, Census)), None)
    if first is not None and isinstance(first.value, Estimate):
        baseline = Baseline(first.measured.year, first.value.estimate)
        change = previous if first is before else one.figure.change(first.measured.figure, level)
    elif known is not None and one.year > known.year:
        baseline, change = known, _less(one.figure, value, known.value)
    else:
        return Line(one, value, None, None, previous_year, previous)
    return Line(one, value, baseline, change, previous_year, previous)


def _is_enough(figure: Figure, minimum: int) -> bool:
    return isinstance(figure, Census) or figure.unit_count is not None or figure.n >= minimum


def _less(figure: Figure, value: Result, known: float) -> Result:
    if isinstance(value, NotEstimable):
        return value
    room = figure.tolerance * abs(known) if isinstance(figure, Census) else 0.0
    return Estimate(value.estimate - known, value.lower - known - room, value.upper - known + room, value.n)
