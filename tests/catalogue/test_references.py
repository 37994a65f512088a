"""A reference for E0 comes from an unselected population, is declared in full, and at most one applies."""

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.catalogue.test_load import copy
from tests.conftest import ROOT

__all__ = ["copy"]  # the fixture

FIRST = """
[[reference]]
id = "first"
instrument = "WHO5"
respondent = "self"
population_da = "x"
is_unselected = true
age_from = 18
age_to = 64
target_groups = ["a", "b"]
mean = 44.1
mean_n = 400
sd = 20.0
horizon_months = 6
correlation = 0.58
correlation_n = 390
source = "x"
certainty = "found"
"""


def problems(folder, *entries):
    (folder / "references.toml").write_text("".join(entries), encoding="utf-8")
    try:
        load_catalogue(folder)
    except CatalogueError as error:
        return [str(p) for p in error.problems]
    return []


def second(old, new):
    assert old in FIRST
    return FIRST.replace('"first"', '"second"').replace(old, new)


def test_no_reference_is_invented(catalogue):
    assert catalogue.references == ()


def test_a_standard_error_from_the_number_of_people(copy):
    assert problems(copy, FIRST) == []
    (reference,) = load_catalogue(copy).references
    assert reference.standard_error == 1.0
    assert reference.model_copy(update={"mean_standard_error": 0.5}).standard_error == 0.5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("age_from = 18\nage_to = 64", "age_from = 65\nage_to = 90"),
        ('["a", "b"]', '["c"]'),
        ("horizon_months = 6", "horizon_months = 12"),
        ('"WHO5"', '"UCLA3"\n'),
    ],
)
def test_others_may_have_theirs(copy, old, new):
    other = second(old, new).replace("mean = 44.1", "mean = 5") if "UCLA3" in new else second(old, new)
    assert problems(copy, FIRST, other) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("age_from = 18", "age_from = 64"),  # both hold for who is 64
        ("age_to = 64", "age_to = 18"),
        ('["a", "b"]', '["c", "b"]'),
    ],
)
def test_two_that_apply_to_one_person_are_a_mistake(copy, old, new):
    (problem,) = problems(copy, FIRST, second(old, new))
    assert "reference second: age_from): gælder for samme alder, målgruppe og horisont som 'first'" in problem


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("mean = 44.1", 'mean = "sample"', "mean): skal være et tal uden anførselstegn"),
        ("is_unselected = true", "is_unselected = false", "is_unselected): skal være en af: True"),
        ("is_unselected = true\n", "", "is_unselected): mangler"),
        ("mean = 44.1", "mean = 144.1", "mean): ligger uden for skalaen 0 til 100"),
        ("mean_n = 400\n", "", "mean_n): skal have enten mean_n eller mean_standard_error"),
        ("mean_n = 400", "mean_n = 400\nmean_standard_error = 1.0", "mean_n): skal have enten"),
        ("age_to = 64", "age_to = 17", "age_to): er mindre end age_from"),
        ("age_from = 18", "age_from = -1", "age_from): skal være mindst 0"),
        ('["a", "b"]', "[]", "target_groups): skal nævne mindst én målgruppe"),
        ("correlation = 0.58", "correlation = 0.81", "correlation): er ikke lavere end test-retest"),
        ("correlation = 0.58", "correlation = 1.0", "correlation): skal være mindre end 1"),
        ("horizon_months = 6", "horizon_months = 9", "horizon_months): ingen opfølgning har den horisont"),
        ("horizon_months = 6", "horizon_months = 1", "horizon_months): skal være større end 5"),
        ('"WHO5"', '"WHO6"', "instrument): måleredskabet 'WHO6' findes ikke"),
        ('"self"', '"teacher"', "respondent): måleredskabet 'WHO5' har ingen norm for 'teacher'"),
        ("sd = 20.0", "sd = 0", "sd): skal være større end 0"),
    ],
)
def test_a_mistake_is_named_with_its_key(copy, old, new, expected):
    assert old in FIRST
    found = problems(copy, FIRST.replace(old, new, 1))
    assert any(f"references.toml (reference first: {expected}" in p for p in found), found


def test_all_mistakes_are_told_at_once(copy):
    found = problems(
        copy,
        FIRST.replace("age_to = 64", "age_to = 1"),
        second('"WHO5"', '"WHO6"').replace("= 44.1", "= 144.1"),
    )
    assert len(found) == 2


def test_the_longest_follow_up_may_have_a_reference(copy):
    assert problems(copy, FIRST.replace("horizon_months = 6", "horizon_months = 24")) == []


def test_a_mistake_in_the_instruments_does_not_make_references_look_broken(copy):
    path = copy / "instruments" / "WHO5.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("maximum = 100", 'maximum = "100"'), encoding="utf-8"
    )
    assert not [p for p in problems(copy, FIRST) if p.startswith("references.toml")]


def test_the_research_example_inherits_none():
    assert load_catalogue(ROOT / "examples" / "claus2020").references == ()
