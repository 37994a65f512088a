"""The overview: one row per intervention, and how to read the verdicts."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.assessment import VERDICTS, Line, has_people
from pipelines.reports.blocks import Column, Group, heading, paragraph, section, table
from pipelines.reports.marts import NOT_COMPUTED
from pipelines.reports.material import Material

OVERVIEW = (
    Column("intervention", 3.3, is_number=False),
    Column("people", 1.55),
    Column("coverage", 1.55),
    Column("change", 1.8, is_number=False),
    Column("shares", 2.0, is_number=False),
    Column("cost", 1.55),
    Column("verdict", 2.1, is_number=False),
)


def overview(material: Material) -> dict[str, Any]:
    """Return the section with one row per intervention."""
    texts = material.texts
    caption = texts("overview.caption")
    groups = by_area(material, material.primary_lines, _overview_row)
    absent = [i.name_da for i in material.catalogue.interventions if not has_people(material.published, i)]
    absent_text = texts("overview.absent", names=danish.listed(absent))
    blocks = [
        paragraph(texts("overview.intro")),
        paragraph(texts("overview.direction")),
        paragraph(texts("overview.cause")),
        *([table(texts, "tabel-overblik", caption, "overview", OVERVIEW, groups)] if groups else []),
        paragraph(texts("overview.bar_note"), is_quiet=True),
        paragraph(texts("overview.rounding_note"), is_quiet=True),
        paragraph(texts("overview.bar_rest_note"), is_quiet=True),
        paragraph(texts("hidden.note", **material.parameters), is_quiet=True),
        *([paragraph(absent_text, is_quiet=True)] if absent else []),
        heading(texts("overview.legend"), "vurdering"),
        {"kind": "legend", "items": [_legend(material, verdict) for verdict in VERDICTS]},
    ]
    return section("overblik", texts("overview.heading"), blocks)


def by_area(
    material: Material, lines: tuple[Line, ...], row: Callable[[Material, Line], list[cells.Cell]]
) -> list[Group]:
    """Return the lines' rows in groups by area."""
    return [
        (material.texts(f"area.{area}"), [row(material, line) for line in found])
        for area, found in groupby(lines, key=lambda line: line.intervention.area)
    ]


def _overview_row(material: Material, line: Line) -> list[cells.Cell]:
    texts = material.texts
    economy = material.published.economy.get(line.intervention.id, NOT_COMPUTED)
    if economy.estimate is not None:
        cost: cells.Cell = {"text": danish.kroner(economy.estimate), "value": economy.estimate}
    else:
        cost = (
            cells.missing(texts, economy) if economy.is_suppressed else cells.text(texts("overview.no_cost"))
        )
    return [
        cells.text(line.intervention.name_da, material.measure_name(line)),
        cells.people(texts, economy),
        cells.share(texts, line.numbers["coverage"]),
        cells.change(texts, line, is_brief=True),
        cells.shares_bar(texts, line),
        cost,
        cells.verdict(texts, line, material.rules),
    ]


def _legend(material: Material, verdict: str) -> dict[str, str]:
    texts = material.texts
    rule = texts(f"verdict.{verdict}.rule", **material.parameters)
    return {"verdict": verdict, "word": texts(f"verdict.{verdict}.word"), "rule": rule}
