"""Figures as SVG text: drawn from a content block, same bytes every time."""

import re
from collections.abc import Mapping
from io import StringIO
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipelines.reports import danish

# Drawn narrow, so that the words keep a readable size on a phone's width.
WIDTH_INCHES = 4.2
ROW_INCHES = 0.43
FRAME_INCHES = 0.95
# Room at the left for half a tick label, should a tick stand at the very edge.
PLOT_FROM = 0.06
PLOT_SHARE = 0.56
# Where the column of numbers begins, in widths of the plot.
VALUES_AT = 1.03
# The names begin at the figure's left edge, outside the plot.
NAMES_AT = -0.07
LABEL_CHARACTERS = 50
SMALL = 8.4
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.2,
    "svg.fonttype": "none",
    "svg.hashsalt": "virker",
    "axes.linewidth": 0.6,
}
# One shape per verdict, the same as the icons in the text; never colour alone.
MARKERS = {"progress": "^", "decline": "v", "unclear": "D", "too_little": "o"}
# A public count has no better end here: which way it went, and whether chance alone could do it.
MARKERS |= {"rose": "^", "fell": "v", "may_be_chance": "D"}


def forest(block: Mapping[str, Any], palette: Mapping[str, str]) -> str:
    """Draw one row per intervention: name, dot and interval, and the numbers at the right.

    Rows without a number show the verdict's word. Returns an <svg> element
    whose ids are unique to the block, so that many can stand in one page.
    """
    with rc_context(STYLE):
        return svg(drawn(block, palette), block["id"])


def drawn(block: Mapping[str, Any], palette: Mapping[str, str]) -> Figure:
    """Return the figure itself; to be called within STYLE."""
    rows = block["rows"]
    height = FRAME_INCHES + ROW_INCHES * len(rows)
    figure = Figure(figsize=(WIDTH_INCHES, height))
    FigureCanvasSVG(figure)
    bottom, top = 0.52 / height, 0.43 / height
    axes = figure.add_axes((PLOT_FROM, bottom, PLOT_SHARE, 1 - bottom - top))
    _frame(axes, block, palette)
    _landmarks(axes, block, palette)
    for place, row in enumerate(rows):
        _draw_row(axes, place, row, palette)
    return figure


def _frame(axes: Axes, block: Mapping[str, Any], palette: Mapping[str, str]) -> None:
    """Draw the axis with its unit and the direction that is better."""
    axes.set_ylim(len(block["rows"]) - 0.25, -0.55)
    axes.set_xlim(*_limits(block))
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(palette["quiet"])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: danish.change(value, int(value % 1 != 0))))
    axes.tick_params(axis="x", colors=palette["quiet"], labelsize=SMALL, length=3, width=0.6)
    axes.set_xlabel(block["axis_label"], fontsize=SMALL, color=palette["quiet"], loc="left", labelpad=3)
    colour = palette[block.get("direction_colour", "progress")]
    better: dict[str, Any] = {"color": colour, "fontweight": "bold", "fontsize": SMALL}
    axes.text(VALUES_AT, 0, f"{block['better_label']} →", transform=axes.transAxes, va="center", **better)


def _landmarks(axes: Axes, block: Mapping[str, Any], palette: Mapping[str, str]) -> None:
    """Draw the line of no change and, where it is known, the noticeable change."""
    above: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "va": "bottom", "fontsize": SMALL}
    axes.axvline(0, color=palette["ink"], linewidth=0.9, zorder=1)
    axes.text(0, 1.015, f"{block['zero_label']} ", ha="right", color=palette["ink"], **above)
    noticeable = block["noticeable"]
    if noticeable is not None:
        axes.axvline(noticeable, color=palette["noticeable"], linewidth=0.9, dashes=(4, 3), zorder=1)
        label = block["noticeable_label"]
        axes.text(noticeable, 1.015, label, ha="center", color=palette["quiet"], **above)


def _limits(block: Mapping[str, Any]) -> tuple[float, float]:
    """Return an x range with every interval, zero and room left of zero for its label."""
    values = [0.0, block["noticeable"] or 1.0]
    for row in block["rows"]:
        values += [row[key] for key in ("estimate", "lower", "upper") if row[key] is not None]
    low, high = min(values), max(values)
    low = min(low, -0.45 * high)
    return low - 0.04 * (high - low), high + 0.06 * (high - low)


def _draw_row(axes: Axes, place: int, row: Mapping[str, Any], palette: Mapping[str, str]) -> None:
    """Write the name above, and under it the interval with its numbers, or the verdict's word."""
    label = row["label"]
    if len(label) > LABEL_CHARACTERS:
        label = label[: LABEL_CHARACTERS - 1].rstrip() + "…"
    words: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
    # Paper behind the words, so that the vertical lines do not strike them through.
    paper = {"facecolor": palette["paper"], "edgecolor": "none", "pad": 0.6}
    axes.text(NAMES_AT, place - 0.22, label, color=palette["ink"], bbox=paper, **words)
    height = place + 0.2
    if row["estimate"] is None:
        axes.text(NAMES_AT, height, row["text"], fontsize=SMALL, color=palette["quiet"], bbox=paper, **words)
    else:
        axes.text(VALUES_AT, height, row["text"], fontsize=SMALL, color=palette["ink"], **words)
        _draw_mark(axes, height, row, palette)


def _draw_mark(axes: Axes, height: float, row: Mapping[str, Any], palette: Mapping[str, str]) -> None:
    colour, verdict = palette[row["verdict"]], row["verdict"]
    if row["lower"] is not None and row["upper"] is not None:
        axes.plot([row["lower"], row["upper"]], [height, height], color=colour, linewidth=1.6, zorder=2)
    face = palette["paper"] if verdict == "too_little" else colour
    mark: dict[str, Any] = {"marker": MARKERS.get(verdict, "o"), "markersize": 6.5, "markerfacecolor": face}
    axes.plot([row["estimate"]], [height], color=colour, markeredgewidth=1.2, zorder=3, **mark)


def svg(figure: Figure, anchor: str) -> str:
    """Return the figure as one <svg> element with ids of its own and no metadata."""
    out = StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None}, transparent=True)
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' id="(?:figure|axes|patch|line2d|text|xtick|matplotlib\.axis)[^"]*"', "", svg)
    svg = re.sub(r' id="([^"]+)"', rf' id="{anchor}-\1"', svg)
    return re.sub(r'(url\(#|href="#)', rf"\1{anchor}-", svg)
