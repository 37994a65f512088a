"""The gate on the yearly plan: a measured change is told only where the mart it was taken from tells it."""

import pytest

from pipelines.disclosure import gate
from tests.test_disclosure import CATALOGUE, table

MOVED = {"measured_change": 0.06, "change_lower": 0.02, "change_upper": 0.1, "n": 80}
ACTION = {
    "action_id": "a",
    "year": 2025,
    "indicator_id": "deadline_met_share",
    "title_da": "Handling",
    "expected_change": 0.05,
    "measured_from": "indicator",
    "compared_year": 2024,
    "evaluation": "as_expected",
}
FIGURE = {
    "goal_id": "A-G4",
    "indicator_id": "deadline_met_share",
    "year": 2025,
    "population": "year",
    "law": "share",
    "value": 0.8,
    "n": 80,
    "previous_year": 2024,
    "previous_change": 0.06,
    "previous_lower": 0.02,
    "previous_upper": 0.1,
}
BASELINE = {"previous_year": None, "previous_change": None, "baseline_year": 2024, "change": 0.06}
EFFECT = {
    "intervention_id": "support",
    "is_primary": True,
    "design": "D1",
    "specification": "main",
    "population": "window",
    "follow_up_kind": "primary",
    "statistic": "mean_change",
    "estimate": 6.0,
    "n": 80,
}
OF_INTERVENTION = {
    "indicator_id": None,
    "intervention_id": "support",
    "measured_from": "intervention",
    "compared_year": None,
}


def evaluated(actions: list[dict], figures: list[dict], effects: list[dict] = ()) -> list[dict]:
    """Gate the three marts in one call; return the actions."""
    rows = {"action_evaluation": actions, "strategy_indicator": figures, "intervention_effect": list(effects)}
    gated = gate({mart_id: table(mart_id, found) for mart_id, found in rows.items()}, CATALOGUE)
    return gated["action_evaluation"].to_pylist()


@pytest.mark.parametrize(
    ("figure", "is_hidden"),
    [
        ({}, False),
        ({"n": 5}, False),
        ({"n": 4}, True),
        # The figure stands, and the change that refers to a hidden year does not.
        ({"previous_change": None}, True),
        ({"previous_year": 2023}, True),
        ({"population": "sex:male"}, True),
        ({"year": 2024}, True),
        (BASELINE, False),
        (BASELINE | {"change": None}, True),
        (BASELINE | {"baseline_year": 2018}, True),
    ],
)
def test_a_change_is_told_only_where_its_source_tells_it(figure: dict, is_hidden: bool) -> None:
    (row,) = evaluated([ACTION | MOVED], [FIGURE | figure])
    assert row["is_suppressed"] is is_hidden
    told = {name: row[name] for name in (*MOVED, "evaluation")}
    assert set(told.values()) == {None} if is_hidden else None not in told.values()
    # The action itself is nobody's secret.
    assert (row["title_da"], row["expected_change"]) == ("Handling", 0.05)


@pytest.mark.parametrize(
    ("effect", "is_hidden"),
    [({}, False), ({"n": 4}, True), ({"is_primary": False}, True), ({"population": "year:2025"}, True)],
)
def test_a_change_in_an_intervention_is_told_only_where_the_mart_tells_it(
    effect: dict, is_hidden: bool
) -> None:
    action = ACTION | OF_INTERVENTION | MOVED
    (row,) = evaluated([action], [], [EFFECT | effect])
    assert row["is_suppressed"] is is_hidden


def test_an_action_on_few_persons_is_hidden_by_itself() -> None:
    (row,) = evaluated([ACTION | MOVED | {"n": 3}], [FIGURE])
    assert row["is_suppressed"]


def test_what_is_not_measured_stays_and_says_so() -> None:
    unmeasured = {"measured_change": None, "n": 0, "evaluation": "not_measured"}
    (row,) = evaluated([ACTION | unmeasured], [FIGURE | {"n": 3}])
    assert not row["is_suppressed"]
    assert row["evaluation"] == "not_measured"


def test_without_the_marts_it_was_taken_from_nothing_is_told() -> None:
    rows = [ACTION | MOVED, ACTION | OF_INTERVENTION | MOVED | {"action_id": "b"}]
    gated = gate({"action_evaluation": table("action_evaluation", rows)}, CATALOGUE)["action_evaluation"]
    assert gated["is_suppressed"].to_pylist() == [True, True]


def test_gating_twice_is_gating_once() -> None:
    tables = {
        "action_evaluation": table(
            "action_evaluation", [ACTION | MOVED, ACTION | {"action_id": "b", "n": 0}]
        ),
        "strategy_indicator": table("strategy_indicator", [FIGURE | {"n": 4}]),
    }
    once = gate(tables, CATALOGUE)
    assert gate(once, CATALOGUE) == once
