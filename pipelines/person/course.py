"""The course on one instrument by one respondent, and whether its change is more than chance."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from pipelines.catalogue import Instrument
from pipelines.person.record import Record

Verdict = Literal["progress", "decline", "unclear", "not_estimable"]
Point = tuple[date, float]


@dataclass(frozen=True)
class Band:
    """Scores that error of measurement alone may explain, given the baseline."""

    lower: float
    upper: float


@dataclass(frozen=True)
class Judgement:
    """What the last measurement of an episode says against its baseline.

    `reason` is the key of a text, given where there is no verdict.
    """

    verdict: Verdict
    baseline: Point | None = None
    last: Point | None = None
    band: Band | None = None
    reason: str = ""


@dataclass(frozen=True)
class Support:
    """A period of support whose outcome the instrument is."""

    episode_id: str
    started_date: date
    ended_date: date | None
    is_primary: bool
    judgement: Judgement


@dataclass(frozen=True)
class Course:
    """All measurements by one respondent with one instrument; `supports` has the latest first."""

    instrument: Instrument
    respondent: str
    points: tuple[Point, ...]
    cutoff: float | None
    supports: tuple[Support, ...]

    @property
    def anchor(self) -> str:
        """The course's name in ids."""
        return f"{self.instrument.id}-{self.respondent}".lower()

    @property
    def judgement(self) -> Judgement:
        """The judgement of the latest support, or that there was none."""
        return (
            self.supports[0].judgement if self.supports else Judgement("not_estimable", reason="no_support")
        )


def courses(record: Record, instruments: dict[str, Instrument]) -> tuple[Course, ...]:
    """Return every course: the judged first, then those of running support, then the latest measured."""
    found: dict[tuple[str, str], list[Point]] = {
        (row["instrument_id"], row["respondent"]): [] for row in record.courses
    }
    for row in record.measurements:
        found.setdefault((row["instrument_id"], row["respondent"]), []).append(
            (row["measured_date"], row["score"])
        )
    all_of = [
        _course(record, instruments[name], respondent, found[name, respondent]) for name, respondent in found
    ]
    return tuple(sorted((c for c in all_of if c.points), key=_place))


def judge(record: Record, row: dict[str, Any], direction: int, points: list[Point]) -> Judgement:
    """Compare an episode's last measurement with its baseline.

    The same sentence as individual/reliable_change.sql, which judges other pairs: the change, less
    the change by chance, over the standard error, against the critical value.
    """
    if row["baseline_date"] is None:
        return Judgement("not_estimable", reason="no_baseline")
    baseline = (row["baseline_date"], row["baseline_score"])
    until = record.reference_date
    if row["ended_date"] is not None:
        until = min(until, row["ended_date"] + timedelta(record.setting["end_days_after"]))
    earliest = baseline[0] + timedelta(record.setting["minimum_pair_days"])
    later = [point for point in points if earliest <= point[0] <= until]
    last = later[-1] if later else None
    is_percentage = record.setting["reliable_change_method"] == "percentage"
    error = record.errors.get((row["instrument_id"], row["respondent"]))
    if is_percentage or error is None or error["standard_error_of_difference"] is None:
        reason = "no_later" if last is None else "percentage" if is_percentage else "no_norm"
        return Judgement("not_estimable", baseline, last, None, reason)
    chance = error["chance_change_at_zero"] + error["chance_change_per_point"] * baseline[1]
    standard_error, critical = error["standard_error_of_difference"], error["critical_z"]
    middle, half = baseline[1] + chance, critical * standard_error
    band = Band(middle - half, middle + half)
    if last is None:
        return Judgement("not_estimable", baseline, None, band, "no_later")
    index = direction * (last[1] - baseline[1] - chance) / standard_error
    verdict: Verdict = "progress" if index > critical else "decline" if index < -critical else "unclear"
    return Judgement(verdict, baseline, last, band)


def _course(record: Record, instrument: Instrument, respondent: str, points: list[Point]) -> Course:
    direction = 1 if instrument.better == "higher" else -1
    supports = [
        Support(
            row["episode_id"],
            row["started_date"],
            row["ended_date"],
            row["is_primary"],
            judge(record, row, direction, points),
        )
        for row in record.courses
        if (row["instrument_id"], row["respondent"]) == (instrument.id, respondent)
    ]
    error = record.errors.get((instrument.id, respondent))
    cutoff = error["cutoff_score"] if error else None
    return Course(instrument, respondent, tuple(points), cutoff, tuple(supports))


def _place(course: Course) -> tuple[bool, bool, bool, int, str]:
    is_running = any(s.ended_date is None for s in course.supports)
    is_primary = any(s.is_primary for s in course.supports)
    is_unjudged = course.judgement.verdict == "not_estimable"
    return is_unjudged, not is_running, not is_primary, -course.points[-1][0].toordinal(), course.anchor
