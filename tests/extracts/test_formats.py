"""Dates and numbers as Danish systems write them, found out per file."""

from datetime import date

import pytest

from tests.extracts.deliveries import Municipality, reasons


def dates(town: Municipality, *texts: str) -> list[date | None]:
    landing = town.episodes(*(f"{n};{text};;;;;" for n, text in enumerate(texts)))
    values: list[date | None] = landing.tables["episode"]["requested_date"].to_pylist()
    return values


def hours(town: Municipality, *texts: str) -> list[float | None]:
    landing = town.episodes(*(f"{n};;;;{text};;" for n, text in enumerate(texts)))
    values: list[float | None] = landing.tables["episode"]["hours"].to_pylist()
    return values


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("31-12-2024", "dd-mm-yyyy"),
        ("31.12.2024", "dd.mm.yyyy"),
        ("31/12/2024", "dd/mm/yyyy"),
        ("2024-12-31", "yyyy-mm-dd"),
        ("31-12-2024 10:30", "dd-mm-yyyy"),
        ("31.12.2024 10.30.59", "dd.mm.yyyy"),
        ("2024-12-31T23:59:59.123", "yyyy-mm-dd"),
    ],
)
def test_date_formats_are_detected_and_stated(town: Municipality, text: str, form: str) -> None:
    assert dates(town, text) == [date(2024, 12, 31)]
    assert town.read().files[0].date_format == form


def test_the_day_comes_first_in_doubt(town: Municipality) -> None:
    assert dates(town, "01/02/2024", "3-4-2024") == [date(2024, 2, 1), date(2024, 4, 3)]
    assert town.read().files[0].date_format == "dd-mm-yyyy, dd/mm/yyyy"


def test_a_file_with_the_month_first_is_a_problem_never_half_read(town: Municipality) -> None:
    header = "Nr.;Ansøgt;Afgjort;Slut;Timer;Besøg;Leverandør\n"
    problem = town.problem_of("forløb.csv", header + "1;01/02/2024;;;;;\n2;12/31/2024;;;;;\n")
    assert "måneden først" in problem


@pytest.mark.parametrize(
    "text",
    [
        "31-02-2024",
        "29-02-2023",
        "00-01-2024",
        "2024",
        "31-12-24",
        "i går",
        "31-12-1899",
        "01-01-2201",
        "45657",
    ],
)
def test_what_is_no_plausible_day_is_rejected(town: Municipality, text: str) -> None:
    landing = town.episodes(f"1;{text};;;;;", "2;31-12-2024;;;;;", "3;30-12-2024;;;;;")
    assert reasons(landing) == [(2, "requested_date", "not_a_date")]
    assert landing.rejects["value"].to_pylist() == [text]


@pytest.mark.parametrize(
    "text", ["31-12-9999", "31-12-2099", "9999-12-31 00:00:00", "01-01-1900", "1.1.1900"]
)
def test_open_and_empty_dates_mean_missing(town: Municipality, text: str) -> None:
    assert dates(town, text) == [None]


@pytest.mark.parametrize(
    "text", ["", " ", "-", "Ukendt", "IKKE OPLYST", "NULL", "null", "#I/T", "#N/A", "\u00a0"]
)
def test_words_for_missing_mean_missing_in_every_type(town: Municipality, text: str) -> None:
    landing = town.episodes(f"1;{text};{text};{text};{text};{text};{text}")
    (row,) = landing.tables["episode"].to_pylist()
    assert {k for k, v in row.items() if v is not None} == {"episode_id", "source_file", "source_line"}


def test_nine_and_its_kin_are_numbers(town: Municipality) -> None:
    assert hours(town, "9", "99") == [9, 99]


@pytest.mark.parametrize(
    ("texts", "values", "sign"),
    [
        (["12,5", "1"], [12.5, 1], ","),
        (["0012,50", "+3"], [12.5, 3], ","),
        (["12.5", "1"], [12.5, 1], "."),
        (["12.5", "0.125"], [12.5, 0.125], "."),
        (["12", "7"], [12, 7], None),
    ],
)
def test_the_decimal_sign_is_detected_per_file(
    town: Municipality, texts: list[str], values: list[float], sign: str | None
) -> None:
    assert hours(town, *texts) == values
    assert town.read().files[0].decimal_sign == sign
    assert town.read().files[0].notes_da == ()


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1.234,50"], [1234.5]),
        (["1.234.567"], [1234567]),
        (["1.234", "0,5"], [1234, 0.5]),
        (["1234.50"], [1234.5]),
        (["1,234.50"], [1234.5]),
        (["1,234", "0.5"], [1234, 0.5]),
    ],
)
def test_thousands_are_told_from_decimals(town: Municipality, texts: list[str], values: list[float]) -> None:
    assert hours(town, *texts) == values


def test_a_lone_thousand_is_read_the_danish_way_and_stated(town: Municipality) -> None:
    landing = town.episodes("1;31-12-2024;;;;1.234;")
    assert landing.tables["episode"]["visits"].to_pylist() == [1234]
    assert landing.files[0].decimal_sign == ","
    assert "fremgår ikke entydigt" in landing.files[0].notes_da[0]


def test_a_lone_thousand_in_a_comma_separated_file_is_read_the_english_way(town: Municipality) -> None:
    header = "Nr.,Ansøgt,Afgjort,Slut,Timer,Besøg,Leverandør\n"
    landing = town.landing_of("forløb.csv", f"{header}1,,,,1.234,,\n")
    assert landing.tables["episode"]["hours"].to_pylist() == [1.234]
    assert landing.files[0].decimal_sign == "."


def test_numbers_of_the_other_world_are_rejected_not_guessed(town: Municipality) -> None:
    landing = town.episodes("1;;;;12,5;;", "2;;;;13,5;;", "3;;;;12.5;;")
    assert reasons(landing) == [(4, "hours", "not_a_number")]
    assert "blander komma og punktum" in landing.files[0].notes_da[0]


@pytest.mark.parametrize("text", ["ca. 5", "5 timer", "1E+05", "1,2,3", "1.23,4", "--5", "12,", "inf", "nan"])
def test_what_is_no_number_is_rejected(town: Municipality, text: str) -> None:
    landing = town.episodes(f"1;;;;{text};;")
    assert reasons(landing) == [(2, "hours", "not_a_number")]


def test_an_integer_must_be_whole(town: Municipality) -> None:
    landing = town.episodes("1;;;;;3,0;", "2;;;;;3,5;")
    assert landing.tables["episode"]["visits"].to_pylist() == [3]
    assert reasons(landing) == [(3, "visits", "not_an_integer")]
