"""Two groups made comparable by weights: propensities, balance, and a doubly robust difference.

Everything takes how often each person is counted, shape (b, n): once each for the estimate itself, redrawn
counts for a bootstrap that fits the weights anew every time. One code serves both, and all redraws are solved
together.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
# Whom the difference is about: those for whom either course was realistic, those who got it, everybody.
Population = Literal["overlap", "treated", "everybody"]
MOST_STEPS = 50
CONVERGED = 1e-10
# Newton's error after a step is of the size of its square: 1e-12, and 1e-8 in a redraw.
SMALL_STEP = 1e-6
SMALL_STEP_OF_REDRAW = 1e-4
RIDGE = 1e-12
# Of a column's own square: too little to be seen in a fit, and enough for a column that is a sum of others.
SMALL_RIDGE = 1e-11
# A propensity beyond these is as good as certain: the groups are separated, and no weight mends that.
CERTAIN = 1e-6


@dataclass(frozen=True)
class Weights:
    """Propensities and weights, (b, n); a redraw whose groups a covariate tells apart is not `is_fitted`."""

    propensity: Floats
    weight: Floats
    is_fitted: Booleans  # (b,)


def fit_propensities(
    covariates: Floats, is_treated: Booleans, count: Floats, prior_sd: float = math.inf
) -> tuple[Floats, Booleans]:
    """Return P(treated) by logistic regression for every redraw, (b, n), and whether its fit converged, (b,).

    `covariates` is (n, p) without a constant. Newton's method on all redraws at once, from where the first
    row of `count` (everybody once) ends. A finite `prior_sd` draws the coefficients towards 0 (the
    constant a hundredth as much) by a normal prior: then groups that a covariate tells apart have a fit too.
    """
    design = _with_constant(covariates)
    treated = is_treated.astype(float)
    penalty = np.full(design.shape[1], prior_sd**-2.0)
    penalty[0] /= 100
    nothing = np.zeros(design.shape[1])
    whole, is_whole_fitted = _newton(design, treated, count[:1], nothing, penalty, SMALL_STEP)
    start = whole[0] if is_whole_fitted[0] else nothing
    rest, is_rest_fitted = _newton(design, treated, count[1:], start, penalty, SMALL_STEP_OF_REDRAW)
    p = expit(np.concatenate([whole, rest]) @ design.T)
    is_fitted = np.concatenate([is_whole_fitted, is_rest_fitted])
    return p, is_fitted if penalty.any() else is_fitted & ~_is_certain(p, count)


def _newton(
    design: Floats, treated: Floats, count: Floats, start: Floats, penalty: Floats, small_step: float
) -> tuple[Floats, Booleans]:
    """Logistic coefficients for every redraw, and which converged; one found separated is left there."""
    beta = np.tile(start, (len(count), 1))
    is_fitted = np.zeros(len(count), dtype=np.bool_)
    products = _products(design)
    observed = (count * treated) @ design
    rows = np.arange(len(count))
    for _ in range(MOST_STEPS):
        own = count[rows]
        p = expit(beta[rows] @ design.T)
        expected = own * p
        information = _unfold((expected - expected * p) @ products)
        # Enough to step over a category that a redraw leaves out, where the gradient is 0 too.
        diagonal = np.einsum("bii->bi", information)
        diagonal += RIDGE * diagonal.max(axis=1, keepdims=True) + penalty
        gradient = observed[rows] - expected @ design - penalty * beta[rows]
        step = np.linalg.solve(information, gradient[..., None])[..., 0]
        beta[rows] += step
        is_done = np.abs(step).max(axis=1) < small_step
        is_fitted[rows[is_done]] = True
        rows = rows[~is_done if penalty.any() else ~is_done & ~_is_certain(p, own)]
        if len(rows) == 0:
            break
    return beta, is_fitted


def _is_certain(p: Floats, count: Floats) -> Booleans:
    counted = np.where(count > 0, p, 0.5)
    return np.asarray((counted.min(axis=1) <= CERTAIN) | (counted.max(axis=1) >= 1 - CERTAIN))


def fit_weights(
    covariates: Floats, is_treated: Booleans, count: Floats, population: Population = "overlap"
) -> Weights:
    """Return the weights that make both groups resemble `population`.

    Li, Morgan & Zaslavsky 2018: weight = tilt / P(own group), with the tilt p(1 - p), p or 1.
    """
    p, is_fitted = fit_propensities(covariates, is_treated, count)
    own = np.maximum(np.where(is_treated, p, 1 - p), np.finfo(np.float64).tiny)
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


def weighted_difference(y: Floats, is_treated: Booleans, weight: Floats) -> Floats:
    """Return the difference of weighted means, (b,)."""
    return np.asarray(_mean(y, weight * is_treated) - _mean(y, weight * ~is_treated))


def doubly_robust_difference(
    y: Floats, covariates: Floats, is_treated: Booleans, count: Floats, weights: Weights, answer: Floats
) -> Floats:
    """Return (b,) the overlap-weighted difference of outcome models, mended by the weighted rest.

    `answer` (b, n) is 0 for those whose y is not known (any number stands there) and the inverse of the
    chance to answer for the others. Right if either the weights or the two linear outcome models are (Mao, Li
    & Greene 2019; Robins, Rotnitzky & Zhao 1994). Several outcomes at once, y (n, k), give (b, k).
    """
    design, outcomes = _with_constant(covariates), y.reshape(len(y), -1)
    known = count * (answer > 0)
    weight = weights.weight * answer
    # Means of predictions are predictions of means: no model is worked out person by person.
    x_overlap = _means(design, count * weights.propensity * (1 - weights.propensity))
    found = 0.0
    for arm, sign in ((is_treated, 1), (~is_treated, -1)):
        model = _least_squares(design[arm], outcomes[arm], known[:, arm])
        x_own, y_own = _means(design[arm], weight[:, arm]), _means(outcomes[arm], weight[:, arm])
        found = found + sign * (y_own + np.einsum("bp,bpk->bk", x_overlap - x_own, model))
    return np.asarray(found if y.ndim > 1 else np.asarray(found)[:, 0])


def linear_models(y: Floats, covariates: Floats, count: Floats) -> Floats:
    """Return what the least squares fit of each redraw says of everybody, (b, n)."""
    design, rows = _with_constant(covariates), count.any(axis=0)
    model = _least_squares(design[rows], y[rows, None], count[:, rows])
    return np.asarray(model[..., 0] @ design.T)


def doubly_robust_difference_of_treated(
    y: Floats, covariates: Floats, is_treated: Booleans, count: Floats, weights: Weights
) -> Floats:
    """Return (b,) the same for those treated: what they got, less what the untreated's model says of them."""
    design = _with_constant(covariates)
    model = _least_squares(design[~is_treated], y[~is_treated, None], count[:, ~is_treated])
    rest = y - model[..., 0] @ design.T
    return np.asarray(_mean(rest, count * is_treated) - _mean(rest, weights.weight * ~is_treated))


