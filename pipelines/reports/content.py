"""The content model: everything the report says, before anyone draws it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.catalogue import Catalogue
from pipelines.reports import background, danish, strategies
from pipelines.reports.blocks import pointers, section
from pipelines.reports.case import Case
from pipelines.reports.decision import decision
from pipelines.reports.document import foot
from pipelines.reports.front import front
from pipelines.reports.material import Material, product_file
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
        quality(material),
        background.reservations(material),
        _products(material),
        *strategies.overviews(material),
        worth(material, cases),
        remembered(material),
        *measures(material),
        *secondary(material),
        background.method(material),
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
        "foot": foot(material),
    }


def _products(material: Material) -> dict[str, Any]:
    """Return the way to what the run makes beside this report."""
    texts = material.texts
    names = [name for name in texts.keys("product") if name not in ("heading", "effektrapport")]
    found = [
        (
            texts(f"product.{name}.title"),
            product_file(material.manifest, name, "html"),
            texts(f"product.{name}.detail"),
        )
        for name in names
    ]
    return section("udgivelser", texts("product.heading"), [pointers(found)])
