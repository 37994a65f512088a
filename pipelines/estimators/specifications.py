"""The same difference in other ways, and in parts of the people: does the answer hang on how it is asked?

Whatever is made here comes of the weights that :func:`pipelines.estimators.comparison.fit` found in everybody
and in every redraw. Two ways take no redraws, but the errors of their estimating equations.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from pipelines.estimators import weighting
from pipelines.estimators.comparison import LEAST_FITTED_SHARE, Difference, Fitted
from pipelines.estimators.result import NotEstimable

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Way:
    """What one way, or one part of the people, says: estimate, its error and interval, and whom it weighs.

    `effective_size` is that of the smaller arm.
    """

    estimate: float
    standard_error: float
    lower: float
    upper: float
    effective_size: float


@dataclass(frozen=True)
class Question:
    """What every way is told: who is taken for realistic, who is recent, and the interval's least width.

    `propensity` are the limits within which either course was realistic, `is_recent` (n,) who belongs to the
    shorter window, `minimum` the least persons of an arm with an answer. `error` is that between providers
    where it decided the interval of the difference itself: no way knows more of them.
    """

    propensity: tuple[float, float]
    is_recent: Booleans
    minimum: int
    level: float
    error: float


class Parts:
    """A fitted contrast taken apart, so that a difference can be put together of other weights."""

    def __init__(self, fitted: Fitted) -> None:
        """Fit the outcome models of both arms, in everybody and in every redraw."""
        self.fitted, groups = fitted, fitted.groups
        self.treated, self.known = groups.is_treated, ~np.isnan(groups.outcome)
        self.x = groups.covariates
        self.y = np.where(self.known, groups.outcome, 0.0)
        treated, others = (
            weighting.linear_models(self.y, self.x, fitted.count * (self.known & arm))
            for arm in (self.treated, ~self.treated)
        )
        self.predicted = treated - others
        self.rest = np.where(self.known, self.y - np.where(self.treated, treated, others), 0.0)
        p = fitted.weights.propensity
        self.tilt = fitted.count * p * (1 - p)
        self.weight = fitted.weights.weight * fitted.answer

    def is_realistic(self, propensity: tuple[float, float]) -> Booleans:
        """Return for whom either course was realistic, by each redraw's own propensities, (b, n)."""
        p = self.fitted.weights.propensity
        return np.asarray((p >= propensity[0]) & (p <= propensity[1]))

    def mended(self, tilt: Floats, weight: Floats, parts: Floats) -> Floats:
        """Return (b, m) the doubly robust difference in each column of `parts` (n, m), 1 for who is in."""
        found = (tilt * self.predicted) @ parts / (tilt @ parts)
        for arm, sign in ((self.treated, 1), (~self.treated, -1)):
            own = weight[:, arm]
            found = found + sign * ((own * self.rest[:, arm]) @ parts[arm]) / (own @ parts[arm])
        return np.where(self.fitted.is_fitted[:, None], found, np.nan)

    def has_enough(self, part: Booleans, minimum: int) -> bool:
        """Say whether both arms have `minimum` persons of the part with an answer."""
        return min(int((part & self.known & arm).sum()) for arm in (self.treated, ~self.treated)) >= minimum

    def smaller_size(self, weight: Floats) -> float:
        """Return the effective size of the smaller arm."""
        own = weight * self.known
        return float(min(weighting.effective_size(own[arm]) for arm in (self.treated, ~self.treated)))


def regression(parts: Parts, question: Question) -> Way | NotEstimable:
    """Return the coefficient of having been treated beside the covariates: no weights but for the answers.

    It too is about those for whom either course was realistic: least squares weigh people by the variance of
    being treated, given their covariates (Angrist 1998).
    """
    weight = parts.fitted.answer[0]
    found = treated_coefficient(parts.y, parts.x, parts.treated, weight)
    return _by_error(parts, question, *found, weight)


def inverse_probability(parts: Parts, question: Question) -> Way | NotEstimable:
    """Return the difference of means by the inverse probability of the own course, among the realistic.

    No outcome model: it is right if the propensities are (Crump et al. 2009).
    """
    p = parts.fitted.weights.propensity
    is_realistic = parts.is_realistic(question.propensity)
    if not parts.has_enough(is_realistic[0], question.minimum):
        return NotEstimable("too_few_persons")
    own = np.where(parts.treated, p, 1 - p)
    weight = np.where(
        is_realistic, parts.fitted.count * parts.fitted.answer / np.where(is_realistic, own, 1), 0.0
    )
    found = weighting.weighted_difference(parts.y, parts.treated, weight)
    found = np.where(parts.fitted.is_fitted, found, np.nan)
    return _by_redraws(parts, question, found, weight[0])


def entropy_balance(parts: Parts, question: Question) -> Way | NotEstimable:
    """Return the difference of means of the realistic, the others weighted to the treated's means.

    The error is that of the equations which the weights and the difference solve (Zhao & Percival 2017): the
    weights are not found anew in every redraw.
    """
    rows = parts.is_realistic(question.propensity)[0]
    if not parts.has_enough(rows, question.minimum):
        return NotEstimable("too_few_persons")
    treated, y, x = parts.treated[rows], parts.y[rows], parts.x[rows]
    balanced = weighting.entropy_weights(x, treated)
    if balanced is None:
        return NotEstimable("groups_do_not_overlap")
    weight = balanced * parts.fitted.answer[0, rows]
    # The others' means are made equal on every covariate: each takes one of them, as in a regression.
    size = weighting.effective_size(weight[~treated])
    free = size - x.shape[1] - 1
    if free <= 0:
        return NotEstimable("too_few_persons")
    mean = {arm: np.average(y[treated == arm], weights=weight[treated == arm]) for arm in (True, False)}
    # What the others' outcome would move by if the treated's means, which they are weighted to, moved.
    others = ~treated
    away = x - np.average(x[others], axis=0, weights=weight[others])
    slope = _least_squares(away[others], y[others] - mean[False], weight[others])
    influence = np.where(
        treated,
        weight * (y - mean[True]) / weight[treated].sum()
        - (x - x[treated].mean(axis=0)) @ slope / treated.sum(),
        -weight * (y - mean[False] - away @ slope) / weight[others].sum(),
    )
    whole = np.zeros(len(rows))
    whole[rows] = weight
    return _by_error(
        parts, question, mean[True] - mean[False], float(np.sqrt((influence**2).sum() * size / free)), whole
    )


