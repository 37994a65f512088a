"""The level of support an intervention gives, and the events that are a crisis."""

import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from tests.catalogue.test_load import change, copy
from tests.conftest import ROOT

__all__ = ["copy"]  # the fixture


def test_every_intervention_of_the_municipality_has_a_level(catalogue):
    levels = {i.id: i.support_level for i in catalogue.interventions}
    assert set(levels.values()) == {1, 2, 3, 4}
    assert {i for i, level in levels.items() if level == 4} == {
        "foster_care",
        "temporary_housing",
        "long_term_housing",
        "shelter",
        "crisis_centre",
    }


def test_a_catalogue_needs_no_levels():
    assert {i.support_level for i in load_catalogue(ROOT / "examples" / "claus2020").interventions} == {None}


@pytest.mark.parametrize("level", ["0", "5", "2.5", '"2"'])
def test_a_level_is_one_of_four(copy, level):
    change(copy / "interventions.toml", "support_level = 1", f"support_level = {level}")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    assert "interventions.toml (intervention family_consultant: support_level)" in str(caught.value)


def test_an_events_kind_is_in_the_catalogue(catalogue):
    assert catalogue.known("event_kind") == ["crisis", "notification", "admission", "serious_incident"]
    assert catalogue.extract("event").field("kind").references == "event_kind"


def test_an_event_kind_twice_is_a_mistake(copy):
    path = copy / "event_kinds.toml"
    change(path, 'id = "admission"', 'id = "crisis"')
    with pytest.raises(CatalogueError, match=r"event_kinds.toml \(crisis\): samme id"):
        load_catalogue(copy)
