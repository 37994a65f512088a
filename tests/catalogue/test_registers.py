"""What an intervention is meant to move in the registers, declared before any data are seen."""

import duckdb
import pytest

from pipelines.catalogue import load_catalogue
from pipelines.errors import CatalogueError
from pipelines.warehouse import reference
from tests.catalogue.test_load import change, copy
from tests.catalogue.test_statuses import problems
from tests.conftest import ROOT
from tests.sql.conftest import REFERENCE_DATE

__all__ = ["copy"]  # the fixture


def test_who_serves_job_or_education_homelessness_or_debt_has_the_register_of_it(catalogue):
    register_of = {"B-E2": {"housing"}, "B-E3": {"employment", "education"}, "B-E4": {"debt"}}
    for intervention in catalogue.interventions:
        for goal, registers in register_of.items():
            assert goal not in intervention.goals or registers & set(intervention.registers)


def test_a_catalogue_needs_no_registers():
    small = load_catalogue(ROOT / "examples" / "claus2020")
    assert {i.registers for i in small.interventions} == {()}
    with duckdb.connect() as connection:
        reference.load_reference(connection, small, 2020, REFERENCE_DATE)
        assert connection.execute("SELECT * FROM ref.intervention_register").fetchall() == []


@pytest.mark.parametrize(
    ("registers", "message"),
    [
        ('["income"]', "skal være en af: 'employment', 'education'"),
        ('["debt", "debt"]', "'debt' står 2 gange; nævn hvert register én gang"),
    ],
)
def test_a_register_is_one_of_four_and_named_once(copy, registers, message):
    change(copy / "interventions.toml", 'registers = ["debt"]', f"registers = {registers}")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    assert "(intervention debt_counselling: registers" in str(caught.value)
    assert message in str(caught.value)


def test_a_register_without_a_status_is_a_mistake(copy):
    path = copy / "statuses.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"debt"', '"housing"'), encoding="utf-8")
    assert problems(copy) == [
        (
            "interventions.toml (intervention debt_counselling: registers)",
            "'debt' har ingen status i statuses.toml",
        ),
        (
            "indicators/work_home_money.toml (indicator debt_share: of.domain)",
            "registeret 'debt' findes ikke i catalogue/statuses.toml",
        ),
    ]
