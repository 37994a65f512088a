"""What a figure says of its goal, by its interval and not its point: the target's verdict, status and trend.

The written rule, first match (docs/koder.md says it in Danish):

- A target whose day has passed: `reached` where the whole interval keeps it, `not_reached` where none of it
  does, else, or where nothing was counted, `cannot_tell`. A target for every year is judged on each year's
  own figure.
- No figure, or a change without an interval: `cannot_tell`.
- The first figure, with nothing to compare with: `first_measurement`.
- A target ahead: as one whose day has passed, but held against the straight way from the baseline to the
  target, and called `on_track`, `off_track` and `attention`.
- No target: `on_track` where the whole interval of the change from the baseline lies on the better side of 0,
  `off_track` where all of it lies on the worse, else `attention`. Without a better side there is no status.

A census has no interval: its figure stands for both limits of the value, and its change has a tolerance.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.estimators.result import Estimate, Result

SIDES = {"higher": 1.0, "lower": -1.0}


@dataclass(frozen=True)
class Target:
    """A number promised by a day, or for every year where there is none."""

    comparison: str
    value: float
    from_date: datetime.date | None
    by_date: datetime.date | None

    def against(self, result: Result, wanted: float) -> int | None:
        """Return 1 where the interval keeps `wanted`, -1 where none of it does, else 0; None without one."""
        if not isinstance(result, Estimate):
            return None
        if self.comparison == "at_least":
            return _side(result.lower >= wanted, result.upper < wanted)
        return _side(result.upper <= wanted, result.lower > wanted)

    def verdict(self, result: Result | None) -> str:
        """Return the code of a target whose day has passed."""
        found = None if result is None else self.against(result, self.value)
        return {1: "reached", -1: "not_reached"}.get(found or 0, "cannot_tell")


@dataclass(frozen=True)
class Baseline:
    """What a figure is compared with: an earlier year's value."""

    year: int
    value: float


def chosen(targets: Sequence[Target], year: int) -> Target | None:
    """Return the target a year's figure answers to: the one for every year, the next, or the latest past."""
    yearly = [target for target in targets if target.by_date is None]
    dated = sorted((t for t in targets if t.by_date), key=lambda t: t.by_date or datetime.date.max)
    ahead = [target for target in dated if target.by_date and target.by_date.year >= year]
    return next(iter((*yearly, *ahead, *reversed(dated))), None)


def status(
    result: Result,
    target: Target | None,
    baseline: Baseline | None,
    change: Result | None,
    year: int,
    better: str,
) -> str | None:
    """Return the status of a figure whose target, if any, lies ahead of its year."""
    if not isinstance(result, Estimate):
        return "cannot_tell"
    if baseline is None or change is None:
        return "first_measurement"
    if target is not None and target.by_date is not None:
        share = (year - baseline.year) / (target.by_date.year - baseline.year)
        found = target.against(result, baseline.value + share * (target.value - baseline.value))
    elif better not in SIDES:
        return None
    elif not isinstance(change, Estimate):
        return "cannot_tell"
    else:
        limits = sorted(SIDES[better] * limit for limit in (change.lower, change.upper))
        found = _side(limits[0] > 0, limits[1] < 0)
    return {1: "on_track", -1: "off_track"}.get(found or 0, "attention")


def trend(change: Result | None) -> str | None:
    """Return where the figure has gone since the year before; None where there is no year before."""
    if not isinstance(change, Estimate):
        return None
    return "rising" if change.lower > 0 else "falling" if change.upper < 0 else "uncertain"


def _side(is_good: bool, is_bad: bool) -> int:
    return 1 if is_good else -1 if is_bad else 0
