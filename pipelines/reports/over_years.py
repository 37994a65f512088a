"""An indicator over the years as SVG text: a dot and an interval a year."""

from collections.abc import Mapping
from math import floor, log10
from typing import Any

from pipelines.reports import danish
from pipelines.reports.pages.axis import TICK_SIZE, Axis
from pipelines.reports.pages.canvas import SMALL, Canvas, text_width

WIDTH, HEIGHT = 240.0, 112.0
TOP, BOTTOM = 17.0, 18.0
MOST_TICKS = 4
# Between a year's label and the next.
LABEL_GAP = 6.0


def over_years(figure: Mapping[str, Any], palette: dict[str, str]) -> str:
    """Return the figure as one <svg> element without ids; years without a figure are left empty."""
    canvas = Canvas(WIDTH, palette)
    shown = [point for point in figure["points"] if point["estimate"] is not None]
    axis = _axis(figure, shown)
    left = _scale(canvas, axis)
    years = [point["year"] for point in figure["points"]]
    across = Axis(min(years) - 0.35, max(years) + 0.35, left, WIDTH)
    _years(canvas, across, years)
    if figure["target"] is not None:
        y = axis(figure["target"])
        canvas.line((left, y), (WIDTH, y), colour="noticeable", width=1.2, dashes="5 3")
        canvas.text(left + 2, y - 3, figure["target_label"], colour="quiet", size=SMALL)
    for point in shown:
        x = across(point["year"])
        if point["lower"] is not None and point["upper"] is not None:
            canvas.line((x, axis(point["lower"])), (x, axis(point["upper"])), colour="accent", width=2)
        canvas.mark(x, axis(point["estimate"]), "dot", "accent")
    canvas.text(WIDTH, 9, figure["newest_label"], anchor="end", is_bold=True)
    return canvas.svg()


def _axis(figure: Mapping[str, Any], shown: list[Mapping[str, Any]]) -> Axis:
    """Return a scale upwards that holds every interval and the target."""
    values = [p[key] for p in shown for key in ("estimate", "lower", "upper") if p[key] is not None]
    values += [figure["target"]] if figure["target"] is not None else []
    low, high = min(values), max(values)
    room = 0.12 * (high - low) or 0.1 * abs(high) or 1.0
    # What cannot be negative has no room below nothing.
    bottom = max(low - room, 0.0) if low >= 0 else low - room
    return Axis(bottom, high + room, HEIGHT - BOTTOM, TOP)


def _scale(canvas: Canvas, axis: Axis) -> float:
    """Draw faint lines at round values with their numbers; return where the plot begins."""
    every = axis.ticks()
    ticks = every if len(every) <= MOST_TICKS else every[::2]
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    decimals = max(0, -floor(log10(step) + 1e-9))
    written = [danish.number(tick, decimals) for tick in ticks]
    left = max(text_width(text, TICK_SIZE) for text in written) + 6
    for tick, text in zip(ticks, written, strict=True):
        canvas.line((left, axis(tick)), (WIDTH, axis(tick)), colour="line", width=0.6)
        canvas.text(left - 4, axis(tick) + 3, text, colour="quiet", size=TICK_SIZE, anchor="end")
    return left


def _years(canvas: Canvas, across: Axis, years: list[int]) -> None:
    """Write the years under the plot, every other where they would run into one another."""
    width = text_width(str(years[-1]), TICK_SIZE) + LABEL_GAP
    room = (across.right - across.left) / (across.high - across.low)
    every = next(n for n in range(1, len(years) + 1) if n * room >= width or n == len(years))
    for year in years[::-1][::every]:
        canvas.text(across(year), HEIGHT - 4, str(year), colour="quiet", size=TICK_SIZE, anchor="middle")
