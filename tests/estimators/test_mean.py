"""Means, changes and differences: edges, closed forms and invariants."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.estimators.mean import PairedMoments, SampleMoments, mean, mean_change, welch_difference
from pipelines.estimators.result import Estimate, NotEstimable

LEVEL = 0.95
NOBODY = SampleMoments(0, None, None)
ONE = SampleMoments(1, 50.0, None)
ALIKE = SampleMoments(6, 50.0, 0.0)
SOME = SampleMoments(6, 50.0, 90.0)

means = st.floats(-100.0, 100.0)
samples = st.builds(SampleMoments, n=st.integers(2, 5000), mean=means, variance=st.floats(1e-3, 1e4))


def paired(scores: list[tuple[int, int]]) -> PairedMoments:
    n = len(scores)
    before, after = (math.fsum(s[i] for s in scores) / n for i in (0, 1))

    def spread(i: int, j: int) -> float:
        centres = (before, after)
        return math.fsum((s[i] - centres[i]) * (s[j] - centres[j]) for s in scores) / (n - 1)

    return PairedMoments(n, before, after, spread(0, 0), spread(1, 1), spread(0, 1))


@pytest.mark.parametrize(
    ("moments", "reason"), [(NOBODY, "no_pairs"), (ONE, "too_few_pairs"), (ALIKE, "no_variation")]
)
def test_no_number_without_grounds(moments: SampleMoments, reason: str) -> None:
    assert mean(moments, LEVEL) == NotEstimable(reason)


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        (PairedMoments(0, None, None, None, None, None), "no_pairs"),
        (PairedMoments(1, 40.0, 52.0, None, None, None), "too_few_pairs"),
        (paired([(11, 16), (37, 42), (93, 98)]), "no_variation"),
    ],
)
def test_no_change_without_grounds(pairs: PairedMoments, reason: str) -> None:
    assert mean_change(pairs, LEVEL) == NotEstimable(reason)


@pytest.mark.parametrize(
    ("other", "reason"), [(NOBODY, "no_pairs"), (ONE, "too_few_pairs"), (ALIKE, "no_variation")]
)
def test_no_difference_without_grounds(other: SampleMoments, reason: str) -> None:
    assert welch_difference(other, ALIKE, LEVEL) == NotEstimable(reason)
    assert welch_difference(ALIKE, other, LEVEL) == NotEstimable(reason)


def test_one_group_may_be_alike() -> None:
    one_sided = welch_difference(SOME, ALIKE, LEVEL)
    alone = mean(SOME, LEVEL)
    assert isinstance(one_sided, Estimate) and isinstance(alone, Estimate)
    assert one_sided.upper - one_sided.lower == pytest.approx(alone.upper - alone.lower)


@pytest.mark.parametrize(
    "numbers",
    [
        (-1, None, None),
        (0, 1.0, None),
        (1, None, None),
        (1, 1.0, 0.0),
        (2, 1.0, None),
        (2, 1.0, -1.0),
        (2, math.nan, 1.0),
    ],
)
def test_moments_that_contradict_themselves(numbers: tuple[int, float | None, float | None]) -> None:
    with pytest.raises(ValueError):
        SampleMoments(*numbers)


@pytest.mark.parametrize("covariance", [None, 4.1, -4.1, math.nan])
def test_a_covariance_that_cannot_be(covariance: float | None) -> None:
    with pytest.raises(ValueError):
        PairedMoments(5, 0.0, 0.0, 4.0, 4.0, covariance)


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=2, max_size=30))
def test_change_from_moments_is_change_from_scores(scores: list[tuple[int, int]]) -> None:
    pairs = paired(scores)
    changes = [after - before for before, after in scores]
    centre = math.fsum(changes) / len(changes)
    variance = math.fsum((c - centre) ** 2 for c in changes) / (len(changes) - 1)
    assert pairs.mean_change == pytest.approx(centre, abs=1e-9)
    assert pairs.variance_change == pytest.approx(variance, abs=1e-8)
    assert (pairs.variance_change == 0.0) == (len(set(changes)) == 1)


@given(samples, st.floats(0.8, 0.999))
def test_mirrored_scores_mirror_the_interval(moments: SampleMoments, level: float) -> None:
    result = mean(moments, level)
    mirrored = mean(SampleMoments(moments.n, -moments.mean, moments.variance), level)
    assert (mirrored.estimate, mirrored.lower, mirrored.upper) == (
        -result.estimate,
        -result.upper,
        -result.lower,
    )


@given(samples, st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_the_unit_of_the_score_is_the_unit_of_the_interval(
    moments: SampleMoments, scale: float, shift: float
) -> None:
    result = mean(moments, LEVEL)
    other = mean(SampleMoments(moments.n, shift + scale * moments.mean, scale**2 * moments.variance), LEVEL)
    for number, same in zip(
        (other.estimate, other.lower, other.upper), (result.estimate, result.lower, result.upper), strict=True
    ):
        assert number == pytest.approx(shift + scale * same, rel=1e-9, abs=1e-9)


@given(samples, samples)
def test_the_order_of_the_groups_is_the_sign(a: SampleMoments, b: SampleMoments) -> None:
    forth, back = welch_difference(a, b, LEVEL), welch_difference(b, a, LEVEL)
    assert (back.estimate, back.lower, back.upper) == pytest.approx(
        (-forth.estimate, -forth.upper, -forth.lower)
    )
    assert forth.n == a.n + b.n


@given(samples, st.integers(1, 5000))
def test_more_persons_narrow_the_interval(moments: SampleMoments, more: int) -> None:
    few = mean(moments, LEVEL)
    many = mean(SampleMoments(moments.n + more, moments.mean, moments.variance), LEVEL)
    assert many.upper - many.lower < few.upper - few.lower
