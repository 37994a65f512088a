"""Counts that others publish: the chance in them, two years against each other, and the neighbours beside."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import duckdb
import pyarrow as pa

from pipelines.estimation.indicators.figure import Measured
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.poisson import (
    CountRatio,
    dispersion,
    poisson_difference,
    poisson_interval,
    poisson_ratio,
    ratio_against_areas,
    ratio_of_ratios,
)
from pipelines.estimators.result import NotEstimable, Result

# Others' counts stand in the catalogue: no row of an extract is followed into them.
READS: tuple[str, ...] = ()
NEIGHBOURS = "ALL"
SCHEMA = pa.schema(
    [
        ("statistic_id", pa.string()),
        ("area", pa.string()),
        ("area_kind", pa.string()),
        ("year", pa.int32()),
        ("value", pa.int64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("inhabitants", pa.int64()),
        ("rate", pa.float64()),
        ("rate_lower", pa.float64()),
        ("rate_upper", pa.float64()),
        ("baseline_year", pa.int32()),
        ("baseline_value", pa.int64()),
        ("ratio", pa.float64()),
        ("ratio_lower", pa.float64()),
        ("ratio_upper", pa.float64()),
        ("p_value", pa.float64()),
        ("reads", pa.string()),
        ("relative_ratio", pa.float64()),
        ("relative_lower", pa.float64()),
        ("relative_upper", pa.float64()),
        ("relative_p_value", pa.float64()),
        ("relative_reads", pa.string()),
        ("area_count", pa.int32()),
        ("dispersion", pa.float64()),
        ("break_date", pa.date32()),
        ("skipped_years", pa.string()),
        ("reason_no_comparison", pa.string()),
        ("reason_no_relative", pa.string()),
    ]
)


@dataclass(frozen=True)
class PublicFigure:
    """A published count, or with `thousands` its rate; chance alone makes the next one another (Poisson).

    What it counts are no persons of ours: anybody can read them, and the small-cell gate hides none.

    Args:
        count: what was published.
        thousands: thousands of inhabitants, for a rate; else None.
    """

    count: int
    thousands: float | None = None

    @property
    def law(self) -> str:
        """A count or a rate."""
        return "count" if self.thousands is None else "rate"

    @property
    def n(self) -> int:
        """Nobody of ours."""
        return 0

    @property
    def numerator(self) -> int | None:
        """Nobody of ours."""
        return None

    @property
    def unit_count(self) -> int | None:
        """What was published."""
        return self.count

    @property
    def unit_numerator(self) -> int | None:
        """A count has no part."""
        return None

    def result(self, level: float) -> Result:
        """Return the count or rate with its exact interval."""
        return poisson_interval(self.count, level, self.thousands or 1.0)

    def change(self, earlier: Self, level: float) -> Result:
        """Return this minus `earlier`."""
        return poisson_difference(
            self.count, earlier.count, level, self.thousands or 1.0, earlier.thousands or 1.0
        )


def measured(connection: duckdb.DuckDBPyConnection) -> list[Measured]:
    """Return our own area's published figures, for every indicator that uses them."""
    rows = read_rows(
        connection,
        """
        SELECT indicator.indicator_id, indicator.formula,
            figure.year, figure.value, figure.inhabitants, figure.rate
        FROM ref.indicator AS indicator
        JOIN ref.public_figure AS figure USING (statistic_id)
        CROSS JOIN ref.run AS run
        WHERE indicator.formula IN ('public_count', 'public_rate') AND figure.area_kind = 'own'
            AND figure.year <= run.reporting_year
        ORDER BY indicator.indicator_id, figure.year
        """,
    )
    found = []
    for row in rows:
        thousands = _thousands(row) if row["formula"] == "public_rate" else None
        if row["formula"] == "public_count" or thousands:
            figure = PublicFigure(row["value"], thousands)
            found.append(Measured(row["indicator_id"], row["year"], "year", figure))
    return found


