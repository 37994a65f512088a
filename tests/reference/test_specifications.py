"""The listed ways to a difference against the job training study (LaLonde, by WeightIt, cobalt and lm)."""

import numpy as np
import pytest

from pipelines.estimators import specifications
from pipelines.estimators.comparison import TwoGroups, fit
from pipelines.estimators.specifications import Parts, Question
from tests.reference.published import cases, columns, texts


@pytest.fixture
def study(oracles):
    """Return the study taken apart, 60 redraws of it, and what was published."""
    folder = oracles / "lalonde_weighting"
    race = np.array([row["race"] for row in texts(folder)])
    age, educ, married, nodegree, re74, re75, treat, y = columns(
        folder, "age", "educ", "married", "nodegree", "re74", "re75", "treat", "re78"
    )
    x = np.column_stack([age, educ, race == "hispan", race == "white", married, nodegree, re74, re75])
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    nobody = np.full(len(y), -1)
    groups = TwoGroups(covariates=x, held_out=x[:, :0], is_treated=treat == 1, outcome=y, provider=nobody)
    count = np.vstack([np.ones(len(y)), np.random.default_rng(1).poisson(1.0, (60, len(y)))])
    return Parts(fit(groups, count)), cases(folder)


def question(parts, **given):
    everybody = np.ones(len(parts.y), dtype=bool)
    of_all = {"propensity": (0.0, 1.0), "is_recent": everybody, "minimum": 20, "level": 0.95, "error": 0.0}
    return Question(**of_all | given)


def test_the_point_estimates_are_those_published(study):
    parts, expected = study
    asked = question(parts)
    found = specifications.regression(parts, asked)
    assert found.estimate == pytest.approx(expected["ols_adjusted"]["Estimate"], abs=1e-6)
    found = specifications.inverse_probability(parts, asked)
    assert found.estimate == pytest.approx(expected["ipw_ate"]["hajek_diff"], abs=1e-5)
    found = specifications.entropy_balance(parts, asked)
    assert found.estimate == pytest.approx(expected["entropy_balancing_att"]["hajek_diff"], abs=1e-4)


def test_the_errors_without_redraws_are_near_what_redraws_give(study):
    """HC3 by lm is 749.9 * (about); the classical error of the same coefficient was printed as 781."""
    parts, expected = study
    classical = expected["ols_adjusted"]["Std. Error"]
    assert specifications.regression(parts, question(parts)).standard_error == pytest.approx(
        classical, rel=0.15
    )
    redrawn = specifications.trimmed(parts, question(parts)).standard_error
    entropy = specifications.entropy_balance(parts, question(parts)).standard_error
    assert entropy == pytest.approx(redrawn, rel=0.35)


def test_limits_that_hold_everybody_leave_the_difference_as_it_is(study):
    parts, _ = study
    everybody = np.ones((len(parts.y), 1))
    whole = parts.mended(parts.tilt, parts.weight, everybody)[0, 0]
    for way in ("trimmed", "shorter_window", "unadjusted_answers"):
        found = specifications.SPECIFICATIONS[way](parts, question(parts))
        assert found.estimate == pytest.approx(whole, abs=1e-8)
    within = specifications.trimmed(parts, question(parts, propensity=(0.1, 0.9)))
    assert within.estimate != pytest.approx(whole, abs=1.0)
