"""The long result table as the pages read it: every design, segment and specification."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.reports.marts import Number, Row, number, read_rows

MAIN, WINDOW = "main", "window"
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Result(Number):
    """A published number with what its design says of it; a hidden one has nothing but that."""

    n_effective: float | None = None
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    verdict: str | None = None
    would_flip: bool | None = None
    p_adjusted: float | None = None
    estimand: str = ""

    @property
    def is_sound(self) -> bool:
        """Say whether the comparison passed all its own checks."""
        return self.is_shown and self.diagnostics.get("is_sound") is True


ABSENT = Result(reason="not_computed")


@dataclass(frozen=True)
class Results:
    """Results by (intervention, outcome, design, statistic), then (comparator, specification, population)."""

    by_key: Mapping[Key, Mapping[tuple[str, str, str], Result]]

    def get(
        self,
        intervention_id: str,
        outcome_id: str,
        design: str,
        comparator: str,
        statistic: str,
    ) -> Result:
        """Return the main result for the whole window; ABSENT if the mart has no such row."""
        found = self.by_key.get((intervention_id, outcome_id, design, statistic), {})
        return found.get((comparator, MAIN, WINDOW), ABSENT)

    def segments(
        self, intervention_id: str, outcome_id: str, statistic: str = "mean_change"
    ) -> Iterator[tuple[str, str, Result]]:
        """Return (segmentation, segment, result) of the development in each part of the window."""
        found = self.by_key.get((intervention_id, outcome_id, "D1", statistic), {})
        for (_, specification, population), result in found.items():
            segmentation, colon, segment = population.partition(":")
            if colon and specification == MAIN:
                yield segmentation, segment, result

    def specifications(
        self, intervention_id: str, outcome_id: str, comparator: str, statistic: str
    ) -> Iterator[tuple[str, Result]]:
        """Return (specification, result) of the rows that have one of their own."""
        found = self.by_key.get((intervention_id, outcome_id, "D3", statistic), {})
        for (against, specification, population), result in found.items():
            if against == comparator and specification != MAIN and population == WINDOW:
                yield specification, result


def read_results(folder: Path) -> Results:
    """Read the published result table; FileNotFoundError if it is missing."""
    found: dict[Key, dict[tuple[str, str, str], Result]] = {}
    for row in read_rows(folder, "intervention_effect"):
        if row["follow_up_kind"] != "primary":
            continue
        key = row["intervention_id"], row["outcome_id"], row["design"], row["statistic"]
        place = row["comparator"], row["specification"], row["population"]
        found.setdefault(key, {})[place] = _result(row)
    return Results(found)


def read_course(folder: Path) -> dict[tuple[str, str], list[Row]]:
    """Read the periods that have scores, by (intervention, outcome), in order of time."""
    found: dict[tuple[str, str], list[Row]] = {}
    rows = read_rows(folder, "intervention_course")
    for row in sorted(rows, key=lambda row: row["month_number"]):
        if row["population"] == WINDOW and not row["is_suppressed"] and row["p50_score"] is not None:
            found.setdefault((row["intervention_id"], row["outcome_id"]), []).append(row)
    return found


def _result(row: Row) -> Result:
    plain = number(row, "estimate")
    if plain.is_suppressed:
        return Result(is_suppressed=True, estimand=row["estimand"] or "")
    return Result(
        **{name: getattr(plain, name) for name in Number.__dataclass_fields__},
        n_effective=row["n_effective"],
        diagnostics=json.loads(row["diagnostics"]) if row["diagnostics"] else {},
        verdict=row["verdict"],
        would_flip=row["would_verdict_flip"],
        p_adjusted=row["p_adjusted"],
        estimand=row["estimand"] or "",
    )
