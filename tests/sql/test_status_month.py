"""One status a month, never two and never a guess (method, section 3.8)."""

from datetime import date, timedelta

import pytest

from tests.sql.conftest import REFERENCE_DATE

MONTHS = "SELECT * FROM individual.status_month ORDER BY person_id, domain, month_date"
PERIODS = "SELECT * FROM individual.status_period ORDER BY person_id, domain, from_date"


def spell(status, first, last=None, domain="employment", **more):
    return {"domain": domain, "status_id": status, "from_date": first, "to_date": last} | more


@pytest.fixture
def status_day():
    return 15


@pytest.fixture
def catalogue(catalogue, status_day):
    day = {"value": status_day}
    parameters = (p.model_copy(update=day) if p.id == "status_month_day" else p for p in catalogue.parameters)
    return catalogue.model_copy(update={"parameters": tuple(parameters)})


@pytest.fixture
def tables():
    return ("individual.status_month",)


@pytest.fixture
def months(given, rows):
    """Return {month: status} of one person whose support started 1 March 2024."""

    def build(*spells, person=(), episode=({},)):
        found = rows(given(status_spell=spells, person=person, episode=episode), MONTHS)
        assert len({(r["domain"], r["month_date"]) for r in found}) == len(found)
        return {r["month_date"].isoformat()[:7]: r["status_id"] for r in found}

    return build


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2024, 2, 15), date(2024, 2, 15), ["2024-02"]),  # the status day alone
        (date(2024, 2, 16), date(2024, 3, 14), []),  # between two status days
        (date(2024, 2, 15), date(2024, 3, 14), ["2024-02"]),
        (date(2024, 2, 16), date(2024, 3, 15), ["2024-03"]),
        (date(2024, 2, 29), date(2024, 3, 31), ["2024-03"]),  # the leap day
        (date(2024, 12, 16), date(2025, 1, 15), ["2025-01"]),
        (date(2024, 11, 30), date(2025, 2, 1), ["2024-12", "2025-01"]),
    ],
)
def test_a_month_is_known_by_its_status_day(months, first, last, expected):
    assert list(months(spell("work", first, last))) == expected


@pytest.mark.parametrize(("status_day", "expected"), [(1, ["2024-02"]), (28, ["2024-01"])])
def test_the_day_is_a_parameter(months, status_day, expected):
    assert list(months(spell("work", date(2024, 1, 2), date(2024, 2, 27)))) == expected


def test_the_months_row_says_its_day_and_whether_it_is_aimed_for(given, rows):
    spells = [
        spell("work", date(2024, 5, 1), date(2024, 5, 31)),
        spell("homeless", date(2024, 5, 1), date(2024, 5, 31), domain="housing"),
    ]
    found = rows(given(status_spell=spells, episode=[{}]), MONTHS)
    assert [(r["domain"], r["status_date"], r["is_favourable"]) for r in found] == [
        ("employment", date(2024, 5, 15), True),
        ("housing", date(2024, 5, 15), False),
    ]


def test_of_overlapping_spells_the_one_that_began_last_is_in_force_and_then_the_earlier_again(months):
    outer = spell("cash_benefit", date(2024, 4, 1), date(2024, 8, 31))
    inner = spell("work", date(2024, 5, 16), date(2024, 7, 15))
    expected = {
        "2024-04": "cash_benefit",
        "2024-05": "cash_benefit",  # the later one begins the day after
        "2024-06": "work",
        "2024-07": "work",  # and ends on the day itself
        "2024-08": "cash_benefit",
    }
    assert months(inner, outer) == expected


def test_an_open_spell_gives_way_to_the_next_and_three_are_no_harder_than_two(months):
    spells = (
        spell("cash_benefit", date(2025, 8, 1)),
        spell("unemployed", date(2025, 9, 1), date(2025, 12, 31)),
        spell("work", date(2025, 10, 1), date(2025, 10, 31)),
    )
    found = months(*spells)
    assert list(found.values()) == [
        "cash_benefit",
        "unemployed",
        "work",
        "unemployed",
        "unemployed",
        "cash_benefit",
    ]


