"""The main figure: every design on the primary outcome, those that cannot be worked out with their reason."""

from collections.abc import Sequence
from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.blocks import Column, table
from pipelines.reports.case import COMPARATORS, Case
from pipelines.reports.marts import Number
from pipelines.reports.results import Result

TABLE = (Column("way", 3.0, is_number=False), Column("value", 2.4, is_number=False), Column("sd", 1.4))
SD_DECIMALS = 2
COLOURS = {"favourable": "progress", "unfavourable": "decline"}
Row = dict[str, Any]
Panel = dict[str, Any]


def designs(case: Case) -> Panel:
    """Return the panel with its groups of rows, its table and what each row says."""
    texts, anchor = case.texts, f"designs-{case.id}"
    delta = float(case.material.manifest["parameters"]["smallest_worthwhile_sd"])
    alone, compared = _alone(case), _compared(case)
    registers = [_register(case, name) for name in case.line.intervention.registers]
    unit = case.line.instrument.unit_da
    points = texts("designs.axis", unit=unit)
    groups = [
        _group(case, "alone", alone, points, None),
        _group(case, "compared", compared, points, delta * case.sd if case.sd else None),
        *([_group(case, "register", registers, texts("designs.register_axis"), None)] if registers else []),
    ]
    rows = [*alone, *compared, *registers]
    shown = [r for r in rows if r["estimate"] is not None]
    has_delta = case.sd is not None and any(r["estimate"] is not None for r in compared)
    notes = [texts("designs.delta_note", delta=danish.plain(delta))] if has_delta else []
    if any(r["mark"] == "diamond" and r["estimate"] is not None for r in rows):
        notes.append(texts("designs.shrunk_note"))
    alt = " ".join(texts("designs.alt_row", label=r["label"], text=r["text"]) for r in shown or rows)
    labels = [[r["label"], r["text"], r.get("sd_text") or texts("designs.no_sd")] for r in rows]
    return {
        "id": anchor,
        "title": texts("designs.title", instrument=case.material.measure_name(case.line)),
        "notes": notes,
        "alt": texts("designs.alt", count=case.material.texts.word(len(rows)).capitalize(), shown=alt),
        "figure": {
            "kind": "designs",
            "groups": groups,
            "zero_label": texts("designs.zero"),
            "better_label": texts("designs.better"),
            "sd_label": texts("designs.sd_axis"),
        },
        "table": table(
            texts,
            f"tabel-{anchor}",
            texts("designs.caption"),
            "designs",
            TABLE,
            [("", [[cells.text(text) for text in row] for row in labels])],
        ),
        "estimands": {
            "title": texts("designs.estimands"),
            "items": [
                texts("designs.estimand", label=r["label"].removeprefix("– "), sentence=r["estimand"])
                for r in rows
                if r["estimand"] and r["mark"] != "diamond"
            ],
        },
    }


def _group(case: Case, key: str, rows: Sequence[Row], axis_label: str, delta: float | None) -> dict[str, Any]:
    return {
        "title": case.texts(f"designs.{key}_title"),
        "rows": list(rows),
        "axis_label": axis_label,
        "delta": delta,
        "sd": case.sd if key == "compared" else None,
    }


def _alone(case: Case) -> list[Row]:
    texts = case.texts
    change = case.get("D1", "none", "mean_change")
    rows = [_row(case, texts("designs.before_after"), change, case.line.verdict)]
    for comparator in ("without_support", "usual_course"):
        found = case.get("D2", comparator, "mean_versus_expected")
        rows.append(_row(case, texts(f"designs.{comparator}"), found, "unclear"))
    return rows


def _compared(case: Case) -> list[Row]:
    rows = []
    for comparator in COMPARATORS:
        found = case.get("D3", comparator, "mean_difference")
        label = case.texts(f"designs.{comparator}")
        holds = case.holds(comparator)
        if found.is_shown and not holds:
            label = case.texts("designs.unsound_mark", label=label)
        standardised = case.get("D3", comparator, "standardised_difference")
        colour = COLOURS.get(standardised.verdict or "", "unclear") if holds else "unclear"
        rows.append(_row(case, label, found, colour))
        if found.is_shown and not holds:
            rows[-1]["mark"] = "ring"
        pooled = _pooled(case, comparator)
        if pooled.is_shown and case.sd:
            scaled = _scaled(pooled, case.sd)
            rows.append(_row(case, case.texts("designs.pooled"), scaled, "unclear") | {"mark": "diamond"})
    return rows


def _pooled(case: Case, comparator: str) -> Result:
    """Return the pooled difference: among those that hold, otherwise among all."""
    found = case.get("D3", comparator, "pooled_difference")
    if found.is_shown:
        return found
    others = case.results.specifications(case.id, case.line.outcome_id, comparator, "pooled_difference")
    return next((result for _, result in others), found)


def _scaled(pooled: Result, sd: float) -> Result:
    """Return a number in SD as one in points."""
    estimate, lower, upper = (
        None if value is None else value * sd for value in (pooled.estimate, pooled.lower, pooled.upper)
    )
    return Result(estimate=estimate, lower=lower, upper=upper, n=pooled.n, estimand=pooled.estimand)


def _row(case: Case, label: str, found: Result, colour: str) -> Row:
    row: Row = {
        "label": label,
        "estimate": found.estimate,
        "lower": found.lower,
        "upper": found.upper,
        "colour": colour if colour in ("progress", "decline") else "unclear",
        "mark": "dot",
        "estimand": found.estimand,
    }
    if found.estimate is None:
        return row | {"text": _missing(case, found)}
    if cells.is_too_wide(case.line, found):
        return row | {"text": case.material.texts("decision.too_wide")}
    row["text"] = case.signed(found)
    if case.sd:
        value = danish.change(found.estimate / case.sd, SD_DECIMALS)
        row["sd_text"] = case.texts("designs.sd_text", value=value)
    return row


def _register(case: Case, name: str) -> Row:
    found, texts = case.register(name), case.texts
    label = texts(f"register.{name}")
    row: Row = {
        "label": label,
        "estimate": found.estimate,
        "lower": found.lower,
        "upper": found.upper,
        "colour": "unclear",
        "mark": "dot",
        "estimand": found.estimand,
    }
    if found.estimate is None:
        return row | {"text": _missing(case, found)}
    return row | {"text": case.signed(found, 0)}


def _missing(case: Case, found: Number) -> str:
    if found.is_suppressed:
        return case.texts("designs.hidden")
    return case.texts("designs.missing", reason=case.reason(found))
