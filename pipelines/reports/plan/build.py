"""Write the plan: HTML, PDF, and the draft to edit and to deliver."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports.document import write
from pipelines.reports.plan.content import content
from pipelines.reports.plan.editable import action_source, delivery, markdown


def build_plan(
    published: Path, manifest: Mapping[str, Any], catalogue: Catalogue, output: Path
) -> tuple[Path, ...]:
    """Write handleplan_<year>.html and .pdf, and next year's draft as Markdown and CSV; return their paths.

    The CSV has the columns of the source that delivers actions (without such a source there is none):
    edited, it is next year's delivery. Same input, same bytes.
    """
    made = content(published, manifest, catalogue)
    drawn = write(made.model, {}, manifest, output)
    written = {output / made.files["draft_file"]: markdown(made.plan, made.proposed, made.files).encode()}
    if delivered := action_source(catalogue):
        written[output / made.files["delivery_file"]] = delivery(made.plan, delivered[1], made.proposed)
    for path, data in written.items():
        path.write_bytes(data)
    return (*drawn, *written)
