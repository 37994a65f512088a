"""What an intervention cannot move, declared to see whether those compared are alike."""

import duckdb
import pytest

from pipelines.catalogue import load_catalogue
from pipelines.warehouse import reference
from tests.catalogue.test_load import change
from tests.catalogue.test_statuses import copy, problems
from tests.conftest import ROOT
from tests.sql.conftest import REFERENCE_DATE

__all__ = ["copy"]  # the fixture

OUTCOME = '  { instrument = "UCLA3", respondent = "self", goal = "B-T05" },\n]\n'
WHERE = "interventions.toml (intervention coping_group: negative_controls"


def declare(copy, *controls):
    """Give the coping group these controls; it is judged by ORS and UCLA-3 of the citizen's own."""
    listed = ",\n".join(f'{{ {control}, reason_da = "." }}' for control in controls)
    change(copy / "interventions.toml", OUTCOME, f"{OUTCOME}negative_controls = [{listed}]\n")


def test_a_control_is_loaded_by_the_id_it_would_have_as_an_outcome(copy):
    declare(copy, 'register = "debt"', 'instrument = "SDQ", respondent = "teacher"')
    catalogue = load_catalogue(copy)
    with duckdb.connect() as connection:
        reference.load_reference(connection, catalogue, 2025, REFERENCE_DATE)
        found = connection.execute(
            "SELECT * FROM ref.negative_control WHERE intervention_id = 'coping_group' ORDER BY ALL"
        ).fetchall()
    assert found == [
        ("coping_group", "SDQ:teacher", "SDQ", "teacher", None),
        ("coping_group", "register:debt", None, None, "debt"),
    ]


def test_a_catalogue_needs_no_controls():
    small = load_catalogue(ROOT / "examples" / "claus2020")
    with duckdb.connect() as connection:
        reference.load_reference(connection, small, 2020, REFERENCE_DATE)
        assert connection.execute("SELECT * FROM ref.negative_control").fetchall() == []


def test_a_control_is_no_outcome_of_the_intervention_nor_of_what_it_is_compared_with(copy):
    """Stress is of the same area, and is meant to move employment."""
    declare(
        copy,
        'instrument = "ORS", respondent = "self"',
        'register = "employment"',
        'instrument = "ORS", respondent = "staff"',
    )
    found = problems(copy)
    assert found[:2] == [
        (f"{WHERE}.1)", "'ORS:self' er også et udfald af indsatsen; den kan ikke være dens kontrol"),
        (
            f"{WHERE}.2)",
            "'register:employment' er et udfald af 'stress_return_to_work', som der sammenlignes med; "
            "vælg noget andet",
        ),
    ]
    # Another respondent is another outcome, but has no norm.
    assert [where for where, _ in found[2:]] == [f"{WHERE}.3)"]


@pytest.mark.parametrize(
    "control",
    [
        'instrument = "SDQ"',
        'register = "debt", instrument = "SDQ", respondent = "teacher"',
        'respondent = "self"',
    ],
)
def test_a_control_is_either_an_instrument_or_a_register(copy, control):
    declare(copy, control)
    message = "skal have enten instrument og respondent eller register, og ikke begge"
    assert problems(copy) == [(f"{WHERE}.1)", message)]


def test_an_unknown_instrument_or_register_and_one_named_twice(copy):
    declare(copy, 'instrument = "XYZ", respondent = "self"', 'register = "debt"', 'register = "debt"')
    assert problems(copy) == [
        (f"{WHERE}.1)", "måleredskabet 'XYZ' findes ikke"),
        (f"{WHERE})", "'register:debt' står 2 gange; nævn hver kontrol én gang"),
    ]
    path = copy / "interventions.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('register = "debt"', 'register = "tax"'), "utf-8"
    )
    ((where, message), _) = problems(copy)
    assert where.endswith("negative_controls.2.register)")
    assert message.startswith("skal være en af: 'employment'")
