"""The sheet per intervention: the finding, only what is shown, and two sides of A4 each."""

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader

from pipelines.catalogue import Catalogue
from pipelines.reports import build_pages
from pipelines.reports.pages.content import FIRST_PAGE, SIDES, content
from pipelines.reports.pages.figures import drawn
from pipelines.reports.render import palette
from tests.reports import published
from tests.reports.letters import letter_sizes
from tests.reports.published import Plan, texts_in
from tests.reports.test_content import MAXIMUM_TITLE_WORDS, MAXIMUM_WORDS, only, sentences
from tests.reports.test_render import Page, squeezed

# Reading a page's text back out of the PDF takes long.
SAMPLE = (0, 7, 20)


def page_of(model: dict[str, Any], catalogue: Catalogue, place: int) -> dict[str, Any]:
    return next(p for p in model["pages"] if p["id"] == f"indsats-{catalogue.interventions[place].id}")


def panel(page: dict[str, Any], kind: str) -> dict[str, Any] | None:
    return next((p for p in page["panels"] if p["id"].startswith(f"{kind}-")), None)


def figures(model: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for page in model["pages"]:
        yield from (one for one in (page["designs"], *page["panels"]) if one["figure"])


def prose(model: dict[str, Any]) -> Iterator[str]:
    for page in model["pages"]:
        yield from (
            page["title"],
            page["not_shown"],
            *page["paragraph"],
            *page["trust"]["items"],
            *page["worse"]["items"],
            *page["money"]["items"],
            page["recommendation"]["word"],
        )
        yield from (fact["detail"] for fact in page["facts"])
        for one in (page["designs"], *page["panels"]):
            yield from one["notes"]
    yield from (*model["front"]["intro"], *model["front"]["how"]["items"])


def test_every_intervention_with_people_has_a_page_in_the_reports_order(
    page_model: dict[str, Any], model: dict[str, Any], catalogue: Catalogue
) -> None:
    overview = next(s for s in model["sections"] if s["id"] == "overblik")
    rows = [
        row
        for block in overview["blocks"]
        if block.get("id") == "tabel-overblik"
        for group in block["groups"]
        for row in group["rows"]
    ]
    assert [row[0]["text"] for row in rows] == [page["name"] for page in page_model["pages"]]
    assert [row[0]["link"].partition("#")[2] for row in rows] == [page["id"] for page in page_model["pages"]]
    assert catalogue.interventions[38].name_da in page_model["front"]["absent"]


@pytest.mark.parametrize(
    ("place", "title", "sure"),
    [
        (0, "Borgerne klarer sig bedre, end hvis de fortsat ventede", "En sammenligning, der holder"),
        (1, "Om indsatsen er bedre end anden støtte, kan ikke afgøres endnu", "En sammenligning, der holder"),
        (2, "Sammenligningen holder ikke, så årsagen er ukendt.", "En usikker sammenligning"),
        (3, "Der er for få borgere til at vise udviklingen", "Kan ikke siges"),
        (4, "Ingen forskel af betydning på indsatsen og anden støtte", "En sammenligning, der holder"),
        (5, "Borgerne klarer sig dårligere end med anden støtte", "En sammenligning, der holder"),
        (6, "Om støtten er årsagen, kan ikke afgøres endnu.", "Målt mod det forventede"),
        (12, "Der er for lidt data til at vurdere udviklingen", "Kun udvikling"),
        (22, "Udviklingen kan ikke opgøres", "Kan ikke siges"),
    ],
)
def test_the_title_is_the_finding_of_the_best_design(
    page_model: dict[str, Any], catalogue: Catalogue, place: int, title: str, sure: str
) -> None:
    page = page_of(page_model, catalogue, place)
    assert page["title"].endswith(title)
    assert page["facts"][1]["figure"] == sure


def test_titles_have_at_most_fifteen_words_and_sentences_twentyfive(page_model: dict[str, Any]) -> None:
    assert [p["title"] for p in page_model["pages"] if len(p["title"].split()) > MAXIMUM_TITLE_WORDS] == []
    assert [s for t in prose(page_model) for s in sentences(t) if len(s.split()) > MAXIMUM_WORDS] == []


def test_the_pages_read_easily_enough_for_leaders(page_model: dict[str, Any]) -> None:
    """LIX (Björnsson 1968): words per sentence plus the percentage of words over six letters."""
    found = [s for page in page_model["pages"] for text in page["paragraph"] for s in sentences(text)]
    words = [word.strip(".,;:()?»«") for s in found for word in s.split()]
    assert len(words) / len(found) + 100 * sum(len(word) > 6 for word in words) / len(words) <= 44


def test_effect_is_written_only_of_a_comparison_that_holds(
    page_model: dict[str, Any], catalogue: Catalogue
) -> None:
    for page in page_model["pages"]:
        holds = page["facts"][1]["figure"] == "En sammenligning, der holder"
        said = [page["title"], *page["paragraph"], *(fact["label"] for fact in page["facts"])]
        assert any("effekt" in text.lower() for text in said) == holds, page["id"]
        rest = [t for key in ("designs", "panels", "worse", "trust") for t in texts_in(page[key])]
        assert not any("effekt" in text.lower() and "effektiv" not in text.lower() for text in rest)


def test_a_hidden_intervention_shows_no_number(page_model: dict[str, Any], catalogue: Catalogue) -> None:
    page = page_of(page_model, catalogue, 3)
    assert [fact["figure"] for fact in page["facts"]] == [
        "For få borgere til at vise",
        "Kan ikke siges",
        "Skjult",
    ]
    waterfall = panel(page, "waterfall")
    assert waterfall
    assert [row["text"] for row in waterfall["figure"]["rows"]] == ["skjult"] * 4
    assert all(row["value"] is None and row["is_hidden"] for row in waterfall["figure"]["rows"])
    assert page["paragraph"] == [
        "Antallet af borgere er skjult.",
        "Der er ikke nok tal til at sige, hvordan det gik.",
    ]
    assert all(r["estimate"] is None for group in page["designs"]["figure"]["groups"] for r in group["rows"])


def test_a_hidden_step_is_not_worked_out_from_the_others(catalogue: Catalogue, tmp_path: Path) -> None:
    chosen = catalogue.interventions[0]
    small = only(catalogue, chosen.id)
    # Seven persons lack something: two a baseline, five a follow-up. Both rows are hidden.
    published.write(tmp_path, small, {chosen.id: Plan(67, 60, better=20, worse=8)})
    (page,) = content(tmp_path, published.manifest(catalogue), small)["pages"]
    waterfall = panel(page, "waterfall")
    assert waterfall
    steps = {row["label"]: row["text"] for row in waterfall["figure"]["rows"]}
    assert steps["Målt før"] == "skjult"
    assert steps["Målt før og efter"] == "60"


def test_a_design_that_cannot_be_worked_out_is_a_row_with_its_reason(
    page_model: dict[str, Any], catalogue: Catalogue
) -> None:
    for place in (0, 1, 6):
        groups = page_of(page_model, catalogue, place)["designs"]["figure"]["groups"]
        rows = {row["label"]: row for group in groups for row in group["rows"]}
        missing = rows["Mod borgere med anden støtte" if place == 0 else "Mod borgere, der venter"]
        assert missing["text"] == "ikke opgjort: for få borgere at sammenligne"
    (zero,) = (g for g in groups if g["title"].startswith("Med sammenligning"))
    assert all(row["estimate"] is None for row in zero["rows"])


def test_designs_state_what_they_say_and_stand_in_points_and_sd(
    page_model: dict[str, Any], catalogue: Catalogue
) -> None:
    designs = page_of(page_model, catalogue, 0)["designs"]
    compared = designs["figure"]["groups"][1]
    sd = catalogue.instrument("SDQ").norm("parent").sd  # type: ignore[union-attr]
    row, pooled = (r for r in compared["rows"] if r["estimate"] is not None)
    assert row["estimate"] == pytest.approx(0.5 * sd)  # type: ignore[operator]
    assert (row["sd_text"], row["colour"], pooled["mark"]) == ("+0,50 SD", "progress", "diamond")
    assert compared["delta"] == pytest.approx(0.3 * sd)  # type: ignore[operator]
    assert any("Forskellen mellem to grupper." in text for text in designs["estimands"]["items"])


def test_the_balance_is_drawn_only_where_it_was_worked_out(
    page_model: dict[str, Any], catalogue: Catalogue
) -> None:
    balance = panel(page_of(page_model, catalogue, 2), "balance")
    assert balance
    assert balance["figure"]["rows"] == [
        {"label": "Alder", "before": 0.4, "after": 0.05, "is_held_out": False},
        {"label": "Kriser før", "before": 0.4, "after": 0.05, "is_held_out": True},
    ]
    assert panel(page_of(page_model, catalogue, 6), "balance") is None


def test_few_providers_are_a_reservation(catalogue: Catalogue, year: Path, tmp_path: Path) -> None:
    shutil.copytree(year, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "intervention_effect.parquet"
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        if row["design"] == "D3" and row["diagnostics"]:
            row["diagnostics"] = row["diagnostics"].replace(
                '"providers": null', '"providers": "one_provider"'
            )
    pq.write_table(pa.Table.from_pylist(rows, pq.read_schema(path)), path)
    page = page_of(content(tmp_path, published.manifest(catalogue), catalogue), catalogue, 0)
    mark = "Kun én leverandør: Indsats og leverandør kan ikke skilles."
    assert page["facts"][1]["figure"] == "En sammenligning med forbehold"
    assert page["facts"][1]["detail"] == f"{mark} Evidensniveau 3 af 5."
    assert mark in page["trust"]["items"]


def test_a_failed_negative_control_takes_the_word_effect_away(
    catalogue: Catalogue, year: Path, tmp_path: Path
) -> None:
    shutil.copytree(year, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "intervention_effect.parquet"
    rows = pq.read_table(path).to_pylist()
    (model_row,) = (
        r
        for r in rows
        if r["intervention_id"] == catalogue.interventions[0].id
        and r["statistic"] == "mean_difference"
        and r["estimate"] is not None
    )
    said = {"statistic": "negative_control", "specification": "earlier_score"}
    rows.append(model_row | said | {"diagnostics": '{"result": "failed"}'})
    pq.write_table(pa.Table.from_pylist(rows, pq.read_schema(path)), path)
    page = page_of(content(tmp_path, published.manifest(catalogue), catalogue), catalogue, 0)
    assert page["title"].endswith("Sammenligningen holder ikke, så årsagen er ukendt.")
    assert page["facts"][0]["label"] == "Udvikling"
    assert "Ikke bestået: et mål, der ikke burde flytte sig, flyttede sig." in page["trust"]["items"]


def test_a_failed_check_is_named_in_words(page_model: dict[str, Any], catalogue: Catalogue) -> None:
    items = page_of(page_model, catalogue, 2)["trust"]["items"]
    assert "Ikke bestået: grupperne er mere forskellige, end tilfældet kan forklare." in items
    assert not any(t.startswith("Ikke bestået") for t in page_of(page_model, catalogue, 0)["trust"]["items"])


def test_parts_stand_by_their_own_order_or_name_and_small_ones_say_so(
    page_model: dict[str, Any], catalogue: Catalogue
) -> None:
    page = page_of(page_model, catalogue, 0)
    rows = {kind: panel(page, kind)["figure"]["rows"] for kind in ("hours", "provider", "years")}  # type: ignore[index]
    labels = {kind: [row["label"] for row in found] for kind, found in rows.items()}
    assert labels["hours"] == ["Færrest timer", "Midterste tredjedel", "Flest timer"]
    assert labels["provider"] == ["Birk", "Søbo", "Ågården"]
    assert rows["provider"][0]["text"] == rows["hours"][1]["text"] == "for få til at vise"
    assert page["not_shown"].startswith("Ikke delt op efter målgruppe:")
    assert any("større behov" in note for note in panel(page, "hours")["notes"])  # type: ignore[index]


def test_the_course_shows_periods_with_scores_only(page_model: dict[str, Any], catalogue: Catalogue) -> None:
    found = panel(page_of(page_model, catalogue, 0), "course")
    assert found
    assert [p["month"] for p in found["figure"]["periods"]] == [-3, 0, 3, 6]
    assert "almindelig variation" in found["figure"]["ordinary_label"]
    few = panel(page_of(page_model, catalogue, 12), "course")
    assert few
    assert few["figure"] is None
    assert "20 i mindst to perioder" in few["notes"][0]


def test_every_figure_has_an_alternative_text_and_a_table(page_model: dict[str, Any]) -> None:
    for one in figures(page_model):
        assert len(one["alt"]) > 30, one["id"]
        assert one["alt"] not in one["notes"]
        assert one["table"]["groups"][0]["rows"], one["id"]


def test_no_word_of_a_figure_is_outside_it_or_on_another(page_model: dict[str, Any]) -> None:
    for one in figures(page_model):
        canvas = drawn(one, palette())
        texts = sorted(canvas.texts, key=lambda text: (text[2], text[0]))
        for left, right, _, text in texts:
            assert left >= -0.5 and right <= canvas.width + 0.5, (one["id"], text)
        for place, (left, right, y, text) in enumerate(texts):
            for other_left, other_right, other_y, other in texts[place + 1 :]:
                apart = other_left >= right or left >= other_right or other_y - y >= 7
                assert apart, (one["id"], text, other)


def test_each_intervention_is_one_sheet_of_two_sides(
    built_pages: tuple[Path, ...], page_model: dict[str, Any]
) -> None:
    # The contents are the first sheet, and each intervention begins on the front of its own.
    pdf = PdfReader(built_pages[1])
    assert len(pdf.pages) == SIDES * (1 + len(page_model["pages"]))
    rows = [row for group in page_model["front"]["table"]["groups"] for row in group["rows"]]
    contents = squeezed("".join(page.extract_text() for page in pdf.pages[:SIDES]))
    for place in SAMPLE:
        page, number = page_model["pages"][place], rows[place][-1]["value"]
        assert number == FIRST_PAGE + SIDES * place
        front, back = (pdf.pages[number - 1 + side].extract_text() for side in (0, 1))
        assert squeezed(front).startswith(squeezed(page["eyebrow"]))
        assert squeezed(back).startswith(squeezed(page["behind"]))
        assert squeezed(f"{page['name']}{rows[place][1]['text']}{rows[place][2]['text']}{number}") in contents


def test_text_is_at_least_eight_points_and_figures_seven(built_pages: tuple[Path, ...]) -> None:
    pdf = PdfReader(built_pages[1])
    for place in SAMPLE:
        front = FIRST_PAGE - 1 + SIDES * place
        for page in pdf.pages[front : front + SIDES]:
            sizes = letter_sizes([page])
            assert min(size for size, count in sizes.items() if count) >= 7
            # What is under 8 points is the figures' words and the page's foot, never most of the text.
            small = sum(count for size, count in sizes.items() if size < 7.9)
            assert small <= 0.5 * sum(sizes.values())
            assert max(sizes, key=lambda size: sizes[size]) >= 8


def test_html_and_pdf_say_the_same(built_pages: tuple[Path, ...], page_model: dict[str, Any]) -> None:
    html = built_pages[0].read_text(encoding="utf-8")
    for place in SAMPLE:
        page = page_model["pages"][place]
        front = FIRST_PAGE - 1 + SIDES * place
        sheet = PdfReader(built_pages[1]).pages[front : front + SIDES]
        pdf = squeezed("".join(side.extract_text() for side in sheet))
        wanted = [page["title"], page["purpose"], *page["paragraph"], *page["trust"]["items"], *page["foot"]]
        wanted += [one["title"] for one in page["panels"]]
        assert [text for text in wanted if squeezed(text) not in pdf] == []
        assert [text for text in wanted if text.replace("'", "&#39;") not in html] == []


def test_the_pdf_is_tagged_titled_and_in_danish(built_pages: tuple[Path, ...]) -> None:
    pdf = PdfReader(built_pages[1])
    root: Any = pdf.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("da", True)
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Indsatser 2025 – Fredericia Kommune"
    assert "pdfuaid" in root["/Metadata"].get_data().decode("utf-8")


def test_the_html_has_one_first_heading_unique_ids_and_nothing_from_elsewhere(
    built_pages: tuple[Path, ...],
) -> None:
    html = built_pages[0].read_text(encoding="utf-8")
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for name in ("src", "href", "aria-labelledby"):
            target = attributes.get(name)
            assert target is None or target.removeprefix("#") in ids, attributes
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert not page.all("script", "link", "iframe", "img")
    assert all(attributes["aria-label"] for attributes in page.all("div") if attributes.get("role") == "img")


def test_the_same_input_gives_the_same_bytes(
    catalogue: Catalogue, year: Path, built_pages: tuple[Path, ...], tmp_path: Path
) -> None:
    again = build_pages(year, published.manifest(catalogue), catalogue, tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built_pages]


def test_no_people_at_all_still_makes_a_file(catalogue: Catalogue, tmp_path: Path) -> None:
    folder = published.write(tmp_path / "marts", catalogue, {})
    built = build_pages(folder, published.manifest(catalogue), catalogue, tmp_path)
    assert len(PdfReader(built[1]).pages) == 1
    assert "Ingen indsatser har haft borgere i perioden." in built[0].read_text(encoding="utf-8")
