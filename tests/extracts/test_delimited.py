"""Delimited text: encodings, delimiters, headers, and lines that are no rows."""

import pytest

from tests.extracts.deliveries import ANNE, GOOD, Municipality, reasons

HEADER = "CPR;Skema;Dato;Score"
ROW = f"{ANNE};WHO-5;31-12-2024;52"


@pytest.mark.parametrize(
    ("codec", "stated"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
    ],
)
def test_encodings_are_detected_and_stated(town: Municipality, codec: str, stated: str) -> None:
    landing = town.landing_of("skemaer.csv", f"{HEADER}\r\n{ANNE};Ørs;31-12-2024;20\r\n", codec)
    assert landing.files[0].encoding == stated
    assert landing.tables["measurement"]["instrument_id"].to_pylist() == ["ORS"]


def test_big_endian_utf_16_is_known_by_its_mark(town: Municipality) -> None:
    landing = town.landing_of("skemaer.csv", b"\xfe\xff" + GOOD.encode("utf-16-be"))
    assert landing.files[0].encoding == "utf-16"


def test_bytes_that_windows_does_not_have_are_a_problem_with_their_line(town: Municipality) -> None:
    problem = town.problem_of("skemaer.csv", f"{HEADER}\n{ROW}\n".encode() + b"\xe6\x81;;;\n")
    assert "skemaer.csv, linje 3" in problem
    assert "UTF-8" in problem


def test_binary_content_is_a_problem(town: Municipality) -> None:
    assert "ikke en tekstfil" in town.problem_of("skemaer.csv", GOOD.encode() + b"\0\0")


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_a_problem(town: Municipality, content: bytes) -> None:
    assert "filen er tom" in town.problem_of("skemaer.csv", content)


def test_broken_letters_in_a_header_are_told_as_such(town: Municipality) -> None:
    broken = "CPR;Født;Køn\n".encode().decode("cp1252")
    problem = town.problem_of("borgere.csv", broken + "0101901234;;K\n")
    assert "overskrifterne har ødelagte bogstaver" in problem


def test_broken_letters_in_a_column_are_told_with_line_and_column(town: Municipality) -> None:
    broken = "Ørs".encode().decode("cp1252")
    problem = town.problem_of("skemaer.csv", f"{HEADER}\n{ROW}\n{ANNE};{broken};31-12-2024;20\n")
    assert problem.startswith("skemaer.csv, linje 3, kolonnen »Skema«: ødelagte bogstaver")


def test_half_a_file_in_utf_8_and_half_in_cp1252_is_a_problem(town: Municipality) -> None:
    rows = f"{ANNE};Ørs;31-12-2024;20\n"
    problem = town.problem_of("skemaer.csv", f"{HEADER}\n{rows}".encode() + rows.encode("cp1252"))
    assert "ødelagte bogstaver" in problem


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters_are_detected_by_the_headings(town: Municipality, delimiter: str) -> None:
    landing = town.landing_of("skemaer.csv", GOOD.replace(";", delimiter))
    assert landing.files[0].delimiter == delimiter
    assert landing.tables["measurement"].num_rows == 1


def test_title_rows_may_stand_above_the_header_and_lines_stay_physical(town: Municipality) -> None:
    text = f"Udtræk, dannet 01-02-2025; alle; skemaer\r\n\r\n{HEADER}\r\n\r\n{ROW}\r\n"
    landing = town.landing_of("skemaer.csv", text)
    assert landing.files[0].header_line == 3
    assert landing.tables["measurement"]["source_line"].to_pylist() == [5]


def test_headings_match_trimmed_composed_and_in_any_case(town: Municipality) -> None:
    text = f' cpr ;"SKEMA";dato\u00a0; Score\n{ROW}\n'
    assert town.landing_of("skemaer.csv", text).tables["measurement"].num_rows == 1
    decomposed = "CPR;Født;Ko\u0308n\n".replace("o\u0308", "ø")
    assert town.landing_of("borgere.csv", decomposed + "0101901234;;K\n").tables["person"].num_rows == 1


def test_missing_headings_are_each_named_with_the_nearest_and_the_found(town: Municipality) -> None:
    town.write("skemaer.csv", "CPR;Skema;Datoen\n0101901234;WHO-5;31-12-2024\n")
    problems = town.problems()
    assert len(problems) == 2
    assert "overskriften »Dato« mangler. Nærmest er »Datoen«. Fundet: CPR, Skema, Datoen." in problems[0]
    assert "overskriften »Score« mangler." in problems[1]


def test_a_file_without_headings_does_not_show_a_citizen_as_headings(town: Municipality) -> None:
    town.write("skemaer.csv", "Anne Jensen;0101901234;31-12-2024;52\n")
    told = " ".join(town.problems())
    assert "Jensen" not in told
    assert "0101901234" not in told
    assert "ikke ud til at have en linje med overskrifter" in told


def test_a_mapped_heading_twice_is_a_problem_and_an_unmapped_one_is_not(town: Municipality) -> None:
    assert "»Score« står 2 gange" in town.problem_of("skemaer.csv", f"{HEADER};Score\n{ROW};53\n")
    landing = town.landing_of("skemaer.csv", f"{HEADER};Navn;Navn\n{ROW};Anne;Jensen\n")
    assert landing.files[0].ignored_columns == ("Navn", "Navn")


