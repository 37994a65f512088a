"""The files are as the systems deliver them, and nothing else lies among them."""

import re
import zipfile
from datetime import date
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.catalogue import Catalogue
from pipelines.demo import write_demo
from tests.demo.reading import ENCODINGS, YEAR, Demo, as_date


def test_raw_holds_one_file_per_source_and_no_truth(demo: Demo) -> None:
    names = sorted(path.name for path in demo.raw.rglob("*"))
    assert names == sorted(s.file.replace("*", f"_{YEAR}") for s in demo.catalogue.sources)
    assert sorted(p.name for p in demo.truth.iterdir()) == [
        "cprs.json",
        "faults.json",
        "individuals.json",
        "truth.json",
    ]


def test_truth_inside_raw_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside raw"):
        write_demo(tmp_path, tmp_path / "truth", catalogue, seed=1, reporting_year=YEAR)
    assert list(tmp_path.iterdir()) == []


def test_same_seed_gives_the_same_bytes_and_another_seed_others(
    demo: Demo, catalogue: Catalogue, tmp_path: Path
) -> None:
    write_demo(tmp_path / "raw", tmp_path / "truth", catalogue, seed=1, reporting_year=YEAR)
    for folder, again in ((demo.raw, tmp_path / "raw"), (demo.truth, tmp_path / "truth")):
        for path in folder.iterdir():
            assert path.read_bytes() == (again / path.name).read_bytes(), path.name
    write_demo(tmp_path / "raw", tmp_path / "truth", catalogue, seed=2, reporting_year=YEAR)
    for path in demo.raw.iterdir():
        assert path.read_bytes() != (tmp_path / "raw" / path.name).read_bytes(), path.name


def test_size(demo: Demo) -> None:
    assert len(demo.clean("borgere")) == 2500
    assert 5700 <= len(demo.clean("indsatser")) <= 6300
    finished = sum(len(demo.clean(s)) for s in ("trivselsskemaer", "familiecenter", "funktionsniveau"))
    scored = demo.json("individuals.json")["items"]["scored_count"]
    assert finished + scored == 60_000
    truth = demo.json("truth.json")
    assert truth["measurement_count"] == finished + scored
    assert truth["episode_count"] == len(demo.clean("indsatser"))
    assert {row["Indsatskode"] for row in demo.clean("indsatser")} == {
        i.id for i in demo.catalogue.interventions
    }


@pytest.mark.parametrize(
    ("stem", "least", "most"),
    [
        ("spoergeskemasvar", 600, 700),
        ("borgermaal", 1_500, 3_000),
        ("forsoergelse", 3_500, 6_000),
        ("bolig", 2_000, 4_000),
        ("gaeld", 1_000, 2_000),
        ("bevillinger", 2_500, 3_500),
        ("kontakter", 27_000, 33_000),
        ("haendelser", 700, 900),
        ("planer", 1_200, 1_800),
        ("cpr_skift", 12, 12),
        ("borgerundersoegelse", 1_600, 1_600),
        ("personaleundersoegelse", 180, 180),
        ("ambassadoerer", 200, 280),
        ("aktiviteter", 150, 200),
        ("handlinger", 25, 25),
    ],
)
def test_size_of_the_records_beside_scores(demo: Demo, stem: str, least: int, most: int) -> None:
    assert least <= len(demo.clean(stem)) <= most


@pytest.mark.parametrize(
    ("stem", "encoding", "bom"),
    [
        (stem, encoding.removesuffix("-sig"), b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b"")
        for stem, encoding in ENCODINGS.items()
    ],
)
def test_csv_encoding_and_line_ends(demo: Demo, stem: str, encoding: str, bom: bytes) -> None:
    data = next(demo.raw.glob(f"{stem}*")).read_bytes()
    assert data.startswith(bom)
    assert (data[:3] == b"\xef\xbb\xbf") == bool(bom)
    text = data[len(bom) :].decode(encoding)
    assert re.search("[æøå]", text)
    if encoding == "cp1252":
        with pytest.raises(UnicodeDecodeError):
            data.decode("utf-8")
    # Every line end is CRLF, but for the line breaks inside free text.
    assert text.endswith("\r\n")
    assert text.count("\n") - text.count("\r\n") == text.count("Opkald modtaget.\n")