def test_periods_never_overlap_and_keep_every_known_day(given, rows):
    spells = [
        spell("cash_benefit", date(2024, 1, 1), date(2024, 1, 10)),
        spell("work", date(2024, 1, 5), date(2024, 1, 20)),
        spell("pension", date(2024, 1, 21), date(2024, 1, 21)),
        spell("work", date(2024, 1, 23), date(2024, 1, 31)),
    ]
    found = rows(given(status_spell=spells), PERIODS)
    assert [(r["from_date"].day, r["to_date"].day, r["status_id"]) for r in found] == [
        (1, 4, "cash_benefit"),
        (5, 10, "work"),
        (11, 20, "work"),
        (21, 21, "pension"),
        (23, 31, "work"),
    ]


@pytest.mark.parametrize("last", [None, REFERENCE_DATE + timedelta(200)])
def test_nothing_is_known_after_the_reference_date(months, last):
    assert list(months(spell("work", date(2025, 12, 1), last))) == ["2025-12", "2026-01"]


def test_a_spell_that_has_not_begun_does_not_end_the_present_one(months):
    later = spell("work", REFERENCE_DATE + timedelta(1))
    assert months(spell("unemployed", date(2026, 1, 1)), later) == {"2026-01": "unemployed"}


@pytest.mark.parametrize("how", ["death_date", "moved_date"])
@pytest.mark.parametrize(("day", "expected"), [(14, ["2024-04"]), (15, ["2024-04", "2024-05"])])
def test_nothing_is_known_after_a_person_died_or_moved(months, how, day, expected):
    found = months(spell("work", date(2024, 4, 1)), person=({how: date(2024, 5, day)},))
    assert list(found) == expected


def test_a_death_after_the_reference_date_has_not_happened(months):
    found = months(spell("work", date(2026, 1, 1)), person=({"death_date": REFERENCE_DATE + timedelta(1)},))
    assert list(found) == ["2026-01"]


def test_a_status_of_another_domain_is_counted_nowhere_and_hides_nothing(months):
    wrong = spell("homeless", date(2024, 5, 1))
    assert months(wrong) == {}


def test_a_status_of_another_domain_does_not_hide_a_right_one(months):
    wrong = spell("homeless", date(2024, 5, 1))
    right = spell("work", date(2024, 4, 1), date(2024, 6, 30))
    assert set(months(wrong, right).values()) == {"work"}


def test_two_numbers_of_one_person_give_one_status(given, rows):
    spells = [
        spell("cash_benefit", date(2024, 4, 1), date(2024, 6, 30), person_id=b"old"),
        spell("work", date(2024, 6, 1), date(2024, 7, 31), person_id=b"new"),
    ]
    link = [{"former_person_id": b"old", "person_id": b"new"}]
    connection = given(status_spell=spells, person_link=link, episode=[{"person_id": b"new"}])
    found = rows(connection, MONTHS)
    assert [(r["month_date"].month, r["status_id"]) for r in found] == [
        (4, "cash_benefit"),
        (5, "cash_benefit"),
        (6, "work"),
        (7, "work"),
    ]


def test_only_months_about_a_start_and_only_persons_with_support(months):
    """24 months on either side of 1 March 2024, whose last status day before it is 15 February."""
    found = months(spell("work", date(2010, 1, 1)), spell("work", date(2010, 1, 1), person_id=b"other"))
    assert min(found) == "2022-03"
    assert max(found) == "2026-01"  # not 2026-02, which has not happened
    assert len(found) == 24 + 23


def test_a_start_before_the_calendar_has_no_months(months):
    found = months(spell("work", date(2010, 1, 1)), episode=({"started_date": date(2015, 3, 1)},))
    assert found == {}


def test_the_calendar_is_whole_years_back_to_what_a_start_in_the_window_looks_at(given, rows):
    found = rows(given(), "SELECT * FROM ref.month ORDER BY month_number")
    assert (found[0]["month_date"], found[-1]["month_date"]) == (date(2021, 1, 1), date(2026, 1, 1))
    assert len(found) == 61
    assert all(r["month_number"] == 12 * r["month_date"].year + r["month_date"].month for r in found)
    assert all(r["year_number"] == r["month_date"].year for r in found)