def test_unmapped_columns_are_listed_masked_and_never_read(town: Municipality) -> None:
    text = f"Navn;{HEADER};Note 010190-1234\nAnne Jensen;{ROW};ringede om 311299-4321\n"
    landing = town.landing_of("skemaer.csv", text)
    assert landing.files[0].ignored_columns == ("Navn", "Note (skjult)")
    assert "Jensen" not in str(landing.tables["measurement"].to_pylist())
    assert landing.rejects.num_rows == 0


def test_a_line_with_another_number_of_cells_is_rejected_at_its_line(town: Municipality) -> None:
    landing = town.measurements(
        f"{ROW}\n{ROW};x\n\n{ANNE};WHO-5;30-12-2024\nI alt;1\n{ANNE};WHO-5;01-12-2024;4\n"
    )
    wrong = "wrong_column_count"
    assert reasons(landing) == [(3, None, wrong), (5, None, wrong), (6, None, wrong)]
    assert landing.rejects["value"].to_pylist() == ["(skjult)"] * 3
    assert "Linjen har 5 celler, men overskriften har 4." in landing.rejects["message_da"][0].as_py()
    assert landing.tables["measurement"]["source_line"].to_pylist() == [2, 7]


@pytest.mark.parametrize(
    ("delimiter", "extra", "is_told"), [(",", "5", True), (",", "x", False), (";", "5", False)]
)
def test_a_decimal_comma_in_a_comma_separated_file_is_suspected(
    town: Municipality, delimiter: str, extra: str, is_told: bool
) -> None:
    text = f"{HEADER}\n{ROW}\n{ROW};{extra}\n".replace(";", delimiter)
    (message,) = town.landing_of("skemaer.csv", text).rejects["message_da"].to_pylist()
    assert message.endswith("Filen er delt ved komma; er kommaet også decimaltegn?") == is_told


def test_no_line_with_the_headers_cells_is_a_problem(town: Municipality) -> None:
    assert "ingen linje har overskriftens 4 celler" in town.problem_of("skemaer.csv", f"{HEADER}\n{ROW};x\n")


NOTES = "CPR;Note;Skema;Dato;Score"


def noted(note: str, date: str = "31-12-2024") -> str:
    return f"{ANNE};{note};WHO-5;{date};52"


@pytest.mark.parametrize(
    "note", ['"a;b"', '"siger ""ja"""', '5" rør', "", '"to\nlinjer"', '"to\n\ntre"', '"a\r\nb;\r\nc"']
)
def test_quoted_cells_are_read_as_their_system_wrote_them(town: Municipality, note: str) -> None:
    text = "\n".join([noted(note, "30-12-2024"), noted("sidste", "29-12-2024"), ""])
    landing = town.measurements(text, NOTES)
    assert landing.rejects.num_rows == 0
    assert landing.tables["measurement"]["source_line"].to_pylist() == [2, 3 + note.count("\n")]


def test_a_broken_note_whose_last_line_could_be_a_row_is_rejected_not_guessed(town: Municipality) -> None:
    lines = [noted('"to\n; tre"'), noted("fin", "01-12-2024")]
    landing = town.measurements("\n".join(lines), NOTES)
    assert landing.rejects["source_line"].to_pylist()[0] == 2
    assert landing.tables["measurement"]["source_line"].to_pylist() == [4]


def test_every_cell_in_quotes_is_read(town: Municipality) -> None:
    quoted = '"' + ROW.replace(";", '";"') + '"'
    assert town.measurements(f"{quoted}\r\n").tables["measurement"]["score"].to_pylist() == [52]


def test_a_stray_quote_never_swallows_a_line(town: Municipality) -> None:
    dates = [f"{day:02d}-12-2024" for day in range(1, 6)]
    lines = [noted("fin", dates[0]), noted('"fin', dates[1]), *(noted("fin", d) for d in dates[2:4])]
    lines.append(noted('fin"', dates[4]))
    landing = town.measurements("\n".join(lines), NOTES)
    assert reasons(landing) == [(3, None, "wrong_column_count")]
    assert "citationstegn" in landing.rejects["message_da"][0].as_py()
    assert landing.tables["measurement"]["source_line"].to_pylist() == [2, 4, 5, 6]


def test_a_quote_that_never_ends_rejects_its_line_only(town: Municipality) -> None:
    lines = [noted('"uden slut', "01-12-2024"), *(noted("fin", f"{d:02d}-12-2024") for d in range(2, 9))]
    landing = town.measurements("\n".join(lines), NOTES)
    assert reasons(landing) == [(2, None, "wrong_column_count")]
    assert landing.tables["measurement"].num_rows == 7


def test_a_lone_quote_is_no_blank_line(town: Municipality) -> None:
    landing = town.landing_of("skemaer.csv", f'Note;{HEADER}\n"\nnote";{ROW}\n')
    assert reasons(landing) == [(2, None, "wrong_column_count")]
    assert landing.tables["measurement"]["source_line"].to_pylist() == [3]


def test_blank_lines_and_lines_of_delimiters_are_no_rows(town: Municipality) -> None:
    landing = town.measurements(f'{ROW}\n\n;;;\n"";" ";;""\n   \n')
    assert landing.files[0].feeds[0].row_count == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(town: Municipality, end: str) -> None:
    landing = town.landing_of("skemaer.csv", GOOD.replace("\r\n", end).rstrip())
    assert landing.tables["measurement"]["score"].to_pylist() == [52]


def test_only_a_line_end_ends_a_line(town: Municipality) -> None:
    town.write("forløb.csv", "Nr.;Ansøgt;Afgjort;Slut;Timer;Besøg;Leverandør\n1;;;;;;a\x0bb\u2028c\x85d\n")
    assert town.read().tables["episode"].num_rows == 1
