"""The published recommendation of each intervention, and how sure its best design makes us."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines.reports.marts import Row, read_optional

COMPARED = "D3"


@dataclass(frozen=True)
class Recommended:
    """One recommendation with the numbers it rests on; a hidden one has only its word, rule and design."""

    rule_id: str
    word: str
    design: str
    comparator: str
    evidence_level: int
    would_be: str | None = None
    known_evidence: str | None = None
    is_legal_right: bool = False
    reason_not_higher: str | None = None
    numbers: str | None = None
    is_robust: bool | None = None
    agreeing_share: float | None = None
    power: float | None = None
    smallest_detectable_sd: float | None = None
    needed_persons: int | None = None
    needed_effect_sd: float | None = None
    would_change: Mapping[str, Any] = field(default_factory=dict)
    is_suppressed: bool = False

    def speaks_of(self, comparator: str) -> bool:
        """Say whether it rests on the comparison with `comparator`."""
        return self.design == COMPARED and self.comparator == comparator

    @property
    def is_compared(self) -> bool:
        """Say whether it rests on a comparison at all."""
        return self.design not in ("D1", "D2")


def read_recommended(folder: Path) -> dict[str, Recommended]:
    """Read the recommendations by intervention; none where the run made none."""
    reasons = {
        row["intervention_id"]: row["reason_not_higher"]
        for row in read_optional(folder, "intervention_evidence")
        if row["is_primary"]
    }
    return {
        row["intervention_id"]: _recommended(row, reasons.get(row["intervention_id"]))
        for row in read_optional(folder, "intervention_recommendation")
    }


def _recommended(row: Row, reason_not_higher: str | None) -> Recommended:
    standing = Recommended(
        rule_id=row["rule_id"],
        word=row["recommendation"],
        design=row["design"],
        comparator=row["comparator"],
        evidence_level=row["evidence_level"],
        would_be=row["would_be_rule_id"],
        known_evidence=row["known_evidence"],
        is_legal_right=bool(row["is_legal_right"]),
        reason_not_higher=reason_not_higher,
        is_suppressed=bool(row["is_suppressed"]),
    )
    # As in marts.number: the gate has emptied a hidden row, and here nothing of it is taken.
    if standing.is_suppressed:
        return standing
    told = {
        name: row[name]
        for name in (
            "numbers", "is_robust", "agreeing_share", "power", "smallest_detectable_sd", "needed_persons",
            "needed_effect_sd",
        )
    }  # fmt: skip
    change = json.loads(row["would_change"]) if row["would_change"] else {}
    return replace(standing, **told, would_change=change)
