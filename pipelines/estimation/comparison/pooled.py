"""Each contrast beside the others on the same outcome: how probable it is alone, and drawn towards them.

Pooled are the contrasts that pass their checks: an unsound difference would draw the sound ones after it, and
be made to look like them. All of them together, sound or not, is a listed specification (`all_contrasts`). An
unsound contrast, and all where fewer than the parameter are left, stand unpooled.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from pipelines.estimation.comparison.contrasts import Contrast
from pipelines.estimation.comparison.effects import contrast_row
from pipelines.estimation.rows import Row
from pipelines.estimators.comparison import Difference, Limits
from pipelines.estimators.pooling import (
    Pooled,
    pool,
    random_effects,
    tau2_dersimonian_laird,
    tau2_paule_mandel,
    tau2_reml,
)
from pipelines.estimators.result import Estimate, NotEstimable

Floats = npt.NDArray[np.float64]
ALL = "all_contrasts"
# Beside the grid's spread: by these, as if the estimates shared nobody.
SPREADS: dict[str, Callable[[Floats, Floats], float]] = {
    "reml": tau2_reml,
    "dersimonian_laird": tau2_dersimonian_laird,
    "paule_mandel": tau2_paule_mandel,
}


def pooled_rows(contrasts: list[Contrast], level: float, limits: Limits, setting: Row) -> list[Row]:
    """Return each effect in SD beside the others on the same outcome: alone, and drawn towards them."""
    named = [
        (c, c.found)
        for c in contrasts
        if isinstance(c.found, Difference) and c.key["sd"] and np.nanstd(c.found.redraws) > 0
    ]
    sound = [(c, found) for c, found in named if found.soundness.failed_check(limits) is None]
    rows = [row for contrast, found in named for row in _alone(contrast, found, setting)]
    rows += [
        contrast_row(contrast, "pooled_difference", NotEstimable("unsound_comparison"))
        for contrast, found in named
        if found.soundness.failed_check(limits) is not None
    ]
    if len(sound) < setting["pooling_minimum"]:
        rows += [contrast_row(c, "pooled_difference", NotEstimable("too_few_to_pool")) for c, _ in sound]
    else:
        rows += _together(sound, level, setting)
    if len(named) >= setting["pooling_minimum"]:
        rows += [
            row for row in _together(named, level, setting, ALL) if row["statistic"] == "pooled_difference"
        ]
    return rows


def _alone(contrast: Contrast, found: Difference, setting: Row) -> list[Row]:
    sd, delta = contrast.key["sd"], setting["smallest_worthwhile_sd"]
    one, its_error = found.estimate / sd, found.standard_error / sd
    return [
        _probability(contrast, "probability_positive", float(ndtr(one / its_error))),
        _probability(contrast, "probability_above_delta", float(ndtr((one - delta) / its_error))),
    ]


def _together(
    named: Sequence[tuple[Contrast, Difference]], level: float, setting: Row, specification: str = "main"
) -> list[Row]:
    sd, delta = named[0][0].key["sd"], setting["smallest_worthwhile_sd"]
    y = np.array([found.estimate for _, found in named]) / sd
    error = np.array([found.standard_error for _, found in named]) / sd
    covariance = _covariance([found.redraws for _, found in named], error)
    pooled = pool(y, covariance, setting["pooling_prior_sd"])
    lower, upper = (pooled.quantile(share) for share in ((1 - level) / 2, (1 + level) / 2))
    positive, above = pooled.probability_above(0.0), pooled.probability_above(delta)
    told = {"interventions": len(named)} | _spreads(y, covariance, pooled)
    rows = []
    for i, (contrast, _) in enumerate(named):
        estimate = Estimate(float(pooled.effect[i]), float(lower[i]), float(upper[i]), contrast.n)
        rows += [
            contrast_row(contrast, "pooled_difference", estimate, told, specification=specification),
            _probability(contrast, "pooled_probability_positive", positive[i]),
            _probability(contrast, "pooled_probability_above_delta", above[i]),
        ]
    return rows


def _spreads(y: Floats, covariance: Floats, pooled: Pooled) -> Row:
    """How far the true effects lie from each other and what their mean is, by the grid and by the classics.

    The classics' tau is of independent estimates, as they are defined; their mean is by the full covariance.
    """
    told = {"spread_sd": round(pooled.tau_mean, 2), "mean_sd": round(pooled.overall_mean, 2)}
    for name, tau2_by in SPREADS.items():
        tau2 = tau2_by(y, np.diag(covariance))
        told[f"spread_{name}_sd"] = round(tau2**0.5, 2)
        told[f"mean_{name}_sd"] = round(random_effects(y, covariance, tau2).mean, 2)
    return told


def _covariance(redraws: list[Floats], error: Floats) -> Floats:
    """The errors' covariance: how they go together by the joint redraws, and how large each is.

    A redraw without a fit stands at the mean of its contrast's: the matrix is then a covariance for certain.
    Each correlation is drawn towards 0 by one redraw in all: contrasts whose redraws are the same, or more of
    them than redraws, still have a matrix with an inverse.
    """
    filled = np.array([np.where(np.isnan(one), np.nanmean(one), one) for one in redraws])
    correlation = np.atleast_2d(np.corrcoef(filled)) * (1 - 1 / filled.shape[1])
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation * np.outer(error, error))


def _probability(contrast: Contrast, statistic: str, value: float) -> Row:
    share = float(np.clip(value, 0.0, 1.0))
    row = contrast_row(contrast, statistic, Estimate(share, share, share, contrast.n))
    return row | {"lower": None, "upper": None}
