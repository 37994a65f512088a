"""The two strategies in full: every indicator of every item, the neighbours, and the years."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue, Goal, Strategy
from pipelines.reports import background, cells, danish, in_words
from pipelines.reports.areas import comparisons
from pipelines.reports.blocks import Block, Column, paragraph, pointers, section, table
from pipelines.reports.courses import courses
from pipelines.reports.document import Model, document, drawings, write
from pipelines.reports.followed import Line
from pipelines.reports.front import goals_title
from pipelines.reports.material import Material, item_anchor, product_file
from pipelines.reports.render import palette
from pipelines.reports.strategies import DETAILS, PLAN, UNMEASURED, by_kind, figure_cell, finding, kind_name
from pipelines.reports.texts import Texts

DETAIL = (
    Column("indicator", 2.8, is_number=False),
    Column("figure", 2.1, is_number=False),
    Column("baseline", 1.4, is_number=False),
    Column("change", 2.0, is_number=False),
    Column("target", 1.7, is_number=False),
    Column("status", 2.3, is_number=False),
)


def build_strategies(
    published: Path, manifest: Mapping[str, Any], catalogue: Catalogue, output: Path
) -> tuple[Path, ...]:
    """Write strategier_<year>.html and .pdf to `output`; return their paths. Same input, same bytes."""
    model = content(published, manifest, catalogue)
    return write(model, drawings(model, palette()), manifest, output)


def content(published: Path, manifest: Mapping[str, Any], catalogue: Catalogue) -> Model:
    """Return the product's content as plain data."""
    material = Material.read(published, manifest, catalogue, Texts())
    sections = [_details(material, strategy) for strategy in catalogue.strategies]
    findings = [
        material.texts("detail.finding", strategy=strategy.name_da, finding=finding(material, strategy))
        for strategy in catalogue.strategies
    ]
    facts = [material.texts("facts.reference_date", date=material.reference_date)]
    sections.append(background.measured_goals(material))
    return document(material, DETAILS, goals_title(material), facts, findings, sections)


def _details(material: Material, strategy: Strategy) -> dict[str, Any]:
    """Return a table per kind of item; an indicator of several items is told in full at the first."""
    texts, told = material.texts, set[str]()
    tables = [
        shown
        for kind, goals in by_kind(strategy).items()
        for shown in _kind_table(material, strategy, kind, goals, told)
    ]
    lines = [line for goal in strategy.goals for line in material.followed.lines(goal)]
    intro = "detail.intro" if lines else "detail.none"
    is_beside = any(line.indicator.stands_beside and line.indicator.unit_da == "timer" for line in lines)
    unmeasured = sum(not material.followed.lines(goal) for goal in strategy.goals)
    blocks = [
        *(paragraph(text) for text in texts.items(intro, **material.parameters)),
        *([paragraph(texts("detail.beside"))] if is_beside else []),
        *tables,
        *([_to_the_plan(material, strategy, unmeasured)] if unmeasured else []),
        *comparisons(material, strategy),
        *courses(material, strategy),
    ]
    heading = texts("detail.heading", strategy=strategy.name_da)
    return section(f"indikatorer-{strategy.id.lower()}", heading, blocks)


def _kind_table(
    material: Material, strategy: Strategy, kind: str, goals: Sequence[Goal], told: set[str]
) -> list[Block]:
    """Return the table of one kind; `told` are the indicators that stand in full above, and grows."""
    texts, groups, has_target = material.texts, list[tuple[str, list[list[cells.Cell]]]](), False
    for goal in goals:
        rows: list[list[cells.Cell]] = []
        for line in material.followed.lines(goal):
            is_told = line.indicator.id in told and in_words.promise(line) is None
            row = _repeated_row(material, line) if is_told else _detail_row(material, line)
            # The first line of an item is where the overview's line leads.
            rows.append(row if rows else [row[0] | {"anchor": item_anchor(goal.id)}, *row[1:]])
            has_target |= in_words.promise(line) is not None
            told.add(line.indicator.id)
        groups.append((_item_title(material, goal), rows or [_unmeasured_row(material, goal)]))
    # Most items have no number of their own to reach; the column would say so line after line.
    kept = [place for place, column in enumerate(DETAIL) if has_target or column.key != "target"]
    columns = [DETAIL[place] for place in kept]
    shown = [(title, [[row[place] for place in kept] for row in rows]) for title, rows in groups]
    anchor = f"tabel-indikatorer-{strategy.id.lower()}-{kind.replace('_', '-')}"
    caption = texts("detail.caption", kind=kind_name(material, kind))
    return [table(texts, anchor, caption, "detail", columns, shown, is_folded=True)]


def _to_the_plan(material: Material, strategy: Strategy, count: int) -> Block:
    """Say how many items have no figure, with the way to what it takes to measure them."""
    texts = material.texts
    file = f"{product_file(material.manifest, PLAN, 'html')}#mangler-{strategy.id.lower()}"
    return pointers([(texts(f"product.{PLAN}.title"), file, texts.counted("detail.unmeasured", count))])


def _item_title(material: Material, goal: Goal) -> str:
    if not goal.owner_role_da:
        return goal.name_da
    return material.texts("detail.item", name=goal.name_da, owner=goal.owner_role_da)


