"""The published economy: what a difference costs and saves, as lookups of amounts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.reports.marts import Number, Row, number, read_optional

ALL = "all"
DECLARED = "declared"
PAYERS = ("municipality", "region", "state")


@dataclass(frozen=True)
class Amount(Number):
    """An amount in kroner (or a share of draws), whose money it is, and at which willingness to pay.

    `interventions` is how many a sum of several is of; `is_sound` whether the comparison behind it holds
    (None: not asked, as of a register), `assumed_prices` the unit prices whose source gives no interval.
    """

    payer: str = ALL
    item: str = ALL
    willingness_to_pay: float | None = None
    effect_unit: str | None = None
    interventions: int | None = None
    is_sound: bool | None = None
    assumed_prices: tuple[str, ...] = ()


ABSENT = Amount(reason="not_computed")


@dataclass(frozen=True)
class Money:
    """Amounts by (intervention, outcome, comparator), then statistic."""

    by_place: Mapping[tuple[str, str, str], Mapping[str, Sequence[Amount]]]

    def get(
        self, place: tuple[str, str, str], statistic: str, *, payer: str = ALL, item: str = ALL
    ) -> Amount:
        """Return one amount; ABSENT if the mart has no such row."""
        found = self.by_place.get(place, {}).get(statistic, ())
        return next((a for a in found if (a.payer, a.item) == (payer, item)), ABSENT)

    def curve(self, place: tuple[str, str, str]) -> list[Amount]:
        """Return how probable it is that the effect is worth it, from the lowest willingness to pay."""
        found = self.by_place.get(place, {}).get("curve_probability", ())
        known = [a for a in found if a.willingness_to_pay is not None and a.is_shown]
        return sorted(known, key=lambda amount: amount.willingness_to_pay or 0.0)


def read_money(folder: Path) -> Money:
    """Read the published economy; nothing where the run made none."""
    found: dict[tuple[str, str, str], dict[str, list[Amount]]] = {}
    for row in read_optional(folder, "economy_result"):
        place = row["intervention_id"], row["outcome_id"], row["comparator"]
        found.setdefault(place, {}).setdefault(row["statistic"], []).append(_amount(row))
    return Money(found)


def _diagnosed(row: Row) -> Mapping[str, Any]:
    return json.loads(row["diagnostics"]) if row["diagnostics"] else {}


def _amount(row: Row) -> Amount:
    plain = number(row, "estimate")
    told = {} if plain.is_suppressed else _diagnosed(row)
    return Amount(
        **vars(plain),
        payer=row["payer"],
        item=row["item"],
        willingness_to_pay=row["willingness_to_pay"],
        effect_unit=row["effect_unit"],
        interventions=told.get("interventions"),
        is_sound=told.get("is_sound"),
        assumed_prices=tuple(told.get("prices_with_assumed_interval", ())),
    )
