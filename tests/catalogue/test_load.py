"""A catalogue with mistakes reports them all at once, with file and key."""

import shutil

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.conftest import ROOT


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue")


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_municipalitys_own_catalogue_is_whole(catalogue):
    assert len(catalogue.interventions) == 40
    assert {"WHO5", "UCLA3", "SDQ", "ORS", "CORE10", "PHQ9", "GAS", "VUM", "FSIII"} == {
        i.id for i in catalogue.instruments
    }
    assert len(catalogue.goals) == 76


def test_five_mistakes_are_five_problems(copy):
    change(copy / "instruments" / "WHO5.toml", 'better = "higher"', 'better = "up"')
    change(copy / "parameters.toml", "value = 90", "vaerdi = 90")
    change(copy / "extracts" / "episode.toml", 'not_before = "started_date"', 'not_before = "begun_date"')
    change(copy / "municipality.toml", "contact_da = ", "# contact_da = ")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    text = str(caught.value)
    for where in (
        "instruments/WHO5.toml (better)",
        "parameters.toml (parameter baseline_days_before: value)",
        "parameters.toml (parameter baseline_days_before: vaerdi)",
        "municipality.toml (contact_da)",
        "extracts/episode (ended_date.not_before)",
    ):
        assert where in text, text
    assert "skal være en af: 'higher' eller 'lower'" in text


def test_a_file_that_is_not_toml_does_not_hide_the_other_mistakes(copy):
    change(copy / "sources" / "udredning.toml", 'extract = "measurement"', "extract = measurement")
    change(copy / "municipality.toml", "contact_da = ", "# contact_da = ")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    assert [p.where for p in caught.value.problems] == [
        "municipality.toml (contact_da)",
        "sources/udredning.toml",
    ]


def test_broken_references_are_all_named(copy):
    interventions = copy / "interventions.toml"
    change(interventions, 'instrument = "SDQ"', 'instrument = "SQD"')
    change(
        interventions,
        'instrument = "WHO5", respondent = "self"',
        'instrument = "WHO5", respondent = "parent"',
    )
    change(copy / "sources" / "fagsystem.toml", 'extract = "episode"', 'extract = "course"')
    change(copy / "sources" / "cpr_udtraek.toml", 'sex = "Køn"', 'gender = "Køn"')
    change(
        copy / "extracts" / "measurement.toml", 'references = "person.person_id"', 'references = "people.id"'
    )
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    text = str(caught.value)
    for problem in (
        "'SQD' findes ikke",
        "ingen norm for 'parent'",
        "udtrækket 'course' findes ikke",
        "columns.gender): feltet findes ikke i 'person'",
        "'people.id' findes ikke",
    ):
        assert problem in text, text


def test_one_id_twice_is_a_mistake(copy):
    path = copy / "parameters.toml"
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(CatalogueError, match="samme id står 2 gange"):
        load_catalogue(copy)


def test_a_catalogue_can_extend_another(tmp_path, copy):
    own = tmp_path / "own"
    own.mkdir()
    (own / "catalogue.toml").write_text('extends = "../catalogue"')
    (own / "municipality.toml").write_text('name_da = "Anden Kommune"\ncontact_da = "x"')
    extended = load_catalogue(own)
    assert extended.municipality.name_da == "Anden Kommune"
    assert len(extended.interventions) == 40


def test_a_missing_folder_says_how_to_name_one(tmp_path):
    with pytest.raises(CatalogueError, match="--catalogue"):
        load_catalogue(tmp_path / "nowhere")
