"""What an estimator answers: a number with its interval, or the reason there is none."""

import math
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Estimate:
    """A point estimate with its interval, in the unit of the statistic.

    `n` is the number of persons the estimate rests on; `n_effective` the size
    of an unweighted sample that would be as precise, where weights or
    clustering make it another number than `n`.

    Raises:
        ValueError: if a number is NaN or infinite, or the estimate lies outside
            its interval. A failed computation must never look like a finding.
    """

    estimate: float
    lower: float
    upper: float
    n: int
    n_effective: float | None = None

    def __post_init__(self) -> None:
        numbers = (self.estimate, self.lower, self.upper, self.n, self.n_effective or 0.0)
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"an estimate must be finite: {self}")
        if not self.lower <= self.estimate <= self.upper:
            raise ValueError(f"an estimate must lie inside its interval: {self}")


@dataclass(frozen=True)
class NotEstimable:
    """There is no honest number; `reason` is a code (`not_estimable_reason` in the marts)."""

    reason: str


Result: TypeAlias = Estimate | NotEstimable


def require_level(level: float) -> float:
    """Return a confidence level, a share such as 0.95; ValueError unless strictly between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"a confidence level is a share between 0 and 1: {level}")
    return level
