"""Each design's answer on one outcome, and which of them makes us surest.

A comparison counts only where its evidence is above that of a development: one that failed its own checks, or
that can bear no more, is told beside the development and never in place of it.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scipy.special import ndtri, stdtrit

from pipelines.catalogue.recommendation import EvidenceLevel
from pipelines.estimation.rows import Row
from pipelines.recommendation.measures import (
    Effect,
    Measures,
    Setting,
    Way,
    shifted_deterioration,
    with_effect,
)
from pipelines.recommendation.rules import first_match

# Waiting first: it answers whether the support helps at all.
COMPARATORS = ("waiting", "other_support")
DEVELOPMENT = 2
MAIN = "main"
MISSING_STEP = 0.05


@dataclass(frozen=True)
class Candidate:
    """What one design says of an outcome, in SD where a size is known; `n` persons stand behind it.

    `passed_over` are the measures of comparisons that have no more evidence than this development.
    """

    measures: Measures
    n: int
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    effect: Effect | None = None
    evidence: EvidenceLevel | None = None
    reason_not_higher: str | None = None
    passed_over: tuple[Measures, ...] = ()


class OutcomeRows:
    """The rows of one intervention's outcome in the assessment window, by where they stand."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take the rows of `estimate.intervention_effect`."""
        self.by_place = {
            (row["design"], row["comparator"], row["specification"], row["statistic"]): row for row in rows
        }

    def row(self, design: str, comparator: str, statistic: str, specification: str = MAIN) -> Row | None:
        """Return a row with an estimate, or None."""
        row = self.by_place.get((design, comparator, specification, statistic))
        return row if row is not None and row["estimate"] is not None else None

    def reason(self, comparator: str) -> str | None:
        """Why there is no comparison with `comparator`."""
        row = self.by_place.get(("D3", comparator, MAIN, "standardised_difference"))
        return row["not_estimable_reason"] if row else None

    def others(self, comparator: str, statistic: str) -> list[Row]:
        """Return the rows of every specification but the declared one that have an estimate."""
        return [
            row
            for (_, of, specification, name), row in self.by_place.items()
            if of == comparator
            and name == statistic
            and specification != MAIN
            and row["estimate"] is not None
        ]


def best(
    rows: OutcomeRows,
    known: Measures,
    arms: Mapping[str, int],
    sd: float | None,
    levels: Sequence[EvidenceLevel],
    setting: Setting,
    randomised_against: str | None,
) -> Candidate:
    """Return the candidate with the most evidence; of several, the first.

    `known` is what is known whatever the design; `arms` the persons with a follow-up in the smaller arm, by
    comparator; `sd` the outcome's.
    """
    compared = [
        _judged(candidate, levels, setting)
        for comparator in COMPARATORS
        if (candidate := _comparison(rows, comparator, known, arms, setting, randomised_against))
    ]
    if register := _register(rows, known):
        compared.append(_judged(register, levels, setting))
    described = _judged(_development(rows, known, setting, sd), levels, setting)
    sure = [c for c in compared if c.evidence and c.evidence.level > DEVELOPMENT]
    if sure:
        return max(sure, key=lambda c: c.evidence.level if c.evidence else 0)
    return replace(
        described,
        reason_not_higher=_reason_not_higher(rows, compared),
        passed_over=tuple(c.measures for c in compared),
    )


def _judged(candidate: Candidate, levels: Sequence[EvidenceLevel], setting: Setting) -> Candidate:
    evidence = first_match(levels, candidate.measures, setting)
    measures = replace(candidate.measures, evidence_level=evidence.level)
    return replace(candidate, measures=measures, evidence=evidence)


