"""The decision page: difference drawn, evidence, money, reasons, memory; plain words where there is none."""

import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.catalogue import Catalogue
from pipelines.reports.content import content
from pipelines.reports.pages import content as pages
from tests.reports import published
from tests.reports.published import Plan, texts_in
from tests.reports.test_content import line_of, of, only, rows
from tests.reports.test_pages import page_of, panel


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("place", "difference", "level", "word"),
    [
        (0, "bedre end at vente", "3 af 5", "Invester"),
        (1, "kan gå begge veje mod anden støtte", "3 af 5", "Justér"),
        (4, "ingen forskel af betydning mod anden støtte", "3 af 5", "Undersøg"),
        (5, "dårligere end anden støtte", "3 af 5", "Undersøg"),
    ],
)
def test_a_comparison_that_holds_is_drawn_and_written(
    model: dict[str, Any], catalogue: Catalogue, place: int, difference: str, level: str, word: str
) -> None:
    row = line_of(model, catalogue, place)
    assert row[2]["sub"] == difference
    drawn = row[2]["interval"]
    assert 0 <= drawn["lower"] < drawn["estimate"] < drawn["upper"] <= 100
    assert drawn["band"][0] + drawn["band"][1] == 100
    assert (plain(row[3]["text"]), row[5]["text"]) == (level, word)


def test_the_interval_is_on_the_side_of_zero_that_its_words_say(
    model: dict[str, Any], catalogue: Catalogue
) -> None:
    better, worse = (line_of(model, catalogue, place)[2]["interval"] for place in (0, 5))
    assert better["lower"] > 50 > worse["upper"]
    assert (better["colour"], worse["colour"]) == ("progress", "decline")
    within = line_of(model, catalogue, 4)[2]["interval"]
    assert within["band"][0] < within["lower"] < within["upper"] < within["band"][1]


@pytest.mark.parametrize(
    ("place", "words"),
    [(2, "sammenligningen holder ikke, kun udvikling"), (6, "ingen sammenligning, kun udvikling")],
)
def test_without_a_comparison_there_are_words_and_no_drawing(
    model: dict[str, Any], catalogue: Catalogue, place: int, words: str
) -> None:
    cell = line_of(model, catalogue, place)[2]
    assert cell["text"] == words
    assert "fra før til efter" in cell["sub"]
    assert "interval" not in cell


def test_robustness_is_said_of_comparisons_only(model: dict[str, Any], catalogue: Catalogue) -> None:
    said = {place: line_of(model, catalogue, place)[3]["sub"] for place in (0, 1, 6)}
    known = "kendt på forhånd: Nesta: 3, Vidensdeklaration: C"
    assert said == {
        0: f"sammenligning · samme svar med andre beregningsmåder · {known}",
        1: "sammenligning · ikke samme svar med andre beregningsmåder",
        6: "udvikling",
    }


def told_why(page_model: dict[str, Any], catalogue: Catalogue, place: int) -> dict[str, str]:
    """Return what stands behind a recommendation on the intervention's own page, by its label."""
    items = page_of(page_model, catalogue, place)["recommendation"]["why"]["items"]
    return dict(plain(item).split(": ", 1) for item in items)


def test_a_recommendation_has_its_reason_numbers_and_what_would_change_it(
    page_model: dict[str, Any], catalogue: Catalogue
) -> None:
    told = told_why(page_model, catalogue, 5)
    assert "99 %" in told["Tal, reglen så på"]
    assert told["Nærmest er"] == "»Justér«: dækning er 72 %; grænsen er 60 %."
    assert "0,3 SD ville blive fundet med 62 % sandsynlighed" in told["Styrke"]
    assert "den mindste forskel, der kan findes, er 0,41 SD" in told["Styrke"].replace("Den", "den")
    assert "Peger nye borgere samme vej næste år, bliver det »Stop (skade)«." in told["Hvad ville ændre den"]
    assert "+0,62 SD ville det være »Invester«" in told["Hvad ville ændre den"]


def test_a_failed_check_is_the_reason_why_the_evidence_is_not_higher(
    page_model: dict[str, Any], catalogue: Catalogue
) -> None:
    said = " ".join(told_why(page_model, catalogue, 2).values())
    assert "fordi grupperne er mere forskellige, end tilfældet kan forklare" in said