def redraw(persons: int, draws: int, rng: np.random.Generator) -> Floats:
    """Return how often each person is counted in each bootstrap redraw, (draws, persons)."""
    return rng.multinomial(persons, np.full(persons, 1 / persons), size=draws).astype(np.float64)


def _with_constant(covariates: Floats) -> Floats:
    return np.column_stack([np.ones(len(covariates)), covariates])


def _products(design: Floats) -> Floats:
    """Return the products of every two columns, each pair once, (n, p (p + 1) / 2)."""
    first, second = np.triu_indices(design.shape[1])
    return np.asarray(design[:, first] * design[:, second])


def _unfold(halves: Floats) -> Floats:
    """Return the symmetric matrices, (b, p, p), whose upper halves are the rows."""
    p = (math.isqrt(8 * halves.shape[1] + 1) - 1) // 2
    place = np.zeros((p, p), dtype=np.intp)
    first, second = np.triu_indices(p)
    place[first, second] = place[second, first] = np.arange(halves.shape[1])
    return halves[:, place]


def _least_squares(design: Floats, outcomes: Floats, weight: Floats) -> Floats:
    """Coefficients of every outcome in every redraw, (b, p, k)."""
    information = _unfold(weight @ _products(design))
    moments = np.stack([weight @ (design * y[:, None]) for y in outcomes.T], axis=-1)
    # A redraw may leave out a whole category: next to the least of the solutions then leaves it out too, at a
    # fifth of a pseudo-inverse's cost.
    diagonal = np.einsum("bii->bi", information)
    diagonal += np.where(diagonal > 0, SMALL_RIDGE * diagonal, 1.0)
    return np.asarray(np.linalg.solve(information, moments))


def _mean(values: Floats, weight: Floats) -> Floats:
    return np.asarray((weight * values).sum(axis=-1) / weight.sum(axis=-1))


def _means(columns: Floats, weight: Floats) -> Floats:
    """Weighted means of every column in every redraw, (b, q)."""
    return np.asarray(weight @ columns / weight.sum(axis=-1, keepdims=True))
