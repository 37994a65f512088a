"""Medians by order statistics: against scipy's binomial, by coverage, and the places by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipelines.estimators.median import Values, median_difference, median_interval, median_variance
from pipelines.estimators.result import Estimate, NotEstimable

samples = st.lists(st.integers(0, 60), min_size=6, max_size=80)


def values(sample) -> Values:
    return Values.of(Counter(sample))


def estimate(result) -> Estimate:
    assert isinstance(result, Estimate)
    return result


@given(samples)
def test_the_median_is_numpys_and_lies_in_its_interval(sample):
    found = estimate(median_interval(values(sample), 0.95))
    assert found.estimate == np.median(sample)
    assert found.n == len(sample)
    assert {found.lower, found.upper} <= {*sample}


@pytest.mark.parametrize("n", [6, 7, 9, 20, 51, 200])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_places_are_the_innermost_that_hold_the_level(n, level):
    found = estimate(median_interval(values(range(1, n + 1)), level))
    places = [
        place for place in range(1, n // 2 + 1) if stats.binom.cdf(place - 1, n, 0.5) <= (1 - level) / 2
    ]
    assert (found.lower, found.upper) == (max(places), n + 1 - max(places))


def test_places_by_hand():
    """n = 10: P(X <= 1) = 11/1024 = 0.011, P(X <= 2) = 56/1024 = 0.055: the second and the ninth."""
    found = estimate(median_interval(values([3, 1, 4, 1, 5, 9, 2, 6, 5, 3]), 0.95))
    assert (found.estimate, found.lower, found.upper) == (3.5, 1, 6)


def test_five_persons_hold_no_interval():
    assert median_interval(values(range(5)), 0.95) == NotEstimable("too_few_persons")


def test_a_histogram_without_anybody_is_refused():
    for counts in ({}, {3: 0}):
        with pytest.raises(ValueError, match="values that were seen"):
            Values.of(counts)


def test_equal_values_vary_in_nothing():
    same = values([14] * 30)
    assert median_variance(same) == 0
    assert median_difference(same, same, 0.95) == NotEstimable("no_variation")
    assert estimate(median_interval(same, 0.95)).lower == 14
    assert median_difference(same, values([14]), 0.95) == NotEstimable("too_few_persons")


@given(samples, samples)
def test_a_difference_the_other_way_is_its_mirror(a, b):
    there, back = (median_difference(values(x), values(y), 0.95) for x, y in ((a, b), (b, a)))
    if isinstance(there, Estimate):
        assert (there.lower, there.upper) == (-estimate(back).upper, -estimate(back).lower)
    else:
        assert there == back


def test_intervals_of_skewed_days_cover():
    """Waits as they are: skewed, whole days, many of them equal."""
    rng = np.random.default_rng(7)
    law = stats.nbinom(2, 0.04)
    runs, hits, differences = 500, 0, 0
    for _ in range(runs):
        a, b = law.rvs(60, random_state=rng), law.rvs(45, random_state=rng)
        found = estimate(median_interval(values(a), 0.95))
        hits += found.lower <= law.median() <= found.upper
        found = estimate(median_difference(values(a), values(b), 0.95))
        differences += found.lower <= 0 <= found.upper
    assert hits / runs >= 0.93
    assert 0.93 <= differences / runs <= 0.99
