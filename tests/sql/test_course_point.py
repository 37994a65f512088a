"""The course of an intervention's persons: one value per person and period, never one person alone."""

from datetime import timedelta

import pytest

from tests.sql.conftest import START

COURSE = """
    SELECT month_number, n, p10_score, p50_score, p90_score, reason_no_scores
    FROM intervention.course_point WHERE intervention_id = 'support' ORDER BY month_number
"""


@pytest.fixture
def tables():
    return ("intervention.course_point",)


def person(name, **changes):
    return {"person_id": name.encode(), **changes}


def episode(name, **changes):
    return person(name, episode_id=name, **changes)


def measured(name, day, score, **changes):
    return person(name, measured_date=START + timedelta(days=day), score=float(score), **changes)


def course(given, people, measurements, **changes):
    connection = given(
        person=[person(name) for name in people],
        episode=[episode(name, **changes) for name in people],
        measurement=measurements,
    )
    return connection.execute(COURSE).fetchall()


def months(found):
    return [(row[0], row[1]) for row in found]


def test_a_measurement_lies_in_the_period_whose_middle_is_nearest(given):
    # Three months are 91.3 days: the period of the start ends 45.6 days after it.
    days = {"a": (0, 45), "b": (-46, 0, 46), "c": (0, 136), "d": (0, 137)}
    points = [measured(name, day, 50) for name, of in days.items() for day in of]
    assert months(course(given, days, points)) == [(-3, 1), (0, 4), (3, 2), (6, 1)]


def test_a_person_has_one_value_in_a_period_the_nearest_to_its_middle(given):
    people = [f"p{i:02}" for i in range(20)]
    points = [m for name in people for m in (measured(name, 3, 40), measured(name, -4, 90))]
    # As near after the middle as before it: the earlier.
    points += [m for name in people for m in (measured(name, 86, 10), measured(name, 96, 70))]
    points += [m for name in people for m in (measured(name, 178, 60), measured(name, 188, 20))]
    found = course(given, people, points)
    assert months(found) == [(0, 20), (3, 20), (6, 20)]
    assert [row[3] for row in found] == [40, 10, 60]


def test_a_percentile_is_the_mean_of_the_five_nearest_persons(given):
    people = [f"p{i:02}" for i in range(21)]
    found = course(given, people, [measured(name, 0, i * i / 5) for i, name in enumerate(people)])
    # Places 2, 10 and 18 of 0 to 20, each with the two on either side.
    around = [sum(i * i / 5 for i in range(place - 2, place + 3)) / 5 for place in (2, 10, 18)]
    assert found[0][2:5] == pytest.approx(around)


@pytest.mark.parametrize(("count", "reason"), [(19, "too_few_persons"), (20, None)])
def test_under_the_minimum_there_are_no_scores_but_a_reason(given, count, reason):
    people = [f"p{i:02}" for i in range(count)]
    ((_, n, low, middle, high, found),) = course(given, people, [measured(name, 0, 50) for name in people])
    assert (n, found) == (count, reason)
    assert {low, middle, high} == ({None} if reason else {50})


def test_no_percentile_changes_by_more_than_a_fifth_of_one_persons_score(given):
    people = [f"p{i:02}" for i in range(20)]
    alike = [measured(name, 0, 50) for name in people]
    ((*_, ordinary, _),) = course(given, people, alike)
    ((*_, lifted, _),) = course(given, people, [*alike[:-1], measured(people[-1], 0, 100)])
    assert lifted - ordinary == pytest.approx(50 / 5)


def test_who_is_in_it(given):
    connection = given(
        person=[person(name) for name in "abcde"],
        episode=[
            episode("a"),
            episode("b", ended_date=START + timedelta(days=30)),
            episode("c", started_date=START - timedelta(days=2000)),
            episode("d"),
            # Again in the same intervention, in the window: nobody counts twice.
            episode("e"),
            person("e", episode_id="again", started_date=START + timedelta(days=10)),
        ],
        measurement=[
            measured("a", 0, 50),
            measured("a", 90, 50, version="other"),  # another version is another scale
            measured("a", 182, 50, respondent="staff"),
            measured("b", 0, 50),
            measured("b", 151, 50),  # too long after the end
            measured("c", 0, 50),  # not in the window
            measured("d", 90, 50),  # no baseline
            measured("e", 0, 50),
            measured("e", 95, 50),
        ],
    )
    assert months(connection.execute(COURSE).fetchall()) == [(0, 3), (3, 1)]


def test_only_the_primary_outcome_has_a_course(given):
    connection = given(
        person=[person("a")], episode=[episode("a")], measurement=[measured("a", 0, 50, instrument_id="DOWN")]
    )
    assert connection.execute("SELECT COUNT(*) FROM intervention.course_point").fetchone() == (0,)
