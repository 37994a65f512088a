"""Cases that a municipality's data are full of, each through the whole ladder (method, sections 1 to 3)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from tests.sql import conftest
from tests.sql.conftest import START

HORIZON = date(2024, 9, 1)  # six months after the start
PRIMARY = "SELECT * FROM individual.episode_effect WHERE follow_up_kind = 'primary' ORDER BY episode_id"


@pytest.fixture
def tables():
    return ("strategy.goal_count", "strategy.attrition", "intervention.population")


def score(day, value, **more):
    return {"measured_date": day, "score": value} | more


PAIR = (score(START, 40), score(HORIZON, 60))


def link(former, present):
    return {"former_person_id": former, "person_id": present}


# --- several measurements ---


def test_two_sources_on_one_day_keep_the_last_file_whatever_order_they_are_read_in(given, rows):
    measurements = [score(START, 44, source_file="b.csv"), score(START, 40, source_file="a.csv"), PAIR[1]]
    (row,) = rows(given(episode=[{}], measurement=measurements), PRIMARY)
    assert row["baseline_hundredths"] == 4400


def test_a_horizon_from_the_31st_ends_with_a_short_month(given, rows):
    """Six months after 31 August is the last day of February, 29 in a leap year: the window is around it."""
    start, target = date(2023, 8, 31), date(2024, 2, 29)
    episodes = [{"episode_id": f"e{n}", "person_id": b"%d" % n, "started_date": start} for n in range(4)]
    measurements = [score(start, 40, person_id=b"%d" % n) for n in range(4)]
    measurements += [
        score(target + timedelta(days), 60, person_id=b"%d" % n) for n, days in enumerate((-46, -45, 45, 46))
    ]
    found = rows(given(episode=episodes, measurement=measurements), PRIMARY)
    assert [row["reason"] for row in found] == ["no_follow_up", "counted", "counted", "no_follow_up"]


def test_a_nearer_measurement_of_another_version_makes_no_pair(given, rows):
    measurements = [
        score(START, 40, version="2"),
        score(HORIZON, 90, version="3"),
        score(HORIZON + timedelta(30), 55, version="2"),
    ]
    (row,) = rows(given(episode=[{}], measurement=measurements), PRIMARY)
    assert (row["follow_up_hundredths"], row["reason"]) == (5500, "counted")


# --- several episodes ---


def test_of_overlapping_and_restarted_courses_the_first_counts(given, rows):
    episodes = [
        {"episode_id": "a", "started_date": START + timedelta(3)},  # overlaps
        {"episode_id": "b", "ended_date": START + timedelta(2)},
        {"episode_id": "c", "started_date": START + timedelta(100)},
        {"episode_id": "d", "started_date": START},  # the same day, delivered as a later number
    ]
    connection = given(episode=episodes, measurement=PAIR)
    assert {row["episode_id"]: row["reason"] for row in rows(connection, PRIMARY)} == {
        "a": "repeat_episode",
        "b": "counted",
        "c": "repeat_episode",
        "d": "repeat_episode",
    }


def test_a_first_course_before_the_window_does_not_take_the_place_of_the_next(given, rows):
    episodes = [{"episode_id": "a", "started_date": date(2022, 12, 31)}, {"episode_id": "b"}]
    connection = given(episode=episodes, measurement=PAIR)
    assert [row["reason"] for row in rows(connection, PRIMARY)] == ["outside_window", "counted"]


def test_a_follow_up_that_serves_two_interventions_counts_in_each_and_once_in_their_goal(
    given, rows, monkeypatch
):
    plain = conftest.small_catalogue

    def alike(real):
        small = plain(real)
        outcomes = small.interventions[0].outcomes
        same = tuple(i.model_copy(update={"outcomes": outcomes}) for i in small.interventions)
        return small.model_copy(update={"interventions": same})

    monkeypatch.setattr(conftest, "small_catalogue", alike)
    episodes = [{"episode_id": "a"}, {"episode_id": "b", "intervention_id": "other"}]
    connection = given(episode=episodes, measurement=PAIR)
    found = rows(connection, PRIMARY)
    assert [row["reason"] for row in found] == ["counted", "counted"]
    (goal,) = rows(connection, "SELECT n FROM strategy.goal_count WHERE goal_id = 'A-G1'")
    assert goal["n"] == 1
    counts = (
        "SELECT outcome_count, episode_count, person_count FROM strategy.attrition WHERE reason = 'counted'"
    )
    (whole,) = rows(connection, f"{counts} AND level = 'strategy'")
    assert tuple(whole.values()) == (2, 2, 1)


def test_one_follow_up_may_serve_two_courses_but_a_person_only_once(given, rows):
    """The second course is within the follow-up's reach: the same measurement, not counted."""
    episodes = [{"episode_id": "a"}, {"episode_id": "b", "started_date": START + timedelta(10)}]
    connection = given(episode=episodes, measurement=PAIR)
    first, second = rows(connection, PRIMARY)
    assert first["follow_up_date"] == second["follow_up_date"] == HORIZON
    assert (first["reason"], second["reason"]) == ("counted", "repeat_episode")


