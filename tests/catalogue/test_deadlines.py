"""Deadlines are dated; two may not be in force for the same step on the same day."""

from datetime import date

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.catalogue.test_load import copy
from tests.conftest import ROOT

__all__ = ["copy"]  # the fixture

FIRST = """
[[deadline]]
id = "first"
label_da = "x"
legal_basis_da = "x"
applies_to = ["adults"]
step = "requested_to_decided"
days = 14
valid_from = 2024-01-01
valid_to = 2024-06-30
kind = "local"
source = "x"
certainty = "sample"
"""


def problems(folder, *entries):
    (folder / "deadlines.toml").write_text("".join(entries), encoding="utf-8")
    try:
        load_catalogue(folder)
    except CatalogueError as error:
        # The municipality's own deadlines are gone, and what was measured by them is told of elsewhere.
        return [str(p) for p in error.problems if not p.where.startswith("indicators/")]
    return []


def later(old, new):
    return FIRST.replace('"first"', '"second"').replace(old, new)


def test_the_municipalitys_deadlines_have_their_source_and_none_is_invented(catalogue):
    assert {d.id for d in catalogue.deadlines} == {"drug_treatment_14_days", "child_assessment_4_months"}
    assert all(d.source and d.kind == "legal" and d.certainty == "found" for d in catalogue.deadlines)


def test_an_area_covers_its_interventions(catalogue):
    (deadline,) = (d for d in catalogue.deadlines if d.months == 4)
    wide = deadline.model_copy(update={"applies_to": ("children",)})
    covered = {i.id for i in catalogue.interventions if wide.covers(i)}
    assert covered == {i.id for i in catalogue.interventions if i.area == "children"}
    assert {i.id for i in catalogue.interventions if deadline.covers(i)} == {"foster_care"}


def test_a_deadline_may_follow_another(copy):
    assert (
        problems(copy, FIRST, later("2024-01-01", "2024-07-01").replace("valid_to = 2024-06-30\n", "")) == []
    )


@pytest.mark.parametrize(
    "change",
    [
        ("2024-01-01", "2024-06-30"),  # both in force on one day
        ("valid_to = 2024-06-30\n", ""),
        ('["adults"]', '["social_support"]'),  # one of the area's own
    ],
)
def test_two_deadlines_of_one_step_in_force_on_one_day_are_a_mistake(copy, change):
    (problem,) = problems(copy, FIRST, later(*change))
    assert "deadline second: valid_from): gælder samtidig med 'first'" in problem


@pytest.mark.parametrize(
    "change",
    [
        ("requested_to_decided", "decided_to_started"),
        ('["adults"]', '["children"]'),
        ('["adults"]', '["drug_treatment"]'),
    ],
)
def test_other_steps_and_other_interventions_may_have_theirs(copy, change):
    assert problems(copy, FIRST, later(*change)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('["adults"]', '["adult", "social_suport"]', "applies_to): 'adult' er hverken en indsats eller"),
        ('["adults"]', "[]", "applies_to): skal nævne mindst én"),
        ("days = 14", "", "days): skal have enten days eller months"),
        ("days = 14", "days = 14\nmonths = 1", "days): skal have enten days eller months"),
        ("days = 14", "days = 0", "days): skal være større end 0"),
        ("valid_to = 2024-06-30", "valid_to = 2023-12-31", "valid_to): ligger før valid_from"),
        ("2024-01-01", '"2024-01-01"', "valid_from): skal være en dato uden anførselstegn"),
        ("2024-01-01", "2024-01-01T08:00:00", "valid_from): skal være en dato"),
        ("requested_to_decided", "begun", "step): skal være en af"),
        ('"local"', '"lokal"', "kind): skal være en af"),
        ("source =", "kilde =", "source): mangler"),
    ],
)
def test_a_mistake_is_named_with_its_key(copy, old, new, expected):
    assert any(
        f"deadlines.toml (deadline first: {expected}" in p for p in problems(copy, FIRST.replace(old, new))
    )


def test_a_mistake_in_the_interventions_does_not_make_deadlines_look_broken(copy):
    path = copy / "interventions.toml"
    text = path.read_text(encoding="utf-8")
    assert 'id = "drug_treatment"' in text
    path.write_text(text.replace('area = "vulnerable"', 'area = "udsat"'), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    assert all(p.where.startswith("interventions.toml") for p in caught.value.problems)


def test_a_catalogue_that_replaces_the_interventions_replaces_the_deadlines():
    example = load_catalogue(ROOT / "examples" / "claus2020")
    assert example.deadlines == ()


def test_a_deadline_is_in_force_on_its_first_and_its_last_day(catalogue):
    base = catalogue.deadlines[0]
    first = base.model_copy(update={"valid_from": date(2024, 1, 1), "valid_to": date(2024, 6, 30)})
    touching = base.model_copy(update={"valid_from": date(2024, 6, 30), "valid_to": None})
    after = base.model_copy(update={"valid_from": date(2024, 7, 1), "valid_to": None})
    assert first.overlaps(touching) and touching.overlaps(first)
    assert not first.overlaps(after) and not after.overlaps(first)
