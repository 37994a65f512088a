"""The contract row by row: what is kept, what is rejected, and what the reject says."""

from pathlib import Path

import pytest

from pipelines.catalogue import Catalogue, Feed, Source
from pipelines.extracts import Landing
from tests.extracts.deliveries import (
    ANNE,
    BO,
    EPISODE,
    EPISODES,
    MEASUREMENT,
    MEASUREMENTS,
    PERSON,
    Municipality,
    optional,
    reasons,
    with_entries,
)


def test_a_landed_table_has_the_contracts_columns_and_types(town: Municipality) -> None:
    tables = town.measurements(f"{ANNE};WHO-5;31-12-2024;52\n").tables
    assert {f.name: str(f.type) for f in tables["measurement"].schema} == {
        "person_id": "fixed_size_binary[16]",
        "instrument_id": "string",
        "measured_date": "date32[day]",
        "score": "double",
        "source_file": "string",
        "source_line": "int64",
    }
    assert str(tables["episode"].schema.field("visits").type) == "int64"


@pytest.mark.parametrize(
    ("row", "field", "reason", "value"),
    [
        (f"{ANNE};;31-12-2024;52", "instrument_id", "missing", ""),
        (f"{ANNE};WHO-5;Ukendt;52", "measured_date", "missing", "Ukendt"),
        (f"{ANNE};WHO-5;31-12-9999;52", "measured_date", "missing", "31-12-9999"),
        (f"{ANNE};WHO-6;31-12-2024;52", "instrument_id", "unknown_reference", "WHO-6"),
        (f"{ANNE};WHO-5;31-12-2024;101", "score", "out_of_range", "101"),
        (f"{ANNE};WHO-5;31-12-2024;-1", "score", "out_of_range", "-1"),
        (f"{ANNE};ORS;31-12-2024;41", "score", "out_of_range", "41"),
        (f"{ANNE};WHO-5;31-12-2024;ja", "score", "not_a_number", "ja"),
        ("311399-4321;WHO-5;31-12-2024;52", "person_id", "invalid_cpr", "(skjult)"),
        (";WHO-5;31-12-2024;52", "person_id", "missing", "(skjult)"),
        (f"{ANNE};{ANNE};31-12-2024;52", "instrument_id", "looks_like_cpr", "(skjult)"),
        (f"{ANNE};WHO-5;0101901234;52", "measured_date", "looks_like_cpr", "(skjult)"),
        (f"{ANNE};WHO-5;31-12-2024;0101901234", "score", "looks_like_cpr", "(skjult)"),
        (f"{ANNE};WHO-5;101901234;52", "measured_date", "not_a_date", "(skjult)"),
    ],
)
def test_a_wrong_value_rejects_its_row(
    town: Municipality, row: str, field: str, reason: str, value: str
) -> None:
    landing = town.measurements(f"{row}\n{BO};ORS;30-12-2024;40\n")
    (reject,) = landing.rejects.to_pylist()
    heading = MEASUREMENTS.feeds[0].columns[field]
    assert reject.pop("message_da").startswith(f"»{MEASUREMENT.field(field).label_da}«")  # type: ignore[union-attr]
    assert reject == {
        "source_file": "skemaer.csv",
        "source_line": 2,
        "extract_id": "measurement",
        "field_id": field,
        "column_name": heading,
        "value": value,
        "reason": reason,
    }
    assert landing.tables["measurement"]["score"].to_pylist() == [40]


def test_a_row_with_several_wrong_fields_has_a_reject_for_each_and_counts_once(town: Municipality) -> None:
    landing = town.measurements("010190;WHO-6;i går;52\n")
    assert [reason for *_, reason in reasons(landing)] == ["unknown_reference", "not_a_date", "invalid_cpr"]
    assert landing.files[0].feeds[0].rejected_count == 1


def test_values_are_translated_trimmed_in_any_case_and_others_kept(town: Municipality) -> None:
    landing = town.measurements(f"{ANNE}; who-5 ;31-12-2024;52\n{ANNE};WHO5;30-12-2024;52\n")
    assert landing.tables["measurement"]["instrument_id"].to_pylist() == ["WHO5", "WHO5"]


