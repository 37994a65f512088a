"""E-values against the EValue package, empirical calibration against the EmpiricalCalibration package."""

import math

import pytest

from pipelines.estimators import unmeasured
from tests.reference.published import cases, columns, texts

RATIOS = ("rr_3.9", "rr_0.80_protective", "rr_10.73_smoking", "rr_crosses_null", "rr_2.5_true1.5")


@pytest.mark.parametrize("case", RATIOS)
def test_e_values_of_risk_ratios(oracles, case):
    expected = cases(oracles / "evalue")[case]
    true = 1.5 if case == "rr_2.5_true1.5" else 1.0
    for ratio, wanted in zip(expected["RR"], expected["E"], strict=True):
        crosses = case == "rr_crosses_null" and wanted == 1
        if ratio is not None and wanted is not None and not crosses:
            assert unmeasured.e_value(ratio, true) == pytest.approx(wanted, abs=1e-9)


def test_e_values_of_standardised_differences(oracles):
    for case, difference, true in (
        ("smd_0.5_null", 0.5, 0.0),
        ("smd_0.5", 0.5, 0.1),
        ("smd_0.31", 0.31, 0.0),
    ):
        wanted = cases(oracles / "evalue")[case]["E"][0]
        found = unmeasured.e_value(math.exp(0.91 * difference), math.exp(0.91 * true))
        assert found == pytest.approx(wanted, abs=1e-9)


def test_the_limit_nearest_to_nothing_decides():
    assert unmeasured.e_value_of_difference(-0.1, 0.6) == 1.0
    assert unmeasured.e_value_of_difference(0.2, 0.6) == unmeasured.e_value(math.exp(0.91 * 0.2))
    assert unmeasured.e_value_of_difference(-0.6, -0.2) == unmeasured.e_value_of_difference(0.2, 0.6)


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("nan")])
def test_what_is_no_ratio_is_refused(ratio):
    with pytest.raises(ValueError, match="positive"):
        unmeasured.e_value(ratio)


def test_the_controls_systematic_error_and_a_calibrated_p(oracles):
    folder = oracles / "negative_controls_sccs"
    expected = cases(folder)["null_and_calibrated_p"]
    is_control = [row["groundTruth"] == "0" for row in texts(folder)]
    estimate, error = (column[is_control] for column in columns(folder, "logRr", "seLogRr"))
    assert len(estimate) == expected["n_negative"]
    found = unmeasured.systematic_error(estimate, error)
    assert (found.mean, found.sd) == pytest.approx((expected["mean"], expected["sd"]), abs=1e-5)
    assert found.expected_absolute == pytest.approx(expected["ease"], abs=1e-3)
    assert found.p_value(0.7326235, 0.07371708) == pytest.approx(expected["p_calibrated"], abs=1e-4)
