"""Surveys: whom they are about, who was invited, who answered and what (strategy.survey_*)."""

from datetime import date

import pytest

from pipelines.warehouse import ladder
from tests.sql.conftest import REFERENCE_DATE

CELLS = """
    SELECT * FROM strategy.survey_cell ORDER BY survey_id, survey_year, sex, age_band_id
"""
SUMS = """
    SELECT * FROM strategy.survey_sum ORDER BY indicator_id, survey_year, sex, age_band_id
"""
INVITED = date(2024, 9, 1)
ANSWERED = date(2024, 9, 20)


@pytest.fixture
def tables():
    return ("strategy.survey_cell", "strategy.survey_sum")


def person(name, birth_date=date(1984, 5, 1), sex="female"):
    return {"person_id": name, "birth_date": birth_date, "sex": sex}


def support(name, started=date(2024, 1, 1), ended=date(2024, 12, 31)):
    return {
        "person_id": name,
        "episode_id": f"e-{name.decode()}",
        "started_date": started,
        "ended_date": ended,
    }


def invitation(name, invited=INVITED, invitation_id=None, survey="citizen"):
    return {
        "invitation_id": invitation_id or f"i-{name.decode()}",
        "survey_id": survey,
        "person_id": name,
        "invited_date": invited,
    }


def answer(invitation_id, value, question="overview", answered=ANSWERED):
    return {
        "invitation_id": invitation_id,
        "question_id": question,
        "answered_date": answered,
        "answer": value,
    }


@pytest.fixture
def held(given):
    """Build with persons who are all served in 2024 if no episodes are told."""

    def build(persons, invitations, answers=(), episodes=None):
        return given(
            person=persons,
            episode=[support(p["person_id"]) for p in persons] if episodes is None else episodes,
            survey_invitation=invitations,
            survey_answer=answers,
        )

    return build


def cells(rows, connection):
    return [
        (
            r["survey_id"], r["survey_year"], r["sex"], r["age_band_id"],
            r["population_count"], r["invited_count"], r["answered_count"],
        )
        for r in rows(connection, CELLS)
    ]  # fmt: skip


def test_one_survey_by_hand(held, rows):
    people = [person(b"a"), person(b"b"), person(b"c", sex="male"), person(b"d", date(2004, 1, 1), "male")]
    connection = held(
        people,
        [invitation(b"a"), invitation(b"b"), invitation(b"c")],
        [answer("i-a", 4), answer("i-b", 3), answer("i-c", 2), answer("i-c", 5, "lonely")],
    )
    assert cells(rows, connection) == [
        ("citizen", 2024, "female", "adult", 2, 2, 2),
        ("citizen", 2024, "male", "adult", 1, 1, 1),
        ("citizen", 2024, "male", "young", 1, 0, 0),
    ]
    found = {
        (r["indicator_id"], r["sex"]): (
            r["answer_count"],
            r["match_count"],
            r["sum_hundredths"],
            r["sum_squares"],
        )
        for r in rows(connection, SUMS)
    }
    assert found == {
        ("overview", "female"): (2, 1, 700, 250000),
        ("overview", "male"): (1, 0, 200, 40000),
        ("overview_mean", "female"): (2, None, 700, 250000),
        ("overview_mean", "male"): (1, None, 200, 40000),
        ("lonely", "male"): (1, 0, 500, 250000),
    }


@pytest.mark.parametrize(("value", "is_match"), [(3.99, 0), (4, 1), (4.01, 1)])
def test_at_least_takes_the_limit_in(held, rows, value, is_match):
    connection = held([person(b"a")], [invitation(b"a")], [answer("i-a", value)])
    assert [r["match_count"] for r in rows(connection, SUMS) if r["indicator_id"] == "overview"] == [is_match]


@pytest.mark.parametrize(("value", "is_match"), [(1.99, 1), (2, 1), (2.01, 0)])
def test_at_most_takes_the_limit_in(held, rows, value, is_match):
    connection = held([person(b"a")], [invitation(b"a")], [answer("i-a", value, "lonely")])
    assert [r["match_count"] for r in rows(connection, SUMS)] == [is_match]


@pytest.mark.parametrize(("value", "answered_count"), [(1, 1), (5, 1), (0.99, 0), (5.01, 0), (0, 0), (99, 0)])
def test_an_answer_off_the_scale_is_no_answer(held, rows, value, answered_count):
    connection = held([person(b"a")], [invitation(b"a")], [answer("i-a", value)])
    assert [c[-1] for c in cells(rows, connection)] == [answered_count]


@pytest.mark.parametrize(
    ("birth_date", "band"),
    [
        (date(2006, 12, 31), "young"),  # 18 on the last day of 2024
        (date(2007, 1, 1), None),
        (date(1994, 12, 31), "adult"),
        (date(1995, 1, 1), "young"),
        (None, "unknown"),  # may be of age
    ],
)
def test_age_is_that_of_the_years_last_day(held, rows, birth_date, band):
    connection = held([person(b"a", birth_date)], [invitation(b"a")], [answer("i-a", 4)])
    assert [c[3:] for c in cells(rows, connection)] == ([(band, 1, 1, 1)] if band else [])


@pytest.mark.parametrize(
    ("started", "ended", "is_served"),
    [
        (date(2024, 12, 31), None, True),
        (date(2023, 1, 1), date(2024, 1, 1), True),
        (date(2023, 1, 1), date(2023, 12, 31), False),
        (date(2025, 1, 1), None, False),
    ],
)
def test_served_is_a_day_of_support_in_the_year(held, rows, started, ended, is_served):
    """Who was invited and not served is none of those the survey is about."""
    connection = held(
        [person(b"a"), person(b"b")],
        [invitation(b"a"), invitation(b"b")],
        [answer("i-a", 4), answer("i-b", 2)],
        [support(b"a", started, ended), support(b"b")],
    )
    wanted = 2 if is_served else 1
    assert cells(rows, connection) == [("citizen", 2024, "female", "adult", wanted, wanted, wanted)]