def test_a_code_outside_its_list_is_rejected_with_the_list(town: Municipality) -> None:
    landing = town.landing_of("borgere.csv", "CPR;Født;Køn\n0101901234;;Z\n3112994321;;female\n")
    assert reasons(landing) == [(2, "sex", "unknown_code")]
    assert "Kendte: female, male." in landing.rejects["message_da"][0].as_py()
    assert landing.tables["person"]["sex"].to_pylist() == ["female"]


def test_limits_are_inclusive(town: Municipality) -> None:
    landing = town.episodes("1;;;;0;;", "2;;;;2000000;;", "3;;;;-0,1;;", "4;;;;2000000,1;;")
    assert reasons(landing) == [(4, "hours", "out_of_range"), (5, "hours", "out_of_range")]
    assert "skal være mindst 0 og højst 2000000." in landing.rejects["message_da"][0].as_py()


def test_an_order_of_dates_that_is_an_error_rejects(town: Municipality) -> None:
    landing = town.episodes("1;02-01-2024;;01-01-2024;;;", "2;02-01-2024;;02-01-2024;;;", "3;;;01-01-2024;;;")
    assert reasons(landing) == [(2, "ended_date", "before_other_date")]
    assert "»Slut« ligger før »Ansøgt«" in landing.rejects["message_da"][0].as_py()


def test_a_rule_that_only_warns_is_left_to_the_data_checks(town: Municipality) -> None:
    landing = town.episodes("1;02-01-2024;01-01-2024;;;;")
    assert landing.rejects.num_rows == 0
    assert landing.tables["episode"].num_rows == 1


@pytest.mark.parametrize("total", ["I alt", "i alt", "Total", "Hovedtotal"])
def test_a_total_is_a_wrong_row_not_a_person_or_a_code(town: Municipality, total: str) -> None:
    landing = town.landing_of("borgere.csv", f"CPR;Født;Køn\n0101901234;;K\n{total};;\n")
    assert reasons(landing) == [(3, "person_id", "invalid_cpr")]
    landing = town.episodes("1;;;;;;", f"{total};;;;37;;")
    assert (3, "episode_id", "unknown_code") in reasons(landing)


def test_an_exact_repeat_is_rejected_wherever_it_stands(town: Municipality) -> None:
    town.write(
        "skemaer_1.csv",
        "CPR;Skema;Dato;Score\n0101901234;WHO-5;31-12-2024;52\n0101901234;WHO-5;31-12-2024;53\n",
    )
    town.write("skemaer_2.csv", "Score;Dato;Skema;CPR\n52,0;2024-12-31;WHO5;010190-1234\n")
    landing = town.read()
    assert landing.tables["measurement"]["score"].to_pylist() == [52, 53]
    (reject,) = landing.rejects.to_pylist()
    assert (reject["source_file"], reject["source_line"], reject["reason"]) == (
        "skemaer_2.csv",
        2,
        "duplicate",
    )
    assert reject["value"] is None


def test_rows_that_differ_only_in_what_is_missing_are_no_repeats(town: Municipality) -> None:
    landing = town.landing_of("borgere.csv", "CPR;Født;Køn\n0101901234;;K\n0101901234;;\n0101901234;-;\n")
    assert reasons(landing) == [(4, None, "duplicate")]


def test_constants_fill_a_field_and_multiply_rescales_one(town: Municipality) -> None:
    feed = Feed(
        extract="measurement",
        columns={"person_id": "CPR", "score": "Score"},
        constants={"instrument_id": "WHO5", "measured_date": "2024-12-31"},
        multiply={"score": 4},
    )
    source = MEASUREMENTS.model_copy(update={"feeds": (feed,)})
    town.catalogue = with_entries(town.catalogue, source, extracts=optional(PERSON, EPISODE, MEASUREMENT))
    landing = town.landing_of("skemaer.csv", "CPR;Score\n0101901234;12,5\n3112994321;26\n")
    (row,) = landing.tables["measurement"].to_pylist()
    assert (row["instrument_id"], str(row["measured_date"]), row["score"]) == ("WHO5", "2024-12-31", 50)
    assert reasons(landing) == [(3, "score", "out_of_range")]


