"""The published numbers of the strategies as these pages use them: one number per indicator, the newest."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipelines.reports.marts import Number, Row, number, read_optional, read_rows

WINDOW, YEAR, ALL = "window", "year", "ALL"
IMPROVED_IN_WINDOW = "reliably_improved_share"
IMPROVED, DETERIORATED = "reliable_improve_share", "reliable_worse_share"


@dataclass(frozen=True)
class Moved:
    """A change since an earlier year, with its interval."""

    since: int
    lower: float
    upper: float


@dataclass(frozen=True)
class Figure:
    """A number of a year (None for the whole window), and how it moved where that is known.

    `units` is so many of so many, where it is not people who are counted.
    """

    number: Number
    year: int | None = None
    moved: Moved | None = None
    units: tuple[int, int] | None = None


@dataclass(frozen=True)
class Measured:
    """The rows of the marts about goals, surveys and public figures."""

    indicators: Sequence[Row]
    surveys: Sequence[Row]
    public: Sequence[Row]
    year: int

    @classmethod
    def read(cls, folder: Path, year: int) -> "Measured":
        """Read them; surveys and public figures are empty where the run made none."""
        return cls(
            indicators=[r for r in read_rows(folder, "strategy_indicator") if r.get("year", year) <= year],
            surveys=read_optional(folder, "survey_response"),
            public=read_optional(folder, "public_comparison"),
            year=year,
        )

    @property
    def people(self) -> Number | None:
        """Return the people who began within the window."""
        found = self._rows("people_supported", WINDOW)
        return number(found[0], "value") if found else None

    def newest(self, indicator_id: str) -> Figure | None:
        """Return an indicator's number for everybody in the newest year; None where there is no number."""
        found = [row for row in self._rows(indicator_id, YEAR) if row["is_suppressed"] or _value(row)]
        return _figure(max(found, key=lambda row: int(row["year"]))) if found else None

    def course(self, goals: Sequence[str]) -> tuple[Figure, Figure | None] | None:
        """Return the share who became better, and worse, for the first of the goals that has one.

        Both of the reporting year where both are counted; otherwise the better alone, of the whole window.
        """
        for goal in goals:
            better, worse = (
                next((r for r in self._rows(i, YEAR) if (r["goal_id"], r["year"]) == (goal, self.year)), None)
                for i in (IMPROVED, DETERIORATED)
            )
            if better and worse and better["n"] == worse["n"] and _value(better) and _value(worse):
                return _figure(better), _figure(worse)
            found = [r for r in self._rows(IMPROVED_IN_WINDOW, WINDOW) if r["goal_id"] == goal]
            if found:
                return Figure(number(found[0], "value")), None
        return None

    @cached_property
    def measured_goals(self) -> frozenset[str]:
        """Return the goals with a number, shown or hidden."""
        return frozenset(r["goal_id"] for r in self.indicators if r["is_suppressed"] or _value(r))

    def _rows(self, indicator_id: str, population: str) -> list[Row]:
        return [
            row
            for row in self.indicators
            if (row["indicator_id"], row["population"]) == (indicator_id, population)
        ]


def _value(row: Row) -> bool:
    return row["value"] is not None


def _figure(row: Row) -> Figure:
    lower, upper = row.get("change_lower"), row.get("change_upper")
    moved = None
    if lower is not None and upper is not None and not row["is_suppressed"]:
        moved = Moved(int(row["baseline_year"]), float(lower), float(upper))
    counted = row.get("unit_numerator"), row.get("unit_count")
    units = (int(counted[0]), int(counted[1])) if counted[0] is not None and counted[1] else None
    return Figure(number(row, "value"), int(row["year"]), moved, units)
