"""So many of so many as people or dots: each kind has its own shape, never colour alone."""

from collections.abc import Callable, Mapping
from typing import Any

MARKS = ("better", "worse", "rest", "yes", "no")
Colours = Mapping[str, str]
CELL = {"people": (20, 30), "dots": (10, 10)}


def array(data: Mapping[str, Any], colours: Colours) -> str:
    """Draw `counts` (kind, how many) one after the other in rows of `columns`."""
    kinds = [kind for kind, count in data["counts"] for _ in range(count)]
    shape, columns = data["shape"], data["columns"]
    width, height = CELL[shape]
    drawn = "".join(
        f'<g transform="translate({place % columns * width} {place // columns * height})">'
        f"{SHAPES[kind](colours)}</g>"
        for place, kind in enumerate(kinds)
    )
    return _svg(columns * width, -(-len(kinds) // columns) * height, drawn)


def mark(kind: str, colours: Colours) -> str:
    """Draw one of a kind, for the words beside the drawing."""
    return _svg(*CELL["people" if kind in ("better", "worse", "rest") else "dots"], SHAPES[kind](colours))


def _svg(width: int, height: int, inner: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'aria-hidden="true" focusable="false">{inner}</svg>'
    )


def _person(fill: str, stroke: str, inner: str = "") -> str:
    drawn = f'fill="{fill}" stroke="{stroke}" stroke-width="1.5"'
    head = f'<circle cx="10" cy="6.5" r="4" {drawn}/>'
    return f'{head}<path d="M4 27V17a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v10Z" {drawn}/>{inner}'


def _stripes(colour: str) -> str:
    lines = "".join(f"M4 {y}H16" for y in (17, 20.5, 24))
    return f'<path d="{lines}" stroke="{colour}" stroke-width="1.7"/>'


def _dot(fill: str, stroke: str) -> str:
    return f'<circle cx="5" cy="5" r="3.6" fill="{fill}" stroke="{stroke}" stroke-width="1.1"/>'


SHAPES: Mapping[str, Callable[[Colours], str]] = {
    "better": lambda colours: _person(colours["accent"], colours["accent"]),
    "worse": lambda colours: _person(colours["paper"], colours["decline"], _stripes(colours["decline"])),
    "rest": lambda colours: _person(colours["paper"], colours["rest"]),
    "yes": lambda colours: _dot(colours["accent"], colours["accent"]),
    "no": lambda colours: _dot(colours["paper"], colours["rest"]),
}
