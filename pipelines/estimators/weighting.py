"""Two groups made comparable by weights: propensities, balance, and a doubly robust difference.

Everything takes how often each person is counted, shape (b, n): once each for the estimate itself, redrawn
counts for a bootstrap that fits the weights anew every time. One code serves both, and all redraws are solved
together.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
# Whom the difference is about: those for whom either course was realistic, those who got it, everybody.
Population = Literal["overlap", "treated", "everybody"]
MOST_STEPS = 50
CONVERGED = 1e-10
# A propensity beyond these is as good as certain: the groups are separated, and no weight mends that.
CERTAIN = 1e-6


@dataclass(frozen=True)
class Weights:
    """Propensities and weights, (b, n); a redraw whose groups a covariate tells apart is not `is_fitted`."""

    propensity: Floats
    weight: Floats
    is_fitted: Booleans  # (b,)


def fit_propensities(covariates: Floats, is_treated: Booleans, count: Floats) -> tuple[Floats, Booleans]:
    """Return P(treated) by logistic regression for every redraw, (b, n), and whether its fit converged, (b,).

    `covariates` is (n, p) without a constant. Newton's method on all redraws at once.
    """
    design = _with_constant(covariates)
    beta = np.zeros((len(count), design.shape[1]))
    treated = is_treated.astype(float)
    is_fitted = np.zeros(len(count), dtype=np.bool_)
    for _ in range(MOST_STEPS):
        p = _logistic(beta @ design.T)
        gradient = (count * (treated - p)) @ design
        information = _crossproducts(design, count * p * (1 - p))
        step = _solve(information, gradient)
        beta = beta + np.where(is_fitted[:, None], 0.0, step)
        is_fitted = np.abs(step).max(axis=1) < CONVERGED
        if is_fitted.all():
            break
    p = _logistic(beta @ design.T)
    counted = np.where(count > 0, p, 0.5)
    return p, is_fitted & (counted.min(axis=1) > CERTAIN) & (counted.max(axis=1) < 1 - CERTAIN)


def fit_weights(
    covariates: Floats, is_treated: Booleans, count: Floats, population: Population = "overlap"
) -> Weights:
    """Return the weights that make both groups resemble `population`.

    Li, Morgan & Zaslavsky 2018: weight = tilt / P(own group), with the tilt p(1 - p), p or 1.
    """
    p, is_fitted = fit_propensities(covariates, is_treated, count)
    own = np.where(is_treated, p, 1 - p)
    tilt = {"overlap": p * (1 - p), "treated": p, "everybody": np.ones_like(p)}[population]
    return Weights(p, count * tilt / own, is_fitted)


def entropy_weights(covariates: Floats, is_treated: Booleans) -> Floats | None:
    """Return weights (n,) that give the untreated the treated group's means, as even as can be, or None.

    The treated weigh 1, the untreated 1 on average. Hainmueller 2012, by Newton's method on the dual.
    """
    target = covariates[is_treated].mean(axis=0)
    scale = covariates[is_treated].std(axis=0)
    others = (covariates[~is_treated] - target) / np.where(scale > 0, scale, 1.0)
    multiplier = np.zeros(others.shape[1])

    def dual(at: Floats) -> tuple[float, Floats]:
        exponent = others @ at
        top = exponent.max()
        share = np.exp(exponent - top)
        return float(top + np.log(share.sum())), share / share.sum()

    value, share = dual(multiplier)
    for _ in range(MOST_STEPS):
        gap = share @ others
        if np.abs(gap).max() < CONVERGED:
            weight = np.ones(len(covariates))
            weight[~is_treated] = share * len(others)
            return weight
        hessian = (others * share[:, None]).T @ others - np.outer(gap, gap)
        step = np.linalg.lstsq(hessian, gap, rcond=None)[0]
        length = 1.0
        while length > CONVERGED and dual(multiplier - length * step)[0] > value:
            length /= 2
        multiplier = multiplier - length * step
        value, share = dual(multiplier)
    return None


def effective_size(weight: Floats) -> Floats:
    """Return how many equally weighted persons would be as precise (Kish 1965), over the last axis."""
    return np.asarray(weight.sum(axis=-1) ** 2 / (weight**2).sum(axis=-1))


def standardised_differences(covariates: Floats, is_treated: Booleans, weight: Floats) -> Floats:
    """Return (p,) differences of weighted means in the groups' pooled, unweighted SD; NaN where it is 0."""
    sd = np.sqrt(
        (covariates[is_treated].var(axis=0, ddof=1) + covariates[~is_treated].var(axis=0, ddof=1)) / 2
    )
    means = [
        np.average(covariates[group], axis=0, weights=weight[group]) for group in (is_treated, ~is_treated)
    ]
    return np.asarray((means[0] - means[1]) / np.where(sd > 0, sd, np.nan))


