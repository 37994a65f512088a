"""Draw the pages as HTML and as PDF."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports.material import pages_file
from pipelines.reports.pages.content import content
from pipelines.reports.pages.figures import drawing
from pipelines.reports.render import html, palette, pdf


def build_pages(
    published: Path, manifest: Mapping[str, Any], catalogue: Catalogue, output: Path
) -> tuple[Path, ...]:
    """Write indsatser_<year>.html and .pdf to `output`; return their paths. Same input, same bytes."""
    model, colours = content(published, manifest, catalogue), palette()
    figures = {
        panel["id"]: drawing(panel, colours)
        for page in model["pages"]
        for panel in (page["designs"], *page["panels"])
        if panel["figure"]
    }
    dated = datetime.fromisoformat(manifest["started_at"])
    written = {
        output / pages_file(manifest, "html"): html(
            model, figures, colours, template="pages.html.j2"
        ).encode(),
        output / pages_file(manifest, "pdf"): pdf(model, figures, colours, dated, template="pages.typ"),
    }
    output.mkdir(parents=True, exist_ok=True)
    for path, data in written.items():
        path.write_bytes(data)
    return tuple(written)
