"""What the content model says: hidden cells, missing numbers, small inputs, plain words."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.catalogue import Catalogue, Goal, Instrument, Intervention, Norm, Outcome, Strategy
from pipelines.reports.content import content
from pipelines.reports.texts import TEMPLATES
from tests.reports import published
from tests.reports.published import Plan, texts_in

MAXIMUM_WORDS = 25
MAXIMUM_TITLE_WORDS = 15
# The overview's column of the evidence level: it stands whatever is hidden.
LEVEL = 3


def blocks(model: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [block for section in model["sections"] for block in section["blocks"] if block["kind"] == kind]


def rows(model: dict[str, Any], anchor: str) -> list[list[dict[str, Any]]]:
    found = next(block for block in blocks(model, "table") if block["id"] == anchor)
    return [row for group in found["groups"] for row in group["rows"]]


def of(catalogue: Catalogue, folder: Path, planned: dict[str, Plan]) -> dict[str, Any]:
    return content(published.write(folder, catalogue, planned), published.manifest(catalogue), catalogue)


def line_of(model: dict[str, Any], catalogue: Catalogue, place: int) -> list[dict[str, Any]]:
    """Return the overview's row of the intervention at this place in the catalogue."""
    name = catalogue.interventions[place].name_da
    return next(row for row in rows(model, "tabel-overblik") if row[0]["text"] == name)


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s+(?=[A-ZÆØÅ»])", text) if part]


def only(catalogue: Catalogue, *interventions: str) -> Catalogue:
    kept = tuple(i for i in catalogue.interventions if i.id in interventions)
    return catalogue.model_copy(update={"interventions": kept})


def test_front_page_has_the_finding_and_the_four_goals(model: dict[str, Any]) -> None:
    front = model["front"]
    assert front["headline"] == (
        "I én af 39 indsatser klarer borgerne sig sandsynligvis bedre end andre, og én kan skade."
        " Én har et sikkerhedsflag. For 34 er effekten ukendt eller målt for lidt."
    )
    assert len(front["sentences"]) == 6
    assert [goal["id"] for goal in front["goals"]["items"]] == ["A-G1", "A-G2", "A-G3", "A-G4"]
    assert front["goals"]["items"][2]["figure"] == "Måles ikke endnu"
    assert front["goals"]["items"][2]["details"][0].startswith("Det kræver")


def test_overview_has_a_row_per_intervention_with_people(model: dict[str, Any], catalogue: Catalogue) -> None:
    assert len(rows(model, "tabel-overblik")) == len(published.plans(catalogue))
    absent = catalogue.interventions[38].name_da
    assert any(absent in text and text.startswith("Ingen borgere i perioden") for text in texts_in(model))


def test_overview_is_ordered_by_area_goal_and_name_not_by_result(
    model: dict[str, Any], catalogue: Catalogue
) -> None:
    shown = [row[0]["text"] for row in rows(model, "tabel-overblik")]
    by_name = {i.name_da: i for i in catalogue.interventions}
    goal_order, areas = list(catalogue.goals), ["children", "adults", "vulnerable"]

    def place(name: str) -> tuple[int, int, str]:
        goal = next(o.goal for o in by_name[name].outcomes if o.primary)
        return areas.index(by_name[name].area), goal_order.index(goal), name.casefold()

    assert shown == sorted(shown, key=place)


def test_no_cell_is_empty_and_every_missing_number_has_words(model: dict[str, Any]) -> None:
    for block in blocks(model, "table"):
        for group in block["groups"]:
            for row in group["rows"]:
                assert len(row) == len(block["columns"])
                assert all(cell["text"].strip() for cell in row), row


def test_a_hidden_intervention_shows_only_words(model: dict[str, Any], catalogue: Catalogue) -> None:
    row = line_of(model, catalogue, 3)
    assert [row[place]["text"] for place in (1, 4)] == ["skjult", "skjult"]
    assert (row[2]["text"], row[2]["sub"]) == ("ingen sammenligning, kun udvikling", "skjult")
    assert row[5]["text"] == "Mål bedre"
    assert row[5]["sub"].endswith("Tallene er skjult.")
    assert not re.search(r"\d", row[5]["sub"])
    assert not any("value" in cell for place, cell in enumerate(row) if place != LEVEL)


