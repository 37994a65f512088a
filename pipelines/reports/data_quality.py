"""The data quality report: files, faults and coverage, what they mean, and who should do what."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports import cells, danish
from pipelines.reports.assessment import Line
from pipelines.reports.background import choices
from pipelines.reports.blocks import Block, Column, bullets, heading, paragraph, section, table
from pipelines.reports.document import Model, document, write
from pipelines.reports.marts import Number, Row
from pipelines.reports.material import Material
from pipelines.reports.quality import QUALITY, failed_checks, row_counts
from pipelines.reports.texts import REPORT, TEMPLATES, Texts

FILES = (
    Column("file", 3.0, is_number=False),
    Column("extract", 2.0, is_number=False),
    Column("read", 1.0),
    Column("kept", 1.0),
    Column("rejected", 1.0),
    Column("merged", 1.2),
    Column("absent", 1.2),
)
REJECTED = (
    Column("field", 2.0, is_number=False),
    Column("rows", 0.8),
    Column("why", 3.0, is_number=False),
    Column("action", 3.8, is_number=False),
)
CHECKS = (
    Column("check", 3.6, is_number=False),
    Column("severity", 1.0, is_number=False),
    Column("rows", 1.3),
    Column("meaning", 2.6, is_number=False),
    Column("action", 2.8, is_number=False),
)
KINDS = (Column("kind", 4.0, is_number=False), Column("checks", 1.2), Column("found", 1.2))
COVERAGE = (
    Column("intervention", 3.0, is_number=False),
    Column("pairs", 1.2),
    Column("share", 1.6),
    Column("coverage_meaning", 4.0, is_number=False),
)
ANSWERS = (
    Column("survey", 2.6, is_number=False),
    Column("year", 0.8),
    Column("answered", 1.8),
    Column("rate", 1.1),
    Column("answers_meaning", 3.4, is_number=False),
)
# So many of what was found are told on the front.
NAMED = 3
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


def build_data_quality(
    published: Path, manifest: Mapping[str, Any], catalogue: Catalogue, output: Path
) -> tuple[Path, ...]:
    """Write datakvalitet_<year>.html and .pdf to `output`; return their paths. Same input, same bytes."""
    return write(content(published, manifest, catalogue), {}, manifest, output)


def content(published: Path, manifest: Mapping[str, Any], catalogue: Catalogue) -> Model:
    """Return the report's content as plain data."""
    texts = Texts(*REPORT, TEMPLATES / "data_quality_da.toml")
    material = Material.read(published, manifest, catalogue, texts)
    sections = [
        section("kontroller", texts("quality.checks_heading"), _checks(material)),
        section("filer", texts("quality.files_heading"), _files(material)),
        section("daekning", texts("quality.coverage_heading"), _coverage(material)),
        *_attrition(material),
        section("valg", texts("quality.choices_heading"), choices(material)),
        section("saadan", texts("quality.how_heading"), [bullets(texts.items("quality.how"))]),
    ]
    counts = row_counts(material)
    written = {key: danish.number(value) for key, value in counts.items()}
    headline = texts("quality.headline" if counts["row"] else "quality.headline_none", **written)
    facts = [
        texts("quality.fact_files", count=len(manifest["files"])),
        texts("quality.fact_kept", **written),
        texts("facts.reference_date", date=material.reference_date),
    ]
    return document(material, QUALITY, headline, facts, _points(material), sections)


def _points(material: Material) -> list[str]:
    """Say what was found, what is too little measured, and who should act first."""
    texts, failed = material.texts, failed_checks(material)
    total = len(material.published.quality)
    points = [texts.counted("quality.point_checks", len(failed), total=total)]
    worst = sorted(
        failed, key=lambda row: (row["severity"] != "error", -row["failed_count"], row["check_id"])
    )
    points += [row["message_da"] for row in worst[:NAMED]]
    little = [line for line in material.primary_lines if _coverage_kind(material, line) == "too_little"]
    points.append(texts.counted("quality.point_coverage", len(little), total=len(material.primary_lines)))
    return points


