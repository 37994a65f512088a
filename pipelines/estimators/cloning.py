"""Design D3 against waiting: beginning soon against waiting on, where people begin when it gets worse.

Everybody is cloned into both strategies at the decision; a clone is censored when the person departs from its
strategy, and those left are weighted by the inverse of the chance to have kept to it, given what was known
week by week (Hernán & Robins 2016; Cain et al. 2010; method, section 2).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.estimators import weighting
from pipelines.estimators.comparison import (
    PERSONS_PER_COVARIATE,
    Difference,
    Limits,
    TwoGroups,
    answer_weights,
    with_interval,
)
from pipelines.estimators.result import NotEstimable

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
# Starts are few, weeks many: an SD of what is known hardly multiplies the odds to start by more than exp 5.
START_PRIOR_SD = 2.5


@dataclass(frozen=True)
class Waits:
    """Everybody with a decision, and every week in which a start was still possible.

    Over persons: `covariates` (n, p), `held_out` (n, q), `outcome` (NaN where not known) and `provider` as in
    TwoGroups; `is_early` began within the grace period, `is_waiting` had not begun at the horizon. Who is
    neither began in between: both clones are censored by then.
    Over weeks at risk, at least one each, ordered by person and week: `person` is a place in the arrays
    above, `course` (m, r) what was known as the week began, in SD or so, `is_start` whether the person began
    in it.
    """

    covariates: Floats
    held_out: Floats
    outcome: Floats
    provider: Integers
    is_early: Booleans
    is_waiting: Booleans
    person: Integers
    week: Integers
    course: Floats
    is_start: Booleans
    covariate_names: tuple[str, ...] = ()
    held_out_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class WaitingDifference:
    """The difference, whom it weighs by how much, and how much the weights had to do.

    `groups` are those who kept to a strategy, and `weight` (n,) their weights in the estimate.
    `censored_share` is the share of everybody who began before the horizon, and so left the waiting;
    `largest_weight` a person's largest weight, in mean weights of those of the same strategy.
    """

    difference: Difference
    groups: TwoGroups
    weight: Floats
    censored_share: float
    largest_weight: float


def too_few(outcome: Floats, is_early: Booleans, is_waiting: Booleans, least: int) -> NotEstimable | None:
    """Return which strategy was kept to the end, with an answer, by fewer persons than `least`."""
    known = ~np.isnan(outcome)
    if (known & is_waiting).sum() < least:
        return NotEstimable("too_few_waiting")
    return NotEstimable("too_few_begun") if (known & is_early).sum() < least else None


def compare_waits(
    waits: Waits, count: Floats, level: float, limits: Limits
) -> WaitingDifference | NotEstimable:
    """Estimate what beginning within the grace period changes, for everybody with a decision.

    `count` (b, n) as in :func:`pipelines.estimators.comparison.compare`: each redraw fits all weights anew.
    """
    least = PERSONS_PER_COVARIATE * (waits.covariates.shape[1] + 1)
    lacking = too_few(waits.outcome, waits.is_early, waits.is_waiting, least)
    if lacking:
        return lacking
    weight, is_fitted = strategy_weights(waits, count)
    kept = waits.is_early | waits.is_waiting
    known = ~np.isnan(waits.outcome)
    answer = np.zeros_like(weight)
    answer[:, kept], is_answer_fitted = answer_weights(
        np.column_stack([waits.covariates, _last_course(waits)])[kept],
        waits.is_early[kept],
        known[kept],
        count[:, kept],
    )
    if not (is_fitted[0] and is_answer_fitted[0]):
        return NotEstimable("unstable_weights")
    # The same propensity for all: the difference is about everybody with a decision, not about an overlap.
    weights = weighting.Weights(np.full_like(weight, 0.5), weight, is_fitted & is_answer_fitted)
    found = weighting.doubly_robust_difference(
        np.where(known, waits.outcome, 0.0), waits.covariates, waits.is_early, count, weights, answer
    )
    found[~weights.is_fitted] = np.nan
    groups = TwoGroups(
        covariates=waits.covariates[kept],
        held_out=waits.held_out[kept],
        is_treated=waits.is_early[kept],
        outcome=waits.outcome[kept],
        provider=waits.provider[kept],
        covariate_names=waits.covariate_names,
        held_out_names=waits.held_out_names,
    )
    own, its_answer = weight[:, kept], answer[0, kept]
    difference = with_interval(
        groups, found, own, its_answer, _realistic_share(waits, limits.propensity[0]), level, limits
    )
    if isinstance(difference, NotEstimable):
        return difference
    arms = [own[0, arm] for arm in (groups.is_treated, ~groups.is_treated)]
    return WaitingDifference(
        difference=difference,
        groups=groups,
        weight=own[0],
        censored_share=float(1 - waits.is_waiting.mean()),
        largest_weight=max(float(arm.max() / arm.mean()) for arm in arms),
    )


def strategy_weights(waits: Waits, count: Floats) -> tuple[Floats, Booleans]:
    """Return each person's weight in the strategy kept to, (b, n), and whether it was fitted, (b,).

    The chance of a start is fitted by pooled logistic regression over the weeks at risk. Who still waits
    weighs the inverse of the chance of that. Who began within the grace period weighs the share of such
    starts that came in the same week, over the chance of this very course: the strategy spreads its starts
    over the weeks as they were spread, whatever the person's course. Who kept to neither weighs 0.
    """
    # As large as the SDs beside it, for the prior to mean the same.
    weeks = waits.week / max(waits.week.max(), 1)
    design = np.column_stack([waits.covariates[waits.person], waits.course, weeks, weeks**2])
    chance, is_fitted = weighting.fit_propensities(
        design, waits.is_start, count[:, waits.person], START_PRIOR_SD
    )
    first = np.searchsorted(waits.person, np.arange(len(waits.outcome)))
    of_course = np.add.reduceat(np.log(np.where(waits.is_start, chance, 1 - chance)), first, axis=1)
    weight = count * np.exp(-of_course)
    weight[:, waits.is_early] *= _share_of_week(waits, count)
    weight[:, ~(waits.is_early | waits.is_waiting)] = 0.0
    return weight, is_fitted


def _share_of_week(waits: Waits, count: Floats) -> Floats:
    """The share of the early starts that came in the week of each of them, (b, early)."""
    began = waits.is_start & waits.is_early[waits.person]
    weeks, place = np.unique(waits.week[began], return_inverse=True)
    starts = count[:, waits.is_early] @ (place[:, None] == np.arange(len(weeks))).astype(float)
    total = np.maximum(starts.sum(axis=1, keepdims=True), 1.0)
    return np.asarray((starts / total)[:, place])


def _last_course(waits: Waits) -> Floats:
    """What was known of each person as the last week at risk began."""
    last = np.searchsorted(waits.person, np.arange(len(waits.outcome)), "right") - 1
    return waits.course[last]


def _realistic_share(waits: Waits, lowest: float) -> float:
    """The share of everybody for whom both strategies were realistic, by what was known at the decision."""
    once = np.ones((1, len(waits.outcome)))
    chances = [
        weighting.fit_propensities(waits.covariates, kept, once, START_PRIOR_SD)[0][0]
        for kept in (waits.is_early, waits.is_waiting)
    ]
    return float((np.minimum(*chances) >= lowest).mean())
