"""Differences and changes in standard deviations: Cohen's d and its relatives.

Every difference is `a` minus `b`, every change follow-up minus baseline. Intervals of
`cohens_d`, `hedges_g`, `glass_delta` and `one_sample_d` are exact: the noncentral t
distributions that put the observed t at either tail, back in units of d (Cumming & Finch
2001). Those of `repeated_measures_d` are normal-theory. A group in which all are alike
has no standard deviation to measure in: NotEstimable("no_variation").
"""

import math
from statistics import NormalDist
from typing import Literal

# scipy.special alone: scipy.stats and scipy.optimize take three and two times as long to import.
from scipy.special import nctdtr

from pipelines.estimators.mean import ROUNDING, PairedMoments, SampleMoments, mean_change, welch_df
from pipelines.estimators.result import Estimate, NotEstimable, Result, require_level

RepeatedKind = Literal["av", "rm", "z", "b"]
Unit = Literal["pooled", "unpooled", "b"]


def hedges_correction(df: float) -> float:
    """Hedges' J, the exact factor that takes the small-sample bias out of d (Hedges 1981).

    Raises:
        ValueError: unless `df` is above 1, where d has no expectation.
    """
    if not df > 1.0:
        raise ValueError(f"Hedges' J needs more than one degree of freedom: {df}")
    return math.exp(math.lgamma(df / 2.0) - math.lgamma((df - 1.0) / 2.0)) / math.sqrt(df / 2.0)


def cohens_d(a: SampleMoments, b: SampleMoments, level: float, *, pooled: bool = True) -> Result:
    """Difference of two independent means in standard deviations.

    With `pooled` the SD is the pooled one; without, the root of the mean of the two
    variances, with Welch's degrees of freedom (for groups whose spread differs).
    """
    return _two_groups(a, b, level, "pooled" if pooled else "unpooled", is_corrected=False)


def hedges_g(a: SampleMoments, b: SampleMoments, level: float, *, pooled: bool = True) -> Result:
    """:func:`cohens_d` with its limits times :func:`hedges_correction` (Hedges 1981)."""
    return _two_groups(a, b, level, "pooled" if pooled else "unpooled", is_corrected=True)


def glass_delta(a: SampleMoments, b: SampleMoments, level: float) -> Result:
    """Difference of two independent means in standard deviations of `b`, the comparison group."""
    return _two_groups(a, b, level, "b", is_corrected=False)


def one_sample_d(
    moments: SampleMoments, level: float, *, null: float = 0.0, is_corrected: bool = False
) -> Result:
    """Distance of a mean from `null` in standard deviations; of `PairedMoments.change` it is dz.

    With `is_corrected`, d and limits are times :func:`hedges_correction` (g, gz), which
    needs three persons: NotEstimable("too_few_pairs") below.
    """
    if moments.mean is None:
        return NotEstimable("no_pairs")
    if moments.variance is None:
        return NotEstimable("too_few_pairs")
    if moments.variance == 0.0:
        return NotEstimable("no_variation")
    d = (moments.mean - null) / math.sqrt(moments.variance)
    result = _exact(d, 1.0 / math.sqrt(moments.n), moments.n - 1, moments.n, level)
    return _corrected(result, moments.n - 1) if is_corrected else result


def repeated_measures_d(
    moments: PairedMoments, kind: RepeatedKind, level: float, *, is_corrected: bool = False
) -> Result:
    """Mean change in standard deviations, with a normal-theory interval.

    The SD is, by `kind`: "av" the root of the mean of the two variances; "rm" the change's,
    corrected for the correlation; "z" the change's; "b" the baseline's (Becker 1988).
    With `is_corrected`, d and limits are times :func:`hedges_correction` of n - 1, which
    needs three persons: NotEstimable("too_few_pairs") below. Formulas as in R effectsize,
    `repeated_measures_d`.
    """
    change, before, after = moments.mean_change, moments.variance_baseline, moments.variance_follow_up
    if change is None:
        return NotEstimable("no_pairs")
    if before is None or after is None or moments.covariance is None:
        return NotEstimable("too_few_pairs")
    if before == 0.0 or after == 0.0:
        return NotEstimable("no_variation")
    # 2(1 - r): how much of the spread the correlation leaves in the change.
    remaining = 2.0 * (1.0 - moments.covariance / math.sqrt(before * after))
    if remaining <= ROUNDING:
        return NotEstimable("no_variation")
    variance, n = before + after - 2.0 * moments.covariance, moments.n
    units = {"av": (before + after) / 2.0, "rm": variance / remaining, "z": variance, "b": before}
    d = change / math.sqrt(units[kind])
    squared_errors = {
        "av": variance / (n * units["av"]),
        "rm": remaining * (1.0 / n + d**2 / (2.0 * n)),
        "z": 1.0 / n + d**2 / (2.0 * n),
        "b": remaining / n + d**2 / (2.0 * n),
    }
    half_width = NormalDist().inv_cdf((1.0 + require_level(level)) / 2.0) * math.sqrt(squared_errors[kind])
    result = Estimate(d, d - half_width, d + half_width, n)
    return _corrected(result, n - 1) if is_corrected else result


