"""Shares, their differences and t intervals against R's prop.test and t.test.

Left out, because nothing in Virker uses them: the continuity-corrected and Clopper-Pearson
intervals (the method says Wilson), relative risk, odds ratio and Cohen's h of
`two_by_two_56_70_vs_48_80`, `mcnemar_approval`, `prop_trend_smokers`, `prop_test_smokers`, and
the t tests' p values (Virker gives intervals).
"""

import json
import math
from pathlib import Path

import pytest

from pipelines.estimators.mean import PairedMoments, SampleMoments, mean_change, welch_df, welch_difference
from pipelines.estimators.proportion import newcombe_difference, wilson_interval
from pipelines.estimators.result import Estimate, Result

ORACLE = Path(__file__).parents[2].parent / "shared" / "oracles" / "proportions_and_tests" / "expected.json"
pytestmark = pytest.mark.skipif(not ORACLE.is_file(), reason=f"the reference cases are not at {ORACLE}")

CASES = (
    {c["id"]: c for c in json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]} if ORACLE.is_file() else {}
)
PRECISION = 1e-9  # of cases that name no tolerance of their own: computed in full precision

# Student's sleep data (1908): extra hours of sleep of ten persons under two drugs.
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def limits(result: Result) -> tuple[float, float]:
    assert isinstance(result, Estimate)
    return result.lower, result.upper


def covariance(x: list[float], y: list[float]) -> float:
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    return math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / (len(x) - 1)


def sample(scores: list[float]) -> SampleMoments:
    return SampleMoments(len(scores), math.fsum(scores) / len(scores), covariance(scores, scores))


@pytest.mark.parametrize("case_id", [c for c in CASES if c.startswith("wilson_")])
def test_wilson(case_id: str) -> None:
    expected, tolerance = CASES[case_id]["expected"], CASES[case_id]["tolerance"]
    for level, key in ((0.95, "wilson"), (0.99, "wilson99")):
        result = wilson_interval(expected["x"], expected["n"], level)
        assert limits(result) == pytest.approx(expected[key], abs=tolerance)


@pytest.mark.parametrize("case_id", [c for c in CASES if c.startswith("newcombe_")])
def test_newcombe(case_id: str) -> None:
    given, expected = CASES[case_id]["params"], CASES[case_id]["expected"]
    result = newcombe_difference(given["x1"], given["n1"], given["x2"], given["n2"], 0.95)
    assert (result.estimate, *limits(result)) == pytest.approx(
        (expected["diff"], expected["lo"], expected["hi"]), abs=CASES[case_id]["tolerance"]
    )


def test_risk_difference() -> None:
    result = newcombe_difference(56, 70, 48, 80, 0.95)
    expected = CASES["two_by_two_56_70_vs_48_80"]["expected"]["rd"]
    assert (result.estimate, *limits(result)) == pytest.approx(expected, abs=PRECISION)


def test_paired_t() -> None:
    first, second = sample(FIRST), sample(SECOND)
    between = covariance(FIRST, SECOND)
    pairs = PairedMoments(10, second.mean, first.mean, second.variance, first.variance, between)
    expected = CASES["sleep_paired_t"]["expected"]
    result = mean_change(pairs, 0.95)
    assert (result.estimate, *limits(result)) == pytest.approx(
        (expected["mean"], *expected["ci"]), abs=PRECISION
    )


def test_welch() -> None:
    first, second = sample(FIRST), sample(SECOND)
    expected = CASES["sleep_welch_t"]["expected"]
    result = welch_difference(first, second, 0.95)
    assert limits(result) == pytest.approx(expected["ci"], abs=PRECISION)
    assert welch_df(10, first.variance, 10, second.variance) == pytest.approx(expected["df"], abs=PRECISION)
    assert result.estimate == pytest.approx(-1.58, abs=PRECISION)
