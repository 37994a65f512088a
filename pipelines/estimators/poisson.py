"""Counts of what happened or was counted: exact Poisson intervals, and counts against each other.

Every interval here is central (as much beyond either end) and goes with its two-sided p: the interval of a
ratio holds 1 exactly when p is above 1 - level (Fay 2010, Biostatistics 11:373).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, bdtrc, betaincinv, gammaincinv, gammaln, stdtr, stdtrit

from pipelines.estimators.result import Estimate, NotEstimable, require_level

HALVINGS = 100


@dataclass(frozen=True)
class CountRatio:
    """How many times as large one count or rate is as another, with its interval and two-sided p."""

    ratio: float
    lower: float
    upper: float
    p_value: float


def poisson_interval(count: int, level: float, exposure: float = 1.0) -> Estimate:
    """Count per unit of exposure with the exact interval (Garwood 1936); `n` is the count.

    Args:
        count: what was counted.
        level: confidence level as a share.
        exposure: what the count is divided by: years, or thousands of inhabitants.

    Raises:
        ValueError: if the count is negative, or the exposure is not above 0.
    """
    _require_counts(count)
    _require_exposures(exposure)
    tail = (1 - require_level(level)) / 2
    lower = float(gammaincinv(count, tail)) if count else 0.0
    upper = float(gammaincinv(count + 1, 1 - tail))
    return Estimate(count / exposure, lower / exposure, upper / exposure, count)


def poisson_ratio(
    count: int, earlier: int, level: float, exposure: float = 1.0, earlier_exposure: float = 1.0
) -> CountRatio | NotEstimable:
    """Count as a ratio of an earlier one, exactly.

    Given their sum, the later count is binomial (Przyborowski & Wilenski 1940): Clopper and Pearson's
    interval of its share is the ratio's.

    Returns:
        The ratio, or NotEstimable("none_counted") where one of the counts is 0: there is no ratio, or no end
        to it.

    Raises:
        ValueError: as :func:`poisson_interval`.
    """
    _require_counts(count, earlier)
    _require_exposures(exposure, earlier_exposure)
    tail = (1 - require_level(level)) / 2
    if not count or not earlier:
        return NotEstimable("none_counted")
    together, even = count + earlier, exposure / (exposure + earlier_exposure)
    lower = float(betaincinv(count, earlier + 1, tail))
    upper = float(betaincinv(count + 1, earlier, 1 - tail))
    # P(X <= count) and P(X >= count) where the rates are the same.
    one_sided = min(float(bdtr(count, together, even)), float(bdtrc(count - 1, together, even)))
    scale = earlier_exposure / exposure
    return CountRatio(
        scale * count / earlier,
        scale * lower / (1 - lower),
        scale * upper / (1 - upper),
        min(1.0, 2 * one_sided),
    )


def poisson_difference(
    count: int, earlier: int, level: float, exposure: float = 1.0, earlier_exposure: float = 1.0
) -> Estimate:
    """Count per exposure minus an earlier one, also where one is 0.

    Squares and adds the two exact intervals, as Newcombe does with Wilson's (Zou & Donner 2008, Stat Med
    27:1693).
    """
    now = poisson_interval(count, level, exposure)
    before = poisson_interval(earlier, level, earlier_exposure)
    difference = now.estimate - before.estimate
    below = math.hypot(now.estimate - now.lower, before.upper - before.estimate)
    above = math.hypot(now.upper - now.estimate, before.estimate - before.lower)
    return Estimate(difference, difference - below, difference + above, count + earlier)


def ratio_of_ratios(own: tuple[int, int], other: tuple[int, int], level: float) -> CountRatio | NotEstimable:
    """How our count has changed against how another's has, exactly; each is (later, earlier).

    Given all margins, our later count is a noncentral hypergeometric whose odds ratio is the ratio of the two
    changes (Fisher 1935; Cornfield 1956).

    Returns:
        The ratio, or NotEstimable("none_counted") where one of the four counts is 0.
    """
    _require_counts(*own, *other)
    tail = (1 - require_level(level)) / 2
    if not all((*own, *other)):
        return NotEstimable("none_counted")
    count, total, total_other, later = own[0], sum(own), sum(other), own[0] + other[0]
    x = np.arange(max(0, later - total_other), min(total, later) + 1)
    ways = -gammaln(x + 1) - gammaln(total - x + 1)
    ways -= gammaln(later - x + 1) + gammaln(total_other - later + x + 1)

    def at_most(log_ratio: float, limit: int) -> float:
        """P(X <= limit) at a ratio."""
        log_weight = ways + x * log_ratio
        weight = np.exp(log_weight - log_weight.max())
        return float(weight[x <= limit].sum() / weight.sum())

    def solve(limit: int, wanted: float) -> float:
        """The log ratio where P(X <= limit) is `wanted`; it falls as the ratio grows."""
        low, high = -50.0, 50.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if at_most(middle, limit) > wanted else (low, middle)
        return (low + high) / 2

    below = at_most(0.0, count)
    above = 1 - at_most(0.0, count - 1)
    return CountRatio(
        own[0] * other[1] / (own[1] * other[0]),
        math.exp(solve(count - 1, 1 - tail)),
        math.exp(solve(count, tail)),
        min(1.0, 2 * min(below, above)),
    )


def dispersion(changes: list[tuple[int, int]]) -> float:
    """How many times as much the changes of several areas vary as chance alone would make them; at least 1.

    Pearson's chi-squared over its degrees of freedom, for the hypothesis that all changed in the same ratio.
    `changes` has (later, earlier) of each area; those with nobody in either year say nothing of it.
    """
    told = [pair for pair in changes if sum(pair)]
    later, earlier = sum(pair[0] for pair in told), sum(pair[1] for pair in told)
    if len(told) < 2 or not later or not earlier:
        return 1.0
    expected = [
        (sum(pair) * later / (later + earlier), sum(pair) * earlier / (later + earlier)) for pair in told
    ]
    squares = sum(
        (pair[i] - wanted[i]) ** 2 / wanted[i]
        for pair, wanted in zip(told, expected, strict=True)
        for i in (0, 1)
    )
    return max(1.0, squares / (len(told) - 1))


def ratio_against_areas(
    own: tuple[int, int], areas: list[tuple[int, int]], level: float
) -> CountRatio | NotEstimable:
    """How our count has changed against several areas together, who differ among themselves too.

    Poisson alone takes every area to change alike but for chance. The standard error of the log ratio is
    widened by the root of the areas' :func:`dispersion`, and the interval is Student's, with as many degrees
    of freedom as the dispersion has (McCullagh & Nelder 1989, section 4.5).

    Returns:
        The ratio, or NotEstimable("none_counted"), or NotEstimable("too_few_areas") with fewer than three.
    """
    _require_counts(*own, *(count for pair in areas for count in pair))
    require_level(level)
    later, earlier = sum(pair[0] for pair in areas), sum(pair[1] for pair in areas)
    if len(areas) < 3:
        return NotEstimable("too_few_areas")
    if not all((*own, later, earlier)):
        return NotEstimable("none_counted")
    log_ratio = math.log(own[0] * earlier / (own[1] * later))
    spread = math.sqrt(dispersion(areas) * sum(1 / count for count in (*own, later, earlier)))
    freedom = len(areas) - 1
    reach = float(stdtrit(freedom, (1 + level) / 2)) * spread
    return CountRatio(
        math.exp(log_ratio),
        math.exp(log_ratio - reach),
        math.exp(log_ratio + reach),
        2 * float(stdtr(freedom, -abs(log_ratio) / spread)),
    )


def _require_counts(*counts: int) -> None:
    if any(count < 0 for count in counts):
        raise ValueError(f"a count cannot be negative: {counts}")


def _require_exposures(*exposures: float) -> None:
    if not all(0 < exposure < math.inf for exposure in exposures):
        raise ValueError(f"an exposure is above 0: {exposures}")
