"""The catalogue's ordered tables, evaluated: the first entry that matches counts."""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pipelines.catalogue.recommendation import Condition, EvidenceLevel, Rule
from pipelines.recommendation.measures import Measures, Setting

Conditional = TypeVar("Conditional", EvidenceLevel, Rule)

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NAMES = {True: "true", False: "false"}
# Less than this apart are the same number, on whichever side of a threshold the machine puts it.
ROUNDING = 1e-9


def first_match(entries: Sequence[Conditional], measures: Measures, setting: Setting) -> Conditional:
    """Return the first entry that matches; the loader has seen to it that the last one always does."""
    return next(entry for entry in entries if matches(entry, measures, setting))


def matches(entry: EvidenceLevel | Rule, measures: Measures, setting: Setting) -> bool:
    """Say whether all of an entry's conditions hold, and one of its alternatives if it has any."""
    return all(holds(c, measures, setting) for c in entry.conditions) and (
        not entry.alternatives or any(holds(c, measures, setting) for c in entry.alternatives)
    )


def holds(condition: Condition, measures: Measures, setting: Setting) -> bool:
    """Say whether one condition holds; what is not known meets none."""
    value = getattr(measures, condition.measure)
    if value is None:
        return False
    if condition.operator == "is":
        told: str = NAMES[value] if isinstance(value, bool) else value
        return told == condition.value
    limit = threshold(condition, setting)
    is_at_limit = math.isclose(value, limit, rel_tol=0.0, abs_tol=ROUNDING)
    return COMPARE[condition.operator](limit if is_at_limit else value, limit)


def threshold(condition: Condition, setting: Setting) -> float:
    """Return the number a condition compares with: a parameter's, or its own."""
    return float(setting.get(condition.value, condition.value))
