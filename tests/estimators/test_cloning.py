"""Beginning soon against waiting on, where people begin when it gets worse, and the truth is known."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize

from pipelines.estimators import weighting
from pipelines.estimators.cloning import (
    START_PRIOR_SD,
    WaitingDifference,
    Waits,
    compare_waits,
    strategy_weights,
)
from pipelines.estimators.comparison import Limits
from pipelines.estimators.result import NotEstimable

LIMITS = Limits(
    propensity=(0.1, 0.9),
    imbalance=0.1,
    effective_size=20,
    overlap_share=0.7,
    response_difference=0.15,
    providers=5,
)
EFFECT, HARM_OF_CRISIS = 0.5, 1.2
GRACE, HORIZON = 3, 6


def waits(rng, n=400, per_crisis=0.6, answer=1.0):
    """Each week a crisis (more often for the severe) hurts the outcome and brings the start nearer."""
    severity = rng.standard_normal(n)
    crises, start = np.zeros(n), np.full(n, HORIZON)
    rows = []
    for week in range(HORIZON):
        at_risk = start == HORIZON
        begins = at_risk & (rng.random(n) < _expit(-2.2 + 0.4 * severity + per_crisis * crises))
        rows.append(np.column_stack([np.arange(n), np.full(n, week), crises, begins])[at_risk])
        start[begins] = week
        # They go on alike, begun or not.
        crises = crises + (rng.random(n) < _expit(-2.0 + 0.5 * severity))
    rows = np.concatenate(rows)
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    y = EFFECT * (start < HORIZON) - severity - HARM_OF_CRISIS * crises + rng.standard_normal(n)
    is_early, is_waiting = start < GRACE, start == HORIZON
    is_known = (is_early | is_waiting) & (rng.random(n) < answer)
    return Waits(
        covariates=severity[:, None],
        held_out=np.full((n, 1), np.nan),
        outcome=np.where(is_known, y, np.nan),
        provider=np.full(n, -1),
        is_early=is_early,
        is_waiting=is_waiting,
        person=rows[:, 0].astype(np.int64),
        week=rows[:, 1].astype(np.int64),
        course=rows[:, 2:3],
        is_start=rows[:, 3] == 1,
    )


def _expit(x):
    return 1 / (1 + np.exp(-x))


def counts(n, rng, draws=100):
    return np.vstack([np.ones((1, n)), weighting.redraw(n, draws, rng)])


def found(case, rng, draws=20):
    result = compare_waits(case, counts(len(case.outcome), rng, draws), 0.95, LIMITS)
    assert isinstance(result, WaitingDifference)
    return result


def difference_of_means(case, weight):
    arms = [np.average(case.outcome[a], weights=weight[a]) for a in (case.is_early, case.is_waiting)]
    return arms[0] - arms[1]


def naive(case):
    """Who began soon against who has not begun, alike at the decision: ordinary weights and regression."""
    kept = case.is_early | case.is_waiting
    once = np.ones((1, int(kept.sum())))
    x, treated, y = case.covariates[kept], case.is_early[kept], case.outcome[kept]
    weights = weighting.fit_weights(x, treated, once)
    return float(weighting.doubly_robust_difference(y, x, treated, once, weights, once)[0])


def test_people_who_begin_when_it_gets_worse():
    """Those left waiting are those without crises: compared as they are, most of the effect is gone."""
    case = waits(np.random.default_rng(1), n=60_000)
    once = np.ones((1, len(case.outcome)))
    weight, is_fitted = strategy_weights(case, once)
    assert is_fitted.all()
    assert difference_of_means(case, weight[0]) == pytest.approx(EFFECT, abs=0.04)
    assert naive(case) == pytest.approx(EFFECT - 0.27, abs=0.04)
    # What was known at the decision mends nothing of it, however it is weighted.
    blind = replace(case, course=np.empty((len(case.person), 0)))
    assert difference_of_means(case, strategy_weights(blind, once)[0][0]) == pytest.approx(
        EFFECT - 0.27, abs=0.04
    )


def test_unbiased():
    rng = np.random.default_rng(3)
    errors = []
    for _ in range(100):
        case = waits(rng, n=2000)
        weight, _ = strategy_weights(case, np.ones((1, 2000)))
        errors.append(difference_of_means(case, weight[0]) - EFFECT)
    assert abs(np.mean(errors)) < 2.5 * np.std(errors) / np.sqrt(len(errors)) < 0.04


def test_intervals_cover():
    """Of few, those with crises who wait all the same are at times not there: a tenth of the bias is left."""
    rng = np.random.default_rng(2)
    results = [found(waits(rng, n=250, answer=0.9), rng, draws=60).difference for _ in range(200)]
    errors = np.array([result.estimate - EFFECT for result in results])
    assert abs(errors.mean()) < 0.06
    assert np.mean([r.standard_error for r in results]) == pytest.approx(errors.std(), rel=0.2)
    assert 0.91 <= np.mean([r.lower <= EFFECT <= r.upper for r in results]) <= 0.985


def test_the_clones_one_by_one():
    """Two clones a person, followed week by week and censored where they leave their strategy."""
    rng = np.random.default_rng(3)
    case = waits(rng, n=60)
    count = counts(60, rng, draws=3)
    weight, _ = strategy_weights(case, count)
    for times, found_weights in zip(count, weight, strict=True):
        assert found_weights == pytest.approx(_followed(case, times), rel=1e-9)


def _followed(case, times):
    hazard = _hazard(case, times)
    people = len(case.outcome)
    starts = [0.0] * HORIZON
    for i, week, is_start in zip(case.person, case.week, case.is_start, strict=True):
        starts[week] += times[i] * (is_start and week < GRACE)
    total = np.zeros(people)
    for strategy in ("begin", "wait"):
        for i in range(people):
            weight, is_censored, has_begun = float(times[i]), False, False
            for row in np.flatnonzero(case.person == i):
                week, is_start = case.week[row], case.is_start[row]
                if strategy == "wait":
                    is_censored |= is_start
                    weight /= 1 - hazard[row]
                elif week < GRACE:
                    # Of the starts that are still to come within the grace period, this week's share.
                    due = starts[week] / sum(starts[week:]) if sum(starts[week:]) else 0.0
                    has_begun |= is_start
                    weight *= due / hazard[row] if is_start else (1 - due) / (1 - hazard[row])
            if not is_censored and (strategy == "wait" or has_begun):
                total[i] += weight
    return total


def _hazard(case, times):
    """Pooled logistic regression, with its prior, by another way to the maximum."""
    week = case.week / case.week.max()
    x = np.column_stack([np.ones(len(week)), case.covariates[case.person], case.course, week, week**2])
    w = times[case.person]
    precision = np.full(x.shape[1], START_PRIOR_SD**-2)
    precision[0] /= 100

    def loss(beta):
        z = x @ beta
        return w @ (np.logaddexp(0, z) - case.is_start * z) + precision @ beta**2 / 2

    def slope(beta):
        return x.T @ (w * (_expit(x @ beta) - case.is_start)) + precision * beta

    def curve(beta):
        p = _expit(x @ beta)
        return (x.T * (w * p * (1 - p))) @ x + np.diag(precision)

    at = scipy.optimize.minimize(loss, np.zeros(x.shape[1]), jac=slope, hess=curve, method="trust-exact")
    beta = at.x
    for _ in range(3):
        beta = beta - np.linalg.solve(curve(beta), slope(beta))
    return _expit(x @ beta)


def test_where_nothing_is_known_on_the_way_it_is_inverse_probability_weighting():
    """One week, one decision to make: the weights of an ordinary propensity."""
    rng = np.random.default_rng(4)
    case = waits(rng, n=500)
    first = case.week == 0
    begins = case.is_start[first]
    one = replace(
        case, person=case.person[first], week=case.week[first], course=np.empty((500, 0)),
        is_start=begins, is_early=begins, is_waiting=~begins,
    )  # fmt: skip
    count = counts(500, rng, draws=3)
    weight, _ = strategy_weights(one, count)
    chance, _ = weighting.fit_propensities(case.covariates, begins, count, START_PRIOR_SD)
    assert weight == pytest.approx(count / np.where(begins, chance, 1 - chance), rel=1e-9)


def test_over_several_weeks_too():
    """By the shares of those of one severity who began soon, and who waited."""
    rng = np.random.default_rng(5)
    case = waits(rng, n=40_000, per_crisis=0.0)
    case = replace(case, course=np.empty((len(case.person), 0)))
    weight = strategy_weights(case, np.ones((1, 40_000)))[0][0]
    middle = np.abs(case.covariates[:, 0]) < 0.2
    for kept in (case.is_early, case.is_waiting):
        assert weight[middle & kept].mean() == pytest.approx(middle.sum() / (middle & kept).sum(), rel=0.03)


def test_how_much_the_weights_had_to_do():
    rng = np.random.default_rng(6)
    case = waits(rng, n=600)
    result = found(case, rng)
    sound = result.difference.soundness
    assert result.censored_share == pytest.approx(1 - case.is_waiting.mean())
    # Who began when it got worse is rare among those who waited, and stands for many.
    assert result.largest_weight > 3
    assert sound.effective_others < case.is_waiting.sum()
    assert sound.effective_treated > 0.7 * case.is_early.sum()
    assert 0.5 < sound.overlap_share < 1


def test_those_without_an_answer_stand_apart():
    rng = np.random.default_rng(7)
    sound = found(waits(rng, n=600, answer=0.8), rng).difference
    assert sound.missing_treated == pytest.approx(0.2, abs=0.07)
    assert sound.missing_others == pytest.approx(0.2, abs=0.07)
    assert found(waits(rng, n=600), rng).difference.tipping_point is None


@pytest.mark.parametrize(
    ("arm", "reason"), [("is_early", "too_few_begun"), ("is_waiting", "too_few_waiting")]
)
def test_too_few_are_not_compared(arm, reason):
    """Two a column and the constant: four, of those who answered."""
    rng = np.random.default_rng(8)
    case = waits(rng, n=300)
    of_arm = np.flatnonzero(getattr(case, arm))
    for left in (3, 4):
        outcome = case.outcome.copy()
        outcome[of_arm[left:]] = np.nan
        result = compare_waits(replace(case, outcome=outcome), counts(300, rng, draws=20), 0.95, LIMITS)
        assert (result == NotEstimable(reason)) == (left == 3)


def test_a_redraw_without_early_starts():
    """Its weights are numbers all the same; it is the difference that cannot be had of it."""
    rng = np.random.default_rng(9)
    case = waits(rng, n=80)
    count = counts(80, rng, draws=5)
    count[3, case.is_early] = 0.0
    weight, is_fitted = strategy_weights(case, count)
    assert np.isfinite(weight).all()
    assert is_fitted.all()
    assert (weight[3, case.is_early] == 0).all()
