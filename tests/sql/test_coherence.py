"""Concurrency, gaps, continuity and plans per person and year (method, section 3.9)."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from tests.sql.conftest import REFERENCE_DATE

COHERENCE = "SELECT * FROM individual.person_year_coherence ORDER BY person_id, support_year"
DAY = timedelta(1)


@pytest.fixture
def tables():
    return ("individual.person_year_coherence",)


@pytest.fixture
def years(given, rows):
    """Return {year: row} of one person with these episodes (intervention, provider, first day, last day)."""

    def build(*episodes, **raw):
        delivered = [
            {
                "episode_id": str(number),
                "intervention_id": intervention,
                "provider_id": provider,
                "started_date": first,
                "ended_date": last,
            }
            for number, (intervention, provider, first, last) in enumerate(episodes)
        ]
        return {r["support_year"]: r for r in rows(given(episode=delivered, **raw), COHERENCE)}

    return build


def of(row, *columns):
    return tuple(row[column] for column in columns)


CONCURRENT = ("intervention_count", "most_interventions", "provider_count", "most_providers")
DAYS = ("support_days", "overlap_days", "gap_count", "gap_days")


def test_two_interventions_that_overlap_by_hand(years):
    """March and April, and 11 April to the end of May: 92 days with support, 20 with both."""
    found = years(
        ("support", "a", date(2024, 3, 1), date(2024, 4, 30)),
        ("other", "b", date(2024, 4, 11), date(2024, 5, 31)),
    )
    assert list(found) == [2024]
    assert of(found[2024], *CONCURRENT) == (2, 2, 2, 2)
    assert of(found[2024], *DAYS) == (92, 20, 0, 0)
    assert of(found[2024], "year_days", "episode_count", "reason_no_providers") == (366, 2, None)


@pytest.mark.parametrize(
    ("first", "overlap", "most", "support"),
    [
        (date(2024, 4, 30), 1, 2, 92),  # the last day of the one is the first of the other
        (date(2024, 5, 1), 0, 1, 92),  # they touch
        (date(2024, 5, 2), 0, 1, 91),
    ],
)
def test_episodes_that_touch_do_not_overlap(years, first, overlap, most, support):
    found = years(
        ("support", "a", date(2024, 3, 1), date(2024, 4, 30)), ("other", "a", first, date(2024, 5, 31))
    )
    assert of(found[2024], "overlap_days", "most_interventions", "support_days") == (overlap, most, support)


def test_one_intervention_by_two_providers_is_one_intervention(years):
    found = years(
        ("support", "a", date(2024, 3, 1), date(2024, 3, 31)),
        ("support", "b", date(2024, 3, 11), date(2024, 4, 30)),
    )
    assert of(found[2024], *CONCURRENT) == (1, 1, 2, 2)
    assert found[2024]["overlap_days"] == 0


def test_the_most_at_once_is_not_the_most_in_the_year(years):
    found = years(
        ("support", "a", date(2024, 1, 1), date(2024, 1, 31)),
        ("other", "b", date(2024, 1, 31), date(2024, 2, 29)),
        ("unmeasured", "c", date(2024, 2, 29), date(2024, 3, 31)),
    )
    assert of(found[2024], *CONCURRENT) == (3, 2, 3, 2)
    assert of(found[2024], *DAYS) == (91, 2, 0, 0)


def test_three_at_once_are_days_counted_once(years):
    one = date(2024, 5, 1), date(2024, 5, 10)
    found = years(*((i, i, *one) for i in ("support", "other", "unmeasured")))
    assert of(found[2024], *CONCURRENT) == (3, 3, 3, 3)
    assert of(found[2024], *DAYS) == (10, 10, 0, 0)


def test_an_episode_over_new_year_is_cut_between_the_days(years):
    found = years(
        ("support", "a", date(2023, 12, 30), date(2024, 1, 1)),
        ("other", "a", date(2023, 12, 31), date(2023, 12, 31)),
    )
    assert {year: of(row, *DAYS) for year, row in found.items()} == {2023: (2, 1, 0, 0), 2024: (1, 0, 0, 0)}
    assert [row["intervention_count"] for row in found.values()] == [2, 1]


def test_a_leap_year_has_366_days_and_the_year_of_the_reference_date_those_that_have_passed(years):
    found = years(("support", "a", date(2022, 7, 1), None))
    assert {year: of(row, "year_days", "support_days") for year, row in found.items()} == {
        2022: (365, 184),
        2023: (365, 365),
        2024: (366, 366),
        2025: (365, 365),
        2026: (31, 31),
    }


def test_an_end_that_has_not_come_and_a_start_that_has_not(years):
    found = years(
        ("support", "a", date(2026, 1, 30), REFERENCE_DATE + 10 * DAY),
        ("other", "b", REFERENCE_DATE + DAY, None),
    )
    assert of(found[2026], *CONCURRENT) == (1, 1, 1, 1)
    assert of(found[2026], *DAYS) == (2, 0, 0, 0)


@pytest.mark.parametrize("how", ["death_date", "moved_date"])
def test_an_open_episode_stops_with_the_person(years, how):
    found = years(("support", "a", date(2024, 3, 1), None), person=[{how: date(2024, 3, 10)}])
    assert list(found) == [2024]
    assert found[2024]["support_days"] == 10


def test_an_episode_without_a_provider_leaves_their_number_unknown(years):
    found = years(
        ("support", "a", date(2024, 1, 1), date(2024, 12, 31)),
        ("other", None, date(2024, 5, 1), date(2025, 1, 1)),
    )
    assert of(found[2024], *CONCURRENT) == (2, 2, None, None)
    assert found[2024]["reason_no_providers"] == "provider_unknown"


@pytest.mark.parametrize(
    ("resumed", "gap"),
    [
        (date(2024, 3, 31), (0, 0)),  # the same day
        (date(2024, 4, 1), (0, 0)),  # the next day
        (date(2024, 4, 2), (0, 0)),  # one day without
        (date(2024, 4, 7), (0, 0)),  # six
        (date(2024, 4, 8), (1, 7)),  # seven, the parameter
        (date(2024, 12, 1), (1, 244)),
    ],
)
def test_a_gap_counts_from_a_week_on(years, resumed, gap):
    found = years(
        ("support", "a", date(2024, 3, 1), date(2024, 3, 31)), ("other", "b", resumed, date(2024, 12, 31))
    )
    assert of(found[2024], "gap_count", "gap_days") == gap


def test_a_gap_in_one_episode_is_none_while_another_runs(years):
    found = years(
        ("support", "a", date(2024, 1, 1), date(2024, 12, 31)),
        ("other", "b", date(2024, 2, 1), date(2024, 2, 29)),
        ("other", "b", date(2024, 6, 1), date(2024, 6, 30)),
    )
    assert of(found[2024], *DAYS) == (366, 59, 0, 0)


def test_support_that_never_came_back_has_ended(years):
    found = years(
        ("support", "a", date(2024, 1, 1), date(2024, 1, 31)), ("other", "b", date(2027, 1, 1), None)
    )
    assert of(found[2024], "gap_count", "gap_days") == (0, 0)


def test_a_gap_over_new_year_is_in_both_years_with_each_years_days(years):
    found = years(
        ("support", "a", date(2023, 1, 1), date(2023, 12, 26)),
        ("support", "a", date(2024, 1, 4), date(2024, 1, 31)),
        ("support", "a", date(2024, 2, 20), date(2024, 12, 31)),
    )
    assert of(found[2023], "gap_count", "gap_days") == (1, 5)
    assert of(found[2024], "gap_count", "gap_days") == (2, 3 + 19)


def test_a_year_without_support_has_no_row_and_its_gap_no_days_elsewhere(years):
    found = years(
        ("support", "a", date(2022, 1, 1), date(2022, 12, 31)),
        ("support", "a", date(2024, 1, 11), date(2024, 12, 31)),
    )
    assert {year: of(row, "gap_count", "gap_days") for year, row in found.items()} == {
        2022: (0, 0),
        2024: (1, 10),
    }


YEAR = ("support", "a", date(2024, 1, 1), date(2024, 12, 31))


def contacts(*providers, first=date(2024, 2, 1), **more):
    return [
        {"provider_id": provider, "contact_date": first + timedelta(n)} | more
        for n, provider in enumerate(providers)
    ]


@pytest.mark.parametrize(
    ("providers", "index"),
    [
        ("aa", 1),
        ("ab", 0),
        ("aaaaaaaa", 1),  # least dispersion: one provider (Bice & Boxerman's upper limit)
        ("abcdefgh", 0),  # most: another each time (the lower)
        ("aaabbc", 8 / 30),  # 9 + 4 + 1 - 6 over 6 * 5
        ("abcaba", 8 / 30),  # the order of visits does not matter
        ("aaabbb", 12 / 30),
        ("aaabcd", 6 / 30),
        ("aaaabbcd", 14 / 56),
    ],
)
def test_the_continuity_index_by_hand(years, providers, index):
    found = years(YEAR, contact=contacts(*providers))[2024]
    assert found["continuity_index"] == pytest.approx(index, abs=1e-15)
    assert of(found, "contact_count", "contact_provider_count") == (len(providers), len(set(providers)))
    assert found["reason_no_continuity_index"] is None


@pytest.mark.parametrize(("providers", "count"), [("", 0), ("a", 1)])
def test_fewer_than_two_contacts_have_no_index(years, providers, count):
    found = years(YEAR, contact=contacts(*providers))[2024]
    assert of(found, "contact_count", "continuity_index") == (count, None)
    assert found["reason_no_continuity_index"] == "few_contacts"


def test_an_extract_that_was_not_delivered_is_not_nothing(years):
    found = years(YEAR)[2024]
    assert of(found, "contact_count", "contact_provider_count", "continuity_index") == (None, None, None)
    assert found["reason_no_continuity_index"] == "no_contact_extract"
    assert of(found, "plan_count", "reason_no_plan_count") == (None, "no_plan_extract")


def test_contacts_count_in_their_year_and_once_a_day_and_provider(years):
    found = years(
        YEAR,
        contact=[
            *contacts("a", "b", first=date(2023, 12, 31)),
            *contacts("b", first=date(2024, 1, 1)),  # the same provider on the same day
            *contacts("b", "a", first=date(2024, 12, 31)),
            *contacts("c", "c", first=date(2024, 5, 1), person_id=b"q"),
        ],
    )
    assert of(found[2024], "contact_count", "continuity_index") == (2, 1)


def test_contacts_after_the_reference_date_have_not_happened(years):
    found = years(("support", "a", date(2026, 1, 1), None), contact=contacts("a", "b", first=REFERENCE_DATE))
    assert found[2026]["contact_count"] == 1


def plan(number, decided, ended=None):
    return {"plan_id": str(number), "kind": "action_plan", "decided_date": decided, "ended_date": ended}


@pytest.mark.parametrize(
    ("decided", "ended", "count"),
    [
        (date(2020, 1, 1), None, 1),
        (date(2024, 12, 31), None, 1),
        (date(2025, 1, 1), None, 0),
        (date(2020, 1, 1), date(2024, 1, 1), 1),
        (date(2020, 1, 1), date(2023, 12, 31), 0),
    ],
)
def test_a_plan_counts_in_each_year_it_is_in_force(years, decided, ended, count):
    found = years(YEAR, plan=[plan(1, decided, ended)])[2024]
    assert of(found, "plan_count", "reason_no_plan_count") == (count, None)


def test_plans_add_up(years):
    plans = [plan(n, date(2024, n, 1), date(2024, n, 20)) for n in (1, 2, 3)]
    assert years(YEAR, plan=plans)[2024]["plan_count"] == 3


def test_two_numbers_of_one_person_are_one_persons_year(given, rows):
    key = {"started_date": date(2024, 1, 1), "ended_date": date(2024, 1, 31)}
    connection = given(
        episode=[
            {"episode_id": "e", "person_id": b"old", "provider_id": "a"} | key,
            {"episode_id": "f", "person_id": b"new", "provider_id": "b", "intervention_id": "other"} | key,
        ],
        person_link=[{"former_person_id": b"old", "person_id": b"new"}],
        contact=[*contacts("a", "a", person_id=b"old"), *contacts("a", "b", person_id=b"new")],
        plan=[plan(1, date(2024, 1, 1)) | {"person_id": b"old"}],
    )
    (found,) = rows(connection, COHERENCE)
    assert of(found, *CONCURRENT) == (2, 2, 2, 2)
    assert of(found, "overlap_days", "plan_count") == (31, 1)
    # The first visit was entered under both numbers: three visits are left, two of them with a.
    assert of(found, "contact_count", "continuity_index") == (3, pytest.approx(1 / 3))


EPISODE_DAYS = st.integers(0, 700).map(lambda n: date(2024, 3, 1) + timedelta(n))
EPISODES = st.lists(
    st.tuples(
        st.sampled_from(["support", "other", "unmeasured"]),
        st.sampled_from("abcd"),
        EPISODE_DAYS.filter(lambda d: d <= REFERENCE_DATE),
        st.one_of(st.none(), st.integers(0, 300)),
    ),
    min_size=1,
    max_size=6,
)
VISITS = st.lists(st.tuples(st.sampled_from("abc"), EPISODE_DAYS), max_size=12)
PERSONS = st.lists(st.tuples(EPISODES, VISITS), min_size=15, max_size=25)


def walked(episodes, visits):
    """Return every year's figures by walking through the days one by one, and pairing visits one by one."""
    running = {}
    for intervention, provider, first, length in episodes:
        last = REFERENCE_DATE if length is None else min(first + timedelta(length), REFERENCE_DATE)
        for n in range((last - first).days + 1):
            running.setdefault(first + timedelta(n), []).append((intervention, provider))
    days = sorted(running)
    gap = Counter()
    gaps = {}
    for before, after in pairwise(days):
        without = [before + timedelta(n) for n in range(1, (after - before).days)]
        if len(without) >= 7:
            gap.update(day.year for day in without)
            for year in {day.year for day in without}:
                gaps[year] = gaps.get(year, 0) + 1
    for year in sorted({day.year for day in days}):
        own = [running[day] for day in days if day.year == year]
        seen = sorted({v for v in visits if v[1].year == year and v[1] <= REFERENCE_DATE})
        pairs = [a[0] == b[0] for n, a in enumerate(seen) for b in seen[n + 1 :]]
        yield {
            "support_year": year,
            "intervention_count": len({i for day in own for i, _ in day}),
            "provider_count": len({p for day in own for _, p in day}),
            "most_interventions": max(len({i for i, _ in day}) for day in own),
            "most_providers": max(len({p for _, p in day}) for day in own),
            "support_days": len(own),
            "overlap_days": sum(len({i for i, _ in day}) > 1 for day in own),
            "gap_count": gaps.get(year, 0),
            "gap_days": gap[year],
            "contact_count": len(seen),
            # The index is the probability that two contacts drawn at random are with one provider.
            "continuity_index": pytest.approx(sum(pairs) / len(pairs), abs=1e-12) if pairs else None,
        }


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@examples(PERSONS)
def test_every_figure_is_that_of_walking_through_the_days(given, rows, persons):
    episodes, visits, people = [], [], []
    for number, (own, met) in enumerate(persons):
        key = {"person_id": f"{number:03}".encode()}
        people.append(key)
        visits += [{"provider_id": p, "contact_date": day} | key for p, day in met]
        episodes += [
            {
                "episode_id": f"{number}-{n}",
                "intervention_id": intervention,
                "provider_id": provider,
                "started_date": first,
                "ended_date": None if length is None else first + timedelta(length),
            }
            | key
            for n, (intervention, provider, first, length) in enumerate(own)
        ]
    found = rows(given(episode=episodes, contact=visits, person=people), COHERENCE)
    for number, (own, met) in enumerate(persons, start=1):
        expected = list(walked(own, met))
        actual = [r for r in found if r["person_id"] == number]
        assert [{column: r[column] for column in expected[0]} for r in actual] == expected
