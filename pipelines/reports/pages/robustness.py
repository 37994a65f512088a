"""The specification curve: the same difference reckoned in the other listed ways."""

from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.blocks import Column, table
from pipelines.reports.case import Case
from pipelines.reports.pages.panels import Panel, panel
from pipelines.reports.results import Result

TABLE = (Column("way", 3.0, is_number=False), Column("value", 2.4, is_number=False))
FEWEST = 3
SD_DECIMALS = 2


def robustness(case: Case) -> Panel | None:
    """Return every way that has a number, the declared first; None where there are too few to compare."""
    texts, comparator = case.texts, case.comparator
    if comparator is None:
        return None
    declared = case.get("D3", comparator, "standardised_difference")
    others = case.results.specifications(case.id, case.line.outcome_id, comparator, "standardised_difference")
    known = [(name, found) for name, found in others if found.is_shown and texts.has(f"specification.{name}")]
    if not declared.is_shown or len(known) + 1 < FEWEST:
        return None
    order = texts.keys("specification")
    known.sort(key=lambda one: order.index(one[0]))
    rows = [_row(case, name, found) for name, found in [("main", declared), *known]]
    rows[0]["mark"] = "diamond"
    same = sum((found.estimate or 0) * (declared.estimate or 0) > 0 for _, found in known)
    count = {"same": texts.word(same), "total": texts.word(len(known))}
    shown = danish.listed([f"{row['label']}: {row['text']}" for row in rows])
    body = [[cells.text(row["label"]), cells.text(row["text"])] for row in rows]
    return panel(
        case,
        "robustness",
        {
            "kind": "intervals",
            "rows": rows,
            "zero_label": texts("designs.zero"),
            "better_label": texts("designs.better"),
            "axis_label": texts("robustness.axis"),
        },
        texts("robustness.alt", shown=shown),
        notes=[texts("robustness.note", **count)],
        table=table(
            texts,
            f"tabel-robustness-{case.id}",
            texts("robustness.caption"),
            "robustness",
            TABLE,
            [("", body)],
        ),
    )


def _row(case: Case, name: str, found: Result) -> dict[str, Any]:
    assert found.estimate is not None
    return {
        "label": case.texts(f"specification.{name}"),
        "estimate": found.estimate,
        "lower": found.lower,
        "upper": found.upper,
        "text": danish.change(found.estimate, SD_DECIMALS),
        "colour": "unclear",
        "mark": "dot",
    }
