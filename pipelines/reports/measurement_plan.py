"""The measurement plan: what is not measured yet, and which extract or question would close most of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue, Goal
from pipelines.catalogue.indicators import Indicator
from pipelines.reports import cells, danish, in_words
from pipelines.reports.blocks import Block, Column, Group, bullets, paragraph, section, table
from pipelines.reports.document import Model, document, write
from pipelines.reports.followed import Line
from pipelines.reports.material import Material, item_anchor
from pipelines.reports.strategies import PLAN, by_kind
from pipelines.reports.texts import REPORT, TEMPLATES, Texts

CLOSERS = (
    Column("closer", 4.0, is_number=False),
    Column("items", 0.9),
    Column("effort", 1.0, is_number=False),
    Column("closes", 5.0, is_number=False),
)
ITEMS = (
    Column("item", 2.2, is_number=False),
    Column("indicator", 2.6, is_number=False),
    Column("missing", 3.0, is_number=False),
    Column("closed_by", 3.0, is_number=False),
    Column("effort", 0.9, is_number=False),
)
WITHOUT_FIGURE = (
    Column("item", 2.2, is_number=False),
    Column("indicator", 2.6, is_number=False),
    Column("year", 0.7),
    Column("reason", 3.0, is_number=False),
)
EFFORTS = ("small", "medium", "large")
# So many of the closers are told on the front.
NAMED = 3


@dataclass(frozen=True)
class Gap:
    """An indicator of an item that nothing measures; the item is whole when it has other figures."""

    goal: Goal
    indicator: Indicator
    is_whole_item: bool


@dataclass(frozen=True)
class Closer:
    """One extract or question, and every gap it would close."""

    name: str
    gaps: tuple[Gap, ...]

    @property
    def items(self) -> list[Goal]:
        """Return the items it serves, each once."""
        return list({gap.goal.id: gap.goal for gap in self.gaps}.values())

    @property
    def opened(self) -> list[Goal]:
        """Return the items that would have their first figure."""
        return list({gap.goal.id: gap.goal for gap in self.gaps if gap.is_whole_item}.values())

    @property
    def effort(self) -> str:
        """Return the largest effort that any of the gaps asks for."""
        return max((gap.indicator.effort for gap in self.gaps), key=EFFORTS.index)


def build_measurement_plan(
    published: Path, manifest: Mapping[str, Any], catalogue: Catalogue, output: Path
) -> tuple[Path, ...]:
    """Write maaleplan_<year>.html and .pdf to `output`; return their paths. Same input, same bytes."""
    return write(content(published, manifest, catalogue), {}, manifest, output)


def content(published: Path, manifest: Mapping[str, Any], catalogue: Catalogue) -> Model:
    """Return the plan's content as plain data."""
    texts = Texts(*REPORT, TEMPLATES / "measurement_plan_da.toml")
    material = Material.read(published, manifest, catalogue, texts)
    gaps = _gaps(material)
    closers = _closers(gaps)
    sections = [
        *_closing(material, closers),
        *_items(material, gaps),
        *_without_figure(material),
        section("saadan", texts("plan.how_heading"), [bullets(texts.items("plan.how"))]),
    ]
    bare = [goal for goal in catalogue.goals.values() if not material.followed.has_figure(goal)]
    unmeasured = sum(not material.followed.lines(goal) for goal in bare)
    headline = texts(
        "plan.headline" if bare else "plan.headline_all", count=len(bare), total=len(catalogue.goals)
    )
    facts = [
        texts("plan.without", unmeasured=unmeasured, measured=len(bare) - unmeasured),
        texts("plan.indicators", count=len({gap.indicator.id for gap in gaps})),
        texts("facts.reference_date", date=material.reference_date),
    ]
    return document(material, PLAN, headline, facts, _points(material, closers), sections)


def _gaps(material: Material) -> list[Gap]:
    found = []
    for goal in material.catalogue.goals.values():
        missing = material.followed.missing(goal)
        is_whole_item = not material.followed.has_figure(goal)
        found += [Gap(goal, indicator, is_whole_item) for indicator in missing]
    return found


def _closers(gaps: Sequence[Gap]) -> list[Closer]:
    """Return what closes the gaps: what gives most items their first figure before what adds to others."""
    by_name: dict[str, list[Gap]] = {}
    for gap in gaps:
        by_name.setdefault(_delivery(gap.indicator.closed_by_da), []).append(gap)
    closers = [Closer(name, tuple(found)) for name, found in by_name.items()]
    return sorted(
        closers,
        key=lambda one: (-len(one.items), -len(one.opened), EFFORTS.index(one.effort), one.name),
    )


def _delivery(closed_by_da: str) -> str:
    """Return what is to be got hold of, without what exactly it must hold: the words before a colon."""
    return closed_by_da.partition(":")[0].rstrip(".")


