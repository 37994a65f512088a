"""The measurement plan and the data quality report: what is missing, what was found, and who does what."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pipelines.catalogue import Catalogue
from pipelines.extracts.convert import Reason
from pipelines.reports import (
    build_data_quality,
    build_measurement_plan,
    data_quality,
    measurement_plan,
    strategy_details,
)
from pipelines.reports.measurement_plan import EFFORTS
from pipelines.reports.texts import TEMPLATES
from tests.reports import followed, published
from tests.reports.published import texts_in
from tests.reports.test_content import MAXIMUM_WORDS, blocks, rows, sentences
from tests.reports.test_render import Page

TYPES = ("text", "heading", "list")


@pytest.fixture(scope="module")
def folder(year: Path, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("followed") / "published"
    return followed.write(year, target, catalogue, followed.figures())


@pytest.fixture(scope="module")
def manifest(catalogue: Catalogue) -> dict[str, Any]:
    found = published.manifest(catalogue)
    found["files"][1]["feeds"][0]["rejected_for"] = [
        {"field_id": "started_date", "reason": "not_a_date", "row_count": 30},
        {"field_id": None, "reason": "duplicate", "row_count": 1},
    ]
    return found


@pytest.fixture(scope="module")
def plan(folder: Path, manifest: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    return measurement_plan.content(folder, manifest, catalogue)


@pytest.fixture(scope="module")
def quality(folder: Path, manifest: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    return data_quality.content(folder, manifest, catalogue)


@pytest.fixture(scope="module")
def built(
    folder: Path, manifest: dict[str, Any], catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ...]:
    made = (folder, manifest, catalogue, tmp_path_factory.mktemp("products"))
    return (*build_measurement_plan(*made), *build_data_quality(*made))


def test_every_item_with_something_missing_is_listed_with_what_closes_it(
    plan: dict[str, Any], catalogue: Catalogue
) -> None:
    measured = set(followed.figures())
    missing = [
        (goal.name_da, indicator_id)
        for goal in catalogue.goals.values()
        for indicator_id in goal.indicators
        if indicator_id not in measured
    ]
    found = [row for code in ("a", "b") for row in rows(plan, f"tabel-mangler-{code}")]
    names = {indicator.id: indicator.name_da for indicator in catalogue.indicators}
    assert sorted((row[0]["text"], row[1]["text"]) for row in found) == sorted(
        (item, names[indicator_id]) for item, indicator_id in missing
    )
    assert all(cell["text"].strip() for row in found for cell in row)
    anchors = [row[0]["anchor"] for row in found if "anchor" in row[0]]
    assert len(anchors) == len(set(anchors)) == len({item for item, _ in missing})


def test_what_closes_most_items_comes_first_and_the_easier_before_the_harder(
    plan: dict[str, Any], catalogue: Catalogue
) -> None:
    found = rows(plan, "tabel-lukker")
    counts = [row[1]["value"] for row in found]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 1
    assert plan["front"]["sentences"][0].startswith(found[0][0]["text"])
    words = {catalogue.label(f"effort:{effort}") for effort in EFFORTS}
    assert {row[2]["text"] for row in found} <= words


def test_the_headline_counts_the_items_without_any_figure(
    plan: dict[str, Any], folder: Path, manifest: dict[str, Any], catalogue: Catalogue
) -> None:
    measured = {
        name
        for name, found in followed.figures().items()
        if any(row.get("value") is not None for row in found)
    }
    without = [g for g in catalogue.goals.values() if not measured & set(g.indicators)]
    assert plan["front"]["headline"] == f"{len(without)} af 76 punkter i strategierne har ingen tal"
    # The strategies count those with figures, by the same definition.
    strategies = strategy_details.content(folder, manifest, catalogue)["front"]["sentences"]
    counted = [re.search(r": (\w+) af strategiens", text) for text in strategies]
    words = ["nul", "ét", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni", "ti", "elleve", "tolv"]
    numbers = [match[1].lower() for match in counted if match]
    assert sum(words.index(n) if n in words else int(n) for n in numbers) == 76 - len(without)


def test_an_item_whose_only_figure_cannot_be_shown_has_no_figure(
    plan: dict[str, Any], catalogue: Catalogue
) -> None:
    found = [row for code in ("a", "b") for row in rows(plan, f"tabel-mangler-{code}")]
    parts = {row[0]["text"]: row[0]["sub"] for row in found}
    shown = {name for name, of in followed.figures().items() if any("value" in row for row in of)}
    for goal in catalogue.goals.values():
        if goal.name_da in parts:
            assert (parts[goal.name_da] == "har ingen tal") == (not shown & set(goal.indicators))


def test_a_run_that_measures_nothing_lists_everything(
    year: Path, manifest: dict[str, Any], catalogue: Catalogue
) -> None:
    plan = measurement_plan.content(year, manifest, catalogue)
    assert plan["front"]["headline"].startswith("76 af 76 punkter")
    found = [row for code in ("a", "b") for row in rows(plan, f"tabel-mangler-{code}")]
    assert len(found) == sum(len(goal.indicators) for goal in catalogue.goals.values())


def test_an_item_without_indicators_says_what_it_needs(
    year: Path, manifest: dict[str, Any], catalogue: Catalogue
) -> None:
    first, *others = catalogue.strategies
    bare = first.goals[0].model_copy(update={"indicators": (), "needs_da": "Det kræver et spørgsmål."})
    strategies = (first.model_copy(update={"goals": (bare, *first.goals[1:])}), *others)
    plan = measurement_plan.content(year, manifest, catalogue.model_copy(update={"strategies": strategies}))
    row = rows(plan, "tabel-mangler-a")[0]
    assert (row[0]["text"], row[2]["text"]) == (bare.name_da, "Det kræver et spørgsmål.")


def test_what_is_measured_and_has_no_figure_gives_its_reason(plan: dict[str, Any]) -> None:
    reasons = {row[1]["text"]: row[3]["text"] for row in rows(plan, "tabel-uden-tal")}
    assert "for få har svaret" in reasons.values()
    assert "skjult" in reasons.values()


def test_rejected_rows_have_their_reason_and_who_does_what(quality: dict[str, Any]) -> None:
    table = next(b for b in blocks(quality, "table") if b["id"] == "tabel-afvist")
    (group,) = table["groups"]
    assert group["title"] == "indsatser.csv: Indsatsforløb"
    date, repeated = group["rows"]
    assert [cell["text"] for cell in date[1:3]] == ["30", "Værdien er ikke en dato."]
    assert repeated[0]["text"] == "hele rækken"
    assert all(row[3]["text"].endswith(".") for row in group["rows"])


def test_every_reason_and_every_kind_of_check_has_words() -> None:
    told = tomllib.loads((TEMPLATES / "data_quality_da.toml").read_text(encoding="utf-8"))
    assert {reason.name.lower() for reason in Reason if reason} == set(told["rejected"]) - {"other"}
    rules = "".join(
        path.read_text(encoding="utf-8") for path in Path("pipelines/expectations").glob("*_rules.py")
    )
    kinds = set(re.findall(r'\.rule\(\s*"(\w+)"', rules))
    assert len(kinds) > 10
    assert kinds <= set(told["check"]), kinds - set(told["check"])


def test_files_and_failed_checks_stand_with_what_they_mean(quality: dict[str, Any]) -> None:
    assert [cell["text"] for cell in rows(quality, "tabel-filer")[1]][2:] == [
        "6.043", "6.000", "31", "12", "0"
    ]  # fmt: skip
    found = rows(quality, "tabel-kontroller")
    assert [row[0]["text"] for row in found] == [
        "14 borgere mangler fødselsdato.",
        "De nyeste forløb er ældre end 180 dage.",
    ]
    assert [row[2]["text"] for row in found] == ["14 af 2.500", "hele udtrækket"]
    assert found[1][4]["text"] == "Analytikeren leverer et nyt udtræk."


def test_a_reason_hidden_in_every_row_is_named_once(quality: dict[str, Any]) -> None:
    table = next(block for block in blocks(quality, "table") if block["id"] == "tabel-bortfald")
    labels = [column["label"] for column in table["columns"]]
    for place, label in enumerate(labels[2:], start=2):
        assert any("value" in row[place] for row in rows(quality, "tabel-bortfald")), label
    assert labels[:2] == ["Indsats", "Borgere"]


def test_coverage_and_answer_rates_say_what_they_mean(quality: dict[str, Any]) -> None:
    means = {row[3]["text"].split(".")[0] for row in rows(quality, "tabel-daekning")}
    assert {"Nok er målt", "For få er målt, så resultatet kan ikke bruges"} <= means
    answers = rows(quality, "tabel-svarprocenter")
    assert [row[3]["text"].replace("\xa0", " ") for row in answers] == ["53 %", "26 %"]
    assert answers[1][4]["text"].startswith("For få har svaret")


def test_every_parameter_of_the_run_is_printed(quality: dict[str, Any], catalogue: Catalogue) -> None:
    printed = {row[0]["text"]: row[1]["text"].replace("\xa0", " ") for row in rows(quality, "tabel-valg")}
    assert set(printed) == {parameter.label_da for parameter in catalogue.parameters}
    assert printed["Usikkerhedsintervallernes dækning"] == "95 %"
    assert printed["Største andel afviste rækker i en fil, før kørslen stopper"] == "5 %"
    assert printed["Grænse for pålidelig ændring (95 pct.)"] == "1,96 standardafvigelser"
    labels = {parameter.id: parameter.label_da for parameter in catalogue.parameters}
    told = {name: printed[labels[name]] for name in ("price_year", "band_seed", "reliable_change_method")}
    assert told == {
        "price_year": "2025",
        "band_seed": "20210601",
        "reliable_change_method": "Jacobson og Truax",
    }
    assert printed[labels["minimum_effect_evidence"]] == "3"
    assert printed[labels["sensitivity_mbar"]] == "1 gang"


def test_a_followup_before_the_end_of_the_year_is_called_preliminary(
    folder: Path, manifest: dict[str, Any], catalogue: Catalogue
) -> None:
    early = manifest | {"is_preliminary": True}
    for product in (measurement_plan, data_quality):
        facts = product.content(folder, early, catalogue)["front"]["facts"]
        assert facts[0] == "Foreløbige tal: Året er ikke slut"


def test_sentences_are_short_and_no_cell_is_empty(plan: dict[str, Any], quality: dict[str, Any]) -> None:
    for model in (plan, quality):
        told = [b for section in model["sections"] for b in section["blocks"] if b["kind"] in TYPES]
        parts = [part for text in texts_in([told, model["front"]]) for part in sentences(text)]
        assert [part for part in parts if len(part.split()) > MAXIMUM_WORDS] == []
        cells = [c for b in blocks(model, "table") for g in b["groups"] for row in g["rows"] for c in row]
        assert all(cell["text"].strip() for cell in cells)


def test_the_products_are_named_by_the_year_and_well_made(built: tuple[Path, ...]) -> None:
    assert [path.name for path in built] == [
        "maaleplan_2025.html", "maaleplan_2025.pdf", "datakvalitet_2025.html", "datakvalitet_2025.pdf"
    ]  # fmt: skip
    for path in built[::2]:
        html = path.read_text(encoding="utf-8")
        page = Page(html)
        ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
        assert len(ids) == len(set(ids))
        assert len(page.all("caption")) == len(page.all("table")) > 2
        assert not page.all("script", "link", "iframe", "img")
        assert [tag for tag, _ in page.tags].count("h1") == 1
    for path in built[1::2]:
        root: Any = PdfReader(path).trailer["/Root"]
        assert "pdfuaid" in root["/Metadata"].get_data().decode("utf-8")


@pytest.mark.parametrize("place", [0, 2])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_needs_sideways_scrolling(
    browser: Any, built: tuple[Path, ...], place: int, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(built[place].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
