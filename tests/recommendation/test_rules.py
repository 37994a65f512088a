"""Every rule of the table fires where the method says, at its thresholds, and in its order."""

from dataclasses import fields, replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.catalogue.recommendation import MeasureId
from pipelines.recommendation.judging import Fresh, Previous, with_history
from pipelines.recommendation.measures import Measures
from pipelines.recommendation.rules import first_match

HARM = {
    "estimate_sd": -0.5,
    "probability_harm": 0.98,
    "probability_relevant": 0.0,
    "probability_positive": 0.0,
}
NO_EFFECT = {"estimate_sd": -0.1, "probability_relevant": 0.04, "probability_positive": 0.3}
INVEST = {
    "estimate_sd": 0.8,
    "probability_positive_sure": 0.995,
    "probability_relevant_sure": 0.85,
    "probability_positive": 0.999,
    "probability_relevant": 0.999,
    "tipping_point_sd": 0.5,
}
HARM_CONFIRMED = {"was_harm": True, "new_persons": 12, "is_new_same_sign": True}
NO_EFFECT_CONFIRMED = {"was_no_effect": True, "new_persons": 12, "is_new_same_sign": True}

# What is changed in the undecided measures, and the rule that then fires.
CASES = [
    ({}, "adjust"),
    ({"has_safety_flag": True, "pairs_per_arm": 1, "coverage": None, "evidence_level": 1}, "safety_flag"),
    ({"has_safety_flag": None}, "adjust"),
    ({"pairs_per_arm": 19}, "measure_better"),
    ({"pairs_per_arm": 20}, "adjust"),
    ({"coverage": 0.499}, "measure_better"),
    ({"coverage": 0.5}, "keep_measuring"),
    ({"coverage": 0.599}, "keep_measuring"),
    ({"coverage": 0.6}, "adjust"),
    ({"is_tied_to_goal": False} | INVEST, "measure_the_goal"),
    ({"evidence_level": 2} | INVEST, "keep_measuring"),
    ({"evidence_level": 2} | HARM | HARM_CONFIRMED, "keep_measuring"),
    # Harm, in its first and second year.
    (HARM, "investigate_harm"),
    (HARM | {"probability_harm": 0.975}, "investigate_harm"),
    (HARM | {"probability_harm": 0.9749, "probability_relevant": 0.5}, "adjust"),
    ({"deteriorated_lower": 0.001}, "investigate_harm"),
    ({"deteriorated_lower": 0.0}, "adjust"),
    (HARM | HARM_CONFIRMED, "stop_harm"),
    (HARM | HARM_CONFIRMED | {"new_persons": 10}, "stop_harm"),
    (HARM | HARM_CONFIRMED | {"new_persons": 9}, "investigate_harm"),
    (HARM | HARM_CONFIRMED | {"is_new_same_sign": False}, "investigate_harm"),
    (HARM | HARM_CONFIRMED | {"is_new_same_sign": None}, "investigate_harm"),
    (HARM | HARM_CONFIRMED | {"was_harm": False}, "investigate_harm"),
    (HARM | HARM_CONFIRMED | {"is_legal_right": True}, "stop_harm_right"),
    # Last year lacked an effect and this one harms: the harm is a new finding.
    (HARM | NO_EFFECT_CONFIRMED, "investigate_harm"),
    # Not robust: no verdict of the three.
    (HARM | HARM_CONFIRMED | {"is_same_sign": False}, "adjust"),
    (HARM | HARM_CONFIRMED | {"agreeing_harm": 0.79, "agreeing_no_effect": 0.79}, "adjust"),
    (HARM | HARM_CONFIRMED | {"agreeing_harm": 0.8}, "stop_harm"),
    # No relevant effect.
    (NO_EFFECT, "investigate_no_effect"),
    (NO_EFFECT | {"probability_relevant": 0.05}, "adjust"),
    (NO_EFFECT | {"agreeing_no_effect": 0.79}, "adjust"),
    (NO_EFFECT | NO_EFFECT_CONFIRMED, "redesign_no_effect"),
    (NO_EFFECT | NO_EFFECT_CONFIRMED | {"is_legal_right": True}, "redesign_no_effect"),
    (NO_EFFECT | NO_EFFECT_CONFIRMED | {"comparator": "other_support"}, "not_better"),
    (NO_EFFECT | NO_EFFECT_CONFIRMED | {"new_persons": 9}, "investigate_no_effect"),
    (NO_EFFECT | NO_EFFECT_CONFIRMED | {"is_new_same_sign": False}, "investigate_no_effect"),
    # Invest.
    (INVEST, "invest"),
    (INVEST | {"probability_positive_sure": 0.99, "probability_relevant_sure": 0.8}, "invest"),
    (INVEST | {"probability_positive_sure": 0.9899}, "continue"),
    (INVEST | {"probability_relevant_sure": 0.7999}, "continue"),
    (INVEST | {"tipping_point_sd": 0.25}, "invest"),
    (INVEST | {"tipping_point_sd": 0.2}, "continue"),
    (INVEST | {"tipping_point_sd": float("inf")}, "invest"),
    (INVEST | {"agreeing_benefit": 0.8}, "invest"),
    (INVEST | {"agreeing_benefit": 0.79}, "continue"),
    (INVEST | {"is_same_sign": None}, "continue"),
    (INVEST | {"has_willingness_to_pay": True, "probability_net_benefit": 0.6}, "invest"),
    (INVEST | {"has_willingness_to_pay": True, "probability_net_benefit": 0.59}, "continue"),
    (INVEST | {"has_willingness_to_pay": True, "probability_net_benefit": None}, "continue"),
    ({"probability_positive": 0.9}, "continue"),
    ({"probability_positive": 0.8999}, "adjust"),
]


