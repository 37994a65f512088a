"""`virker inspect`: what a file looks like, also before any source knows it."""

from pipelines.extracts import inspect_file
from tests.extracts.deliveries import ANNE, BO, Municipality, workbook


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
