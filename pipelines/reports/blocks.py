"""The content model's building blocks: what both the HTML and the PDF can draw.

A section is a list of blocks, each a dict with `kind`: text, list, terms,
heading, legend, pointers, table, figure or panels (small figures side by side).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.reports.cells import Cell
from pipelines.reports.texts import Texts

Block = dict[str, Any]
Group = tuple[str, Sequence[Sequence[Cell]]]


@dataclass(frozen=True)
class Column:
    """A table column: the key of its label, its width as a share, and whether it holds numbers.

    `label` is for a column that is named by the data, such as a year.
    """

    key: str
    width: float
    is_number: bool = True
    label: str = ""


def paragraph(text: str, *, is_quiet: bool = False) -> Block:
    """Return a paragraph."""
    return {"kind": "text", "text": text, "is_quiet": is_quiet}


def heading(text: str, anchor: str, subtitle: str = "") -> Block:
    """Return a heading one level below the section's own, with a quieter line under it."""
    return {"kind": "heading", "text": text, "id": anchor, "subtitle": subtitle}


def bullets(items: Sequence[str], *, is_ordered: bool = False) -> Block:
    """Return a list."""
    return {"kind": "list", "items": list(items), "is_ordered": is_ordered}


def pointers(items: Sequence[tuple[str, str, str]]) -> Block:
    """Return a list of other products: what it is, its file, and a sentence about it."""
    found = [{"text": text, "file": file, "detail": detail} for text, file, detail in items]
    return {"kind": "pointers", "items": found}


def table(
    texts: Texts,
    anchor: str,
    caption: str,
    labels: str,
    columns: Sequence[Column],
    groups: Sequence[Group],
    *,
    is_folded: bool = False,
) -> Block:
    """Return a table; `labels` is the text section that names the columns.

    The first cell of each row is its header. A group with an empty title has no
    title row. `is_folded` is for a table that a phone shows only when asked to:
    `fold` is then what it says instead.
    """
    count = sum(len(rows) for _, rows in groups)
    summary = texts.counted("fold.summary", count, caption=caption, number=count) if is_folded else ""
    return {
        "kind": "table",
        "id": anchor,
        "caption": caption,
        "fold": summary,
        "columns": [
            {"label": c.label or texts(f"{labels}.{c.key}"), "width": c.width, "is_number": c.is_number}
            for c in columns
        ],
        "groups": [{"title": title, "rows": [list(row) for row in rows]} for title, rows in groups if rows],
    }


def section(anchor: str, title: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """Return a section of the report."""
    return {"id": anchor, "title": title, "blocks": list(blocks)}