def comparisons(connection: duckdb.DuckDBPyConnection, level: float) -> pa.Table:
    """Return `estimate.public_comparison`: every area and year, against the year our indicator starts from.

    The neighbours together (`ALL`) are those with a figure in both years. Our change is set beside each
    neighbour's exactly; beside all of theirs together with an interval as much wider as they differ among
    themselves (`dispersion`); and beside the rest of the nation's, from which our own count is taken out.
    """
    figures = read_rows(
        connection,
        "SELECT figure.* FROM ref.public_figure AS figure CROSS JOIN ref.run AS run"
        " WHERE figure.year <= run.reporting_year ORDER BY figure.statistic_id, figure.area, figure.year",
    )
    notes = read_rows(connection, "SELECT * FROM ref.public_note ORDER BY note_year, note_date")
    baselines = read_rows(
        connection,
        """
        SELECT statistic_id, MIN(CAST(EXTRACT(YEAR FROM baseline_date) AS INTEGER)) AS baseline_year
        FROM ref.indicator
        WHERE formula IN ('public_count', 'public_rate') AND baseline_date IS NOT NULL
        GROUP BY statistic_id
        """,
    )
    declared = {row["statistic_id"]: row["baseline_year"] for row in baselines}
    of_statistic: dict[str, list[Row]] = defaultdict(list)
    for figure in figures:
        of_statistic[figure["statistic_id"]].append(figure)
    made = [
        row
        for statistic, rows in of_statistic.items()
        for row in _Series(
            statistic, rows, declared.get(statistic), [n for n in notes if n["statistic_id"] == statistic]
        ).rows(level)
    ]
    return pa.Table.from_pylist(made, schema=SCHEMA)