def _comparison(
    rows: OutcomeRows,
    comparator: str,
    known: Measures,
    arms: Mapping[str, int],
    setting: Setting,
    randomised_against: str | None,
) -> Candidate | None:
    row = rows.row("D3", comparator, "standardised_difference")
    told = json.loads(row["diagnostics"]) if row else {}
    if row is None or not told["standard_error_sd"]:
        return None
    measures = replace(
        known,
        design="D3",
        comparator=comparator,
        has_estimate=True,
        pairs_per_arm=arms.get(comparator, 0),
        is_sound=told["is_sound"],
        is_randomised=randomised_against == comparator,
        is_one_provider=told["providers"] == "one_provider",
        negative_control=control_result(rows, comparator),
        deteriorated_lower=_deteriorated_lower(rows, comparator, setting),
    )
    alone = Way(row["estimate"], told["standard_error_sd"])
    pooled = rows.row("D3", comparator, "pooled_difference")
    effect = Effect(
        alone=alone,
        pooled=_pooled(pooled, setting) if pooled else None,
        others=tuple(
            Way(other["estimate"], json.loads(other["diagnostics"])["standard_error_sd"])
            for other in rows.others(comparator, "standardised_difference")
        ),
        # In steps: which effects would do is published, and must not tell how few are missing.
        missing=MISSING_STEP * round((1 - (known.coverage or 0.0)) / MISSING_STEP),
    )
    measures = with_effect(measures, effect, setting)
    positive = rows.row("D3", comparator, "pooled_probability_positive")
    if positive:
        measures = replace(measures, probability_positive=positive["estimate"])
    # The comparison's own is by the weights of those compared; None there says that nobody is missing.
    tipping = told["tipping_point_sd"]
    measures = replace(measures, tipping_point_sd=math.inf if tipping is None else tipping)
    return Candidate(
        measures, row["n"], row["estimate"], row["lower"], row["upper"], effect, None, told["failed_check"]
    )


def _pooled(row: Row, setting: Setting) -> Way | None:
    error = (row["upper"] - row["lower"]) / 2 / float(ndtri((1 + setting["confidence_level"]) / 2))
    return Way(row["estimate"], error) if error > 0 else None


def control_result(rows: OutcomeRows, comparator: str) -> str | None:
    """Return what the negative controls say together: failed if one is, passed if one is and none failed."""
    results = {
        json.loads(row["diagnostics"])["result"] for row in rows.others(comparator, "negative_control")
    }
    return next((result for result in ("failed", "passed", "undecided") if result in results), None)


def _deteriorated_lower(rows: OutcomeRows, comparator: str, setting: Setting) -> float | None:
    difference = rows.row("D3", comparator, "share_difference_deteriorated")
    share = rows.row("D1", "none", "share_deteriorated")
    change = rows.row("D1", "none", "standardised_mean_change")
    if difference is None or share is None or change is None:
        return None
    reach = (change["upper"] - change["lower"]) / 2
    n = change["n"]
    change_sd = reach / float(stdtrit(n - 1, (1 + setting["confidence_level"]) / 2)) * math.sqrt(n)
    return shifted_deterioration(difference["lower"], share["estimate"], change_sd, setting)


def _register(rows: OutcomeRows, known: Measures) -> Candidate | None:
    row = rows.row("D4", "not_yet_started", "effect_overall")
    if row is None:
        return None
    has_sensitivity = json.loads(row["diagnostics"]).get("sensitivity_lower") is not None
    measures = replace(
        known, design="D4", comparator="not_yet_started", has_estimate=True, is_sound=has_sensitivity
    )
    return Candidate(measures, row["n"])


def _development(rows: OutcomeRows, known: Measures, setting: Setting, sd: float | None) -> Candidate:
    """From before to after; not against the expected, whose number is of another kind.

    Of fewer persons than may be shown there is no estimate here: the evidence level is shown, and would
    tell one person from several.
    """
    standardised = rows.row("D1", "none", "standardised_mean_change")
    row = standardised or rows.row("D1", "none", "mean_change")
    measures = replace(known, design="D1", comparator="none")
    if row is None or row["n"] < setting["disclosure_minimum"]:
        pairs = rows.by_place.get(("D1", "none", MAIN, "mean_change"))
        return Candidate(replace(measures, has_estimate=False), pairs["n"] if pairs else 0)
    measures = replace(measures, has_estimate=True)
    unit = 1.0 if standardised else sd
    if unit is None:
        return Candidate(measures, row["n"])
    estimate, lower, upper = (row[name] / unit for name in ("estimate", "lower", "upper"))
    return Candidate(replace(measures, estimate_sd=estimate), row["n"], estimate, lower, upper)


def _reason_not_higher(rows: OutcomeRows, compared: Sequence[Candidate]) -> str | None:
    """Why no comparison has more evidence than a development: of the last tried, the first thing wrong."""
    if not compared:
        return next((reason for c in reversed(COMPARATORS) if (reason := rows.reason(c))), None)
    candidate = compared[-1]
    measures = candidate.measures
    checks = {
        "staff_rated_alone": measures.is_staff_rated_alone,
        "one_provider": measures.is_one_provider,
        "control_failed": measures.negative_control == "failed",
        str(candidate.reason_not_higher): candidate.reason_not_higher is not None,
    }
    return next((reason for reason, is_so in checks.items() if is_so), "coverage")