def _points(material: Material, closers: Sequence[Closer]) -> list[str]:
    """Name what closes most, with how much and at what effort."""
    texts = material.texts
    return [
        texts.counted(
            "plan.point",
            len(closer.items),
            name=closer.name[:1].upper() + closer.name[1:],
            effort=material.catalogue.label(f"effort:{closer.effort}"),
        )
        for closer in closers[:NAMED]
    ]


def _closing(material: Material, closers: Sequence[Closer]) -> list[dict[str, Any]]:
    """Return the section of what to get hold of, that which closes most first."""
    texts = material.texts
    if not closers:
        return []
    rows = [
        [
            cells.text(closer.name),
            {"text": str(len(closer.items)), "value": len(closer.items)},
            cells.text(material.catalogue.label(f"effort:{closer.effort}")),
            _closes(material, closer),
        ]
        for closer in closers
    ]
    blocks: list[Block] = [
        *(paragraph(text) for text in texts.items("closer.intro")),
        table(texts, "tabel-lukker", texts("closer.caption"), "closer", CLOSERS, [("", rows)]),
    ]
    return [section("hvad-lukker-mest", texts("closer.heading"), blocks)]


def _closes(material: Material, closer: Closer) -> cells.Cell:
    opened = [goal.name_da for goal in closer.opened]
    others = [goal.name_da for goal in closer.items if goal not in closer.opened]
    if not opened:
        return cells.text(material.texts("closer.others_only", names=danish.listed(others)))
    said = material.texts("closer.others", names=danish.listed(others)) if others else ""
    return cells.text(danish.listed(opened), said)


def _items(material: Material, gaps: Sequence[Gap]) -> list[dict[str, Any]]:
    """Return a section per strategy: every item with something missing, and what would close it."""
    texts, sections = material.texts, []
    for strategy in material.catalogue.strategies:
        of_item = {goal.id: [gap for gap in gaps if gap.goal == goal] for goal in strategy.goals}
        groups: list[Group] = [
            (
                texts(f"kind.{kind}" if texts.has(f"kind.{kind}") else "kind.other"),
                [row for goal in goals for row in _item_rows(material, goal, of_item[goal.id])],
            )
            for kind, goals in by_kind(strategy).items()
        ]
        if not any(rows for _, rows in groups):
            continue
        code = strategy.id.lower()
        caption = texts("missing.caption", strategy=strategy.name_da)
        shown = table(texts, f"tabel-mangler-{code}", caption, "missing", ITEMS, groups, is_folded=True)
        title = texts("missing.heading", strategy=strategy.name_da)
        sections.append(section(f"mangler-{code}", title, [paragraph(texts("missing.intro")), shown]))
    return sections


def _item_rows(material: Material, goal: Goal, gaps: Sequence[Gap]) -> list[list[cells.Cell]]:
    """Return a line per missing indicator; the first carries the item's anchor."""
    texts = material.texts
    if not goal.indicators:
        needs = goal.needs_da or texts("strategy.needs_unknown")
        nothing = texts("missing.no_indicator")
        name = cells.text(goal.name_da, texts("missing.whole")) | {"anchor": item_anchor(goal.id)}
        return [[name, cells.text(nothing), cells.text(needs), cells.text(nothing), cells.text(nothing)]]
    rows = []
    for place, gap in enumerate(gaps):
        part = texts("missing.whole" if gap.is_whole_item else "missing.part")
        name = cells.text(goal.name_da, part)
        source = material.catalogue.label(f"measured_from:{gap.indicator.measured_from}")
        rows.append(
            [
                name | {"anchor": item_anchor(goal.id)} if place == 0 else name,
                cells.text(gap.indicator.name_da, source),
                cells.text(gap.indicator.missing_da),
                cells.text(gap.indicator.closed_by_da),
                cells.text(material.catalogue.label(f"effort:{gap.indicator.effort}")),
            ]
        )
    return rows


def _without_figure(material: Material) -> list[dict[str, Any]]:
    """Return what is measured and still has no figure: hidden, too few, or too few answers."""
    texts = material.texts
    found: dict[str, tuple[list[Goal], Line]] = {}
    for goal in material.catalogue.goals.values():
        for line in material.followed.lines(goal):
            if not line.newest.is_shown:
                found.setdefault(line.indicator.id, ([], line))[0].append(goal)
    if not found:
        return []
    rows = [
        [
            cells.text(danish.listed([goal.name_da for goal in goals])),
            cells.text(line.indicator.name_da),
            {"text": str(line.newest.year), "value": line.newest.year},
            cells.text(in_words.reason(texts, line.newest)),
        ]
        for goals, line in found.values()
    ]
    caption = texts("without_figure.caption")
    shown = table(
        texts, "tabel-uden-tal", caption, "without_figure", WITHOUT_FIGURE, [("", rows)], is_folded=True
    )
    title = texts("without_figure.heading")
    return [section("uden-tal", title, [paragraph(texts("without_figure.intro")), shown])]
