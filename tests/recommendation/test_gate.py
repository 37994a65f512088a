"""What the gate leaves of a recommendation: its word always, its numbers where their rows are shown."""

import json

import pyarrow as pa
import pytest

from pipelines.disclosure import TRACED_TO, gate
from pipelines.recommendation.measures import Measures

ARROW_TYPES = {"text": pa.string(), "integer": pa.int64(), "decimal": pa.float64(), "boolean": pa.bool_()}
PLACE = {"intervention_id": "i", "outcome_id": "o"}
NUMBERS = {"coverage": 0.95, "pairs_per_arm": 55, "evidence_level": 3, "incremental_cost_dkk": 1200}
NEAREST = {"rule": "continue", "measure": "coverage", "from": 0.95, "to": 0.6}


@pytest.fixture
def published(catalogue):
    """Return the gated line; given its own columns, and rows of the marts it comes from."""

    def table(mart_id, rows):
        columns = catalogue.mart(mart_id).columns
        return pa.table(
            {
                c.name: pa.array(
                    [r.get(c.name, {"key": "-", "flag": False}.get(c.disclosure)) for r in rows],
                    ARROW_TYPES[c.type],
                )
                for c in columns
            }
        )

    def ask(line, effects, costs=()):
        told = {
            "design": "D3",
            "recommendation": "Justér",
            "rule_id": "adjust",
            "evidence_level": 3,
            "n": 120,
        }
        told |= {"numbers": json.dumps(NUMBERS), "would_change": json.dumps({"nearest": NEAREST})}
        common = PLACE | {"population": "window", "specification": "main", "design": "D1"}
        tables = {
            "intervention_recommendation": table("intervention_recommendation", [PLACE | told | line]),
            "intervention_effect": table("intervention_effect", [common | e for e in effects]),
            "economy_result": table("economy_result", [PLACE | c for c in costs]),
        }
        gated = gate(tables, catalogue)
        again = gate(gated, catalogue)
        assert all(again[name].equals(gated[name]) for name in gated)
        return gated["intervention_recommendation"].to_pylist()[0]

    return ask


def effect(statistic, n, numerator=None, **others):
    return {"statistic": statistic, "n": n, "numerator": numerator, "estimate": 0.5, **others}


DIFFERENCE = effect("standardised_difference", 120, design="D3")


def test_numbers_stay_where_their_rows_are_shown(published):
    line = published({}, [DIFFERENCE, effect("coverage", 60, 50)])
    assert json.loads(line["numbers"]) == NUMBERS
    assert json.loads(line["would_change"]) == {"nearest": NEAREST}


@pytest.mark.parametrize("answered", [56, 60, 4])
def test_coverage_of_nearly_all_or_hardly_any_leaves_the_trace(published, answered):
    line = published({}, [DIFFERENCE, effect("coverage", 60, answered)])
    assert json.loads(line["numbers"]) == {k: v for k, v in NUMBERS.items() if k != "coverage"}
    assert json.loads(line["would_change"])["nearest"] == {k: v for k, v in NEAREST.items() if k != "from"}
    assert (line["n"], line["is_suppressed"]) == (120, False)


def test_cost_of_a_hidden_row_leaves_the_trace(published):
    cost = {"statistic": "incremental_cost", "n": 3, "estimate": 1200.0}
    line = published({}, [DIFFERENCE], [cost])
    assert "incremental_cost_dkk" not in json.loads(line["numbers"])
    assert "incremental_cost_dkk" in json.loads(published({}, [DIFFERENCE], [cost | {"n": 30}])["numbers"])


@pytest.mark.parametrize(
    ("line", "effects"),
    [
        ({"n": 4}, []),
        ({"design": "D1", "n": 7}, [effect("mean_change", 3)]),
        ({}, [DIFFERENCE | {"n": 2}]),
    ],
)
def test_a_line_is_hidden_with_its_estimate_but_its_word_stands(published, line, effects):
    shown = published(line, effects)
    assert shown["is_suppressed"]
    for name in ("n", "estimate_sd", "numbers", "would_change", "power", "nearest_rule", "needed_persons"):
        assert shown[name] is None, name
    assert (shown["recommendation"], shown["rule_id"], shown["evidence_level"]) == ("Justér", "adjust", 3)


def test_another_outcomes_or_segments_row_hides_nothing(published):
    elsewhere = [
        DIFFERENCE,
        effect("coverage", 60, 58, outcome_id="another"),
        effect("share_deteriorated", 8, 4, population="sex:female"),
    ]
    assert json.loads(published({}, elsewhere)["numbers"]) == NUMBERS


def test_what_is_traced_is_a_measure():
    assert TRACED_TO.keys() <= Measures.__dataclass_fields__.keys()
