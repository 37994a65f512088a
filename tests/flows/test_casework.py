"""Casework and statistics are kept apart, and one person's page is made only of casework."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from pypdf import PdfReader

from pipelines.casework import Casework
from pipelines.catalogue import load_catalogue
from pipelines.errors import StoreError
from pipelines.marts import Marts
from pipelines.person import read_record
from pipelines.person.course import judge
from pipelines.publication import Store
from tests.conftest import ROOT, DemoRun, virker
from tests.flows.test_privacy import everything_stored, found_in

CATALOGUE = ROOT / "examples" / "demo"
CATEGORY = {
    "recovered": "progress",
    "improved": "progress",
    "deteriorated": "decline",
    "unchanged": "unclear",
}


@pytest.fixture(scope="module")
def casework_run(tmp_path_factory):
    out, keys = tmp_path_factory.mktemp("casework"), tmp_path_factory.mktemp("keys")
    arguments = ("demo", "--purpose", "casework", "--out", out, "--direct")
    done = virker(*arguments, key_file=keys / "pseudonym.key")
    assert done.returncode == 0, done.stderr
    return DemoRun(out, keys / "pseudonym.key", done.stdout + done.stderr)


@dataclass(frozen=True)
class Asked:
    """What the command answered, and the pages it wrote."""

    returncode: int
    said: str
    pages: list[Path]


def ask(
    run: DemoRun, number: str, *options: str | Path, key_file: Path | None = None, ending: str = "\n"
) -> Asked:
    done = subprocess.run(
        [
            sys.executable, "-m", "pipelines.cli", "person", "--out", str(run.out),
            "--catalogue", str(CATALOGUE), "--key", str(key_file or run.key_file), "--cpr-stdin",
            *map(str, options),
        ],
        cwd=ROOT, input=number + ending, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    pages = [Path(path) for path in re.findall(r"^Side: (.+)$", done.stdout, re.MULTILINE)]
    return Asked(done.returncode, done.stdout + done.stderr, pages)


@pytest.fixture(scope="module")
def number(casework_run):
    return casework_run.truth("cprs.json")[0]


@pytest.fixture(scope="module")
def asked(casework_run, number):
    return ask(casework_run, number, "--reference", "Sag 123")


def test_a_casework_run_publishes_nothing(casework_run):
    assert sorted(p.name for p in casework_run.version.iterdir()) == ["manifest.json", "restricted"]
    assert not (casework_run.out / "reports").exists()
    assert not (casework_run.out / "data" / "marts" / "published").is_symlink()
    assert not list(casework_run.out.rglob("*.parquet")) or all(
        p.is_relative_to(casework_run.raw) for p in casework_run.out.rglob("*.parquet")
    )
    manifest = json.loads((casework_run.version / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["purpose"] == "casework"
    assert [step["step"] for step in manifest["steps"]] == ["read", "count", "check"]
    assert {t["table"].partition(".")[0] for t in manifest["tables"]} == {"staging", "individual"}


def test_a_casework_run_ends_with_the_whole_command_for_a_page(casework_run):
    said = f'virker person --out "{casework_run.out}" --catalogue "{CATALOGUE}"'
    assert said in casework_run.said


def test_casework_refuses_a_survey_and_keeps_nothing_of_it(casework_run, demo_run, tmp_path):
    assert not list(casework_run.raw.glob("*undersoegelse*"))
    raw = shutil.copytree(casework_run.raw, tmp_path / "raw")
    for survey in demo_run.raw.glob("*undersoegelse*"):
        shutil.copy(survey, raw)
    refused = virker(
        "run", "--purpose", "casework", "--extracts", raw, "--year", "2025", "--catalogue", CATALOGUE,
        "--out", tmp_path / "out", "--direct", key_file=tmp_path / "keys" / "pseudonym.key",
    )  # fmt: skip
    assert refused.returncode == 1
    assert "borgerundersoegelse_2025.csv" in refused.stderr
    assert "personaleundersoegelse_2025.csv" in refused.stderr
    assert "§ 10" in refused.stderr
    assert not list((tmp_path / "out").rglob("*.duckdb"))


def test_a_run_is_for_statistics_unless_something_else_is_said(demo_run):
    manifest = json.loads((demo_run.version / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["purpose"] == "statistics"


def test_a_statistics_store_holds_no_persons_page(demo_run, number):
    refused = ask(demo_run, number)
    assert refused.returncode == 1
    assert "Siden kan ikke laves" in refused.said
    assert "til statistik" in refused.said
    assert "§ 10" in refused.said
    assert not list((demo_run.out / "data" / "marts").rglob("persons"))


def test_the_page_is_one_a4_for_the_owner_alone(casework_run, asked, number):
    assert asked.returncode == 0, asked.said
    assert [page.suffix for page in asked.pages] == [".html", ".pdf"]
    for page in asked.pages:
        assert page.parent == casework_run.out / "data" / "marts" / "restricted" / "persons"
        assert page.resolve().parent == casework_run.version / "restricted" / "persons"
        assert page.stat().st_mode & 0o777 == 0o600
        assert page.parent.stat().st_mode & 0o777 == 0o700
        assert re.fullmatch(r"forloeb_[0-9a-f]{8}\.(html|pdf)", page.name)
    reader = PdfReader(asked.pages[1])
    assert len(reader.pages) == 1
    text = reader.pages[0].extract_text()
    assert "Sag 123" in text
    assert "Lavet til sagsbehandling" in text


def test_neither_number_nor_name_nor_pseudonym_is_on_the_page(casework_run, asked, number):
    planted = {n.replace("-", "").encode() for n in casework_run.truth("cprs.json")}
    path = next(casework_run.raw.glob("borgere*.csv"))
    header, *lines = path.read_bytes().decode("cp1252").splitlines()
    columns = header.split(";")
    mine = [line.split(";") for line in lines if number.replace("-", "") in line.replace("-", "")]
    names = {row[columns.index(c)] for row in mine for c in ("Fornavn", "Efternavn")}
    assert len(names) == 2
    warehouse = casework_run.version / "restricted" / "warehouse.duckdb"
    with duckdb.connect(warehouse, read_only=True) as connection:
        pseudonyms = [p for (p,) in connection.execute("SELECT pseudonym FROM staging.identity").fetchall()]
    text = "".join(page.extract_text() for page in PdfReader(asked.pages[1]).pages)
    for content in (*(p.read_bytes() for p in asked.pages), text.encode(), asked.said.encode()):
        assert not found_in(content, planted)
        assert not any(re.search(rb"\b" + name.encode() + rb"\b", content) for name in names)
        assert not any(p in content or p.hex().encode() in content for p in pseudonyms)


def test_no_cpr_number_is_stored_for_casework(casework_run, asked):
    planted = {n.replace("-", "").encode() for n in casework_run.truth("cprs.json")}
    for name, content in everything_stored(casework_run):
        assert not found_in(content, planted), name
    assert all(p.stat().st_mode & 0o077 == 0 for p in (casework_run.version / "restricted").rglob("*"))


def test_the_two_purposes_pseudonyms_differ_even_with_one_key_file(casework_run, tmp_path):
    done = virker(
        "run", "--extracts", casework_run.raw, "--year", "2025", "--catalogue", CATALOGUE, "--out", tmp_path,
        "--direct", "--no-report", key_file=casework_run.key_file,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = []
    for out in (casework_run.out, tmp_path):
        database = out / "data" / "marts" / "restricted" / "raw.duckdb"
        with duckdb.connect(database, read_only=True) as connection:
            found.append(set(connection.execute("SELECT person_id FROM person").fetchall()))
    assert len(found[0]) > 2000
    assert not found[0] & found[1]
    assert (
        Store(casework_run.out).manifest()["key_fingerprint"] != Store(tmp_path).manifest()["key_fingerprint"]
    )


def test_a_statistics_run_into_a_casework_store_reads_nothing(casework_run, tmp_path):
    done = virker(
        "run", "--extracts", tmp_path / "nowhere", "--year", "2025", "--out", casework_run.out, "--direct",
        key_file=casework_run.key_file,
    )  # fmt: skip
    assert done.returncode == 1
    assert "er til sagsbehandling" in done.stderr
    assert "Vælg en anden mappe med --out" in done.stderr
    assert "nowhere" not in done.stderr


def test_a_casework_run_into_a_statistics_store_reads_nothing(demo_run, tmp_path):
    done = virker(
        "run", "--extracts", tmp_path / "nowhere", "--year", "2025", "--out", demo_run.out, "--direct",
        "--purpose", "casework", key_file=demo_run.key_file,
    )  # fmt: skip
    assert done.returncode == 1
    assert "heller ikke med samtykke" in done.stderr
    assert "§ 10" in done.stderr
    assert "nowhere" not in done.stderr


def test_extracts_among_the_data_of_statistics_are_not_read_for_casework(demo_run, tmp_path):
    done = virker(
        "run", "--extracts", demo_run.raw, "--year", "2025", "--out", tmp_path, "--direct",
        "--purpose", "casework", key_file=demo_run.key_file,
    )  # fmt: skip
    assert done.returncode == 1
    assert "udtrækkene ligger blandt data til statistik" in done.stderr
    assert Store(tmp_path).current() is None


def test_notebooks_are_for_statistics(casework_run):
    with pytest.raises(StoreError, match="til sagsbehandling"):
        Marts(casework_run.out)


def test_an_unknown_number_is_not_repeated(casework_run):
    refused = ask(casework_run, "010101-0001")
    assert refused.returncode == 1
    assert "ingen borger i data har det nummer" in refused.said
    assert "0101" not in refused.said


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_number_may_be_written_with_a_hyphen_and_end_a_line(casework_run, number, ending):
    written = f" {number[:6]}-{number[-4:]}"
    assert len(ask(casework_run, written, ending=ending).pages) == 2


@pytest.mark.parametrize("typed", ["abc", "", "  ", "012345678901", "320101-0001"])
def test_what_is_no_number_is_told_so_and_not_repeated(casework_run, typed):
    refused = ask(casework_run, typed)
    assert refused.returncode == 1
    assert "ikke et gyldigt CPR-nummer (ti cifre)" in refused.said
    assert not typed.strip() or typed not in refused.said
    assert "Traceback" not in refused.said


def test_a_page_overtaken_by_a_new_run_is_told_by_its_own_folder(casework_run, number, tmp_path):
    out = tmp_path / "moved"
    shutil.copytree(casework_run.out, out, symlinks=True)
    moved = DemoRun(out, casework_run.key_file, "")
    casework = Casework(out, CATALOGUE, casework_run.key_file, "")
    asked_of = moved.version
    build = Store(out).begin("2026-1", "casework")
    shutil.copy(asked_of / "manifest.json", build)
    Store(out).publish(build)
    for page in casework.write_page(number):
        assert page.exists()
        assert page.parent == asked_of / "restricted" / "persons"


def test_a_local_number_is_looked_up_as_it_is(casework_run, number):
    """Where a source has numbers of its own, what is no CPR number may still be somebody's."""
    casework = Casework(casework_run.out, CATALOGUE, casework_run.key_file, "")
    catalogue = load_catalogue(CATALOGUE)
    local = catalogue.sources[0].model_copy(update={"person_key": "local"})
    casework._catalogue = catalogue.model_copy(update={"sources": (*catalogue.sources[1:], local)})
    assert casework._known_as("abc") == ["abc"]
    written = f"{number[:6]}-{number[-4:]}"
    assert casework._known_as(written) == [number, written]


