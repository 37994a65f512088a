"""The curve of one course as SVG: points, the reliable band, the cut-off and the periods of support."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from pipelines.reports import danish
from pipelines.reports.figures import STYLE, svg

# The width of half an A4's text, so that the words have in print the size they are given here.
WIDTH_INCHES, HEIGHT_INCHES = 3.4, 1.5
SMALL = 7.2
MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
# One shape per verdict, as in the text; never colour alone.
MARKERS = {"progress": "^", "decline": "v", "unclear": "D", "not_estimable": "o"}
# Smallest distance between two labels at the right edge, as a share of the scale.
LABEL_SHARE = 0.13
MAXIMUM_TICKS = 5
# Room for half a month's name at the right edge, as a share of the axis.
EDGE_SHARE = 0.09


def curve(figure: Mapping[str, Any], anchor: str, palette: Mapping[str, str]) -> str:
    """Return an <svg> element whose ids are unique to the course."""
    with rc_context(STYLE):
        return svg(drawn(figure, palette), anchor)


def drawn(content: Mapping[str, Any], palette: Mapping[str, str]) -> Figure:
    """Return the figure itself; to be called within STYLE."""
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES))
    FigureCanvasSVG(figure)
    axes = figure.add_axes((0.085, 0.15, 0.715, 0.72))
    last = _frame(axes, content, palette)
    _supports(axes, content, palette)
    labels = _band_and_cutoff(axes, content, palette, last)
    days = [_day(day) for day, _ in content["points"]]
    scores = [score for _, score in content["points"]]
    dots: dict[str, Any] = {"color": palette["accent"], "linewidth": 1.1, "zorder": 4}
    axes.plot(days, scores, marker="o", markersize=3.2, **dots)
    if content["judged"]:
        judged = next(place for place, (day, _) in enumerate(content["points"]) if day == content["judged"])
        colour, marker = palette[content["verdict"]], MARKERS[content["verdict"]]
        axes.plot([days[judged]], [scores[judged]], marker=marker, markersize=7, color=colour, zorder=5)
    score = danish.number(scores[-1], content["decimals"])
    labels.append((scores[-1], score, {"color": palette["ink"], "fontweight": "bold"}))
    _spread(axes, content["scale"], labels)
    return figure


def _frame(axes: Axes, content: Mapping[str, Any], palette: Mapping[str, str]) -> float:
    """Draw the axes; return their last day."""
    low, high = content["scale"]
    axes.set_ylim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    days = [_day(day) for day, _ in content["points"]] + [_day(start) for start, _ in content["supports"]]
    first, last = min(days), max([*days, _day(content["until"])])
    # Half a year at least: two points some days apart are not drawn as far from each other.
    margin = max(0.03 * (last - first), (183 - (last - first)) / 2)
    axes.set_xlim(first - margin, last + margin)
    for side in ("right", "top"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(palette["quiet"])
    axes.xaxis.set_major_locator(FixedLocator(_ticks(first - margin, last + margin)))
    axes.xaxis.set_major_formatter(FuncFormatter(_month))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: danish.plain(value)))
    axes.tick_params(colors=palette["quiet"], labelsize=SMALL, length=2.5, width=0.6, pad=2)
    beside: dict[str, Any] = {"transform": axes.transAxes, "fontsize": SMALL, "color": palette["quiet"]}
    axes.text(1.02, -0.05, content["better"], ha="left", va="top", **beside)
    return last + margin


def _supports(axes: Axes, content: Mapping[str, Any], palette: Mapping[str, str]) -> None:
    """Draw when each support began and ended; only the latest is named, the others have paler lines."""
    above: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "va": "bottom", "fontsize": SMALL}
    for place, (start, end) in enumerate(content["supports"]):
        colour = palette["ink"] if place == 0 else palette["rest"]
        width = 0.9 if place == 0 else 0.6
        axes.axvline(_day(start), color=colour, linewidth=width, zorder=2)
        if end:
            axes.axvline(_day(end), color=colour, linewidth=width, dashes=(3, 2), zorder=2)
        if place == 0:
            axes.text(
                _day(start), 1.02, content["labels"]["start"], ha="center", color=palette["ink"], **above
            )
            if end:
                axes.text(
                    _day(end), 1.02, content["labels"]["end"], ha="center", color=palette["ink"], **above
                )


def _band_and_cutoff(
    axes: Axes, content: Mapping[str, Any], palette: Mapping[str, str], last: float
) -> list[tuple[float, str, dict[str, Any]]]:
    """Draw them, and return what their labels say and where."""
    low, high = content["scale"]
    labels: list[tuple[float, str, dict[str, Any]]] = []
    if content["band"]:
        lower, upper = max(low, content["band"][0]), min(high, content["band"][1])
        until = _day(content["judged"]) if content["judged"] else last
        axes.fill_between([_day(content["band_from"]), until], lower, upper, color=palette["band"], zorder=1)
        labels.append(((lower + upper) / 2, content["labels"]["band"], {"color": palette["quiet"]}))
    if content["cutoff"] is not None and low <= content["cutoff"] <= high:
        axes.axhline(content["cutoff"], color=palette["noticeable"], linewidth=0.9, dashes=(4, 3), zorder=1.5)
        label = f"{content['labels']['cutoff']} {danish.plain(content['cutoff'])}"
        labels.append((content["cutoff"], label, {"color": palette["quiet"]}))
    return labels


def _spread(axes: Axes, scale: list[float], labels: list[tuple[float, str, dict[str, Any]]]) -> None:
    """Write the labels at the right edge, each as near its score as the others allow."""
    unit = LABEL_SHARE * (scale[1] - scale[0])
    ordered = sorted(labels, key=lambda label: label[0])
    sizes = [unit * (1 + label[1].count("\n")) for label in ordered]
    places: list[float] = []
    for (score, _, _), size in zip(ordered, sizes, strict=True):
        lowest = places[-1] + (sizes[len(places) - 1] + size) / 2 if places else score
        places.append(max(score, lowest))
    # Pushed beyond the top: the whole pile comes down, the lowest last.
    ceiling = scale[1] + unit / 2
    for place in range(len(places) - 1, -1, -1):
        places[place] = min(places[place], ceiling - sizes[place] / 2)
        ceiling = places[place] - sizes[place] / 2
    for (_, text, style), height in zip(ordered, places, strict=True):
        axes.text(
            1.02, height, text, transform=axes.get_yaxis_transform(), va="center", fontsize=SMALL,
            linespacing=0.95, **style,
        )  # fmt: skip


def _ticks(first: float, last: float) -> list[float]:
    """Return the firsts of months, as many as there is room for: a step that divides the year, or years."""
    begin, end = date.fromordinal(round(first)), date.fromordinal(round(last))
    months = range(12 * begin.year + begin.month, 12 * end.year + end.month)
    for step in (1, 2, 3, 6, 12, 24, 60):
        chosen = [month for month in months if month % step == 0]
        if len(chosen) <= MAXIMUM_TICKS:
            break
    days = [float(date(month // 12, month % 12 + 1, 1).toordinal()) for month in chosen]
    # Not at the very edge, where another label begins.
    return [day for day in days if day < last - EDGE_SHARE * (last - first)]


def _month(value: float, _: int | None) -> str:
    day = date.fromordinal(round(value))
    return str(day.year) if day.month == 1 and day.day == 1 else f"{MONTHS[day.month - 1]} {day:%y}"


def _day(text: str) -> float:
    return float(date.fromisoformat(text).toordinal())
