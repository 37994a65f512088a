"""Excel workbooks and Parquet files: typed cells need no guessing, damaged files are refused."""

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from pipelines.extracts import sheet
from tests.extracts.deliveries import (
    ANNE,
    BO,
    EPISODE,
    MEASUREMENT,
    MEASUREMENTS,
    PERSON,
    Municipality,
    optional,
    parquet,
    reasons,
    with_entries,
    workbook,
)

HEADER = ["CPR", "Navn", "Skema", "Dato", "Score"]


@pytest.fixture
def office(town: Municipality) -> Municipality:
    """The same town, whose questionnaires come as workbooks or Parquet."""
    sources = [
        MEASUREMENTS.model_copy(update={"id": suffix, "file": f"skemaer*.{suffix}"})
        for suffix in ("xlsx", "parquet")
    ]
    town.catalogue = with_entries(town.catalogue, *sources, extracts=optional(PERSON, EPISODE, MEASUREMENT))
    return town


def sheet_of(*rows: Sequence[Any]) -> bytes:
    return workbook(("Forside", [["Skemaer"]]), ("Data", [["Udtræk 2024"], [], HEADER, *rows]))


def test_a_sheet_with_titles_is_found_and_its_typed_cells_taken_as_they_are(office: Municipality) -> None:
    rows = [
        [ANNE, "Anne", "WHO-5", date(2024, 12, 31), 52],
        [101901234, "Anne", "WHO-5", datetime(2024, 12, 30, 10, 30), 52.5],
        [],
        [BO, "Bo", "ORS", "01-02-2024", "12,5"],
        [BO, "Bo", "ORS", 45657, " 1 "],
    ]
    landing = office.landing_of("skemaer.xlsx", sheet_of(*rows))
    table = landing.tables["measurement"]
    assert landing.rejects.num_rows == 0
    assert table["source_line"].to_pylist() == [4, 5, 7, 8]
    assert table["score"].to_pylist() == [52, 52.5, 12.5, 1]
    assert [str(d) for d in table["measured_date"].to_pylist()] == [
        "2024-12-31",
        "2024-12-30",
        "2024-02-01",
        "2024-12-31",
    ]
    assert table["person_id"][0] == table["person_id"][1]
    (file,) = landing.files
    assert (file.header_line, file.date_format, file.decimal_sign) == (3, "dd-mm-yyyy", ",")
    assert file.ignored_columns == ("Navn",)
    assert "1 rækker havde et CPR-nummer på ni cifre" in file.notes_da[0]


def test_wrong_cells_of_a_sheet_are_rejected_at_their_row(office: Municipality) -> None:
    rows = [
        [ANNE, None, "WHO-5", 20241231, 52],
        [ANNE, None, "WHO-5", time(10, 30), 52],
        [ANNE, None, "WHO-5", None, 52],
        [ANNE, None, "WHO-5", date(2024, 1, 1), "#I/T"],
        ["I alt", None, None, None, 260],
    ]
    found = {
        (line, reason) for line, _, reason in reasons(office.landing_of("skemaer.xlsx", sheet_of(*rows)))
    }
    expected = {
        (4, "not_a_date"),
        (5, "not_a_date"),
        (6, "missing"),
        (7, "missing"),
        (8, "missing"),
        (8, "invalid_cpr"),
    }
    assert found == expected


def test_excels_day_count_is_a_date(office: Municipality) -> None:
    rows = [[ANNE, None, "WHO-5", serial, 52] for serial in (61, 45657.75, 1, 2)]
    landing = office.landing_of("skemaer.xlsx", sheet_of(*rows))
    days = [str(d) for d in landing.tables["measurement"]["measured_date"].to_pylist()]
    assert days == ["1900-03-01", "2024-12-31", "1900-01-02"]
    assert reasons(landing) == [(6, "measured_date", "missing")]  # day 1 is 1 January 1900: empty


def test_a_workbook_without_the_headings_is_a_problem_that_names_the_sheet(office: Municipality) -> None:
    content = workbook(("Data", [["CPR", "Skema", "Dato"], [ANNE, "ORS", date(2024, 1, 1)]]))
    assert office.problem_of("skemaer.xlsx", content).startswith(
        "skemaer.xlsx, arket »Data«: overskriften »Score«"
    )


def test_two_sheets_with_the_headings_are_a_problem_not_half_read(office: Municipality) -> None:
    rows = [HEADER, [ANNE, "", "ORS", date(2024, 1, 1), 1]]
    assert "arkene »2023«, »2024«" in office.problem_of(
        "skemaer.xlsx", workbook(("2023", rows), ("2024", rows))
    )