def test_the_wrong_key_the_wrong_catalogue_and_no_run_are_told(casework_run, demo_run, number, tmp_path):
    assert "nøglen er ikke den" in ask(casework_run, number, key_file=demo_run.key_file).said
    other = ask(casework_run, number, "--catalogue", ROOT / "catalogue")
    assert "kataloget er ikke det" in other.said
    empty = ask(DemoRun(tmp_path, casework_run.key_file, ""), number)
    assert "der er ingen kørsel i mappen endnu" in empty.said
    for refused in (other, empty):
        assert refused.returncode == 1
        assert "Traceback" not in refused.said


def test_a_reference_cannot_be_a_number_of_a_person(casework_run, number):
    refused = ask(casework_run, number, "--reference", f"Borger {number}")
    assert refused.returncode == 1
    assert "ligner et CPR-nummer" in refused.said
    assert number not in refused.said


def test_the_number_is_no_argument_of_the_command(casework_run, number):
    done = virker("person", "--out", casework_run.out, number, key_file=casework_run.key_file)
    assert done.returncode == 2


def test_a_page_of_casework_lasts_no_longer_than_its_version(casework_run, number, tmp_path):
    """Two runs later the version is swept, and its pages with it."""
    out = tmp_path / "moved"
    shutil.copytree(casework_run.out, out, symlinks=True)
    moved = DemoRun(out, casework_run.key_file, "")
    page = ask(moved, number).pages[0].resolve()
    assert page.exists()
    store = Store(out)
    for run_id in ("2026-1", "2026-2"):
        build = store.begin(run_id, "casework")
        shutil.copy(moved.version / "manifest.json", build)
        store.publish(build)
    assert not page.exists()