def unadjusted_answers(parts: Parts, question: Question) -> Way | NotEstimable:
    """Return the difference as if whoever answered spoke for all: no weights for the answers."""
    weight = parts.fitted.weights.weight * parts.known
    found = parts.mended(parts.tilt, weight, np.ones((len(parts.y), 1)))[:, 0]
    return _by_redraws(parts, question, found, weight[0])


def trimmed(parts: Parts, question: Question) -> Way | NotEstimable:
    """Return the difference among those whose propensity is within the limits, weighted as before."""
    is_realistic = parts.is_realistic(question.propensity)
    if not parts.has_enough(is_realistic[0], question.minimum):
        return NotEstimable("too_few_persons")
    weight = parts.weight * is_realistic
    found = parts.mended(parts.tilt * is_realistic, weight, np.ones((len(parts.y), 1)))[:, 0]
    return _by_redraws(parts, question, found, weight[0])


def shorter_window(parts: Parts, question: Question) -> Way | NotEstimable:
    """Return the difference among the recent, by the weights and models of all."""
    if not parts.has_enough(question.is_recent, question.minimum):
        return NotEstimable("too_few_persons")
    found = parts.mended(parts.tilt, parts.weight, question.is_recent[:, None].astype(float))[:, 0]
    return _by_redraws(parts, question, found, parts.weight[0] * question.is_recent)


# Fixed before any data are seen; the declared way, overlap weights and doubly robust, is `main`.
SPECIFICATIONS: Mapping[str, Callable[[Parts, Question], Way | NotEstimable]] = {
    "inverse_probability": inverse_probability,
    "entropy_balance": entropy_balance,
    "regression": regression,
    "unadjusted_answers": unadjusted_answers,
    "trimmed": trimmed,
    "shorter_window": shorter_window,
}


def interactions(parts: Parts, members: Floats, question: Question) -> list[Way | NotEstimable]:
    """Return, per column of `members` (n, m), how much larger the difference is in it than in all others."""
    if members.shape[1] == 0:
        return []
    with np.errstate(invalid="ignore", divide="ignore"):
        inside, outside = (parts.mended(parts.tilt, parts.weight, part) for part in (members, 1 - members))
    found = inside - outside
    is_large = [
        all(parts.has_enough(part, question.minimum) for part in (column == 1, column == 0))
        for column in members.T
    ]
    return [
        _by_redraws(parts, question, found[:, i], parts.weight[0] * members[:, i])
        if is_enough
        else NotEstimable("too_few_persons")
        for i, is_enough in enumerate(is_large)
    ]


def treated_coefficient(
    y: Floats, covariates: Floats, is_treated: Booleans, weight: Floats
) -> tuple[float, float]:
    """Return the weighted least squares coefficient of having been treated, and its standard error.

    The error allows persons to differ in variance, and for how far each draws the fit to itself (HC3;
    MacKinnon & White 1985).
    """
    rows = weight > 0
    design = np.column_stack([is_treated, np.ones(len(y)), covariates])[rows]
    root = np.sqrt(weight[rows])
    x, z = design * root[:, None], y[rows] * root
    bread = np.linalg.pinv(x.T @ x, hermitian=True)
    leverage = np.einsum("ij,jk,ik->i", x, bread, x)
    residual = (z - x @ (bread @ (x.T @ z))) / np.maximum(1 - leverage, weighting.CERTAIN)
    share = x @ bread[0]
    return float(share @ z), float(np.sqrt(((share * residual) ** 2).sum()))


def error_between_providers(found: Difference) -> float:
    """Return the difference's standard error if it is that between providers, 0 if it is the redraws'."""
    of_persons = float(np.nanstd(found.redraws, ddof=1))
    return found.standard_error if found.standard_error > of_persons else 0.0


def _least_squares(x: Floats, y: Floats, weight: Floats) -> Floats:
    root = np.sqrt(weight)
    return np.asarray(np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0])


def _by_redraws(parts: Parts, question: Question, found: Floats, weight: Floats) -> Way | NotEstimable:
    is_fitted = np.isfinite(found)
    if not is_fitted[0] or is_fitted.mean() < LEAST_FITTED_SHARE:
        return NotEstimable("unstable_weights")
    estimate, error = float(found[0]), max(float(found[1:][is_fitted[1:]].std(ddof=1)), question.error)
    half = float(ndtri((1 + question.level) / 2)) * error
    return Way(estimate, error, estimate - half, estimate + half, parts.smaller_size(weight))


def _by_error(parts: Parts, question: Question, estimate: float, error: float, weight: Floats) -> Way:
    error = max(error, question.error)
    reach = -float(ndtri((1 - question.level) / 2)) * error
    return Way(
        float(estimate), error, float(estimate) - reach, float(estimate) + reach, parts.smaller_size(weight)
    )