def test_each_csv_has_the_headers_and_habits_of_its_system(demo: Demo) -> None:
    people, episodes, forms = (demo.clean(s) for s in ("borgere", "indsatser", "trivselsskemaer"))
    assert {"Fornavn", "Efternavn", "Adresse"} <= people[0].keys()
    assert all(as_date(row["Fødselsdato"]) for row in people)
    costs = [row["Udgift i alt (kr.)"] for row in episodes if row["Udgift i alt (kr.)"]]
    assert all(re.fullmatch(r"\d{1,3}(\.\d{3})*,\d\d", cost) for cost in costs)
    assert sum("." in cost for cost in costs) > 5000
    ors = [row["Samlet score"] for row in forms if row["Skema"] == "ORS"]
    assert all(re.fullmatch(r"\d{1,2},\d", score) for score in ors)
    who5 = {int(row["Samlet score"]) for row in forms if row["Skema"] == "WHO-5"}
    assert who5 == set(range(0, 101, 4))
    assert all(re.fullmatch(r"\d\d\.\d\d\.\d{4}", row["Besvaret dato"]) for row in forms)
    title, header = next(demo.raw.glob("trivsel*")).read_bytes().decode("cp1252").split("\r\n")[:2]
    assert ";" not in title
    assert header == "CPR;Skema;Besvaret dato;Samlet score"


def test_free_text_names_people_as_in_life(demo: Demo) -> None:
    cprs = set(demo.json("cprs.json"))
    columns = {"indsatser": "Bemærkning", "haendelser": "Notat", "planer": "Bemærkning"}
    by_file = [[r[column] for r in demo.clean(stem) if r[column]] for stem, column in columns.items()]
    numbers = [[m for note in notes for m in re.findall(r"\d{6}-\d{4}", note)] for notes in by_file]
    assert all(numbers)
    found, notes = list(chain(*numbers)), list(chain(*by_file))
    assert 5 <= len(found) <= 30
    assert {m.replace("-", "") for m in found} <= cprs
    assert any(";" in note for note in notes)
    assert any('"' in note for note in notes)
    assert any("\n" in note for note in notes)


def test_xlsx_has_title_rows_real_dates_and_numbers(demo: Demo) -> None:
    (line, header), *_ = demo.rows("familiecenter")
    assert line == 4
    assert "Barnets navn" in header
    rows = demo.clean("familiecenter")
    assert len(rows) > 3000
    assert all(isinstance(row["Dato"], date) for row in rows)
    assert all(isinstance(row["SDQ samlet"], float) and 0 <= row["SDQ samlet"] <= 40 for row in rows)
    assert {row["Udfyldt af"] for row in rows} == {"Forælder", "Lærer", "Den unge selv"}
    # Text in sheet cells is text: no CPR number has become a number.
    assert all(re.fullmatch(r"\d{10}", row["Barnets CPR"]) for row in rows)
    assert zipfile.is_zipfile(next(demo.raw.glob("familiecenter*")))


def test_parquet_has_the_sources_names_and_types(demo: Demo) -> None:
    schema = pq.read_schema(next(demo.raw.glob("funktionsniveau*")))
    assert schema.names == ["cpr", "skala", "vurderet", "vaerdi"]
    assert schema.types == [pa.string(), pa.string(), pa.date32(), pa.float64()]


def test_every_score_is_within_its_instruments_range(demo: Demo) -> None:
    ranges = {i.id: (i.minimum, i.maximum) for i in demo.catalogue.instruments}
    names = {"WHO-5": "WHO5", "UCLA-3 (ensomhed)": "UCLA3", "CORE-10": "CORE10", "PHQ-9": "PHQ9"}
    scores = [
        (names.get(r["Skema"], r["Skema"]), float(r["Samlet score"].replace(",", ".")))
        for r in demo.clean("trivselsskemaer")
    ]
    scores += [(r["skala"], r["vaerdi"]) for r in demo.clean("funktionsniveau")]
    outside = [(name, score) for name, score in scores if not ranges[name][0] <= score <= ranges[name][1]]
    assert outside == []


def test_no_date_is_later_than_the_day_of_the_extract(demo: Demo) -> None:
    episodes = demo.clean("indsatser")
    for name in ("Ansøgt", "Afgjort", "Startdato", "Slutdato"):
        dates = [d for row in episodes if (d := as_date(row[name]))]
        assert max(dates) <= date(YEAR + 1, 1, 31)
        assert min(dates) >= date(YEAR - 4, 1, 1)
