"""Build the leaders' report from the published marts."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports.content import content
from pipelines.reports.document import drawings
from pipelines.reports.render import html, palette, pdf


def build_report(
    published: Path, manifest: Mapping[str, Any], catalogue: Catalogue, output: Path
) -> tuple[Path, ...]:
    """Write effektrapport_<year>.html and .pdf and content.json to `output`; return their paths.

    Reads only the gated Parquet marts in `published`, the run's manifest and
    the catalogue. The same three give the same bytes. FileNotFoundError if a
    mart is missing.
    """
    model = content(published, manifest, catalogue)
    colours = palette()
    figures = drawings(model, colours)
    output.mkdir(parents=True, exist_ok=True)
    stem = f"effektrapport_{manifest['reporting_year']}"
    written = {
        output / f"{stem}.html": html(model, figures, colours).encode(),
        output / f"{stem}.pdf": pdf(model, figures, colours, datetime.fromisoformat(manifest["started_at"])),
        output / "content.json": (json.dumps(model, ensure_ascii=False, indent=1) + "\n").encode(),
    }
    for path, data in written.items():
        path.write_bytes(data)
    return tuple(written)