def mean_change_in_known_sd(moments: PairedMoments, sd: float, level: float) -> Result:
    """Mean change in units of a published `sd` (points): the paired t interval, divided by it.

    The unit is not estimated here, so neither Hedges' J nor its uncertainty enters.

    Raises:
        ValueError: unless `sd` is above 0 and finite.
    """
    if not 0.0 < sd < math.inf:
        raise ValueError(f"a standard deviation is above 0: {sd}")
    result = mean_change(moments, level)
    if isinstance(result, NotEstimable):
        return result
    return Estimate(result.estimate / sd, result.lower / sd, result.upper / sd, result.n)


def _two_groups(
    a: SampleMoments, b: SampleMoments, level: float, unit: Unit, *, is_corrected: bool
) -> Result:
    if a.mean is None or b.mean is None:
        return NotEstimable("no_pairs")
    if a.variance is None or b.variance is None:
        return NotEstimable("too_few_pairs")
    n = a.n + b.n
    squared_unit = {
        "pooled": ((a.n - 1) * a.variance + (b.n - 1) * b.variance) / (n - 2),
        "unpooled": (a.variance + b.variance) / 2.0,
        "b": b.variance,
    }[unit]
    if squared_unit == 0.0:
        return NotEstimable("no_variation")
    if unit == "pooled":
        squared_error = squared_unit * (1.0 / a.n + 1.0 / b.n)
    else:
        squared_error = a.variance / a.n + b.variance / b.n
    df = {"pooled": n - 2.0, "unpooled": welch_df(a.n, a.variance, b.n, b.variance), "b": b.n - 1.0}[unit]
    d = (a.mean - b.mean) / math.sqrt(squared_unit)
    result = _exact(d, math.sqrt(squared_error / squared_unit), df, n, level)
    return _corrected(result, df) if is_corrected else result


def _corrected(result: Result, df: float) -> Result:
    if isinstance(result, NotEstimable):
        return result
    if df <= 1.0:
        return NotEstimable("too_few_pairs")
    factor = hedges_correction(df)
    return Estimate(result.estimate * factor, result.lower * factor, result.upper * factor, result.n)


def _exact(d: float, scale: float, df: float, n: int, level: float) -> Result:
    """Give d its interval from the noncentral t distributions of t = d / scale."""
    upper_tail = (1.0 + require_level(level)) / 2.0
    lower = _noncentrality(d / scale, df, upper_tail)
    upper = _noncentrality(d / scale, df, 1.0 - upper_tail)
    if lower is None or upper is None:
        # |t| in the ten thousands: beside the distance, there is no variation to speak of.
        return NotEstimable("no_variation")
    return Estimate(d, lower * scale, upper * scale, n)


def _noncentrality(t: float, df: float, probability: float) -> float | None:
    """Find the noncentrality at which `t` has `probability` below it, by bisection to rounding.

    Not by `scipy.special.nctdtrinc`, which is right to 6 digits only, nor by scipy.optimize,
    whose import alone takes longer than all the bisections of a run. None where t is so
    large that the distribution function gives way.
    """
    if t < 0.0:  # nctdtr is not reliable in the far tail there
        mirrored = _noncentrality(-t, df, 1.0 - probability)
        return None if mirrored is None else -mirrored
    reach = 1.0
    while nctdtr(df, t - reach, t) < probability or nctdtr(df, t + reach, t) > probability:
        reach *= 2.0
    low, middle, high = t - reach, t, t + reach
    while low < middle < high:
        if nctdtr(df, middle, t) > probability:
            low = middle
        else:
            high = middle
        middle = (low + high) / 2.0
    return middle if abs(float(nctdtr(df, middle, t)) - probability) < 1e-9 else None
