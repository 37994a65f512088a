"""What was planted against what was found: one row per measure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Comparison:
    """`equal` of `compared` keys hold the same values, numbers within `limit`; a key on one side does not."""

    measure: str
    planted: str
    compared: int
    equal: int
    largest_difference: float
    limit: float
    may_differ: str


def compare(
    measure: str,
    planted: str,
    *,
    found: Mapping[Any, Values],
    wanted: Mapping[Any, Values],
    limit: float = 0.0,
    may_differ: str = "nowhere",
) -> Comparison:
    """Hold the found values against those wanted, key by key and value by value."""
    keys = found.keys() | wanted.keys()
    both = {key: _distances(found[key], wanted[key]) for key in found.keys() & wanted.keys()}
    distances = [d for values in both.values() for d in values if d is not None]
    return Comparison(
        measure=measure,
        planted=planted,
        compared=len(keys),
        equal=sum(all(d is not None and d <= limit for d in values) for values in both.values()),
        largest_difference=max(distances, default=0.0),
        limit=limit,
        may_differ=may_differ,
    )


def _distances(found: Values, wanted: Values) -> list[float | None]:
    """How far apart each two values are; None where they are not the same, and no numbers."""
    return [_distance(one, other) for one, other in zip(found, wanted, strict=True)]


def _distance(one: Any, other: Any) -> float | None:
    if _is_number(one) and _is_number(other):
        return abs(float(one) - float(other))
    return 0.0 if type(one) is type(other) and one == other else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
