"""A section per measure with figure and table, and the secondary outcomes."""

from typing import Any

from pipelines.reports import cells, danish
from pipelines.reports.assessment import Line
from pipelines.reports.blocks import Block, Column, bullets, heading, paragraph, section, table
from pipelines.reports.decision import by_area
from pipelines.reports.material import Material

MEASURE = (
    Column("intervention", 2.6, is_number=False),
    Column("pairs", 1.2),
    Column("before_after", 1.55),
    Column("change", 2.0, is_number=False),
    Column("improved", 1.4),
    Column("success", 1.4),
    Column("recovered", 1.4),
    Column("unchanged", 1.4),
    Column("deteriorated", 1.4),
    Column("noticeable_share", 1.4),
    Column("ceiling", 1.4),
)
SHARES = {
    "improved": "share_reliably_improved",
    "success": "share_success",
    "recovered": "share_recovered",
    "unchanged": "share_unchanged",
    "deteriorated": "share_deteriorated",
    "noticeable_share": "share_noticeable",
    "ceiling": "share_at_ceiling",
}
SECONDARY = (
    Column("intervention", 3.0, is_number=False),
    Column("instrument", 2.4, is_number=False),
    Column("pairs", 1.3),
    Column("change", 2.3, is_number=False),
    Column("improved", 1.4),
    Column("success", 1.4),
    Column("deteriorated", 1.4),
)


def measures(material: Material) -> list[dict[str, Any]]:
    """Return the section of development measure by measure; none if there is nothing to show."""
    if not material.primary_lines:
        return []
    by_measure: dict[str, list[Line]] = {}
    for line in material.primary_lines:
        by_measure.setdefault(line.outcome_id, []).append(line)
    texts = material.texts
    legend = cells.legend(texts, material.parameters)
    blocks, figures = (
        [bullets(texts.items("measure.intro")), heading(texts("measure.legend"), "ord"), legend],
        0,
    )
    for found in by_measure.values():
        # A figure without a single point would be an empty frame; the table has the words.
        has_figure = any(line.change.is_shown for line in found)
        figures += has_figure
        blocks.extend(_measure(material, tuple(found), figures if has_figure else None))
    return [section("udvikling", material.texts("measure.heading"), blocks)]


def secondary(material: Material) -> list[dict[str, Any]]:
    """Return the section of secondary outcomes; none if no intervention has any."""
    texts = material.texts
    found = tuple(line for line in material.lines if not line.outcome.primary)
    if not found:
        return []
    columns = [column for column in SECONDARY if column.key != "success" or _has_success(found)]

    def row(material: Material, line: Line) -> list[cells.Cell]:
        cell = dict(zip((column.key for column in SECONDARY), _secondary_row(material, line), strict=True))
        return [cell[column.key] for column in columns]

    groups = by_area(material, found, row)
    caption = texts("secondary.caption")
    shown = table(texts, "tabel-sekundaer", caption, "secondary", columns, groups, is_folded=True)
    intro = [paragraph(text) for text in texts.items("secondary.intro")]
    return [
        section("sekundaere", texts("secondary.heading"), [*intro, shown, *_success_note(material, columns)])
    ]


def _measure(material: Material, lines: tuple[Line, ...], number: int | None) -> list[Block]:
    texts, first = material.texts, lines[0]
    anchor = first.outcome_id.lower().replace(":", "-")
    name = material.measure_name(first)
    title = material.finding("measure.title", lines, instrument=name)
    subtitle = texts(
        "measure.subtitle",
        measures=first.instrument.measures_da[:1].upper() + first.instrument.measures_da[1:],
        respondent=texts(f"respondent.{first.outcome.respondent}"),
        municipality=material.catalogue.municipality.name_da,
        **material.window,
    )
    kept = [place for place, column in enumerate(MEASURE) if _says_something(column, lines)]
    columns = [MEASURE[place] for place in kept]
    rows = [_measure_row(material, line) for line in lines]
    groups = [("", [[row[place] for place in kept] for row in rows])]
    has_reliable = any(column.key in ("improved", "deteriorated") for column in columns)
    caption = texts("measure.caption_reliable" if has_reliable else "measure.caption", instrument=name)
    return [
        heading(title, f"maal-{anchor}", subtitle),
        *([_figure(material, lines, anchor, number)] if number else []),
        table(texts, f"tabel-{anchor}", caption, "measure", columns, groups, is_folded=True),
        *_success_note(material, columns),
    ]


def _says_something(column: Column, lines: tuple[Line, ...]) -> bool:
    """Say whether a column has a number, shown or hidden, in any row that has a development.

    What cannot be worked out for the whole instrument is said once beside the
    figure, not in a column of reasons.
    """
    if column.key == "success" and not _has_success(lines):
        return False
    statistic = SHARES.get(column.key)
    numbers = [line.numbers[statistic] for line in lines if line.change.is_shown] if statistic else []
    return not numbers or any(number.is_shown or number.is_suppressed for number in numbers)


def _has_success(lines: tuple[Line, ...]) -> bool:
    """Say whether any of the lines has goals of another type than to develop."""
    return any(line.has_other_goals for line in lines)


