"""Standardised effects: edges, limits and invariants. Reference values: tests/reference."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nct

from pipelines.estimators.mean import PairedMoments, SampleMoments, mean_change
from pipelines.estimators.result import Estimate, NotEstimable, Result
from pipelines.estimators.standardised import (
    cohens_d,
    glass_delta,
    hedges_correction,
    hedges_g,
    mean_change_in_known_sd,
    one_sample_d,
    repeated_measures_d,
)

LEVEL = 0.95
NOBODY = SampleMoments(0, None, None)
ONE = SampleMoments(1, 50.0, None)
TWO = SampleMoments(2, 50.0, 90.0)
ALIKE = SampleMoments(6, 40.0, 0.0)
SOME = SampleMoments(6, 50.0, 90.0)
NO_PAIRS = PairedMoments(0, None, None, None, None, None)
ONE_PAIR = PairedMoments(1, 40.0, 50.0, None, None, None)
TWO_PAIRS = PairedMoments(2, 40.0, 50.0, 60.0, 70.0, 0.0)

samples = st.builds(
    SampleMoments, n=st.integers(3, 2000), mean=st.floats(-100.0, 100.0), variance=st.floats(1.0, 1e3)
)
kinds = st.sampled_from(["av", "rm", "z", "b"])


@st.composite
def pairs(draw: st.DrawFn) -> PairedMoments:
    before, after = draw(st.floats(1.0, 1e3)), draw(st.floats(1.0, 1e3))
    correlation = draw(st.floats(-0.95, 0.95))
    return PairedMoments(
        draw(st.integers(3, 2000)),
        draw(st.floats(-100.0, 100.0)),
        draw(st.floats(-100.0, 100.0)),
        before,
        after,
        correlation * (before * after) ** 0.5,
    )


def numbers(result: Result) -> tuple[float, float, float]:
    assert isinstance(result, Estimate)
    return result.estimate, result.lower, result.upper


def negated(result: Result) -> tuple[float, float, float]:
    assert isinstance(result, Estimate)
    return -result.estimate, -result.upper, -result.lower


@pytest.mark.parametrize("effect", [cohens_d, hedges_g, glass_delta])
@pytest.mark.parametrize(("group", "reason"), [(NOBODY, "no_pairs"), (ONE, "too_few_pairs")])
def test_both_groups_must_have_a_spread(effect, group: SampleMoments, reason: str) -> None:
    assert effect(group, SOME, LEVEL) == NotEstimable(reason)
    assert effect(SOME, group, LEVEL) == NotEstimable(reason)


def test_no_spread_is_no_unit() -> None:
    assert cohens_d(ALIKE, ALIKE, LEVEL) == NotEstimable("no_variation")
    assert glass_delta(SOME, ALIKE, LEVEL) == NotEstimable("no_variation")
    assert isinstance(glass_delta(ALIKE, SOME, LEVEL), Estimate)
    assert one_sample_d(ALIKE, LEVEL) == NotEstimable("no_variation")
    assert one_sample_d(SampleMoments(6, 100.0, 1e-12), LEVEL) == NotEstimable("no_variation")
    same_change = PairedMoments(6, 40.0, 50.0, 90.0, 90.0, 90.0)
    assert repeated_measures_d(same_change, "b", LEVEL) == NotEstimable("no_variation")
    same_baseline = PairedMoments(6, 40.0, 50.0, 0.0, 90.0, 0.0)
    assert repeated_measures_d(same_baseline, "b", LEVEL) == NotEstimable("no_variation")


@pytest.mark.parametrize(("group", "reason"), [(NOBODY, "no_pairs"), (ONE, "too_few_pairs")])
def test_one_sample_needs_a_spread(group: SampleMoments, reason: str) -> None:
    assert one_sample_d(group, LEVEL) == NotEstimable(reason)


@pytest.mark.parametrize(("moments", "reason"), [(NO_PAIRS, "no_pairs"), (ONE_PAIR, "too_few_pairs")])
def test_repeated_measures_need_a_spread(moments: PairedMoments, reason: str) -> None:
    assert repeated_measures_d(moments, "av", LEVEL) == NotEstimable(reason)
    assert mean_change_in_known_sd(moments, 20.0, LEVEL) == NotEstimable(reason)


def test_the_correction_needs_two_degrees_of_freedom() -> None:
    assert isinstance(one_sample_d(TWO, LEVEL), Estimate)
    assert one_sample_d(TWO, LEVEL, is_corrected=True) == NotEstimable("too_few_pairs")
    assert isinstance(repeated_measures_d(TWO_PAIRS, "b", LEVEL), Estimate)
    assert repeated_measures_d(TWO_PAIRS, "b", LEVEL, is_corrected=True) == NotEstimable("too_few_pairs")
    lonely = SampleMoments(2, 50.0, 0.0)
    assert hedges_g(TWO, lonely, LEVEL, pooled=False) == NotEstimable("too_few_pairs")
    with pytest.raises(ValueError, match="degree of freedom"):
        hedges_correction(1.0)


@given(st.floats(1.01, 1e4))
def test_the_correction_shrinks_and_fades(df: float) -> None:
    assert 0.0 < hedges_correction(df) < 1.0
    assert hedges_correction(df) < hedges_correction(2.0 * df)
    assert hedges_correction(df) == pytest.approx(1.0 - 3.0 / (4.0 * df - 1.0), abs=1.0 / df**2 + 1e-10)


@settings(max_examples=30)
@given(samples, samples, st.booleans())
def test_the_order_of_the_groups_is_the_sign(a: SampleMoments, b: SampleMoments, pooled: bool) -> None:
    for effect in (cohens_d, hedges_g):
        forth, back = effect(a, b, LEVEL, pooled=pooled), effect(b, a, LEVEL, pooled=pooled)
        assert numbers(back) == pytest.approx(negated(forth), rel=1e-9, abs=1e-9)


@settings(max_examples=30)
@given(samples, samples, st.floats(0.1, 10.0), st.floats(-50.0, 50.0))
def test_a_standardised_effect_has_no_unit(
    a: SampleMoments, b: SampleMoments, scale: float, shift: float
) -> None:
    def rescaled(m: SampleMoments) -> SampleMoments:
        return SampleMoments(m.n, shift + scale * m.mean, scale**2 * m.variance)

    for effect in (cohens_d, glass_delta):
        assert numbers(effect(rescaled(a), rescaled(b), LEVEL)) == pytest.approx(
            numbers(effect(a, b, LEVEL)), rel=1e-6, abs=1e-9
        )


@settings(max_examples=30)
@given(samples)
def test_mirrored_scores_mirror_the_effect(moments: SampleMoments) -> None:
    mirrored = SampleMoments(moments.n, -moments.mean, moments.variance)
    assert numbers(one_sample_d(mirrored, LEVEL)) == pytest.approx(
        negated(one_sample_d(moments, LEVEL)), abs=1e-12
    )


@given(pairs(), kinds, st.booleans())
def test_mirrored_pairs_mirror_the_effect(moments: PairedMoments, kind, is_corrected: bool) -> None:
    mirrored = PairedMoments(
        moments.n,
        -moments.mean_baseline,
        -moments.mean_follow_up,
        moments.variance_baseline,
        moments.variance_follow_up,
        moments.covariance,
    )
    forth = repeated_measures_d(moments, kind, LEVEL, is_corrected=is_corrected)
    back = repeated_measures_d(mirrored, kind, LEVEL, is_corrected=is_corrected)
    assert numbers(back) == pytest.approx(negated(forth), abs=1e-12)


@given(pairs(), st.floats(1.0, 50.0))
def test_a_known_unit_only_divides(moments: PairedMoments, sd: float) -> None:
    points = numbers(mean_change(moments, LEVEL))
    assert numbers(mean_change_in_known_sd(moments, sd, LEVEL)) == pytest.approx(
        tuple(p / sd for p in points)
    )


@pytest.mark.parametrize("sd", [0.0, -1.0, float("nan"), float("inf")])
def test_a_known_unit_is_above_zero(sd: float) -> None:
    with pytest.raises(ValueError, match="standard deviation"):
        mean_change_in_known_sd(TWO_PAIRS, sd, LEVEL)


def test_equal_variances_without_correlation_agree() -> None:
    moments = PairedMoments(40, 40.0, 50.0, 100.0, 100.0, 0.0)
    points = {kind: repeated_measures_d(moments, kind, LEVEL).estimate for kind in ("av", "rm", "b")}
    assert points == pytest.approx({"av": 1.0, "rm": 1.0, "b": 1.0})


@pytest.mark.parametrize("t", [0.0, 1.0, -3.0, 12.0, 200.0])
@pytest.mark.parametrize("n", [2, 5, 30, 2000])
def test_the_limits_put_t_in_the_tails(n: int, t: float) -> None:
    result = one_sample_d(SampleMoments(n, t, float(n)), LEVEL)
    lower, upper = (limit * n**0.5 for limit in numbers(result)[1:])
    assert float(nct.sf(t, n - 1, lower)) == pytest.approx(0.025, abs=1e-6)
    assert float(nct.cdf(t, n - 1, upper)) == pytest.approx(0.025, abs=1e-6)


def test_a_run_never_pays_for_scipy_stats() -> None:
    program = """
import sys
from pipelines.estimators.mean import SampleMoments, welch_difference
from pipelines.estimators.proportion import wilson_interval
from pipelines.estimators.standardised import hedges_g
groups = SampleMoments(20, 1.0, 2.0), SampleMoments(30, 2.0, 3.0)
hedges_g(*groups, 0.95), welch_difference(*groups, 0.95), wilson_interval(3, 9, 0.95)
assert "scipy.special" in sys.modules
assert "scipy.stats" not in sys.modules and "scipy.optimize" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