def test_damaged_workbooks_are_problems(office: Municipality) -> None:
    whole = sheet_of([ANNE, "", "ORS", date(2024, 1, 1), 1])
    flipped = bytearray(whole)
    flipped[len(whole) // 3] ^= 0xFF
    for content in (b"", b"PK\3\4", whole[: len(whole) // 2], bytes(flipped)):
        assert "beskadiget" in office.problem_of("skemaer.xlsx", content)


def test_a_text_that_is_named_a_workbook_is_told_as_such(office: Municipality) -> None:
    problem = office.problem_of("skemaer.xlsx", "CPR;Skema;Dato;Score\næøå".encode())
    assert "er ikke en xlsx-fil; den ligner en tekstfil" in problem


def test_a_zip_that_is_no_workbook_is_a_problem(office: Municipality) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<nonsense")
    assert "beskadiget" in office.problem_of("skemaer.xlsx", stream.getvalue())


def test_an_empty_workbook_is_a_problem(office: Municipality) -> None:
    assert "projektmappen er tom" in office.problem_of("skemaer.xlsx", workbook(("Data", [])))


def test_a_bomb_is_refused_before_it_is_opened(office: Municipality, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 20_000_000)
    monkeypatch.setattr(sheet, "_cells", lambda name, data: pytest.fail("the reader opened a bomb"))
    assert len(stream.getvalue()) < 50_000
    assert "fylder 20 MB pakket ud" in office.problem_of("skemaer.xlsx", stream.getvalue())
    monkeypatch.setattr(sheet, "MAX_UNPACKED_BYTES", 1000)
    assert "pakket ud" in office.problem_of("skemaer.xlsx", sheet_of())


def columns(**changes: Any) -> dict[str, Any]:
    good = {"cpr": [ANNE, BO], "navn": ["Anne", "Bo"], "skema": ["WHO5", "ORS"]}
    return {**good, "dato": [date(2024, 1, 1), date(2024, 1, 2)], "score": [52.5, 1.25], **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cpr": pa.array([ANNE, BO]).dictionary_encode()},
        {"cpr": pa.array([101901234, 3112994321])},
        {"dato": pa.array([datetime(2024, 1, 1, 10), datetime(2024, 1, 2)], pa.timestamp("ns"))},
        {"dato": ["01-01-2024", "2.1.2024"]},
        {"score": [Decimal("52.50"), Decimal("1.25")]},
        {"score": ["52,50", "1,25"]},
        {"skema": pa.array(["WHO-5", "ORS"], pa.large_string())},
    ],
)
def test_parquet_columns_are_taken_by_their_types(office: Municipality, changes: dict[str, Any]) -> None:
    landing = office.landing_of("skemaer.parquet", parquet(**columns(**changes)))
    rows = landing.tables["measurement"].to_pylist()
    assert [(str(r["measured_date"]), r["score"], r["source_line"]) for r in rows] == [
        ("2024-01-01", 52.5, 1),
        ("2024-01-02", 1.25, 2),
    ]
    assert landing.files[0].ignored_columns == ("navn",)


def test_a_double_keeps_every_bit(office: Municipality) -> None:
    scores = [0.1 + 0.2, 1e-7]
    landing = office.landing_of("skemaer.parquet", parquet(**columns(score=scores)))
    assert landing.tables["measurement"]["score"].to_pylist() == scores


NO_DATES = [(1, "measured_date", "not_a_date"), (2, "measured_date", "not_a_date")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"score": [None, float("nan")]}, [(1, "score", "missing"), (2, "score", "missing")]),
        ({"score": [float("inf"), 1.0]}, [(1, "score", "not_a_number")]),
        (
            {"dato": [20240101, 45657]},
            [(1, "measured_date", "not_a_date"), (2, "measured_date", "not_a_date")],
        ),
        (
            {"dato": [45657.0, 45658.0]},
            [(1, "measured_date", "not_a_date"), (2, "measured_date", "not_a_date")],
        ),
        ({"cpr": [ANNE, None]}, [(2, "person_id", "missing")]),
    ],
)
def test_wrong_parquet_cells_are_rejected(
    office: Municipality, changes: dict[str, Any], expected: list[tuple[int, str, str]]
) -> None:
    assert reasons(office.landing_of("skemaer.parquet", parquet(**columns(**changes)))) == expected


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"dato": [datetime(2024, 1, 1, tzinfo=UTC)] * 2}, "tidszone"),
        ({"score": [[1.0], [2.0]]}, "typen list"),
        ({"skema": [b"WHO5", b"ORS"]}, "typen binary"),
    ],
)
def test_parquet_types_that_mean_no_single_value_are_problems(
    office: Municipality, changes: dict[str, Any], told: str
) -> None:
    assert told in office.problem_of("skemaer.parquet", parquet(**columns(**changes)))


def test_a_parquet_file_without_a_column_is_a_problem(office: Municipality) -> None:
    content = columns()
    content["scoren"] = content.pop("score")
    assert "»Score« mangler. Nærmest er »scoren«" in office.problem_of("skemaer.parquet", parquet(**content))


def test_damaged_parquet_files_are_problems(office: Municipality) -> None:
    whole = parquet(**columns())
    for content in (b"", b"PAR1", whole[:-20], whole[len(whole) // 2 :], b"CPR;Skema;Dato;Score\n"):
        assert "beskadiget" in office.problem_of("skemaer.parquet", content)
