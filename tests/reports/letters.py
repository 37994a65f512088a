"""How large the letters of a PDF are."""

from collections.abc import Iterable, Sequence
from typing import Any

from pypdf import PageObject


def letter_sizes(pages: Iterable[PageObject]) -> dict[float, int]:
    """Return how many letters there are of each size, in points."""
    sizes: dict[float, int] = {}

    def note(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        points = round(abs(tm[3] * cm[3]) * size, 1)
        sizes[points] = sizes.get(points, 0) + len(text.strip())

    for page in pages:
        page.extract_text(visitor_text=note)
    return sizes
