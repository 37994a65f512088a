"""The section "what was decided, and what happened": earlier recommendations beside this year's."""

from itertools import groupby
from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.blocks import Column, Group, paragraph, section, table
from pipelines.reports.history import Past
from pipelines.reports.material import Material

TABLE = (
    Column("intervention", 2.4, is_number=False),
    Column("year", 0.7),
    Column("recommended", 1.9, is_number=False),
    Column("decided", 1.9, is_number=False),
    Column("since", 3.0, is_number=False),
)
SD_DECIMALS = 2


def remembered(material: Material) -> dict[str, Any]:
    """Return a row per intervention and earlier year, in the report's order."""
    texts = material.texts
    by_intervention = {
        intervention_id: list(found)
        for intervention_id, found in groupby(material.history, key=lambda past: past.intervention_id)
    }
    order = [line.intervention.id for line in material.primary_lines]
    rows = [
        _row(material, past, by_intervention[name])
        for name in [*order, *(i for i in by_intervention if i not in order)]
        for past in by_intervention.get(name, ())
        if not past.is_this_year
    ]
    # A column that would say only that nothing is remembered is left out.
    is_remembered = any(past.recommendation and not past.is_this_year for past in material.history)
    shown_columns = [i for i, column in enumerate(TABLE) if is_remembered or column.key != "recommended"]
    columns = [TABLE[i] for i in shown_columns]
    groups: list[Group] = [("", [[row[i] for i in shown_columns] for row in rows])]
    end = "" if is_remembered else "_decided"
    caption = texts(f"memory.caption{end}")
    shown = [
        *(paragraph(text) for text in texts.items(f"memory.intro{end}")),
        table(texts, "tabel-hukommelse", caption, "memory", columns, groups, is_folded=True),
    ]
    blocks = shown if rows else [paragraph(texts("memory.none"))]
    return section("hukommelse", texts("memory.heading"), blocks)


def _row(material: Material, past: Past, years: list[Past]) -> list[cells.Cell]:
    texts = material.texts
    names = {one.id: one.name_da for one in material.catalogue.interventions}
    return [
        # One that is no longer in the catalogue has kept only its code.
        cells.text(names.get(past.intervention_id, past.intervention_id)),
        {"text": str(past.year), "value": past.year},
        cells.text(past.recommendation or texts("memory.not_remembered"), _size(material, past)),
        _decided(material, past),
        _since(material, past, years),
    ]


def _size(material: Material, past: Past) -> str:
    """The estimate of the time: a difference where there was a comparison, otherwise a development."""
    if past.recommendation is None:
        return ""
    if past.estimate_sd is None:
        return material.texts("hidden.mark" if past.is_suppressed else "memory.no_estimate")
    kind = "development" if past.design in ("D1", "D2") else "difference"
    return material.texts(f"memory.{kind}", size=danish.change(past.estimate_sd, SD_DECIMALS))


def _decided(material: Material, past: Past) -> cells.Cell:
    texts = material.texts
    if past.decided is None:
        return cells.text(texts("memory.undecided"))
    label = material.catalogue.label
    by = [label(f"decided_by:{past.decided_by}")] if past.decided_by else []
    day = [danish.short_date(past.decided_date)] if past.decided_date else []
    decided = label(f"decided:{past.decided}")
    return cells.text(decided[:1].upper() + decided[1:], ", ".join([*by, *day]))


def _since(material: Material, past: Past, years: list[Past]) -> cells.Cell:
    """What is recommended now, and whether the two years may be held against each other."""
    texts = material.texts
    now = next((year for year in years if year.is_this_year), None)
    if now is None or now.recommendation is None:
        return cells.text(texts("memory.gone"))
    text = texts("memory.now", word=now.recommendation, size=_size(material, now))
    if past.method_changed:
        return cells.text(text, texts("memory.changed", what=past.method_changed))
    is_same = (past.design, past.comparator) == (now.design, now.comparator)
    if past.recommendation is None or not is_same:
        return cells.text(text, texts("memory.other_design") if past.recommendation else "")
    return cells.text(text, texts("memory.same"))
