"""The rows of `estimate.recommendation` and `estimate.evidence`: what is told, and how finely."""

import json
import math
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from pipelines.catalogue import Intervention
from pipelines.catalogue.recommendation import Measure, Recommendation, Rule
from pipelines.estimation.rows import Row
from pipelines.recommendation.candidates import Candidate
from pipelines.recommendation.change import needed_effect
from pipelines.recommendation.judging import Found, Previous
from pipelines.recommendation.measures import Measures, Setting

RECOMMENDATION_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("outcome_id", pa.string()),
        ("design", pa.string()),
        ("comparator", pa.string()),
        ("recommendation", pa.string()),
        ("rule_id", pa.string()),
        ("would_be_rule_id", pa.string()),
        ("evidence_level", pa.int32()),
        ("known_evidence", pa.string()),
        ("is_legal_right", pa.bool_()),
        ("n", pa.int64()),
        ("estimate_sd", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("numbers", pa.string()),
        ("is_robust", pa.bool_()),
        ("agreeing_share", pa.float64()),
        ("power", pa.float64()),
        ("smallest_detectable_sd", pa.float64()),
        ("needed_persons", pa.int64()),
        ("nearest_rule", pa.string()),
        ("needed_effect_sd", pa.float64()),
        ("would_change", pa.string()),
        ("previous_recommendation", pa.string()),
    ]
)
EVIDENCE_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("outcome_id", pa.string()),
        ("is_primary", pa.bool_()),
        ("design", pa.string()),
        ("comparator", pa.string()),
        ("evidence_level", pa.int32()),
        ("evidence_id", pa.string()),
        ("reason_not_higher", pa.string()),
    ]
)
SCALES_DA = {"vidensdeklaration": "Vidensdeklaration", "nesta": "Nesta"}
DECIMALS = 4


def primary_outcome(intervention: Intervention) -> str:
    """Return the id of the outcome that was declared before the data were seen."""
    return next(f"{o.instrument}:{o.respondent}" for o in intervention.outcomes if o.primary)


def recommendation_line(
    intervention: Intervention,
    outcome_id: str,
    candidate: Candidate,
    found: Found,
    before: Previous | None,
    table: Recommendation,
    setting: Setting,
) -> Row:
    """Return one intervention's line."""
    measures = candidate.measures
    agreeing = _agreeing(found.rule, measures)
    is_robust = None
    if agreeing is not None:
        is_robust = bool(measures.is_same_sign) and agreeing >= setting["robust_share"]
    estimate = candidate.estimate
    effect = None if estimate is None else needed_effect(found.rule, found.stretches, estimate)
    return {
        "intervention_id": intervention.id,
        "outcome_id": outcome_id,
        "design": measures.design,
        "comparator": measures.comparator,
        "recommendation": found.rule.label_da,
        "rule_id": found.rule.id,
        "would_be_rule_id": found.would_be.id if found.would_be else None,
        "evidence_level": measures.evidence_level,
        "known_evidence": "; ".join(
            f"{SCALES_DA[known.scale]}: {known.grade} ({known.source})"
            for known in intervention.known_evidence
        )
        or None,
        "is_legal_right": intervention.is_legal_right,
        "n": candidate.n,
        "estimate_sd": estimate,
        "lower": candidate.lower,
        "upper": candidate.upper,
        "numbers": json.dumps(told_numbers(found.rule, measures, table, setting)),
        "is_robust": is_robust,
        "agreeing_share": None if agreeing is None else _rounded(agreeing),
        "power": _rounded(found.plan.power) if found.plan else None,
        "smallest_detectable_sd": _rounded(found.plan.smallest_detectable) if found.plan else None,
        "needed_persons": found.plan.needed_persons if found.plan else None,
        "nearest_rule": found.nearest.rule if found.nearest else None,
        "needed_effect_sd": effect,
        "would_change": json.dumps(_would_change(candidate, found, table, setting)),
        "previous_recommendation": before.recommendation if before else None,
    }


def _agreeing(rule: Rule, measures: Measures) -> float | None:
    """The share of the other ways that agree on what is found: on the rule's finding, else on the sign's."""
    finding = rule.finding
    if finding is None and measures.estimate_sd is not None:
        finding = "harm" if measures.estimate_sd < 0 else "benefit"
    share: float | None = getattr(measures, f"agreeing_{finding}") if finding else None
    return share


def told_numbers(rule: Rule, measures: Measures, table: Recommendation, setting: Setting) -> dict[str, Any]:
    """Return the numbers a rule fired on, each in its steps; too few new persons are not counted out."""
    numbers = {name: told(table.declared[name], getattr(measures, name)) for name in rule.told}
    if measures.new_persons is not None and measures.new_persons < setting["disclosure_minimum"]:
        numbers.pop("new_persons", None)
    return numbers


def told(measure: Measure, value: Any) -> Any:
    """Return a value as it is told: rounded to the measure's step, persons down; no infinity in JSON."""
    if value is None or isinstance(value, bool | str):
        return value
    if not math.isfinite(value):
        return None
    if measure.step is None:
        return round(value, DECIMALS)
    if measure.unit == "persons":
        return int(measure.step * math.floor(value / measure.step))
    return round(measure.step * round(value / measure.step), DECIMALS)


def _would_change(
    candidate: Candidate, found: Found, table: Recommendation, setting: Setting
) -> dict[str, Any]:
    near = found.nearest
    return {
        "nearest": None
        if near is None
        else {
            "rule": near.rule,
            "measure": near.measure,
            "from": told(table.declared[near.measure], near.value),
            "to": near.needed,
        },
        "effects": [asdict(stretch) for stretch in found.stretches],
        "more_months": found.plan.more_months if found.plan else None,
        "is_planned": found.is_planned,
        "reason_not_higher": candidate.reason_not_higher,
    }


def evidence_line(intervention: Intervention, outcome_id: str, candidate: Candidate) -> Row:
    """Return one outcome's line."""
    measures = candidate.measures
    return {
        "intervention_id": intervention.id,
        "outcome_id": outcome_id,
        "is_primary": outcome_id == primary_outcome(intervention),
        "design": measures.design,
        "comparator": measures.comparator,
        "evidence_level": measures.evidence_level,
        "evidence_id": candidate.evidence.id if candidate.evidence else None,
        "reason_not_higher": candidate.reason_not_higher,
    }


def _rounded(value: float) -> float:
    return round(value, DECIMALS)
