"""Observed less expected for a group (method, section 4, design D2)."""

import math

import pytest
import scipy.stats

from pipelines.estimation import expected
from tests.sql.test_expected_change import catalogue, minimum, pair, person, reference  # noqa: F401


@pytest.fixture
def tables():
    return ("intervention.expected_moment", "intervention.change_moment")


@pytest.fixture
def references():
    return (reference(),)


PEOPLE = {b"a": (40, 53), b"b": (50, 60), b"c": (60, 58), b"d": (30, 45)}


def group(given, people=PEOPLE, **unlike):
    return given(
        person=[person(name) | unlike.get(name.decode(), {}) for name in people],
        episode=[{"episode_id": name.decode(), "person_id": name} for name in people],
        measurement=[row for name, scores in people.items() for row in pair(*scores, name=name)],
    )


def of(connection, kind):
    return next(
        row
        for row in expected.results(connection, 0.95)
        if row["comparator"] == kind and row["intervention_id"] == "support"
    )


def test_the_mean_and_both_errors_by_hand(given):
    """Expected 60 + 0.6 (b - 60): 48, 54, 60, 42; less that: 5, 6, -2, 3, mean 3, variance 38 / 3."""
    row = of(group(given), "without_support")
    own = 38 / 3 / 4
    # Mean baseline 45: ((1 - .6) 2)^2 + (15 (1 - .36))^2 / 64.
    shared = 0.8**2 + (15 * 0.64) ** 2 / 64
    reach = scipy.stats.t.ppf(0.975, 3) * math.sqrt(own + shared)
    assert row["estimate"] == pytest.approx(3)
    assert (row["lower"], row["upper"]) == pytest.approx((3 - reach, 3 + reach))
    assert (row["n"], row["design"], row["not_estimable_reason"]) == (4, "D2", None)


def test_more_people_do_not_mend_the_reference(given):
    many = {f"{i:02}".encode(): (45, 55 + i % 3) for i in range(60)}
    row = of(group(given, many), "without_support")
    half = (row["upper"] - row["lower"]) / 2
    assert half > 1.96 * math.sqrt(0.8**2 + (15 * 0.64) ** 2 / 64)


@pytest.mark.parametrize(
    ("references", "unlike", "reason"),
    [
        ((), {}, "no_expectation"),
        ((reference(horizon_months=12),), {}, "no_expectation"),
        # One of five without a target group would be told by subtraction from the pairs.
        ((reference(),), {"d": {"target_group": None}}, "few_without_expectation"),
    ],
)
def test_without_an_expectation_there_is_a_reason(given, unlike, reason):
    row = of(group(given, **unlike), "without_support")
    assert (row["estimate"], row["not_estimable_reason"]) == (None, reason)


def test_those_without_an_expectation_are_left_out_where_they_are_enough(given):
    people = {f"{i:02}".encode(): (40, 53 + i % 2) for i in range(12)}
    unlike = {f"{i:02}": {"target_group": None} for i in range(5)}
    row = of(group(given, people, **unlike), "without_support")
    assert row["n"] == 7
    assert row["not_estimable_reason"] is None


def test_nobody_at_all_is_said(given):
    assert of(given(person=[person()], episode=[{}]), "usual_course")["not_estimable_reason"] == "no_pairs"
