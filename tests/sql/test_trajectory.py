"""All measurements of an episode and the line through them (method, section 3.6)."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
import scipy.stats

from pipelines.estimation import courses
from tests.sql.conftest import REFERENCE_DATE, START

HALF_YEAR = 182.625
LINE = "SELECT * FROM individual.trajectory ORDER BY episode_id"


@pytest.fixture
def tables():
    return ("individual.trajectory",)


def points(*numbered, start=START, **key):
    return [key | {"measured_date": start + timedelta(day), "score": score} for day, score in numbered]


def trajectory(given, rows, measurements, **episode):
    (row,) = rows(given(episode=[episode], measurement=measurements), LINE)
    return row


def test_a_slope_by_hand(given, rows):
    """Days 0, 100, 200; scores 40, 50, 54: slope 0.07 a day, residuals -1, 2, -1 about 41 + 0.07 x."""
    row = trajectory(given, rows, points((0, 40), (100, 50), (200, 54)))
    assert row["point_count"] == 3
    assert (row["first_date"], row["last_date"]) == (START, START + timedelta(200))
    assert row["slope_score"] == pytest.approx(0.07 * HALF_YEAR, rel=1e-15)
    assert row["residual_sd_score"] == pytest.approx(math.sqrt(6), rel=1e-15)
    assert row["slope_standard_error_score"] == pytest.approx(math.sqrt(6 / 20000) * HALF_YEAR, rel=1e-15)
    assert row["reason_no_slope"] is row["reason_no_standard_error"] is None


@pytest.mark.parametrize(
    ("numbered", "slope", "reason_no_slope", "reason_no_standard_error"),
    [
        ((), None, "no_point", "no_point"),
        (((0, 40),), None, "one_point", "one_point"),
        (((0, 40), (100, 50)), 0.1 * HALF_YEAR, None, "two_points"),
        (((0, 40), (28, 50)), 10 / 28 * HALF_YEAR, None, "two_points"),
        (((0, 40), (27, 50)), None, "too_short", "too_short"),
        (((0, 40), (20, 50), (27, 40)), None, "too_short", "too_short"),
        (((0, 40), (100, 40), (150, 40)), 0, None, "points_on_a_line"),
        (((0, 40), (100, 50), (200, 60)), 0.1 * HALF_YEAR, None, "points_on_a_line"),
    ],
)
def test_few_points_and_points_on_a_line(
    given, rows, numbered, slope, reason_no_slope, reason_no_standard_error
):
    row = trajectory(given, rows, points(*numbered))
    assert row["point_count"] == len(numbered)
    assert row["slope_score"] == (None if slope is None else pytest.approx(slope))
    assert row["slope_standard_error_score"] is row["residual_sd_score"] is None
    assert (row["reason_no_slope"], row["reason_no_standard_error"]) == (
        reason_no_slope,
        reason_no_standard_error,
    )


@pytest.mark.parametrize(
    ("ended", "measured", "is_in"),
    [
        (None, START - timedelta(91), False),
        (None, START - timedelta(90), True),
        (None, REFERENCE_DATE, True),
        (None, REFERENCE_DATE + timedelta(1), False),
        (date(2024, 9, 1), date(2024, 12, 30), True),  # 120 days after the end
        (date(2024, 9, 1), date(2024, 12, 31), False),
        (date(2025, 12, 1), REFERENCE_DATE + timedelta(1), False),
    ],
)
def test_which_measurements_belong_to_the_episode(given, rows, ended, measured, is_in):
    measurement = {"measured_date": measured, "score": 40}
    assert trajectory(given, rows, [measurement], ended_date=ended)["point_count"] == is_in


def test_two_scores_on_one_day_are_one_point(given, rows):
    row = trajectory(given, rows, points((0, 40), (0, 44)))
    assert (row["point_count"], row["reason_no_slope"]) == (1, "one_point")


def test_other_respondents_and_instruments_are_not_in_the_line(given, rows):
    others = points((50, 90), respondent="staff") + points((60, 90), instrument_id="UNKNOWN")
    assert trajectory(given, rows, points((0, 40)) + others)["point_count"] == 1


def test_a_measurement_between_two_episodes_belongs_to_both(given, rows):
    episodes = [
        {"episode_id": "a", "ended_date": START + timedelta(100)},
        {"episode_id": "b", "started_date": START + timedelta(110)},
    ]
    connection = given(episode=episodes, measurement=points((0, 40), (105, 50), (300, 60)))
    assert [r["point_count"] for r in rows(connection, LINE)] == [2, 2]


def random_courses(rng, count=150):
    """Courses of 2 to 14 points on different days; every second one on the scale that is turned round."""
    for number in range(count):
        size = int(rng.integers(2, 15))
        # At least 28 days from the first to the last.
        days = np.sort(rng.choice(np.arange(-45, 620), size, replace=False))
        days = days + np.where(np.arange(size) == size - 1, 28, 0)
        scores = np.round(np.clip(rng.normal(50 + 0.02 * days, 12), 0, 100), number % 3)
        yield f"e{number:03}", "DOWN" if number % 2 else "UP", days, scores


def test_it_agrees_with_numpy_and_scipy_on_random_courses(given, rows):
    courses = list(random_courses(np.random.default_rng(36)))
    connection = given(
        episode=[
            {
                "episode_id": e,
                "person_id": e.encode(),
                "intervention_id": "other" if i == "DOWN" else "support",
            }
            for e, i, _, _ in courses
        ],
        measurement=[
            m
            for e, i, days, scores in courses
            for m in points(
                *zip(days.tolist(), scores.tolist(), strict=True), person_id=e.encode(), instrument_id=i
            )
        ],
    )
    found = rows(connection, LINE)
    assert len(found) == len(courses)
    for row, (episode_id, instrument_id, days, scores) in zip(found, courses, strict=True):
        assert (row["episode_id"], row["point_count"]) == (episode_id, len(days))
        turned = -scores if instrument_id == "DOWN" else scores
        line = scipy.stats.linregress(days, turned)
        assert row["slope_score"] == pytest.approx(line.slope * HALF_YEAR, rel=1e-9, abs=1e-12)
        assert row["slope_score"] == pytest.approx(np.polyfit(days, turned, 1)[0] * HALF_YEAR, rel=1e-9)
        if len(days) == 2:
            assert row["slope_standard_error_score"] is None
            continue
        residuals = turned - line.intercept - line.slope * days
        spread = math.sqrt((residuals**2).sum() / (len(days) - 2))
        assert row["slope_standard_error_score"] == pytest.approx(line.stderr * HALF_YEAR, rel=1e-9)
        assert row["residual_sd_score"] == pytest.approx(spread, rel=1e-9)


VALUES = ("slope_score", "slope_standard_error_score", "residual_sd_score")
COURSE = ((-20, 31.5), (40, 44), (41, 38), (200, 52), (390, 47.25))


def test_a_scale_turned_round_gives_the_same_line_to_the_last_bit(given, rows):
    turned = [(day, 100 - score) for day, score in COURSE]
    episodes = [{"episode_id": "a"}, {"episode_id": "b", "intervention_id": "other"}]
    connection = given(episode=episodes, measurement=points(*COURSE) + points(*turned, instrument_id="DOWN"))
    up, down = rows(connection, LINE)
    assert [up[v] for v in VALUES] == [down[v] for v in VALUES]


def test_moving_days_or_scores_moves_nothing_and_ten_times_the_points_is_ten_times_the_slope(given, rows):
    """Cancellation would show here: the same small spread far from zero."""
    courses = {
        "a": (START, COURSE),
        "b": (START - timedelta(1461), COURSE),
        "c": (START, [(day, score / 10 + 94) for day, score in COURSE]),
    }
    connection = given(
        episode=[
            {"episode_id": e, "person_id": e.encode(), "started_date": start}
            for e, (start, _) in courses.items()
        ],
        measurement=[
            m
            for e, (start, course) in courses.items()
            for m in points(*[(d, round(s, 2)) for d, s in course], start=start, person_id=e.encode())
        ],
    )
    base, earlier, smaller = rows(connection, LINE)
    assert [base[v] for v in VALUES] == [earlier[v] for v in VALUES]
    for value in VALUES:
        assert smaller[value] == pytest.approx(base[value] / 10, rel=5e-3)  # rounded to hundredths


def test_a_point_a_day_for_two_years_does_not_overflow(given, rows):
    course = [(day, 100 if day % 2 else 0) for day in range(690)]
    row = trajectory(given, rows, points(*course))
    line = scipy.stats.linregress(*zip(*course, strict=True))
    assert row["slope_score"] == pytest.approx(line.slope * HALF_YEAR, rel=1e-9)
    assert row["slope_standard_error_score"] == pytest.approx(line.stderr * HALF_YEAR, rel=1e-9)


def test_every_outcome_of_every_started_episode_has_its_row(given, rows):
    connection = given(episode=[{}, {"episode_id": "f", "intervention_id": "other"}])
    (counts,) = rows(
        connection,
        "SELECT (SELECT COUNT(*) FROM individual.trajectory) AS lines,"
        " (SELECT COUNT(*) FROM individual.episode_outcome) AS outcomes",
    )
    assert counts["lines"] == counts["outcomes"] == 2


def test_a_course_is_held_against_the_average_course_of_its_own_intervention(given, rows):
    slopes = {"a": 0.02, "b": 0.04, "c": 0.06, "d": 0.08, "x": 0.5, "y": 0.6, "z": 0.7, "two": 0.05}
    wiggle = (1, -2, 1, 0)
    connection = given(
        episode=[
            {"episode_id": e, "person_id": e.encode()} | ({"intervention_id": "other"} if e in "xyz" else {})
            for e in slopes
        ],
        measurement=[
            m
            for e, slope in slopes.items()
            for m in points(
                *[(d, 30 + slope * d + w) for d, w in zip((0, 50, 100, 150), wiggle, strict=True)][
                    : 2 if e == "two" else 4
                ],
                person_id=e.encode(),
                instrument_id="DOWN" if e in "xyz" else "UP",
            )
        ],
    )
    found = {row["episode_id"]: row for row in courses.trajectories(connection).to_pylist()}
    average = 0.05 * HALF_YEAR  # the wiggle itself has no slope
    assert set(found) == set(slopes) - {"two"}
    assert [found[e]["average_slope_score"] for e in "abcd"] == pytest.approx([average] * 4, rel=1e-3)
    assert found["x"]["average_slope_score"] < 0
    deviations = [found[e]["deviation_score"] for e in "abcd"]
    assert deviations == sorted(deviations)
    assert deviations[0] == pytest.approx(-deviations[3], rel=1e-3)
    # Drawn towards the average, never away from it.
    assert 0 < deviations[3] < 0.03 * HALF_YEAR
    assert found["a"]["deviation_standard_error_score"] > 0
