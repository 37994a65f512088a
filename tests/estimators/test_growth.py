"""The mixed model of courses: planted lines are found, and what the data cannot tell is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.estimators.growth import CourseSums, Growth, fit_growth
from pipelines.estimators.result import NotEstimable


def sums(courses):
    """Courses as (t, y) arrays, one pair per person."""
    return CourseSums(
        *(
            np.array([float(f(np.asarray(t, float), np.asarray(y, float))) for t, y in courses])
            for f in (
                lambda t, y: len(t),
                lambda t, y: t.sum(),
                lambda t, y: (t * t).sum(),
                lambda t, y: y.sum(),
                lambda t, y: (t * y).sum(),
                lambda t, y: (y * y).sum(),
            )
        )
    )


def planted(seed, persons=400, slope=2.0, slope_sd=1.5, noise=1.0):
    rng = np.random.default_rng(seed)
    own = slope + slope_sd * rng.standard_normal(persons)
    courses = []
    for b in own:
        t = np.sort(rng.uniform(0, 4, rng.integers(3, 9)))
        courses.append((t, 10 + 3 * rng.standard_normal() + b * t + noise * rng.standard_normal(len(t))))
    return own, courses


def fitted(courses) -> Growth:
    found = fit_growth(sums(courses))
    assert isinstance(found, Growth)
    return found


def test_the_planted_average_slope_and_spread_are_found():
    own, courses = planted(1)
    found = fitted(courses)
    assert found.slope == pytest.approx(own.mean(), abs=0.1)
    assert found.slope_sd == pytest.approx(own.std(), rel=0.1)
    assert found.slope_se == pytest.approx(own.std() / np.sqrt(len(own)), rel=0.15)


def test_own_slopes_are_drawn_towards_the_average_and_tell_how_sure():
    own, courses = planted(2)
    found = fitted(courses)
    error = found.deviation - (own - own.mean())
    assert found.deviation.std() < own.std()
    assert np.mean(np.abs(error) <= 1.96 * found.deviation_se) == pytest.approx(0.95, abs=0.03)


def test_a_course_like_the_average_has_no_deviation():
    _, courses = planted(3, persons=60)
    average = fitted(courses)
    t = np.linspace(0, 4, 6)
    intercept = np.mean([y.mean() - average.slope * x.mean() for x, y in courses])
    found = fitted([*courses, (t, intercept + average.slope * t)])
    assert abs(found.deviation[-1]) < 0.2 * found.deviation_se[-1]


@given(st.floats(-100, 100), st.floats(0.5, 100))
def test_neither_the_origin_nor_the_unit_of_time_matters(shift, unit):
    _, courses = planted(4, persons=30)
    found, moved = fitted(courses), fitted([(shift + unit * t, y) for t, y in courses])
    assert moved.slope * unit == pytest.approx(found.slope, rel=1e-3)
    assert moved.deviation * unit == pytest.approx(found.deviation, rel=1e-2, abs=1e-3)


def test_all_on_one_common_slope_leaves_nothing_to_deviate():
    rng = np.random.default_rng(5)
    t = np.arange(5.0)
    found = fitted([(t, 3 * rng.standard_normal() + 2 * t + rng.standard_normal(5)) for _ in range(300)])
    assert found.slope_sd < 0.2
    assert np.abs(found.deviation).max() < 0.2


@pytest.mark.parametrize(
    ("courses", "reason"),
    [
        ([([0, 1, 2], [1, 2, 3])] * 2, "too_few_points"),
        ([([0, 1, 2], [1, 2, 3])] * 5 + [([0, 1], [1, 2])], "too_few_points"),
        ([([1, 1, 1], [1, 2, 3])] * 5, "no_spread_in_time"),
    ],
)
def test_what_cannot_be_told_is_refused(courses, reason):
    assert fit_growth(sums(courses)) == NotEstimable(reason)
