"""What was recommended, what was decided on it and what was found the years after, in one table."""

from datetime import date

import pyarrow as pa
import pytest

from pipelines.warehouse import ladder, reference

HISTORY = "marts.recommendation_history"
LINE = {
    "outcome_id": "UP:self",
    "design": "D3",
    "comparator": "other_support",
    "rule_id": "investigate_harm",
    "would_be_rule_id": "stop_harm",
    "recommendation": "Undersøg",
    "evidence_level": 3,
    "n": 80,
    "estimate_sd": -0.4,
    "lower": -0.6,
    "upper": -0.2,
    "standard_error_sd": 0.1,
    "is_suppressed": False,
    "method_changed": None,
}


@pytest.fixture
def tables():
    return ("staging.decision",)


@pytest.fixture
def history(given, rows):
    """Return a function from decisions, remembered lines and this year's to the mart's rows."""

    def build(decisions=(), remembered=(), now=()):
        connection = given(decision=list(decisions))
        lines = [LINE | line for line in remembered]
        years = [
            {
                "year": y,
                "reference_date": f"{y + 1}-01-31",
                "catalogue_sha256": f"sha{y}",
                "is_previous": y == 2024,
            }
            for y in sorted({line["year"] for line in lines})
        ]
        schema = reference.SCHEMAS["remembered_recommendation"]
        connection.execute("DROP TABLE ref.remembered_year; DROP TABLE ref.remembered_recommendation")
        for name, found in (("remembered_year", years), ("remembered_recommendation", lines)):
            table = reference.rows_table(found, reference.SCHEMAS[name])
            reference.create_table(connection, f"ref.{name}", table)
        connection.execute("CREATE SCHEMA estimate")
        recommended = [{name: (LINE | line).get(name) for name in schema.names} for line in now]
        reference.create_table(
            connection, "estimate.recommendation", pa.Table.from_pylist(recommended, schema=schema)
        )
        models = [m for m in ladder.load_models() if m.name == HISTORY]
        list(ladder.build(connection, models, ("marts",)))
        return rows(connection, f"SELECT * FROM {HISTORY} ORDER BY intervention_id, year")

    return build


def decided(what="adjust", day=date(2025, 3, 12), year=2024, **known):
    return {
        "intervention_id": "support",
        "recommendation_year": year,
        "decided": what,
        "decided_date": day,
        "decided_by": "committee",
    } | known


def line(year, intervention="support", **known):
    return {"year": year, "intervention_id": intervention} | known


def test_without_a_memory_there_is_this_year_alone(history):
    (row,) = history(now=[line(None)])
    assert (row["year"], row["is_this_year"], row["recommendation"]) == (2025, True, "Undersøg")
    assert row["decided"] is None


def test_recommendation_decision_and_what_then_happened_stand_under_each_other(history):
    before, then, now = history(
        decisions=[decided("none", date(2024, 3, 12), 2023), decided()],
        remembered=[
            line(2023, rule_id="continue", estimate_sd=-0.1, method_changed="parameteren »P« (1 → 2)"),
            line(2024),
        ],
        now=[line(None, rule_id="stop_harm", estimate_sd=-0.5)],
    )
    assert [(r["year"], r["rule_id"], r["decided"], r["estimate_sd"]) for r in (before, then, now)] == [
        (2023, "continue", "none", -0.1),
        (2024, "investigate_harm", "adjust", -0.4),
        (2025, "stop_harm", None, -0.5),
    ]
    assert [r["catalogue_sha256"] for r in (before, then, now)] == ["sha2023", "sha2024", None]
    assert before["method_changed"] == "parameteren »P« (1 → 2)"
    assert (then["decided_date"], then["decided_by"]) == (date(2025, 3, 12), "committee")


def test_a_decision_on_a_year_that_is_not_remembered_stands_alone(history):
    (row,) = history(decisions=[decided()])
    assert (row["year"], row["decided"], row["recommendation"], row["n"]) == (2024, "adjust", None, 0)
    assert row["is_suppressed"] is False


def test_what_is_hidden_stays_hidden(history):
    hidden = {"n": None, "estimate_sd": None, "lower": None, "upper": None, "is_suppressed": True}
    (row,) = history(remembered=[line(2024, **hidden)])
    assert (row["n"], row["estimate_sd"], row["is_suppressed"], row["rule_id"]) == (
        None,
        None,
        True,
        "investigate_harm",
    )


@pytest.mark.parametrize(("day", "is_there"), [(date(2026, 1, 31), True), (date(2026, 2, 1), False)])
def test_a_decision_after_the_reference_date_has_not_been_made(history, day, is_there):
    (row,) = history(decisions=[decided(day=day)], remembered=[line(2024)])
    assert (row["decided"] is not None) == is_there


def test_the_latest_decision_counts_that_had_been_made(history):
    """One without a role does not borrow the role of the one before."""
    (row,) = history(
        decisions=[
            decided("continue", date(2025, 2, 1)),
            decided("redesign", date(2025, 6, 1), decided_by=None),
            decided("stop", date(2026, 6, 1)),
        ],
        remembered=[line(2024)],
    )
    assert (row["decided"], row["decided_date"], row["decided_by"]) == ("redesign", date(2025, 6, 1), None)


def test_a_decision_on_a_year_to_come_is_not_told(history):
    assert history(decisions=[decided(year=2026, day=date(2025, 5, 1))]) == []


def test_of_decisions_with_one_key_the_last_delivered_counts(history):
    (row,) = history(decisions=[decided("stop"), decided("invest")])
    assert row["decided"] == "invest"


def test_an_intervention_that_is_no_longer_there_keeps_its_years(history):
    gone, now = history(remembered=[line(2024, "gone")], now=[line(None)])
    assert (gone["intervention_id"], gone["year"], gone["is_this_year"]) == ("gone", 2024, False)
    assert now["intervention_id"] == "support"
