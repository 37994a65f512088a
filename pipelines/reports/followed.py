"""What the strategies' items are followed by, year by year, as the published marts have it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from pipelines.catalogue import Catalogue, Goal
from pipelines.catalogue.indicators import Indicator
from pipelines.reports.marts import Number, Row, number, read_optional, read_rows

YEAR, TARGET = "year", "target"
# Fewer dots show no course.
FEWEST_YEARS = 3
NUMBERS = (
    "baseline_value",
    "change",
    "change_lower",
    "change_upper",
    "previous_change",
    "previous_lower",
    "previous_upper",
)
STANDING = (
    "year",
    "law",
    "baseline_year",
    "previous_year",
    "target_value",
    "target_date",
    "status",
    "trend",
    "reason_no_change",
)


@dataclass(frozen=True)
class Point(Number):
    """One indicator of one item in one year; a hidden one has only its year, target and status."""

    year: int = 0
    law: str = ""
    baseline_year: int | None = None
    baseline_value: float | None = None
    change: float | None = None
    change_lower: float | None = None
    change_upper: float | None = None
    previous_year: int | None = None
    previous_change: float | None = None
    previous_lower: float | None = None
    previous_upper: float | None = None
    target_value: float | None = None
    target_date: date | None = None
    status: str | None = None
    trend: str | None = None
    reason_no_change: str | None = None

    @property
    def is_baseline_hidden(self) -> bool:
        """Say whether the change is hidden because the baseline is."""
        return self.reason_no_change == "baseline_suppressed"


@dataclass(frozen=True)
class Line:
    """An indicator as one item is followed by it: its years, the newest last.

    `judged` is the figure that a target was judged on when its time was out.
    """

    goal: Goal
    indicator: Indicator
    points: tuple[Point, ...]
    judged: Point | None = None

    @property
    def newest(self) -> Point:
        """Return the newest year that has a figure, otherwise the newest year, otherwise the target's."""
        shown = [point for point in self.points if point.is_shown]
        found = shown or self.points or [point for point in (self.judged,) if point]
        return found[-1]

    @property
    def status(self) -> str:
        """Return the status as a code: of the target whose time is out, otherwise of the newest year."""
        judged = self.judged.status if self.judged else None
        is_hidden = self.newest.is_suppressed or self.newest.is_baseline_hidden
        return judged or self.newest.status or ("hidden" if is_hidden else "cannot_tell")

    @property
    def has_course(self) -> bool:
        """Say whether there are years enough to draw."""
        return sum(point.is_shown for point in self.points) >= FEWEST_YEARS


@dataclass(frozen=True)
class Response:
    """How many answered a survey in a year; hidden, it has nothing but whether it is under the floor."""

    invited: int | None
    answered: int | None
    rate: float | None
    is_under_floor: bool


@dataclass(frozen=True)
class Compared:
    """One area's public figure in one year, against its first year and against our own change.

    `area` is ALL for the neighbours together; `dispersion` is how many times as much as by chance alone
    they vary.
    """

    statistic_id: str
    area: str
    area_kind: str
    year: int
    value: float | None
    lower: float | None
    upper: float | None
    baseline_year: int | None
    baseline_value: float | None
    ratio: float | None
    ratio_lower: float | None
    ratio_upper: float | None
    reads: str | None
    relative_reads: str | None
    dispersion: float | None


@dataclass(frozen=True)
class Followed:
    """Points by (item, indicator), the surveys' answer rates by (survey, year), and the public figures.

    `judged` are the figures that targets were judged on, by (item, indicator).
    """

    points: Mapping[tuple[str, str], tuple[Point, ...]]
    judged: Mapping[tuple[str, str], Point]
    responses: Mapping[tuple[str, int], Response]
    areas: tuple[Compared, ...]
    catalogue: Catalogue

    @cached_property
    def _of_indicator(self) -> dict[str, tuple[Point, ...]]:
        """Points by indicator alone: what stands beside may be another item's own."""
        return {indicator_id: points for (_, indicator_id), points in self.points.items()}

    def lines(self, goal: Goal) -> list[Line]:
        """Return the item's measured indicators, the chief one first.

        What would mislead alone stands next to its company, and is left out where the company has no figure.
        """
        found: list[Line] = []
        for indicator_id in goal.indicators:
            line = self._line(goal, indicator_id)
            if line is None or line.indicator in [one.indicator for one in found]:
                continue
            company = self._line(goal, line.indicator.stands_beside or "")
            if line.indicator.stands_beside is None:
                found.append(line)
            elif company is None or not company.newest.is_shown:
                continue
            elif company in found:
                found.insert(found.index(company) + 1, line)
            else:
                found += [line, company]
        return found

    def has_figure(self, goal: Goal) -> bool:
        """Say whether the item has a figure: what is measured, and hidden or too little, is none."""
        return any(line.newest.is_shown for line in self.lines(goal))

    def missing(self, goal: Goal) -> list[Indicator]:
        """Return the item's indicators that nothing measures yet."""
        return [
            self.catalogue.indicator(indicator_id)
            for indicator_id in goal.indicators
            if self._line(goal, indicator_id) is None
        ]

    def response(self, indicator: Indicator, year: int) -> Response | None:
        """Return how many answered the survey behind an indicator; None for what is not from a survey."""
        question = indicator.of.question
        if question is None:
            return None
        survey = next((one.survey for one in self.catalogue.questions if one.id == question), "")
        return self.responses.get((survey, year))

    def _line(self, goal: Goal, indicator_id: str) -> Line | None:
        points = self.points.get((goal.id, indicator_id)) or self._of_indicator.get(indicator_id, ())
        judged = self.judged.get((goal.id, indicator_id))
        if not points and judged is None:
            return None
        return Line(goal, self.catalogue.indicator(indicator_id), points, judged)


def read_followed(folder: Path, catalogue: Catalogue) -> Followed:
    """Read the yearly figures; nothing is followed where the run has none."""
    rows = read_rows(folder, "strategy_indicator")
    points: dict[tuple[str, str], list[Point]] = {}
    for row in rows:
        if row["population"] == YEAR:
            points.setdefault((row["goal_id"], row["indicator_id"]), []).append(_point(row))
    return Followed(
        points={key: tuple(sorted(found, key=lambda point: point.year)) for key, found in points.items()},
        judged={
            (row["goal_id"], row["indicator_id"]): _point(row) for row in rows if row["population"] == TARGET
        },
        responses={
            (row["survey_id"], row["year"]): Response(
                row["invited"], row["answered"], row["rate"], bool(row["is_under_floor"])
            )
            for row in read_optional(folder, "survey_response")
            if row["population"] == YEAR
        },
        areas=tuple(
            Compared(**{name: row[name] for name in Compared.__dataclass_fields__})
            for row in read_optional(folder, "public_comparison")
        ),
        catalogue=catalogue,
    )


def _point(row: Row) -> Point:
    plain = number(row, "value")
    told = {} if plain.is_suppressed else {name: row[name] for name in NUMBERS}
    return Point(**vars(plain), **told, **{name: row[name] for name in STANDING})
