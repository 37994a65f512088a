"""Made-up comparisons, parts and courses of an intervention, beside its made-up development."""

import json
from collections.abc import Iterable
from typing import Any

from pipelines.catalogue import Catalogue, Intervention, Outcome

Row = dict[str, Any]
# By the intervention's place in the catalogue: against whom, what the interval says, and what failed.
FOUND = {
    0: ("waiting", "favourable", None),
    1: ("other_support", "undecided", None),
    2: ("other_support", "favourable", "imbalance"),
    4: ("other_support", "no_relevant_difference", None),
    5: ("other_support", "unfavourable", None),
}
INTERVALS = {
    "favourable": (0.5, 0.2, 0.8),
    "undecided": (0.1, -0.3, 0.5),
    "no_relevant_difference": (0.0, -0.2, 0.2),
    "unfavourable": (-0.5, -0.8, -0.2),
}
PARTS = {"hours:lowest": 25, "hours:middle": 8, "hours:highest": 24, "sex:male": 30, "sex:female": 30}
PARTS |= {"provider:Søbo": 22, "provider:Ågården": 21, "provider:Birk": 9, "year:2024": 30, "year:2025": 25}
PARTS |= {"target_group:Unge": 56, "target_group:Andre": 4}
TOO_FEW = 10


def compared(
    intervention: Intervention, outcome: Outcome, spread: float, place: int, n: int
) -> Iterable[Row]:
    """Return the rows of designs D2, D3 and D4, and the development in parts, of the primary outcome."""
    if not outcome.primary or n < 20:
        return
    key = {"intervention_id": intervention.id, "outcome_id": f"{outcome.instrument}:{outcome.respondent}"}
    key |= {"follow_up_kind": "primary", "is_primary": True, "n": n}
    for comparator in ("without_support", "usual_course"):
        numbers = {"estimate": 0.2 * spread, "lower": 0.1 * spread, "upper": 0.3 * spread}
        row: Row = key | numbers
        yield row | {
            "design": "D2", "comparator": comparator, "statistic": "mean_versus_expected",
            "estimand": "Det målte minus det ventede.",
        }  # fmt: skip
    against, verdict, failed = FOUND.get(place, (None, None, None))
    for comparator in ("waiting", "other_support"):
        row = key | {"design": "D3", "comparator": comparator, "estimand": "Forskellen mellem to grupper."}
        if comparator != against or verdict is None:
            for statistic in ("mean_difference", "standardised_difference"):
                yield row | {"statistic": statistic, "n": 0, "not_estimable_reason": "too_few_persons"}
            continue
        yield from _differences(row, verdict, failed, spread)
    for register in intervention.registers:
        for months in (6, 12):
            yield key | {
                "outcome_id": f"register:{register}", "design": "D4", "comparator": "not_yet_started",
                "statistic": f"effect_at_{months}_months", "estimate": 6.0, "lower": -12.0, "upper": 24.0,
                "is_primary": False,
            }  # fmt: skip
    for population, persons in PARTS.items():
        numbers = {"estimate": 0.2 * spread, "lower": -0.1 * spread, "upper": 0.5 * spread}
        few = {"not_estimable_reason": "too_few_persons"}
        yield key | (few if 5 <= persons < TOO_FEW else numbers) | {
            "n": persons, "design": "D1", "comparator": "none", "population": population,
            "statistic": "mean_change",
        }  # fmt: skip


def _differences(row: Row, verdict: str, failed: str | None, spread: float) -> Iterable[Row]:
    in_sd = dict(zip(("estimate", "lower", "upper"), INTERVALS[verdict], strict=True))
    diagnostics = json.dumps(
        {
            "is_sound": failed is None,
            "failed_check": failed,
            "largest_imbalance": 0.3 if failed else 0.06,
            "overlap_share": 0.85,
            "response_difference": -0.05,
            "providers": None,
            "e_value": 1.74,
            "tipping_point_sd": 0.35,
        }
    )
    row = row | {"diagnostics": diagnostics, "n_effective": 30.0}
    points = {name: value * spread for name, value in in_sd.items()}
    yield row | points | {"statistic": "mean_difference"}
    yield row | in_sd | {"statistic": "standardised_difference", "verdict": verdict}
    for specification, away in (("regression", -0.02), ("trimmed", 0.03), ("shorter_window", 0.1)):
        moved = {name: value + away for name, value in in_sd.items()}
        yield row | moved | {"statistic": "standardised_difference", "specification": specification}
    yield row | in_sd | {"statistic": "pooled_difference"}
    shares = {"estimate": 0.08, "lower": 0.02, "upper": 0.14}
    yield row | shares | {"statistic": "share_difference_reliably_improved"}
    yield row | shares | {"statistic": "share_difference_deteriorated"}
    for covariate, is_held_out in (("age", False), ("crises", True)):
        said = json.dumps({"before": -0.4, "is_held_out": is_held_out})
        yield row | {
            "statistic": "standardised_imbalance",
            "specification": covariate,
            "estimate": -0.05,
            "diagnostics": said,
        }


def course(catalogue: Catalogue, intervention: Intervention, n: int) -> Iterable[Row]:
    """Return the periods of an intervention's course; the last has too few persons."""
    (outcome,) = (o for o in intervention.outcomes if o.primary)
    instrument = catalogue.instrument(outcome.instrument)
    tenth = (instrument.maximum - instrument.minimum) / 10
    for month in (-3, 0, 3, 6, 9):
        row: Row = {
            "intervention_id": intervention.id,
            "outcome_id": f"{outcome.instrument}:{outcome.respondent}",
            "month_number": month,
            "n": n - n % 5,
        }
        if month == 9 or n < 20:
            yield row | {"not_estimable_reason": "too_few_persons"}
            continue
        scores = zip((10, 25, 50, 75, 90), (2, 3, 5, 6, 8), strict=True)
        yield row | {f"p{part}_score": instrument.minimum + tenths * tenth for part, tenths in scores}
