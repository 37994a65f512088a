"""The command as an analyst meets it."""

import json
import re
import shutil

import pytest

from tests.conftest import ROOT, virker


@pytest.fixture
def key_file(tmp_path):
    return tmp_path / "keys" / "pseudonym.key"


@pytest.mark.parametrize("command", ["demo", "run", "check", "inspect", "person", "serve"])
def test_every_command_has_help_with_an_example(command, key_file):
    done = virker(command, "--help", key_file=key_file)
    assert done.returncode == 0
    assert "Eksempel: virker" in done.stdout
    (done.stdout + done.stderr).encode("cp1252")


def test_a_wrong_option_is_a_usage_error(key_file):
    assert virker("run", "--year", "snart", key_file=key_file).returncode == 2


def test_inspect_tells_how_a_file_is_read(demo_run):
    path = demo_run.raw / "indsatser_2025.csv"
    done = virker("inspect", path, "--json", key_file=demo_run.key_file)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["source_ids"] == ["fagsystem"]
    assert found["delimiter"] == ";"


def test_check_tells_what_is_wrong_and_changes_nothing(demo_run, tmp_path):
    raw = shutil.copytree(demo_run.raw, tmp_path / "raw")
    done = virker("check", "--extracts", raw, "--year", "2025", key_file=demo_run.key_file)
    assert done.returncode == 0, done.stderr
    assert "Afvist: indsatser_2025.csv, linje" in done.stdout
    assert "advarsel" in done.stdout.lower()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["raw"]


def test_a_wrong_column_is_one_line_however_many_rows(demo_run, tmp_path):
    raw = shutil.copytree(demo_run.raw, tmp_path / "raw")
    path = raw / "indsatser_2025.csv"
    header, *lines = path.read_bytes().split(b"\r\n")
    dated = [re.sub(rb"(\d\d-\d\d)-20(\d\d)", rb"\1-\2", line) for line in lines]
    path.write_bytes(b"\r\n".join([header, *dated]))
    done = virker("check", "--extracts", raw, "--year", "2025", key_file=demo_run.key_file)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) < 100
    assert "andre, Startdato" in done.stdout


def test_one_more_row_is_said_in_the_singular(demo_run, tmp_path):
    raw = shutil.copytree(demo_run.raw, tmp_path / "raw")
    path = raw / "borgere_2025.csv"
    path.write_bytes(path.read_bytes() + b"I alt\r\nTotal\r\n")
    done = virker("check", "--extracts", raw, "--year", "2025", key_file=demo_run.key_file)
    assert re.search(r"Afvist: borgere_2025.csv, linje \d+ og 1 anden, ", done.stdout), done.stdout


def test_a_run_tells_of_rejected_rows_and_warnings(demo_run):
    rejected = {(f["file"], f["line"]) for f in demo_run.truth("faults.json") if f["handling"] == "rejected"}
    check = f'virker check --extracts "{demo_run.raw}" --year 2025 --catalogue "{ROOT / "examples" / "demo"}"'
    assert f"Afviste rækker: {len(rejected)}. Se dem med: {check}\n" in demo_run.said
    assert re.search(r"Advarsel: Målinger: 2 af [\d.]+ rækker gentager en nøgle", demo_run.said)


def test_an_impossible_parameter_is_a_catalogue_mistake(demo_run, tmp_path):
    catalogue = shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue")
    path = catalogue / "parameters.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in (("value = 0.95", "value = 95"), ("value = 5\n", "value = 1\n")):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    done = virker(
        "check",
        "--extracts",
        demo_run.raw,
        "--year",
        "2025",
        "--catalogue",
        catalogue,
        key_file=demo_run.key_file,
    )
    assert done.returncode == 1
    assert "confidence_level: value): 95 skal være mindst 0.5 og højst 0.999" in done.stderr
    assert "disclosure_minimum: value): 1 skal være mindst 3" in done.stderr


def test_a_demo_cannot_be_taken_for_a_real_place(demo_run):
    report = (demo_run.out / "reports/output/effektrapport_2025.html").read_text(encoding="utf-8")
    assert "opdigtede data" in report
    assert "Fredericia Kommune" not in report


def test_the_demo_does_not_overwrite_real_extracts(tmp_path, key_file):
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "borgere_2025.csv").write_text("egne data")
    done = virker("demo", "--out", tmp_path, key_file=key_file)
    assert done.returncode == 1
    assert "allerede filer" in done.stderr
    assert (raw / "borgere_2025.csv").read_text() == "egne data"


def test_five_catalogue_mistakes_are_told_at_once(demo_run, tmp_path):
    catalogue = shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue")
    parameters = catalogue / "parameters.toml"
    parameters.write_text(
        parameters.read_text(encoding="utf-8").replace("value =", "vaerdi ="), encoding="utf-8"
    )
    done = virker(
        "run", "--extracts", demo_run.raw, "--year", "2025", "--catalogue", catalogue, "--out", tmp_path,
        "--direct", key_file=demo_run.key_file,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("parameters.toml (parameter ") > 5
    assert "Traceback" not in done.stderr
