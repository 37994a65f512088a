"""A public count beside the neighbours': what changed, and whether chance alone could do it."""

from collections.abc import Sequence

from pipelines.catalogue import Strategy
from pipelines.catalogue.indicators import Statistic
from pipelines.reports import cells, danish
from pipelines.reports.blocks import Block, Column, heading, paragraph, table
from pipelines.reports.followed import Compared
from pipelines.reports.material import Material

NEIGHBOURS = "neighbours"
ORDER = ("own", NEIGHBOURS, "neighbour", "national")
# Each neighbour stands in the table alone: so small counts swing too much to be drawn beside one another.
DRAWN = ("own", NEIGHBOURS, "national")


def comparisons(material: Material, strategy: Strategy) -> list[Block]:
    """Return the comparison of every public count that the strategy is followed by."""
    used = {
        material.catalogue.indicator(indicator_id).of.statistic
        for goal in strategy.goals
        for indicator_id in goal.indicators
    }
    statistics = [statistic for statistic in material.catalogue.statistics if statistic.id in used]
    return [block for statistic in statistics for block in _comparison(material, statistic)]


def _comparison(material: Material, statistic: Statistic) -> list[Block]:
    texts = material.texts
    areas = [area for area in material.followed.areas if area.statistic_id == statistic.id]
    own = [area for area in areas if area.area_kind == "own" and area.ratio is not None]
    if not own:
        return []
    newest = max(own, key=lambda area: area.year)
    years = {"before_year": newest.baseline_year, "after_year": newest.year}
    shown = sorted(
        (a for a in areas if (a.baseline_year, a.year) == (newest.baseline_year, newest.year)),
        key=lambda area: (ORDER.index(area.area_kind), area.area),
    )
    finding = _finding(material, shown)
    absent = [str(a.year) for a in areas if a.area_kind == "own" and a.value is None and a.year > newest.year]
    if absent:
        finding.append(texts("area_comparison.absent", area=newest.area, years=danish.listed(absent)))
    anchor = statistic.id.replace("_", "-")
    columns = [
        Column("area", 2.0, is_number=False),
        *(
            Column(key, 1.5, label=str(year))
            for key, year in zip(("before", "after"), years.values(), strict=True)
        ),
        Column("ratio", 2.0),
        Column("reads", 2.2, is_number=False),
        Column("relative", 2.2, is_number=False),
    ]
    caption = texts("area_comparison.caption", name=statistic.name_da, **years)
    rows = [_row(material, area) for area in shown]
    return [
        heading(texts("area_comparison.heading", name=statistic.name_da), f"naboer-{anchor}"),
        *(paragraph(text) for text in finding),
        *(
            paragraph(text)
            for text in texts.items("area_comparison.intro", area=newest.area, source=statistic.source)
        ),
        _figure(material, statistic, shown, finding[0]),
        table(texts, f"tabel-naboer-{anchor}", caption, "area_comparison", columns, [("", rows)]),
    ]


def _finding(material: Material, areas: Sequence[Compared]) -> list[str]:
    """Say what happened here, and what happened next door in the same time."""
    texts, own = material.texts, areas[0]
    values = {
        "before": _whole(own.baseline_value),
        "after": _whole(own.value),
        "before_year": own.baseline_year,
        "after_year": own.year,
    }
    reads = texts(f"area_comparison.says.{own.reads}")
    said = [
        texts("area_comparison.finding", area=own.area, ratio=_percent(material, own), reads=reads, **values)
    ]
    together = next((area for area in areas if area.area_kind == NEIGHBOURS), None)
    if together is not None and together.relative_reads is not None:
        said.append(
            texts(
                "area_comparison.together",
                area=_name(material, together),
                before=_whole(together.baseline_value),
                after=_whole(together.value),
                relative=texts(f"area_comparison.relative_sentence.{together.relative_reads}"),
            )
        )
        if together.dispersion is not None and together.dispersion > 1:
            times = danish.number(together.dispersion, 1)
            said.append(texts("area_comparison.dispersion", times=times))
    return said


def _row(material: Material, area: Compared) -> list[cells.Cell]:
    texts = material.texts
    is_own = area.area_kind == "own"
    relative = (
        texts(f"area_comparison.relative_to.{area.relative_reads}")
        if area.relative_reads
        else texts("area_comparison.own" if is_own else "area_comparison.no_comparison")
    )
    reads = (
        material.catalogue.label(f"reads:{area.reads}")
        if area.reads
        else texts("area_comparison.no_comparison")
    )
    return [
        cells.text(_name(material, area)),
        cells.text(_whole(area.baseline_value)) | {"value": area.baseline_value},
        _counted(material, area),
        cells.text(_percent(material, area, interval=True)) | {"value": area.ratio},
        cells.text(reads),
        cells.text(relative),
    ]


def _counted(material: Material, area: Compared) -> cells.Cell:
    value = _whole(area.value)
    if area.lower is None or area.upper is None:
        return cells.text(value) | {"value": area.value}
    lower, upper = (danish.number(bound) for bound in (area.lower, area.upper))
    written = material.texts("area_comparison.counted", value=value, lower=lower, upper=upper)
    return cells.text(written) | {"value": area.value}


def _percent(material: Material, area: Compared, *, interval: bool = False) -> str:
    """Write a ratio as a change in percent: "−28 %"."""
    if area.ratio is None:
        return material.texts("area_comparison.no_comparison")
    value = danish.change(100 * (area.ratio - 1), 0)
    if not interval or area.ratio_lower is None or area.ratio_upper is None:
        return material.texts("area_comparison.percent", value=value)
    lower, upper = (danish.change(100 * (bound - 1), 0) for bound in (area.ratio_lower, area.ratio_upper))
    return material.texts("area_comparison.percent_interval", value=value, lower=lower, upper=upper)


def _figure(material: Material, statistic: Statistic, areas: Sequence[Compared], finding: str) -> Block:
    texts, years = material.texts, {"before_year": areas[0].baseline_year, "after_year": areas[0].year}
    known = [area for area in areas if area.area_kind in DRAWN and area.ratio is not None and area.reads]
    return {
        "kind": "figure",
        "id": f"figur-naboer-{statistic.id.replace('_', '-')}",
        "number": statistic.name_da,
        "alt": texts("area_comparison.alt", count=texts.word(len(known)), finding=finding),
        "facts": [
            texts("area_comparison.figure"),
            texts("area_comparison.source", source=statistic.source),
        ],
        "zero_label": texts("area_comparison.zero_label"),
        "better_label": texts("area_comparison.direction_label"),
        "direction_colour": "quiet",
        "axis_label": texts("area_comparison.axis", **years),
        "noticeable": None,
        "noticeable_label": "",
        "rows": [
            {
                "label": _name(material, area),
                "verdict": area.reads,
                **{
                    name: None if ratio is None else 100 * (ratio - 1)
                    for name, ratio in (
                        ("estimate", area.ratio),
                        ("lower", area.ratio_lower),
                        ("upper", area.ratio_upper),
                    )
                },
                "text": _percent(material, area, interval=True),
            }
            for area in known
        ],
    }


def _name(material: Material, area: Compared) -> str:
    return material.texts("area_comparison.neighbours") if area.area_kind == NEIGHBOURS else area.area


def _whole(value: float | None) -> str:
    return "" if value is None else danish.number(value)
