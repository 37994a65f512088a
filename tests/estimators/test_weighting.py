"""What the weights must do whatever the data are."""

import numpy as np
import pytest

from pipelines.estimators import weighting


def people(rng, n=2000, effect=0.5):
    """Severity decides both who is treated and how it goes; the naive difference is far from the effect."""
    severity, age = rng.standard_normal((2, n))
    treated = rng.random(n) < 1 / (1 + np.exp(-1.2 * severity))
    y = effect * treated - 1.5 * severity + 0.3 * age + rng.standard_normal(n)
    return np.column_stack([severity, age]), treated, y


def test_the_planted_effect_is_found_where_the_raw_difference_is_misled():
    x, treated, y = people(np.random.default_rng(1))
    once = np.ones((1, len(y)))
    weights = weighting.fit_weights(x, treated, once)
    assert y[treated].mean() - y[~treated].mean() < -0.5
    assert weighting.weighted_difference(y, treated, weights.weight)[0] == pytest.approx(0.5, abs=0.15)
    robust = weighting.doubly_robust_difference(y, x, treated, once, weights, once)
    assert robust[0] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("wrong", ["propensity", "outcome"])
def test_one_wrong_model_of_the_two_is_forgiven(wrong):
    rng = np.random.default_rng(2)
    n = 20_000
    z = rng.standard_normal(n)
    treated = rng.random(n) < 1 / (1 + np.exp(-(z**2 - 1 if wrong == "propensity" else z)))
    y = 0.5 * treated + (z if wrong == "propensity" else z**2) + 0.1 * rng.standard_normal(n)
    x, once = z[:, None], np.ones((1, n))
    weights = weighting.fit_weights(x, treated, once)
    found = weighting.doubly_robust_difference(y, x, treated, once, weights, once)[0]
    assert found == pytest.approx(0.5, abs=0.06)


def test_a_redraw_solved_with_others_is_the_redraw_solved_alone():
    rng = np.random.default_rng(3)
    x, treated, y = people(rng, n=120)
    count = weighting.redraw(120, 5, rng)
    together = weighting.fit_weights(x, treated, count)
    robust = weighting.doubly_robust_difference(y, x, treated, count, together, np.ones((1, 120)))
    for one in range(5):
        rows = np.repeat(np.arange(120), count[one].astype(int))
        once = np.ones((1, len(rows)))
        alone = weighting.fit_weights(x[rows], treated[rows], once)
        own = weighting.doubly_robust_difference(y[rows], x[rows], treated[rows], once, alone, once)
        assert robust[one] == pytest.approx(own[0], abs=1e-8)


def test_bootstrap_intervals_cover_the_planted_effect():
    rng = np.random.default_rng(4)
    hits, runs = 0, 120
    for _ in range(runs):
        x, treated, y = people(rng, n=250)
        count = weighting.redraw(250, 200, rng)
        weights = weighting.fit_weights(x, treated, count)
        low, high = np.quantile(
            weighting.doubly_robust_difference(y, x, treated, count, weights, np.ones((1, 250))),
            [0.025, 0.975],
        )
        hits += low <= 0.5 <= high
    # 95 % of 120 is 114, give or take 2.4.
    assert hits >= 106


def test_groups_that_a_covariate_tells_apart_are_not_fitted():
    x = np.linspace(-1, 1, 40)[:, None]
    weights = weighting.fit_weights(x, x[:, 0] > 0, np.ones((1, 40)))
    assert not weights.is_fitted[0]


def test_no_entropy_weights_where_the_treated_lie_outside_everybody_else():
    x = np.concatenate([np.full(5, 10.0), np.linspace(0, 1, 30)])[:, None]
    assert weighting.entropy_weights(x, np.arange(35) < 5) is None
