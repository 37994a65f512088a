"""Employment, education, housing and debt about the start of support (method, section 3.8)."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from tests.sql.conftest import REFERENCE_DATE
from tests.sql.test_status_month import spell

START = date(2023, 6, 20)  # after the month's status day: 15 June is before, 15 July the first after
WIDE = "SELECT * FROM individual.self_reliance ORDER BY episode_id, domain"
LONG = "SELECT * FROM individual.self_reliance_month"
STATUS = {m: f"{m}_status_id" for m in ("start", "first", "second", "third")}
REASON = {m: f"reason_no_{m}_status" for m in STATUS}


@pytest.fixture
def tables():
    return ("individual.self_reliance",)


@pytest.fixture
def about(given, rows):
    """Return one episode's row on employment, and its months by side and state."""

    def build(*spells, start=START, person=()):
        connection = given(status_spell=spells, episode=[{"started_date": start}], person=person)
        (row,) = rows(connection, f"SELECT * FROM ({WIDE}) WHERE domain = 'employment'")
        months = rows(connection, f"{LONG} WHERE domain = 'employment'")
        return row, {(m["side"], m["state"]): m["month_count"] for m in months}

    return build


def test_a_course_by_hand(about):
    """Ten months of benefit, a hole of four, ten months more; then 5 months of benefit, and a job."""
    row, months = about(
        spell("cash_benefit", date(2021, 7, 1), date(2022, 4, 30)),
        spell("cash_benefit", date(2022, 9, 1), date(2023, 11, 30)),
        spell("work", date(2023, 12, 1)),
    )
    assert months == {
        ("before", "cash_benefit"): 20,
        ("before", "unknown"): 4,
        ("after", "cash_benefit"): 5,
        ("after", "work"): 19,
    }
    assert [row[STATUS[m]] for m in STATUS] == ["cash_benefit", "work", "work", "work"]
    assert [row[f"is_{m}_favourable"] for m in STATUS] == [False, True, True, True]
    assert [row[REASON[m]] for m in STATUS] == [None] * 4
    assert (row["before_known_months"], row["before_favourable_months"]) == (20, 0)
    assert (row["after_known_months"], row["after_favourable_months"]) == (24, 19)
    assert (row["favourable_month_change"], row["reason_no_change"]) == (None, "unknown")
    assert row["is_in_window"] is True


def test_the_change_where_every_month_is_known(about):
    row, _ = about(
        spell("work", date(2021, 7, 1), date(2021, 9, 30)),
        spell("unemployed", date(2021, 10, 1), date(2023, 12, 31)),
        spell("work", date(2024, 1, 1)),
    )
    assert (row["before_favourable_months"], row["after_favourable_months"]) == (3, 18)
    assert (row["favourable_month_change"], row["reason_no_change"]) == (15, None)


@pytest.mark.parametrize(
    ("start", "before"),
    [
        (date(2023, 6, 14), 11),  # 15 June is after the start
        (date(2023, 6, 15), 12),  # the status day itself is the start, and belongs to before
        (date(2023, 6, 16), 12),
        (date(2024, 1, 1), 18),  # over the turn of the year
    ],
)
def test_which_side_a_status_day_is_on(about, start, before):
    _, months = about(spell("work", date(2022, 7, 1)), start=start)
    assert months[("before", "work")] == before
    assert months[("after", "work")] == 24
    assert months[("before", "unknown")] == 24 - before


