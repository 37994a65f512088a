"""The pages' content model: the contents, then one sheet per intervention with people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports import cells, danish
from pipelines.reports.assessment import Line, has_people
from pipelines.reports.blocks import Column, table
from pipelines.reports.case import Case
from pipelines.reports.marts import Number
from pipelines.reports.material import Material, page_anchor
from pipelines.reports.pages import panels, words
from pipelines.reports.pages.designs import designs
from pipelines.reports.pages.robustness import robustness
from pipelines.reports.pages.segments import not_shown, segments
from pipelines.reports.pages.trust import trust
from pipelines.reports.texts import REPORT, TEMPLATES, Texts
from pipelines.reports.worth import told

CONTENTS = (
    Column("intervention", 3.2, is_number=False),
    Column("goal", 2.6, is_number=False),
    Column("measure", 3.4, is_number=False),
    Column("number", 0.6),
)
SECONDARY = (
    Column("instrument", 2.6, is_number=False),
    Column("pairs", 1.2),
    Column("change", 2.2, is_number=False),
    Column("difference", 2.2, is_number=False),
    Column("q", 1.1),
)
# A sheet has two sides, and the contents are on the first.
FIRST_PAGE, SIDES = 3, 2


def content(published: Path, manifest: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Return the pages as plain data, from the published marts; by area and goal, never by result."""
    material = Material.read(published, manifest, catalogue, Texts())
    texts = Texts(*REPORT, TEMPLATES / "pages_da.toml")
    cases = [Case(material, texts, line, _others(material, line)) for line in material.primary_lines]
    names = {"year": manifest["reporting_year"], "municipality": catalogue.municipality.name_da}
    return {
        "language": danish.LOCALE,
        "title": texts("document.title", **names),
        "full_title": texts("document.full", **names),
        "municipality": catalogue.municipality.name_da,
        "labels": {key: texts(f"document.{key}") for key in ("skip", "page", "back")},
        "front": _front(material, texts, cases),
        "pages": [_page(case) for case in cases],
        "foot": [
            material.texts(
                "foot.run",
                run_id=manifest["run_id"],
                version=manifest["virker_version"],
                date=danish.long_date(datetime.fromisoformat(manifest["started_at"]).date()),
                catalogue=manifest["catalogue_sha256"][:12],
            )
        ],
    }


def _others(material: Material, primary: Line) -> tuple[Line, ...]:
    mine = (line for line in material.lines if line.intervention.id == primary.intervention.id)
    return tuple(line for line in mine if not line.outcome.primary)


def _front(material: Material, texts: Texts, cases: Sequence[Case]) -> dict[str, Any]:
    numbered = [(FIRST_PAGE + SIDES * place, case) for place, case in enumerate(cases)]
    groups = [
        (texts(f"area.{area}"), [_contents_row(case, number) for number, case in found])
        for area, found in groupby(numbered, key=lambda pair: pair[1].line.intervention.area)
    ]
    absent = [i.name_da for i in material.catalogue.interventions if not has_people(material.published, i)]
    return {
        "headline": texts("document.headline"),
        "intro": texts.items("document.intro") if cases else [texts("document.none")],
        "how": {
            "title": texts("document.how_heading"),
            "items": texts.items("document.how", **material.parameters),
        },
        "table": table(
            texts, "tabel-indhold", texts("document.contents_caption"), "document", CONTENTS, groups
        ),
        "absent": texts("document.absent", names=danish.listed(absent)) if absent else "",
    }


def _contents_row(case: Case, number: int) -> list[cells.Cell]:
    return [
        cells.text(case.line.intervention.name_da) | {"link": f"#{page_anchor(case.id)}"},
        cells.text(case.goal),
        cells.text(case.material.measure_name(case.line)),
        {"text": str(number), "value": number},
    ]


def _page(case: Case) -> dict[str, Any]:
    texts, intervention = case.texts, case.line.intervention
    smaller = [
        panels.waterfall(case),
        panels.categories(case),
        panels.course(case),
        panels.balance(case),
        robustness(case),
    ]
    whom = intervention.target_group_da[:1].lower() + intervention.target_group_da[1:]
    municipality = case.material.catalogue.municipality.name_da
    return {
        "id": page_anchor(case.id),
        "name": intervention.name_da,
        "title": words.title(case),
        "behind": texts("document.behind", name=intervention.name_da),
        "eyebrow": f"{intervention.name_da} · {texts(f'area.{intervention.area}')} · {case.goal}",
        "subtitle": " ".join(
            [
                texts("subtitle.whom", name=intervention.name_da, target=whom),
                texts("subtitle.window", municipality=municipality, **case.material.window),
            ]
        ),
        "purpose": intervention.purpose_da,
        "facts": words.facts(case),
        "recommendation": words.recommendation(case),
        "paragraph": words.paragraph(case),
        "trust": trust(case),
        "worse": words.worse(case),
        "designs": designs(case),
        "panels": [*(panel for panel in smaller if panel), *segments(case)],
        "not_shown": not_shown(case),
        "money": {"title": texts("worth.title"), "items": told(case)},
        "secondary": _secondary(case),
        "foot": words.foot(case),
    }


def _difference(case: Case, line: Line, found: Number) -> str:
    if not found.is_shown:
        return case.texts("secondary.not_asked")
    if cells.is_too_wide(line, found):
        return case.material.texts("decision.too_wide")
    return case.signed(found, line.decimals)


def _secondary(case: Case) -> dict[str, Any] | None:
    """Return the other outcomes, with a corrected p-value where one was worked out."""
    if not case.others:
        return None
    texts, against = case.texts, case.comparator or "other_support"
    rows, has_q = [], False
    for line in case.others:
        found = case.secondary(line, against)
        q = found.p_adjusted
        if q is None:
            q = case.results.get(
                case.id, line.outcome_id, "D3", against, "standardised_difference"
            ).p_adjusted
        has_q = has_q or q is not None
        rows.append(
            [
                cells.text(case.material.measure_name(line)),
                cells.people(case.material.texts, line.change),
                cells.change(case.material.texts, line),
                cells.text(_difference(case, line, found)),
                cells.text(texts("secondary.not_asked") if q is None else danish.number(q, 2)),
            ]
        )
    columns = [column for column in SECONDARY if has_q or column.key != "q"]
    shown = [row[: len(columns)] for row in rows]
    caption, note = texts("secondary.caption"), texts("secondary.note") if has_q else ""
    drawn = table(texts, f"tabel-andre-{case.id}", caption, "secondary", columns, [("", shown)])
    return drawn | {"note": note}