def _success_note(material: Material, columns: list[Column]) -> list[Block]:
    if all(column.key != "success" for column in columns):
        return []
    return [paragraph(text, is_quiet=True) for text in material.texts.items("success.note")]


def _figure(material: Material, lines: tuple[Line, ...], anchor: str, number: int) -> Block:
    texts, first = material.texts, lines[0]
    noticeable = first.norm.minimal_important_change if first.norm else None
    return {
        "kind": "figure",
        "id": f"figur-{anchor}",
        "number": texts("figures.number", number=number),
        "alt": _alt(material, lines),
        "facts": _measure_facts(material, lines),
        "zero_label": texts("measure.zero_label"),
        "better_label": texts("measure.better_label"),
        "axis_label": texts("measure.axis", unit=first.instrument.unit_da),
        "noticeable": noticeable,
        "noticeable_label": texts("measure.noticeable_label"),
        "rows": [_mark(material, line) for line in lines],
    }


def _mark(material: Material, line: Line) -> dict[str, Any]:
    shown = line.change.is_shown
    word = material.texts(f"verdict.{line.verdict}.word")
    return {
        "label": line.intervention.name_da,
        "verdict": line.verdict,
        "estimate": line.change.estimate,
        "lower": line.change.lower,
        "upper": line.change.upper,
        "text": cells.change_text(material.texts, line, unit=False) if shown else word,
    }


def _measure_facts(material: Material, lines: tuple[Line, ...]) -> list[str]:
    texts, instrument, norm = material.texts, lines[0].instrument, lines[0].norm
    ends = {"minimum": danish.plain(instrument.minimum), "maximum": danish.plain(instrument.maximum)}
    full_name = texts("measure.name_in_full", name=instrument.name_da)
    facts = [full_name, texts(f"measure.scale_{instrument.better}", **ends)]
    if norm and norm.minimal_important_change is not None:
        value = texts.measured(danish.plain(norm.minimal_important_change), instrument.unit_da)
        facts.append(texts("measure.noticeable", value=value))
    else:
        facts.append(texts("measure.noticeable_unknown"))
    if norm and norm.cutoff is not None:
        facts.append(texts("measure.cutoff", value=danish.plain(norm.cutoff)))
    elif norm and norm.derives_cutoff:
        facts.append(texts("measure.cutoff_computed"))
    if norm is None or norm.reliability is None:
        facts.append(texts("measure.reliable_unknown"))
    months = sorted({line.intervention.horizon_months for line in lines})
    joined = danish.listed([str(month) for month in months])
    return [*facts, texts("measure.horizon", months=joined), texts("overview.direction")]


def _alt(material: Material, lines: tuple[Line, ...]) -> str:
    texts = material.texts
    known = sorted(
        (line for line in lines if line.change.is_shown), key=lambda line: line.change.estimate or 0.0
    )
    if len(known) == 1:
        shown = texts("measure.alt_point", value=cells.change_text(texts, known[0]))
    else:
        ends = {"lowest": known[0], "highest": known[-1]}
        written = {key: cells.change_text(texts, line).split(" (")[0] for key, line in ends.items()}
        shown = texts("measure.alt_range", **written)
    if len(lines) == 1:
        return texts("measure.alt_single", name=lines[0].intervention.name_da, shown=shown)
    return texts("measure.alt", count=texts.word(len(lines)), shown=shown)


def _measure_row(material: Material, line: Line) -> list[cells.Cell]:
    texts = material.texts
    return [
        cells.text(line.intervention.name_da),
        _pairs(material, line),
        _before_after(material, line),
        cells.marked_change(texts, line, material.rules),
        *(cells.muted(cells.share(texts, line.numbers[s]), line) for s in SHARES.values()),
    ]


def _pairs(material: Material, line: Line) -> cells.Cell:
    texts, coverage = material.texts, line.numbers["coverage"]
    cell = cells.people(texts, line.change)
    if line.change.n is not None:
        written = cells.share(texts, coverage)["text"]
        cell["sub"] = texts("measure.coverage_sub", coverage=written)
    return cell


def _before_after(material: Material, line: Line) -> cells.Cell:
    before, after = line.numbers["mean_baseline"], line.numbers["mean_follow_up"]
    if before.estimate is None or after.estimate is None:
        return cells.missing(material.texts, after if before.is_shown else before, is_brief=True)
    written = [danish.number(value, line.decimals) for value in (before.estimate, after.estimate)]
    cell: cells.Cell = {
        "text": f"{danish.HARD_SPACE}→{danish.HARD_SPACE}".join(written),
        "value": [before.estimate, after.estimate],
    }
    return cells.muted(cell, line)


def _secondary_row(material: Material, line: Line) -> list[cells.Cell]:
    texts = material.texts
    return [
        cells.text(line.intervention.name_da),
        cells.text(material.measure_name(line)),
        _pairs(material, line),
        cells.marked_change(texts, line, material.rules),
        *(
            cells.muted(cells.share(texts, line.numbers[SHARES[key]]), line)
            for key in ("improved", "success", "deteriorated")
        ),
    ]
