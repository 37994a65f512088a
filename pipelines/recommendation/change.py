"""What would change a recommendation: the nearest rule, the effect it takes, and how many more people.

All else stays as it is, the standard error too: what is told is where the rules lie, not what will come.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from scipy.special import ndtr, ndtri

from pipelines.catalogue.recommendation import Recommendation, Rule
from pipelines.recommendation.candidates import DEVELOPMENT
from pipelines.recommendation.measures import Effect, Measures, Setting, with_effect
from pipelines.recommendation.rules import first_match, threshold

# Just past a threshold, far more than rounding and far less than any measure is told by.
PAST = 1e-6
# Differences between groups that are tried, in hundredths of an SD.
LOWEST, HIGHEST = -150, 150
# Measures of these units are whole numbers; a change in them, and in money, is relative to the threshold.
WHOLE = frozenset({"persons", "level"})
RELATIVE = WHOLE | {"dkk"}


@dataclass(frozen=True)
class Nearest:
    """The rule that the smallest change in one measure would bring, and that change."""

    rule: str
    measure: str
    value: float
    needed: float


@dataclass(frozen=True)
class Stretch:
    """The effects, in SD, at which a rule fires."""

    rule: str
    lowest: float
    highest: float


@dataclass(frozen=True)
class Plan:
    """What so many persons can show: by normal theory from the standard error they have, or would have."""

    power: float
    smallest_detectable: float
    needed_persons: int
    more_months: int | None


def nearest(
    fired: Rule,
    table: Recommendation,
    measures: Measures,
    setting: Setting,
    passed_over: Sequence[Measures] = (),
) -> Nearest | None:
    """Return the smallest change in one measure that brings another rule; None where there is none.

    The change may be what a comparison that was `passed_over` lacks: then the rule is by what that one found.
    """
    found: list[tuple[float, Nearest]] = []
    for measure, limit, is_below in _thresholds(table.rule, measures, setting):
        value, unit = getattr(measures, measure), table.declared[measure].unit
        needed, tried = limit, limit + (PAST if is_below else -PAST)
        if unit in WHOLE:
            needed = tried = math.ceil(limit) - (0 if is_below else 1)
        changed: dict[str, Any] = {measure: tried}
        after = _most_evidence(table, replace(measures, **changed), changed, setting, passed_over)
        other = first_match(table.rule, after, setting)
        if other.id != fired.id:
            size = abs(needed - value) / (limit if unit in RELATIVE and limit else 1.0)
            found.append((size, Nearest(other.id, measure, value, needed)))
    return min(found, key=lambda one: one[0])[1] if found else None


def _most_evidence(
    table: Recommendation,
    own: Measures,
    changed: Mapping[str, Any],
    setting: Setting,
    passed_over: Sequence[Measures],
) -> Measures:
    """Return the measures, or those of a comparison that has more evidence once something is changed."""
    found = own
    for measures in passed_over if "evidence_level" not in changed else ():
        other = replace(measures, **changed)
        level = first_match(table.evidence, other, setting).level
        if level > max(found.evidence_level or 0, DEVELOPMENT):
            found = replace(other, evidence_level=level)
    return found


def _thresholds(
    rules: Sequence[Rule], measures: Measures, setting: Setting
) -> Iterator[tuple[str, float, bool]]:
    """Yield each measure with a known size, a threshold of it, and whether it is below."""
    asked = {c for rule in rules for c in (*rule.conditions, *rule.alternatives) if c.operator != "is"}
    for condition in sorted(asked, key=str):
        value, limit = getattr(measures, condition.measure), threshold(condition, setting)
        if value is None or not math.isfinite(value):
            continue
        yield condition.measure, limit, value < limit


def stretches(rules: Sequence[Rule], measures: Measures, effect: Effect, setting: Setting) -> list[Stretch]:
    """Return which rule would fire at which effect, from the lowest tried to the highest."""
    tried = [
        (
            hundredths / 100,
            first_match(
                rules,
                with_effect(measures, effect.moved(hundredths / 100 - effect.alone.estimate), setting),
                setting,
            ).id,
        )
        for hundredths in range(LOWEST, HIGHEST + 1)
    ]
    found = []
    for rule, places in groupby(tried, key=lambda one: one[1]):
        sizes = [size for size, _ in places]
        found.append(Stretch(rule, sizes[0], sizes[-1]))
    return found


def needed_effect(fired: Rule, along: Sequence[Stretch], estimate: float) -> float | None:
    """Return the smallest larger effect at which another rule fires, None where none does."""
    return next((s.lowest for s in along if s.lowest > estimate and s.rule != fired.id), None)


def plan(standard_error: float, n: int, setting: Setting) -> Plan:
    """Return what `n` persons with this standard error, in SD, can show of the smallest worthwhile effect."""
    delta = setting["smallest_worthwhile_sd"]
    z = float(ndtri((1 + setting["confidence_level"]) / 2))
    detectable = (z + float(ndtri(setting["wanted_power"]))) * standard_error
    needed = math.ceil(n * (detectable / delta) ** 2)
    a_month = n / setting["assessment_window_months"]
    return Plan(
        power=float(ndtr(delta / standard_error - z) + ndtr(-delta / standard_error - z)),
        smallest_detectable=detectable,
        needed_persons=needed,
        more_months=math.ceil((needed - n) / a_month) if needed > n else None,
    )
