"""What is recommended of the planted interventions, by the demo's published marts."""

import json

import pyarrow.parquet as pq
import pytest

MARTS = ("intervention_recommendation", "intervention_evidence", "intervention_effect")


@pytest.fixture(scope="module")
def marts(demo_run):
    folder = demo_run.version / "published"
    return {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in MARTS}


@pytest.fixture(scope="module")
def effect_of(demo_run):
    return {i["intervention_id"]: i["effect_sd"] for i in demo_run.truth("truth.json")["interventions"]}


def test_one_line_per_intervention_with_a_word_of_the_table(marts, catalogue):
    lines = marts["intervention_recommendation"]
    assert [line["intervention_id"] for line in lines] == sorted(i.id for i in catalogue.interventions)
    for line in lines:
        assert line["recommendation"] == catalogue.recommendation.rule_of(line["rule_id"]).label_da


def test_what_is_planted_is_never_told_the_other_way_round(marts, effect_of):
    for line in marts["intervention_recommendation"]:
        planted = effect_of[line["intervention_id"]]
        if planted < 0:
            assert line["rule_id"] not in ("invest", "continue"), line
        if planted == 0:
            assert line["rule_id"] != "invest", line
        # A first year, and most of it a right.
        assert not line["recommendation"].startswith(("Stop", "Omlæg")), line


def test_a_development_is_no_effect(marts):
    for line in marts["intervention_recommendation"]:
        if line["comparator"] in ("none", "without_support"):
            assert line["rule_id"] in ("measure_better", "keep_measuring"), line
            assert line["evidence_level"] <= 2


def test_few_people_have_a_word_and_no_number(marts):
    lines = marts["intervention_recommendation"]
    hidden = [line for line in lines if line["is_suppressed"]]
    assert hidden
    for line in hidden:
        assert line["recommendation"]
        assert (line["n"], line["numbers"], line["would_change"], line["power"]) == (None, None, None, None)


def test_no_coverage_in_a_trace_that_the_results_hide(marts):
    hidden = {
        (row["intervention_id"], row["outcome_id"])
        for row in marts["intervention_effect"]
        if row["statistic"] == "coverage" and row["population"] == "window" and row["is_suppressed"]
    }
    for line in marts["intervention_recommendation"]:
        if (line["intervention_id"], line["outcome_id"]) in hidden and not line["is_suppressed"]:
            assert "coverage" not in json.loads(line["numbers"])


def test_every_outcome_has_an_evidence_level(marts, catalogue):
    declared = {
        (i.id, outcome)
        for i in catalogue.interventions
        for outcome in (*(f"{o.instrument}:{o.respondent}" for o in i.outcomes), *_registers(i))
    }
    found = {(e["intervention_id"], e["outcome_id"]): e for e in marts["intervention_evidence"]}
    assert found.keys() == declared
    for line in marts["intervention_recommendation"]:
        evidence = found[line["intervention_id"], line["outcome_id"]]
        assert evidence["is_primary"]
        assert evidence["evidence_level"] == line["evidence_level"]


def _registers(intervention):
    return [f"register:{register}" for register in intervention.registers]
