"""The pages' figures as SVG text, each drawn from the plain data of its panel."""

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.reports.pages.axis import TICK_SIZE, Axis, spanning
from pipelines.reports.pages.canvas import SIZE, SMALL, Canvas, fitted, text_width, wrapped
from pipelines.reports.pages.charts import balance, course

Data = Mapping[str, Any]
# In the units of the board; the PDF draws all of them to one scale, so that letters have one size.
WIDE, NARROW = 372.0, 240.0
LABEL_HEIGHT, MARK_HEIGHT, GROUP_HEIGHT = 14.0, 13.0, 21.0
BAR_HEIGHT = 9.0


def drawing(panel: Data, palette: dict[str, str]) -> str:
    """Return the panel's figure as one <svg> element without ids."""
    return drawn(panel, palette).svg()


def drawn(panel: Data, palette: dict[str, str]) -> Canvas:
    """Return the board the figure is drawn on."""
    figure = panel["figure"]
    canvas = Canvas(WIDE if figure["kind"] == "designs" else NARROW, palette)
    DRAWERS[figure["kind"]](canvas, figure)
    return canvas


def _designs(canvas: Canvas, figure: Data) -> None:
    """Draw the designs in groups, each with its own scale: one row of words, under it dot and interval."""
    y = 0.0
    for group in figure["groups"]:
        y = _design_group(canvas, group, figure, y) + 8


def _design_group(canvas: Canvas, group: Data, figure: Data, y: float) -> float:
    left, right, values = 4.0, 0.62 * canvas.width, 0.645 * canvas.width
    canvas.text(0, y + SIZE, group["title"], colour="accent", is_bold=True)
    y += GROUP_HEIGHT
    delta, rows = group["delta"], group["rows"]
    numbers = [r[k] for r in rows for k in ("estimate", "lower", "upper") if r["estimate"] is not None]
    if not numbers:
        for row in rows:
            y = _missing_row(canvas, row, y)
        return y
    axis = spanning([*numbers, *([delta, -delta] if delta else [])], left, right)
    y += 5
    half = text_width(figure["zero_label"], TICK_SIZE) / 2
    place = min(max(axis(0), half), values - half - 10)
    canvas.text(place, y, figure["zero_label"], colour="quiet", anchor="middle", size=TICK_SIZE)
    canvas.text(values, y, figure["better_label"], colour="progress", size=TICK_SIZE, is_bold=True)
    y += 4
    bottom = y + sum(_row_height(canvas, row) for row in rows)
    for row in rows:
        if row["estimate"] is None:
            y = _missing_row(canvas, row, y)
            continue
        _label(canvas, row["label"], y)
        y += LABEL_HEIGHT
        middle = y + MARK_HEIGHT / 2 - 2
        if delta:
            canvas.rect(axis(-delta), y, axis(delta) - axis(-delta), MARK_HEIGHT - 2, fill="band")
        _interval(canvas, axis, row, middle)
        canvas.text(values, middle + 3.6, fitted(row["text"], canvas.width - values))
        if row.get("sd_text"):
            canvas.text(canvas.width, y - 3.5, row["sd_text"], colour="quiet", size=SMALL, anchor="end")
        y += MARK_HEIGHT
    axis.draw(canvas, bottom + 2)
    y = bottom + 26
    canvas.text(left, y, group["axis_label"], colour="quiet", size=TICK_SIZE)
    if group["sd"]:
        y += 19
        scaled = Axis(axis.low / group["sd"], axis.high / group["sd"], left, right)
        scaled.draw(canvas, y - 10)
        y += 13
        canvas.text(left, y, figure["sd_label"], colour="quiet", size=TICK_SIZE)
    return y + 3


def _row_height(canvas: Canvas, row: Data) -> float:
    if row["estimate"] is not None:
        return LABEL_HEIGHT + MARK_HEIGHT
    return LABEL_HEIGHT + SMALL * 1.3 * len(wrapped(row["text"], canvas.width, SMALL))


def _missing_row(canvas: Canvas, row: Data, y: float) -> float:
    _label(canvas, row["label"], y)
    y += LABEL_HEIGHT
    for line in wrapped(row["text"], canvas.width, SMALL):
        canvas.text(0, y + SMALL - 1, line, colour="quiet", size=SMALL)
        y += SMALL * 1.3
    return y


