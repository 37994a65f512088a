"""`virker inspect`: what a file looks like, also before any source knows it."""

import pytest

from pipelines.extracts import inspect_file
from tests.extracts.deliveries import ANNE, BO, GOOD, Municipality, parquet, workbook


def test_a_known_file_is_described_without_its_people(town: Municipality) -> None:
    text = f"Titel\nCPR;Navn;Skema;Dato;Score\n{ANNE};Anne;WHO-5;31-12-2024;52,5\n{BO};Bo\n"
    found = inspect_file(town.write("skemaer.csv", text, "cp1252"), town.catalogue)
    assert found.source_ids == ("skemaer",)
    assert (found.encoding, found.delimiter, found.decimal_sign) == ("utf-8", ";", ",")
    assert (found.header_line, found.date_format) == (2, "dd-mm-yyyy")
    assert found.headers == ("CPR", "Navn", "Skema", "Dato", "Score")
    assert found.ignored_columns == ("Navn",)
    assert (found.row_count, found.wrong_line_count, found.problems) == (2, 1, ())
    assert "Anne" not in repr(found)


def test_an_unknown_file_shows_the_headings_a_mapping_needs(town: Municipality) -> None:
    rows = "".join(f"{n};1,5;2,5;3,5\n" for n in range(20))
    found = inspect_file(town.write("nyt.csv", f"Udtræk, dannet i dag\nNr.;A;B;C\n{rows}"), town.catalogue)
    assert (found.source_ids, found.delimiter, found.header_line) == ((), ";", 2)
    assert found.headers == found.ignored_columns == ("Nr.", "A", "B", "C")
    book = workbook(("Data", [["Titel"], ["Nr.", "A"], [1, 2]]))
    assert inspect_file(town.write("nyt.xlsx", book), town.catalogue).headers == ("Nr.", "A")


def test_what_is_wrong_with_a_file_is_returned(town: Municipality) -> None:
    found = inspect_file(town.write("skemaer_0101901234.csv", "CPR;Skema\n"), town.catalogue)
    assert found.name == "skemaer_(skjult).csv"
    assert [str(p).split(" mangler")[0] for p in found.problems] == [
        "skemaer_(skjult).csv: overskriften »Dato«",
        "skemaer_(skjult).csv: overskriften »Score«",
    ]
    assert found.headers == ("CPR", "Skema")


def test_a_wrongly_named_file_is_read_by_its_columns(town: Municipality) -> None:
    text = GOOD + "".join(f"{ANNE};WHO-5;{n}-12-2024;{n},5\n" for n in range(10, 20))
    found = inspect_file(town.write("svar.csv", text), town.catalogue)
    assert (found.delimiter, found.decimal_sign, found.date_format) == (";", ",", "dd-mm-yyyy")
    assert (found.headers, found.row_count) == (("CPR", "Skema", "Dato", "Score"), 11)
    assert [str(p) for p in found.problems] == [
        "svar.csv: filnavnet passer ikke til nogen kilde, men kolonnerne passer til »Skemaer« "
        "(skemaer*.csv). Omdøb filen, eller ret file i sources/skemaer.toml."
    ]
    book = workbook(("Data", [["CPR", "Skema", "Dato", "Score"], [ANNE, "ORS", "01-01-2024", 5]]))
    found = inspect_file(town.write("svar.xlsx", book), town.catalogue)
    assert "Gem den som .csv, eller ret file" in str(found.problems[0])
    assert found.row_count == 1


def test_the_nearest_source_is_named_with_what_is_missing(town: Municipality) -> None:
    found = inspect_file(town.write("svar.csv", "CPR;Skema;Dato;Point\n" + GOOD[22:]), town.catalogue)
    assert "Nærmest er »Skemaer« (skemaer*.csv): der mangler »Score«." in str(found.problems[0])
    assert found.headers == found.ignored_columns == ("CPR", "Skema", "Dato", "Point")
    assert (found.delimiter, found.row_count) == (";", 1)
    found = inspect_file(town.write("svar.parquet", parquet(CPR=["x"], Dato=["y"])), town.catalogue)
    assert (found.headers, found.header_line, found.row_count) == (("CPR", "Dato"), None, 1)
    # Two of four headings: any file may have a date and a CPR number.
    assert "Nærmest" not in str(found.problems[0])


def test_a_file_no_source_fits_needs_a_new_one_and_its_formats_are_shown(town: Municipality) -> None:
    rows = f"{ANNE};leje;1.234,50;01.02.2024\n{BO};køb;2.234,50;31.03.2024\n"
    found = inspect_file(town.write("ny.csv", f"CPR;Kontrakt;Beløb;Dato\n{rows}"), town.catalogue)
    assert (found.decimal_sign, found.date_format) == (",", "dd.mm.yyyy")
    (problem,) = found.problems
    assert problem.message_da.startswith("ingen kilde passer til filen; den skal have sin egen. ")
    assert "I mappen catalogue/sources: kopiér fx skemaer.toml, og ret id" in problem.message_da
    found = inspect_file(
        town.write("us.csv", "CPR,Kind,Dato\n" + f"{ANNE},a,12/31/2024\n" * 9), town.catalogue
    )
    assert ["måneden først" in str(p) for p in found.problems] == [False, True]


@pytest.mark.parametrize(
    "rows",
    [
        f"{ANNE};Anne Jensen;WHO-5;31-12-2024;52,5;1,5;2,5\n{BO};Bo Holm;ORS;30-12-2024;40,5;1,5;2,5\n",
        "Anne Jensen;kvinde;Aarhus\nBo Holm;mand;Odense\n",
        f"Anne Jensen;ukendt;-\nBo Holm;{BO};12\n",
        "Anne Jensen\nBo Holm\n",
    ],
)
@pytest.mark.parametrize("name", ["svar.csv", "skemaer.csv"])
def test_a_persons_row_is_never_shown_as_headings(town: Municipality, name: str, rows: str) -> None:
    found = inspect_file(town.write(name, rows), town.catalogue)
    assert (found.headers, found.ignored_columns, found.delimiter) == ((), (), None)
    assert found.problems
    assert "Jensen" not in repr(found)
    if name == "svar.csv":
        assert "ikke ud til at have en linje med overskrifter" in str(found.problems[0])


@pytest.mark.parametrize("name", ["skemaer.xls", "svar.xls", "brev.pdf", "skemaer.zip"])
def test_a_type_that_is_not_read_is_told_as_such(town: Municipality, name: str) -> None:
    found = inspect_file(town.write(name, GOOD), town.catalogue)
    assert "-filer kan ikke læses. Gem udtrækket som csv" in str(found.problems[0])
    assert found.headers == ()


def test_the_headings_of_a_file_with_another_fault_are_told(town: Municipality) -> None:
    text = "CPR;Skema;Dato;Score\n" + "".join(f"{ANNE};ORS;12/{n}/2024;1\n" for n in range(13, 20))
    found = inspect_file(town.write("skemaer.csv", text), town.catalogue)
    assert "måneden først" in str(found.problems[0])
    assert (found.headers, found.delimiter) == (("CPR", "Skema", "Dato", "Score"), ";")
