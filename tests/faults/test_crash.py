"""`kill -9`, two at once, a wrong key, a bad file: the version shown before stays whole."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys

import pytest

from tests.conftest import ROOT, DemoRun, virker

STEPS = 7


@pytest.fixture(scope="module")
def municipality(demo_run, tmp_path_factory):
    """A place with a published version, and the extracts to run again on."""
    out = tmp_path_factory.mktemp("crash")
    shutil.copytree(demo_run.raw, out / "data" / "raw")
    done = run(DemoRun(out, demo_run.key_file, ""))
    assert done.returncode == 0, done.stderr
    return DemoRun(out, demo_run.key_file, done.stderr)


def arguments(place):
    return ["run", "--extracts", place.raw, "--year", "2025", "--out", place.out, "--direct"]


def run(place):
    return virker(*arguments(place), key_file=place.key_file)


def fingerprint(place):
    """Every byte a reader can see through the known places."""
    shown = [
        place.out / "data/marts/published",
        place.out / "data/marts/restricted",
        place.out / "reports/output",
    ]
    return {
        str(p.relative_to(place.out)): hashlib.sha256(p.read_bytes()).hexdigest()
        for folder in shown
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def start(place):
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *map(str, arguments(place))],
        cwd=ROOT,
        env=os.environ | {"VIRKER_KEY_FILE": str(place.key_file)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("finished_steps", range(STEPS))
def test_kill_9_leaves_the_old_version_whole_and_the_next_run_clean(municipality, finished_steps):
    before = fingerprint(municipality)
    process = start(municipality)
    assert process.stderr is not None
    for _ in range(finished_steps):
        assert "/7" in process.stderr.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    assert fingerprint(municipality) == before
    if finished_steps == STEPS - 1:
        done = run(municipality)
        assert done.returncode == 0, done.stderr
        versions = municipality.out / "data/marts/.versions"
        assert not list(versions.glob(".building-*"))
        after = fingerprint(municipality)
        marts = {name: digest for name, digest in before.items() if name.endswith(".parquet")}
        assert marts.items() <= after.items()


def test_a_second_run_at_the_same_time_says_so_and_stops(municipality):
    first = start(municipality)
    assert first.stderr is not None
    first.stderr.readline()
    second = run(municipality)
    assert second.returncode == 1
    assert "en anden kørsel er i gang" in second.stderr
    first.communicate()
    assert first.returncode == 0


def test_a_file_that_cannot_be_read_stops_before_anything_is_replaced(municipality, tmp_path):
    before = fingerprint(municipality)
    place = DemoRun(municipality.out, municipality.key_file, "")
    raw = shutil.copytree(place.raw, tmp_path / "raw")
    next(raw.glob("*.xlsx")).write_bytes(b"PK\x03\x04 cut short")
    episodes = next(raw.glob("indsatser*.csv"))
    episodes.write_bytes(episodes.read_bytes().replace(b"Startdato", b"Begyndt", 1))
    done = virker(
        "run", "--extracts", raw, "--year", "2025", "--out", place.out, "--direct", key_file=place.key_file
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "familiecenter_sdq_2025.xlsx" in done.stderr
    assert "indsatser_2025.csv" in done.stderr
    assert "Startdato" in done.stderr
    assert fingerprint(municipality) == before


def test_too_many_wrong_rows_stop_the_run(municipality, tmp_path):
    before = fingerprint(municipality)
    raw = shutil.copytree(municipality.raw, tmp_path / "raw")
    path = next(raw.glob("indsatser*.csv"))
    lines = path.read_bytes().split(b"\r\n")
    wrong = [line.replace(b"-20", b"-99", 4) if i % 10 == 5 else line for i, line in enumerate(lines)]
    path.write_bytes(b"\r\n".join(wrong))
    done = virker(
        "run", "--extracts", raw, "--year", "2025", "--out", municipality.out, "--direct",
        key_file=municipality.key_file,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Datakontrollen fandt alvorlige fejl" in done.stderr
    assert "Traceback" not in done.stderr
    assert fingerprint(municipality) == before


def test_another_key_than_last_time_stops_the_run(municipality, tmp_path):
    before = fingerprint(municipality)
    other = tmp_path / "other.key"
    done = virker(*arguments(municipality), key_file=other)
    assert done.returncode == 1
    assert not other.exists()
    other.write_bytes(municipality.key_file.read_bytes()[::-1])
    other.chmod(0o600)
    done = virker(*arguments(municipality), key_file=other)
    assert done.returncode == 1
    assert "nøgle" in done.stderr
    assert fingerprint(municipality) == before


def test_the_key_may_not_lie_among_the_data(municipality):
    done = virker(*arguments(municipality), key_file=municipality.raw / "pseudonym.key")
    assert done.returncode == 1
    assert "må ikke ligge sammen med data" in done.stderr


@pytest.mark.parametrize(
    ("year", "told"), [("1999", "ingen datoer til og med"), ("2027", "data slutter 31-01-2026")]
)
def test_a_year_without_data_says_so(municipality, year, told):
    done = virker(
        "run", "--extracts", municipality.raw, "--year", year, "--out", municipality.out, "--direct",
        key_file=municipality.key_file,
    )  # fmt: skip
    assert done.returncode == 1
    assert told in done.stderr
