"""The section on data quality: files, checks, and who counts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.assessment import Line
from pipelines.reports.blocks import Block, Column, paragraph, section, table
from pipelines.reports.marts import Number
from pipelines.reports.material import Material

FILES = (
    Column("file", 3.0, is_number=False),
    Column("extract", 2.0, is_number=False),
    Column("read", 1.0),
    Column("kept", 1.0),
    Column("rejected", 1.0),
    Column("merged", 1.2),
    Column("absent", 1.2),
)
CHECKS = (
    Column("check", 5.0, is_number=False),
    Column("severity", 1.2, is_number=False),
    Column("rows", 1.8),
)
CHECKS_OF_THE_WHOLE = ("freshness", "columns", "types", "not_empty")
ATTRITION_PARTS = ("counted", "lacks_baseline", "lacks_follow_up", "not_due")
ATTRITION = (
    Column("intervention", 2.4, is_number=False),
    *(Column(count, 1.25) for count in ("people", "counted", "at_ceiling", *ATTRITION_PARTS[1:])),
)
WHOLE = ("ALL", "ALL")
WHOLE_REASONS = (
    "counted",
    "no_follow_up",
    "wrong_respondent",
    "other_version",
    "too_short",
    "no_baseline",
    "wrong_respondent_baseline",
    "not_measured",
    "window_open",
    "moved",
    "died",
)
WHOLE_ATTRITION = (Column("status", 4.0, is_number=False), Column("people", 1.2))


def quality(material: Material) -> dict[str, Any]:
    """Return the section on files, checks and who counts."""
    texts = material.texts
    feeds = [
        (file, extract_id, list(of_extract))
        for file in material.manifest["files"]
        for extract_id, of_extract in groupby(file["feeds"], key=lambda feed: str(feed["extract_id"]))
    ]
    files = [("", [_file_row(material, *feed) for feed in feeds])]
    blocks = [paragraph(texts("quality.intro"))]
    if feeds:
        blocks.append(table(texts, "tabel-filer", texts("quality.files_caption"), "quality", FILES, files))
    blocks.extend(_checks(material))
    blocks.extend(_attrition(material))
    return section("datakvalitet", texts("quality.heading"), blocks)


def _file_row(
    material: Material, file: Mapping[str, Any], extract_id: str, feeds: Sequence[Mapping[str, Any]]
) -> list[cells.Cell]:
    """Return what became of a file's rows in one extract; a wide file's feeds are told together."""
    names = ("row", "kept", "rejected", "merged", "absent")
    counts = [sum(feed[f"{name}_count"] for feed in feeds) for name in names]
    return [
        cells.text(file["name"]),
        cells.text(material.catalogue.extract(extract_id).label_da),
        *({"text": danish.number(count), "value": count} for count in counts),
    ]


def _checks(material: Material) -> list[Block]:
    texts, checks = material.texts, material.published.quality
    failed = [row for row in checks if row["status"] == "failed"]
    if not checks:
        return [paragraph(texts("quality.checks_absent"))]
    if not failed:
        return [paragraph(texts.counted("quality.checks_none", len(checks)))]
    word = texts.word(len(failed))
    intro = texts.counted("quality.checks_some", len(checks), Failed=word[:1].upper() + word[1:])
    groups = [
        (material.catalogue.extract(extract_id).label_da, [_check_row(material, row) for row in rows])
        for extract_id, rows in groupby(failed, key=lambda row: row["extract_id"])
    ]
    return [
        paragraph(intro),
        table(texts, "tabel-kontroller", texts("quality.checks_caption"), "quality", CHECKS, groups),
    ]


def _check_row(material: Material, row: Mapping[str, Any]) -> list[cells.Cell]:
    counts = {"failed": danish.number(row["failed_count"]), "total": danish.number(row["row_count"])}
    # A check of the extract as a whole counts itself, not rows.
    is_whole = row["check_id"].split(":")[0] in CHECKS_OF_THE_WHOLE
    rows = "quality.rows_whole" if is_whole else "quality.rows_value"
    return [
        cells.text(row["message_da"]),
        cells.text(material.texts(f"severity.{row['severity']}")),
        cells.text(material.texts(rows, **counts)),
    ]


def _key(line: Line) -> tuple[str, str]:
    return line.intervention.id, line.outcome_id


def _attrition(material: Material) -> list[Block]:
    """Return who counts and why others do not; a reason hidden in every row is named once instead."""
    texts = material.texts
    counted = [line for line in material.primary_lines if _key(line) in material.published.attrition]
    if not counted:
        return []
    rows = [_attrition_row(material, line) for line in counted]
    hidden = [
        place
        for place, column in enumerate(ATTRITION)
        if column.is_number and all("is_missing" in row[place] for row in rows)
    ]
    kept = [place for place in range(len(ATTRITION)) if place not in hidden]
    columns = [ATTRITION[place] for place in kept]
    groups = [("", [[row[place] for place in kept] for row in rows])]
    names = danish.listed([f"»{texts(f'quality.{ATTRITION[place].key}')}«" for place in hidden])
    caption = texts("quality.attrition_caption")
    return [
        paragraph(texts("quality.attrition_intro")),
        *([paragraph(texts("quality.all_hidden", names=names), is_quiet=True)] if hidden else []),
        table(texts, "tabel-bortfald", caption, "quality", columns, groups, is_folded=True),
        *_whole_attrition(material),
    ]


def _whole_attrition(material: Material) -> list[Block]:
    """Return every reason for the whole strategy, each person once; nothing where all of it is hidden."""
    texts, reasons = material.texts, material.published.attrition.get(WHOLE, {})
    if all(number.n is None for number in reasons.values()):
        return []
    total = next(number.n for number in reasons.values() if number.n is not None)
    rows = [
        [cells.text(texts(f"whole_attrition.{reason}")), cells.people(texts, _counted(reasons, reason))]
        for reason in WHOLE_REASONS
    ]
    rows.append([cells.text(texts("whole_attrition.total")), cells.people(texts, Number(n=total))])
    caption = texts("whole_attrition.caption")
    return [
        paragraph(texts("whole_attrition.intro")),
        table(texts, "tabel-bortfald-i-alt", caption, "whole_attrition", WHOLE_ATTRITION, [("", rows)]),
    ]


def _counted(reasons: Mapping[str, Number], reason: str) -> Number:
    number = reasons.get(reason, Number(numerator=0))
    return Number(n=number.numerator, is_suppressed=number.is_suppressed)


def _attrition_row(material: Material, line: Line) -> list[cells.Cell]:
    texts, reasons = material.texts, material.published.attrition[_key(line)]
    total = next((number.n for number in reasons.values() if number.n is not None), None)
    counted, *others = (_counted(reasons, part) for part in ATTRITION_PARTS)
    ceiling = material.published.effect(*_key(line), "share_at_ceiling")
    at_ceiling = replace(ceiling, n=ceiling.numerator)
    return [
        cells.text(line.intervention.name_da),
        cells.people(texts, Number(n=total, is_suppressed=total is None)),
        *(cells.people(texts, number) for number in (counted, at_ceiling, *others)),
    ]