def _label(canvas: Canvas, label: str, y: float) -> None:
    canvas.text(0, y + SIZE, fitted(label, 0.86 * canvas.width))


def _interval(canvas: Canvas, axis: Axis, row: Data, y: float) -> None:
    """Draw the row's piece of the zero line, which never crosses a word, and on it dot and interval."""
    colour, half = row["colour"], MARK_HEIGHT / 2
    canvas.line((axis(0), y - half + 2), (axis(0), y + half), width=1.1)
    if row["lower"] is not None and row["upper"] is not None:
        canvas.line((axis(row["lower"]), y), (axis(row["upper"]), y), colour=colour, width=2)
    canvas.mark(axis(row["estimate"]), y, row["mark"], colour)


def _bars(canvas: Canvas, figure: Data) -> None:
    """Draw a bar a row under its words; a hidden one is hatched as wide as there is room."""
    y, longest = 0.0, max((row["value"] or 0.0) for row in figure["rows"]) or 1.0
    room = canvas.width - 2
    if figure["whole"]:
        longest = figure["whole"]
    for row in figure["rows"]:
        width = text_width(row["text"], is_bold=True)
        lines = wrapped(row["label"], canvas.width - width - 8)
        canvas.text(canvas.width, y + SIZE, row["text"], anchor="end", is_bold=row["value"] is not None)
        for line in lines:
            canvas.text(0, y + SIZE, line)
            y += 0 if line is lines[-1] else SIZE * 1.15
        y += LABEL_HEIGHT
        canvas.rect(1, y, room, BAR_HEIGHT, fill="tint")
        if row["value"] is None:
            if row["is_hidden"]:
                canvas.hatched(1, y, room, BAR_HEIGHT)
        elif row["fill"] == "decline":
            canvas.rect(1, y, room * row["value"] / longest, BAR_HEIGHT, fill="decline")
        elif row["fill"] == "rest":
            canvas.rect(1, y, room * row["value"] / longest, BAR_HEIGHT, stroke="rest")
        else:
            canvas.rect(1, y, room * row["value"] / longest, BAR_HEIGHT, fill=row["fill"])
        y += BAR_HEIGHT + 6


def _intervals(canvas: Canvas, figure: Data) -> None:
    """Draw dot and interval a row, words above; a row without a number has its reason."""
    rows = figure["rows"]
    numbers = [r[k] for r in rows for k in ("estimate", "lower", "upper") if r[k] is not None]
    if not numbers:
        y = 0.0
        for row in rows:
            y = _missing_row(canvas, row, y)
        return
    axis = spanning(numbers, 4, canvas.width - 4)
    y = TICK_SIZE
    zero = figure["zero_label"]
    half = text_width(zero, TICK_SIZE) / 2
    middle = min(max(axis(0), half), canvas.width - half - text_width(figure["better_label"], TICK_SIZE) - 12)
    canvas.text(middle, y, zero, colour="quiet", anchor="middle", size=TICK_SIZE)
    better = figure["better_label"]
    canvas.text(canvas.width, y, better, colour="progress", size=TICK_SIZE, anchor="end", is_bold=True)
    y += 4
    bottom = y + sum(_row_height(canvas, row) for row in rows)
    for row in rows:
        if row["estimate"] is None:
            y = _missing_row(canvas, row, y)
            continue
        width = text_width(row["text"], SMALL)
        label = fitted(row["label"], canvas.width - width - 8)
        canvas.text(0, y + SIZE, label)
        canvas.text(canvas.width, y + SIZE, row["text"], anchor="end", size=SMALL)
        y += LABEL_HEIGHT
        _interval(canvas, axis, row, y + MARK_HEIGHT / 2 - 2)
        y += MARK_HEIGHT
    axis.draw(canvas, bottom + 2)
    canvas.text(4, bottom + 26, figure["axis_label"], colour="quiet", size=TICK_SIZE)


DRAWERS: dict[str, Callable[[Canvas, Data], None]] = {
    "designs": _designs,
    "bars": _bars,
    "intervals": _intervals,
    "course": course,
    "balance": balance,
}
