"""Which file is which source: nothing that may hold data is left lying in silence."""

from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.catalogue import Catalogue
from tests.extracts.deliveries import GOOD, MEASUREMENTS, PERSONS, Municipality, with_entries


def test_a_missing_and_an_empty_folder_are_clear_problems(town: Municipality, tmp_path: Path) -> None:
    assert "mappen har ingen udtræk" in town.problem()
    town.folder = tmp_path / "nowhere"
    assert "mappen findes ikke" in town.problem()


def test_names_match_whatever_their_case_and_several_files_may_be_one_source(town: Municipality) -> None:
    town.write("SKEMAER_2023.CSV", GOOD)
    town.write("skemaer_2024.csv", GOOD.replace("52", "60"))
    landing = town.read()
    assert [(f.name, f.source_id) for f in landing.files] == [
        ("SKEMAER_2023.CSV", "skemaer"),
        ("skemaer_2024.csv", "skemaer"),
    ]
    assert landing.tables["measurement"]["score"].to_pylist() == [52, 60]


def test_letters_of_a_file_name_match_composed_or_not(town: Municipality) -> None:
    decomposed = "forlo\u0308b.csv".replace("o\u0308", "ø")
    header = "Nr.;Ansøgt;Afgjort;Slut;Timer;Besøg;Leverandør\n1;;;;;;\n"
    assert town.landing_of(decomposed, header).files[0].source_id == "forloeb"


@pytest.mark.parametrize("name", ["andet.csv", "noter.txt", "ark.XLSX", "data.parquet"])
def test_a_data_file_nobody_knows_is_a_problem_that_lists_the_patterns(town: Municipality, name: str) -> None:
    town.write("skemaer.csv", GOOD)
    problem = town.problem_of(name, "x")
    assert problem.startswith(f"{name}: filen kendes ikke af kataloget")
    assert "borgere*.csv, forløb*.csv, skemaer*.csv" in problem


@pytest.mark.parametrize("name", ["skemaer.xls", "udtræk.zip", "skemaer.csv.gz"])
def test_a_data_file_of_a_form_that_is_not_read_is_a_problem(town: Municipality, name: str) -> None:
    town.write("skemaer.csv", GOOD)
    assert "kan ikke læses. Gem udtrækket som csv" in town.problem_of(name, b"PK")


def test_a_data_file_in_a_subfolder_is_a_problem(town: Municipality) -> None:
    town.write("skemaer.csv", GOOD)
    assert "2023/skemaer.csv: filen ligger i en undermappe" in town.problem_of("2023/skemaer.csv", GOOD)


def test_hidden_files_excels_locks_and_documents_are_no_extracts(town: Municipality) -> None:
    town.write("skemaer.csv", GOOD)
    for name in (".DS_Store", "~$skemaer.xlsx", "følgebrev.pdf"):
        town.write(name, b"x")
    assert len(town.read().files) == 1


def test_a_file_of_two_sources_is_a_problem(town: Municipality) -> None:
    other = MEASUREMENTS.model_copy(update={"id": "skemaer_igen", "file": "*2024.csv"})
    town.catalogue = with_entries(town.catalogue, MEASUREMENTS, other)
    town.write("skemaer.csv", GOOD)
    assert "passer på flere kilder (skemaer og skemaer_igen)" in town.problem_of("skemaer_2024.csv", GOOD)


def test_a_required_extract_without_a_file_is_a_problem_and_an_optional_one_an_empty_table(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    town = Municipality(tmp_path, with_entries(catalogue, PERSONS, MEASUREMENTS))
    assert "Ventet: skemaer*.csv" in town.problem_of("borgere.csv", "CPR;Født;Køn\n0101901234;;\n")
    town.write("skemaer.csv", GOOD)
    episode = town.read().tables["episode"]
    assert episode.num_rows == 0
    assert episode.column_names[-2:] == ["source_file", "source_line"]


def test_a_source_without_a_file_is_a_problem_unless_it_may_be_absent(
    town: Municipality, catalogue: Catalogue
) -> None:
    required = [s.model_copy(update={"required": True}) for s in (PERSONS, MEASUREMENTS)]
    town.catalogue = with_entries(catalogue, *required)  # one cause: the extract is required as well
    assert town.problem_of("borgere.csv", "CPR;Født;Køn\n0101901234;;\n") == (
        f"{town.folder}: ingen fil passer til kilden »Skemaer« (skemaer*.csv). "
        "Læg filen i mappen, eller skriv required = false i sources/skemaer.toml."
    )


@pytest.mark.parametrize("name", ["skemaer.xls", "skemaer.csv.gz", "2023/skemaer.csv"])
def test_a_file_with_a_problem_of_its_own_is_not_also_absent(town: Municipality, name: str) -> None:
    source = MEASUREMENTS.model_copy(update={"required": True})
    town.catalogue = town.catalogue.model_copy(update={"sources": (PERSONS, source)})
    town.write("borgere.csv", "CPR;Født;Køn\n0101901234;;\n")
    assert town.problem_of(name, GOOD).startswith(f"{name}: ")


def test_every_problem_of_every_file_is_told_at_once(town: Municipality) -> None:
    town.write("andet.csv", "x")
    town.write("borgere.csv", "CPR;Køn\n0101901234;K\n")
    town.write("skemaer.csv", b"")
    town.write("forløb.csv", b"\x81\x8d")
    problems = town.problems()
    assert [p.split(":")[0] for p in problems] == [
        "andet.csv",
        "borgere.csv",
        "forløb.csv, linje 1",
        "skemaer.csv",
    ]


def test_the_hash_is_of_the_bytes_that_were_read(town: Municipality) -> None:
    (file,) = town.landing_of("skemaer.csv", GOOD).files
    assert (file.sha256, file.size_bytes) == (sha256(GOOD.encode()).hexdigest(), len(GOOD))


def test_a_cpr_number_in_a_file_name_is_masked_and_names_stay_different(town: Municipality) -> None:
    town.write("skemaer_0101901234.csv", GOOD)
    town.write("skemaer_311299-4321.csv", GOOD.replace("52", "60"))
    landing = town.read()
    assert [f.name for f in landing.files] == ["skemaer_(skjult).csv", "(2) skemaer_(skjult).csv"]
    assert landing.tables["measurement"]["source_file"].to_pylist() == [f.name for f in landing.files]


def test_a_file_that_cannot_be_opened_is_a_problem(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.write("skemaer.csv", GOOD)

    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert "filen kan ikke åbnes (Permission denied)" in town.problem()