@pytest.mark.parametrize(("changed", "expected"), CASES)
def test_the_rule_that_fires(table, setting, undecided, changed, expected):
    assert first_match(table.rule, replace(undecided, **changed), setting).id == expected


def test_every_rule_fires_somewhere(table):
    assert {rule.id for rule in table.rule} == {expected for _, expected in CASES}


def test_the_table_reads_as_the_method(table):
    assert [rule.label_da for rule in table.rule] == [
        "Sikkerhedsflag",
        "Mål bedre",
        "Mål bedre",
        "Fortsæt måling – effekt ukendt",
        "Omlæg (skade)",
        "Stop (skade)",
        "Undersøg",
        "Omlæg (ingen relevant effekt)",
        "Ikke bedre end alternativet",
        "Undersøg",
        "Invester",
        "Fortsæt",
        "Justér",
    ]


def test_order_decides_between_two_that_match(table, setting, undecided):
    # The mean is far up, but more of them get worse: harm goes before the investment.
    both = replace(undecided, **INVEST | {"deteriorated_lower": 0.02})
    assert first_match(table.rule, both, setting).id == "investigate_harm"
    turned = sorted(table.rule, key=lambda rule: rule.id != "invest")
    assert first_match(turned, both, setting).id == "invest"


def test_a_threshold_is_the_parameter(table, setting, undecided):
    lower = setting | {"continue_probability": 0.75}
    assert first_match(table.rule, undecided, lower).id == "continue"


def test_measures_and_their_names_are_the_same(table):
    computed = {field.name for field in fields(Measures)}
    assert computed == set(get_args(MeasureId)) == set(table.declared)


NUMBERS = st.one_of(st.none(), st.floats(-3, 3, allow_nan=False))
BOOLEANS = st.sampled_from([None, True, False])


def anything():
    """Measures of every kind, as a strategy."""
    sizes = {f.name: NUMBERS for f in fields(Measures) if "float" in str(f.type)}
    truths = {f.name: BOOLEANS for f in fields(Measures) if "bool" in str(f.type)}
    counts = {
        f.name: st.one_of(st.none(), st.integers(0, 300)) for f in fields(Measures) if "int" in str(f.type)
    }
    comparator = st.sampled_from(["waiting", "other_support"])
    return st.builds(Measures, **sizes, **truths, **counts, comparator=comparator)


