"""A source's translation or constant that leads to an unknown code is the catalogue's mistake."""

import shutil
from pathlib import Path

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.conftest import ROOT


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def found(copy: Path) -> list[tuple[str, str]]:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    return [(problem.where, problem.message_da) for problem in caught.value.problems]


def only(copy: Path) -> tuple[str, str]:
    (problem,) = found(copy)
    return problem


def test_a_translation_to_an_unknown_code_names_the_nearest(copy: Path) -> None:
    change(copy / "sources" / "bolig.toml", '"Hjemløs" = "homeless"', '"Hjemløs" = "homeles"')
    where, message = only(copy)
    assert where == 'sources/bolig (feeds status_spell: values.status_id."Hjemløs")'
    assert message.startswith("'homeles' er ikke en kendt kode; nærmest er 'homeless'.")


def test_a_constant_that_is_no_code_lists_the_few_there_are(copy: Path) -> None:
    change(copy / "sources" / "trivselsskema.toml", 'respondent = "self"', 'respondent = "selv"')
    assert only(copy) == (
        "sources/trivselsskema (feeds measurement: constants.respondent)",
        "'selv' er ikke en kendt kode; nærmest er 'self'. Kendte: self, parent, teacher, staff",
    )


@pytest.mark.parametrize(
    ("source", "old", "new", "key", "file"),
    [
        ("familiecenter", 'instrument_id = "SDQ"', 'instrument_id = "xyz"', "constants.instrument_id", "SDQ"),
        ("haendelser", '"Krise" = "crisis"', '"Krise" = "xyz"', 'values.kind."Krise"', "crisis"),
        (
            "fagsystem",
            "[feeds.values.end_reason]",
            '[feeds.values.intervention_id]\nA = "xyz"\n[feeds.values.end_reason]',
            'values.intervention_id."A"',
            "De kendte står i catalogue/interventions.toml",
        ),
        (
            "spoergeskemasvar",
            'item_id = "5"',
            'item_id = "xyz"',
            "constants.item_id",
            "Kendte: 1, 2, 3, 4, 5",
        ),
        (
            "borgerundersoegelse",
            'question_id = "fun"',
            'question_id = "xyz"',
            "constants.question_id",
            "De kendte står i catalogue/surveys.toml",
        ),
        ("personaleundersoegelse", '"staff"', '"xyz"', "constants.survey_id", "Kendte: citizen, staff"),
    ],
)
def test_every_kind_of_code_is_looked_up(
    copy: Path, source: str, old: str, new: str, key: str, file: str
) -> None:
    change(copy / "sources" / f"{source}.toml", old, new)
    where, message = only(copy)
    assert where.endswith(f": {key})")
    assert message.startswith("'xyz' er ikke en kendt kode. ")
    assert file in message


def test_a_constant_may_be_translated_or_left_empty(copy: Path) -> None:
    path = copy / "sources" / "familiecenter.toml"
    change(path, 'instrument_id = "SDQ"', 'instrument_id = " Sdq-20 "')
    change(
        path,
        "[feeds.values.respondent]",
        '[feeds.values.instrument_id]\n"SDQ-20" = "SDQ"\n[feeds.values.respondent]',
    )
    load_catalogue(copy)


def test_a_file_that_cannot_be_read_makes_no_code_unknown(copy: Path) -> None:
    change(copy / "statuses.toml", "id = ", "id = = ")
    assert [where for where, _ in found(copy)] == ["statuses.toml"]


def test_the_choices_of_a_key_are_told_in_danish(copy: Path) -> None:
    change(copy / "sources" / "bolig.toml", 'person_key = "cpr"', 'person_key = "CPR"')
    assert only(copy) == ("sources/bolig.toml (person_key)", "skal være en af: 'cpr' eller 'local'")