def test_the_page_and_the_marts_judge_alike(casework_run):
    """Every pair of some hundred persons, judged by both."""
    instruments = {i.id: i for i in load_catalogue(CATALOGUE).instruments}
    with duckdb.connect(
        casework_run.version / "restricted" / "warehouse.duckdb", read_only=True
    ) as warehouse:
        pairs = warehouse.execute(
            "SELECT outcome.person_id, pair.instrument_id, pair.respondent, pair.baseline_date,"
            " pair.baseline_hundredths, pair.follow_up_date, pair.follow_up_hundredths, pair.category"
            " FROM individual.reliable_change AS pair INNER JOIN individual.episode_outcome AS outcome"
            " USING (episode_id, instrument_id, respondent) WHERE pair.category IS NOT NULL"
            " AND outcome.person_id % 20 = 0"
        ).fetchall()
        record = read_record(warehouse, 1)
    assert len(pairs) > 200
    for _, instrument, respondent, before, x, after, y, category in pairs:
        row = {"instrument_id": instrument, "respondent": respondent, "baseline_date": before}
        row |= {"baseline_score": x / 100, "ended_date": None}
        direction = 1 if instruments[instrument].better == "higher" else -1
        verdict = judge(record, row, direction, [(after, y / 100)]).verdict
        assert verdict == CATEGORY[category], (instrument, x, y)