@settings(max_examples=200)
@given(data=st.data())
def test_a_legal_right_never_reads_stop(table, setting, data):
    measures = replace(data.draw(anything()), is_legal_right=True)
    assert "Stop" not in first_match(table.rule, measures, setting).label_da


@settings(max_examples=200)
@given(data=st.data())
def test_without_a_year_before_nothing_is_stopped_or_redesigned(table, setting, data):
    measures = replace(data.draw(anything()), was_harm=False, was_no_effect=False)
    word = first_match(table.rule, measures, setting).label_da
    assert not word.startswith(("Stop", "Omlæg", "Ikke bedre"))


@settings(max_examples=200)
@given(data=st.data())
def test_measures_that_no_rule_asks_for_change_nothing(table, setting, data):
    asked = {c.measure for rule in table.rule for c in (*rule.conditions, *rule.alternatives)}
    one, other = data.draw(anything()), data.draw(anything())
    irrelevant = {f.name: getattr(other, f.name) for f in fields(Measures) if f.name not in asked}
    assert irrelevant.keys() >= {"estimate_sd", "negative_control", "is_one_provider", "incremental_cost_dkk"}
    fired = first_match(table.rule, one, setting)
    assert first_match(table.rule, replace(one, **irrelevant), setting) == fired


@settings(max_examples=200)
@given(data=st.data())
def test_what_the_rules_down_to_the_one_that_fires_do_not_ask_for_changes_nothing(table, setting, data):
    one, other = data.draw(anything()), data.draw(anything())
    fired = first_match(table.rule, one, setting)
    reached = table.rule[: table.rule.index(fired) + 1]
    asked = {c.measure for rule in reached for c in (*rule.conditions, *rule.alternatives)}
    rest = {f.name: getattr(other, f.name) for f in fields(Measures) if f.name not in asked}
    assert first_match(table.rule, replace(one, **rest), setting) == fired


def previous(**changed):
    line = {"recommendation": "investigate_harm", "year": 2024, "outcome_id": "x", "comparator": "waiting"}
    return Previous(**line | {"estimate_sd": -0.4} | changed)


@pytest.mark.parametrize(
    ("before", "fresh", "expected"),
    [
        (None, None, "investigate_harm"),
        (previous(), Fresh(10, -0.1), "stop_harm"),
        (previous(), Fresh(9, -0.1), "investigate_harm"),
        (previous(), Fresh(10, 0.1), "investigate_harm"),
        (previous(), Fresh(10, None), "investigate_harm"),
        (previous(), None, "investigate_harm"),
        # It stays stopped for as long as it is found anew.
        (previous(recommendation="stop_harm"), Fresh(10, -0.1), "stop_harm"),
        (previous(recommendation="investigate_no_effect"), Fresh(10, -0.1), "investigate_harm"),
        (previous(recommendation="continue"), Fresh(10, -0.1), "investigate_harm"),
        (previous(recommendation="a_rule_of_old"), Fresh(10, -0.1), "investigate_harm"),
        (previous(comparator="other_support"), Fresh(10, -0.1), "investigate_harm"),
        # A line of last year that was hidden has no estimate: then this year's sign is the one to confirm.
        (previous(estimate_sd=None), Fresh(10, -0.1), "stop_harm"),
    ],
)
def test_the_second_year(table, setting, undecided, before, fresh, expected):
    measures = with_history(replace(undecided, **HARM), before, fresh, table)
    assert first_match(table.rule, measures, setting).id == expected


def test_a_redesign_resets(table, setting, undecided):
    before = previous(redesigned_date=date(2025, 3, 1))
    measures = with_history(replace(undecided, **HARM), before, Fresh(40, -0.6), table)
    assert first_match(table.rule, measures, setting).id == "investigate_harm"
