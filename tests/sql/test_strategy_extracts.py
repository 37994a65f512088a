"""Staging of surveys, ambassadors, activities and actions: the last row counts, and nobody is invented."""

from datetime import date

import pytest

ANNE, BO, OLD_ANNE = b"anne", b"bo", b"old anne"
DAY = date(2025, 9, 1)


@pytest.fixture
def tables():
    names = ("survey_invitation", "survey_answer", "ambassador", "activity", "action", "person")
    return tuple(f"staging.{name}" for name in names)


def invited(invitation, person=None, day=DAY, survey="citizen", **more):
    named = {"invitation_id": invitation, "person_id": person, "invited_date": day, "survey_id": survey}
    return named | more


def answer(invitation, value, question="overview", day=DAY, **more):
    named = {"invitation_id": invitation, "question_id": question, "answered_date": day, "answer": value}
    return named | more


def test_the_last_row_of_an_invitation_counts_and_merged_persons_are_one(given, rows):
    connection = given(
        person=[{"person_id": ANNE}, {"person_id": BO}],
        person_link=[{"former_person_id": OLD_ANNE, "person_id": ANNE}],
        survey_invitation=[
            invited("1", BO, date(2024, 9, 1)),
            invited("1", OLD_ANNE, DAY),
            invited("2", ANNE, DAY),
            invited("3", survey="staff"),
        ],
    )
    found = rows(connection, "SELECT * FROM staging.survey_invitation ORDER BY invitation_id")
    (anne,) = (
        r["person_id"] for r in rows(connection, "SELECT * FROM staging.identity") if r["pseudonym"] == ANNE
    )
    assert [(r["survey_id"], r["person_id"], r["invited_date"]) for r in found] == [
        ("citizen", anne, DAY),
        ("citizen", anne, DAY),
        ("staff", None, DAY),
    ]


def test_who_is_only_invited_is_a_person_and_nobody_is_not(given, rows):
    connection = given(person=[{"person_id": ANNE}], survey_invitation=[invited("1", BO), invited("2")])
    assert len(rows(connection, "SELECT * FROM staging.person")) == 2
    (count,) = rows(connection, "SELECT COUNT(*) AS n FROM staging.survey_invitation WHERE person_id IS NULL")
    assert count["n"] == 1


def test_an_answer_counts_once_exactly_and_only_with_its_invitation(given, rows):
    connection = given(
        survey_invitation=[invited("1", ANNE), invited("2", survey="staff")],
        survey_answer=[
            answer("1", 2),
            answer("1", 4.35),
            answer("1", 5, "fun"),
            answer("2", 1, "staff_feedback"),
            answer("lost", 3),
        ],
    )
    found = rows(connection, "SELECT * FROM staging.survey_answer ORDER BY invitation_id, question_id")
    assert [(r["invitation_id"], r["question_id"], r["answer_hundredths"]) for r in found] == [
        ("1", "fun", 500),
        ("1", "overview", 435),
        ("2", "staff_feedback", 100),
    ]


def test_a_later_file_goes_before_a_later_line(given, rows):
    connection = given(
        survey_invitation=[invited("1", ANNE)],
        survey_answer=[answer("1", 5, source_file="b.csv"), answer("1", 1, source_file="a.csv")],
        ambassador=[
            {"ambassador_id": "A1", "kind": "citizen", "joined_date": DAY, "source_file": "b.csv"},
            {"ambassador_id": "A1", "kind": "employee", "joined_date": DAY, "source_file": "a.csv"},
        ],
    )
    assert [r["answer_hundredths"] for r in rows(connection, "SELECT * FROM staging.survey_answer")] == [500]
    assert [r["kind"] for r in rows(connection, "SELECT * FROM staging.ambassador")] == ["citizen"]


def test_what_is_not_stated_of_an_activity_is_unknown(given, rows):
    known = {"kind": "network", "started_date": DAY}
    connection = given(
        activity=[
            known | {"activity_id": "1"},
            known | {"activity_id": "2", "with_municipality": "yes", "with_civil_society": "no"},
            known | {"activity_id": "3", "participant_count": 0, "citizen_count": 0, "organisation_count": 4},
        ]
    )
    found = rows(connection, "SELECT * FROM staging.activity ORDER BY activity_id")
    assert [(r["has_municipality"], r["has_civil_society"]) for r in found] == [
        (None, None),
        (True, False),
        (None, None),
    ]
    numbers = ("participant_count", "citizen_count", "organisation_count")
    assert [tuple(r[name] for name in numbers) for r in found] == [(None,) * 3, (None,) * 3, (0, 0, 4)]


def test_an_action_keeps_what_it_was_written_with(given, rows):
    written = {
        "action_id": "H1",
        "year": 2025,
        "goal_id": "A-G9",
        "intervention_id": None,
        "title_da": "Bålaften",
        "owner_role": "Leder",
        "deadline_date": date(2027, 5, 1),
        "status": "planned",
        "expected_change": -0.25,
    }
    connection = given(action=[written | {"status": "started"}, written])
    (found,) = rows(connection, "SELECT * FROM staging.action")
    assert found == {
        "plan_year" if name == "year" else name: value for name, value in written.items()
    } | dict.fromkeys(("initiative_id", "indicator_id", "done_date"))


def test_without_the_extracts_there_is_nothing_and_no_error(given, rows, tables):
    connection = given(person=[{"person_id": ANNE}])
    for table in tables[:-1]:
        assert rows(connection, f"SELECT * FROM {table}") == []
