"""Which contrasts are pooled, and what the pooling tells of the spread."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from pipelines.estimation.comparison import pooled
from pipelines.estimation.comparison.contrasts import Contrast
from pipelines.estimators.comparison import Difference

SETTING = {"smallest_worthwhile_sd": 0.3, "pooling_minimum": 5, "pooling_prior_sd": 0.25}
SD = 10.0


def contrast(name, estimate, failed=None, error=0.1, rng=None):
    """A contrast in SD, with redraws, that fails the named check."""
    rng = rng or np.random.default_rng(sum(map(ord, name)))
    sound = SimpleNamespace(failed_check=lambda _: failed, effective_treated=40.0, effective_others=60.0)
    found = Difference(
        estimate=SD * estimate,
        lower=SD * (estimate - 2 * error),
        upper=SD * (estimate + 2 * error),
        standard_error=SD * error,
        redraws=SD * (estimate + error * rng.standard_normal(200)),
        soundness=sound,
        missing_treated=0.0,
        missing_others=0.0,
    )
    key = {
        "intervention_id": name,
        "outcome_id": "UP:self",
        "comparator": "waiting",
        "population": "window",
        "sd": SD,
    }
    return Contrast(key, found, 100)


def rows(contrasts, specification="main", statistic="pooled_difference"):
    return {
        row["intervention_id"]: row
        for row in pooled.pooled_rows(contrasts, 0.95, None, SETTING)
        if (row["specification"], row["statistic"]) == (specification, statistic)
    }


FIVE = [contrast(name, value) for name, value in zip("abcde", (0.1, 0.2, 0.3, 0.1, 0.2), strict=True)]


def test_an_unsound_contrast_neither_draws_the_others_nor_is_drawn():
    wild = contrast("w", 3.0, failed="imbalance")
    alone, with_wild = rows(FIVE), rows([*FIVE, wild])
    assert with_wild["w"]["not_estimable_reason"] == "unsound_comparison"
    assert {i: row["estimate"] for i, row in alone.items()} == {
        i: row["estimate"] for i, row in with_wild.items() if i != "w"
    }
    every = rows([*FIVE, wild], "all_contrasts")
    assert set(every) == {*"abcdew"}
    assert every["a"]["estimate"] != pytest.approx(alone["a"]["estimate"], abs=0.005)
    # It keeps what it says alone.
    assert rows([*FIVE, wild], statistic="probability_positive")["w"]["estimate"] > 0.99


def test_four_sound_ones_are_too_few_even_of_six():
    fails = [contrast(name, 0.2, failed="overlap") for name in "xy"]
    found = rows([*FIVE[:4], *fails])
    reasons = {i: row["not_estimable_reason"] for i, row in found.items()}
    assert reasons == dict.fromkeys("abcd", "too_few_to_pool") | dict.fromkeys("xy", "unsound_comparison")
    assert all(row["estimate"] is not None for row in rows([*FIVE[:4], *fails], "all_contrasts").values())
    assert rows(FIVE[:4], "all_contrasts") == {}
    assert rows([*FIVE[:4], *fails], statistic="pooled_probability_positive") == {}


def test_the_classics_stand_beside_the_grid():
    wide = [contrast(name, value, error=0.05) for name, value in zip("abcde", range(5), strict=True)]
    told = json.loads(rows(wide)["a"]["diagnostics"])
    assert told["interventions"] == 5
    assert {name for name in told if name.startswith(("spread", "mean"))} == {
        f"{what}{by}_sd"
        for what in ("spread", "mean")
        for by in ("", "_reml", "_dersimonian_laird", "_paule_mandel")
    }
    # Five effects a whole SD from each other; the prior holds the grid's spread back.
    for by in ("reml", "dersimonian_laird", "paule_mandel"):
        assert told[f"spread_{by}_sd"] == pytest.approx(np.std(range(5), ddof=1), abs=0.03)
        assert told[f"mean_{by}_sd"] == pytest.approx(2.0, abs=0.03)
    assert 0.5 < told["spread_sd"] < told["spread_reml_sd"]
    alike = json.loads(rows([contrast(n, 0.2) for n in "abcde"])["a"]["diagnostics"])
    assert (alike["spread_reml_sd"], alike["mean_sd"]) == (0.0, pytest.approx(0.2, abs=0.01))


@pytest.mark.parametrize("count", [2, 40, 250])
def test_the_covariance_has_an_inverse_also_of_the_same_redraws_and_of_many(count):
    """More contrasts than redraws, two of them the same, and some redraws without a fit."""
    rng = np.random.default_rng(1)
    shared = rng.standard_normal(200)
    redraws = [shared + 0.5 * rng.standard_normal(200) for _ in range(count)]
    redraws[1] = redraws[0]
    redraws[-1] = np.where(rng.random(200) < 0.2, np.nan, redraws[-1])
    error = rng.uniform(0.05, 0.3, count)
    covariance = pooled._covariance(redraws, error)
    assert covariance == pytest.approx(covariance.T)
    assert np.diag(covariance) == pytest.approx(error**2)
    assert np.linalg.eigvalsh(covariance).min() > 0
    assert np.isfinite(np.linalg.cholesky(covariance)).all()


def test_a_difference_that_never_moves_is_not_pooled():
    still = contrast("s", 0.2)
    still.found.redraws[:] = 2.0
    assert "s" not in rows([*FIVE, still])
