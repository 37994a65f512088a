"""Funnels of 54 hospitals (medpar), overdispersed as Spiegelhalter 2005 has it.

The reference program's own list of outliers is not used: for ratios it holds an untransformed value against
limits on the square root scale, and for shares it sets most lower limits to 0.
"""

import numpy as np
import pytest

from pipelines.estimators import funnel
from tests.reference.published import cases


@pytest.mark.parametrize(
    ("case", "make"), [("PR_died_od_998", funnel.share_funnel), ("SR_CQC_od_998", funnel.ratio_funnel)]
)
def test_dispersion_tau2_and_every_provider(oracles, case, make):
    expected = cases(oracles / "funnel_medpar")[case]
    units = expected["units"]

    def column(name):
        return np.array([float(unit[name]) for unit in units])

    found = make(column("numerator"), column("denominator"))
    assert found.target == pytest.approx(units[0]["target_transformed"], abs=1e-12)
    assert found.dispersion == pytest.approx(expected["phi"], abs=1e-9)
    assert found.tau2 == pytest.approx(expected["tau2"], abs=1e-10)
    assert found.value == pytest.approx(column("Y"), abs=1e-9)
    assert found.standard_error == pytest.approx(column("s"), abs=1e-9)
    low, high = found.limits(0.95)
    if make is funnel.share_funnel:
        is_inside = (high < np.pi / 2) & (column("OD95UCL") < 1)
        assert is_inside.sum() > 20
        assert np.sin(high[is_inside]) ** 2 == pytest.approx(column("OD95UCL")[is_inside], abs=1e-7)
    else:
        assert low == pytest.approx(column("OD95LCL"), abs=1e-5)
        assert high == pytest.approx(column("OD95UCL"), abs=1e-5)


def test_a_planted_outlier_is_found_and_ordinary_providers_are_not():
    rng = np.random.default_rng(1)
    n = np.full(40, 100.0)
    share = np.clip(0.5 + 0.05 * rng.standard_normal(40), 0, 1)
    numerator = rng.binomial(100, share).astype(float)
    numerator[7] = 15
    outside = funnel.share_funnel(numerator, n).is_outside(0.998)
    assert outside[7]
    assert outside.sum() <= 2
