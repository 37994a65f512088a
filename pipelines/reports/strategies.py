"""The two strategies on a page each: a line per item with its chief figure and its status."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipelines.catalogue import Goal, Strategy
from pipelines.reports import cells, danish, in_words
from pipelines.reports.blocks import Column, paragraph, section, table
from pipelines.reports.followed import Line
from pipelines.reports.material import Material, item_anchor, product_file

OVERVIEW = (
    Column("name", 3.0, is_number=False),
    Column("indicator", 3.5, is_number=False),
    Column("figure", 2.0, is_number=False),
    Column("coverage", 0.65),
    Column("status_label", 2.5, is_number=False),
)
UNMEASURED = "not_measured"
# From what asks for something to what asks for nothing: the order in which statuses are counted up.
STATUSES = (
    "off_track",
    "not_reached",
    "attention",
    "on_track",
    "reached",
    "first_measurement",
    "cannot_tell",
    "hidden",
    UNMEASURED,
)
GOOD, WORSE = ("on_track", "reached"), ("off_track", "not_reached")
PLAN, DETAILS = "maaleplan", "strategier"


def overviews(material: Material) -> list[dict[str, Any]]:
    """Return a section per strategy with one line per item: figure and status."""
    return [_overview(material, strategy) for strategy in material.catalogue.strategies]


def by_kind(strategy: Strategy) -> dict[str, list[Goal]]:
    """Return the strategy's items by kind, both in the strategy's order."""
    found: dict[str, list[Goal]] = {}
    for goal in strategy.goals:
        found.setdefault(goal.kind, []).append(goal)
    return found


def statuses(material: Material, goals: Sequence[Goal]) -> dict[str, int]:
    """Return how many items have each status, what asks for something first."""
    counts = Counter(item_status(material, goal) for goal in goals)
    return {status: counts[status] for status in STATUSES if counts[status]}


def item_status(material: Material, goal: Goal) -> str:
    """Return the status of the item's chief figure; without any it is not measured."""
    line = chief(material.followed.lines(goal))
    return line.status if line else UNMEASURED


def chief(lines: Sequence[Line]) -> Line | None:
    """Return the item's first indicator with a figure that may stand alone, otherwise its first."""
    alone = [line for line in lines if line.indicator.stands_beside is None]
    return next((line for line in alone if line.newest.is_shown), next(iter(alone), None))


def finding(material: Material, strategy: Strategy) -> str:
    """Say how many of a strategy's items have figures, and how many have each status."""
    texts, total = material.texts, len(strategy.goals)
    counts = statuses(material, strategy.goals)
    measured = sum(material.followed.has_figure(goal) for goal in strategy.goals)
    if not measured:
        return texts("item.none", total=total)
    said = [
        texts("item.status", count=count, word=_small(material.catalogue.label(f"goal_status:{status}")))
        for status, count in counts.items()
    ]
    rest = texts("item.statuses", listed=danish.listed(said))
    return texts.counted("item.finding", measured, total=total, rest=rest)


def _overview(material: Material, strategy: Strategy) -> dict[str, Any]:
    texts = material.texts
    groups = [
        (kind_name(material, kind), [_item_row(material, goal) for goal in goals])
        for kind, goals in by_kind(strategy).items()
    ]
    caption = texts("item.caption", strategy=strategy.name_da)
    details = product_file(material.manifest, DETAILS, "html")
    blocks = [
        paragraph(finding(material, strategy)),
        paragraph(texts("item.intro", file=details), is_quiet=True),
        table(
            texts, f"tabel-punkter-{strategy.id.lower()}", caption, "item", OVERVIEW, groups, is_folded=True
        ),
    ]
    heading = texts("item.heading", strategy=strategy.name_da)
    return section(f"punkter-{strategy.id.lower()}", heading, blocks) | {"is_sheet": True}


def _item_row(material: Material, goal: Goal) -> list[cells.Cell]:
    texts, lines = material.texts, material.followed.lines(goal)
    line = chief(lines)
    link = {"link": f"{product_file(material.manifest, PLAN, 'html')}#{item_anchor(goal.id)}"}
    if line is None:
        names = [one.name_da for one in material.followed.missing(goal)]
        return [
            cells.text(goal.name_da),
            cells.text(names[0] if names else texts("item.nothing")) | {"is_muted": True},
            cells.text(texts("item.unmeasured")) | {"is_missing": True},
            _coverage(material, goal, lines),
            in_words.status(material.catalogue, UNMEASURED) | link,
        ]
    details = f"{product_file(material.manifest, DETAILS, 'html')}#{item_anchor(goal.id)}"
    return [
        cells.text(goal.name_da) | {"link": details},
        cells.text(line.indicator.name_da),
        _overview_figure(material, line),
        _coverage(material, goal, lines),
        _item_status(material, line, lines),
    ]


def _item_status(material: Material, line: Line, lines: Sequence[Line]) -> cells.Cell:
    """The chief figure's status, and under it a worse one among the item's other figures."""
    cell = in_words.status(material.catalogue, line.status)
    if line.status in WORSE:
        return cell
    worse = Counter(other.status for other in lines if other is not line and other.status in WORSE)
    said = [
        material.texts.counted(
            "item.others", count, word=_small(material.catalogue.label(f"goal_status:{status}"))
        )
        for status, count in worse.items()
    ]
    return cell | {"sub": danish.listed(said)} if said else cell


def _coverage(material: Material, goal: Goal, lines: Sequence[Line]) -> cells.Cell:
    measured, total = len(lines), len(goal.indicators)
    return {"text": material.texts("item.of", measured=measured, total=total), "value": [measured, total]}


def figure_cell(material: Material, line: Line) -> cells.Cell:
    """Return an indicator's newest figure with its interval, or why there is none."""
    point = line.newest
    written = cells.text(in_words.figure(material.texts, line.indicator, point))
    if not point.is_shown:
        return written | {"is_missing": True}
    return written | {"value": {"estimate": point.estimate, "lower": point.lower, "upper": point.upper}}


def _overview_figure(material: Material, line: Line) -> cells.Cell:
    """The newest figure, with its year if that is not the report's; first the one a target was judged on."""
    texts, point, judged = material.texts, line.newest, line.judged
    cell, promised = figure_cell(material, line), in_words.promise(line)
    if point.is_shown and point.year != material.manifest["reporting_year"]:
        cell |= {"text": texts("item.of_year", figure=cell["text"], year=point.year)}
    if judged is None or judged.estimate is None or promised is None:
        return cell
    figure = in_words.value(texts, line.indicator, judged, judged.estimate)
    target = texts.measured(danish.plain(promised.value), "%" if in_words.is_share(line.indicator) else "")
    written = cells.text(texts("item.at_date", figure=figure, target=target)) | {"value": judged.estimate}
    is_newer = point.is_shown and point.year > judged.year
    return written | {"sub": texts("item.newest", figure=cell["text"])} if is_newer else written


def kind_name(material: Material, kind: str) -> str:
    """Return the name of a kind of item."""
    key = f"kind.{kind}"
    return material.texts(key if material.texts.has(key) else "kind.other")


def _small(word: str) -> str:
    return word[:1].lower() + word[1:]
