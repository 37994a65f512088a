"""What an unmeasured difference between the groups would have to be, and what negative controls say it is."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import log_ndtr, ndtr, ndtri

Floats = npt.NDArray[np.float64]
# A standardised difference as a risk ratio (Chinn 2000; VanderWeele & Ding 2017).
LOG_RATIO_PER_SD = 0.91


def e_value(risk_ratio: float, true_ratio: float = 1.0) -> float:
    """Return how strongly an unmeasured cause must act on support and outcome to explain a risk ratio away.

    VanderWeele & Ding 2017: RR + sqrt(RR (RR - 1)), of the ratio turned to lie above the true one.
    """
    if not (risk_ratio > 0 and true_ratio > 0):
        raise ValueError(f"a risk ratio is positive: {risk_ratio}, {true_ratio}")
    ratio = max(risk_ratio / true_ratio, true_ratio / risk_ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))


def e_value_of_difference(lower: float, upper: float) -> float:
    """Return the E-value of the interval's limit nearest to 0, limits in SD; 1 where the interval holds 0."""
    nearest = max(lower, -upper)
    return e_value(math.exp(LOG_RATIO_PER_SD * nearest)) if nearest > 0 else 1.0


@dataclass(frozen=True)
class SystematicError:
    """How estimates err where there is no effect: N(mean, sd^2) beyond their own sampling error."""

    mean: float
    sd: float

    @property
    def expected_absolute(self) -> float:
        """The mean size of the error (EASE)."""
        if self.sd == 0:
            return abs(self.mean)
        ratio = self.mean / self.sd
        return self.sd * math.sqrt(2 / math.pi) * math.exp(-(ratio**2) / 2) + self.mean * (
            1 - 2 * float(ndtr(-ratio))
        )

    def p_value(self, estimate: float, standard_error: float) -> float:
        """Return the two-sided p of an estimate if it erred as the controls do."""
        index = (estimate - self.mean) / math.hypot(self.sd, standard_error)
        return 2 * math.exp(float(log_ndtr(-abs(index))))

    def calibrated(self, estimate: float, standard_error: float, level: float) -> tuple[float, float, float]:
        """Return estimate and limits with the mean error taken off, and the errors' spread added."""
        reach = float(ndtri((1 + level) / 2)) * math.hypot(self.sd, standard_error)
        return estimate - self.mean, estimate - self.mean - reach, estimate - self.mean + reach


def control_result(lower: float, upper: float, limit: float) -> Literal["passed", "failed", "undecided"]:
    """Return what a negative control's interval says: wholly near 0, away from it, or neither."""
    if -limit < lower and upper < limit:
        return "passed"
    return "failed" if lower > 0 or upper < 0 else "undecided"


def systematic_error(estimate: Floats, standard_error: Floats) -> SystematicError:
    """Fit the controls' errors by maximum likelihood (Schuemie et al. 2014).

    Raises:
        ValueError: if there are fewer than two controls.
    """
    if len(estimate) < 2:
        raise ValueError("a spread of errors takes two negative controls or more")

    def deviance(at: Floats) -> float:
        variance = math.exp(2 * at[1]) + standard_error**2
        return float((np.log(variance) + (estimate - at[0]) ** 2 / variance).sum())

    start = np.array([estimate.mean(), math.log(max(float(estimate.std()), 1e-3))])
    found = minimize(
        deviance, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}
    )
    return SystematicError(float(found.x[0]), math.exp(float(found.x[1])))