def _checks(material: Material) -> list[Block]:
    """Return what the checks found, what it means for the results and who should do what."""
    texts, checks = material.texts, material.published.quality
    if not checks:
        return [paragraph(texts("quality.checks_absent"))]
    failed = failed_checks(material)
    groups = [
        (material.catalogue.extract(extract_id).label_da, [_check_row(material, row) for row in rows])
        for extract_id, rows in groupby(failed, key=lambda row: str(row["extract_id"]))
    ]
    found: list[Block] = [paragraph(texts("quality.checks_none"))]
    if failed:
        found = [table(texts, "tabel-kontroller", texts("quality.checks_caption"), "quality", CHECKS, groups)]
    kinds = Counter(_check_kind(row) for row in checks)
    hits = Counter(_check_kind(row) for row in failed)
    rows = [
        [
            cells.text(_of_kind(texts, "check", kind, "name")),
            *({"text": danish.number(count), "value": count} for count in (kinds[kind], hits[kind])),
        ]
        for kind in sorted(kinds, key=lambda kind: (-hits[kind], -kinds[kind], kind))
    ]
    caption = texts("quality.kinds_caption")
    return [
        paragraph(texts("quality.checks_intro")),
        *found,
        table(texts, "tabel-alle-kontroller", caption, "quality", KINDS, [("", rows)], is_folded=True),
    ]


def _of_kind(texts: Texts, section: str, kind: str, part: str) -> str:
    """Return what is said of a kind of check or reason; of one without words of its own, the general."""
    known = kind if texts.has(f"{section}.{kind}") else "other"
    return texts(f"{section}.{known}.{part}")


def _check_kind(row: Row) -> str:
    return str(row["check_id"]).split(":")[0]


def _check_row(material: Material, row: Row) -> list[cells.Cell]:
    texts, kind = material.texts, _check_kind(row)
    counts = {"failed": danish.number(row["failed_count"]), "total": danish.number(row["row_count"])}
    # A check of the extract as a whole counts itself, not rows.
    rows = "quality.rows_whole" if kind in CHECKS_OF_THE_WHOLE else "quality.rows_value"
    return [
        cells.text(row["message_da"]),
        cells.text(texts(f"severity.{row['severity']}")),
        cells.text(texts(rows, **counts)),
        cells.text(_of_kind(texts, "check", kind, "meaning")),
        cells.text(_of_kind(texts, "check", kind, "action")),
    ]


def _files(material: Material) -> list[Block]:
    """Return what became of every file's rows, and why some were rejected."""
    texts = material.texts
    feeds = [
        (file, extract_id, list(of_extract))
        for file in material.manifest["files"]
        for extract_id, of_extract in groupby(file["feeds"], key=lambda feed: str(feed["extract_id"]))
    ]
    if not feeds:
        return [paragraph(texts("quality.files_none"))]
    rows = [_file_row(material, *feed) for feed in feeds]
    blocks: list[Block] = [
        paragraph(texts("quality.intro")),
        table(texts, "tabel-filer", texts("quality.files_caption"), "quality", FILES, [("", rows)]),
    ]
    rejected = [
        (
            texts(
                "quality.of_file", file=file["name"], extract=material.catalogue.extract(extract_id).label_da
            ),
            list(_rejected_rows(material, extract_id, of_extract)),
        )
        for file, extract_id, of_extract in feeds
    ]
    if any(rows for _, rows in rejected):
        caption = texts("quality.rejected_caption")
        blocks += [
            paragraph(texts("quality.rejected_intro")),
            table(texts, "tabel-afvist", caption, "quality", REJECTED, rejected, is_folded=True),
        ]
    return blocks


