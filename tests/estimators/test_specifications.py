"""Other ways to a difference, and its interactions, against planted truths."""

import numpy as np
import pytest

from pipelines.estimators.comparison import TwoGroups, fit
from pipelines.estimators.result import NotEstimable
from pipelines.estimators.specifications import (
    SPECIFICATIONS,
    Parts,
    Question,
    interactions,
    treated_coefficient,
)

DRAWS = 60


def people(rng, persons=900, effect=0.5, by_sex=0.0, silent=0.1):
    """Who is worse off is helped more often, answers less often and ends lower; women gain `by_sex` more."""
    severity, other = rng.standard_normal((2, persons))
    is_woman = rng.random(persons) < 0.5
    treated = rng.random(persons) < 1 / (1 + np.exp(-0.8 * severity))
    y = -0.7 * severity + 0.3 * other + treated * (effect + by_sex * is_woman) + rng.standard_normal(persons)
    answers = rng.random(persons) > silent * (1 + (severity > 0))
    groups = TwoGroups(
        covariates=np.column_stack([severity, other, is_woman - 0.5]),
        held_out=np.empty((persons, 0)),
        is_treated=treated,
        outcome=np.where(answers, y, np.nan),
        provider=np.full(persons, -1),
    )
    return groups, is_woman


def taken_apart(rng, **given):
    groups, is_woman = people(rng, **given)
    count = np.vstack([np.ones(len(is_woman)), rng.poisson(1.0, (DRAWS, len(is_woman)))])
    return Parts(fit(groups, count)), is_woman


def question(parts, **given):
    recent = np.arange(len(parts.y)) % 3 > 0
    asked = {"propensity": (0.1, 0.9), "is_recent": recent, "minimum": 20, "level": 0.95, "error": 0.0}
    return Question(**asked | given)


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_every_way_finds_the_planted_difference_and_how_sure_it_is(name):
    """Twelve samples: each estimate near the truth, and its error what the estimates' spread is."""
    rng = np.random.default_rng(5)
    found = []
    for _ in range(12):
        parts, _ = taken_apart(rng, persons=500)
        found.append(SPECIFICATIONS[name](parts, question(parts)))
    estimates = np.array([way.estimate for way in found])
    errors = np.array([way.standard_error for way in found])
    assert estimates.mean() == pytest.approx(0.5, abs=4 * estimates.std(ddof=1) / 12**0.5)
    # A spread of twelve is known to a fifth.
    assert 0.5 < errors.mean() / estimates.std(ddof=1) < 2
    assert all(way.lower < way.estimate < way.upper for way in found)


def test_only_answers_weighed_tell_of_those_who_are_silent():
    """The worse off of the helped are silent, and where the model is wrong that is not mended by it."""
    rng = np.random.default_rng(2)
    groups, _ = people(rng, persons=6000, effect=0.0, silent=0.0)
    severity = groups.covariates[:, 0]
    y = groups.outcome - 2.0 * groups.is_treated * (severity > 1)
    chance = np.where(groups.is_treated & (severity > 1), 0.3, 1.0)
    silent = rng.random(len(y)) > chance
    by_step = np.column_stack([groups.covariates, severity > 1])
    given = {"held_out": groups.held_out, "is_treated": groups.is_treated, "provider": groups.provider}
    count = np.vstack([np.ones(len(y)), rng.poisson(1.0, (10, len(y)))])
    whole = Parts(fit(TwoGroups(covariates=by_step, outcome=y, **given), count))
    parts = Parts(fit(TwoGroups(covariates=by_step, outcome=np.where(silent, np.nan, y), **given), count))
    asked = question(parts)
    truth = SPECIFICATIONS["inverse_probability"](whole, asked).estimate
    weighed = SPECIFICATIONS["inverse_probability"](parts, asked).estimate
    parts.fitted.answer[:] = parts.known
    as_they_are = SPECIFICATIONS["inverse_probability"](parts, asked).estimate
    assert abs(weighed - truth) < 0.08
    assert as_they_are - truth > 0.15


def test_where_all_answered_their_weights_change_nothing():
    parts, _ = taken_apart(np.random.default_rng(3), silent=0.0)
    whole = parts.mended(parts.tilt, parts.weight, np.ones((len(parts.y), 1)))[0, 0]
    found = SPECIFICATIONS["unadjusted_answers"](parts, question(parts))
    assert found.estimate == pytest.approx(whole, abs=1e-12)


def test_an_interval_is_never_narrower_than_the_providers_make_it():
    parts, _ = taken_apart(np.random.default_rng(3))
    for way in SPECIFICATIONS.values():
        wide = way(parts, question(parts, error=1.0))
        assert wide.standard_error == pytest.approx(1.0)
        assert wide.upper - wide.estimate == pytest.approx(1.959964, abs=1e-5)


def test_too_few_recent_or_realistic():
    parts, _ = taken_apart(np.random.default_rng(3))
    nobody = np.zeros(len(parts.y), dtype=bool)
    too_few = NotEstimable("too_few_persons")
    assert SPECIFICATIONS["shorter_window"](parts, question(parts, is_recent=nobody)) == too_few
    narrow = question(parts, propensity=(0.5, 0.5))
    for name in ("trimmed", "inverse_probability", "entropy_balance"):
        assert SPECIFICATIONS[name](parts, narrow) == too_few


@pytest.mark.parametrize("by_sex", [0.0, 1.0])
def test_an_interaction_is_found_where_there_is_one(by_sex):
    parts, is_woman = taken_apart(np.random.default_rng(7), persons=2500, by_sex=by_sex)
    women, men = interactions(parts, np.column_stack([is_woman, ~is_woman]).astype(float), question(parts))
    assert women.lower < by_sex < women.upper
    assert (women.lower > 0) == (by_sex > 0)
    assert men.estimate == pytest.approx(-women.estimate, abs=1e-12)


def test_an_interaction_takes_enough_persons_of_both_arms_inside_and_outside():
    """20 answers of each arm are enough, 19 are not; nor is everybody but 19."""
    parts, _ = taken_apart(np.random.default_rng(4))
    arms = [np.flatnonzero(parts.known & arm) for arm in (parts.treated, ~parts.treated)]
    sizes = [(20, 20), (20, 19), (19, 20)]
    members = np.zeros((len(parts.y), 4))
    for column, counts in enumerate(sizes):
        for arm, size in zip(arms, counts, strict=True):
            members[arm[:size], column] = 1
    members[:, 3] = 1 - members[:, 1]
    found = interactions(parts, members, question(parts))
    assert [isinstance(one, NotEstimable) for one in found] == [False, True, True, True]
    assert interactions(parts, members[:, :0], question(parts)) == []


def test_the_coefficient_is_that_of_those_who_weigh_anything():
    rng = np.random.default_rng(6)
    x, treated = rng.standard_normal((80, 2)), np.arange(80) % 2 == 0
    y = x @ [1.0, -1.0] + 0.5 * treated + rng.standard_normal(80)
    weight = np.where(np.arange(80) < 60, 1.0, 0.0)
    estimate, error = treated_coefficient(y, x, treated, weight)
    design = np.column_stack([treated, np.ones(80), x])[:60]
    assert estimate == pytest.approx(np.linalg.lstsq(design, y[:60], rcond=None)[0][0])
    hat = design @ np.linalg.pinv(design)
    left_out = (y[:60] - hat @ y[:60]) / (1 - np.diag(hat))
    assert error == pytest.approx(np.sqrt(((np.linalg.pinv(design)[0] * left_out) ** 2).sum()))
