"""What a pair says about one person, and how persons are counted (method, sections 3 and 4)."""

import statistics
from datetime import date

import pytest

from tests.sql.conftest import START


@pytest.fixture
def tables():
    return (
        "individual.reliable_change",
        "intervention.change_moment",
        "intervention.population",
        "intervention.share_count",
        "strategy.goal_count",
    )


HORIZON = date(2024, 9, 1)


def pair(before, after, person="p"):
    key = {"person_id": person.encode()}
    return [
        key | {"measured_date": START, "score": before},
        key | {"measured_date": HORIZON, "score": after},
    ]


@pytest.mark.parametrize(
    ("before", "after", "category", "is_noticeable"),
    [
        (40, 60, "recovered", True),  # rci 2.0 and across 50
        (20, 40, "improved", True),  # rci 2.0, still below 50
        (40, 59, "unchanged", True),  # rci 1.9: noticeable, not reliable
        (40, 47, "unchanged", False),
        (30, 50, "improved", True),  # 50 itself is not the well side
        (60, 40, "deteriorated", False),
        (55, 75, "improved", True),  # was well already: nothing to recover from
    ],
)
def test_categories_by_hand(given, rows, before, after, category, is_noticeable):
    connection = given(episode=[{}], measurement=pair(before, after))
    (row,) = rows(connection, "SELECT * FROM individual.reliable_change WHERE follow_up_kind = 'primary'")
    assert (row["category"], row["is_noticeable"]) == (category, is_noticeable)
    assert row["rci"] == pytest.approx((after - before) / 10)


def test_the_category_is_the_same_when_the_scale_is_turned_round(given, rows):
    turned = [m | {"instrument_id": "DOWN", "score": 100 - m["score"]} for m in pair(40, 60)]
    connection = given(episode=[{"intervention_id": "other"}], measurement=turned)
    (row,) = rows(connection, "SELECT * FROM individual.reliable_change WHERE follow_up_kind = 'primary'")
    assert (row["category"], row["rci"]) == ("recovered", pytest.approx(2.0))


@pytest.mark.parametrize(("before", "is_at_ceiling"), [(80, False), (81, True)])
def test_at_ceiling_when_no_reliable_improvement_has_room(given, rows, before, is_at_ceiling):
    connection = given(episode=[{}], measurement=pair(before, 90))
    (row,) = rows(
        connection, "SELECT is_at_ceiling FROM individual.reliable_change WHERE follow_up_kind = 'primary'"
    )
    assert row["is_at_ceiling"] == is_at_ceiling


def test_an_instrument_without_norm_has_a_change_but_no_verdict(given, rows):
    measurements = [m | {"instrument_id": "UNKNOWN"} for m in pair(40, 60)]
    connection = given(episode=[{"intervention_id": "unmeasured"}], measurement=measurements)
    (row,) = rows(connection, "SELECT * FROM individual.reliable_change WHERE follow_up_kind = 'primary'")
    assert row["change_hundredths"] == 2000
    assert row["rci"] is row["category"] is row["is_reliable"] is row["is_noticeable"] is None
    shares = rows(
        connection,
        "SELECT * FROM intervention.share_count"
        " WHERE intervention_id = 'unmeasured' AND population = 'window'",
    )
    by_name = {s["statistic"]: s for s in shares}
    assert (by_name["coverage"]["numerator"], by_name["coverage"]["lacks"]) == (1, None)
    assert (by_name["share_improved"]["numerator"], by_name["share_improved"]["lacks"]) == (None, "no_norm")


def test_moments_are_those_of_the_pairs(given, rows):
    scores = {"a": (40, 60), "b": (20, 25), "c": (33, 30)}
    connection = given(
        episode=[{"episode_id": p, "person_id": p.encode()} for p in scores],
        measurement=[m for p, (before, after) in scores.items() for m in pair(before, after, p)],
    )
    (row,) = rows(
        connection, "SELECT * FROM intervention.change_moment WHERE n > 0 AND population = 'window'"
    )
    before, after = zip(*scores.values(), strict=True)
    assert (row["n"], row["direction"]) == (3, 1)
    assert row["mean_baseline"] == pytest.approx(statistics.mean(before))
    assert row["mean_follow_up"] == pytest.approx(statistics.mean(after))
    assert row["variance_baseline"] == pytest.approx(statistics.variance(before))
    assert row["variance_follow_up"] == pytest.approx(statistics.variance(after))
    assert row["covariance"] == pytest.approx(statistics.covariance(before, after))


def test_variance_does_not_cancel_when_scores_hardly_differ(given, rows):
    scores = {f"p{i}": (99.99, 100 if i % 2 else 99.99) for i in range(100)}
    connection = given(
        episode=[{"episode_id": p, "person_id": p.encode()} for p in scores],
        measurement=[m for p, (before, after) in scores.items() for m in pair(before, after, p)],
    )
    (row,) = rows(
        connection,
        "SELECT variance_baseline, variance_follow_up FROM intervention.change_moment"
        " WHERE n > 0 AND population = 'window'",
    )
    assert row["variance_baseline"] == 0
    assert row["variance_follow_up"] == pytest.approx(0.005**2 * 100 / 99, rel=1e-12)


def test_a_goal_counts_each_person_once_with_the_latest_pair(given, rows):
    later = date(2024, 10, 1)
    episodes = [{"episode_id": "1"}, {"episode_id": "2", "intervention_id": "other", "started_date": later}]
    second = [
        {"measured_date": later, "score": 60, "instrument_id": "DOWN"},
        {"measured_date": date(2025, 4, 1), "score": 58, "instrument_id": "DOWN"},
    ]
    connection = given(episode=episodes, measurement=pair(40, 60) + second)
    (goal,) = rows(connection, "SELECT * FROM strategy.goal_count WHERE goal_id = 'A-G1'")
    assert (goal["numerator"], goal["n"]) == (0, 1)


def test_cost_per_person_counts_every_episode_of_those_whose_cost_is_known(given, rows):
    episodes = [
        {"episode_id": f"{p}{i}", "person_id": p.encode(), "cost_dkk": 100.50}
        for p in ("a", "b", "c", "d", "e")
        for i in (1, 2)
    ]
    episodes.append({"episode_id": "x", "person_id": b"x", "cost_dkk": None})
    connection = given(episode=episodes)
    (row,) = rows(connection, "SELECT * FROM intervention.population WHERE intervention_id = 'support'")
    assert (row["person_count"], row["cost_per_person_dkk"]) == (6, 201.0)
