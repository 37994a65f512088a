"""The smaller figures of a page: who is counted, each person's outcome, the course, the balance."""

from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.blocks import Column, table
from pipelines.reports.case import Case
from pipelines.reports.marts import Number

Panel = dict[str, Any]
TWO = (Column("step", 3.0, is_number=False), Column("people", 1.5))
SHARES = (Column("category", 3.0, is_number=False), Column("share", 2.0))
PERIODS = (Column("month", 1.0), Column("people", 1.0), Column("median", 1.0), Column("spread", 2.0))
BALANCE = (Column("covariate", 3.0, is_number=False), Column("before", 1.0), Column("after", 1.0))
CATEGORIES = {
    "recovered": ("share_recovered", "progress"),
    "improved": ("share_improved", "progress"),
    "unchanged": ("share_unchanged", "unchanged"),
    "deteriorated": ("share_deteriorated", "decline"),
    "ceiling": ("share_at_ceiling", "rest"),
}


def panel(case: Case, key: str, figure: dict[str, Any] | None, shown: str, **more: Any) -> Panel:
    """Return a panel of the page; one without a figure has only its notes."""
    return {
        "id": f"{key}-{case.id}",
        "title": case.texts(f"{key}.title"),
        "notes": more.pop("notes", []),
        "alt": shown,
        "figure": figure,
        "table": more.pop("table", None),
    }


def waterfall(case: Case) -> Panel:
    """Return who began, who is due, who was measured before, and who both times."""
    texts, counts = case.texts, _counts(case)
    rows = [_bar(case, texts(f"waterfall.{step}"), count, "accent") for step, count in counts.items()]
    shown = danish.listed([f"{row['label'].lower()}: {row['text']}" for row in rows])
    body = [[cells.text(row["label"]), cells.text(row["text"])] for row in rows]
    caption = texts("waterfall.caption")
    return panel(
        case,
        "waterfall",
        {"kind": "bars", "rows": rows, "whole": None},
        texts("waterfall.alt", shown=shown),
        table=table(texts, f"tabel-waterfall-{case.id}", caption, "waterfall", TWO, [("", body)]),
    )


def _counts(case: Case) -> dict[str, int | None]:
    """Return the persons at each step, None where hidden; nothing is worked out from what is hidden."""
    parts = case.material.published.attrition.get((case.id, case.line.outcome_id), {})
    started = next((number.n for number in parts.values() if number.n is not None), None)
    due = case.line.numbers["coverage"]
    lacking = parts.get("lacks_baseline", Number(numerator=0))
    baseline = None if due.n is None or lacking.numerator is None else due.n - lacking.numerator
    return {"started": started, "due": due.n, "baseline": baseline, "pairs": case.line.change.n}


def _bar(case: Case, label: str, count: int | None, fill: str) -> dict[str, Any]:
    text = case.texts("waterfall.hidden") if count is None else danish.number(count)
    return {"label": label, "value": count, "text": text, "fill": fill, "is_hidden": count is None}


def categories(case: Case) -> Panel:
    """Return the share in each category, hidden ones hatched; why there are none where none can be told."""
    texts, rows = case.texts, []
    numbers = {key: _number(case, statistic) for key, (statistic, _) in CATEGORIES.items()}
    known = [key for key, number in numbers.items() if number.is_shown or number.is_suppressed]
    if not any(key != "ceiling" for key in known):
        reason = case.reason(numbers["unchanged"])
        unknown = texts("categories.unknown", reason=reason)
        return panel(case, "categories", None, "", notes=[unknown])
    for key in known:
        number, fill = numbers[key], CATEGORIES[key][1]
        row = _bar(case, texts(f"categories.{key}"), None, fill)
        if number.estimate is not None and number.n:
            whole = {"numerator": danish.number(number.numerator or 0), "n": danish.number(number.n)}
            share = danish.percent(number.estimate, number.n)
            row |= {"value": number.estimate, "is_hidden": False}
            row["text"] = texts("categories.of", share=share, **whole)
        rows.append(row)
    body = [[cells.text(row["label"]), cells.text(row["text"])] for row in rows]
    shown = danish.listed([f"{row['label'].lower()}: {row['text']}" for row in rows])
    caption = texts("categories.caption")
    return panel(
        case,
        "categories",
        {"kind": "bars", "rows": rows, "whole": 1.0},
        texts("categories.alt", shown=shown),
        notes=[texts("categories.note")],
        table=table(texts, f"tabel-categories-{case.id}", caption, "categories", SHARES, [("", body)]),
    )


