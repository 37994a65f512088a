"""The text that the demo's reports really give: as easy to read as its readers need."""

import json
from typing import Any

import pytest
from pypdf import PdfReader

from pipelines.catalogue import load_catalogue
from pipelines.reports.citizens.content import content
from tests.conftest import ROOT, DemoRun
from tests.reports.letters import letter_sizes
from tests.reports.readability import aloud, leaders, lix, running, sentences, without_numbers, words
from tests.reports.test_citizens import EASY, FORBIDDEN, LONGEST_SENTENCE
from tests.reports.test_readability import MIDDLE


@pytest.fixture(scope="module")
def citizens(demo_run: DemoRun) -> dict[str, Any]:
    manifest = json.loads((demo_run.version / "manifest.json").read_text(encoding="utf-8"))
    return content(demo_run.version / "published", manifest, load_catalogue(ROOT / "examples" / "demo"))


def test_the_citizens_pages_are_easy_and_short(citizens: dict[str, Any]) -> None:
    text = running(citizens)
    assert lix(text) <= EASY
    assert lix([without_numbers(said) for said in aloud(citizens)]) <= EASY
    assert max(len(words(s)) for t in text for s in sentences(t)) <= LONGEST_SENTENCE
    assert FORBIDDEN.findall(" ".join([citizens["headline"], *text])) == []


def test_they_show_people_answers_and_what_else_is_measured(citizens: dict[str, Any]) -> None:
    kinds = {block["kind"] for section in citizens["sections"] for block in section["blocks"]}
    assert {"array", "asked", "named", "where"} <= kinds
    assert "ellers" in {section["id"] for section in citizens["sections"]}


def test_they_are_two_a4_with_large_letters(demo_run: DemoRun) -> None:
    pdf = PdfReader(demo_run.out / "reports" / "output" / "borgere_2025.pdf")
    assert len(pdf.pages) == 2
    sizes = letter_sizes(pdf.pages)
    assert max(sizes, key=lambda size: sizes[size]) >= 10


def test_the_leaders_report_is_no_harder_than_a_newspaper(demo_run: DemoRun) -> None:
    path = demo_run.out / "reports" / "output" / "content.json"
    front, whole = leaders(json.loads(path.read_text(encoding="utf-8")))
    assert lix(front) <= MIDDLE
    assert lix(whole) <= MIDDLE
