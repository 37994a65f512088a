"""A product beside the leaders' report: headline, facts, points and sections, as HTML and as PDF."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.reports import danish
from pipelines.reports.figures import forest
from pipelines.reports.material import Material, product_file
from pipelines.reports.over_years import over_years
from pipelines.reports.render import html, palette, pdf

Model = dict[str, Any]


def document(
    material: Material,
    product: str,
    headline: str,
    facts: Sequence[str],
    sentences: Sequence[str],
    sections: Sequence[Mapping[str, Any]],
) -> Model:
    """Return a product's content model; its title is the texts' `product.<product>.title`."""
    texts, municipality = material.texts, material.catalogue.municipality
    title = f"{texts(f'product.{product}.title')} {material.manifest['reporting_year']}"
    return {
        "language": danish.LOCALE,
        "product": product,
        "title": title,
        "full_title": f"{title} – {municipality.name_da}",
        "municipality": municipality.name_da,
        "labels": {key: texts(f"title.{key}") for key in ("skip", "contents")},
        "front": {
            "headline": headline,
            "facts": [*preliminary(material), *facts],
            "sentences": list(sentences),
        },
        "sections": list(sections),
        "foot": foot(material),
    }


def drawings(model: Mapping[str, Any], colours: dict[str, str]) -> dict[str, str]:
    """Return every figure of a model as SVG text by its id."""
    blocks = [block for section in model["sections"] for block in section["blocks"]]
    drawn = {block["id"]: forest(block, colours) for block in blocks if block["kind"] == "figure"}
    panels = [panel for block in blocks if block["kind"] == "panels" for panel in block["items"]]
    return drawn | {panel["id"]: over_years(panel["figure"], colours) for panel in panels}


def write(
    model: Model, figures: Mapping[str, str], manifest: Mapping[str, Any], output: Path
) -> tuple[Path, Path]:
    """Write <product>_<year>.html and .pdf to `output`; return their paths. Same input, same bytes."""
    colours, dated = palette(), datetime.fromisoformat(manifest["started_at"])
    page, sheet = (output / product_file(manifest, model["product"], suffix) for suffix in ("html", "pdf"))
    output.mkdir(parents=True, exist_ok=True)
    page.write_bytes(html(model, figures, colours, template="document.html.j2").encode())
    sheet.write_bytes(pdf(model, figures, colours, dated, template="document.typ"))
    return page, sheet


def preliminary(material: Material) -> list[str]:
    """Say that the year is not over, in a follow-up before its end."""
    return [material.texts("facts.preliminary")] if material.manifest.get("is_preliminary") else []


def foot(material: Material) -> list[str]:
    """Return whom to ask, which run it is, and where the numbers lie."""
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