def _number(case: Case, statistic: str) -> Number:
    return case.material.published.effect(case.id, case.line.outcome_id, statistic)


def course(case: Case) -> Panel:
    """Return the course over time, where at least two periods have enough persons."""
    texts, parameters = case.texts, case.material.parameters
    found = case.material.periods.get((case.id, case.line.outcome_id), ())
    if len(found) < 2:
        return panel(case, "course", None, "", notes=[texts("course.absent", **parameters)])
    periods = [
        {"month": row["month_number"], "n": row["n"]}
        | {name: row[f"{name}_score"] for name in ("p10", "p25", "p50", "p75", "p90")}
        for row in found
    ]
    places, instrument = case.line.decimals, case.line.instrument
    body = [_period_row(period, places) for period in periods]
    ends = {"first": periods[0], "last": periods[-1]}
    written = {end: danish.number(period["p50"], places) for end, period in ends.items()}
    months = {"from": periods[0]["month"], "to": periods[-1]["month"]}
    direction = "up" if instrument.better == "higher" else "down"
    return panel(
        case,
        "course",
        {
            "kind": "course",
            "periods": periods,
            "scale": [instrument.minimum, instrument.maximum],
            "better_label": texts(f"course.better_{direction}"),
            "start_label": texts("course.start"),
            "axis_label": texts("course.axis"),
            "ordinary_label": texts("course.ordinary"),
            "half_label": texts("course.half"),
            "middle_label": texts("course.middle"),
        },
        texts("course.alt", instrument=case.line.short_name, **written, **months),
        notes=[texts("course.note", **parameters)],
        table=table(
            texts, f"tabel-course-{case.id}", texts("course.caption"), "course", PERIODS, [("", body)]
        ),
    )


def _period_row(period: dict[str, Any], places: int) -> list[cells.Cell]:
    low, middle, high = (danish.number(period[name], places) for name in ("p10", "p50", "p90"))
    texts = [danish.number(period["month"]), danish.number(period["n"]), middle, f"{low} til {high}"]
    return [cells.text(text) for text in texts]


def balance(case: Case) -> Panel | None:
    """Return how alike the groups were before and after weighting; None where it was not worked out."""
    texts = case.texts
    if case.comparator is None:
        return None
    found = case.results.specifications(
        case.id, case.line.outcome_id, case.comparator, "standardised_imbalance"
    )
    rows: list[dict[str, Any]] = [
        {
            "label": _covariate(case, name),
            "before": _size(result.diagnostics.get("before")),
            "after": abs(result.estimate),
            "is_held_out": bool(result.diagnostics.get("is_held_out")),
        }
        for name, result in found
        if result.estimate is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: (row["is_held_out"], row["label"]))
    limit = float(case.material.manifest["parameters"]["balance_limit_sd"])
    body = [_balance_row(texts("balance.unknown"), row) for row in rows]
    largest = {key: danish.number(max(row[key] or 0.0 for row in rows), 2) for key in ("before", "after")}
    return panel(
        case,
        "balance",
        {
            "kind": "balance",
            "rows": rows,
            "limit": limit,
            "limit_label": texts("balance.limit", value=danish.plain(limit)),
            "axis_label": texts("balance.axis"),
        },
        texts("balance.alt", **largest),
        notes=[texts("balance.note")] if any(row["is_held_out"] for row in rows) else [],
        table=table(
            texts, f"tabel-balance-{case.id}", texts("balance.caption"), "balance", BALANCE, [("", body)]
        ),
    )


def _balance_row(unknown: str, row: dict[str, Any]) -> list[cells.Cell]:
    values = [unknown if row[key] is None else danish.number(row[key], 2) for key in ("before", "after")]
    return [cells.text(text) for text in (row["label"], *values)]


def _covariate(case: Case, name: str) -> str:
    plain, _, category = name.partition(":")
    key = f"covariate.{plain}"
    label = case.texts(key) if case.texts.has(key) else plain
    return f"{label}: {category}" if category else label


def _size(value: float | None) -> float | None:
    return None if value is None else abs(value)
