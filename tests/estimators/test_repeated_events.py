"""Rates of events that persons may have several of: exact where none has, and wide enough where some do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipelines.estimators.poisson import poisson_difference, poisson_interval
from pipelines.estimators.repeated_events import EventCounts, event_rate, event_rate_difference

numbers = st.lists(st.integers(0, 6), min_size=1, max_size=60)


def counts(events) -> EventCounts:
    return EventCounts(
        len(events), int(np.sum(events)), int(np.sum(np.square(events))), int(np.max(events, initial=0))
    )


@pytest.mark.parametrize("events", [0, 1, 17])
def test_with_at_most_one_each_it_is_the_exact_poisson_interval(events):
    found = event_rate(EventCounts(200, events, events, min(events, 1)), 1000, 0.95)
    exact = poisson_interval(events, 0.95, exposure=0.2)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (exact.estimate, exact.lower, exact.upper)
    )
    two = EventCounts(100, 4, 4, 1)
    found = event_rate_difference(EventCounts(200, events, events, min(events, 1)), two, 1000, 0.95)
    exact = poisson_difference(events, 4, 0.95, 0.2, 0.1)
    assert (found.lower, found.upper) == pytest.approx((exact.lower, exact.upper))


@given(numbers)
def test_repeats_widen_and_never_narrow(events):
    found = event_rate(counts(events), 1, 0.95)
    single = poisson_interval(sum(events), 0.95, exposure=len(events))
    assert found.estimate == pytest.approx(np.mean(events))
    assert found.lower <= single.lower * (1 + 1e-9)
    assert found.upper >= single.upper * (1 - 1e-9)


def test_numbers_that_contradict_each_other_are_refused():
    for wrong in ((0, 0, 0, 0), (5, 3, 2, 1), (5, 3, 9, 2), (5, 0, 1, 0)):
        with pytest.raises(ValueError, match="no persons have events"):
            EventCounts(*wrong)


def test_it_covers_where_some_return_again_and_again():
    """One person in ten has crises, and then three on average: the exact Poisson interval would not cover."""
    rng = np.random.default_rng(11)
    true, runs = 0.1 * 3, 1000
    covered = naive = 0
    for _ in range(runs):
        events = rng.binomial(1, 0.1, 300) * (1 + rng.poisson(2, 300))
        found = event_rate(counts(events), 1, 0.95)
        covered += found.lower <= true <= found.upper
        single = poisson_interval(int(events.sum()), 0.95, exposure=300)
        naive += single.lower <= true <= single.upper
    assert covered / runs >= 0.94
    assert naive / runs < 0.85


def test_the_gamma_quantiles_are_scipys():
    """As in R: qgamma(shape = mean^2 / variance, scale = variance / mean)."""
    found = event_rate(EventCounts(500, 23, 41, 4), 1000, 0.95)
    below = stats.gamma(23**2 / 41, scale=41 / 23).ppf(0.025)
    above = stats.gamma(27**2 / 57, scale=57 / 27).ppf(0.975)
    assert (found.lower, found.upper) == pytest.approx((2 * below, 2 * above))
