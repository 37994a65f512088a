"""What each design says of the same simulated people: flat numbers in SD, NaN where there is no estimate.

Nowhere is there an effect. Every design moves by exactly what is added to the treated's follow-up, so the
same numbers tell of any effect: its interval is the one found, moved (`tests/calibration` holds that).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.calibration.world import Floats, People
from pipelines.estimation.comparison import limits_of
from pipelines.estimation.expected import mean_versus_expected
from pipelines.estimators.comparison import Difference, compare
from pipelines.estimators.mean import PairedMoments, mean_change
from pipelines.estimators.result import Estimate, NotEstimable, Result

Setting = Mapping[str, Any]
Numbers = dict[str, float]
NOTHING = float("nan")
# Scores reach the estimators of D2 in whole hundredths of points; an instrument's SD is some twenty points.
POINTS_PER_SD = 20


def before_after(people: People, setting: Setting) -> Numbers:
    """D1: the treated's mean change."""
    before, after = _pairs(people, is_treated=True)
    covariance = np.cov(before, after)
    moments = PairedMoments(
        n=len(before),
        mean_baseline=float(before.mean()),
        mean_follow_up=float(after.mean()),
        variance_baseline=float(covariance[0, 0]),
        variance_follow_up=float(covariance[1, 1]),
        covariance=float(covariance[0, 1]),
    )
    return _numbers("d1", mean_change(moments, setting["confidence_level"]))


def against_reference(people: People, reference: tuple[Floats, Floats], setting: Setting) -> Numbers:
    """D2: the treated against E0 by an unselected reference's mean and correlation."""
    before, after = _pairs(people, is_treated=True)
    first, second = reference
    n, mean = len(first), float(first.mean())
    r = float(np.corrcoef(first, second)[0, 1])
    of_mean = (1 - r) ** 2 * float(first.var(ddof=1)) / n
    of_correlation = (float(before.mean()) - mean) ** 2 * (1 - r**2) ** 2 / (n - 1)
    expected = mean + r * (before - mean)
    return _numbers("d2_reference", _versus(after - expected, of_mean + of_correlation, setting))


def against_waiting(people: People, setting: Setting) -> Numbers:
    """D2: the treated against E0 by the line through those who waited as long."""
    before, after = _pairs(people, is_treated=True)
    x, y = _pairs(people, is_treated=False)
    if len(x) < setting["minimum_waiting_persons"]:
        return _numbers("d2_waiting", NotEstimable("no_expectation"))
    squares = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * y).sum()) / squares
    rest = y - y.mean() - slope * (x - x.mean())
    of_line = float((rest**2).sum()) / (len(x) - 2) * (1 / len(x) + (before.mean() - x.mean()) ** 2 / squares)
    expected = y.mean() + slope * (before - x.mean())
    return _numbers("d2_waiting", _versus(after - expected, float(of_line), setting))


def difference(people: People, count: Floats, setting: Setting) -> tuple[Difference | None, Numbers]:
    """D3, with its checks; `count` as :func:`pipelines.estimators.comparison.compare` takes it."""
    own = limits_of(setting)
    found = compare(people.groups, count, setting["confidence_level"], own)
    if isinstance(found, NotEstimable):
        return None, _numbers("d3", found) | {"d3_is_sound": 0.0}
    sound = found.soundness
    failed = sound.failed_check(own)
    tipping = found.tipping_point
    return found, {
        "d3_estimate": found.estimate,
        "d3_lower": found.lower,
        "d3_upper": found.upper,
        "d3_error": found.standard_error,
        "d3_is_sound": float(failed is None),
        "d3_is_balanced": float(failed != "imbalance"),
        "d3_is_below_limit": float(sound.largest_imbalance < own.imbalance),
        "d3_is_response_alike": float(abs(sound.response_difference) <= own.response_difference),
        "d3_is_one_provider": float(sound.provider_mark(own) == "one_provider"),
        "d3_tipping": NOTHING if tipping is None else tipping,
        "d3_missing": found.missing_treated,
    }


def draw_counts(persons: int, setting: Setting, rng: np.random.Generator) -> Floats:
    """Return everybody once, then the bootstrap's redraws, as the estimation draws them."""
    return np.vstack([np.ones(persons), rng.poisson(1.0, (setting["bootstrap_draws"], persons))])


def _pairs(people: People, *, is_treated: bool) -> tuple[Floats, Floats]:
    rows = (people.is_treated == is_treated) & ~np.isnan(people.follow_up)
    return people.baseline[rows], people.follow_up[rows]


def _versus(versus: Floats, basis_variance: float, setting: Setting) -> Result:
    hundredths = np.round(100 * POINTS_PER_SD * versus).astype(np.int64)
    moments = {
        "n": len(versus),
        "versus_hundredths": int(hundredths.sum()),
        "versus_squared": int((hundredths**2).sum()),
        "basis_variance": basis_variance * POINTS_PER_SD**2,
    }
    found = mean_versus_expected([moments], len(versus), setting["confidence_level"])
    if isinstance(found, NotEstimable):
        return found
    estimate, lower, upper = (v / POINTS_PER_SD for v in (found.estimate, found.lower, found.upper))
    return Estimate(estimate, lower, upper, found.n)


def _numbers(design: str, found: Result) -> Numbers:
    if isinstance(found, NotEstimable):
        return {f"{design}_{name}": NOTHING for name in ("estimate", "lower", "upper")}
    return {
        f"{design}_estimate": found.estimate,
        f"{design}_lower": found.lower,
        f"{design}_upper": found.upper,
    }
