"""Wilson's and Newcombe's intervals: edges and invariants."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.estimators.proportion import newcombe_difference, wilson_interval
from pipelines.estimators.result import Estimate, NotEstimable

LEVEL = 0.95

shares = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.floats(0.5, 0.999)


def test_nobody_has_no_share() -> None:
    assert wilson_interval(0, 0, LEVEL) == NotEstimable("no_pairs")
    assert newcombe_difference(0, 0, 3, 9, LEVEL) == NotEstimable("no_pairs")
    assert newcombe_difference(3, 9, 0, 0, LEVEL) == NotEstimable("no_pairs")


@pytest.mark.parametrize(
    "arguments",
    [{"count": 6, "n": 5}, {"count": -1, "n": 5}, {"count": 0, "n": -5}, {"count": math.nan, "n": 5}],
)
def test_a_count_lies_within_n(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="between 0 and n"):
        wilson_interval(level=LEVEL, **arguments)


@pytest.mark.parametrize("n_effective", [0.0, -3.0, math.nan, math.inf])
def test_an_effective_size_is_above_zero(n_effective: float) -> None:
    with pytest.raises(ValueError, match="effective"):
        wilson_interval(3, 5, LEVEL, n_effective=n_effective)


@given(shares, levels)
def test_stays_between_nobody_and_everybody(share: tuple[int, int], level: float) -> None:
    count, n = share
    result = wilson_interval(count, n, level)
    assert 0.0 <= result.lower <= result.estimate <= result.upper <= 1.0
    assert result.estimate == count / n
    assert (result.lower == 0.0) == (count == 0)
    assert (result.upper == 1.0) == (count == n)


@given(shares, st.tuples(levels, levels).map(sorted))
def test_more_confidence_is_a_wider_interval(share: tuple[int, int], pair: list[float]) -> None:
    narrow, wide = (wilson_interval(*share, level) for level in pair)
    assert wide.lower <= narrow.lower and narrow.upper <= wide.upper


@given(shares, st.floats(0.05, 1.0))
def test_fewer_effective_persons_widen_the_interval(share: tuple[int, int], efficiency: float) -> None:
    count, n = share
    plain = wilson_interval(count, n, LEVEL)
    weighted = wilson_interval(count, n, LEVEL, n_effective=efficiency * n)
    assert weighted.lower <= plain.lower + 1e-12 and plain.upper <= weighted.upper + 1e-12
    assert weighted.estimate == plain.estimate
    assert (weighted.n, weighted.n_effective) == (n, efficiency * n)


def test_an_effective_size_equal_to_n_changes_nothing_but_the_record() -> None:
    plain = wilson_interval(7, 20, LEVEL)
    assert wilson_interval(7, 20, LEVEL, n_effective=20.0) == Estimate(
        plain.estimate, plain.lower, plain.upper, 20, n_effective=20.0
    )


@given(shares, levels)
def test_the_share_without_is_the_rest(share: tuple[int, int], level: float) -> None:
    count, n = share
    having, lacking = wilson_interval(count, n, level), wilson_interval(n - count, n, level)
    assert (lacking.lower, lacking.upper) == pytest.approx(
        (1.0 - having.upper, 1.0 - having.lower), abs=1e-12
    )


@given(shares, shares)
def test_the_order_of_the_groups_is_the_sign(a: tuple[int, int], b: tuple[int, int]) -> None:
    forth, back = newcombe_difference(*a, *b, LEVEL), newcombe_difference(*b, *a, LEVEL)
    assert (back.estimate, back.lower, back.upper) == (-forth.estimate, -forth.upper, -forth.lower)
    assert -1.0 <= forth.lower <= forth.upper <= 1.0
