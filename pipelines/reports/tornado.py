"""What each input could do to a net result: one bar per input, the longest first."""

from collections.abc import Mapping
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pipelines.reports import danish
from pipelines.reports.figures import FRAME_INCHES, PLOT_FROM, ROW_INCHES, SMALL, STYLE, WIDTH_INCHES, svg

THOUSAND = 1000
LABEL_CHARACTERS = 34


def tornado(block: Mapping[str, Any], palette: Mapping[str, str]) -> str:
    """Draw each row's bar from `lower` to `upper` about the one estimate they share; return an <svg>."""
    rows = block["rows"]
    height = FRAME_INCHES + ROW_INCHES * len(rows)
    with rc_context(STYLE):
        figure = Figure(figsize=(WIDTH_INCHES, height))
        FigureCanvasSVG(figure)
        below = 0.52 / height
        axes = figure.add_axes((PLOT_FROM, below, 1 - 2 * PLOT_FROM, 1 - below - 0.02))
        axes.set_ylim(len(rows) - 0.4, -0.55)
        axes.set_yticks([])
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        axes.axvline(0, color=palette["ink"], linewidth=0.9, zorder=1)
        axes.axvline(rows[0]["estimate"], color=palette["quiet"], linewidth=0.9, dashes=(4, 3), zorder=1)
        paper = {"facecolor": palette["paper"], "edgecolor": "none", "pad": 0.6}
        for place, row in enumerate(rows):
            width = row["upper"] - row["lower"]
            axes.barh(place + 0.2, width, left=row["lower"], height=0.22, color=palette["unclear"], zorder=2)
            words: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
            label = row["label"]
            if len(label) > LABEL_CHARACTERS:
                label = label[: LABEL_CHARACTERS - 1].rstrip() + "…"
            axes.text(0, place - 0.2, label, color=palette["ink"], bbox=paper, **words)
            axes.text(1, place - 0.2, row["text"], ha="right", fontsize=SMALL, bbox=paper, **words)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: danish.change(value / THOUSAND, 0)))
        axes.tick_params(axis="x", colors=palette["quiet"], labelsize=SMALL, length=3, width=0.6)
        axes.set_xlabel(block["axis_label"], fontsize=SMALL, color=palette["quiet"], loc="left", labelpad=3)
        return svg(figure, block["id"])
