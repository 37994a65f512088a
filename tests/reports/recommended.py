"""Made-up recommendations, evidence, money and memory of interventions, beside their made-up comparisons."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from pipelines.catalogue import Catalogue, Intervention
from tests.reports.compared import FOUND, INTERVALS

Row = dict[str, Any]
# By what the comparison's interval says: the rule that fires, what it would be next year, the nearest.
RULES = {
    "favourable": ("invest", None, "continue"),
    "undecided": ("adjust", None, "continue"),
    "no_relevant_difference": ("investigate_no_effect", "not_better", "adjust"),
    "unfavourable": ("investigate_harm", "stop_harm", "adjust"),
}
FLAGGED, ALONE = 7, ("D1", "none")
NUMBERS = {
    "pairs_per_arm": 40,
    "coverage": 0.72,
    "evidence_level": 3,
    "probability_harm": 0.99,
    "probability_relevant": 0.021,
    "probability_positive": 0.83,
    "probability_positive_sure": 0.995,
    "probability_relevant_sure": 0.84,
    "agreeing_benefit": 0.83,
    "incremental_cost_dkk": 12300.0,
}
MAIN = {"payer": "all", "item": "all", "willingness_to_pay": None, "effect_unit": None}


def recommended(catalogue: Catalogue, intervention: Intervention, pairs: int) -> tuple[Row, Row]:
    """Return an intervention's rows of intervention_recommendation and intervention_evidence."""
    place = [i.id for i in catalogue.interventions].index(intervention.id)
    outcome = next(o for o in intervention.outcomes if o.primary)
    against, verdict, failed = FOUND.get(place, (None, None, None))
    is_compared = verdict is not None and failed is None and pairs >= 20
    design, comparator = ("D3", against) if is_compared else ALONE
    rule_id, would_be, nearest = ("keep_measuring", None, "adjust")
    if pairs < 20:
        rule_id, nearest = "measure_better", "keep_measuring"
    elif place == FLAGGED:
        rule_id = "safety_flag"
    elif is_compared:
        rule_id, would_be, nearest = RULES[str(verdict)]
    rule = catalogue.recommendation.rule_of(rule_id)
    assert rule
    estimate, lower, upper = INTERVALS[str(verdict)] if is_compared else (0.2, 0.1, 0.3)
    change = {
        "nearest": {"rule": nearest, "measure": "coverage", "from": 0.72, "to": 0.6},
        "effects": [
            {"rule": rule_id, "lowest": -1.5, "highest": 0.61},
            {"rule": "invest", "lowest": 0.62, "highest": 1.5},
        ],
        "more_months": None if pairs > 100 else 14,
        "is_planned": not is_compared,
    }
    key = {
        "intervention_id": intervention.id,
        "outcome_id": f"{outcome.instrument}:{outcome.respondent}",
        "design": design,
        "comparator": comparator,
        "evidence_level": 3 if is_compared else 2 if pairs else 1,
    }
    numbers = NUMBERS | {"pairs_per_arm": pairs // 10 * 10, "estimate_sd": estimate}
    numbers["evidence_level"] = key["evidence_level"]
    line = key | {
        "recommendation": rule.label_da,
        "rule_id": rule_id,
        "would_be_rule_id": would_be,
        "is_legal_right": intervention.is_legal_right,
        "known_evidence": "Nesta: 3 (VIVE 2020); Vidensdeklaration: C (kilde)" if place == 0 else None,
        "n": pairs,
        "estimate_sd": estimate if pairs else None,
        "lower": lower if pairs else None,
        "upper": upper if pairs else None,
        "numbers": json.dumps({name: numbers.get(name) for name in rule.told}),
        "is_robust": place != 1 if is_compared else None,
        "agreeing_share": 0.5 if place == 1 else 0.83 if is_compared else None,
        "power": 0.62 if pairs else None,
        "smallest_detectable_sd": 0.41 if pairs else None,
        "needed_persons": 210 if pairs else None,
        "nearest_rule": nearest,
        "needed_effect_sd": 0.62 if is_compared and rule_id != "invest" else None,
        "would_change": json.dumps(change),
    }
    reason = None if is_compared else failed or "too_few_persons"
    evidence = key | {"is_primary": True, "evidence_id": "comparison", "reason_not_higher": reason}
    return line, evidence


def economy(catalogue: Catalogue, line: Row) -> Iterable[Row]:
    """Return the money of a comparison: extra cost, the curve, and at one place a net result by payer."""
    if line["design"] != "D3":
        return
    place = [i.id for i in catalogue.interventions].index(line["intervention_id"])
    row = {name: line[name] for name in ("intervention_id", "outcome_id", "comparator", "n")} | MAIN
    if place == 1:
        yield row | {"statistic": "incremental_cost", "n": 0, "not_estimable_reason": "cost_unknown"}
        return
    yield row | {"statistic": "incremental_cost", "estimate": 12300.0, "lower": 8100.0, "upper": 16400.0}
    for amount, share in ((0.0, 0.02), (250_000.0, 0.55), (500_000.0, 0.71)):
        at = {
            "effect_unit": "reliably_improved",
            "willingness_to_pay": amount,
            "item": f"willingness:{amount:.0f}",
        }
        yield row | at | {"statistic": "curve_probability", "estimate": share}
    if place != 0:
        yield row | {"statistic": "net_result", "n": 0, "not_estimable_reason": "no_unit_price"}
        return
    declared = row | {"item": "declared", "willingness_to_pay": 300_000.0, "effect_unit": "sd"}
    yield declared | {"statistic": "probability_net_benefit", "estimate": 0.61}
    yield declared | {"statistic": "net_benefit", "estimate": 5200.0, "lower": -9000.0, "upper": 20_100.0}
    yield declared | {"statistic": "perfect_information", "estimate": 1900.0}
    for payer, net in (("all", -4100.0), ("municipality", -9800.0), ("state", 5700.0)):
        yield row | {
            "statistic": "net_result",
            "payer": payer,
            "estimate": net,
            "lower": net - 5000,
            "upper": net + 5000,
        }
    yield row | {"statistic": "probability_net_result", "estimate": 0.18}
    yield row | {"statistic": "break_even_year", "n": 0, "not_estimable_reason": "not_within_horizon"}


def history(catalogue: Catalogue, lines: Sequence[Row]) -> Iterable[Row]:
    """Return this year's lines, and last year's of three: one as now, one by another method, one hidden."""
    for line in lines:
        names = ("intervention_id", "outcome_id", "design", "comparator", "recommendation", "rule_id")
        same = {name: line[name] for name in (*names, "evidence_level", "n", "estimate_sd", "lower", "upper")}
        yield same | {"year": 2025, "is_this_year": True}
        place = [i.id for i in catalogue.interventions].index(line["intervention_id"])
        if place == 5:
            decided = {"decided": "redesign", "decided_date": date(2025, 5, 6), "decided_by": "committee"}
            yield same | decided | {"year": 2024, "is_this_year": False, "estimate_sd": -0.41}
        elif place == 0:
            changed = "parameteren »Mindste dækning« (0.4 → 0.5)"
            yield same | {"year": 2024, "is_this_year": False, "method_changed": changed}
        elif place == 2:
            empty = {"n": None, "estimate_sd": None, "lower": None, "upper": None}
            yield same | empty | {"year": 2024, "is_this_year": False, "is_suppressed": True}
