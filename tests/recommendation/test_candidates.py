"""Which design makes us surest, and why a comparison does not."""

import json
from dataclasses import replace

import pytest

from pipelines.recommendation.candidates import OutcomeRows, best
from pipelines.recommendation.measures import Measures

KNOWN = Measures(pairs_per_arm=60, coverage=0.8, is_staff_rated_alone=False)
ARMS = {"waiting": 30, "other_support": 45}


def row(design, comparator, statistic, estimate=0.4, specification="main", **told):
    return {
        "design": design,
        "comparator": comparator,
        "specification": specification,
        "statistic": statistic,
        "estimate": estimate,
        "lower": None if estimate is None else estimate - 0.196,
        "upper": None if estimate is None else estimate + 0.196,
        "n": 90,
        "diagnostics": json.dumps(told) if told else None,
        "not_estimable_reason": None if estimate is not None else "too_few_persons",
    }


def compared(comparator, **changed):
    told = {"is_sound": True, "failed_check": None, "providers": None, "standard_error_sd": 0.1}
    told |= {"tipping_point_sd": 0.5}
    return row("D3", comparator, "standardised_difference", **told | changed)


CHANGE = row("D1", "none", "mean_change", 4.0)
AGAINST = row("D2", "without_support", "mean_versus_expected", 5.0)


def control(result, name="earlier_score"):
    return row("D3", "other_support", "negative_control", 0.0, name, result=result, standard_error_sd=0.1)


def chosen(table, setting, rows, known=KNOWN, randomised_against=None):
    found = best(OutcomeRows(rows), known, ARMS, 10.0, table.evidence, setting, randomised_against)
    return found


@pytest.mark.parametrize(
    ("rows", "known", "level", "design", "comparator"),
    [
        ([], KNOWN, 1, "D1", "none"),
        ([CHANGE], KNOWN, 2, "D1", "none"),
        # Against the expected is another number than the development, which is what the line tells.
        ([CHANGE, AGAINST], KNOWN, 2, "D1", "none"),
        ([CHANGE, compared("other_support")], KNOWN, 3, "D3", "other_support"),
        ([compared("other_support"), compared("waiting")], KNOWN, 3, "D3", "waiting"),
        ([compared("other_support"), control("passed")], KNOWN, 4, "D3", "other_support"),
        # More evidence goes before waiting.
        (
            [compared("other_support"), control("passed"), compared("waiting")],
            KNOWN,
            4,
            "D3",
            "other_support",
        ),
        ([compared("other_support"), control("undecided")], KNOWN, 3, "D3", "other_support"),
        ([CHANGE, compared("other_support", is_sound=False)], KNOWN, 2, "D1", "none"),
        ([CHANGE, compared("other_support")], replace(KNOWN, coverage=0.6), 3, "D3", "other_support"),
        ([CHANGE, compared("other_support")], replace(KNOWN, coverage=0.599), 2, "D1", "none"),
        (
            [row("D4", "not_yet_started", "effect_overall", 5.0, sensitivity_lower=1.0)],
            KNOWN,
            4,
            "D4",
            "not_yet_started",
        ),
    ],
)
def test_the_best_design_that_passed_its_own_checks(table, setting, rows, known, level, design, comparator):
    found = chosen(table, setting, rows, known)
    assert (found.measures.evidence_level, found.measures.design) == (level, design)
    assert found.measures.comparator == comparator


@pytest.mark.parametrize(
    ("rows", "known", "reason"),
    [
        ([compared("other_support", providers="one_provider")], KNOWN, "one_provider"),
        ([compared("other_support"), control("failed")], KNOWN, "control_failed"),
        ([compared("other_support"), control("failed"), control("passed", "x")], KNOWN, "control_failed"),
        ([compared("other_support")], replace(KNOWN, is_staff_rated_alone=True), "staff_rated_alone"),
        ([compared("other_support", is_sound=False, failed_check="overlap")], KNOWN, "overlap"),
        ([compared("other_support")], replace(KNOWN, coverage=0.5), "coverage"),
        ([row("D3", "other_support", "standardised_difference", None)], KNOWN, "too_few_persons"),
    ],
)
def test_at_most_2_and_why(table, setting, rows, known, reason):
    found = chosen(table, setting, [CHANGE, *rows], known)
    assert (found.measures.evidence_level, found.reason_not_higher) == (2, reason)
    assert found.measures.design == "D1"
    # What is shown is the development, in SD of the outcome, and no comparison's number with it.
    assert (found.estimate, found.effect, found.measures.probability_harm) == (0.4, None, None)


def test_a_lottery_is_against_what_it_was_drawn(table, setting):
    rows = [compared("other_support"), compared("waiting")]
    found = chosen(table, setting, rows, randomised_against="other_support")
    assert (found.measures.evidence_level, found.measures.comparator) == (5, "other_support")
    unsound = [CHANGE, compared("other_support", is_sound=False, failed_check="response")]
    assert chosen(table, setting, unsound, randomised_against="other_support").measures.evidence_level == 2


def test_what_a_comparison_brings(table, setting):
    rows = [
        compared("other_support", tipping_point_sd=None),
        row("D3", "other_support", "pooled_difference", 0.2),
        row("D3", "other_support", "pooled_probability_positive", 0.97),
        row("D3", "other_support", "pooled_difference", 0.9, "all_contrasts"),
        row("D3", "other_support", "standardised_difference", 0.5, "regression", standard_error_sd=0.1),
        row("D3", "other_support", "standardised_difference", None, "trimmed"),
    ]
    measures = chosen(table, setting, rows).measures
    assert measures.pairs_per_arm == 45
    # Nobody is missing: nothing could tip it.
    assert measures.tipping_point_sd == float("inf")
    assert measures.probability_positive == 0.97
    # The pooled 0.2 is exactly b.
    assert measures.probability_positive_sure == pytest.approx(0.5)
    assert measures.agreeing_benefit in (0, 1)
    assert measures.is_same_sign
