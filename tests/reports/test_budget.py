"""The annex on money: what it tells year by year and by payer, what it leaves out, and in which words."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.catalogue import Catalogue
from pipelines.reports.budget import build_budget, content
from pipelines.reports.material import Material
from pipelines.reports.texts import REPORT, TEMPLATES, Texts
from tests.reports import published

Row = dict[str, Any]


def results(place: Sequence[str], years: Sequence[float], *, is_sound: bool | None = True) -> list[Row]:
    """The rows of one net result: every year's, the whole, and what two inputs could do to it."""
    keys = dict(zip(("intervention_id", "outcome_id", "comparator"), place, strict=True))
    told = json.dumps({"is_sound": is_sound, "prices_with_assumed_interval": []})
    base = keys | {"statistic": "net_result", "payer": "all", "n": 120, "diagnostics": told}
    total = sum(years)

    def about(value: float, width: float = 4000.0) -> Row:
        return {"estimate": value, "lower": value - width, "upper": value + width}

    return [
        *(
            base | about(value) | {"item": f"year:{number}", "year_number": number, "payer": payer}
            for number, value in enumerate(years)
            for payer in ("all", "municipality")
        ),
        *(base | about(total) | {"item": "all", "payer": payer} for payer in ("all", "municipality")),
        base | {"statistic": "probability_net_result", "item": "all", "estimate": 0.13},
        base | {"statistic": "break_even_year", "item": "all", "not_estimable_reason": "not_within_horizon"},
        base | about(total, 500.0) | {"statistic": "net_result_if", "item": "input:discount_rate"},
        base | about(total, 9000.0) | {"statistic": "net_result_if", "item": "input:cost"},
        base | about(total, 0.0) | {"statistic": "net_result_if", "item": "input:success"},
    ]


@pytest.fixture
def told(year: Path, catalogue: Catalogue, tmp_path: Path) -> Any:
    """Give rows of the published economy; get what the annex says of them."""

    def tell(rows: list[Row]) -> dict[str, Any]:
        folder = tmp_path / "published"
        shutil.copytree(year, folder, dirs_exist_ok=True)
        path = folder / "economy_result.parquet"
        schema = pq.read_schema(path)
        whole = [{name: None for name in schema.names} | {"is_suppressed": False} | row for row in rows]
        pq.write_table(pa.Table.from_pylist(whole, schema), path)
        texts = Texts(*REPORT, TEMPLATES / "budget_da.toml")
        return content(Material.read(folder, published.manifest(catalogue), catalogue, texts))

    return tell


def places(catalogue: Catalogue) -> list[tuple[str, str, str]]:
    first = catalogue.interventions[0]
    outcome = next(outcome for outcome in first.outcomes if outcome.primary)
    in_register = next(i for i in catalogue.interventions if "employment" in i.registers)
    return [
        (first.id, f"{outcome.instrument}:{outcome.respondent}", "other_support"),
        (in_register.id, "register:employment", "not_yet_started"),
    ]


def test_every_year_and_payer_stands_and_the_whole_below(told: Any, catalogue: Catalogue) -> None:
    model = told(results(places(catalogue)[0], [-9800, 433, 216]))
    section = model["sections"][1]
    table = next(block for block in section["blocks"] if block["kind"] == "table")
    shown = [[cell["text"] for cell in row] for row in table["groups"][0]["rows"]]
    assert [row[0] for row in shown] == ["År 0 (det første)", "År 1", "År 2", "Alle år"]
    assert [row[1] for row in shown] == ["−9.800\xa0kr.", "+433\xa0kr.", "+216\xa0kr.", "−9.150\xa0kr."]
    assert [row[2] for row in shown] == [row[1] for row in shown]
    assert {cell for row in shown for cell in row[3:]} == {"–"}
    text = next(block["text"] for block in section["blocks"] if "plus" in block.get("text", ""))
    assert "Sandsynligheden for et plus er 13\xa0%." in text
    assert "ikke tjent hjem" in text


def test_the_longest_bar_comes_first_and_what_moves_nothing_is_left_out(
    told: Any, catalogue: Catalogue
) -> None:
    model = told(results(places(catalogue)[0], [-9000]))
    figure = next(block for block in model["sections"][1]["blocks"] if block["kind"] == "figure")
    assert [row["label"] for row in figure["rows"]] == ["Merprisen", "Renten"]
    assert figure["alt"] == (
        "Nettoresultatet er −9.000\xa0kr. Mest kan merprisen flytte det: fra −18.000\xa0kr. til 0\xa0kr."
    )


def test_an_unsound_comparison_has_no_budget_and_a_register_says_what_it_was_measured_in(
    told: Any, catalogue: Catalogue
) -> None:
    instrument, register = places(catalogue)
    model = told(
        [*results(instrument, [5000], is_sound=False), *results(register, [-20000, -3000], is_sound=None)]
    )
    assert model["front"]["headline"] == "For én indsats kan det regnes ud, hvad den koster og giver igen"
    assert [section["title"] for section in model["sections"][1:]] == [
        f"{catalogue.intervention(register[0]).name_da} (målt på job)"
    ]
    assert any("koster mere, end den giver igen" in sentence for sentence in model["front"]["sentences"])


def test_a_secondary_outcome_has_no_budget(told: Any, catalogue: Catalogue) -> None:
    intervention_id, _, comparator = places(catalogue)[0]
    model = told(results((intervention_id, "GAS:staff", comparator), [5000]))
    assert len(model["sections"]) == 1


def test_hidden_amounts_are_not_told(told: Any, catalogue: Catalogue) -> None:
    rows = results(places(catalogue)[0], [-9000])
    for row in rows:
        row |= {"is_suppressed": True, "estimate": None, "lower": None, "upper": None, "diagnostics": None}
    model = told(rows)
    assert model["front"]["headline"] == "Det kan endnu ikke regnes ud, hvad indsatserne koster og giver igen"
    assert len(model["sections"]) == 1


def test_the_files_are_a_page_and_an_accessible_sheet(
    year: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    page, sheet = build_budget(year, published.manifest(catalogue), catalogue, tmp_path)
    assert page.name.startswith("oekonomi_")
    assert sheet.read_bytes().startswith(b"%PDF")
    assert b"pdfuaid" in sheet.read_bytes()
