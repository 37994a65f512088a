"""What stands behind the results: the strategies' goals, data quality, method, words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from pipelines.catalogue import Goal, Instrument, Norm
from pipelines.reports import cells, danish
from pipelines.reports.assessment import Line
from pipelines.reports.blocks import Block, Column, Group, bullets, heading, paragraph, section, table
from pipelines.reports.marts import Number
from pipelines.reports.material import Material

MEASURED = (
    Column("goal", 4.0, is_number=False),
    Column("share", 1.5),
    Column("interval", 1.8),
    Column("people", 1.5),
)
UNMEASURED = (Column("goal", 1.0, is_number=False), Column("needs", 1.0, is_number=False))
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
# Delivered for the sake of other extracts: scores, and who is who.
SCORES_AND_LINKS = ("item_answer", "person_link")
WHOLE_ATTRITION = (Column("status", 4.0, is_number=False), Column("people", 1.2))
PARAMETERS = (
    Column("parameter", 4.0, is_number=False),
    Column("value", 1.8),
    Column("source", 2.0, is_number=False),
)
INSTRUMENTS = (
    Column("instrument", 2.2, is_number=False),
    Column("scale", 2.0, is_number=False),
    *(Column(figure, 1.7) for figure in ("cutoff", "noticeable", "sd", "reliability")),
)


def measured_goals(material: Material) -> dict[str, Any]:
    """Return the section of goals with numbers."""
    texts = material.texts
    groups = [
        (
            strategy.name_da,
            [_goal_row(material, goal) for goal in strategy.goals if material.is_measured(goal)],
        )
        for strategy in material.catalogue.strategies
    ]
    if any(rows for _, rows in groups):
        shown = [
            *(paragraph(text) for text in texts.items("strategy.measured_intro")),
            table(texts, "tabel-maal", texts("strategy.measured_caption"), "strategy", MEASURED, groups),
        ]
    else:
        shown = [paragraph(texts("strategy.measured_none"))]
    return section("strategimaal", texts("strategy.measured_heading"), shown)


def unmeasured_goals(material: Material) -> list[dict[str, Any]]:
    """Return the section of goals without a measurement, by strategy; none if all are measured."""
    texts, blocks, count = material.texts, [], 0
    for strategy in material.catalogue.strategies:
        missing = [goal for goal in strategy.goals if not material.is_measured(goal)]
        count += len(missing)
        groups = [
            (_kind(material, kind), [_needs_row(material, goal) for goal in goals])
            for kind, goals in groupby(missing, key=lambda goal: goal.kind)
        ]
        if groups:
            caption = texts("strategy.caption", strategy=strategy.name_da)
            anchor = f"tabel-mangler-{strategy.id.lower()}"
            blocks.append(table(texts, anchor, caption, "strategy", UNMEASURED, groups, is_folded=True))
    if not blocks:
        return []
    intro = paragraph(texts.counted("strategy.intro", count))
    return [section("ikke-maalt", texts("strategy.heading"), [intro, *_delivered(material), *blocks])]


def _delivered(material: Material) -> list[Block]:
    """Say what was delivered beyond the required: it is worked out for each person, but in no goal yet."""
    delivered = {f["extract_id"] for file in material.manifest["files"] for f in file["feeds"]}
    optional = [e for e in material.catalogue.extracts if not e.required and e.id not in SCORES_AND_LINKS]
    names = [f"»{e.label_da}«" for e in optional if e.id in delivered]
    if not names:
        return []
    return [paragraph(material.texts("strategy.delivered", names=danish.listed(names)))]


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


def method(material: Material) -> dict[str, Any]:
    """Return the section on method, with every parameter and instrument used."""
    texts = material.texts
    chosen = f"reliable_change.{material.parameters['reliable_change_method']}"
    reliable_change = texts(chosen, **material.parameters)
    values = {"window_end": material.window["end"], "reliable_change": reliable_change}
    steps = texts.items("method.steps", **values, **material.parameters)
    parameters = [
        [cells.text(p.label_da), _parameter(material, p.id, p.unit), cells.text(p.source)]
        for p in material.catalogue.parameters
        if p.id in material.parameters
    ]
    used = {(line.instrument.id, line.outcome.respondent): line for line in material.lines}
    instruments = [_instrument_row(material, line.instrument, line.norm) for line in used.values()]
    rows: list[Group] = [("", instruments)]
    blocks = [
        bullets(steps, is_ordered=True),
        heading(texts("method.effect_heading"), "hvorfor-udvikling"),
        paragraph(texts("method.effect")),
        table(
            texts,
            "tabel-valg",
            texts("method.parameters_caption"),
            "method",
            PARAMETERS,
            [("", parameters)],
            is_folded=True,
        ),
    ]
    if instruments:
        caption = texts("method.instruments_caption")
        shown = table(texts, "tabel-redskaber", caption, "method", INSTRUMENTS, rows, is_folded=True)
        blocks.append(shown)
    return section("metode", texts("method.heading"), blocks)


def reservations(material: Material) -> dict[str, Any]:
    """Return the section of strengths and limitations."""
    texts = material.texts
    blocks = [
        heading(texts("reservations.strengths_title"), "styrker"),
        bullets(texts.items("reservations.strengths")),
        heading(texts("reservations.limits_title"), "begraensninger"),
        bullets(texts.items("reservations.limits")),
    ]
    return section("forbehold", texts("reservations.heading"), blocks)


def glossary(material: Material) -> dict[str, Any]:
    """Return the glossary."""
    terms = {"kind": "terms", "items": material.texts.terms("glossary.terms")}
    return section("ordliste", material.texts("glossary.heading"), [terms])


def _goal_row(material: Material, goal: Goal) -> list[cells.Cell]:
    texts, number = material.texts, material.goal_share(goal)
    interval = cells.missing(texts, number, is_brief=True)
    if number.lower is not None and number.upper is not None:
        written = [danish.percent(bound, number.n or 0) for bound in (number.lower, number.upper)]
        lower = written[0].removesuffix(danish.HARD_SPACE + "%")
        interval = {"text": texts("strategy.interval_value", lower=lower, upper=written[1])}
    return [cells.text(goal.name_da), cells.share(texts, number), interval, cells.people(texts, number)]


def _needs_row(material: Material, goal: Goal) -> list[cells.Cell]:
    return [cells.text(goal.name_da), cells.text(goal.needs_da or material.texts("strategy.needs_unknown"))]


def _kind(material: Material, kind: str) -> str:
    key = f"kind.{kind}"
    return material.texts(key if material.texts.has(key) else "kind.other")


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


def _parameter(material: Material, parameter_id: str, unit: str) -> cells.Cell:
    written = material.parameters[parameter_id]
    value = written if written.endswith("%") else material.texts.measured(written, unit)
    return {"text": value, "value": material.manifest["parameters"][parameter_id]}


def _instrument_row(material: Material, instrument: Instrument, norm: Norm | None) -> list[cells.Cell]:
    texts = material.texts
    scale = texts(
        "method.scale_value",
        minimum=danish.plain(instrument.minimum),
        maximum=danish.plain(instrument.maximum),
        direction=texts(f"method.{instrument.better}"),
    )
    respondent = texts(f"respondent.{norm.respondent}") if norm else ""
    return [cells.text(instrument.name_da, respondent), cells.text(scale), *_norm_cells(material, norm)]


def _norm_cells(material: Material, norm: Norm | None) -> list[cells.Cell]:
    """Return cut-off, minimal important change, SD and reliability, each with its certainty."""
    texts, row = material.texts, []
    for name in ("cutoff", "minimal_important_change", "sd", "reliability"):
        value = getattr(norm, name, None)
        if value is None or value == "sample":
            is_derived = name == "cutoff" and norm is not None and norm.derives_cutoff
            key = "computed_cutoff" if is_derived else "sample_sd" if value else "unknown"
            row.append(cells.text(texts(f"method.{key}")))
        else:
            known = texts(f"certainty.{getattr(norm, f'{name}_certainty') or 'unknown'}")
            row.append(cells.text(danish.plain(value), known) | {"value": value})
    return row
