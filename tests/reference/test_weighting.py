"""Weights, balance and weighted differences against the job training study (LaLonde, by WeightIt, cobalt)."""

import numpy as np
import pytest

from pipelines.estimators import balance, weighting
from tests.reference.published import cases, columns, texts

NAMES = ("age", "educ", "race_hispan", "race_white", "married", "nodegree", "re74", "re75")
CASES = {"overlap": "overlap_ato", "treated": "ipw_att", "everybody": "ipw_ate"}


@pytest.fixture
def study(oracles):
    folder = oracles / "lalonde_weighting"
    race = np.array([row["race"] for row in texts(folder)])
    age, educ, married, nodegree, re74, re75, treat, y = columns(
        folder, "age", "educ", "married", "nodegree", "re74", "re75", "treat", "re78"
    )
    x = np.column_stack([age, educ, race == "hispan", race == "white", married, nodegree, re74, re75])
    return x.astype(float), treat == 1, y, np.ones((1, len(y))), cases(folder)


def test_the_propensity_model(study):
    x, treated, _, once, expected = study
    p, is_fitted = weighting.fit_propensities(x, treated, once)
    assert is_fitted.all()
    assert p[0, :6] == pytest.approx(expected["ps_model"]["ps_first6"], abs=1e-10)


@pytest.mark.parametrize("population", CASES)
def test_differences_balance_and_effective_sizes(study, population):
    x, treated, y, once, expected = study
    case = expected[CASES[population]]
    weight = weighting.fit_weights(x, treated, once, population).weight
    assert weighting.weighted_difference(y, treated, weight)[0] == pytest.approx(case["hajek_diff"], abs=1e-6)
    assert weighting.effective_size(weight[0, treated]) == pytest.approx(case["ess"]["treated"], abs=1e-8)
    assert weighting.effective_size(weight[0, ~treated]) == pytest.approx(case["ess"]["control"], abs=1e-8)
    found = balance.standardised(x, treated, weight)[0]
    assert found == pytest.approx([case["smd_pooledSD"][name] for name in NAMES], abs=1e-10)


def test_overlap_weights_balance_what_they_were_fitted_on_exactly(study):
    x, treated, _, once, _ = study
    weight = weighting.fit_weights(x, treated, once).weight
    assert balance.standardised(x, treated, weight)[0] == pytest.approx(np.zeros(8), abs=1e-9)
    # What was left out of the model is another matter: that is why the balance check holds some out.
    left_out = balance.standardised(x[:, [0]] ** 2, treated, weight)[0]
    assert abs(left_out[0]) > 0.1


def test_entropy_balancing(study):
    x, treated, y, _, expected = study
    weight = weighting.entropy_weights(x, treated)
    case = expected["entropy_balancing_att"]
    assert weight is not None
    difference = weighting.weighted_difference(y, treated, weight[None])[0]
    assert difference == pytest.approx(case["hajek_diff"], abs=1e-4)
    assert weighting.effective_size(weight[~treated]) == pytest.approx(case["ess"]["control"], abs=1e-6)
    assert weight[~treated].min() == pytest.approx(case["wmin_c"], abs=1e-6)
    assert weight[~treated].max() == pytest.approx(case["wmax_c"], abs=1e-6)


def test_the_doubly_robust_difference_of_those_treated(study):
    x, treated, y, once, expected = study
    weights = weighting.fit_weights(x, treated, once, "treated")
    found = weighting.doubly_robust_difference_of_treated(y, x, treated, once, weights)
    assert found[0] == pytest.approx(expected["aipw_att"], abs=1e-5)
