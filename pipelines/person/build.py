"""Write the page as HTML and as PDF, with as much as one A4 has room for."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.person.content import Room, writer
from pipelines.person.figures import curve
from pipelines.person.record import Record
from pipelines.reports import render

# Tried in turn until the page is one A4: curves first give way, then support and lines.
ROOMS = (
    Room(6, 6, 6),
    Room(4, 6, 4),
    Room(4, 4, 3),
    Room(2, 6, 6),
    Room(2, 6, 4),
    Room(2, 4, 3),
    Room(2, 3, 2),
    Room(2, 2, 1),
)
PAGE = re.compile(rb"/Type\s*/Page\b")


def build_page(
    record: Record, manifest: Mapping[str, Any], catalogue: Catalogue, reference: str
) -> tuple[bytes, bytes]:
    """Return the HTML and the PDF; the same input gives the same bytes.

    Raises:
        RuntimeError: not even the smallest selection fits on one A4.
    """
    colours = render.palette()
    dated = datetime.fromisoformat(manifest["started_at"])
    figures: dict[str, str] = {}
    for room in ROOMS:
        page = writer(record, catalogue).page(room, manifest, reference)
        for block in page["sections"][0]["blocks"]:
            for course in block.get("items", ()) if block["kind"] == "courses" else ():
                if course["id"] not in figures:
                    figures[course["id"]] = curve(course["figure"], course["id"], colours)
        pdf = render.pdf(page, figures, colours, dated, template="person.typ")
        if len(PAGE.findall(pdf)) == 1:
            return render.html(page, figures, colours, template="person.html.j2").encode(), pdf
    raise RuntimeError("the page about one person does not fit on one A4")
