"""The two strategies whole: a line per item, every indicator with its change, targets, and the neighbours."""

from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pipelines.catalogue import Catalogue
from pipelines.reports import build_report, build_strategies, strategy_details
from pipelines.reports.content import content
from tests.reports import followed, published
from tests.reports.published import Row, texts_in
from tests.reports.test_content import MAXIMUM_WORDS, blocks, rows, sentences
from tests.reports.test_render import Page, squeezed

STRATEGIES = ("a", "b")


@pytest.fixture(scope="module")
def folder(year: Path, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("followed") / "published"
    return followed.write(year, target, catalogue, followed.figures())


@pytest.fixture(scope="module")
def model(folder: Path, catalogue: Catalogue) -> dict[str, Any]:
    return content(folder, published.manifest(catalogue), catalogue)


@pytest.fixture(scope="module")
def full(folder: Path, catalogue: Catalogue) -> dict[str, Any]:
    return strategy_details.content(folder, published.manifest(catalogue), catalogue)


@pytest.fixture(scope="module")
def built(folder: Path, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    made = (folder, published.manifest(catalogue), catalogue, tmp_path_factory.mktemp("report"))
    return (*build_report(*made)[:2], *build_strategies(*made))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def item(model: dict[str, Any], name: str) -> list[str]:
    """Return an item's line of the overview as plain texts."""
    found = [row for code in STRATEGIES for row in rows(model, f"tabel-punkter-{code}")]
    row = next(row for row in found if row[0]["text"] == name)
    return [plain(cell["text"]) for cell in row]


def details(model: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Return every indicator's lines by item, each line by its column's label."""
    found: dict[str, list[dict[str, str]]] = {}
    for block in blocks(model, "table"):
        if not block["id"].startswith("tabel-indikatorer-"):
            continue
        labels = [column["label"] for column in block["columns"]]
        for group in block["groups"]:
            for row in group["rows"]:
                told = [plain(" / ".join(c[k] for k in ("text", "sub") if k in c)) for c in row]
                item_name = group["title"].split(" (ansvar")[0]
                found.setdefault(item_name, []).append(dict(zip(labels, told, strict=True)))
    return found


def line(model: dict[str, Any], item_name: str, start: str) -> dict[str, str]:
    return next(row for row in details(model)[item_name] if row["Indikator"].startswith(start))


def test_every_item_of_both_strategies_has_one_line(model: dict[str, Any], catalogue: Catalogue) -> None:
    names = [row[0]["text"] for code in STRATEGIES for row in rows(model, f"tabel-punkter-{code}")]
    assert sorted(names) == sorted(goal.name_da for goal in catalogue.goals.values())
    assert len(names) == 76


def test_a_line_has_the_chief_figure_with_its_interval_and_its_status(model: dict[str, Any]) -> None:
    assert item(model, "Trivsel og livskvalitet")[1:] == [
        "Bedring i trivsel (WHO-5)",
        "10,4 point (9,8 til 11,0)",
        "1 af 8",
        "Kræver opmærksomhed",
    ]
    assert item(model, "Rette støtte på rette tidspunkt")[2:] == [
        "75,0 % (70,0 til 80,0)",
        "2 af 10",
        "På sporet",
    ]


def test_what_nothing_measures_says_so_and_leads_to_the_measurement_plan(model: dict[str, Any]) -> None:
    found = rows(model, "tabel-punkter-b")
    row = next(row for row in found if row[0]["text"] == "Tema 10: Mere frivillighed")
    assert (row[2]["text"], row[4]["text"]) == ("ikke målt", "Måles ikke endnu")
    assert row[4]["link"] == "maaleplan_2025.html#punkt-b-t10"
    assert not any("value" in cell for cell in row[:3])


def test_every_item_stands_in_full_also_what_nothing_measures(
    full: dict[str, Any], catalogue: Catalogue
) -> None:
    found = details(full)
    assert set(found) == {goal.name_da for goal in catalogue.goals.values()}
    (bare,) = found["Tema 10: Mere frivillighed"]
    assert (bare["Nyeste tal"], bare["Status"]) == ("ikke målt", "Måles ikke endnu")


def test_an_older_figure_has_its_year(model: dict[str, Any]) -> None:
    shown = [row for code in STRATEGIES for row in rows(model, f"tabel-punkter-{code}")]
    assert any(plain(row[2]["text"]) == "41 personer (29 til 56) i 2019" for row in shown)


def test_a_target_whose_time_is_out_stands_by_the_figure_it_was_judged_on(model: dict[str, Any]) -> None:
    assert item(model, "150 ambassadører i 2020")[2] == "152 ambassadører ved fristen (mål 150)"
    assert item(model, "20 % af ambassadørerne er borgere")[2] == "15,8 % ved fristen (mål 20 %)"
    shown = rows(model, "tabel-punkter-b")
    row = next(row for row in shown if row[0]["text"] == "150 ambassadører i 2020")
    assert plain(row[2]["sub"]) == "nyeste: 176 ambassadører"


def test_what_is_counted_in_full_is_never_uncertain(year: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    told = {"status": "attention", "trend": "uncertain", "previous_year": 2024}
    figures = {
        "network_count": [followed.counted(2025, 8.0, previous_change=0.0, **told)],
        "dialogue_count": [followed.counted(2025, 41.0, previous_change=1.0, **told)],
    }
    folder = followed.write(year, tmp_path / "published", catalogue, figures)
    found = details(strategy_details.content(folder, published.manifest(catalogue), catalogue))
    said = {
        row["Status"] for rows_of in found.values() for row in rows_of if row["Nyeste tal"] != "ikke målt"
    }
    assert said == {
        "Kræver opmærksomhed / siden 2024: uændret",
        "Kræver opmærksomhed / siden 2024: næsten uændret",
    }


def test_a_sum_over_years_is_no_line_through_yearly_dots(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    names = ("activities_30", "ambassadors")
    figures = {name: [followed.counted(y, 12.0) for y in (2023, 2024, 2025)] for name in names}
    folder = followed.write(year, tmp_path / "published", catalogue, figures)
    model = strategy_details.content(folder, published.manifest(catalogue), catalogue)
    panels = [panel for block in blocks(model, "panels") for panel in block["items"]]
    targets = {panel["id"]: panel["figure"]["target"] for panel in panels}
    assert targets["figur-b-activities-30"] is None
    assert targets["figur-b-ambassadors"] == 150.0


def test_a_change_is_told_with_its_interval_and_what_it_means(full: dict[str, Any]) -> None:
    wellbeing = line(full, "Trivsel og livskvalitet", "Bedring i trivsel")
    assert wellbeing["Udgangspunkt"] == "8,4 point i 2023"
    assert wellbeing["Ændring"] == "+2,0 point (−1,7 til 5,7) / kan være tilfældigt"
    deadline = line(full, "Rette støtte på rette tidspunkt", "Andel, der fik svar")
    assert deadline["Ændring"] == "+15,0 procentpoint (7,0 til 23,0) / til det bedre"
    assert deadline["Status"] == "På sporet / siden 2024: stiger"


def test_falling_hours_never_stand_without_their_company(
    model: dict[str, Any], full: dict[str, Any], catalogue: Catalogue
) -> None:
    beside = catalogue.indicator(followed.FUNCTIONING).name_da
    hours = catalogue.indicator(followed.HOURS).name_da
    for found in details(full).values():
        names = [row["Indikator"].split(" / ")[0] for row in found]
        if hours in names:
            place = names.index(hours)
            assert beside in names[max(place - 1, 0) : place + 2]
    assert not any(hours == item(model, goal.name_da)[1] for goal in catalogue.goals.values())
    panels = [panel["title"] for block in blocks(full, "panels") for panel in block["items"]]
    assert panels[panels.index(hours) - 1] == beside


@pytest.mark.parametrize("gone", [None, "is_suppressed"])
def test_hours_without_their_company_are_not_shown(
    year: Path, catalogue: Catalogue, tmp_path: Path, gone: str | None
) -> None:
    figures = followed.figures()
    hidden: Row = {"year": 2025, "law": "mean", "is_suppressed": True}
    company = figures.pop(followed.FUNCTIONING)
    figures |= {followed.FUNCTIONING: [hidden for _ in company]} if gone else {}
    folder = followed.write(year, tmp_path / "published", catalogue, figures)
    model = strategy_details.content(folder, published.manifest(catalogue), catalogue)
    hours = catalogue.indicator(followed.HOURS).name_da
    shown = [row["Indikator"] for found in details(model).values() for row in found]
    assert not any(name.startswith(hours) for name in shown)
    assert not any(panel["title"] == hours for block in blocks(model, "panels") for panel in block["items"])


def test_targets_whose_time_is_out_read_reached_not_reached_or_cannot_be_told(
    model: dict[str, Any], full: dict[str, Any]
) -> None:
    assert item(model, "150 ambassadører i 2020")[4] == "Nået"
    assert item(model, "20 % af ambassadørerne er borgere")[4] == "Ikke nået"
    assert item(model, "30 aktiviteter i 2019-2020")[4] == "Kan ikke opgøres"
    ambassadors = line(full, "150 ambassadører i 2020", "Aktive ambassadører")
    assert ambassadors["Nyeste tal"].startswith("176 ambassadører")
    assert (
        ambassadors["Måltal"]
        == "mindst 150 ambassadører senest 31. dec. 2020 / Ved fristen: 152 ambassadører"
    )
    citizens = line(full, "20 % af ambassadørerne er borgere", "Andel af ambassadørerne")
    assert citizens["Måltal"] == "mindst 20 % senest 31. dec. 2020 / Ved fristen: 15,8 %"
    activities = line(full, "30 aktiviteter i 2019-2020", "Igangsatte")
    assert activities["Måltal"].endswith("Ved fristen: kan ikke opgøres")


def test_a_target_for_every_year_says_so(folder: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    meetings = {"amb_meetings": [followed.counted(2025, 2.0, status="reached", target_value=2.0)]}
    other = followed.write(folder, tmp_path / "published", catalogue, followed.figures() | meetings)
    model = strategy_details.content(other, published.manifest(catalogue), catalogue)
    told = line(model, "Halvårlige ambassadørmøder", "Ambassadørmøder")
    assert (told["Måltal"], told["Status"]) == ("mindst 2 møder hvert år", "Nået")


def test_a_survey_has_its_answer_rate_beside_it(full: dict[str, Any]) -> None:
    asked = line(full, "Overblik og sammenhæng", "Andel, der har overblik")
    assert asked["Nyeste tal"].startswith(
        "57,5 % (52,5 til 62,5) / 2025, 400 borgere; 53 % svarede (424 af 800)"
    )
    assert asked["Ændring"].endswith("til det værre")


def test_under_the_floor_the_reason_stands_instead_of_a_figure(full: dict[str, Any]) -> None:
    under = line(full, "Overblik og sammenhæng", "Andel, der oplever sammenhæng")
    assert under["Nyeste tal"].startswith("for få har svaret")
    assert under["Ændring"] == "ingen ændring endnu"


def test_a_hidden_figure_shows_only_that_it_is_hidden(full: dict[str, Any]) -> None:
    hidden = line(full, "Rette støtte på rette tidspunkt", "Andel anbringelser afgjort")
    assert hidden["Nyeste tal"] == "skjult / 2025"
    assert (hidden["Udgangspunkt"], hidden["Ændring"], hidden["Status"]) == ("skjult", "skjult", "Skjult")


def test_a_change_from_a_hidden_baseline_is_hidden(year: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    shown = followed.share(2025, 60, 200, status=None, trend=None, baseline_year=2023)
    rows_of = [{"year": 2023, "law": "share", "is_suppressed": True}]
    rows_of.append(shown | {"reason_no_change": "baseline_suppressed"})
    folder = followed.write(year, tmp_path / "published", catalogue, {followed.SHARE: rows_of})
    model = strategy_details.content(folder, published.manifest(catalogue), catalogue)
    told = line(model, "Rette støtte på rette tidspunkt", "Andel, der fik svar")
    assert told["Nyeste tal"].startswith("30,0 %")
    assert (told["Udgangspunkt"], told["Ændring"], told["Status"]) == ("skjult", "skjult", "Skjult")


def test_an_indicator_of_several_items_is_told_in_full_once(full: dict[str, Any]) -> None:
    told = [row["Ændring"] for found in details(full).values() for row in found]
    assert "se ovenfor" in told
    for code in STRATEGIES:
        names = [
            row[0]["text"]
            for block in blocks(full, "table")
            if block["id"].startswith(f"tabel-indikatorer-{code}")
            for group in block["groups"]
            for row in group["rows"]
            if not any(c["text"] in ("se ovenfor", "ikke målt") or "senest" in c["text"] for c in row)
        ]
        assert len(names) == len(set(names))


def test_a_worse_figure_behind_the_chief_one_is_named(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    figures = followed.figures() | {"wait_days": [followed.mean(2025, 70.0, status="off_track")]}
    folder = followed.write(year, tmp_path / "published", catalogue, figures)
    model = content(folder, published.manifest(catalogue), catalogue)
    found = rows(model, "tabel-punkter-a")
    row = next(row for row in found if row[0]["text"] == "Rette støtte på rette tidspunkt")
    assert (row[4]["text"], row[4]["sub"]) == ("På sporet", "et andet tal: ikke på sporet")


def test_only_three_years_or_more_are_drawn_with_the_numbers_beside(full: dict[str, Any]) -> None:
    panels = {panel["title"]: panel for block in blocks(full, "panels") for panel in block["items"]}
    assert "Bedring i trivsel (WHO-5)" in panels
    assert "Borgere i hjemløshed (VIVE, uge 6)" not in panels
    wellbeing = panels["Bedring i trivsel (WHO-5)"]
    assert plain(wellbeing["alt"]) == (
        "Bedring i trivsel (WHO-5). 8,4 point i 2023, 10,4 point (9,8 til 11,0) i 2025."
        " Ændringen siden udgangspunktet: kan være tilfældigt."
    )
    numbers = next(row for row in rows(full, "tabel-over-aar-a") if row[0]["text"] == wellbeing["title"])
    assert [plain(cell["text"]) for cell in numbers[-3:]] == ["8,4 point", "9,5 point", "10,4 point"]


def test_the_homeless_may_be_chance_and_the_neighbours_stand_beside(full: dict[str, Any]) -> None:
    said = [plain(text) for text in texts_in(full)]
    assert "Fredericia: fra 57 i 2017 til 41 i 2019. Ændringen på −28 % kan være tilfældig." in said
    assert "Tallene for Fredericia i 2022 er ikke fundet." in said
    assert any(text.startswith("Nabokommunerne tilsammen: fra 743 til 794 i samme tid.") for text in said)
    assert any(text.startswith("Naboerne svinger 3,2 gange så meget") for text in said)
    found = rows(full, "tabel-naboer-homeless-persons")
    assert [row[0]["text"] for row in found] == [
        "Fredericia",
        "Nabokommunerne tilsammen",
        "Vejen",
        "Hele landet",
    ]
    assert [row[4]["text"] for row in found] == [
        "kan være tilfældigt", "kan være tilfældigt", "faldet", "kan være tilfældigt"
    ]  # fmt: skip


def test_the_front_page_is_as_long_and_tells_of_the_goals_once(model: dict[str, Any]) -> None:
    front = model["front"]
    assert len(front["sentences"]) <= 6
    assert sum("Målet »" in text for text in front["sentences"]) <= 1
    assert front["goals"]["title"] == "Strategierne: 3 af 76 punkter er på sporet eller nået, 2 er det ikke"
    card = front["goals"]["items"][3]
    assert (plain(card["figure"]), card["is_measured"]) == ("75,0 %", True)
    assert plain(card["details"][1]) == "Usikkerhedsinterval 70,0 til 80,0. Status: på sporet."


def test_a_run_without_yearly_figures_says_so(year: Path, catalogue: Catalogue) -> None:
    manifest = published.manifest(catalogue)
    none = "Ingen af strategiens 31 punkter har tal i denne kørsel."
    assert none in list(texts_in(content(year, manifest, catalogue)))
    full = strategy_details.content(year, manifest, catalogue)
    assert "Der er ingen tal for strategien i denne kørsel." in list(texts_in(full))
    assert not blocks(full, "panels")


def test_sentences_are_short(model: dict[str, Any], full: dict[str, Any]) -> None:
    own = [s for s in model["sections"] if s["id"].startswith("punkter-")] + full["sections"]
    told = [b for section in own for b in section["blocks"] if b["kind"] in ("text", "pointers")]
    long = [
        part
        for text in texts_in(told)
        for part in sentences(text)
        if len(part.split()) > MAXIMUM_WORDS and "Punkterne fordeler sig" not in part
    ]
    assert long == []


def test_an_overview_is_one_page_and_is_all_there(built: tuple[Path, ...], model: dict[str, Any]) -> None:
    pages = [squeezed(page.extract_text()) for page in PdfReader(built[1]).pages]
    for section in (s for s in model["sections"] if s.get("is_sheet")):
        names = [squeezed(row[0]["text"]) for row in rows(model, section["blocks"][-1]["id"])]
        page = next(text for text in pages if text.startswith(squeezed(section["title"])))
        assert [name for name in names if name not in page] == []


def test_status_is_a_word_and_a_shape_and_figures_have_words(
    built: tuple[Path, ...], model: dict[str, Any], full: dict[str, Any]
) -> None:
    cells = [row[4] for code in STRATEGIES for row in rows(model, f"tabel-punkter-{code}")]
    assert all(cell["text"] and cell["verdict"] for cell in cells)
    assert len({cell["verdict"] for cell in cells}) == len({cell["text"] for cell in cells})
    page = Page(built[2].read_text(encoding="utf-8"))
    images = [attributes for _, attributes in page.tags if attributes.get("role") == "img"]
    panels = [panel for block in blocks(full, "panels") for panel in block["items"]]
    assert len(images) == len(page.all("figure")) == len(panels) + len(blocks(full, "figure"))
    assert all(attributes["aria-label"] for attributes in images)


def test_every_line_of_an_overview_leads_to_the_item(model: dict[str, Any], full: dict[str, Any]) -> None:
    anchors = {
        cell["anchor"]
        for block in blocks(full, "table")
        for group in block["groups"]
        for row in group["rows"]
        for cell in row
        if "anchor" in cell
    }
    links = [row[0].get("link") for code in STRATEGIES for row in rows(model, f"tabel-punkter-{code}")]
    assert {link.removeprefix("strategier_2025.html#") for link in links if link} == anchors
    assert len(anchors) > 10


@pytest.mark.parametrize("place", [0, 2])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_strategies_need_no_sideways_scrolling(
    browser: Any, built: tuple[Path, ...], width: int, place: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(built[place].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = "[...document.querySelectorAll('td, th, p, li, svg, h1, h2, h3')]"
    outside += ".filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('thead')).length"
    assert page.evaluate(outside) == 0
    page.close()
