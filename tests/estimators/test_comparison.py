"""D3 on people whose truth is known: what it finds, what it refuses, and what its checks see."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from pipelines.estimators import weighting
from pipelines.estimators.comparison import Difference, Limits, Soundness, TwoGroups, compare
from pipelines.estimators.result import NotEstimable

LIMITS = Limits(
    propensity=(0.1, 0.9),
    imbalance=0.1,
    effective_size=20,
    overlap_share=0.7,
    response_difference=0.15,
    providers=5,
)


def people(rng, n=300, effect=0.5, hidden=0.0, answer=1.0, providers=12):
    """Severity on record, and where `hidden` is not 0 a severity that is not, decide who gets the support."""
    severity, age, secret = rng.standard_normal((3, n))
    treated = rng.random(n) < 1 / (1 + np.exp(-0.8 * severity - hidden * secret))
    provider = rng.integers(0, providers // 2, n) + np.where(treated, 0, providers // 2)
    y = effect * treated - severity + 0.2 * age - hidden * secret + rng.standard_normal(n)
    logit = np.log(answer / (1 - answer)) + severity if answer < 1 else np.full(n, 99.0)
    known = rng.random(n) < 1 / (1 + np.exp(-logit))
    return TwoGroups(
        covariates=np.column_stack([severity, age]),
        held_out=secret[:, None] + 0.5 * rng.standard_normal((n, 1)),
        is_treated=treated,
        outcome=np.where(known, y, np.nan),
        provider=provider,
    )


def found(groups, rng, draws=300) -> Difference:
    n = len(groups.outcome)
    count = np.vstack([np.ones((1, n)), weighting.redraw(n, draws, rng)])
    result = compare(groups, count, 0.95, LIMITS)
    assert isinstance(result, Difference)
    return result


def test_the_planted_difference_with_sound_checks():
    rng = np.random.default_rng(1)
    result = found(people(rng, n=3000), rng)
    assert result.estimate == pytest.approx(0.5, abs=0.1)
    assert result.lower < 0.5 < result.upper
    assert result.soundness.largest_imbalance < 0.1
    assert result.soundness.overlap_share > 0.7
    assert result.soundness.e_value > 1
    assert (result.soundness.providers_treated, result.soundness.providers_others) == (6, 6)


def test_a_hidden_severity_shows_in_what_was_held_out():
    rng = np.random.default_rng(2)
    result = found(people(rng, n=3000, effect=0.0, hidden=1.0), rng)
    assert result.upper < 0
    assert result.soundness.largest_imbalance > 0.1


def test_answers_that_hang_on_severity_are_weighed_back():
    rng = np.random.default_rng(3)
    groups = people(rng, n=6000, answer=0.6)
    result = found(groups, rng, draws=50)
    assert result.estimate == pytest.approx(0.5, abs=0.1)
    assert result.soundness.answered_treated > result.soundness.answered_others + 0.05


def test_intervals_cover():
    rng = np.random.default_rng(4)
    runs, hits = 100, 0
    for _ in range(runs):
        result = found(people(rng, n=200, answer=0.8), rng, draws=200)
        hits += result.lower <= 0.5 <= result.upper
    assert hits >= 88


def test_the_tipping_point_is_where_the_interval_reaches_zero():
    rng = np.random.default_rng(5)
    result = found(people(rng, n=1500, effect=1.0, answer=0.7), rng)
    assert result.tipping_point is not None
    _, lower, _ = result.if_missing_are(-result.tipping_point, 0.0)
    assert lower == pytest.approx(0.0, abs=1e-12)
    complete = found(people(rng, n=1500, effect=1.0), rng)
    assert complete.tipping_point is None
    assert found(people(rng, n=200, effect=0.0, answer=0.7), rng).tipping_point == 0.0


@pytest.mark.parametrize(
    ("providers", "mark"), [(12, None), (10, None), (8, "few_providers"), (2, "one_provider")]
)
def test_what_the_providers_let_it_say(providers, mark):
    sound = found(people(np.random.default_rng(9), providers=providers), np.random.default_rng(9)).soundness
    assert sound.provider_mark(LIMITS) == mark
    assert sound.providers_treated == providers // 2


def test_few_providers_are_compared_by_their_means():
    """Two against two, no covariate to speak of: Welch's interval (scipy) is the wider one, and is taken."""
    rng = np.random.default_rng(10)
    groups = people(rng, n=400, providers=4)
    level = np.array([0.0, 1.5, 0.2, 0.9])[groups.provider]
    groups = replace(groups, covariates=groups.covariates * 0 + rng.standard_normal((400, 2)) * 1e-6)
    groups = replace(groups, outcome=level + 1e-3 * rng.standard_normal(400))
    result = found(groups, rng)
    means = [groups.outcome[groups.provider == p].mean() for p in range(4)]
    welch = scipy.stats.ttest_ind(means[:2], means[2:], equal_var=False).confidence_interval(0.95)
    assert result.upper - result.lower == pytest.approx(welch.high - welch.low, rel=0.02)
    assert result.standard_error > 3 * np.nanstd(result.redraws)


