"""Medians of few or skewed values (days of waiting), with intervals that assume no distribution."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr

from pipelines.estimators.result import Estimate, NotEstimable, Result, require_level


@dataclass(frozen=True)
class Values:
    """What was observed, and by how many persons each: values ascending, counts above 0."""

    values: npt.NDArray[np.float64]
    upto: npt.NDArray[np.int64]

    @classmethod
    def of(cls, counts: Mapping[float, int]) -> "Values":
        """Return the values of a histogram {value: persons}.

        Raises:
            ValueError: if a count is not above 0, or there is none.
        """
        if not counts or min(counts.values()) < 1:
            raise ValueError(f"a histogram has values that were seen: {counts}")
        ordered = sorted(counts)
        return cls(
            np.array(ordered, dtype=np.float64),
            np.cumsum([counts[value] for value in ordered], dtype=np.int64),
        )

    @property
    def n(self) -> int:
        """Persons."""
        return int(self.upto[-1])

    def at(self, place: int) -> float:
        """The value in a place of the order, the smallest in place 1."""
        return float(self.values[np.searchsorted(self.upto, place)])

    @property
    def median(self) -> float:
        """The middle value, or the mean of the middle two."""
        return (self.at((self.n + 1) // 2) + self.at(self.n // 2 + 1)) / 2


def median_interval(observed: Values, level: float) -> Result:
    """Median with the interval between two of the values themselves.

    Symmetric places, as narrow as hold the level (David & Nagaraja 2003, Order Statistics, section 7.1): it
    covers at least that, also of days, where many are equal. Below 6 persons no two values hold 95 %.
    """
    n, tail = observed.n, (1.0 - require_level(level)) / 2.0
    # P(fewer than `place` values lie below the median), with half of them below it at random.
    place = int(np.searchsorted(bdtr(np.arange(n // 2 + 1), n, 0.5), tail, side="right"))
    if not place:
        return NotEstimable("too_few_persons")
    return Estimate(observed.median, observed.at(place), observed.at(n + 1 - place), n)


def median_variance(observed: Values) -> float:
    """The sampling variance of the median: from how far apart two places about it lie.

    McKean & Schrader's distance with the places and the exact binomial level of Price & Bonett (2001, J Stat
    Comput Simul 68:295), which holds from 5 persons or so, and with equal values.
    """
    n = observed.n
    place = max(1, math.floor((n + 1) / 2 - math.sqrt(n) + 0.5))
    z = NormalDist().inv_cdf(1.0 - float(bdtr(place - 1, n, 0.5)))
    return ((observed.at(n + 1 - place) - observed.at(place)) / (2.0 * z)) ** 2


def median_difference(a: Values, b: Values, level: float) -> Result:
    """Median of `a` minus median of `b`, two groups of different persons.

    Bonett & Price 2002, Psychol Methods 7:370.

    Returns:
        The difference, NotEstimable("too_few_persons") where a group has one person, or
        NotEstimable("no_variation") where the values about both medians are all equal.
    """
    if min(a.n, b.n) < 2:
        return NotEstimable("too_few_persons")
    variance = median_variance(a) + median_variance(b)
    if not variance:
        return NotEstimable("no_variation")
    reach = NormalDist().inv_cdf((1.0 + require_level(level)) / 2.0) * math.sqrt(variance)
    difference = a.median - b.median
    return Estimate(difference, difference - reach, difference + reach, a.n + b.n)