@pytest.mark.parametrize(
    ("start", "targets"),
    [
        (date(2023, 8, 31), [date(2023, 8, 31), date(2024, 2, 29), date(2024, 8, 31), date(2025, 8, 31)]),
        (date(2022, 8, 31), [date(2022, 8, 31), date(2023, 2, 28), date(2023, 8, 31), date(2024, 8, 31)]),
        (date(2024, 2, 29), [date(2024, 2, 29), date(2024, 8, 29), date(2025, 2, 28), date(2026, 2, 28)]),
    ],
)
def test_moments_are_calendar_months_to_the_day(given, rows, start, targets):
    """A spell of each target day alone gives a known status at every moment that has happened."""
    spells = [spell("work", day, day) for day in targets]
    connection = given(status_spell=spells, episode=[{"started_date": start}])
    found = rows(connection, "SELECT * FROM individual.status_moment ORDER BY target_date")
    assert [r["target_date"] for r in found] == targets
    expected = ["work" if day <= REFERENCE_DATE else None for day in targets]
    assert [r["status_id"] for r in found] == expected


@pytest.mark.parametrize("off", [-1, 1])
def test_a_spell_that_misses_the_day_by_one_is_unknown(about, off):
    day = START + timedelta(off)
    row, _ = about(spell("work", day, day))
    assert (row["start_status_id"], row["is_start_favourable"]) == (None, None)
    assert row["reason_no_start_status"] == "unknown"


def test_a_window_that_is_not_closed_says_so(about):
    """From 1 December 2024 there are 14 status days to 15 January 2026; ten are still to come."""
    row, months = about(spell("work", date(2020, 1, 1)), start=date(2024, 12, 1))
    assert months == {("before", "work"): 24, ("after", "work"): 14, ("after", "window_open"): 10}
    assert [row[REASON[m]] for m in STATUS] == [None, None, None, "window_open"]
    assert (row["favourable_month_change"], row["reason_no_change"]) == (None, "window_open")


@pytest.mark.parametrize(("start", "reason"), [(date(2024, 2, 15), "window_open"), (date(2024, 2, 14), None)])
def test_the_window_closes_with_the_last_status_day(about, start, reason):
    """The 24th status day is 15 February 2026, after the reference date, or 15 January, before it."""
    row, _ = about(spell("work", date(2020, 1, 1)), start=start)
    assert row["reason_no_change"] == reason


@pytest.mark.parametrize(("how", "reason"), [("death_date", "died"), ("moved_date", "moved")])
def test_who_died_or_moved_is_not_unknown_and_not_unfavourable(about, how, reason):
    """The last known day is 15 October 2023: four months after, and no status at six."""
    row, months = about(spell("work", date(2020, 1, 1)), person=({how: date(2023, 10, 15)},))
    assert months == {("before", "work"): 24, ("after", "work"): 4, ("after", reason): 20}
    assert [row[REASON[m]] for m in STATUS] == [None, reason, reason, reason]
    assert (row["after_known_months"], row["reason_no_change"]) == (4, reason)


def test_of_a_move_and_a_death_the_first_is_the_reason(about):
    person = ({"moved_date": date(2023, 10, 15), "death_date": date(2024, 10, 15)},)
    row, months = about(spell("work", date(2020, 1, 1)), person=person)
    assert months[("after", "moved")] == 20
    assert row["reason_no_change"] == "moved"


def test_a_later_death_does_not_touch_a_closed_window(about):
    row, months = about(spell("work", date(2020, 1, 1)), person=({"death_date": date(2025, 6, 15)},))
    assert months == {("before", "work"): 24, ("after", "work"): 24}
    assert (row["favourable_month_change"], row["reason_no_change"]) == (0, None)


def test_unknown_is_never_unfavourable_nor_a_count_of_nothing(about):
    row, months = about(spell("work", date(2024, 1, 1), domain="employment", person_id=b"another"))
    assert months == {("before", "unknown"): 24, ("after", "unknown"): 24}
    assert (row["before_known_months"], row["before_favourable_months"]) == (0, None)
    assert (row["after_known_months"], row["after_favourable_months"]) == (0, None)
    assert (row["favourable_month_change"], row["reason_no_change"]) == (None, "unknown")


def test_known_months_without_a_favourable_one_are_none_of_them(about):
    row, _ = about(spell("unemployed", date(2020, 1, 1)))
    assert (row["before_favourable_months"], row["after_favourable_months"]) == (0, 0)
    assert row["favourable_month_change"] == 0


