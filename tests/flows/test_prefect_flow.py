"""The same job under Prefect, on an embedded server of its own."""

import re

import pyarrow.parquet as pq
import pytest

from tests.conftest import ROOT, virker


@pytest.fixture(scope="module")
def flow_run(demo_run, tmp_path_factory):
    home = tmp_path_factory.mktemp("prefect")
    out = tmp_path_factory.mktemp("flow")
    done = virker(
        "run", "--extracts", demo_run.raw, "--year", "2025", "--out", out, "--no-report",
        "--catalogue", ROOT / "examples" / "demo", key_file=demo_run.key_file, PREFECT_HOME=str(home),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return home, out, done


def test_prefect_changes_nothing_in_the_result(demo_run, flow_run):
    _, out, _ = flow_run
    for path in sorted(demo_run.version.glob("published/*.parquet")):
        assert pq.read_table(out / "data/marts/published" / path.name).equals(pq.read_table(path))


def test_the_run_is_quiet_and_shows_its_steps(flow_run):
    _, _, done = flow_run
    lines = done.stderr.strip().splitlines()
    assert lines[0].startswith("Starter Prefect")
    assert [line.split()[0] for line in lines[1:7]] == [f"{n}/6" for n in range(1, 7)]
    assert all(line.startswith(("Afviste rækker: ", "Advarsel: ")) for line in lines[7:])


def test_prefects_own_database_holds_no_person(demo_run, flow_run):
    home, _, _ = flow_run
    numbers = {n.encode() for n in demo_run.truth("cprs.json")}
    seen = 0
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found = {m.replace(b"-", b"") for m in re.findall(rb"(?<!\d)\d{6}-?\d{4}(?!\d)", content)}
            assert not found & numbers, path.name
            seen += 1
    assert seen > 0


def test_an_error_under_prefect_is_told_like_any_other(demo_run, tmp_path):
    done = virker(
        "run", "--extracts", tmp_path, "--year", "2025", "--out", tmp_path / "out",
        key_file=demo_run.key_file, PREFECT_HOME=str(tmp_path / "prefect"),
    )  # fmt: skip
    assert done.returncode == 1
    assert "Udtrækkene kan ikke bruges" in done.stderr
    assert "Traceback" not in done.stderr
