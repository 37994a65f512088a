"""What the new persons say by themselves: against what those compared would have had, and of whom."""

from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.catalogue import Catalogue
from pipelines.estimation import new_persons
from pipelines.estimation.comparison.contrasts import COVARIATES
from pipelines.warehouse import reference
from tests.sql.conftest import small_catalogue

OUTCOME = "UP:self"
SD = 10.0  # of UP
LINE = {"year": 2024, "intervention_id": "support", "is_suppressed": False}
PERSON = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("outcome_id", pa.string()),
        ("comparator", pa.string()),
        ("person_id", pa.int64()),
        ("is_treated", pa.bool_()),
        ("is_early", pa.bool_()),
        ("is_waiting", pa.bool_()),
        ("follow_up_hundredths", pa.int64()),
        *((name, pa.float64()) for name in COVARIATES),
        ("sex", pa.string()),
        ("target_group", pa.string()),
    ]
)


def person(number: int, change: float, *, treated: bool, rng: np.random.Generator) -> dict[str, Any]:
    """The follow-up is the baseline plus `change` points, whoever it is."""
    baseline = float(rng.integers(2000, 6000))
    return {
        "intervention_id": "support",
        "outcome_id": OUTCOME,
        "comparator": "other_support",
        "person_id": number,
        "is_treated": treated,
        "is_early": treated,
        "is_waiting": not treated,
        "follow_up_hundredths": int(baseline + 100 * change),
        "sex": "female",
        "target_group": "a",
    } | {name: baseline if name == "baseline_hundredths" else 1.0 for name in COVARIATES}


@pytest.fixture
def effects(catalogue: Catalogue) -> Any:
    """Return a function from people, and the new among them, to the row of each comparator."""

    def build(people: list[dict[str, Any]], new: set[int], *, is_remembered: bool = True) -> dict[str, Any]:
        with duckdb.connect() as connection:
            remembered = {
                "remembered_year": [{"year": 2024, "reference_date": "2025-01-31", "is_previous": True}],
                "remembered_recommendation": [LINE],
            }
            reference.load_reference(
                connection,
                small_catalogue(catalogue),
                2025,
                date(2026, 1, 31),
                remembered if is_remembered else {},
            )
            connection.execute("CREATE SCHEMA intervention")
            whole = pa.Table.from_pylist(people, schema=PERSON)
            for name in ("comparison_person", "waiting_person"):
                reference.create_table(connection, f"intervention.{name}", whole)
            of_new = [
                {"intervention_id": "support", "outcome_id": OUTCOME, "comparator": c, "person_id": p}
                for c in new_persons.PEOPLE
                for p in sorted(new)
            ]
            schema = pa.schema([PERSON.field(n) for n in PERSON.names[:4]])
            reference.create_table(
                connection, "intervention.new_person", pa.Table.from_pylist(of_new, schema=schema)
            )
            return {row["comparator"]: row for row in new_persons.effects(connection).to_pylist()}

    return build


def town(old: float, new: float, others: int = 60) -> tuple[list[dict[str, Any]], set[int]]:
    """60 who got it before, with the change `old`; 12 since, with `new`; and `others`, who had 5 points."""
    rng = np.random.default_rng(1)
    people = [person(n, old, treated=True, rng=rng) for n in range(60)]
    people += [person(100 + n, new, treated=True, rng=rng) for n in range(12)]
    people += [person(200 + n, 5.0, treated=False, rng=rng) for n in range(others)]
    return people, {100 + n for n in range(12)}


def test_only_the_new_persons_own_difference_counts(effects: Any) -> None:
    found = effects(*town(old=-15.0, new=9.0))
    for comparator in ("other_support", "waiting"):
        assert found[comparator]["n"] == 12
        assert found[comparator]["estimate_sd"] == pytest.approx((9.0 - 5.0) / SD, abs=1e-9)
        assert found[comparator]["not_estimable_reason"] is None
    assert effects(*town(old=9.0, new=-3.0))["other_support"]["estimate_sd"] == pytest.approx(-0.8, abs=1e-9)


def test_where_the_new_began_is_allowed_for(effects: Any) -> None:
    """New persons who begin lower, where everybody who does rises more, have no effect of it."""
    people, new = town(old=0.0, new=0.0)
    for one in people:
        low = 4000 * (one["person_id"] in new)
        one["baseline_hundredths"] -= low
        one["follow_up_hundredths"] = int(0.5 * one["baseline_hundredths"]) + 2500
    assert effects(people, new)["other_support"]["estimate_sd"] == pytest.approx(0.0, abs=1e-3)


def test_one_whose_outcome_is_not_known_tells_nothing(effects: Any) -> None:
    people, new = town(old=0.0, new=9.0)
    missing = people[-1] | {"person_id": 999, "follow_up_hundredths": None}
    assert effects([*people, missing], new)["other_support"]["estimate_sd"] == pytest.approx(0.4, abs=1e-9)


def test_without_a_number_there_is_a_reason(effects: Any) -> None:
    people, _ = town(old=0.0, new=0.0)
    found = effects(people, set())["other_support"]
    assert (found["n"], found["estimate_sd"], found["not_estimable_reason"]) == (0, None, "no_new_persons")
    few = effects(*town(old=0.0, new=0.0, others=3))["other_support"]
    assert (few["estimate_sd"], few["not_estimable_reason"]) == (None, "too_few_persons")


def test_nothing_is_asked_before_there_is_an_earlier_year(effects: Any) -> None:
    assert effects(*town(old=0.0, new=9.0), is_remembered=False) == {}
