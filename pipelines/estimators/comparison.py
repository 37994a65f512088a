"""Design D3: people who got a support against people like them who did not, and whether that is sound."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

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
# Few lack an answer: an SD of a covariate hardly multiplies the odds to answer by more than 7 (exp 2).
ANSWER_PRIOR_SD = 1.0


@dataclass(frozen=True)
class Limits:
    """What a comparison must keep to be believed, and from how many providers on each is a cluster."""

    propensity: tuple[float, float]
    imbalance: float
    effective_size: float
    overlap_share: float
    response_difference: float
    providers: int


@dataclass(frozen=True)
class TwoGroups:
    """One contrast's people at time zero, arrays over persons.

    `outcome` is plus as better, NaN where there was no follow-up; `covariates` (n, p) are in the model,
    `held_out` (n, q) are kept out of it to check the balance, NaN where not known; `provider` numbers
    providers, -1 if unknown.
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

    @property
    def response_difference(self) -> float:
        """How much larger a share of the treated than of the others answered."""
        return self.answered_treated - self.answered_others

    def failed_check(self, limits: Limits) -> str | None:
        """Return the first check of the method that does not hold, None where all do."""
        checks = {
            "imbalance": self.largest_imbalance < limits.imbalance,
            "effective_size": min(self.effective_treated, self.effective_others) >= limits.effective_size,
            "overlap": self.overlap_share >= limits.overlap_share,
            "response": abs(self.response_difference) <= limits.response_difference,
        }
        return next((name for name, holds in checks.items() if not holds), None)

    def provider_mark(self, limits: Limits) -> str | None:
        """Return what the providers do not let the difference say, None where there are enough."""
        fewest = min(self.providers_treated, self.providers_others)
        if fewest >= limits.providers:
            return None
        return {0: "providers_unknown", 1: "one_provider"}.get(fewest, "few_providers")


@dataclass(frozen=True)
class Difference:
    """The overlap-weighted difference in outcome units, its interval, its redraws and its soundness.

    `redraws` are NaN where the weights could not be fitted; `standard_error` is theirs, or the providers'
    where that is larger. `missing_treated` and `missing_others` are the weighted shares without follow-up:
    with them the estimate under another assumption on the missing is a line (see :meth:`if_missing_are`).
    """

    estimate: float
    lower: float
    upper: float
    standard_error: float
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


