"""Straight lines of many people together: their average slope, and each person's deviation from it.

A linear mixed model with a random intercept and slope, fitted by restricted maximum likelihood. As people and
fixed effects share one design (1, t), each person enters by sums alone, and every matrix is two by two.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from pipelines.estimators.result import NotEstimable

Floats = npt.NDArray[np.float64]
LEAST_PERSONS = 3


@dataclass(frozen=True)
class CourseSums:
    """Sums over each person's measurements, arrays of one length: time t, score y with plus as better."""

    n: Floats
    t: Floats
    tt: Floats
    y: Floats
    ty: Floats
    yy: Floats


@dataclass(frozen=True)
class Growth:
    """The average slope with its standard error, the slopes' SD among people, and each person's own.

    `deviation` is the empirical-Bayes slope less the average, `deviation_se` its conditional SD; a person who
    changes exactly as all others do has a deviation of 0. Slopes are in score per unit of t.
    """

    slope: float
    slope_se: float
    slope_sd: float
    deviation: Floats
    deviation_se: Floats


@dataclass(frozen=True)
class _Solution:
    """The model at one relative covariance factor: deviance and its gradient, and what goes with it."""

    deviance: float
    gradient: Floats
    variance: float
    beta: Floats
    information: Floats
    shrink: Floats


def fit_growth(sums: CourseSums) -> Growth | NotEstimable:
    """Fit y_ij = (a + a_i) + (b + b_i) t_ij + e_ij with (a_i, b_i) bivariate normal, by REML.

    People with fewer than three measurements say nothing of a spread of slopes: give none of them. Bates,
    Maechler, Bolker & Walker 2015 (profiled REML deviance in the relative covariance factor).
    """
    total = float(sums.n.sum())
    if len(sums.n) < LEAST_PERSONS or bool((sums.n < 3).any()):
        return NotEstimable("too_few_points")
    # Times about their mean and in their own SD: the fit does not depend on it, the search does.
    mean_t = sums.t.sum() / total
    sd_t = float(np.sqrt(max(sums.tt.sum() / total - mean_t**2, 0.0)))
    if sd_t == 0:
        return NotEstimable("no_spread_in_time")
    t = (sums.t - sums.n * mean_t) / sd_t
    tt = (sums.tt - 2 * mean_t * sums.t + sums.n * mean_t**2) / sd_t**2
    ty = (sums.ty - mean_t * sums.y) / sd_t
    design = np.stack([np.stack([sums.n, t], -1), np.stack([t, tt], -1)], -1)
    response = np.stack([sums.y, ty], -1)
    freedom = total - 2

    def solve(theta: Floats) -> _Solution:
        factor = np.array([[theta[0], 0.0], [theta[1], theta[2]]])
        inner = np.eye(2) + factor.T @ design @ factor
        shrink = factor @ np.linalg.inv(inner) @ factor.T
        weight = design - design @ shrink @ design
        score = response - _times(design @ shrink, response)
        information, moment = weight.sum(0), score.sum(0)
        beta = np.linalg.solve(information, moment)
        rest = float(sums.yy.sum() - (response * _times(shrink, response)).sum() - beta @ moment)
        rest = max(rest, np.finfo(float).tiny)
        residual = score - weight @ beta
        determinants = np.linalg.slogdet(inner)[1].sum() + np.linalg.slogdet(information)[1]
        # The deviance's derivative in the covariance G = factor factor' is one symmetric matrix.
        by_covariance = (
            weight.sum(0)
            - (weight @ np.linalg.inv(information) @ weight).sum(0)
            - freedom / rest * residual.T @ residual
        )
        return _Solution(
            deviance=float(freedom * np.log(rest) + determinants),
            gradient=2 * (by_covariance @ factor)[[0, 1, 1], [0, 0, 1]],
            variance=rest / freedom,
            beta=beta,
            information=information,
            shrink=shrink,
        )

    def deviance(theta: Floats) -> tuple[float, Floats]:
        solution = solve(theta)
        return solution.deviance, solution.gradient

    found = minimize(
        deviance,
        np.array([1.0, 0.0, 1.0]),
        jac=True,
        # Without bounds: the deviance is even in each diagonal element, its derivative at 0 therefore 0, and
        # a search that a bound has stopped there never leaves again.
        method="L-BFGS-B",
        options={"ftol": 1e-12, "gtol": 1e-6},
    )
    best = solve(found.x)
    residual = response - design @ best.beta
    return Growth(
        slope=float(best.beta[1]) / sd_t,
        slope_se=float(np.sqrt(best.variance * np.linalg.inv(best.information)[1, 1])) / sd_t,
        slope_sd=float(np.sqrt(best.variance * (found.x[1] ** 2 + found.x[2] ** 2))) / sd_t,
        deviation=_times(best.shrink, residual)[:, 1] / sd_t,
        deviation_se=np.sqrt(best.variance * best.shrink[:, 1, 1]) / sd_t,
    )


def _times(matrices: Floats, vectors: Floats) -> Floats:
    return np.asarray(np.einsum("ijk,ik->ij", matrices, vectors))
