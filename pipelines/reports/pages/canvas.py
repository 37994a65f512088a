"""A small drawing board for figures: plain SVG text, widths measured in the PDF's own letters."""

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from pipelines.reports.render import font_folder

SIZE = 10.5
SMALL = 9.4
FAMILY = "DejaVu Sans"
# Between the hatching's lines.
HATCH_STEP = 5.0
Point = tuple[float, float]


@cache
def _font(is_bold: bool) -> Any:
    from matplotlib.ft2font import FT2Font

    return FT2Font(str(font_folder() / f"DejaVuSans{'-Bold' if is_bold else ''}.ttf"))


@cache
def text_width(text: str, size: float = SIZE, *, is_bold: bool = False) -> float:
    """Return how wide a text is in units of the board."""
    font = _font(is_bold)
    font.set_size(size, 72)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64


def fitted(text: str, width: float, size: float = SIZE, *, is_bold: bool = False) -> str:
    """Return the text, cut short with an ellipsis where it is wider than `width`."""
    if text_width(text, size, is_bold=is_bold) <= width:
        return text
    while text and text_width(text + "…", size, is_bold=is_bold) > width:
        text = text[:-1].rstrip()
    return text + "…"


def wrapped(text: str, width: float, size: float = SIZE) -> list[str]:
    """Break a text into lines no wider than `width`."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [fitted(line, width, size) for line in lines]


class Canvas:
    """Collects shapes; `svg` is the finished element. The origin is the upper left corner."""

    def __init__(self, width: float, palette: dict[str, str]) -> None:
        self.width = width
        self.height = 0.0
        self.palette = palette
        self.texts: list[tuple[float, float, float, str]] = []
        self._parts: list[str] = []

    def colour(self, name: str) -> str:
        """Return a colour of the palette."""
        return self.palette[name]

    def reach(self, y: float) -> None:
        """Make the board at least this high."""
        self.height = max(self.height, y)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = "ink",
        anchor: str = "start",
        size: float = SIZE,
        is_bold: bool = False,
    ) -> None:
        """Write a text with its baseline at y."""
        width = text_width(text, size, is_bold=is_bold)
        left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
        self.texts.append((left, left + width, y, text))
        weight = ' font-weight="700"' if is_bold else ""
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{self.colour(colour)}"'
            f"{place}{weight}>"
            f"{escape(text)}</text>"
        )
        self.reach(y + 0.3 * size)

    def line(
        self, one: Point, other: Point, *, colour: str = "ink", width: float = 1.0, dashes: str = ""
    ) -> None:
        """Draw a straight line."""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._parts.append(
            f'<path d="M{_n(one[0])} {_n(one[1])}L{_n(other[0])} {_n(other[1])}" fill="none"'
            f' stroke="{self.colour(colour)}" stroke-width="{_n(width)}"{dashed}/>'
        )
        self.reach(max(one[1], other[1]))

    def rect(
        self, x: float, y: float, width: float, height: float, *, fill: str = "none", stroke: str = ""
    ) -> None:
        """Draw a rectangle."""
        edge = f' stroke="{self.colour(stroke)}" stroke-width="1.2"' if stroke else ""
        inside = fill if fill == "none" else self.colour(fill)
        self._parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}" height="{_n(height)}"'
            f' fill="{inside}"{edge}/>'
        )
        self.reach(y + height)

    def hatched(self, x: float, y: float, width: float, height: float, *, colour: str = "hidden") -> None:
        """Draw a hatched rectangle: what is hidden."""
        self.rect(x, y, width, height, stroke=colour)
        start, path = x, ""
        while start + height <= x + width:
            path += f"M{_n(start)} {_n(y + height)}L{_n(start + height)} {_n(y)}"
            start += HATCH_STEP
        if path:
            self._parts.append(
                f'<path d="{path}" stroke="{self.colour(colour)}" stroke-width="1" fill="none"/>'
            )

    def shape(self, points: Sequence[Point], *, fill: str, stroke: str = "", is_closed: bool = True) -> None:
        """Draw a polygon, or an open line without fill."""
        path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points) + ("Z" if is_closed else "")
        edge = f' stroke="{self.colour(stroke)}" stroke-width="1.4"' if stroke else ""
        inside = fill if fill == "none" else self.colour(fill)
        self._parts.append(f'<path d="{path}" fill="{inside}"{edge}/>')
        self.reach(max(y for _, y in points))

    def mark(self, x: float, y: float, kind: str, colour: str) -> None:
        """Draw a mark: dot, ring, or diamond."""
        if kind == "diamond":
            corners = [(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)]
            self.shape(corners, fill="paper", stroke=colour)
            return
        fill = self.colour("paper" if kind == "ring" else colour)
        self._parts.append(
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="4" fill="{fill}" stroke="{self.colour(colour)}"'
            f' stroke-width="1.4"/>'
        )

    def svg(self) -> str:
        """Return the finished <svg> element, decorative: its words stand in the alternative text."""
        box = f"0 0 {_n(self.width)} {_n(self.height + 2)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{_n(self.width)}"'
            f' height="{_n(self.height + 2)}" font-family="{FAMILY}">' + "".join(self._parts) + "</svg>"
        )


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if "." in f"{value:.1f}" else f"{value:.0f}"
