"""The content model: everything the report says, before anyone draws it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports import background, danish
from pipelines.reports.case import Case
from pipelines.reports.decision import decision
from pipelines.reports.front import front
from pipelines.reports.material import Material
from pipelines.reports.measures import measures, secondary
from pipelines.reports.quality import quality
from pipelines.reports.remembered import remembered
from pipelines.reports.texts import Texts
from pipelines.reports.worth import worth


def content(published: Path, manifest: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Return the report's content as plain data, from the published marts in a folder.

    Numbers stand as Danish text beside their raw values; the HTML and the PDF
    are two drawings of this one dict.
    """
    material = Material.read(published, manifest, catalogue, Texts())
    texts = material.texts
    cases = [Case(material, texts, line) for line in material.primary_lines]
    sections = [
        decision(material, cases),
        worth(material, cases),
        remembered(material),
        *measures(material),
        *secondary(material),
        background.measured_goals(material),
        *background.unmeasured_goals(material),
        quality(material),
        background.method(material),
        background.reservations(material),
        background.glossary(material),
    ]
    names = {"year": manifest["reporting_year"], "municipality": catalogue.municipality.name_da}
    return {
        "language": danish.LOCALE,
        "title": texts("title.document", **names),
        "full_title": texts("title.full", **names),
        "municipality": catalogue.municipality.name_da,
        "labels": {key: texts(f"title.{key}") for key in ("skip", "contents")},
        "front": front(material, cases),
        "sections": sections,
        "foot": _foot(material),
    }


def _foot(material: Material) -> list[str]:
    texts, manifest, municipality = material.texts, material.manifest, material.catalogue.municipality
    return [
        texts("foot.contact", contact=municipality.contact_da, municipality=municipality.name_da),
        texts(
            "foot.run",
            run_id=manifest["run_id"],
            version=manifest["virker_version"],
            date=danish.long_date(datetime.fromisoformat(manifest["started_at"]).date()),
            catalogue=manifest["catalogue_sha256"][:12],
        ),
        texts("foot.data"),
    ]
