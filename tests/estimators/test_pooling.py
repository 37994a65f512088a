"""What pooling must do whatever the numbers are."""

import numpy as np
import pytest

from pipelines.estimators import pooling


def test_estimates_are_drawn_towards_the_mean_the_less_they_know_the_more():
    y, v = np.array([0.0, 0.5, 1.0, 1.0]), np.array([0.01, 0.04, 0.01, 0.2])
    pooled = pooling.pool(y, np.diag(v), 0.25)
    assert pooled.effect[0] > y[0]
    assert y[3] - pooled.effect[3] > y[2] - pooled.effect[2] > 0


def test_shared_comparison_people_are_not_counted_as_two_proofs():
    y = np.array([0.4, 0.4, 0.4])
    apart = pooling.pool(y, np.diag([0.04] * 3), 0.25)
    shared = pooling.pool(y, np.full((3, 3), 0.03) + 0.01 * np.eye(3), 0.25)
    assert shared.probability_above(0)[0] < apart.probability_above(0)[0]


def test_quantiles_and_probabilities_are_two_sides_of_one_posterior():
    y, v = np.array([-0.2, 0.1, 0.6]), np.array([0.02, 0.05, 0.09])
    pooled = pooling.pool(y, np.diag(v), 0.25)
    limit = pooled.quantile(0.2)
    assert np.diag([pooled.probability_above(q) for q in limit]) == pytest.approx([0.8] * 3, abs=1e-8)


def test_alike_estimates_have_no_tau_in_the_classical_fits():
    y, v = np.array([0.3, 0.31, 0.29]), np.array([0.1, 0.1, 0.1])
    taus = (pooling.tau2_reml, pooling.tau2_dersimonian_laird, pooling.tau2_paule_mandel)
    assert [f(y, v) for f in taus] == [0.0] * 3


@pytest.mark.parametrize("covariance", [np.eye(3), np.array([[1.0, 0.5], [0.2, 1.0]])])
def test_what_is_no_covariance_of_the_estimates_is_refused(covariance):
    with pytest.raises(ValueError, match="covariance"):
        pooling.pool(np.array([0.1, 0.2]), covariance, 0.25)


def test_every_tau_of_the_grid_is_the_classical_fit_at_that_tau():
    rng = np.random.default_rng(3)
    y, root = rng.normal(0, 0.3, 6), rng.normal(0, 0.1, (6, 6))
    covariance = root @ root.T + 0.01 * np.eye(6)
    found = pooling.pool(y, covariance, prior_sd=0.25)
    for place in (0, 40, 599):
        fit = pooling.random_effects(y, covariance, float(found.tau[place]) ** 2)
        assert found.mean[place] == pytest.approx(fit.effect, abs=1e-12)
        assert found.sd[place] == pytest.approx(fit.effect_se, abs=1e-12)