def _rejected_rows(
    material: Material, extract_id: str, feeds: Sequence[Mapping[str, Any]]
) -> Iterator[list[cells.Cell]]:
    """Yield a line per field and reason of one file: how many rows, why, and what to do."""
    texts = material.texts
    counts: Counter[tuple[str | None, str]] = Counter()
    for feed in feeds:
        for found in feed.get("rejected_for", ()):
            counts[found["field_id"], found["reason"]] += found["row_count"]
    labels = {field.name: field.label_da for field in material.catalogue.extract(extract_id).fields}
    for (field_id, reason), count in counts.most_common():
        yield [
            cells.text(labels[field_id] if field_id else texts("quality.whole_row")),
            {"text": danish.number(count), "value": count},
            cells.text(_of_kind(texts, "rejected", reason, "why")),
            cells.text(_of_kind(texts, "rejected", reason, "action")),
        ]


def _coverage(material: Material) -> list[Block]:
    """Return how many were measured twice in each intervention, and how many answered each survey."""
    texts = material.texts
    rows = [_coverage_row(material, line) for line in material.primary_lines]
    blocks: list[Block] = [paragraph(text) for text in texts.items("quality.coverage", **material.parameters)]
    if rows:
        caption = texts("quality.coverage_caption")
        shown = table(texts, "tabel-daekning", caption, "quality", COVERAGE, [("", rows)], is_folded=True)
        blocks.append(shown)
    surveys = [row for survey in material.catalogue.surveys for row in _answer_rows(material, survey.id)]
    if surveys:
        caption = texts("quality.answers_caption")
        blocks += [
            heading(texts("quality.answers_heading"), "svarprocenter"),
            table(texts, "tabel-svarprocenter", caption, "quality", ANSWERS, [("", surveys)]),
        ]
    return blocks


def _coverage_kind(material: Material, line: Line) -> str:
    """Return whether so many are measured that the results can bear something, as a code."""
    coverage, limits = line.numbers["coverage"], material.manifest["parameters"]
    if coverage.estimate is None:
        return "hidden" if coverage.is_suppressed else "unknown"
    if line.verdict == "too_little":
        return "too_little"
    return "some" if coverage.estimate < float(limits["minimum_effect_coverage"]) else "enough"


def _coverage_row(material: Material, line: Line) -> list[cells.Cell]:
    texts = material.texts
    return [
        cells.text(line.intervention.name_da, material.measure_name(line)),
        cells.people(texts, line.change),
        cells.share(texts, line.numbers["coverage"]),
        cells.text(texts(f"quality.coverage_means.{_coverage_kind(material, line)}")),
    ]


def _answer_rows(material: Material, survey_id: str) -> Iterator[list[cells.Cell]]:
    texts = material.texts
    survey = next(one for one in material.catalogue.surveys if one.id == survey_id)
    found = {year: told for (name, year), told in material.followed.responses.items() if name == survey_id}
    for year in sorted(found):
        told = found[year]
        row = [cells.text(survey.name_da), {"text": str(year), "value": year}]
        if told.rate is None or told.answered is None or told.invited is None:
            hidden = {"text": texts("hidden.mark"), "is_missing": True}
            yield [*row, hidden, hidden, cells.text(texts("quality.answers_mean.hidden"))]
            continue
        numbers = {"numerator": danish.number(told.answered), "n": danish.number(told.invited)}
        means = texts(f"quality.answers_mean.{'under' if told.is_under_floor else 'enough'}")
        yield [
            *row,
            cells.text(texts("overview.of", **numbers)),
            {"text": danish.percent(told.rate, 0), "value": told.rate},
            cells.text(means),
        ]


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


def _key(line: Line) -> tuple[str, str]:
    return line.intervention.id, line.outcome_id


def _attrition(material: Material) -> list[dict[str, Any]]:
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
    shown = [
        *(paragraph(text) for text in texts.items("quality.attrition_intro")),
        *([paragraph(texts("quality.all_hidden", names=names), is_quiet=True)] if hidden else []),
        table(texts, "tabel-bortfald", caption, "quality", columns, groups, is_folded=True),
        *_whole_attrition(material),
    ]
    return [section("bortfald", texts("quality.attrition_heading"), shown)]


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