def weighted_difference(y: Floats, is_treated: Booleans, weight: Floats) -> Floats:
    """Return the difference of weighted means, (b,)."""
    return np.asarray(_mean(y, weight * is_treated) - _mean(y, weight * ~is_treated))


def doubly_robust_difference(
    y: Floats, covariates: Floats, is_treated: Booleans, count: Floats, weights: Weights, answer: Floats
) -> Floats:
    """Return (b,) the overlap-weighted difference of outcome models, mended by the weighted rest.

    `answer` (b, n) is 0 for those whose y is not known (any number stands there) and the inverse of the
    chance to answer for the others. Right if either the weights or the two linear outcome models are (Mao, Li
    & Greene 2019; Robins, Rotnitzky & Zhao 1994).
    """
    design = _with_constant(covariates)
    known = count * (answer > 0)
    models = [_least_squares(design, y, known * group) @ design.T for group in (is_treated, ~is_treated)]
    tilt = count * weights.propensity * (1 - weights.propensity)
    weight = weights.weight * answer
    predicted = _mean(models[0] - models[1], tilt)
    mended = _mean(y - models[0], weight * is_treated) - _mean(y - models[1], weight * ~is_treated)
    return np.asarray(predicted + mended)


def doubly_robust_difference_of_treated(
    y: Floats, covariates: Floats, is_treated: Booleans, count: Floats, weights: Weights
) -> Floats:
    """Return (b,) the same for those treated: what they got, less what the untreated's model says of them."""
    design = _with_constant(covariates)
    rest = y - _least_squares(design, y, count * ~is_treated) @ design.T
    return np.asarray(_mean(rest, count * is_treated) - _mean(rest, weights.weight * ~is_treated))


def redraw(persons: int, draws: int, rng: np.random.Generator) -> Floats:
    """Return how often each person is counted in each bootstrap redraw, (draws, persons)."""
    return rng.multinomial(persons, np.full(persons, 1 / persons), size=draws).astype(np.float64)


def _with_constant(covariates: Floats) -> Floats:
    return np.column_stack([np.ones(len(covariates)), covariates])


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -500, 500))))


def _crossproducts(design: Floats, weight: Floats) -> Floats:
    """Return X' diag(w) X for every row of weights, (b, p, p)."""
    n, p = design.shape
    products = (design[:, :, None] * design[:, None, :]).reshape(n, p * p)
    return np.asarray((weight @ products).reshape(-1, p, p))


def _least_squares(design: Floats, y: Floats, weight: Floats) -> Floats:
    return _solve(_crossproducts(design, weight), (weight * y) @ design)


def _solve(matrices: Floats, vectors: Floats) -> Floats:
    # A redraw may leave out a whole category: the least of the solutions then leaves it out too.
    return np.asarray((np.linalg.pinv(matrices, hermitian=True) @ vectors[..., None])[..., 0])


def _mean(values: Floats, weight: Floats) -> Floats:
    return np.asarray((weight * values).sum(axis=-1) / weight.sum(axis=-1))
