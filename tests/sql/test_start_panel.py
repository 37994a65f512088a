"""Who started when, and their half-years in the registers (method, section 4, D4)."""

from datetime import date, timedelta

import pytest

from tests.sql.conftest import REFERENCE_DATE

PANEL = "SELECT * FROM intervention.start_panel ORDER BY intervention_id, register, person_id, half_year"
FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)  # the window of 36 months, and 24 before it
START = date(2024, 3, 1)
PERSON = {"birth_date": date(1980, 5, 5), "sex": "female"}


def spell(status="work", first=FIRST, last=None, domain="employment", **more):
    return {"domain": domain, "status_id": status, "from_date": first, "to_date": last} | more


@pytest.fixture
def tables():
    return ("intervention.start_panel",)


@pytest.fixture
def panel(given, rows):
    """Return the panel's rows of employment, of one person who always worked unless others are named."""

    def build(*spells, episode=({},), person=(PERSON,), **extracts):
        raw = {"status_spell": spells or (spell(),), "episode": episode, "person": person}
        return [r for r in rows(given(**raw, **extracts), PANEL) if r["register"] == "employment"]

    return build


def months(found):
    return [(r["known_months"], r["favourable_months"]) for r in found]


def test_a_row_for_every_half_year_of_the_window_and_before_it(panel):
    found = panel()
    dates = [date(year, month, 1) for year in range(2021, 2026) for month in (1, 7)]
    assert [r["half_year_date"] for r in found] == dates
    assert [r["half_year"] for r in found] == [2 * d.year + (d.month > 6) for d in dates]
    assert months(found) == [(6, 6)] * 10
    assert {r["month_count"] for r in found} == {6}
    assert {r["reason_not_in_panel"] for r in found} == {None}
    assert {r["outcome_id"] for r in found} == {"register:employment"}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2023, 6, 15), date(2023, 6, 30), {(2023, 1): 1}),  # the last status day of the spring
        (date(2023, 6, 16), date(2023, 7, 14), {}),  # between two half-years' status days
        (date(2023, 6, 16), date(2023, 7, 15), {(2023, 2): 1}),
        (date(2023, 6, 15), date(2023, 7, 15), {(2023, 1): 1, (2023, 2): 1}),
        (date(2023, 12, 31), date(2024, 1, 14), {}),
        (date(2022, 12, 15), date(2023, 7, 15), {(2022, 2): 1, (2023, 1): 6, (2023, 2): 1}),
    ],
)
def test_favourable_months_fall_in_the_half_year_of_their_status_day(panel, first, last, expected):
    found = panel(spell("cash_benefit"), spell("work", first, last))
    by_half = {(r["half_year"] // 2, r["half_year"] % 2 + 1): r["favourable_months"] for r in found}
    assert {half: n for half, n in by_half.items() if n} == expected
    assert {r["known_months"] for r in found} == {6}


@pytest.mark.parametrize(
    ("started", "half_year"),
    [
        (date(2022, 12, 31), None),  # the day before the window
        (date(2023, 1, 1), 4046),
        (date(2023, 6, 30), 4046),
        (date(2023, 7, 1), 4047),
        (date(2025, 12, 31), 4051),
        (date(2026, 1, 1), 4052),  # after the window: waits in all of it
        (REFERENCE_DATE, 4052),
        (REFERENCE_DATE + timedelta(1), None),  # has not happened
        (None, None),
    ],
)
def test_the_half_year_of_the_start(panel, started, half_year):
    found = panel(episode=[{"started_date": started, "requested_date": date(2022, 1, 1)}])
    assert {r["start_half_year"] for r in found} == ({half_year} if half_year else set())


def test_the_first_start_is_absorbing(panel):
    again = {"episode_id": "f", "started_date": date(2025, 3, 1)}
    assert {r["start_half_year"] for r in panel(episode=[{}, again])} == {4048}


def test_who_first_started_before_the_window_is_no_starter_in_it(panel):
    assert panel(episode=[{"episode_id": "d", "started_date": date(2019, 3, 1)}, {}]) == []


def test_each_intervention_has_its_own_first_start(panel):
    other = {"episode_id": "f", "started_date": date(2023, 1, 1), "intervention_id": "other"}
    found = panel(episode=[{}, other])
    assert {(r["intervention_id"], r["start_half_year"]) for r in found} == {
        ("support", 4048),
        ("other", 4046),
    }


def test_an_intervention_without_registers_and_a_person_who_never_starts_are_not_there(panel):
    episodes = [
        {"intervention_id": "unmeasured"},
        {"episode_id": "f", "person_id": b"q", "started_date": None, "requested_date": START},
    ]
    spells = [spell(), spell(person_id=b"q"), spell(person_id=b"r")]
    assert panel(*spells, episode=episodes, person=[PERSON, PERSON | {"person_id": b"q"}]) == []


@pytest.mark.parametrize(
    ("spells", "is_in"),
    [
        ([spell(last=LAST)], True),
        ([spell(last=date(2025, 12, 15))], True),  # the last status day
        ([spell(last=date(2025, 12, 14))], False),
        ([spell(first=date(2021, 1, 15))], True),
        ([spell(first=date(2021, 1, 16))], False),
        ([spell(last=date(2023, 4, 14)), spell(first=date(2023, 4, 16))], False),  # a status day lost
        ([spell(last=date(2023, 4, 15)), spell(first=date(2023, 5, 15))], True),
        ([], False),
    ],
)
def test_one_unknown_month_takes_all_of_a_person_out(panel, spells, is_in):
    found = panel(spell(person_id=b"q"), *spells)
    assert len(found) == 10
    assert {r["reason_not_in_panel"] for r in found} == {None if is_in else "unknown_months"}


@pytest.mark.parametrize("how", ["death_date", "moved_date"])
@pytest.mark.parametrize(("day", "is_in"), [(date(2025, 12, 15), True), (date(2025, 12, 14), False)])
def test_nothing_is_known_of_who_has_left(panel, how, day, is_in):
    found = panel(person=[PERSON | {how: day}])
    assert {r["reason_not_in_panel"] for r in found} == {None if is_in else "unknown_months"}


def test_each_register_has_its_own_unknown_months(given, rows):
    raw = {"status_spell": [spell(), spell("own_home", date(2022, 1, 1), domain="housing")], "episode": [{}]}
    found = rows(given(**raw, person=[PERSON]), PANEL)
    assert {(r["register"], r["reason_not_in_panel"]) for r in found} == {
        ("employment", None),
        ("housing", "unknown_months"),
    }


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"sex": None}, "unknown_age_or_sex"),
        ({"birth_date": None}, "unknown_age_or_sex"),
        ({"sex": None, "moved_date": START}, "unknown_months"),
    ],
)
def test_an_unknown_age_or_sex_takes_a_person_out(panel, person, reason):
    assert {r["reason_not_in_panel"] for r in panel(person=[PERSON | person])} == {reason}