def compare(groups: TwoGroups, count: Floats, level: float, limits: Limits) -> Difference | NotEstimable:
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
    if not weights.is_fitted[0]:
        return NotEstimable("groups_do_not_overlap")
    answer, is_answer_fitted = _answers(groups.covariates, treated, known, count)
    if not is_answer_fitted[0]:
        return NotEstimable("answers_hang_on_covariates")
    y = np.where(known, groups.outcome, 0.0)
    found = weighting.doubly_robust_difference(y, groups.covariates, treated, count, weights, answer)
    is_fitted = weights.is_fitted & is_answer_fitted & np.isfinite(found)
    if is_fitted.mean() < LEAST_FITTED_SHARE:
        return NotEstimable("unstable_weights")
    redraws = np.where(is_fitted, found, np.nan)[1:]
    estimate, error = float(found[0]), float(np.nanstd(redraws, ddof=1))
    lower, upper = (float(q) for q in np.nanquantile(redraws, [(1 - level) / 2, (1 + level) / 2]))
    # Persons of one provider are alike: the wider of the two intervals, about the same estimate.
    reach = _reach_by_provider(groups, weights.weight[0] * answer[0], known, level, limits)
    lower, upper = min(lower, estimate - reach), max(upper, estimate + reach)
    weight = weights.weight[0]
    return Difference(
        estimate=estimate,
        lower=lower,
        upper=upper,
        standard_error=max(error, reach / float(ndtri((1 + level) / 2))),
        redraws=redraws,
        soundness=_soundness(groups, weights, answer[0], known, (lower, upper), limits),
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
        chance, of_arm = weighting.fit_propensities(
            covariates[arm], known[arm], count[:, arm], ANSWER_PRIOR_SD
        )
        answer[:, arm] = np.where(known[arm], 1 / np.maximum(chance, weighting.CERTAIN), 0.0)
        is_fitted &= of_arm
    return answer, is_fitted


def _reach_by_provider(
    groups: TwoGroups, weight: Floats, known: Booleans, level: float, limits: Limits
) -> float:
    """Half the interval's width by how the providers differ; 0 where an arm has one: then nobody knows."""
    rows = np.flatnonzero(known & (groups.provider != UNKNOWN_PROVIDER))
    treated, provider = groups.is_treated[rows], groups.provider[rows]
    y, weight = groups.outcome[rows], weight[rows]
    fewest = min(_count(provider[arm]) for arm in (treated, ~treated))
    if fewest < 2:
        return 0.0
    design = np.column_stack([np.ones(len(rows)), treated, groups.covariates[rows]])
    if fewest >= limits.providers:
        clustered = cluster_robust(design, y, provider, 1, weight)
        if not isinstance(clustered, ClusterRobust):
            return 0.0
        lower, upper = clustered.interval(level)
        return (upper - lower) / 2
    root = np.sqrt(weight)
    beta = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
    adjusted = y - design[:, 2:] @ beta[2:]
    return _welch_reach(
        [_provider_means(adjusted[a], provider[a], weight[a]) for a in (treated, ~treated)], level
    )


def _provider_means(y: Floats, provider: Integers, weight: Floats) -> Floats:
    place = np.unique(provider, return_inverse=True)[1]
    return np.asarray(np.bincount(place, weight * y) / np.bincount(place, weight))


def _welch_reach(means: list[Floats], level: float) -> float:
    """Half the width of Welch's interval (1947) for the difference of two groups of provider means."""
    parts = [float(m.var(ddof=1)) / len(m) for m in means]
    if sum(parts) == 0:
        return 0.0
    freedom = sum(parts) ** 2 / sum(p**2 / (len(m) - 1) for p, m in zip(parts, means, strict=True))
    return float(stdtrit(freedom, (1 + level) / 2)) * float(np.sqrt(sum(parts)))


def _soundness(
    groups: TwoGroups,
    weights: weighting.Weights,
    answer: Floats,
    known: Booleans,
    interval: tuple[float, float],
    limits: Limits,
) -> Soundness:
    treated, weight = groups.is_treated, weights.weight[0]
    propensity = weights.propensity[0][treated]
    lowest, highest = limits.propensity
    sd = float(
        np.sqrt(
            (np.nanvar(groups.outcome[treated], ddof=1) + np.nanvar(groups.outcome[~treated], ddof=1)) / 2
        )
    )
    analysed = weight * answer
    return Soundness(
        effective_treated=float(weighting.effective_size(analysed[treated])),
        effective_others=float(weighting.effective_size(analysed[~treated])),
        largest_imbalance=_largest_imbalance(groups, weight),
        overlap_share=float(((propensity >= lowest) & (propensity <= highest)).mean()),
        answered_treated=float(known[treated].mean()),
        answered_others=float(known[~treated].mean()),
        providers_treated=_count(groups.provider[treated & known]),
        providers_others=_count(groups.provider[~treated & known]),
        e_value=e_value_of_difference(interval[0] / sd, interval[1] / sd) if sd > 0 else 1.0,
    )


def _largest_imbalance(groups: TwoGroups, weight: Floats) -> float:
    """The largest standardised difference on what the model does not balance by construction.

    Squares and products of its covariates, and what was held out of it, each among those of whom it is known.
    """
    x, treated = groups.covariates, groups.is_treated
    products = [x[:, i] * x[:, j] for i, j in combinations(range(x.shape[1]), 2)]
    found = [weighting.standardised_differences(np.column_stack([x**2, *products]), treated, weight)]
    for column in groups.held_out.T:
        rows = ~np.isnan(column)
        # Two in each arm: one alone has no spread to measure the difference by.
        if min((rows & treated).sum(), (rows & ~treated).sum()) >= 2:
            found.append(weighting.standardised_differences(column[rows, None], treated[rows], weight[rows]))
    sizes = np.abs(np.concatenate(found))
    return float(sizes[~np.isnan(sizes)].max(initial=0.0))


def _count(provider: Integers) -> int:
    return len(np.unique(provider[provider != UNKNOWN_PROVIDER]))
