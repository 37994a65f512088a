"""Partial pooling against the meta-analysis of teacher expectancy (Raudenbush 1985, by metafor)."""

import numpy as np
import pytest

from pipelines.estimators import pooling
from tests.reference.published import cases, columns


@pytest.fixture
def trials(oracles):
    folder = oracles / "metafor_raudenbush1985"
    return (*columns(folder, "yi", "vi"), cases(folder))


def test_tau2_by_three_estimators(trials):
    y, v, expected = trials
    assert pooling.tau2_reml(y, v) == pytest.approx(expected["re_REML"]["tau2"], abs=1e-10)
    assert pooling.tau2_dersimonian_laird(y, v) == pytest.approx(expected["blup_DL"]["tau2"], abs=1e-12)
    assert pooling.tau2_paule_mandel(y, v) == pytest.approx(expected["tau2_PM"]["tau2"], abs=1e-10)


def test_the_overall_mean_and_all_shrunken_effects(trials):
    y, v, expected = trials
    fit = pooling.random_effects(y, np.diag(v), expected["re_REML"]["tau2"])
    assert (fit.mean, fit.mean_se) == pytest.approx(
        (expected["re_REML"]["b"], expected["re_REML"]["se"]), abs=1e-10
    )
    of_each = expected["empirical_bayes"]
    assert fit.effect == pytest.approx([e["pred"] for e in of_each], abs=1e-10)
    assert fit.effect_se == pytest.approx([e["se"] for e in of_each], abs=1e-10)
    other = pooling.random_effects(y, np.diag(v), expected["blup_DL"]["tau2"])
    assert other.effect == pytest.approx([e["pred"] for e in expected["blup_DL"]["blup"]], abs=1e-10)


def test_the_grid_agrees_with_drawing_from_the_posterior(trials):
    """An independent way to the same posterior: draws by importance, the prior's tau reweighted."""
    y, v, _ = trials
    rng = np.random.default_rng(1)
    tau = np.abs(rng.normal(0, 0.25, 200_000))
    w = 1 / (v + tau[:, None] ** 2)
    mean, total = (w * y).sum(1) / w.sum(1), w.sum(1)
    log_weight = 0.5 * np.log(w).sum(1) - 0.5 * np.log(total) - 0.5 * (w * (y - mean[:, None]) ** 2).sum(1)
    chosen = rng.choice(len(tau), 200_000, p=np.exp(log_weight) / np.exp(log_weight).sum())
    mu = mean[chosen] + rng.standard_normal(len(chosen)) / np.sqrt(total[chosen])
    own = tau[chosen, None] ** 2 / (tau[chosen, None] ** 2 + v)
    drawn = mu[:, None] + own * (y - mu[:, None])
    drawn += np.sqrt(own * v) * rng.standard_normal(drawn.shape)
    pooled = pooling.pool(y, np.diag(v), 0.25)
    assert pooled.effect == pytest.approx(drawn.mean(0), abs=0.003)
    assert pooled.probability_above(0.1) == pytest.approx((drawn > 0.1).mean(0), abs=0.01)
    assert pooled.quantile(0.025) == pytest.approx(np.quantile(drawn, 0.025, axis=0), abs=0.01)
    assert pooled.tau_mean == pytest.approx(tau[chosen].mean(), abs=0.003)
