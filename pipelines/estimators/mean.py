"""Means and changes of means with t intervals."""

import math
from dataclasses import dataclass

from scipy.special import stdtrit

from pipelines.estimators.result import Estimate, NotEstimable, Result, require_level

# A change's variance is a difference of large numbers. Below this share of them it is
# rounding: everybody changed by the same amount. (One person in 100,000 changing by one
# point of a hundred gives some 1e-8.)
ROUNDING = 1e-12


@dataclass(frozen=True)
class SampleMoments:
    """Moments of one score in one group, as SQL gives them.

    `mean` (`avg`) is None exactly when `n` is 0, `variance` (`var_samp`) exactly
    when `n` is below 2; units are score and score squared.

    Raises:
        ValueError: if the numbers contradict each other.
    """

    n: int
    mean: float | None
    variance: float | None

    def __post_init__(self) -> None:
        _require_presence(self.n, means=(self.mean,), variances=(self.variance,))


@dataclass(frozen=True)
class PairedMoments:
    """Moments of `n` persons' baseline and follow-up scores, plus being improvement.

    Means are None exactly when `n` is 0; variances (`var_samp`) and covariance
    (`covar_samp`) exactly when `n` is below 2.

    Raises:
        ValueError: if the numbers contradict each other.
    """

    n: int
    mean_baseline: float | None
    mean_follow_up: float | None
    variance_baseline: float | None
    variance_follow_up: float | None
    covariance: float | None

    def __post_init__(self) -> None:
        _require_presence(
            self.n,
            means=(self.mean_baseline, self.mean_follow_up),
            variances=(self.variance_baseline, self.variance_follow_up),
        )
        if (self.covariance is None) != (self.n < 2):
            raise ValueError(f"a covariance belongs to two persons or more: {self}")
        if self.covariance is not None and self.variance_baseline and self.variance_follow_up:
            bound = math.sqrt(self.variance_baseline * self.variance_follow_up)
            if not abs(self.covariance) <= bound * (1.0 + 1e-9):
                raise ValueError(f"a correlation lies between -1 and 1: {self}")

    @property
    def baseline(self) -> SampleMoments:
        """The baseline scores on their own."""
        return SampleMoments(self.n, self.mean_baseline, self.variance_baseline)

    @property
    def follow_up(self) -> SampleMoments:
        """The follow-up scores on their own."""
        return SampleMoments(self.n, self.mean_follow_up, self.variance_follow_up)

    @property
    def change(self) -> SampleMoments:
        """Each person's follow-up minus baseline."""
        return SampleMoments(self.n, self.mean_change, self.variance_change)

    @property
    def mean_change(self) -> float | None:
        """Mean follow-up minus mean baseline, in points."""
        if self.mean_follow_up is None or self.mean_baseline is None:
            return None
        return self.mean_follow_up - self.mean_baseline

    @property
    def variance_change(self) -> float | None:
        """Variance of the change, in points squared; exactly 0 when all changed alike."""
        if self.variance_baseline is None or self.variance_follow_up is None or self.covariance is None:
            return None
        total = self.variance_baseline + self.variance_follow_up
        variance = total - 2.0 * self.covariance
        return variance if variance > ROUNDING * total else 0.0


def mean(moments: SampleMoments, level: float) -> Result:
    """Mean with Student's t interval, in points.

    A group without any variation gets NotEstimable("no_variation"): a t interval
    of width 0 would claim that the next person is known exactly, which a handful
    of equal answers cannot.
    """
    if moments.mean is None:
        return NotEstimable("no_pairs")
    if moments.variance is None:
        return NotEstimable("too_few_pairs")
    if moments.variance == 0.0:
        return NotEstimable("no_variation")
    standard_error = math.sqrt(moments.variance / moments.n)
    return _t_interval(moments.mean, standard_error, moments.n - 1, moments.n, level)


def mean_change(moments: PairedMoments, level: float) -> Result:
    """Mean change from baseline to follow-up with the paired t interval, in points."""
    return mean(moments.change, level)


def welch_difference(a: SampleMoments, b: SampleMoments, level: float) -> Result:
    """Mean of `a` minus mean of `b`, variances unequal, in points (Welch 1947).

    One group may be without variation, not both.
    """
    if a.mean is None or b.mean is None:
        return NotEstimable("no_pairs")
    if a.variance is None or b.variance is None:
        return NotEstimable("too_few_pairs")
    if a.variance == 0.0 and b.variance == 0.0:
        return NotEstimable("no_variation")
    standard_error = math.sqrt(a.variance / a.n + b.variance / b.n)
    df = welch_df(a.n, a.variance, b.n, b.variance)
    return _t_interval(a.mean - b.mean, standard_error, df, a.n + b.n, level)


def welch_df(n_a: int, variance_a: float, n_b: int, variance_b: float) -> float:
    """Welch and Satterthwaite's degrees of freedom of a difference of two means."""
    squared_error_a, squared_error_b = variance_a / n_a, variance_b / n_b
    share_a = squared_error_a / (squared_error_a + squared_error_b)
    return 1.0 / (share_a**2 / (n_a - 1) + (1.0 - share_a) ** 2 / (n_b - 1))


def _t_interval(estimate: float, standard_error: float, df: float, n: int, level: float) -> Estimate:
    half_width = float(stdtrit(df, (1.0 + require_level(level)) / 2.0)) * standard_error
    return Estimate(estimate, estimate - half_width, estimate + half_width, n)


def _require_presence(n: int, means: tuple[float | None, ...], variances: tuple[float | None, ...]) -> None:
    if n < 0:
        raise ValueError(f"a number of persons cannot be negative: {n}")
    for value, least in [(m, 1) for m in means] + [(v, 2) for v in variances]:
        if (value is None) != (n < least):
            raise ValueError(f"moments of {n} persons: a mean needs 1 and a variance 2, got {value}")
        if value is not None and not math.isfinite(value):
            raise ValueError(f"a moment must be finite: {value}")
    if any(v is not None and v < 0.0 for v in variances):
        raise ValueError(f"a variance cannot be negative: {variances}")
