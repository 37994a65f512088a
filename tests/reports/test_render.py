"""The HTML and the PDF: self-contained, accessible, equal in content, same bytes every time."""

import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pipelines.catalogue import Catalogue
from pipelines.reports import build_report
from pipelines.reports.render import palette
from tests.reports import published


class Page(HTMLParser):
    """The start tags, and the outline of headings, of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="session")
def html(built: tuple[Path, ...]) -> str:
    return built[0].read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def page(html: str) -> Page:
    return Page(html)


@pytest.fixture(scope="session")
def pdf(built: tuple[Path, ...]) -> PdfReader:
    return PdfReader(built[1])


def squeezed(text: str) -> str:
    """Return text without spaces, line breaks and hyphenation, to compare across layouts."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


def test_the_files_are_named_by_the_year(built: tuple[Path, ...]) -> None:
    assert [path.name for path in built] == [
        "effektrapport_2025.html",
        "effektrapport_2025.pdf",
        "content.json",
    ]


def test_the_page_loads_nothing_from_elsewhere(html: str, page: Page) -> None:
    beside = re.compile(
        r"#|(indsatser|strategier|maaleplan|datakvalitet|handleplan|borgere|oekonomi)_2025\.html"
    )
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action"):
            assert beside.match(attributes.get(name) or "#"), attributes
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert not page.all("script", "link", "iframe", "img")


def test_the_page_has_language_skip_link_and_headings_in_order(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "da"
    assert page.all("a")[0]["href"] == "#indhold"
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_links_lead_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        target = attributes.get("href") or attributes.get("xlink:href")
        assert target is None or not target.startswith("#") or target[1:] in ids


def test_tables_have_captions_and_scopes(html: str, page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table")) > 10
    assert all(attributes.get("scope") for attributes in page.all("th"))


def test_every_figure_has_an_alternative_text(page: Page, model: dict[str, Any]) -> None:
    images = [attributes for _, attributes in page.tags if attributes.get("role") == "img"]
    assert len(images) == len(page.all("figure")) == 10
    assert all(attributes["aria-label"] for attributes in images)


def test_html_and_pdf_say_the_same(html: str, pdf: PdfReader, model: dict[str, Any]) -> None:
    in_pdf = squeezed("".join(page.extract_text() for page in pdf.pages))
    wanted = [model["front"]["headline"], *model["front"]["sentences"], *model["front"]["decide"]["items"]]
    wanted += [section["title"] for section in model["sections"]]
    for block in (block for section in model["sections"] for block in section["blocks"]):
        if block["kind"] == "table":
            wanted.append(block["caption"])
            wanted += [row[0]["text"] for group in block["groups"] for row in group["rows"]]
        if block.get("id") == "tabel-overblik":
            cells = [cell for group in block["groups"] for row in group["rows"] for cell in row]
            wanted += [cell[key] for cell in cells for key in ("text", "sub") if key in cell]
    lost = [text for text in wanted if squeezed(text) not in in_pdf]
    assert lost == []
    assert [text for text in wanted if text.replace("'", "&#39;") not in html] == []


def test_the_front_is_one_page_and_the_decision_page_comes_next(
    pdf: PdfReader, model: dict[str, Any]
) -> None:
    first, second = (squeezed(pdf.pages[place].extract_text()) for place in (0, 1))
    assert squeezed(model["foot"][-1]) in first
    assert second.startswith(squeezed(model["sections"][0]["title"]))


def test_no_column_of_the_decision_page_is_wider_than_the_sheet(pdf: PdfReader) -> None:
    page = pdf.pages[1]
    found: list[float] = []
    page.extract_text(visitor_text=lambda text, *at: found.append(at[1][4]) if text.strip() else None)
    assert found
    assert max(found) < float(page.mediabox.width)


def test_the_pdf_is_tagged_titled_and_in_danish(pdf: PdfReader) -> None:
    root: Any = pdf.trailer["/Root"]
    assert root["/Lang"] == "da"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Effektrapport 2025 – Fredericia Kommune"
    assert "pdfuaid" in root["/Metadata"].get_data().decode("utf-8")


def test_the_same_input_gives_the_same_bytes(
    built: tuple[Path, ...], year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(year, moved)
    again = build_report(moved, published.manifest(catalogue), catalogue, tmp_path / "out")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built]


def test_a_name_with_markup_is_shown_as_text(year: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    nasty = catalogue.municipality.model_copy(update={"name_da": "<b>Fredericia</b> & #strong[omegn]"})
    built = build_report(
        year, published.manifest(catalogue), catalogue.model_copy(update={"municipality": nasty}), tmp_path
    )
    assert "<b>Fredericia" not in built[0].read_text(encoding="utf-8")
    assert "#strong[omegn]" in PdfReader(built[1]).pages[0].extract_text()


def luminance(colour: str) -> float:
    """Return relative luminance (WCAG 2.1)."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.1)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_have_enough_contrast() -> None:
    colours = palette()
    for text in ("ink", "quiet", "accent", "progress", "decline"):
        assert contrast(colours[text], colours["paper"]) >= 4.5
        assert contrast(colours[text], colours["tint"]) >= 4.5
    for graphic in ("unclear", "too_little", "hidden", "not_estimable", "unchanged", "rest", "noticeable"):
        assert contrast(colours[graphic], colours["paper"]) >= 3
