"""The written rule: what a figure says of its target, its status and its trend."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.estimation.indicators.judgement import Baseline, Target, chosen, status, trend
from pipelines.estimators.result import Estimate, NotEstimable

UNKNOWN = NotEstimable("no_pairs")
numbers = st.floats(-100, 100)


def interval(lower, upper):
    return Estimate((lower + upper) / 2, lower, upper, 50)


def target(value, comparison="at_least", by=date(2030, 12, 31)):
    return Target(comparison, value, None, by)


@pytest.mark.parametrize(
    ("lower", "upper", "at_least", "at_most"),
    [
        (0.20, 0.30, "reached", "cannot_tell"),  # the limit itself keeps it
        (0.10, 0.20, "cannot_tell", "reached"),
        (0.21, 0.30, "reached", "not_reached"),
        (0.10, 0.19, "not_reached", "reached"),
        (0.20, 0.20, "reached", "reached"),  # a census
        (0.19, 0.19, "not_reached", "reached"),
    ],
)
def test_a_target_is_judged_by_the_whole_interval(lower, upper, at_least, at_most):
    assert target(0.2).verdict(interval(lower, upper)) == at_least
    assert target(0.2, "at_most").verdict(interval(lower, upper)) == at_most


def test_what_was_not_measured_cannot_be_told():
    assert target(0.2).verdict(None) == target(0.2).verdict(UNKNOWN) == "cannot_tell"


@pytest.mark.parametrize(
    ("lower", "upper", "higher", "lower_is_better"),
    [
        (0.01, 0.2, "on_track", "off_track"),
        (0.0, 0.2, "attention", "attention"),
        (-0.1, 0.1, "attention", "attention"),
        (-0.2, -0.01, "off_track", "on_track"),
    ],
)
def test_without_a_target_the_change_decides(lower, upper, higher, lower_is_better):
    change, found = interval(lower, upper), interval(0, 1)
    judged = [
        status(found, None, Baseline(2023, 0.4), change, 2025, better)
        for better in ("higher", "lower", "none")
    ]
    assert judged == [higher, lower_is_better, None]


def test_there_is_a_first_time_and_there_are_figures_that_say_nothing():
    assert status(interval(0, 1), None, None, None, 2023, "higher") == "first_measurement"
    assert status(UNKNOWN, None, None, None, 2023, "higher") == "cannot_tell"
    assert status(interval(0, 1), None, Baseline(2023, 0.4), UNKNOWN, 2025, "higher") == "cannot_tell"


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [(60, 70, "on_track"), (61, 70, "on_track"), (59, 70, "attention"), (50, 59, "off_track")],
)
def test_a_target_ahead_is_held_against_the_way_to_it(lower, upper, expected):
    """From 50 in 2020 to 70 in 2030 it is 60 in 2025."""
    ahead = target(70)
    assert status(interval(lower, upper), ahead, Baseline(2020, 50), interval(1, 2), 2025, "none") == expected


def test_a_figure_answers_to_the_yearly_target_else_the_next_else_the_latest():
    first, last = target(1, by=date(2020, 12, 31)), target(2, by=date(2024, 6, 30))
    assert [chosen([last, first], year) for year in (2019, 2020, 2021, 2024, 2025)] == [
        first, first, last, last, last,
    ]  # fmt: skip
    yearly = target(3, by=None)
    assert chosen([first, yearly], 2019) == yearly
    assert chosen([], 2019) is None


@given(numbers, numbers)
def test_the_trend_is_the_intervals(a, b):
    lower, upper = min(a, b), max(a, b)
    found = trend(Estimate(lower, lower, upper, 9))
    assert found == ("rising" if lower > 0 else "falling" if upper < 0 else "uncertain")
    assert trend(None) is trend(UNKNOWN) is None


@given(numbers, numbers, numbers)
def test_more_is_never_a_worse_verdict(a, b, more):
    lower, upper = min(a, b), max(a, b)
    order = ("not_reached", "cannot_tell", "reached")
    places = [
        order.index(target(0).verdict(Estimate(lower + x, lower + x, upper + x, 9))) for x in (0, abs(more))
    ]
    assert places == sorted(places)