def test_the_first_check_that_fails_is_named():
    sound = Soundness(30, 25, 0.05, 0.8, 0.9, 0.8, 6, 6, 1.5)
    assert sound.failed_check(LIMITS) is None
    for change, failed in [
        ({"largest_imbalance": 0.1, "overlap_share": 0.1}, "imbalance"),
        ({"effective_others": 19.9}, "effective_size"),
        ({"effective_others": 20.0}, None),
        ({"overlap_share": 0.69}, "overlap"),
        ({"overlap_share": 0.7}, None),
        ({"answered_others": 0.7}, "response"),
        ({"answered_treated": 0.6}, "response"),
    ]:
        assert replace(sound, **change).failed_check(LIMITS) == failed


def test_what_was_held_out_is_compared_among_those_of_whom_it_is_known():
    rng = np.random.default_rng(11)
    groups = people(rng, n=3000, hidden=1.0)
    hidden = np.where(rng.random((3000, 1)) < 0.5, groups.held_out, np.nan)
    nobody = np.full((3000, 1), np.nan)
    known = found(replace(groups, held_out=np.hstack([hidden, nobody])), np.random.default_rng(1), draws=20)
    unknown = found(replace(groups, held_out=nobody), np.random.default_rng(1), draws=20)
    assert known.soundness.largest_imbalance > 0.3 > 0.1 > unknown.soundness.largest_imbalance


def test_everybody_of_one_kind_answering_is_no_obstacle():
    """All with a severity above 0 answer; drawn towards the middle, their chance can still be fitted."""
    rng = np.random.default_rng(12)
    groups = people(rng, n=8000)
    silent = (groups.covariates[:, 0] < 0) & (rng.random(8000) < 0.4)
    result = found(replace(groups, outcome=np.where(silent, np.nan, groups.outcome)), rng, draws=20)
    assert result.estimate == pytest.approx(0.5, abs=0.1)


def test_alike_persons_at_one_provider_widen_the_interval():
    rng = np.random.default_rng(6)
    groups = people(rng, n=600, providers=12)
    bump = 0.8 * rng.standard_normal(12)
    shifted = replace(groups, outcome=groups.outcome + bump[groups.provider])
    apart = replace(shifted, provider=np.full(600, -1))
    with_providers, without = found(shifted, np.random.default_rng(7)), found(apart, np.random.default_rng(7))
    assert with_providers.estimate == without.estimate
    assert with_providers.upper - with_providers.lower > 1.5 * (without.upper - without.lower)


def test_what_cannot_be_compared_is_refused():
    rng = np.random.default_rng(8)
    n = 60
    count = np.ones((1, n))
    few = people(rng, n=n)
    few = replace(
        few, outcome=np.where(few.is_treated & (np.cumsum(few.is_treated) > 3), np.nan, few.outcome)
    )
    assert compare(few, count, 0.95, LIMITS) == NotEstimable("too_few_persons")
    apart = people(rng, n=n)
    apart = replace(apart, is_treated=apart.covariates[:, 0] > 0)
    assert compare(apart, count, 0.95, LIMITS) == NotEstimable("groups_do_not_overlap")
