"""The indicators over the years: a figure for each with years enough, and the numbers behind them."""

from collections.abc import Sequence

from pipelines.catalogue import Strategy
from pipelines.reports import cells, danish, in_words
from pipelines.reports.blocks import Block, Column, heading, paragraph, table
from pipelines.reports.followed import Line, Point
from pipelines.reports.material import Material

# Years beyond these do not fit beside one another.
MOST_YEARS = 8


def courses(material: Material, strategy: Strategy) -> list[Block]:
    """Return the figures of a strategy and the table behind them; nothing without years enough."""
    texts = material.texts
    lines = _drawn(material, strategy)
    if not lines:
        return []
    title = texts("course.heading", strategy=strategy.name_da)
    code = strategy.id.lower()
    panels = [_panel(material, line, code) for line in lines]
    return [
        heading(title, f"over-aar-{code}"),
        paragraph(texts("course.intro")),
        {"kind": "panels", "id": f"figurer-{code}", "items": panels},
        _table(material, strategy, lines),
    ]


def _drawn(material: Material, strategy: Strategy) -> list[Line]:
    """Return each indicator with years enough once; what may not stand alone only with its company."""
    found = {
        line.indicator.id: line
        for goal in strategy.goals
        for line in material.followed.lines(goal)
        if line.has_course
    }
    alone = [line for line in found.values() if line.indicator.stands_beside is None]
    return [
        shown
        for line in alone
        for shown in (line, *(o for o in found.values() if o.indicator.stands_beside == line.indicator.id))
    ]


def _panel(material: Material, line: Line, code: str) -> dict[str, object]:
    texts, points = material.texts, line.points[-MOST_YEARS:]
    factor = 100 if in_words.is_share(line.indicator) else 1
    shown = [point for point in points if point.is_shown]
    promised = in_words.promise(line)
    # A target over several years together is no level that one year's dot could reach.
    if promised and promised.from_date:
        promised = None
    drawn = [
        {
            "year": point.year,
            **{
                name: None if (bound := getattr(point, name)) is None else factor * bound
                for name in ("estimate", "lower", "upper")
            },
        }
        for point in points
    ]
    return {
        "id": f"figur-{code}-{line.indicator.id.replace('_', '-')}",
        "title": line.indicator.name_da,
        "notes": _notes(material, line, points),
        "alt": _alt(material, line, shown),
        "figure": {
            "points": drawn,
            "target": float(promised.value) if promised else None,
            "target_label": texts("course.target", value=danish.plain(promised.value)) if promised else "",
            "newest_label": texts(
                "course.newest", year=shown[-1].year, value=_value(material, line, shown[-1])
            ),
        },
    }


def _notes(material: Material, line: Line, points: Sequence[Point]) -> list[str]:
    gaps = [str(point.year) for point in points if not point.is_shown]
    unit = "procent" if in_words.is_share(line.indicator) else line.indicator.unit_da
    said = [unit[:1].upper() + unit[1:]]
    if line.indicator.stands_beside:
        beside = material.catalogue.indicator(line.indicator.stands_beside)
        said.append(material.texts("detail.stands_beside", name=beside.name_da))
    if gaps:
        said.append(material.texts("course.gap", years=danish.listed(gaps)))
    return said


def _alt(material: Material, line: Line, shown: Sequence[Point]) -> str:
    texts, meaning = material.texts, in_words.meaning(material.texts, line.indicator, shown[-1])
    return texts(
        "course.alt",
        name=line.indicator.name_da,
        first=_value(material, line, shown[0]),
        first_year=shown[0].year,
        last=in_words.figure(texts, line.indicator, shown[-1]),
        last_year=shown[-1].year,
        meaning=texts("course.alt_meaning", meaning=meaning) if meaning else "",
    ).strip()


def _value(material: Material, line: Line, point: Point) -> str:
    assert point.estimate is not None
    return in_words.value(material.texts, line.indicator, point, point.estimate)


def _table(material: Material, strategy: Strategy, lines: Sequence[Line]) -> Block:
    """Return a column per year, and in it the figure and its interval."""
    texts = material.texts
    years = sorted({point.year for line in lines for point in line.points})[-MOST_YEARS:]
    columns = [
        Column("indicator", 2.4, is_number=False),
        *(Column("year", 1.2, label=str(year)) for year in years),
    ]
    rows = []
    for line in lines:
        of_year = {point.year: point for point in line.points}
        rows.append(
            [cells.text(line.indicator.name_da), *(_cell(material, line, of_year.get(y)) for y in years)]
        )
    caption = texts("course.caption", strategy=strategy.name_da)
    anchor = f"tabel-over-aar-{strategy.id.lower()}"
    return table(texts, anchor, caption, "course", columns, [("", rows)], is_folded=True)


def _cell(material: Material, line: Line, point: Point | None) -> cells.Cell:
    texts = material.texts
    if point is None:
        return cells.text(texts("course.no_figure")) | {"is_missing": True}
    if point.estimate is None:
        return cells.text(in_words.reason(texts, point)) | {"is_missing": True}
    written = cells.text(_value(material, line, point), in_words.interval(texts, line.indicator, point))
    return written | {"value": point.estimate}