# --- one person with several numbers ---


@pytest.mark.parametrize("chain", [(b"old", b"new"), (b"a", b"b", b"c"), (b"d", b"c", b"b", b"a")])
def test_measurements_under_several_numbers_make_one_pair(given, rows, chain):
    """Baseline under the first number, episode and follow-up under the last; links in any order."""
    links = [link(former, present) for former, present in pairwise(chain)]
    connection = given(
        episode=[{"person_id": chain[-1]}],
        measurement=[PAIR[0] | {"person_id": chain[0]}, PAIR[1] | {"person_id": chain[-1]}],
        person=[{"person_id": chain[0], "sex": "female"}, {"person_id": chain[-1], "moved_date": START}],
        person_link=links[::-1],
    )
    (row,) = rows(connection, PRIMARY)
    assert (row["reason"], row["change_hundredths"]) == ("counted", 2000)
    (person,) = rows(connection, "SELECT pseudonym, sex, moved_date FROM staging.person")
    assert person == {"pseudonym": chain[-1], "sex": None, "moved_date": START}


def test_two_numbers_measured_on_one_day_are_one_measurement(given, rows):
    measurements = [PAIR[0] | {"person_id": b"old"}, PAIR[0] | {"person_id": b"new", "score": 44}, PAIR[1]]
    connection = given(
        episode=[{"person_id": b"new"}],
        measurement=[measurements[0], measurements[1], PAIR[1] | {"person_id": b"old"}],
        person_link=[link(b"old", b"new")],
    )
    (row,) = rows(connection, PRIMARY)
    assert row["baseline_hundredths"] == 4400  # the last line
    (count,) = rows(connection, "SELECT count(*) AS n FROM staging.measurement")
    assert count["n"] == 2


def test_episodes_under_two_numbers_count_a_person_once(given, rows):
    episodes = [
        {"episode_id": "a", "person_id": b"new", "started_date": START + timedelta(5)},
        {"episode_id": "b", "person_id": b"old"},
        {"episode_id": "c", "person_id": b"somebody else"},
    ]
    connection = given(episode=episodes, person_link=[link(b"old", b"new")])
    assert [row["is_index"] for row in rows(connection, PRIMARY)] == [False, True, True]
    (reached,) = rows(
        connection, "SELECT person_count FROM intervention.population WHERE intervention_id = 'support'"
    )
    assert reached["person_count"] == 2


def test_a_person_known_only_from_a_former_number_keeps_what_is_known(given, rows):
    connection = given(
        episode=[{"person_id": b"new"}],
        measurement=[PAIR[0] | {"person_id": b"new"}],
        person=[{"person_id": b"old", "death_date": HORIZON}],
        person_link=[link(b"old", b"new")],
    )
    (row,) = rows(connection, PRIMARY)
    assert row["reason"] == "died"


# --- a scale turned round ---


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # SD of a difference 10, so 19.6 points are reliable; well is below the cut-off of 50.
        (70, 50, ("improved", False, False)),  # the cut-off itself is not the well side
        (70, 49, ("recovered", True, False)),
        (70, 51, ("unchanged", False, False)),  # 19 points
        (40, 60, ("deteriorated", False, False)),
        (49, 20, ("improved", False, False)),  # was well already
        (19, 0, ("unchanged", False, True)),  # the best score of all is too near
        (20, 0, ("improved", False, False)),
        (100, 85, ("unchanged", False, False)),  # the worst score of all is no ceiling
    ],
)
def test_where_lower_is_better_everything_is_turned_round(given, rows, before, after, expected):
    measurements = [m | {"instrument_id": "DOWN"} for m in (score(START, before), score(HORIZON, after))]
    (row,) = rows(given(episode=[{"intervention_id": "other"}], measurement=measurements), PRIMARY)
    assert (row["category"], row["crossed_cutoff"], row["is_at_ceiling"]) == expected
    assert row["change_hundredths"] == 100 * (before - after)
