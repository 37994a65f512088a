"""Draw the two pages as HTML and as PDF."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports.citizens.content import content
from pipelines.reports.citizens.icons import MARKS, array, mark
from pipelines.reports.render import html, palette, pdf


def build_citizens(
    published: Path, manifest: Mapping[str, Any], catalogue: Catalogue, output: Path
) -> tuple[Path, ...]:
    """Write borgere_<year>.html and .pdf to `output`; return their paths. Same input, same bytes."""
    model, colours = content(published, manifest, catalogue), palette()
    drawings = [
        figure
        for section in model["sections"]
        for block in section["blocks"]
        for figure in (block, *block.get("items", []))
        if isinstance(figure, dict) and figure.get("array")
    ]
    figures = {figure["id"]: array(figure["array"], colours) for figure in drawings}
    figures |= {f"mark-{kind}": mark(kind, colours) for kind in MARKS}
    stem, dated = f"borgere_{manifest['reporting_year']}", datetime.fromisoformat(manifest["started_at"])
    written = {
        output / f"{stem}.html": html(model, figures, colours, template="citizens.html.j2").encode(),
        output / f"{stem}.pdf": pdf(model, figures, colours, dated, template="citizens.typ"),
    }
    output.mkdir(parents=True, exist_ok=True)
    for path, data in written.items():
        path.write_bytes(data)
    return tuple(written)