def _detail_row(material: Material, line: Line) -> list[cells.Cell]:
    return [
        _name(material, line),
        figure_cell(material, line) | {"sub": _behind(material, line)},
        _baseline(material, line),
        _change(material, line),
        _target(material, line),
        _status(material, line),
    ]


def _repeated_row(material: Material, line: Line) -> list[cells.Cell]:
    above = cells.text(material.texts("detail.above")) | {"is_missing": True}
    return [
        cells.text(line.indicator.name_da),
        figure_cell(material, line),
        above,
        above,
        above,
        in_words.status(material.catalogue, line.status),
    ]


def _unmeasured_row(material: Material, goal: Goal) -> list[cells.Cell]:
    texts, missing = material.texts, material.followed.missing(goal)
    link = {"link": f"{product_file(material.manifest, PLAN, 'html')}#{item_anchor(goal.id)}"}
    none = cells.text(texts("course.no_figure")) | {"is_missing": True}
    target = in_words.target(texts, Line(goal, missing[0], ())) if missing else ""
    return [
        cells.text(missing[0].name_da if missing else texts("item.nothing")) | {"is_muted": True},
        cells.text(texts("item.unmeasured")) | {"is_missing": True},
        none,
        none,
        cells.text(target or texts("detail.no_target")),
        in_words.status(material.catalogue, UNMEASURED) | link,
    ]


def _name(material: Material, line: Line) -> cells.Cell:
    said = [material.catalogue.label(f"measured_from:{line.indicator.measured_from}")]
    if line.indicator.stands_beside:
        beside = material.catalogue.indicator(line.indicator.stands_beside)
        said.append(material.texts("detail.stands_beside", name=beside.name_da))
    statistic = next((s for s in material.catalogue.statistics if s.id == line.indicator.of.statistic), None)
    if statistic:
        said.append(material.texts("detail.public", area=statistic.own_area))
    return cells.text(line.indicator.name_da, "; ".join(said))


def _behind(material: Material, line: Line) -> str:
    """Say which year the figure is of, how many persons it rests on, and how many answered."""
    texts, point = material.texts, line.newest
    said = texts("detail.in_year", year=point.year)
    if point.n and point.is_shown:
        said = texts("detail.in_year_of", year=point.year, n=danish.number(point.n))
    answers = _answers(material, line)
    return f"{said}; {answers}" if answers else said


def _answers(material: Material, line: Line) -> str:
    response = material.followed.response(line.indicator, line.newest.year)
    if response is None:
        return ""
    texts = material.texts
    if response.rate is None or response.answered is None or response.invited is None:
        return texts("answers.hidden")
    said = texts(
        "answers.rate",
        rate=danish.percent(response.rate, 0),
        answered=danish.number(response.answered),
        invited=danish.number(response.invited),
    )
    if response.is_under_floor:
        said += ", " + texts("answers.under", floor=material.parameters["survey_minimum_rate"])
    return said


def _baseline(material: Material, line: Line) -> cells.Cell:
    texts, point = material.texts, line.newest
    if point.is_suppressed or point.is_baseline_hidden:
        return cells.text(texts("hidden.mark")) | {"is_missing": True}
    if point.baseline_value is None or point.baseline_year in (None, point.year):
        return cells.text(texts("detail.no_baseline")) | {"is_missing": True}
    value = in_words.value(texts, line.indicator, point, point.baseline_value)
    return cells.text(texts("detail.baseline_value", value=value, year=point.baseline_year)) | {
        "value": point.baseline_value
    }


def _change(material: Material, line: Line) -> cells.Cell:
    texts, point = material.texts, line.newest
    written = in_words.change(texts, line.indicator, point)
    if point.is_suppressed or point.is_baseline_hidden:
        return cells.text(texts("hidden.mark")) | {"is_missing": True}
    if not written or point.baseline_year == point.year:
        return cells.text(texts("detail.no_change")) | {"is_missing": True}
    return cells.text(written, in_words.meaning(texts, line.indicator, point)) | {"value": point.change}


def _target(material: Material, line: Line) -> cells.Cell:
    """The number the strategy itself promises, and what it was when the time was out."""
    texts, written = material.texts, in_words.target(material.texts, line)
    if not written:
        return cells.text(texts("detail.no_target")) | {"is_missing": True}
    if line.judged is None:
        return cells.text(written)
    if line.judged.estimate is None:
        return cells.text(written, texts("detail.nothing_at_target_date"))
    figure = in_words.figure(texts, line.indicator, line.judged)
    return cells.text(written, texts("detail.at_target_date", figure=figure))


def _status(material: Material, line: Line) -> cells.Cell:
    cell = in_words.status(material.catalogue, line.status)
    trend = line.newest.trend
    if trend is None or line.newest.is_suppressed:
        return cell
    word = material.catalogue.label(f"trend:{trend}")
    if line.newest.law == "census" and trend == "uncertain":
        # Everyone is counted: a change too small to matter is still no matter of chance.
        word = material.texts(
            "detail.almost_unchanged" if line.newest.previous_change else "detail.unchanged"
        )
    return cell | {"sub": material.texts("detail.trend", year=line.newest.previous_year, trend=word)}
