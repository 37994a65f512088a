"""A horizontal scale for dots and intervals."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from pipelines.reports import danish
from pipelines.reports.pages.canvas import Canvas, text_width

TICK_SIZE = 9.0
WANTED_TICKS = 5


@dataclass(frozen=True)
class Axis:
    """From values to places: `low` stands at `left`, `high` at `right`."""

    low: float
    high: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        """Return where a value stands, never outside the axis."""
        inside = min(max(value, self.low), self.high)
        return self.left + (inside - self.low) / (self.high - self.low) * (self.right - self.left)

    def ticks(self) -> list[float]:
        """Return a few round values along the axis."""
        step = _round_step((self.high - self.low) / WANTED_TICKS)
        return [n * step for n in range(ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9) + 1)]

    def draw(self, canvas: Canvas, y: float, *, is_signed: bool = True) -> None:
        """Draw the line with its ticks and their values below it."""
        canvas.line((self.left, y), (self.right, y), colour="quiet", width=0.8)
        values = self.ticks()
        decimals = max(0, -floor(log10(values[1] - values[0]) + 1e-9)) if len(values) > 1 else 0
        written = danish.change if is_signed else danish.number
        taken = float("-inf")
        for value in values:
            x, text = self(value), written(value, decimals)
            half = text_width(text, TICK_SIZE) / 2
            canvas.line((x, y), (x, y + 3), colour="quiet", width=0.8)
            # A value at the very edge stands within the board.
            x = min(max(x, half), canvas.width - half)
            if x - half < taken + 3:
                continue
            taken = x + half
            canvas.text(x, y + 12, text, colour="quiet", anchor="middle", size=TICK_SIZE)


def spanning(values: Iterable[float], left: float, right: float) -> Axis:
    """Return an axis that holds zero and every value, with a little room."""
    known = [0.0, *values]
    low, high = min(known), max(known)
    room = 0.08 * (high - low) or 1.0
    return Axis(low - room, high + room, left, right)


def _round_step(rough: float) -> float:
    unit = 10.0 ** floor(log10(rough))
    return float(next(step * unit for step in (1, 2, 5, 10) if step * unit >= rough * 0.999))
