"""Counts of what happened: exact intervals, two counts, and our change against others'."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from pipelines.estimators.poisson import (
    CountRatio,
    dispersion,
    poisson_difference,
    poisson_interval,
    poisson_ratio,
    ratio_against_areas,
    ratio_of_ratios,
)
from pipelines.estimators.result import Estimate, NotEstimable

LEVEL = 0.95
counts = st.integers(0, 3000)
some = st.integers(1, 500)
thousands = st.floats(0.1, 1000)


@given(counts, thousands)
def test_as_much_lies_beyond_either_end(count: int, exposure: float) -> None:
    found = poisson_interval(count, LEVEL, exposure)
    assert found.estimate == count / exposure
    assert poisson.cdf(count, found.upper * exposure) == pytest.approx(0.025, rel=1e-6)
    if count:
        assert poisson.sf(count - 1, found.lower * exposure) == pytest.approx(0.025, rel=1e-6)
    else:
        assert found.lower == 0


@given(some, some, thousands, thousands)
def test_the_interval_of_a_ratio_holds_1_when_p_says_so(now: int, before: int, a: float, b: float) -> None:
    found = poisson_ratio(now, before, LEVEL, a, b)
    assert isinstance(found, CountRatio)
    assert found.lower < found.ratio < found.upper
    if abs(found.p_value - 0.05) > 1e-6:
        assert (found.lower < 1 < found.upper) == (found.p_value > 0.05)


@given(some, some)
def test_the_other_way_round_is_the_ratio_turned_over(now: int, before: int) -> None:
    one, other = poisson_ratio(now, before, LEVEL), poisson_ratio(before, now, LEVEL)
    assert isinstance(one, CountRatio) and isinstance(other, CountRatio)
    assert (one.ratio, one.lower, one.upper, one.p_value) == pytest.approx(
        (1 / other.ratio, 1 / other.upper, 1 / other.lower, other.p_value), rel=1e-6
    )


@pytest.mark.parametrize(("now", "before"), [(0, 5), (5, 0), (0, 0)])
def test_nothing_is_no_ratio(now: int, before: int) -> None:
    assert poisson_ratio(now, before, LEVEL) == NotEstimable("none_counted")
    assert ratio_of_ratios((now, before), (9, 9), LEVEL) == NotEstimable("none_counted")
    assert ratio_of_ratios((9, 9), (now, before), LEVEL) == NotEstimable("none_counted")
    assert ratio_against_areas((now, before), [(3, 4)] * 3, LEVEL) == NotEstimable("none_counted")


def test_a_difference_stands_where_one_is_nothing() -> None:
    found = poisson_difference(0, 5, LEVEL)
    assert found.estimate == -5 and found.lower < -5 < found.upper
    assert poisson_difference(0, 0, LEVEL).estimate == 0


@given(some, some, some, some)
def test_our_change_against_anothers(a: int, b: int, c: int, d: int) -> None:
    found = ratio_of_ratios((a, b), (c, d), LEVEL)
    turned = ratio_of_ratios((c, d), (a, b), LEVEL)
    assert isinstance(found, CountRatio) and isinstance(turned, CountRatio)
    assert found.lower < found.ratio < found.upper
    assert found.ratio == pytest.approx(a * d / (b * c))
    assert (found.lower, found.upper) == pytest.approx((1 / turned.upper, 1 / turned.lower), rel=1e-6)
    if abs(found.p_value - 0.05) > 1e-6:
        assert (found.lower < 1 < found.upper) == (found.p_value > 0.05)


def test_areas_that_change_alike_vary_no_more_than_chance() -> None:
    assert dispersion([(10, 20), (20, 40), (5, 10)]) == 1
    assert dispersion([(10, 20)]) == 1
    assert dispersion([(0, 0), (0, 0)]) == 1
    # Expected 15 and 15 in both: (5^2 / 15) * 4 over one degree of freedom; nobody says nothing.
    assert dispersion([(10, 20), (20, 10), (0, 0)]) == pytest.approx(100 / 15)


def test_areas_that_differ_widen_the_interval() -> None:
    alike = ratio_against_areas((41, 57), [(50, 50)] * 4, LEVEL)
    differing = ratio_against_areas((41, 57), [(20, 80), (80, 20), (50, 50), (50, 50)], LEVEL)
    assert isinstance(alike, CountRatio) and isinstance(differing, CountRatio)
    assert alike.ratio == differing.ratio
    assert differing.lower < alike.lower < alike.upper < differing.upper


@pytest.mark.parametrize("areas", [[], [(3, 4)], [(3, 4), (5, 6)]])
def test_two_areas_do_not_tell_how_areas_differ(areas: list[tuple[int, int]]) -> None:
    assert ratio_against_areas((41, 57), areas, LEVEL) == NotEstimable("too_few_areas")


@pytest.mark.parametrize("mean", [1.0, 5.0, 41.0, 300.0])
def test_the_interval_of_a_count_holds_the_truth(mean: float) -> None:
    """In at least 95 of 100, worked out over every count there may be."""
    chance = {count: poisson.pmf(count, mean) for count in range(int(mean + 12 * math.sqrt(mean)) + 12)}
    held = sum(p for count, p in chance.items() if _holds(poisson_interval(count, LEVEL), mean))
    assert held >= LEVEL


@pytest.mark.parametrize(("now", "before"), [(41.0, 57.0), (8.0, 8.0), (120.0, 100.0)])
def test_the_intervals_of_two_counts_hold_the_truth(now: float, before: float) -> None:
    rng = np.random.default_rng(57)
    drawn = list(zip(rng.poisson(now, 2000).tolist(), rng.poisson(before, 2000).tolist(), strict=True))
    ratios = [poisson_ratio(a, b, LEVEL) for a, b in drawn]
    told = [r for r in ratios if isinstance(r, CountRatio)]
    assert np.mean([r.lower <= now / before <= r.upper for r in told]) >= 0.94
    differences = [poisson_difference(a, b, LEVEL) for a, b in drawn]
    assert np.mean([_holds(d, now - before) for d in differences]) >= 0.94


def test_our_change_against_areas_that_differ_is_found_by_chance_as_seldom_as_said() -> None:
    """Twelve neighbours whose changes vary beyond chance, and ours as one of them."""
    rng = np.random.default_rng(2019)
    found = []
    for _ in range(1000):
        change = np.exp(rng.normal(0, 0.25, 13))
        before, now = rng.poisson(60, 13), rng.poisson(60 * change)
        pairs = list(zip(now.tolist(), before.tolist(), strict=True))
        result = ratio_against_areas(pairs[0], pairs[1:], LEVEL)
        assert isinstance(result, CountRatio)
        plain = ratio_of_ratios(pairs[0], (sum(p[0] for p in pairs[1:]), sum(p[1] for p in pairs[1:])), LEVEL)
        assert isinstance(plain, CountRatio)
        found.append((result.lower > 1 or result.upper < 1, plain.lower > 1 or plain.upper < 1))
    widened, taken_as_chance_alone = np.mean(found, axis=0)
    assert widened < 0.08
    assert taken_as_chance_alone > 0.12


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((-1, 0.95, 1.0), "negative"), ((3, 0.95, 0.0), "exposure"), ((3, 0.95, math.inf), "exposure"),
     ((3, 1.0, 1.0), "level")],
)  # fmt: skip
def test_refuses_what_is_no_count(arguments: tuple[int, float, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        poisson_interval(*arguments)


def _holds(result: Estimate, truth: float) -> bool:
    return result.lower <= truth <= result.upper