def test_a_domain_nobody_has_a_status_in_is_not_measured(given, rows):
    connection = given(status_spell=[spell("own_home", date(2020, 1, 1), domain="housing")], episode=[{}])
    assert [r["domain"] for r in rows(connection, WIDE)] == ["housing"]
    assert {r["domain"] for r in rows(connection, LONG)} == {"housing"}


def test_without_the_extract_there_are_no_rows(given, rows):
    assert rows(given(episode=[{}]), WIDE) == []


def test_every_started_episode_has_a_row_a_domain_and_no_other(given, rows):
    episodes = [
        {"episode_id": "started", "started_date": START},
        {"episode_id": "second", "started_date": START, "person_id": b"q"},
        {"episode_id": "waiting", "started_date": None},
        {"episode_id": "future", "started_date": REFERENCE_DATE + timedelta(1)},
    ]
    spells = [
        spell("work", date(2020, 1, 1)),
        spell("homeless", date(2020, 1, 1), domain="housing"),
        spell("homeless", date(2020, 1, 1), domain="debt"),
    ]
    found = rows(given(episode=episodes, status_spell=spells), WIDE)
    assert [(r["episode_id"], r["domain"]) for r in found] == [
        ("second", "employment"),
        ("second", "housing"),
        ("started", "employment"),
        ("started", "housing"),
    ]


DAYS = st.integers(0, 2200).map(lambda n: date(2020, 6, 1) + timedelta(n))
SPELLS = st.lists(
    st.tuples(
        st.sampled_from(["work", "unemployed", "homeless"]), DAYS, st.one_of(st.none(), st.integers(0, 900))
    ),
    max_size=6,
    unique_by=lambda s: s[1],
)


def statuses(spells, days, last):
    """Look every status day up, one by one: of the spells that cover it, the one that began last."""
    for day in days:
        covering = [
            (first, status)
            for status, first, length in spells
            if status != "homeless" and first <= day and (length is None or day <= first + timedelta(length))
        ]
        yield max(covering)[1] if covering and day <= last else None


def fifteenths(start):
    all_days = [date(year, month, 15) for year in range(2015, 2031) for month in range(1, 13)]
    before = [day for day in all_days if day <= start][-24:]
    after = [day for day in all_days if day > start][:24]
    return {"before": before, "after": after}


PERSONS = st.lists(
    st.tuples(SPELLS, DAYS.filter(lambda d: d <= REFERENCE_DATE), st.one_of(st.none(), DAYS)),
    min_size=20,
    max_size=40,
)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@examples(PERSONS)
def test_month_counts_are_those_of_looking_up_each_day(given, rows, persons):
    """An independent count, by days and not by months; and every side adds up to 24."""
    spells, episodes, people = [spell("work", date(2020, 1, 1), person_id=b"measured")], [], []
    for number, (own, start, died) in enumerate(persons):
        key = {"person_id": str(number).encode()}
        spells += [spell(s, f, None if n is None else f + timedelta(n), **key) for s, f, n in own]
        episodes.append({"episode_id": str(number), "started_date": start} | key)
        people.append({"death_date": died} | key)
    found = rows(given(status_spell=spells, episode=episodes, person=people), LONG)
    for number, (own, start, died) in enumerate(persons):
        last = min(died or REFERENCE_DATE, REFERENCE_DATE)
        for side, days in fifteenths(start).items():
            counted = {
                m["state"]: m["month_count"]
                for m in found
                if (m["episode_id"], m["side"]) == (str(number), side)
            }
            looked_up = Counter(statuses(own, days, last))
            gone = sum(day > last for day in days)
            looked_up["died" if died and died <= REFERENCE_DATE else "window_open"] = gone
            looked_up["unknown"] = looked_up.pop(None, 0) - gone
            assert counted == {state: n for state, n in looked_up.items() if n}
            assert sum(counted.values()) == 24
