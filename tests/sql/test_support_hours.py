"""Weekly hours of support at the start, at the end and later (method, section 3.8)."""

from datetime import date, timedelta

import pytest

from tests.sql.conftest import REFERENCE_DATE

START = date(2023, 6, 20)
END = date(2024, 2, 29)
HOURS = "SELECT * FROM individual.support_hours"
MOMENTS = ("start", "end", "after_start", "after_end")


@pytest.fixture
def tables():
    return ("individual.support_hours",)


@pytest.fixture
def hours(given, rows):
    """Return {moment: row} of episode `e`: from START to END with 5 hours, if not told otherwise."""

    def build(*others, granted=(), person=(), **own):
        first = {"episode_id": "e", "started_date": START, "ended_date": END, "weekly_hours": 5.0} | own
        connection = given(episode=[first, *others], support_hours=granted, person=person)
        found = rows(connection, f"{HOURS} WHERE episode_id = 'e'")
        assert sorted(r["moment"] for r in found) == sorted(MOMENTS)
        for r in found:
            assert (r["total_hundredths"] is None) == (r["reason_no_total"] is not None)
            assert (r["own_hundredths"] is None) == (r["reason_no_own"] is not None)
        return {r["moment"]: r for r in found}

    return build


def of(found, column):
    return [found[moment][column] for moment in MOMENTS]


def other(first, last=None, weekly_hours=3.0, **more):
    return {
        "episode_id": "f",
        "started_date": first,
        "ended_date": last,
        "weekly_hours": weekly_hours,
    } | more


def test_one_episode_by_hand(hours):
    found = hours()
    assert of(found, "target_date") == [START, END, date(2024, 6, 20), date(2025, 2, 28)]
    assert of(found, "total_hundredths") == [500, 500, 0, 0]
    assert of(found, "own_hundredths") == [500, 500, 0, 0]
    assert of(found, "running_episode_count") == [1, 1, 0, 0]


def test_the_total_is_of_all_episodes_running_that_day(hours):
    found = hours(other(date(2020, 1, 1)), other(date(2024, 6, 20), weekly_hours=0.1, episode_id="g"))
    assert of(found, "total_hundredths") == [800, 800, 310, 310]
    assert of(found, "own_hundredths") == [500, 500, 0, 0]
    assert of(found, "running_episode_count") == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2020, 1, 1), START, [800, 500]),  # its last day is this one's first
        (date(2020, 1, 1), START - timedelta(1), [500, 500]),
        (END, None, [500, 800]),  # it starts on this one's last day
        (END + timedelta(1), None, [500, 500]),
    ],
)
def test_both_days_of_an_episode_count(hours, first, last, expected):
    assert of(hours(other(first, last)), "total_hundredths")[:2] == expected


def test_another_persons_hours_are_not_added(hours):
    assert of(hours(other(START, person_id=b"q")), "total_hundredths") == [500, 500, 0, 0]


def granted(day, weekly_hours, episode="e"):
    return {"episode_id": episode, "from_date": day, "weekly_hours": weekly_hours}


def test_granted_hours_hold_until_the_next_and_before_the_first_the_episodes_own(hours):
    rows = [granted(END, 2.5), granted(START + timedelta(1), 7.0), granted(date(2024, 5, 1), 9.0)]
    found = hours(granted=rows, ended_date=None)
    assert of(found, "total_hundredths") == [500, None, 900, None]
    found = hours(granted=rows)
    assert of(found, "own_hundredths") == [500, 250, 0, 0]


def test_hours_granted_on_the_day_count_and_those_of_tomorrow_do_not(hours):
    assert of(hours(granted=[granted(START, 6.0)]), "own_hundredths")[0] == 600
    assert of(hours(granted=[granted(START + timedelta(1), 6.0)]), "own_hundredths")[0] == 500
    assert of(hours(granted=[granted(date(2023, 1, 1), 6.0)]), "own_hundredths")[0] == 600


def test_no_hours_granted_are_none_and_not_unknown(hours):
    assert of(hours(granted=[granted(START, 0.0)]), "own_hundredths")[0] == 0


