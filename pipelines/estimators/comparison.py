"""Design D3: people who got a support against people like them who did not, and whether that is sound."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from pipelines.estimators import weighting
from pipelines.estimators.clustered import ClusterRobust, cluster_robust
from pipelines.estimators.result import NotEstimable
from pipelines.estimators.unmeasured import e_value_of_difference

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
UNKNOWN_PROVIDER = -1
# Fewer persons in an arm than this, per column of the model, and its fit says more of itself than of them.
PERSONS_PER_COVARIATE = 2
LEAST_FITTED_SHARE = 0.8


@dataclass(frozen=True)
class TwoGroups:
    """One contrast's people at time zero, arrays over persons.

    `outcome` is plus as better, NaN where there was no follow-up; `covariates` (n, p) are in the model,
    `held_out` (n, q) are kept out of it to check the balance; `provider` numbers providers, -1 if unknown.
    """

    covariates: Floats
    held_out: Floats
    is_treated: Booleans
    outcome: Floats
    provider: Integers


@dataclass(frozen=True)
class Soundness:
    """What decides whether the difference may be believed; shares between 0 and 1, sizes in persons."""

    effective_treated: float
    effective_others: float
    largest_imbalance: float
    overlap_share: float
    answered_treated: float
    answered_others: float
    providers_treated: int
    providers_others: int
    e_value: float


@dataclass(frozen=True)
class Difference:
    """The overlap-weighted difference in outcome units, its interval, its redraws and its soundness.

    `missing_treated` and `missing_others` are the weighted shares without follow-up: with them the estimate
    under another assumption on the missing is a line (see :meth:`if_missing_are`).
    """

    estimate: float
    lower: float
    upper: float
    redraws: Floats
    soundness: Soundness
    missing_treated: float
    missing_others: float

    def if_missing_are(self, treated: float, others: float) -> tuple[float, float, float]:
        """Return estimate and limits if the missing did so much better (minus: worse) than the others."""
        shift = treated * self.missing_treated - others * self.missing_others
        return self.estimate + shift, self.lower + shift, self.upper + shift

    @property
    def tipping_point(self) -> float | None:
        """How much worse (or better) the treated without follow-up must be before the interval reaches 0.

        0 where it does already; None where nobody is missing: nothing could tip it.
        """
        if self.lower <= 0 <= self.upper:
            return 0.0
        nearest = self.lower if self.lower > 0 else self.upper
        return abs(nearest) / self.missing_treated if self.missing_treated > 0 else None


def compare(groups: TwoGroups, count: Floats, level: float) -> Difference | NotEstimable:
    """Estimate the difference for people for whom either course was realistic.

    `count` (b, n) says how often each person is counted: first everybody once, then the bootstrap's redraws,
    in which weights, answers and outcome models are all fitted anew (Li, Morgan & Zaslavsky 2018; method,
    section 4).
    """
    treated, known = groups.is_treated, ~np.isnan(groups.outcome)
    fewest = min(int((known & arm).sum()) for arm in (treated, ~treated))
    if fewest < PERSONS_PER_COVARIATE * (groups.covariates.shape[1] + 1):
        return NotEstimable("too_few_persons")
    weights = weighting.fit_weights(groups.covariates, treated, count)
    answer, is_answer_fitted = _answers(groups.covariates, treated, known, count)
    y = np.where(known, groups.outcome, 0.0)
    found = weighting.doubly_robust_difference(y, groups.covariates, treated, count, weights, answer)
    is_fitted = weights.is_fitted & is_answer_fitted & np.isfinite(found)
    if not is_fitted[0]:
        return NotEstimable("groups_do_not_overlap")
    if is_fitted.mean() < LEAST_FITTED_SHARE:
        return NotEstimable("unstable_weights")
    redraws = found[1:][is_fitted[1:]]
    estimate = float(found[0])
    lower, upper = (float(q) for q in np.quantile(redraws, [(1 - level) / 2, (1 + level) / 2]))
    clustered = _by_provider(groups, weights.weight[0] * answer[0], known)
    if isinstance(clustered, ClusterRobust):
        # Persons of one provider are alike: the wider of the two intervals, about the same estimate.
        low, high = clustered.interval(level)
        lower = min(lower, estimate - clustered.coefficient + low)
        upper = max(upper, estimate - clustered.coefficient + high)
    weight = weights.weight[0]
    return Difference(
        estimate=estimate,
        lower=min(lower, estimate),
        upper=max(upper, estimate),
        redraws=redraws,
        soundness=_soundness(groups, weights, answer[0], known, (lower, upper)),
        missing_treated=float(np.average(~known[treated], weights=weight[treated])),
        missing_others=float(np.average(~known[~treated], weights=weight[~treated])),
    )


def _answers(
    covariates: Floats, treated: Booleans, known: Booleans, count: Floats
) -> tuple[Floats, Booleans]:
    """The inverse chance to answer, by arm, for those who did (0 for others), and if it could be fitted."""
    answer = np.broadcast_to(known.astype(float), count.shape).copy()
    is_fitted = np.ones(len(count), dtype=np.bool_)
    for arm in (treated, ~treated):
        if known[arm].all():
            continue
        chance, of_arm = weighting.fit_propensities(covariates, known, count * arm)
        answer = np.where(arm & known, 1 / np.maximum(chance, weighting.CERTAIN), answer)
        is_fitted &= of_arm
    return answer, is_fitted


def _by_provider(groups: TwoGroups, weight: Floats, known: Booleans) -> ClusterRobust | NotEstimable:
    rows = np.flatnonzero(known & (groups.provider != UNKNOWN_PROVIDER))
    design = np.column_stack([np.ones(len(rows)), groups.is_treated[rows], groups.covariates[rows]])
    return cluster_robust(design, groups.outcome[rows], groups.provider[rows], 1, weight[rows])


def _soundness(
    groups: TwoGroups,
    weights: weighting.Weights,
    answer: Floats,
    known: Booleans,
    interval: tuple[float, float],
) -> Soundness:
    treated, weight = groups.is_treated, weights.weight[0]
    propensity = weights.propensity[0][treated]
    sd = float(
        np.sqrt(
            (np.nanvar(groups.outcome[treated], ddof=1) + np.nanvar(groups.outcome[~treated], ddof=1)) / 2
        )
    )
    analysed = weight * answer
    imbalance = weighting.standardised_differences(_checked(groups), treated, weight)
    return Soundness(
        effective_treated=float(weighting.effective_size(analysed[treated])),
        effective_others=float(weighting.effective_size(analysed[~treated])),
        largest_imbalance=float(np.nanmax(np.abs(imbalance))),
        overlap_share=float(((propensity >= 0.1) & (propensity <= 0.9)).mean()),
        answered_treated=float(known[treated].mean()),
        answered_others=float(known[~treated].mean()),
        providers_treated=_count(groups.provider[treated & known]),
        providers_others=_count(groups.provider[~treated & known]),
        e_value=e_value_of_difference(interval[0] / sd, interval[1] / sd) if sd > 0 else 1.0,
    )


def _checked(groups: TwoGroups) -> Floats:
    """What balance is checked on: squares and products of the model's covariates, and those held out of it.

    The covariates themselves are balanced by construction and say nothing.
    """
    x = groups.covariates
    products = [x[:, i] * x[:, j] for i, j in combinations(range(x.shape[1]), 2)]
    return np.column_stack([x**2, *products, groups.held_out])


def _count(provider: Integers) -> int:
    return len(np.unique(provider[provider != UNKNOWN_PROVIDER]))