def test_a_number_translated_by_the_catalogue_is_read_as_the_catalogue_writes_it(town: Municipality) -> None:
    feed = EPISODES.feeds[0].model_copy(
        update={"values": {"hours": {"få": "1.5"}, "ended_date": {"uge 1": "2024-01-01"}}}
    )
    source = EPISODES.model_copy(update={"feeds": (feed,)})
    town.catalogue = with_entries(town.catalogue, source, extracts=optional(PERSON, EPISODE, MEASUREMENT))
    landing = town.episodes("1;;;Uge 1;FÅ;;", "2;;;31-12-2024;2,5;;")
    rows = landing.tables["episode"].to_pylist()
    assert [(str(r["ended_date"]), r["hours"]) for r in rows] == [("2024-01-01", 1.5), ("2024-12-31", 2.5)]
    assert landing.files[0].decimal_sign == ","


@pytest.mark.parametrize("note", [f"ringede til {ANNE}", "F0101901234x", "(010190 1234)", "710190-1234"])
def test_a_text_that_holds_a_cpr_number_is_rejected_and_hidden(town: Municipality, note: str) -> None:
    landing = town.episodes(f"1;;;;;;{note}")
    assert reasons(landing) == [(2, "note", "looks_like_cpr")]
    assert landing.rejects["value"].to_pylist() == ["(skjult)"]


@pytest.mark.parametrize("note", ["01019012345", "9999999999", "310290-1234", "0101-901234", "Mariehjem 12"])
def test_other_numbers_are_no_cpr_numbers(town: Municipality, note: str) -> None:
    assert town.episodes(f"1;;;;;;{note}").tables["episode"]["note"].to_pylist() == [note]


def messages(landing: Landing) -> list[str]:
    found: list[str] = landing.rejects["message_da"].to_pylist()
    return found


def test_a_wrong_cpr_number_is_told_in_words_that_make_sense(town: Municipality) -> None:
    (message,) = messages(town.measurements("311399-4321;WHO-5;31-12-2024;52\n"))
    assert message.startswith("»CPR-nummer«: værdien er ikke et gyldigt CPR-nummer (ti cifre")


def test_an_unknown_code_of_a_required_field_may_be_left_out_of_an_optional_extract(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    feed = Feed(
        extract="status_spell",
        columns={"person_id": "CPR", "status_id": "Status", "from_date": "Fra"},
        constants={"domain": "housing"},
    )
    source = Source(id="bolig", label_da="Bolig", file="b*.csv", person_key="cpr", feeds=(feed,))
    entries = {"sources": (source,), "extracts": (catalogue.extract("status_spell"),)}
    town = Municipality(tmp_path, catalogue.model_copy(update=entries))
    rows = f"{ANNE};Ukendt;01-01-2024\n{ANNE};homeles;01-01-2024\n{ANNE};shelter;\n"
    unknown, misspelt, undated = messages(town.landing_of("b.csv", f"CPR;Status;Fra\n{rows}"))
    assert unknown.startswith("»Status« mangler (tomt, »-«, »ukendt« eller lignende). Udfyld feltet i kilde")
    assert 'eller skriv absent_when_missing = ["status_id"] i kildens katalogfil (bolig).' in unknown
    known = [status.id for status in catalogue.statuses]
    assert misspelt.startswith(f"»Status« findes ikke i kataloget. Kendte: {', '.join(known[:10])}, …. Opret")
    assert "absent_when_missing" not in undated


def test_a_required_extract_is_not_told_to_leave_rows_out_for_want_of_a_code(town: Municipality) -> None:
    entries = {"extracts": (PERSON, EPISODE, MEASUREMENT)}
    town.catalogue = town.catalogue.model_copy(update=entries)
    (message,) = messages(town.measurements(f"{ANNE};;31-12-2024;52\n"))
    assert message.endswith("Udfyld feltet i kildesystemet.")


def test_a_year_of_two_digits_is_told_as_the_cause(town: Municipality) -> None:
    landing = town.episodes("1;31-12-24;;;;;", "2;31-02-2024;;;;;", "3;1.2.24 10:30;;x;;;")
    assert [("fire cifre" in m, r[1]) for m, r in zip(messages(landing), reasons(landing), strict=True)] == [
        (True, "requested_date"),
        (False, "requested_date"),
        (False, "ended_date"),
        (True, "requested_date"),
    ]
    assert messages(landing)[0].startswith("»Ansøgt« er ikke en dato, der kan bruges: årstallet skal")


def test_a_long_wrong_value_is_cut(town: Municipality) -> None:
    landing = town.episodes(f"1;;;;{'meget lang tekst ' * 20};;")
    assert len(landing.rejects["value"][0].as_py()) == 61