def test_the_order_of_the_points_is_the_largest_decision_first(model: dict[str, Any]) -> None:
    starts = [text.split(":")[0].split(" i ")[0] for text in model["front"]["sentences"]]
    # What goes the wrong way stands on the front page too, before what only asks for more measurement.
    rest = "I 35 indsatser ses kun udvikling"
    assert starts == ["Sikkerhedsflag", "Undersøg", "Undersøg", "Invester", "Justér", rest]
    asked = model["front"]["decide"]["items"]
    assert len(asked) == 3
    assert asked[0].startswith("Hvem følger op på de alvorlige hændelser")


def test_effect_and_money_are_both_shown(model: dict[str, Any], catalogue: Catalogue) -> None:
    texts = [plain(text) for text in texts_in(next(s for s in model["sections"] if s["id"] == "penge"))]
    assert any("En god effekt med et negativt nettoresultat er stadig en god effekt" in t for t in texts)
    (row,) = (
        row for row in rows(model, "tabel-penge") if row[0]["text"] == catalogue.interventions[0].name_da
    )
    extra, worth, net = (plain(cell["text"]) for cell in row[1:])
    assert extra == "+12.300 kr. (+8.100 til +16.400)"
    assert "Ved 300.000 kr. pr. standardafvigelse bedre" in worth and "61 %" in worth
    assert "kommunen −9.800 kr. og staten +5.700 kr." in net and "18 %" in net
    assert any("udgiften er ikke oplyst" in text for text in texts)


def test_no_willingness_to_pay_and_no_price_are_said_in_words(
    model: dict[str, Any], catalogue: Catalogue
) -> None:
    (row,) = (
        row for row in rows(model, "tabel-penge") if row[0]["text"] == catalogue.interventions[5].name_da
    )
    assert row[2]["text"].startswith("Ingen har besluttet, hvad effekten må koste.")
    assert "der er ingen pris med kilde" in row[3]["text"]


def test_memory_holds_years_apart_when_the_method_has_changed(
    model: dict[str, Any], catalogue: Catalogue
) -> None:
    told = {row[0]["text"]: row for row in rows(model, "tabel-hukommelse")}
    names = {place: catalogue.interventions[place].name_da for place in (0, 2, 5)}
    assert set(told) == set(names.values())
    assert told[names[0]][4]["sub"].startswith("Metoden er siden ændret: parameteren")
    assert told[names[5]][4]["sub"] == "Metoden er den samme."
    assert told[names[5]][3]["sub"].endswith("6. maj 2025")
    assert told[names[2]][2]["sub"] == "skjult"


