"""Surveys and actions at the border: each question's own scale, "don't know", and what a plan refers to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.catalogue import Catalogue, Extract, Feed, Source
from tests.extracts.deliveries import Municipality, reasons

Town = Callable[..., Municipality]
HEADER = "Nr.;CPR;Inviteret;Besvaret;Overblik;Tilfreds"
INVITED = Feed(
    extract="survey_invitation",
    columns={"invitation_id": "Nr.", "person_id": "CPR", "invited_date": "Inviteret"},
    constants={"survey_id": "citizen"},
)


def answers_to(question: str, column: str) -> Feed:
    return Feed(
        extract="survey_answer",
        columns={"invitation_id": "Nr.", "answered_date": "Besvaret", "answer": column},
        constants={"question_id": question},
        values={"answer": {"Ved ikke": ""}},
        absent_when_missing=("answer",),
    )


# Of the catalogue's questions: overview goes from 1 to 5, life_satisfaction from 0 to 10.
SURVEY = Source(
    id="undersoegelse",
    label_da="Undersøgelse",
    file="undersoegelse*.csv",
    person_key="cpr",
    required=False,
    feeds=(INVITED, answers_to("overview", "Overblik"), answers_to("life_satisfaction", "Tilfreds")),
)


@pytest.fixture
def town(tmp_path: Path, catalogue: Catalogue) -> Town:
    """Return a function that makes a municipality of the real contracts and one source."""

    def make(source: Source) -> Municipality:
        folder = tmp_path / "raw"
        folder.mkdir()
        wanted = dict.fromkeys(["measurement", *(feed.extract for feed in source.feeds)])
        extracts: tuple[Extract, ...] = tuple(
            catalogue.extract(e).model_copy(update={"required": False}) for e in wanted
        )
        entries = {"extracts": extracts, "sources": (source,)}
        return Municipality(folder, catalogue.model_copy(update=entries))

    return make


def survey(town: Town, *rows: str, source: Source = SURVEY) -> Municipality:
    made = town(source)
    made.write("undersoegelse.csv", "\r\n".join([HEADER, *rows]) + "\r\n")
    return made


def test_one_line_is_an_invitation_and_an_answer_per_question_answered(town: Town) -> None:
    landing = survey(
        town,
        "B1;010190-1234;01-09-2025;03-09-2025;5;10",
        "B2;020290-1234;01-09-2025;04-09-2025;1;",
        "B3;030390-1234;01-09-2025;;;",
        "B4;;01-09-2025;05-09-2025;ved IKKE;0",
    ).read()
    assert reasons(landing) == []
    invited = landing.tables["survey_invitation"]
    assert invited["invitation_id"].to_pylist() == ["B1", "B2", "B3", "B4"]
    assert [p is None for p in invited["person_id"].to_pylist()] == [False, False, False, True]
    answers = landing.tables["survey_answer"].to_pylist()
    assert [(a["invitation_id"], a["question_id"], a["answer"]) for a in answers] == [
        ("B1", "overview", 5.0),
        ("B2", "overview", 1.0),
        ("B1", "life_satisfaction", 10.0),
        ("B4", "life_satisfaction", 0.0),
    ]
    (file,) = landing.files
    assert [feed.absent_count for feed in file.feeds] == [0, 2, 2]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("01-09-2025;6;7", [("answer", "out_of_range")]),
        ("01-09-2025;0;0", [("answer", "out_of_range")]),  # 0 is on the scale of the other question
        ("01-09-2025;3;11", [("answer", "out_of_range")]),
        ("01-09-2025;3;-1", [("answer", "out_of_range")]),
        ("01-09-2025;enig;7", [("answer", "not_a_number")]),
        (";3;7", [("answered_date", "missing")] * 2),
        ("01-09-2025;1;10", []),
        (";;", []),
    ],
)
def test_an_answer_is_judged_by_its_own_questions_scale(
    town: Town, row: str, expected: list[tuple[str, str]]
) -> None:
    landing = survey(town, f"B1;010190-1234;01-08-2025;{row}").read()
    assert [tuple(r[1:]) for r in reasons(landing)] == expected
    assert len(landing.tables["survey_invitation"]) == 1


def test_what_to_do_about_an_answer_off_the_scale_is_said(town: Town) -> None:
    landing = survey(town, "B1;010190-1234;01-08-2025;01-09-2025;9;").read()
    (message,) = landing.rejects["message_da"].to_pylist()
    assert message == (
        "»Svar« ligger uden for spørgsmålets skala. Ret værdien i kildesystemet. Er tallet en kode for "
        '»ved ikke«, så oversæt den til "" i kildens katalogfil (values.answer).'
    )


def test_an_unknown_question_or_survey_is_rejected(town: Town) -> None:
    feeds = (
        INVITED.model_copy(update={"constants": {"survey_id": "lunch"}}),
        answers_to("taste", "Overblik"),
        answers_to("overview", "Tilfreds"),
    )
    row = "B1;010190-1234;01-08-2025;01-09-2025;3;3"
    landing = survey(town, row, source=SURVEY.model_copy(update={"feeds": feeds})).read()
    assert reasons(landing) == [
        (2, "question_id", "unknown_reference"),
        (2, "survey_id", "unknown_reference"),
    ]


def test_an_action_that_names_something_unknown_is_kept(town: Town, catalogue: Catalogue) -> None:
    source = next(s for s in catalogue.sources if s.id == "handlinger")
    header = ";".join(source.feeds[0].columns.values())
    landing = town(source).landing_of(
        "handlinger_2025.csv",
        f"{header}\r\n"
        "H1;2025;A-G9;X;nedlagt;nix;Bålaften;Leder;01-05-2026;Planlagt;;-0,25\r\n"
        "H2;2025;A-G1;;;;Sang;Leder;;Planlagt;;\r\n"
        "H3;2025;A-G1;;;;Ring til 010190-1234;Leder;01-05-2025;Planlagt;;\r\n"
        "H4;2025;A-G1;;;;Sang;Leder;01-05-2025;Udsat;;\r\n",
    )
    (kept,) = landing.tables["action"].to_pylist()
    assert (kept["goal_id"], kept["indicator_id"], kept["expected_change"]) == ("A-G9", "nix", -0.25)
    assert sorted(reasons(landing)) == [
        (3, "deadline_date", "missing"),
        (4, "title_da", "looks_like_cpr"),
        (5, "status", "unknown_code"),
    ]
