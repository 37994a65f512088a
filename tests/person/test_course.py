"""Whether one person's change is more than chance: limits, directions, and why it cannot be told."""

from typing import Any

import pytest

from pipelines.catalogue import Catalogue
from pipelines.person.course import Course, courses
from pipelines.person.record import Record
from tests.person.conftest import Given, day, record, scores


def found(small: Catalogue, about: Record) -> dict[tuple[str, str], Course]:
    return {(c.instrument.id, c.respondent): c for c in courses(about, {i.id: i for i in small.instruments})}


def verdict(small: Catalogue, given: Given, points: list[tuple[int, float]], **raw: Any) -> tuple[str, str]:
    judgement = found(small, record(given(**({"episode": [{}], "measurement": scores(points)} | raw))))
    return judgement["UP", "self"].judgement.verdict, judgement["UP", "self"].judgement.reason


# SD 10 and r = 0.5: a standard error of 10, so that 19.6 points may be chance.
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(40, 59, "unclear"), (40, 60, "progress"), (40, 21, "unclear"), (40, 20, "decline")],
)
def test_a_change_is_reliable_only_beyond_the_band(small, given, before, after, expected):
    assert verdict(small, given, [(0, before), (180, after)]) == (expected, "")


def test_where_low_is_best_less_is_progress(small, given):
    points = scores([(0, 60), (180, 40)], instrument_id="DOWN")
    about = record(given(episode=[{"intervention_id": "other"}], measurement=points))
    course = found(small, about)["DOWN", "self"]
    assert course.judgement.verdict == "progress"
    assert course.judgement.band is not None
    assert course.judgement.band.lower == pytest.approx(60 - 19.6, abs=0.001)
    assert course.judgement.band.upper == pytest.approx(60 + 19.6, abs=0.001)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([(180, 60)], "no_baseline"),
        ([(0, 40)], "no_later"),
        ([(0, 40), (27, 90)], "no_later"),
    ],
)
def test_what_cannot_be_judged_says_why(small, given, points, reason):
    assert verdict(small, given, points) == ("not_estimable", reason)


def test_four_weeks_are_enough(small, given):
    assert verdict(small, given, [(0, 40), (28, 90)]) == ("progress", "")


def test_an_unknown_error_judges_nobody(small, given):
    points = scores([(0, 40), (180, 90)], instrument_id="UNKNOWN")
    about = record(given(episode=[{"intervention_id": "unmeasured"}], measurement=points))
    course = found(small, about)["UNKNOWN", "self"]
    assert (course.judgement.reason, course.judgement.band) == ("no_norm", None)


def test_a_measurement_outside_any_support_is_drawn_and_not_judged(small, given):
    assert verdict(small, given, [(0, 40), (180, 90)], episode=[]) == ("not_estimable", "no_support")


def test_a_measurement_long_after_support_is_not_its_own(small, given):
    """The end follow-up's window is 120 days, the last of them included."""
    ended = [{"ended_date": day(100)}]
    points = [(0, 40), (90, 45), (220, 90)]
    assert verdict(small, given, points, episode=ended) == ("progress", "")
    assert verdict(small, given, [*points[:2], (221, 90)], episode=ended) == ("unclear", "")


def test_the_latest_support_is_judged_and_the_earlier_kept(small, given):
    episodes = [
        {"episode_id": "old", "ended_date": day(200)},
        {"episode_id": "new", "started_date": day(400)},
    ]
    points = scores([(0, 20), (180, 70), (400, 70), (600, 72)])
    course = found(small, record(given(episode=episodes, measurement=points)))["UP", "self"]
    assert [(s.episode_id, s.judgement.verdict) for s in course.supports] == [
        ("new", "unclear"),
        ("old", "progress"),
    ]


def test_respondents_never_mix(small, given):
    mine, parents = scores([(0, 40), (180, 41)]), scores([(0, 10), (180, 90)], respondent="parent")
    about = found(small, record(given(episode=[{}], measurement=mine + parents)))
    assert about["UP", "self"].judgement.verdict == "unclear"
    assert about["UP", "parent"].judgement.reason == "no_support"
    assert [score for _, score in about["UP", "self"].points] == [40, 41]


def test_a_method_that_expects_regression_moves_the_band(small, given):
    """EN with r = 0.5 and a mean of 50: from 20, chance alone brings 15 points."""
    connection = given(episode=[{}], measurement=scores([(0, 20), (180, 40)]))
    connection.execute(
        "UPDATE individual.measurement_error SET chance_change_at_zero = 25, chance_change_per_point = -0.5,"
        " standard_error_of_difference = 5 WHERE instrument_id = 'UP'"
    )
    judgement = found(small, record(connection))["UP", "self"].judgement
    assert judgement.verdict == "unclear"
    assert judgement.band is not None
    assert (judgement.band.lower + judgement.band.upper) / 2 == pytest.approx(35)


def test_percentages_have_no_band(small, given):
    connection = given(episode=[{}], measurement=scores([(0, 20), (180, 90)]))
    connection.execute("UPDATE ref.setting SET reliable_change_method = 'percentage'")
    judgement = found(small, record(connection))["UP", "self"].judgement
    assert (judgement.verdict, judgement.reason, judgement.band) == ("not_estimable", "percentage", None)


def test_what_happened_after_the_reference_date_is_not_told(small, given):
    about = record(given(episode=[{}], measurement=scores([(0, 40), (180, 45), (800, 99)])))
    assert [score for _, score in found(small, about)["UP", "self"].points] == [40, 45]


def test_a_former_number_finds_the_same_person(given):
    connection = given(
        episode=[{}],
        person_link=[{"person_id": b"p", "former_person_id": b"q"}],
        measurement=scores([(0, 1)]),
    )
    assert record(connection, b"q") == record(connection, b"p")