def test_age_is_what_they_turn_in_the_windows_first_year(panel):
    found = panel(person=[PERSON | {"birth_date": date(1980, 12, 31)}])
    assert {(r["age_years"], r["is_female"]) for r in found} == {(43, True)}


@pytest.mark.parametrize(
    ("requested", "wait"),
    [(START, 0), (START - timedelta(92), 92), (START + timedelta(1), None), (None, None)],
)
def test_the_wait_is_from_the_request_to_the_start(panel, requested, wait):
    assert {r["wait_days"] for r in panel(episode=[{"requested_date": requested}])} == {wait}


def test_of_two_starts_on_one_day_the_longer_wait_counts(panel):
    episodes = [
        {"requested_date": START - timedelta(10)},
        {"episode_id": "f", "requested_date": START - timedelta(40)},
    ]
    assert {r["wait_days"] for r in panel(episode=episodes)} == {40}


def test_one_person_under_two_numbers_is_one_with_one_first_start(panel):
    found = panel(
        spell("cash_benefit", last=date(2023, 6, 30), person_id=b"old"),
        spell("work", first=date(2023, 7, 1)),
        episode=[{}, {"episode_id": "f", "started_date": date(2023, 5, 1), "person_id": b"old"}],
        person_link=[{"person_id": b"p", "former_person_id": b"old"}],
    )
    assert {(r["start_half_year"], r["reason_not_in_panel"]) for r in found} == {(4046, None)}
    assert [n for _, n in months(found)] == [0] * 5 + [6] * 5


def test_overlapping_statuses_count_a_month_once(panel):
    found = panel(spell("cash_benefit"), spell("work", date(2023, 1, 1)), spell("work", date(2023, 3, 1)))
    assert months(found) == [(6, 0)] * 4 + [(6, 6)] * 6