def test_a_number_that_cannot_be_worked_out_gives_its_reason(
    model: dict[str, Any], catalogue: Catalogue
) -> None:
    row = line_of(model, catalogue, 22)
    assert row[2]["sub"] == "det er for tidligt at følge op"
    assert row[LEVEL]["value"] == 1


def test_hidden_people_hide_the_cost_but_not_the_development(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    shutil.copytree(year, tmp_path, dirs_exist_ok=True)
    chosen, path = catalogue.interventions[0], tmp_path / "intervention_economy.parquet"
    economy = pq.read_table(path).to_pylist()
    for row in economy:
        if row["intervention_id"] == chosen.id:
            row.update(n=None, cost_per_person_dkk=None, is_suppressed=True)
    pq.write_table(pa.Table.from_pylist(economy, pq.read_schema(path)), path)
    model = content(tmp_path, published.manifest(catalogue), catalogue)
    row = line_of(model, catalogue, 0)
    assert [row[place]["text"] for place in (1, 4)] == ["skjult", "skjult"]
    assert "value" in row[2]
    assert row[5]["verdict"] == "progress"


def test_too_little_data_is_marked_and_muted_wherever_a_development_stands(model: dict[str, Any]) -> None:
    little = {
        row[0]["text"]
        for row in rows(model, "tabel-overblik")
        if row[2].get("sub", "").endswith("for lidt til en vurdering")
    }
    assert len(little) == 2
    for block in blocks(model, "table"):
        labels = [column["label"] for column in block["columns"]]
        if "Før → efter" in labels:
            for row in (row for group in block["groups"] for row in group["rows"]):
                cell, is_little = row[labels.index("Udvikling")], row[0]["text"] in little
                assert ("mark" in cell, "is_muted" in cell) == (is_little, is_little)
    secondary = [row[3] for row in rows(model, "tabel-sekundaer") if "mark" in row[3]]
    assert secondary
    assert all(cell["is_muted"] and cell["mark"]["text"] == "For lidt data" for cell in secondary)
    assert all("der skal" in cell["sub"] for cell in secondary)


def test_only_tables_with_reliable_changes_speak_of_them(model: dict[str, Any]) -> None:
    for block in blocks(model, "table"):
        if block["caption"].startswith("Tallene bag figuren"):
            labels = {column["label"] for column in block["columns"]}
            assert ("pålidelige" in block["caption"]) == bool(labels & {"Bedre", "Dårligere"})


def test_goals_are_said_to_count_a_person_once_by_the_latest_started_course(model: dict[str, Any]) -> None:
    sections = {section["id"]: list(texts_in(section)) for section in model["sections"]}
    assert any("senest startede forløb" in text for text in sections["metode"])
    assert not any("mindst ét redskab" in text for texts in sections.values() for text in texts)


def test_too_little_data_says_what_is_lacking(model: dict[str, Any]) -> None:
    marked = {
        row[0]["text"]: cell["sub"].replace("\xa0", " ")
        for block in blocks(model, "table")
        if block["id"] != "tabel-sekundaer"
        for group in block["groups"]
        for row in group["rows"]
        for cell in row
        if "mark" in cell
    }
    assert sorted(marked.values()) == [
        "14 målt to gange; der skal 20 til",
        "dækning 38 %; der skal 50 % til",
    ]


def test_hidden_categories_are_not_given_away_by_the_others(catalogue: Catalogue, tmp_path: Path) -> None:
    chosen = next(
        i for i in catalogue.interventions if any(o.instrument == "WHO5" and o.primary for o in i.outcomes)
    )
    model = of(catalogue, tmp_path, {chosen.id: Plan(80, 60, 0.4, better=20, worse=3)})
    detail = rows(model, "tabel-who5-self")[0]
    assert [cell["text"] for cell in detail].count("skjult") == 2
    assert "37" not in " ".join(texts_in(detail))


def test_values_left_in_a_hidden_row_never_reach_the_report(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    for path in year.iterdir():
        table = pq.read_table(path).to_pylist()
        for row in table:
            if row.get("is_suppressed"):
                row.update({key: 4.321987 for key in ("estimate", "lower", "upper", "value") if key in row})
                row.update({key: 3 for key in ("n", "numerator") if key in row})
        pq.write_table(pa.Table.from_pylist(table, pq.read_schema(path)), tmp_path / path.name)
    manifest = published.manifest(catalogue)
    assert content(tmp_path, manifest, catalogue) == content(year, manifest, catalogue)


def test_figures_show_no_point_for_a_hidden_number(model: dict[str, Any]) -> None:
    marks = [mark for block in blocks(model, "figure") for mark in block["rows"]]
    hidden = [mark for mark in marks if mark["verdict"] == "hidden"]
    assert len(marks) == 39
    assert hidden
    assert all(mark["estimate"] is mark["lower"] is mark["upper"] is None for mark in hidden)


def test_every_figure_has_alt_text_of_its_own_and_a_table_after_it(model: dict[str, Any]) -> None:
    for section in model["sections"]:
        for place, block in enumerate(section["blocks"]):
            if block["kind"] == "figure":
                table = section["blocks"][place + 1]
                assert table["kind"] == "table"
                assert len(table["groups"][0]["rows"]) == len(block["rows"])
                assert block["alt"] not in (*block["facts"], table["caption"])
                assert len(block["alt"]) > 40


def test_titles_of_figures_are_the_finding_in_at_most_fifteen_words(model: dict[str, Any]) -> None:
    titles = [b["text"] for b in blocks(model, "heading") if b["id"].startswith("maal-")]
    assert len(titles) == len(blocks(model, "figure"))
    assert all(len(title.split()) <= MAXIMUM_TITLE_WORDS for title in titles), titles
    assert any("fremgang i" in title for title in titles)


def test_effect_is_written_only_of_a_comparison_or_as_unknown(
    model: dict[str, Any], catalogue: Catalogue
) -> None:
    for row in rows(model, "tabel-overblik"):
        if row[LEVEL]["value"] < 3:
            said = " ".join(texts_in(row)).lower()
            assert said.count("effekt") == said.count("effekt ukendt") + said.count("effekten er ukendt")
    developments = [s for s in model["sections"] if s["id"] in ("udvikling", "sekundaere")]
    quoted = set(texts_in(catalogue.model_dump()))
    assert [t for t in set(texts_in(developments)) - quoted if "effekt" in t.lower()] == []


def test_the_report_says_what_the_numbers_cannot(model: dict[str, Any]) -> None:
    items = model["front"]["cannot"]["items"]
    alone = "Om 35 indsatser uden en brugbar sammenligning på det primære mål virker."
    assert items[0] == f"{alone} Her ses kun udvikling."
    assert any("En anbefaling åbner en samtale." in text for text in items)
    assert not any("ingen sammenligningsgruppe" in text for text in texts_in(model))


def prose(model: dict[str, Any]) -> Iterator[str]:
    front = model["front"]
    yield from [front["headline"], *front["sentences"], *front["decide"]["items"], *front["cannot"]["items"]]
    for block in (block for section in model["sections"] for block in section["blocks"]):
        yield from (
            block["items"] if block["kind"] == "list" else [block["text"]] if block["kind"] == "text" else []
        )


def test_no_sentence_is_longer_than_twentyfive_words(model: dict[str, Any]) -> None:
    written = [
        s for text in prose(model) for s in sentences(text) if not s.startswith("Ingen borgere i perioden")
    ]
    assert [s for s in written if len(s.split()) > MAXIMUM_WORDS] == []
    for name in ("texts_da.toml", "decision_da.toml"):
        stored = tomllib.loads((TEMPLATES / name).read_text(encoding="utf-8"))
        assert [s for t in texts_in(stored) for s in sentences(t) if len(s.split()) > MAXIMUM_WORDS] == []


def test_the_report_reads_easily_enough_for_leaders(model: dict[str, Any]) -> None:
    """LIX (Björnsson 1968): words per sentence plus the percentage of words over six letters."""
    found = [s for text in prose(model) for s in sentences(text)]
    words = [word.strip(".,;:()?»«") for s in found for word in s.split()]
    assert len(words) / len(found) + 100 * sum(len(word) > 6 for word in words) / len(words) <= 44


def test_one_small_intervention_still_makes_a_report(catalogue: Catalogue, tmp_path: Path) -> None:
    chosen = catalogue.interventions[0]
    model = of(only(catalogue, chosen.id), tmp_path, {chosen.id: Plan(11, 9, 0.5, 2, 0)})
    assert model["front"]["headline"] == f"Effekten af {chosen.name_da} er ukendt"
    assert len(rows(model, "tabel-overblik")) == 1
    assert model["front"]["sentences"][0].startswith("Mål bedre: I én indsats")


def test_everything_hidden_still_makes_a_report(catalogue: Catalogue, tmp_path: Path) -> None:
    model = of(catalogue, tmp_path, {i.id: Plan(3, 2) for i in catalogue.interventions})
    assert model["front"]["headline"] == "Effekten er ukendt eller målt for lidt for alle 40 indsatser."
    assert {row[5]["text"] for row in rows(model, "tabel-overblik")} == {"Mål bedre"}
    assert blocks(model, "figure") == []


def test_no_people_at_all_still_makes_a_report(catalogue: Catalogue, tmp_path: Path) -> None:
    model = of(catalogue, tmp_path, {})
    assert model["front"]["headline"] == "Ingen indsatser har haft borgere i perioden"
    assert blocks(model, "figure") == []


@pytest.fixture(scope="session")
def trial(catalogue: Catalogue) -> Catalogue:
    """A catalogue for a trial: two arms, HAM-D primary, two more instruments, sample SDs, cut-off c."""
    instruments = tuple(
        Instrument(
            id=name,
            name_da=label,
            measures_da=measures,
            unit_da="point",
            minimum=0.0,
            maximum=top,
            decimals=0,
            better="lower",
            licence_da="",
            source=("test",),
            norms=(
                Norm(
                    respondent="staff" if name == "HAMD" else "self",
                    label_da="",
                    sd="sample",
                    reliability=0.8,
                    reliability_kind="assumed",
                    cutoff_method="c",
                    functional_mean=8.0,
                    functional_sd=6.0,
                ),
            ),
        )
        for name, label, measures, top in (
            ("HAMD", "HAM-D", "depression", 52.0),
            ("BDI2", "BDI-II", "depression", 63.0),
            ("SHAPS", "SHAPS", "glæde", 14.0),
        )
    )
    outcomes = (
        Outcome(instrument="HAMD", respondent="staff", goal="T1", primary=True),
        Outcome(instrument="BDI2", respondent="self", goal="T1"),
        Outcome(instrument="SHAPS", respondent="self", goal="T1"),
    )
    arms = tuple(
        Intervention(
            id=arm,
            name_da=name,
            purpose_da="",
            target_group_da="",
            area="adults",
            legal_basis_da="",
            is_legal_right=False,
            horizon_months=6,
            goals=("T1",),
            outcomes=outcomes,
        )
        for arm, name in (("tau", "Vanlig behandling"), ("pa", "Forstærket behandling"))
    )
    goal = Goal(id="T1", kind="goal", name_da="Mindre depression", text_da="")
    strategy = Strategy(id="T", name_da="Forsøget", owner_da="", source="", goals=(goal,))
    changed = {"instruments": instruments, "interventions": arms, "strategies": (strategy,)}
    return catalogue.model_copy(update=changed)


def test_a_trial_with_its_own_catalogue_makes_a_report(trial: Catalogue, tmp_path: Path) -> None:
    model = of(trial, tmp_path, {"tau": Plan(23, 21, 0.9, 13, 1), "pa": Plan(22, 20, 1.1, 15, 0)})
    said = "I én af to indsatser klarer borgerne sig sandsynligvis bedre end andre."
    assert model["front"]["headline"] == said
    assert "Alle indsatser er målt mod andre borgere." in model["front"]["sentences"]
    figure = blocks(model, "figure")
    assert [block["id"] for block in figure] == ["figur-hamd-staff"]
    assert "Grænseværdi beregnes af data." in figure[0]["facts"]
    assert {row[1]["text"] for row in rows(model, "tabel-sekundaer")} == {"BDI-II", "SHAPS"}
    assert model["front"]["goals"]["items"][0]["is_measured"]