class _Series:
    """The figures of one statistic."""

    def __init__(
        self, statistic: str, figures: Sequence[Row], baseline_year: int | None, notes: Sequence[Row]
    ) -> None:
        self.statistic = statistic
        self.figures = figures
        self.notes = notes
        self.of_area: dict[str, dict[int, int]] = defaultdict(dict)
        self.kind_of: dict[str, str] = {}
        for figure in figures:
            self.of_area[figure["area"]][figure["year"]] = figure["value"]
            self.kind_of[figure["area"]] = figure["area_kind"]
        self.own = next((self.of_area[area] for area, kind in self.kind_of.items() if kind == "own"), {})
        self.baseline_year = min(self.own, default=None) if baseline_year is None else baseline_year

    def rows(self, level: float) -> Iterator[Row]:
        """One row per area and year, and of the years that others were counted and we were not found."""
        for figure in self.figures:
            yield self._row(figure, level)
        years = sorted({figure["year"] for figure in self.figures})
        for year in years:
            if (together := self._together(year)) is not None:
                yield self._row(together, level)
        own = next((area for area, kind in self.kind_of.items() if kind == "own"), None)
        for year in years:
            if own is not None and year not in self.own and year > min(self.own):
                blank = {"area": own, "area_kind": "own", "year": year, "value": None}
                yield self._row(blank, level)

    def _together(self, year: int) -> Row | None:
        areas = self._neighbours(year)
        if not areas:
            return None
        value = sum(self.of_area[area][year] for area in areas)
        return {"area": NEIGHBOURS, "area_kind": "neighbours", "year": year, "value": value}

    def _neighbours(self, year: int) -> list[str]:
        """The neighbours with a figure in a year, and in the baseline year where there is any to compare."""
        base = self.baseline_year
        wanted = {year, base} if base is not None and base < year else {year}
        return [
            area
            for area, kind in self.kind_of.items()
            if kind == "neighbour" and wanted <= self.of_area[area].keys()
        ]

    def _row(self, figure: Row, level: float) -> Row:
        year, value = figure["year"], figure["value"]
        row: Row = dict.fromkeys(SCHEMA.names)
        row |= {key: figure.get(key) for key in ("area", "area_kind", "year", "value", "inhabitants")}
        row |= {"statistic_id": self.statistic, "baseline_year": self.baseline_year}
        areas = self._neighbours(year) if figure["area_kind"] == "neighbours" else []
        row["area_count"] = len(areas) or None
        if value is not None:
            count = poisson_interval(value, level)
            row |= {"lower": count.lower, "upper": count.upper}
            if thousands := _thousands(figure):
                rate = poisson_interval(value, level, thousands)
                row |= {"rate": rate.estimate, "rate_lower": rate.lower, "rate_upper": rate.upper}
        before = self._before(figure["area"], areas)
        if reason := self._reason(year, value, before):
            return row | {"reason_no_comparison": reason, "reason_no_relative": reason}
        assert before is not None
        row |= {"baseline_value": before} | self._told_between(year)
        row |= _compared(poisson_ratio(value, before, level), "ratio", "", "reason_no_comparison")
        relative = self._relative(figure, before, areas, level)
        if areas:
            row["dispersion"] = dispersion(self._changes(areas, year))
        return row | _compared(relative, "relative_ratio", "relative_", "reason_no_relative")

    def _before(self, area: str, areas: Sequence[str]) -> int | None:
        """The count in the baseline year."""
        if self.baseline_year is None:
            return None
        if area == NEIGHBOURS:
            counts = [self.of_area[one].get(self.baseline_year) for one in areas]
            return None if None in counts else sum(count for count in counts if count is not None)
        return self.of_area[area].get(self.baseline_year)

    def _reason(self, year: int, value: int | None, before: int | None) -> str | None:
        if value is None:
            return "not_found"
        if self.baseline_year is not None and year <= self.baseline_year:
            return "is_baseline" if year == self.baseline_year else "before_baseline"
        return "no_baseline" if before is None else None

    def _relative(
        self, figure: Row, before: int, areas: Sequence[str], level: float
    ) -> CountRatio | NotEstimable:
        """Our change over this area's."""
        year, kind = figure["year"], figure["area_kind"]
        assert self.baseline_year is not None
        if kind == "own":
            return NotEstimable("own_area")
        if year not in self.own or self.baseline_year not in self.own:
            return NotEstimable("own_not_found")
        own = self.own[year], self.own[self.baseline_year]
        if kind == "neighbours":
            return ratio_against_areas(own, self._changes(areas, year), level)
        other = figure["value"], before
        if kind == "national":
            other = other[0] - own[0], other[1] - own[1]
        return ratio_of_ratios(own, other, level)

    def _changes(self, areas: Sequence[str], year: int) -> list[tuple[int, int]]:
        assert self.baseline_year is not None
        return [(self.of_area[area][year], self.of_area[area][self.baseline_year]) for area in areas]

    def _told_between(self, year: int) -> Row:
        """What befell the series between the two years; a count of the year of a break is from before it."""
        assert self.baseline_year is not None
        breaks = [
            note["note_date"]
            for note in self.notes
            if note["kind"] == "break" and self.baseline_year <= note["note_date"].year < year
        ]
        skipped = [
            str(note["note_year"])
            for note in self.notes
            if note["kind"] == "skipped" and self.baseline_year < note["note_year"] < year
        ]
        return {"break_date": breaks[-1] if breaks else None, "skipped_years": ", ".join(skipped) or None}


def _compared(ratio: CountRatio | NotEstimable, name: str, prefix: str, reason: str) -> Row:
    """The columns of one comparison."""
    if isinstance(ratio, NotEstimable):
        return {reason: ratio.reason}
    ends = prefix or "ratio_"
    reads = "fell" if ratio.upper < 1 else "rose" if ratio.lower > 1 else "may_be_chance"
    return {
        name: ratio.ratio,
        f"{ends}lower": ratio.lower,
        f"{ends}upper": ratio.upper,
        f"{prefix}p_value": ratio.p_value,
        f"{prefix}reads": reads,
    }


def _thousands(figure: Mapping[str, Any]) -> float | None:
    """Thousands of inhabitants: as told, or those that give the published rate its value."""
    if figure.get("inhabitants"):
        return float(figure["inhabitants"]) / 1000
    return figure["value"] / figure["rate"] if figure.get("rate") and figure["value"] else None
