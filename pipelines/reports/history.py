"""What was recommended, what was decided, and what was found afterwards, year after year."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.reports.marts import read_optional


@dataclass(frozen=True)
class Past:
    """One intervention's year: its recommendation and what was decided on it; None where not known."""

    intervention_id: str
    year: int
    recommendation: str | None
    estimate_sd: float | None
    lower: float | None
    upper: float | None
    design: str | None
    comparator: str | None
    decided: str | None
    decided_date: date | None
    decided_by: str | None
    method_changed: str | None
    is_this_year: bool
    is_suppressed: bool


def read_history(folder: Path) -> tuple[Past, ...]:
    """Read every remembered year by intervention and year; none where the run has no memory."""
    rows = [
        Past(**{name: row[name] for name in Past.__dataclass_fields__})
        for row in read_optional(folder, "recommendation_history")
    ]
    return tuple(sorted(rows, key=lambda past: (past.intervention_id, past.year)))