def test_hours_of_another_episode_are_its_own(hours):
    found = hours(other(date(2020, 1, 1), None), granted=[granted(START, 4.0, "f")])
    assert of(found, "total_hundredths") == [900, 900, 400, 400]
    assert of(found, "own_hundredths") == [500, 500, 0, 0]


def test_an_episode_without_hours_makes_the_total_unknown_and_not_smaller(hours):
    found = hours(other(date(2020, 1, 1), date(2024, 12, 31), weekly_hours=None))
    assert of(found, "total_hundredths") == [None, None, None, 0]
    assert of(found, "reason_no_total") == ["hours_unknown", "hours_unknown", "hours_unknown", None]
    assert of(found, "own_hundredths") == [500, 500, 0, 0]
    assert of(found, "running_episode_count") == [2, 2, 1, 0]


def test_hours_known_from_a_day_are_unknown_before_it(hours):
    found = hours(weekly_hours=None, granted=[granted(END, 4.0)])
    assert of(found, "own_hundredths") == [None, 400, 0, 0]
    assert of(found, "reason_no_own") == ["hours_unknown", None, None, None]


def test_an_open_episode_runs_on(hours):
    found = hours(ended_date=None)
    assert of(found, "total_hundredths") == [500, None, 500, None]
    assert of(found, "reason_no_total") == [None, "not_ended", None, "not_ended"]
    assert of(found, "target_date") == [START, None, date(2024, 6, 20), None]


def test_an_end_after_the_reference_date_has_not_happened(hours):
    found = hours(ended_date=REFERENCE_DATE + timedelta(1))
    assert of(found, "reason_no_total") == [None, "not_ended", None, "not_ended"]


@pytest.mark.parametrize(("start", "reason"), [(date(2025, 1, 31), None), (date(2025, 2, 1), "window_open")])
def test_a_later_day_is_known_when_it_has_come(hours, start, reason):
    found = hours(started_date=start, ended_date=None)
    assert (found["after_start"]["reason_no_total"], found["after_start"]["reason_no_own"]) == (
        reason,
        reason,
    )
    assert found["after_start"]["running_episode_count"] == (None if reason else 1)


@pytest.mark.parametrize(("how", "reason"), [("death_date", "died"), ("moved_date", "moved")])
def test_who_died_or_moved_has_unknown_hours_afterwards_and_not_none(hours, how, reason):
    found = hours(person=({how: END},))
    assert of(found, "total_hundredths") == [500, 500, None, None]
    assert of(found, "reason_no_total") == [None, None, reason, reason]


def test_the_day_of_death_is_known(hours):
    found = hours(person=({"death_date": date(2024, 6, 20)},), ended_date=None)
    assert of(found, "total_hundredths") == [500, None, 500, None]
    assert of(found, "reason_no_total") == [None, "not_ended", None, "not_ended"]


def test_who_moved_before_the_start_has_come_back(hours):
    found = hours(person=({"moved_date": date(2023, 1, 1)},))
    assert of(found, "total_hundredths") == [500, 500, 0, 0]


def test_sums_are_exact(hours):
    found = hours(*(other(START, END, weekly_hours=0.1, episode_id=f"f{n}") for n in range(10)))
    assert found["start"]["total_hundredths"] == 600


def test_two_numbers_of_one_person_are_one_persons_hours(given, rows):
    episodes = [
        {"episode_id": "e", "started_date": START, "weekly_hours": 5.0, "person_id": b"old"},
        other(START, weekly_hours=3.0, person_id=b"new"),
    ]
    link = [{"former_person_id": b"old", "person_id": b"new"}]
    found = rows(given(episode=episodes, person_link=link), f"{HOURS} WHERE moment = 'start'")
    assert [r["total_hundredths"] for r in found] == [800, 800]


def test_only_started_episodes_have_hours(given, rows):
    episodes = [{"episode_id": "w", "started_date": None}, {"started_date": REFERENCE_DATE + timedelta(1)}]
    assert rows(given(episode=episodes), HOURS) == []
