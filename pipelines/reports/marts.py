"""Read the published marts, and nothing else, into lookups of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Number:
    """A published number, or why there is none.

    `estimate`, `lower` and `upper` are in the statistic's own unit (points with
    plus = improvement, shares 0..1, kroner); `n` is the people behind it. A
    hidden number has only `is_suppressed`; a missing one has only `reason`.
    """

    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    numerator: int | None = None
    n: int | None = None
    is_suppressed: bool = False
    reason: str | None = None

    @property
    def is_shown(self) -> bool:
        """Say whether there is a number to print."""
        return self.estimate is not None


NOT_COMPUTED = Number(reason="not_computed")


@dataclass(frozen=True)
class Published:
    """The published marts of one run.

    `effects` by (intervention, outcome, statistic), `economy` (kroner per
    person) by intervention, `attrition` (people by reason) by (intervention,
    outcome), `indicators` by (goal, indicator).
    """

    effects: Mapping[tuple[str, str, str], Number]
    economy: Mapping[str, Number]
    attrition: Mapping[tuple[str, str], Mapping[str, Number]]
    indicators: Mapping[tuple[str, str], Number]
    quality: tuple[Row, ...]

    def effect(self, intervention_id: str, outcome_id: str, statistic: str) -> Number:
        """Return one statistic of development; NOT_COMPUTED if the mart has no such row."""
        return self.effects.get((intervention_id, outcome_id, statistic), NOT_COMPUTED)


def read_published(folder: Path) -> Published:
    """Read the published Parquet marts in `folder`; FileNotFoundError if one is missing."""
    attrition: dict[tuple[str, str], dict[str, Number]] = {}
    for row in _window(folder, "attrition_summary"):
        reasons = attrition.setdefault((row["intervention_id"], row["outcome_id"]), {})
        reasons[row["reason"]] = number(row, None)
    return Published(
        effects={
            (row["intervention_id"], row["outcome_id"], row["statistic"]): number(row, "estimate")
            for row in _window(folder, "intervention_effect")
            if row["design"] == "D1" and row["specification"] == "main" and row["follow_up_kind"] == "primary"
        },
        economy={
            row["intervention_id"]: number(row, "cost_per_person_dkk")
            for row in _window(folder, "intervention_economy")
        },
        attrition=attrition,
        indicators={
            (row["goal_id"], row["indicator_id"]): number(row, "value")
            for row in _window(folder, "strategy_indicator")
        },
        quality=tuple(read_rows(folder, "data_quality")),
    )


def read_rows(folder: Path, mart_id: str) -> list[dict[str, Any]]:
    """Return a published mart's rows."""
    rows: list[dict[str, Any]] = pq.ParquetFile(folder / f"{mart_id}.parquet").read().to_pylist()
    return rows


def read_optional(folder: Path, mart_id: str) -> list[dict[str, Any]]:
    """Return a published mart's rows; none where the folder is of a run that did not make it."""
    return read_rows(folder, mart_id) if (folder / f"{mart_id}.parquet").exists() else []


def _window(folder: Path, mart_id: str) -> list[dict[str, Any]]:
    return [row for row in read_rows(folder, mart_id) if row["population"] == "window"]


def number(row: Row, value_column: str | None) -> Number:
    """Return what one row says, in `value_column` where it has a value."""
    # The gate has already emptied a hidden row; dropping it here too means that
    # no later line of the report can print what should not be there.
    if row["is_suppressed"]:
        return Number(is_suppressed=True)
    return Number(
        estimate=row[value_column] if value_column else None,
        lower=row.get("lower"),
        upper=row.get("upper"),
        numerator=row.get("numerator"),
        n=row.get("n"),
        reason=row.get("not_estimable_reason"),
    )
