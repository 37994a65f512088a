"""The fan of courses over time, and how alike two groups are."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.reports import danish
from pipelines.reports.pages.axis import TICK_SIZE, Axis
from pipelines.reports.pages.canvas import SMALL, Canvas, fitted, text_width

Data = Mapping[str, Any]


def course(canvas: Canvas, figure: Data) -> None:
    """Draw the middle person's line within the half in the middle and the ordinary variation."""
    periods = figure["periods"]
    left, right, top, bottom = 26.0, canvas.width - 6, 14.0, 116.0
    low: float = min(p["p10"] for p in periods)
    high: float = max(p["p90"] for p in periods)
    room = 0.08 * (high - low) or 1.0
    low, high = max(low - room, figure["scale"][0]), min(high + room, figure["scale"][1])
    first, last = float(periods[0]["month"]), float(periods[-1]["month"])
    scores = Axis(low, high, bottom, top)

    def place(month: float) -> float:
        return left + (month - first) / (last - first) * (right - left)

    def outline(lower: str, upper: str) -> list[tuple[float, float]]:
        there = [(place(p["month"]), scores(p[upper])) for p in periods]
        return there + [(place(p["month"]), scores(p[lower])) for p in reversed(periods)]

    canvas.shape(outline("p10", "p90"), fill="band")
    for edge in ("p10", "p90"):
        points = [(place(p["month"]), scores(p[edge])) for p in periods]
        canvas.shape(points, fill="none", stroke="noticeable", is_closed=False)
    canvas.shape(outline("p25", "p75"), fill="middle")
    canvas.shape(
        [(place(p["month"]), scores(p["p50"])) for p in periods],
        fill="none", stroke="accent", is_closed=False,
    )  # fmt: skip
    for period in periods:
        canvas.mark(place(period["month"]), scores(period["p50"]), "dot", "accent")
    for value in scores.ticks():
        canvas.text(
            left - 5, scores(value) + 3, f"{value:g}".replace(".", ","),
            colour="quiet", anchor="end", size=TICK_SIZE,
        )  # fmt: skip
    canvas.text(0, 8, figure["better_label"], colour="progress", size=TICK_SIZE, is_bold=True)
    if first <= 0 <= last:
        canvas.line((place(0), top), (place(0), bottom), colour="ink", width=0.9)
    canvas.line((left, bottom), (right, bottom), colour="quiet", width=0.8)
    taken = float("-inf")
    for period in periods:
        text = figure["start_label"] if period["month"] == 0 else danish.number(period["month"])
        x, half = place(period["month"]), text_width(text, TICK_SIZE) / 2
        x = min(max(x, half), canvas.width - half)
        if x - half > taken + 4:
            taken = x + half
            canvas.text(x, bottom + 12, text, colour="quiet", anchor="middle", size=TICK_SIZE)
    y = bottom + 25
    canvas.text(left, y, figure["axis_label"], colour="quiet", size=TICK_SIZE)
    for fill, edge, label in (
        ("band", "noticeable", figure["ordinary_label"]),
        ("middle", "", figure["half_label"]),
        ("accent", "", figure["middle_label"]),
    ):
        y += 13
        height = 3 if fill == "accent" else 8
        canvas.rect(left, y - height + 1, 14, height, fill=fill, stroke=edge)
        canvas.text(left + 19, y, label, size=TICK_SIZE)


def balance(canvas: Canvas, figure: Data) -> None:
    """Draw how far the groups were apart before the weighting (ring) and after it (dot)."""
    rows: Sequence[Data] = figure["rows"]
    left = 0.48 * canvas.width
    largest = max([figure["limit"], *(max(row["before"] or 0, row["after"]) for row in rows)])
    axis = Axis(0, 1.06 * largest, left, canvas.width - 5)
    y, bottom = 14.0, 14.0 + 13.0 * len(rows)
    canvas.text(
        axis(figure["limit"]), 9, figure["limit_label"], colour="quiet", anchor="middle", size=TICK_SIZE
    )
    canvas.line((axis(0), y), (axis(0), bottom), width=1.1)
    limit = axis(figure["limit"])
    canvas.line((limit, y), (limit, bottom), colour="noticeable", dashes="4 3")
    for row in rows:
        middle = y + 6.5
        canvas.text(0, middle + 3.4, fitted(row["label"], left - 8, SMALL), size=SMALL)
        if row["before"] is not None:
            canvas.mark(axis(row["before"]), middle, "ring", "quiet")
        canvas.mark(axis(row["after"]), middle, "diamond" if row["is_held_out"] else "dot", "accent")
        y += 13
    axis.draw(canvas, bottom + 2, is_signed=False)
    canvas.text(0, bottom + 26, figure["axis_label"], colour="quiet", size=TICK_SIZE)
