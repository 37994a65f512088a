"""Design D3: people who got a support against people like them who did not, and whether that is sound."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from pipelines.estimators import weighting
from pipelines.estimators.balance import Balance, Columns, balance
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
# The method asks for at least two variables held out of the model: one alone shows little of what is hidden.
LEAST_HELD_OUT = 2


@dataclass(frozen=True)
class Limits:
    """What a comparison must keep to be believed, and from how many providers on each is a cluster.

    Differences between the groups are judged at `balance_chance_level`. Of an event that fewer persons of an
    arm had, or did not have, than `persons_with_event`, nothing is said.
    """

    propensity: tuple[float, float]
    imbalance: float
    effective_size: float
    overlap_share: float
    response_difference: float
    providers: int
    balance_chance_level: float = 0.95
    persons_with_event: int = 5


@dataclass(frozen=True)
class TwoGroups:
    """One contrast's people at time zero, arrays over persons.

    `outcome` is plus as better, NaN where there was no follow-up; `covariates` (n, p) are in the model,
    `held_out` (n, q) are kept out of it to check the balance, NaN where not known; `provider` numbers
    providers, -1 if unknown. `events` are 1 or 0 by the event's name, and known of those whose outcome is;
    all NaN where it cannot be said of anybody. Columns of one name (a category's) are told as one.
    """

    covariates: Floats
    held_out: Floats
    is_treated: Booleans
    outcome: Floats
    provider: Integers
    covariate_names: tuple[str, ...] = ()
    held_out_names: tuple[str, ...] = ()
    events: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def model(self) -> Columns:
        """The model's columns by name; numbered where they have none."""
        return _named(self.covariates, self.covariate_names)

    @property
    def unmodelled(self) -> Columns:
        """What was held out of the model, by name."""
        return _named(self.held_out, self.held_out_names)


@dataclass(frozen=True)
class Soundness:
    """What decides whether the difference may be believed; shares between 0 and 1, sizes in persons."""

    effective_treated: float
    effective_others: float
    balance: Balance
    overlap_share: float
    answered_treated: float
    answered_others: float
    providers_treated: int
    providers_others: int
    e_value: float

    @property
    def largest_imbalance(self) -> float:
        """The largest standardised difference between the weighted groups, on anything, by chance or not."""
        return self.balance.largest

    @property
    def response_difference(self) -> float:
        """How much larger a share of the treated than of the others answered."""
        return self.answered_treated - self.answered_others

    def failed_check(self, limits: Limits) -> str | None:
        """Return the first check of the method that does not hold, None where all do."""
        checks = {
            "imbalance": not self.balance.is_beyond(limits.imbalance),
            "no_held_out": self.balance.held_out_known >= LEAST_HELD_OUT,
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
class Interval:
    """An estimate with its limits."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Redrawn:
    """An estimate with its limits and its redraws, NaN where there was no fit."""

    found: Interval
    redraws: Floats


@dataclass(frozen=True)
class ShareDifference:
    """By how much larger a share of the treated had an event, and how it would be whatever the missing had.

    `least`: all the others without follow-up had it and none of the treated; `most`: the other way round.
    `redraws` are those of what was found.
    """

    found: Interval
    least: Interval
    most: Interval
    redraws: Floats

    @property
    def bounds(self) -> Interval:
        """The estimate, between the lowest limit and the highest whatever the missing had."""
        return Interval(
            self.found.estimate,
            min(self.least.lower, self.found.lower),
            max(self.most.upper, self.found.upper),
        )


@dataclass(frozen=True)
class Difference:
    """The overlap-weighted difference in outcome units, its interval, its redraws and its soundness.

    `redraws` are NaN where the weights could not be fitted; `standard_error` is theirs, or the providers'
    where that is larger. `missing_treated` and `missing_others` are the weighted shares without follow-up:
    with them the estimate under another assumption on the missing is a line (see :meth:`if_missing_are`).
    `shares` are those of the groups' events, or why there is none.
    """

    estimate: float
    lower: float
    upper: float
    standard_error: float
    redraws: Floats
    soundness: Soundness
    missing_treated: float
    missing_others: float
    shares: Mapping[str, ShareDifference | NotEstimable] = field(default_factory=dict)

    def if_missing_are(self, treated: float, others: float) -> tuple[float, float, float]:
        """Return estimate and limits if the missing did so much better (minus: worse) than the others."""
        shift = treated * self.missing_treated - others * self.missing_others
        return self.estimate + shift, self.lower + shift, self.upper + shift

    @property
    def tipping_point(self) -> float | None:
        """How far the treated without follow-up must be from what is thought for the interval to reach 0.

        Only the treated are moved, the others stay: worse than thought where the treated do better, better
        where they do worse. 0 where the interval holds 0 already; None where no treated person is missing:
        nothing could tip it.
        """
        if self.lower <= 0 <= self.upper:
            return 0.0
        nearest = self.lower if self.lower > 0 else self.upper
        return abs(nearest) / self.missing_treated if self.missing_treated > 0 else None


@dataclass(frozen=True)
class Fitted:
    """The people of a contrast with their weights, in themselves and in every redraw.

    `count`, `answer` and those of `weights` are (b, n), `is_fitted` (b,): without it a redraw tells nothing.
    """

    groups: TwoGroups
    count: Floats
    weights: weighting.Weights
    answer: Floats
    is_fitted: Booleans

    def difference(self, y: Floats, answer: Floats) -> Floats:
        """Return (b, k) the doubly robust differences of outcomes y (n, k); `answer` is 0 for no answer."""
        groups = self.groups
        found = weighting.doubly_robust_difference(
            y, groups.covariates, groups.is_treated, self.count, self.weights, answer
        )
        found[~self.is_fitted] = np.nan
        return found


def compare(groups: TwoGroups, count: Floats, level: float, limits: Limits) -> Difference | NotEstimable:
    """Estimate the difference for people for whom either course was realistic.

    `count` (b, n) says how often each person is counted: first everybody once, then the bootstrap's redraws,
    in which weights, answers and outcome models are all fitted anew (Li, Morgan & Zaslavsky 2018; method,
    section 4).
    """
    fitted = fit(groups, count)
    return fitted if isinstance(fitted, NotEstimable) else difference(fitted, level, limits)


def fit(groups: TwoGroups, count: Floats) -> Fitted | NotEstimable:
    """Fit the weights and the chances to answer, once and in every redraw; `count` as in :func:`compare`."""
    treated, known = groups.is_treated, ~np.isnan(groups.outcome)
    fewest = min(int((known & arm).sum()) for arm in (treated, ~treated))
    if fewest < PERSONS_PER_COVARIATE * (groups.covariates.shape[1] + 1):
        return NotEstimable("too_few_persons")
    weights = weighting.fit_weights(groups.covariates, treated, count)
    if not weights.is_fitted[0]:
        return NotEstimable("groups_do_not_overlap")
    answer, is_answer_fitted = answer_weights(groups.covariates, treated, known, count)
    if not is_answer_fitted[0]:
        return NotEstimable("answers_hang_on_covariates")
    return Fitted(groups, count, weights, answer, weights.is_fitted & is_answer_fitted)


def difference(fitted: Fitted, level: float, limits: Limits) -> Difference | NotEstimable:
    """Return the difference of the outcome's means and of the events' shares, with intervals and checks."""
    groups, weights = fitted.groups, fitted.weights
    known = ~np.isnan(groups.outcome)
    events = {
        name: _told_event(event, groups, limits.persons_with_event) for name, event in groups.events.items()
    }
    told = {name: event for name, event in events.items() if not isinstance(event, NotEstimable)}
    y = np.column_stack([groups.outcome, *told.values()])
    found = fitted.difference(np.where(known[:, None], y, 0.0), fitted.answer)
    lowest, highest = limits.propensity
    propensity = weights.propensity[0][groups.is_treated]
    overlap_share = float(((propensity >= lowest) & (propensity <= highest)).mean())
    answer = fitted.answer[0]
    mean = with_interval(groups, found[:, 0], weights.weight, answer, overlap_share, level, limits)
    if isinstance(mean, NotEstimable):
        return mean
    shares: dict[str, ShareDifference | NotEstimable] = {
        name: event for name, event in events.items() if isinstance(event, NotEstimable)
    }
    return replace(mean, shares=shares | _share_differences(told, found[:, 1:], fitted, level, limits))


def redrawn_beside(fitted: Fitted, y: Floats, level: float, limits: Limits) -> Redrawn | NotEstimable:
    """Return the difference in something else of the same people, by the same weights and redraws.

    NaN is not known; those known are weighed by the inverse of the chance that it is. Whether the outcome is
    known does not matter.
    """
    groups, known = fitted.groups, ~np.isnan(y)
    fewest = min(int((known & arm).sum()) for arm in (groups.is_treated, ~groups.is_treated))
    if fewest < PERSONS_PER_COVARIATE * (groups.covariates.shape[1] + 1):
        return NotEstimable("cost_unknown")
    answer, is_fitted = answer_weights(groups.covariates, groups.is_treated, known, fitted.count)
    found = fitted.difference(np.where(known, y, 0.0)[:, None], answer)[:, 0]
    found[~is_fitted] = np.nan
    if np.isnan(found[0]) or np.isfinite(found).mean() < LEAST_FITTED_SHARE:
        return NotEstimable("unstable_weights")
    reach = _reach_by_provider(groups, y, fitted.weights.weight[0] * answer[0], known, level, limits)
    return Redrawn(_interval(found, reach, level), found[1:])


def _share_differences(
    events: Mapping[str, Floats], found: Floats, fitted: Fitted, level: float, limits: Limits
) -> dict[str, ShareDifference]:
    """The differences `found` (b, k) with intervals, and what they were if the missing had an event or not.

    Nothing is missing in the extremes, and so they are compared without weights for the answers.
    """
    if not events:
        return {}
    groups, treated = fitted.groups, fitted.groups.is_treated
    filled = [
        np.where(np.isnan(event), arm, event) for arm in (~treated, treated) for event in events.values()
    ]
    extremes = np.hsplit(fitted.difference(np.column_stack(filled), np.ones_like(fitted.answer)), 2)
    known, weight = ~np.isnan(groups.outcome), fitted.weights.weight[0] * fitted.answer[0]
    shares = {}
    for place, (name, event) in enumerate(events.items()):
        reach = _reach_by_provider(groups, event, weight, known, level, limits)
        own, least, most = (_within_one(_interval(of[:, place], reach, level)) for of in (found, *extremes))
        shares[name] = ShareDifference(own, least, most, redraws=found[1:, place])
    return shares


def _told_event(event: Floats, groups: TwoGroups, fewest: int) -> Floats | NotEstimable:
    """The event as it stands, unless nobody was judged or few of an arm had it, or did not."""
    known = ~np.isnan(groups.outcome)
    if np.isnan(event[known]).any():
        return NotEstimable("no_norm")
    counts = [
        int((known & arm & (event == value)).sum())
        for arm in (groups.is_treated, ~groups.is_treated)
        for value in (0, 1)
    ]
    return NotEstimable("few_with_the_outcome") if min(counts) < fewest else event


def _within_one(interval: Interval) -> Interval:
    """A difference of shares is between -1 and 1, whatever a linear model says."""
    return Interval(
        *(float(np.clip(v, -1.0, 1.0)) for v in (interval.estimate, interval.lower, interval.upper))
    )


def with_interval(
    groups: TwoGroups,
    found: Floats,
    weight: Floats,
    answer: Floats,
    overlap_share: float,
    level: float,
    limits: Limits,
) -> Difference | NotEstimable:
    """Return the difference with its interval and its soundness.

    `found` (b,) is the estimate and its redraws, NaN where the weights could not be fitted; `weight` (b, n)
    are the weights of both, and `answer` (n,) is what the estimate itself weighs answers by.
    """
    treated, known = groups.is_treated, ~np.isnan(groups.outcome)
    is_fitted = np.isfinite(found)
    if not is_fitted[0] or is_fitted.mean() < LEAST_FITTED_SHARE:
        return NotEstimable("unstable_weights")
    own, redraws = weight[0], np.where(is_fitted, found, np.nan)[1:]
    reach = _reach_by_provider(groups, groups.outcome, own * answer, known, level, limits)
    interval = _interval(found, reach, level)
    alike = balance(
        groups.model,
        groups.unmodelled,
        treated,
        weight[is_fitted],
        limits.balance_chance_level,
        limits.imbalance,
    )
    return Difference(
        estimate=interval.estimate,
        lower=interval.lower,
        upper=interval.upper,
        standard_error=max(float(np.nanstd(redraws, ddof=1)), reach / float(ndtri((1 + level) / 2))),
        redraws=redraws,
        soundness=_soundness(groups, own * answer, alike, overlap_share, interval),
        missing_treated=float(np.average(~known[treated], weights=own[treated])),
        missing_others=float(np.average(~known[~treated], weights=own[~treated])),
    )


def _interval(found: Floats, reach: float, level: float) -> Interval:
    """Normal about the estimate, by the redraws' spread; persons of one provider are alike: at least `reach`.

    Not the redraws' own quantiles: of 200 they are so uncertain that they cover 93.6 instead of 94.6 percent
    (1,500 samples of 150 persons in each arm).
    """
    estimate = float(found[0])
    half = max(float(ndtri((1 + level) / 2)) * float(np.nanstd(found[1:], ddof=1)), reach)
    return Interval(estimate, estimate - half, estimate + half)


def answer_weights(
    covariates: Floats, treated: Booleans, known: Booleans, count: Floats
) -> tuple[Floats, Booleans]:
    """Return the inverse chance to answer, by arm, for those who did (0 for others), and if it was fitted."""
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
    groups: TwoGroups, outcome: Floats, weight: Floats, known: Booleans, level: float, limits: Limits
) -> float:
    """Half the interval's width by how the providers differ; 0 where an arm has one: then nobody knows."""
    rows = np.flatnonzero(known & (groups.provider != UNKNOWN_PROVIDER))
    treated, provider = groups.is_treated[rows], groups.provider[rows]
    y, weight = outcome[rows], weight[rows]
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
    groups: TwoGroups, analysed: Floats, alike: Balance, overlap_share: float, interval: Interval
) -> Soundness:
    """What decides whether to believe it; `analysed` is what each person's answer weighs."""
    treated, known = groups.is_treated, ~np.isnan(groups.outcome)
    sd = float(
        np.sqrt(
            (np.nanvar(groups.outcome[treated], ddof=1) + np.nanvar(groups.outcome[~treated], ddof=1)) / 2
        )
    )
    return Soundness(
        effective_treated=float(weighting.effective_size(analysed[treated])),
        effective_others=float(weighting.effective_size(analysed[~treated])),
        balance=alike,
        overlap_share=overlap_share,
        answered_treated=float(known[treated].mean()),
        answered_others=float(known[~treated].mean()),
        providers_treated=_count(groups.provider[treated & known]),
        providers_others=_count(groups.provider[~treated & known]),
        e_value=e_value_of_difference(interval.lower / sd, interval.upper / sd) if sd > 0 else 1.0,
    )


def _named(values: Floats, names: tuple[str, ...]) -> Columns:
    return Columns(values, names or tuple(str(place) for place in range(values.shape[1])))


def _count(provider: Integers) -> int:
    return len(np.unique(provider[provider != UNKNOWN_PROVIDER]))
