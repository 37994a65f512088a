"""Are some providers further from the others than chance and their ordinary differences explain?

Control limits with overdispersion (Spiegelhalter 2005), for shares, means, and observed against expected.
A funnel points out whom to ask; it ranks nobody.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]
WINSORISED_SHARE = 0.1


@dataclass(frozen=True)
class Funnel:
    """Each provider's value on a scale of even variance, its standard error there, and their spread.

    `tau2` is what they differ by beyond chance; 0 where chance alone explains the differences.
    """

    value: Floats
    standard_error: Floats
    target: float
    dispersion: float
    tau2: float

    @property
    def index(self) -> Floats:
        """How many standard deviations, ordinary differences included, each lies from the target."""
        return np.asarray((self.value - self.target) / np.sqrt(self.standard_error**2 + self.tau2))

    def is_outside(self, level: float) -> npt.NDArray[np.bool_]:
        """Say who lies outside the limits that hold a share `level` of ordinary providers."""
        return np.abs(self.index) > ndtri((1 + level) / 2)

    def limits(self, level: float) -> tuple[Floats, Floats]:
        """Return each provider's lower and upper limit on the transformed scale."""
        reach = ndtri((1 + level) / 2) * np.sqrt(self.standard_error**2 + self.tau2)
        return self.target - reach, self.target + reach


def share_funnel(numerator: Floats, n: Floats) -> Funnel:
    """Return the funnel of shares on the arcsine scale; the target is the share of all together."""
    target = float(np.arcsin(np.sqrt(numerator.sum() / n.sum())))
    return _funnel(np.arcsin(np.sqrt(numerator / n)), 1 / (2 * np.sqrt(n)), target)


def ratio_funnel(observed: Floats, expected: Floats) -> Funnel:
    """Return the funnel of observed against expected counts (case mix), on the square root scale."""
    return _funnel(np.sqrt(observed / expected), 1 / (2 * np.sqrt(expected)), 1.0)


def mean_funnel(mean: Floats, standard_error: Floats) -> Funnel:
    """Return the funnel of means; the target is their mean by precision, that of all persons together."""
    weight = standard_error**-2.0
    return _funnel(mean, standard_error, float((weight * mean).sum() / weight.sum()))


def _funnel(value: Floats, standard_error: Floats, target: float) -> Funnel:
    index = (value - target) / standard_error
    # The outliers that are looked for must not widen the limits that find them.
    low, high = np.quantile(index, [WINSORISED_SHARE, 1 - WINSORISED_SHARE])
    k = len(index)
    dispersion = float((np.clip(index, low, high) ** 2).mean())
    w = standard_error**-2.0
    tau2 = max(0.0, (k * dispersion - (k - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    return Funnel(value, standard_error, target, dispersion, float(tau2))