def test_a_person_counts_once_with_the_latest_answer(held, rows):
    """Also with two courses of support and two invitations."""
    connection = held(
        [person(b"a")],
        [invitation(b"a"), invitation(b"a", date(2024, 10, 1), "again")],
        [answer("i-a", 5), answer("again", 2, answered=date(2024, 10, 5))],
        [support(b"a"), support(b"a") | {"episode_id": "other"}],
    )
    assert cells(rows, connection) == [("citizen", 2024, "female", "adult", 1, 1, 1)]
    assert {r["sum_hundredths"] for r in rows(connection, SUMS)} == {200}


def test_two_numbers_of_one_person_count_once(given, rows):
    connection = given(
        person=[person(b"a")],
        person_link=[{"former_person_id": b"old", "person_id": b"a"}],
        episode=[support(b"a"), support(b"old")],
        survey_invitation=[invitation(b"a"), invitation(b"old")],
        survey_answer=[answer("i-a", 3)],
    )
    assert cells(rows, connection) == [("citizen", 2024, "female", "adult", 1, 1, 1)]


def test_the_year_is_the_invitations_and_what_has_not_happened_is_not_counted(held, rows):
    """Answered in January is an answer to December's survey; after the reference date it is none yet."""
    connection = held(
        [person(b"a"), person(b"b"), person(b"c")],
        [
            invitation(b"a", date(2025, 12, 20)),
            invitation(b"b", date(2025, 12, 20)),
            invitation(b"c", date(2026, 1, 5)),
        ],
        [
            answer("i-a", 4, answered=REFERENCE_DATE),
            answer("i-b", 4, answered=date(2026, 2, 1)),
            answer("i-c", 4, answered=date(2026, 1, 6)),
        ],
        [support(name, date(2025, 1, 1), None) for name in (b"a", b"b", b"c")],
    )
    assert cells(rows, connection) == [("citizen", 2025, "female", "adult", 3, 2, 1)]


def test_staff_are_nobody_served_and_counted_by_invitation(held, rows):
    staff = [
        invitation(b"x", invitation_id=name, survey="staff") | {"person_id": None}
        for name in ("s1", "s2", "s3")
    ]
    connection = held([person(b"a")], staff, [answer("s1", 2, "staff_feedback"), answer("s2", 3)])
    # The answer of s2 is to a question of another survey.
    assert cells(rows, connection) == [("staff", 2024, "unknown", "unknown", 3, 3, 1)]
    assert [(r["indicator_id"], r["sum_hundredths"]) for r in rows(connection, SUMS)] == [
        ("staff_feedback", 200)
    ]


def test_an_answer_without_its_invitation_and_an_unknown_survey_are_counted_nowhere(held, rows):
    connection = held(
        [person(b"a")],
        [invitation(b"a"), invitation(b"a", invitation_id="odd", survey="nobody_knows")],
        [answer("gone", 4), answer("odd", 4)],
    )
    assert cells(rows, connection) == [("citizen", 2024, "female", "adult", 1, 1, 0)]
    assert rows(connection, SUMS) == []


@pytest.fixture
def response(held, rows):
    """Return {population: (invited, answered, rate, is_under_floor)} of the mart."""

    def build(*given_rows):
        connection = held(*given_rows)
        (model,) = (m for m in ladder.load_models() if m.name == "marts.survey_response")
        found = rows(connection, model.sql)
        assert not any(row["is_suppressed"] for row in found)
        return {
            (row["survey_id"], row["population"]): (
                row["invited"], row["answered"], row["rate"], row["is_under_floor"],
            )
            for row in found
        }  # fmt: skip

    return build


def test_the_response_is_by_sex_and_age_too(response):
    people = [person(bytes([65 + i]), sex="male" if i % 3 else "female") for i in range(9)]
    invited = [invitation(p["person_id"]) for p in people[:6]]
    staff = invitation(b"x", invitation_id="s", survey="staff") | {"person_id": None}
    assert response(people, [*invited, staff], [answer("i-A", 3), answer("i-B", 3)]) == {
        ("citizen", "year"): (6, 2, 2 / 6, True),
        ("citizen", "sex:female"): (2, 1, 0.5, True),
        ("citizen", "sex:male"): (4, 1, 0.25, True),
        ("citizen", "age_band:adult"): (6, 2, 2 / 6, True),
        ("staff", "year"): (1, 0, 0.0, True),
    }


@pytest.mark.parametrize(
    ("invited", "answered", "is_under"),
    [(75, 30, False), (76, 30, True), (30, 30, False), (29, 29, True), (100, 40, False), (100, 39, True)],
)
def test_the_response_is_under_the_floor_where_the_figures_are(response, invited, answered, is_under):
    """As tests/estimation/test_surveys.py has it for the figures; at a floor is enough."""
    people = [person(f"p{i}".encode()) for i in range(invited)]
    answers = [answer(f"i-p{i}", 3) for i in range(answered)]
    found = response(people, [invitation(p["person_id"]) for p in people], answers)
    assert found["citizen", "year"] == (invited, answered, answered / invited, is_under)


def test_without_surveys_there_is_nothing(given, rows):
    connection = given(person=[person(b"a")], episode=[support(b"a")])
    assert rows(connection, CELLS) == [] and rows(connection, SUMS) == []
