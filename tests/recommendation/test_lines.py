"""How finely a trace is told, and how its sentence reads."""

import json
from dataclasses import replace

import pytest

from pipelines.recommendation.lines import told, told_numbers
from pipelines.reports.reason_words import number_da, reason_da


def test_numbers_are_told_in_their_steps(table):
    declared = table.declared
    assert told(declared["pairs_per_arm"], 24) == 20
    assert told(declared["probability_harm"], 0.98765) == 0.988
    assert told(declared["tipping_point_sd"], float("inf")) is None
    assert told(declared["incremental_cost_dkk"], -1249.0) == -1200
    assert told(declared["is_same_sign"], True) is True


@pytest.mark.parametrize(("persons", "expected"), [(4, None), (5, 5), (14, 10)])
def test_few_new_persons_are_not_counted_out(table, setting, undecided, persons, expected):
    rule = table.rule_of("stop_harm")
    numbers = told_numbers(rule, replace(undecided, new_persons=persons), table, setting)
    assert numbers.get("new_persons") == expected


def test_the_numbers_are_those_of_the_rule_and_its_sentence(table, setting, undecided):
    rule = table.rule_of("continue")
    assert told_numbers(rule, undecided, table, setting) == {"estimate_sd": 0.1, "probability_positive": 0.8}


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        ("coverage", 0.624, "62 %"),
        ("coverage", 1.0, "100 %"),
        ("probability_harm", 0.9991, "over 99 %"),
        ("probability_harm", 1.0, "over 99 %"),
        ("probability_relevant", 0.001, "under 1 %"),
        ("estimate_sd", -0.31, "−0,31 SD"),
        ("pairs_per_arm", 20, "mindst 20"),
        ("incremental_cost_dkk", 12300.0, "12.300 kr."),
        ("deteriorated_lower", 0.034, "3,4 procentpoint"),
        ("evidence_level", 3, "3"),
        ("incremental_cost_dkk", None, "ikke opgjort"),
    ],
)
def test_danish_numbers(table, measure, value, text):
    assert number_da(table.declared[measure], value) == text


def test_a_sentence_with_its_numbers_and_without(table):
    rule = table.rule_of("keep_measuring")
    shown = reason_da(table, rule, json.dumps({"evidence_level": 2, "coverage": 0.62}))
    assert shown.endswith("evidensniveauet er 2, og dækningen er 62 %.")
    assert reason_da(table, rule, None).endswith(
        "evidensniveauet er diskretioneret, og dækningen er diskretioneret."
    )


def test_every_sentence_can_be_filled(table, setting, undecided):
    for rule in table.rule:
        numbers = json.dumps(told_numbers(rule, undecided, table, setting))
        assert "{" not in reason_da(table, rule, numbers)
