"""The development in parts of an intervention: hours, providers, years and groups. Descriptions only."""

from collections.abc import Sequence
from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.blocks import Column, table
from pipelines.reports.case import Case
from pipelines.reports.pages.panels import Panel
from pipelines.reports.results import Result

TABLE = (Column("group", 3.0, is_number=False), Column("value", 2.4, is_number=False))
THIRDS = ("lowest", "middle", "highest")
GROUPS = ("sex", "age_band", "target_group")
# A figure shows so many; the table has all of them.
MOST = 7
Found = list[tuple[str, Result]]


def not_shown(case: Case) -> str:
    """Name the divisions that the gate or the few people in each part leave nothing of; empty where none."""
    found = [
        case.texts(f"segment.by.{segmentation}")
        for segmentation, results in _parts(case).items()
        if case.texts.has(f"segment.by.{segmentation}") and not any(r.is_shown for _, r in results)
    ]
    return case.texts("segment.not_shown", names=danish.listed(found)) if found else ""


def _parts(case: Case) -> dict[str, Found]:
    parts: dict[str, Found] = {}
    for segmentation, segment, result in case.results.segments(case.id, case.line.outcome_id):
        parts.setdefault(segmentation, []).append((segment, result))
    return parts


def segments(case: Case) -> list[Panel]:
    """Return a panel per division that the mart has; none where nothing can be shown."""
    parts = _parts(case)
    hours = {segment: result for segment, result in parts.get("hours", ())}
    found = {
        "hours": [(case.texts(f"hours.{third}"), hours[third]) for third in THIRDS if third in hours],
        "provider": _named(case, parts, "provider"),
        "years": _named(case, parts, "year"),
        "who": [
            row
            for group in GROUPS
            if any(result.is_shown for _, result in parts.get(group, ()))
            for row in _named(case, parts, group)
        ],
    }
    return [_panel(case, key, rows) for key, rows in found.items() if any(r.is_shown for _, r in rows)]


def _named(case: Case, parts: dict[str, Found], segmentation: str) -> Found:
    """Return the segments by their own order or by name, never by result; the unknown last."""
    texts, rows = case.texts, []
    declared = texts.keys(f"segment.{segmentation}")
    for segment, result in parts.get(segmentation, ()):
        if segment == "unknown":
            # Hidden, or of few: it would say only that something is missing.
            order, label = (2, ""), texts("segment.unknown")
            if not result.is_shown:
                continue
        elif segment in declared:
            order, label = (0, f"{declared.index(segment):02}"), texts(f"segment.{segmentation}.{segment}")
        else:
            order, label = (1, segment.casefold()), segment
        rows.append((order, label, result))
    return [(label, result) for _, label, result in sorted(rows, key=lambda row: row[0])]


def _panel(case: Case, key: str, found: Found) -> Panel:
    texts = case.texts
    title = texts(f"{key}.title")
    rows = [_row(case, label, result) for label, result in found]
    body = [[cells.text(row["label"]), cells.text(row["text"])] for row in rows]
    shown = danish.listed([f"{row['label']}: {row['text']}" for row in rows if row["estimate"] is not None])
    notes = [texts(f"{key}.note")]
    if len(rows) > MOST:
        notes.append(texts("segment.more", count=texts.word(len(rows) - MOST).capitalize()))
    return {
        "id": f"{key}-{case.id}",
        "title": title,
        "notes": [*notes, *(_ask(case) if key == "provider" else [])],
        "alt": texts("segment.alt", title=title, shown=shown),
        "figure": {
            "kind": "intervals",
            "rows": rows[:MOST],
            "zero_label": texts("segment.zero"),
            "better_label": texts("designs.better"),
            "axis_label": texts("segment.axis", unit=case.line.instrument.unit_da),
        },
        "table": table(
            texts,
            f"tabel-{key}-{case.id}",
            texts("segment.caption", title=title.lower()),
            "segment",
            TABLE,
            [("", body)],
        ),
    }


def _row(case: Case, label: str, result: Result) -> dict[str, Any]:
    row: dict[str, Any] = {
        "label": label,
        "estimate": result.estimate,
        "lower": result.lower,
        "upper": result.upper,
        "colour": "unclear",
        "mark": "dot",
    }
    if result.estimate is None:
        few = result.is_suppressed or result.reason in ("too_few_pairs", "no_pairs", "too_few_persons")
        return row | {"text": case.texts("segment.few") if few else case.reason(result)}
    value = danish.change(
        result.estimate, danish.decimals_keeping_sign([result.estimate], case.line.decimals)
    )
    return row | {"text": case.texts("segment.text", value=value, n=danish.number(result.n or 0))}


def _ask(case: Case) -> Sequence[str]:
    """Name the providers outside the funnel's limits: whom to ask, and no ranking."""
    found = case.results.segments(case.id, case.line.outcome_id, "provider_funnel_index")
    outside = sorted(segment for _, segment, result in found if result.diagnostics.get("is_outside"))
    return [case.texts("provider.ask", names=danish.listed(outside))] if outside else []