def test_a_memory_of_decisions_alone_has_no_column_of_what_was_recommended(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    shutil.copytree(year, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "recommendation_history.parquet"
    found = [
        row | ({} if row["is_this_year"] else {"recommendation": None})
        for row in pq.read_table(path).to_pylist()
    ]
    pq.write_table(pa.Table.from_pylist(found, pq.read_schema(path)), path)
    model = content(tmp_path, published.manifest(catalogue), catalogue)
    told = rows(model, "tabel-hukommelse")
    assert {len(row) for row in told} == {4}
    assert not any("ikke husket" in cell["text"] for row in told for cell in row)


def test_the_rules_are_printed_in_the_order_they_are_tried(
    model: dict[str, Any], catalogue: Catalogue
) -> None:
    printed = rows(model, "tabel-regler")
    assert [row[0]["text"] for row in printed] == [r.label_da for r in catalogue.recommendation.rule]
    assert not any("_" in row[1]["text"] for row in printed)
    assert printed[-1][1]["text"] == "ingen af de andre regler passer"


def test_marts_that_the_run_did_not_make_are_said_to_be_missing(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    shutil.copytree(year, tmp_path, dirs_exist_ok=True)
    for mart in (
        "intervention_recommendation",
        "intervention_evidence",
        "economy_result",
        "recommendation_history",
    ):
        (tmp_path / f"{mart}.parquet").unlink()
    model = content(tmp_path, published.manifest(catalogue), catalogue)
    assert model["front"]["headline"] == "Kørslen har ingen anbefalinger. Rapporten viser kun udvikling."
    assert {row[5]["text"] for row in rows(model, "tabel-overblik")} == {
        "Der er ingen anbefaling i denne kørsel"
    }
    assert any("ingen tidligere år" in text for text in texts_in(model))
    page = page_of(pages.content(tmp_path, published.manifest(catalogue), catalogue), catalogue, 6)
    assert page["recommendation"]["word"] == "Der er ingen anbefaling i denne kørsel"


def test_a_suppressed_recommendation_keeps_its_word_and_loses_its_numbers(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    shutil.copytree(year, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "intervention_recommendation.parquet"
    found = pq.read_table(path).to_pylist()
    for row in found:
        row["is_suppressed"] = True
    pq.write_table(pa.Table.from_pylist(found, pq.read_schema(path)), path)
    model = content(tmp_path, published.manifest(catalogue), catalogue)
    row = line_of(model, catalogue, 5)
    assert row[5]["text"] == "Undersøg"
    assert row[5]["sub"].endswith("Tallene er skjult.")
    assert not re.search(r"\d", row[5]["sub"])
    why = told_why(pages.content(tmp_path, published.manifest(catalogue), catalogue), catalogue, 5)
    assert "SD" not in why.get("Styrke", "")


def test_the_page_has_recommendation_money_and_the_other_ways_of_reckoning(
    page_model: dict[str, Any], catalogue: Catalogue
) -> None:
    page = page_of(page_model, catalogue, 0)
    assert page["recommendation"]["word"] == "Anbefaling: Invester"
    assert page["recommendation"]["reason"].endswith("Anbefalingen åbner en samtale. Den afgør den ikke.")
    money = [plain(text) for text in page["money"]["items"]]
    assert "En god effekt med et negativt nettoresultat er stadig en god effekt." in money
    assert any("2 % ved 0 kr., 55 % ved 250.000 kr. og 71 % ved 500.000 kr." in text for text in money)
    assert any("pr. ekstra borger med pålidelig fremgang" in text for text in money)
    assert any("højst værd 1.900 kr. pr. borger" in text for text in money)
    assert any("Nesta: 3 (VIVE 2020)" in text for text in page["recommendation"]["why"]["items"])
    ways = panel(page, "robustness")
    assert ways
    assert [row["label"] for row in ways["figure"]["rows"]] == [
        "Valgt på forhånd",
        "Regression",
        "Kun de sammenlignelige",
        "Kortere vindue",
    ]
    assert ways["notes"] == ["Ruden er den måde, der er valgt på forhånd. Af tre andre peger tre samme vej."]
    assert panel(page_of(page_model, catalogue, 6), "robustness") is None


def test_evidence_below_a_comparison_takes_the_word_effect_away(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    shutil.copytree(year, tmp_path, dirs_exist_ok=True)
    chosen = catalogue.interventions[0].id
    changes = {
        "intervention_recommendation": {"design": "D1", "comparator": "none", "evidence_level": 2},
        "intervention_evidence": {"reason_not_higher": "coverage"},
    }
    for mart, change in changes.items():
        path = tmp_path / f"{mart}.parquet"
        found = [
            r | (change if r["intervention_id"] == chosen else {}) for r in pq.read_table(path).to_pylist()
        ]
        pq.write_table(pa.Table.from_pylist(found, pq.read_schema(path)), path)
    manifest = published.manifest(catalogue)
    page = page_of(pages.content(tmp_path, manifest, catalogue), catalogue, 0)
    assert page["facts"][0]["label"] == "Udvikling"
    assert "Ikke bestået: for få er målt både før og efter." in page["trust"]["items"]
    row = line_of(content(tmp_path, manifest, catalogue), catalogue, 0)
    assert row[2]["text"] == "sammenligningen holder ikke, kun udvikling"


def test_one_intervention_that_helps_is_the_headline(catalogue: Catalogue, tmp_path: Path) -> None:
    chosen = catalogue.interventions[0]
    model = of(only(catalogue, chosen.id), tmp_path, {chosen.id: Plan(90, 60, 0.5, 20, 8)})
    said = f"I {chosen.name_da} klarer borgerne sig sandsynligvis bedre end andre"
    assert model["front"]["headline"] == said
    assert any(text.startswith("Gennemsnittet gik fra") for text in model["front"]["sentences"])
