"""Goal attainment (T) against published and computed cases, through the border and the SQL."""

import json
from datetime import date
from typing import Any

import pytest

from pipelines.catalogue import Catalogue, Feed, Source, load_catalogue
from pipelines.errors import CatalogueError
from pipelines.extracts import read_extracts
from tests.catalogue.test_load import copy
from tests.conftest import ORACLES
from tests.extracts.deliveries import KEY
from tests.sql.conftest import given, rows

__all__ = ["copy", "given", "rows"]  # fixtures

SET = date(2024, 3, 1)
REVIEWED = date(2024, 9, 1)


def oracle_cases() -> dict[str, dict[str, Any]]:
    folder = ORACLES / "gas_tscore"
    if not folder.is_dir():
        return {}
    listed = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in listed}


CASES = oracle_cases()
VALID = [case for name, case in CASES.items() if name != "invalid_inputs"]
needs_oracles = pytest.mark.skipif(not CASES, reason="the published reference data are not on this machine")


@pytest.fixture
def catalogue(catalogue: Catalogue, request: pytest.FixtureRequest) -> Catalogue:
    """The catalogue with the case's correlation, as a municipality would set it."""
    rho = getattr(request, "param", 0.3)
    chosen = [
        p.model_copy(update={"value": rho}) if p.id == "goal_correlation" else p for p in catalogue.parameters
    ]
    return catalogue.model_copy(update={"parameters": tuple(chosen)})


@pytest.fixture
def tables():
    return ("individual.goal_attainment",)


@pytest.fixture
def attainment(given, rows):
    """Return the row of one set of goals; each goal has an attained level and a weight, or None."""

    def build(attained, weights=None):
        goals = [
            {
                "goal_id": f"g{place}",
                "goal_type": "develop",
                "owner": "person",
                "set_date": SET,
                "reviewed_date": REVIEWED,
                "attained_level": level,
                "weight": weight,
            }
            for place, (level, weight) in enumerate(
                zip(attained, weights or [None] * len(attained), strict=True)
            )
        ]
        connection = given(episode=[{}], individual_goal=goals)
        (row,) = rows(connection, "SELECT * FROM individual.goal_attainment WHERE owner = 'all'")
        return row

    return build


@needs_oracles
@pytest.mark.parametrize(
    ("catalogue", "case"),
    [pytest.param(c["params"].get("rho", 0.3), c, id=c["id"]) for c in VALID],
    indirect=["catalogue"],
)
def test_a_valid_case(attainment, case) -> None:
    row = attainment(case["params"]["attained"], case["params"].get("weights"))
    assert row["t_score"] == pytest.approx(case["expected"], abs=1e-9)
    assert row["reason_no_t_score"] is None


# --- what must be refused, and where ---

REFUSED = {
    "attained outside -2..2": "test_the_border_rejects",
    "weights all zero or negative": "test_the_border_rejects, test_no_t_score",
    "rho not in [0,1)": "test_the_catalogue_refuses_a_correlation",
    "missing attainment": "test_no_t_score",
    "length mismatch": "test_no_t_score",
}
GOALS = Source(
    id="goals",
    label_da="Mål",
    file="goals.csv",
    person_key="cpr",
    feeds=(
        Feed(
            extract="individual_goal",
            columns={
                "goal_id": "Nr",
                "person_id": "CPR",
                "goal_type": "Type",
                "weight": "Vægt",
                "set_date": "Sat",
                "reviewed_date": "Vurderet",
                "attained_level": "Nået",
            },
        ),
    ),
)


def test_every_case_of_the_oracle_is_here(oracles) -> None:
    assert len(VALID) == 14
    assert REFUSED.keys() == set(CASES["invalid_inputs"]["expected"]["must_raise"])


@pytest.mark.parametrize(
    ("weight", "level", "rejected"),
    [
        ("1", "2", []),
        ("0", "-2", []),
        ("1", "3", [("attained_level", "out_of_range")]),
        ("1", "-3", [("attained_level", "out_of_range")]),
        ("1", "0,5", [("attained_level", "not_an_integer")]),
        ("-1", "0", [("weight", "out_of_range")]),
        ("-0,5", "0", [("weight", "out_of_range")]),
    ],
)
def test_the_border_rejects(catalogue, tmp_path, weight, level, rejected) -> None:
    header = "Nr;CPR;Type;Vægt;Sat;Vurderet;Nået"
    row = f"1;010190-1234;develop;{weight};01-03-2024;13-09-2024;{level}"
    (tmp_path / "goals.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    extract = catalogue.extract("individual_goal")
    small = catalogue.model_copy(update={"extracts": (extract,), "sources": (GOALS,)})
    landing = read_extracts(tmp_path, small, KEY)
    assert [(r["field_id"], r["reason"]) for r in landing.rejects.to_pylist()] == rejected


@pytest.mark.parametrize(
    ("attained", "weights", "reason"),
    [
        ((1, 1), (0, 0), "weights_zero"),
        ((1, None), (1, 1), "attained_level_missing"),
        ((1, 1), (1, None), "weight_missing"),
        ((1, 1), (0, None), "weight_missing"),
    ],
)
def test_no_t_score(attainment, attained, weights, reason) -> None:
    row = attainment(attained, weights)
    assert (row["t_score"], row["reason_no_t_score"]) == (None, reason)


@pytest.mark.parametrize(
    ("value", "is_refused"), [("0", False), ("0.99", False), ("1", True), ("-0.1", True)]
)
def test_the_catalogue_refuses_a_correlation(copy, value, is_refused) -> None:
    path = copy / "parameters.toml"
    text = path.read_text(encoding="utf-8")
    old = 'id = "goal_correlation"\nvalue = 0.3\n'
    assert old in text
    path.write_text(text.replace(old, old.replace("0.3", value)), encoding="utf-8")
    problems = []
    try:
        load_catalogue(copy)
    except CatalogueError as error:
        problems = [str(p) for p in error.problems]
    assert any("goal_correlation" in p for p in problems) == is_refused
