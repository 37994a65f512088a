"""Shares of persons, and differences between shares, with Wilson's intervals."""

import math
from statistics import NormalDist

from pipelines.estimators.result import Estimate, NotEstimable, Result, require_level


def wilson_interval(count: float, n: int, level: float, *, n_effective: float | None = None) -> Result:
    """Share `count / n` with Wilson's score interval, both from 0 to 1 (Wilson 1927).

    Args:
        count: persons with the property, or their weights' sum scaled to `n`.
        n: persons.
        level: confidence level as a share, such as 0.95.
        n_effective: the interval's number of persons where weights or clustering
            make it another than `n` (Kish's effective size); None means `n`.

    Returns:
        The share, or NotEstimable("no_pairs") when there is nobody.

    Raises:
        ValueError: unless 0 <= count <= n, 0 < n_effective and 0 < level < 1.
    """
    if not 0 <= count <= n:
        raise ValueError(f"a count lies between 0 and n: {count} of {n}")
    if n == 0:
        return NotEstimable("no_pairs")
    size = float(n) if n_effective is None else n_effective
    if not 0.0 < size < math.inf:
        raise ValueError(f"an effective number of persons is above 0: {n_effective}")
    share = count / n
    z_squared = NormalDist().inv_cdf((1.0 + require_level(level)) / 2.0) ** 2
    centre = share + z_squared / (2.0 * size)
    spread = math.sqrt(z_squared * (share * (1.0 - share) / size + z_squared / (4.0 * size**2)))
    scale = 1.0 + z_squared / size
    # At 0 and n the limit is the share itself; rounding must not push it past.
    lower, upper = min((centre - spread) / scale, share), max((centre + spread) / scale, share)
    return Estimate(share, max(lower, 0.0), min(upper, 1.0), n, n_effective)


def newcombe_difference(count_a: int, n_a: int, count_b: int, n_b: int, level: float) -> Result:
    """Share of `a` minus share of `b`, from -1 to 1, with Newcombe's interval.

    Squares and adds the two Wilson intervals (Newcombe 1998, Stat Med 17:873, method 10).

    Returns:
        The difference, or NotEstimable("no_pairs") when a group is empty.

    Raises:
        ValueError: as :func:`wilson_interval`.
    """
    a, b = wilson_interval(count_a, n_a, level), wilson_interval(count_b, n_b, level)
    if isinstance(a, NotEstimable):
        return a
    if isinstance(b, NotEstimable):
        return b
    difference = a.estimate - b.estimate
    below = math.hypot(a.estimate - a.lower, b.upper - b.estimate)
    above = math.hypot(a.upper - a.estimate, b.estimate - b.lower)
    return Estimate(difference, difference - below, difference + above, n_a + n_b)
