"""Rates of events of which one person may have several: a person who returns tells less than two persons."""

import math
from dataclasses import dataclass

from scipy.special import gammaincinv

from pipelines.estimators.result import Estimate, require_level


@dataclass(frozen=True)
class EventCounts:
    """The events of `n` persons: their sum, the sum of each person's number squared, and the most of one.

    Raises:
        ValueError: if the numbers contradict each other.
    """

    n: int
    events: int
    squares: int
    most: int

    def __post_init__(self) -> None:
        none = self.events == self.squares == self.most == 0
        some = 0 < self.most <= self.events <= self.squares <= self.most * self.events
        if self.n < 1 or not (none or some):
            raise ValueError(f"no persons have events like these: {self}")


def event_rate(counts: EventCounts, persons: float, level: float) -> Estimate:
    """Events per `persons` persons, with the gamma interval (Fay & Feuer 1997, Stat Med 16:791).

    A person's events weigh together, as one of that size: with at most one event each it is the exact Poisson
    interval, with several it is wider. Its upper limit has room for one more of the largest.
    """
    scale, tail = persons / counts.n, (1.0 - require_level(level)) / 2.0
    events, squares, most = counts.events, counts.squares, max(counts.most, 1)
    lower = _quantile(events, squares, tail) if events else 0.0
    upper = _quantile(events + most, squares + most**2, 1.0 - tail)
    return Estimate(events * scale, lower * scale, upper * scale, counts.n)


def event_rate_difference(later: EventCounts, earlier: EventCounts, persons: float, level: float) -> Estimate:
    """Rate of `later` minus rate of `earlier`: their two intervals squared and added (Zou & Donner 2008)."""
    a, b = event_rate(later, persons, level), event_rate(earlier, persons, level)
    difference = a.estimate - b.estimate
    below = math.hypot(a.estimate - a.lower, b.upper - b.estimate)
    above = math.hypot(a.upper - a.estimate, b.estimate - b.lower)
    return Estimate(difference, difference - below, difference + above, later.n + earlier.n)


def _quantile(mean: float, variance: float, probability: float) -> float:
    """Of the gamma distribution with this mean and variance."""
    return float(gammaincinv(mean**2 / variance, probability)) * variance / mean
