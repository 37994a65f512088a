"""A run that failed for no fault of the data goes on where it stopped; anything else starts afresh."""

import json
import shutil
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import run as runs
from pipelines.errors import Problem, QualityError, UnreachableError
from pipelines.expectations import Checker
from pipelines.publication import Store
from pipelines.run import Request, StepCount, perform
from tests.conftest import ROOT

STEPS = ["read", "count", "check", "estimate", "publish", "switch"]
CATALOGUE = ROOT / "examples" / "claus2020"
DISK_FULL = OSError(28, "No space left on device")


class NoChecker:
    """Stands for the child process: what it is asked, and no answer."""

    def __init__(self):
        self.started = 0

    def start(self, *_):
        self.started += 1


def attempt(out, extracts, checker):
    """Run it all, and return the steps that were really done."""
    done = []

    def invoke(name, step, run):
        before = len(run.steps)
        rows = step(run)
        done.extend(one["step"] for one in run.steps[before:])
        return rows

    request = Request(extracts, 2020, CATALOGUE, out, with_report=False)
    perform(request, out.parent / "pseudonym.key", checker, lambda *_: None, invoke)
    return done


def builds(out):
    return list(Store(out).versions.glob(".building-*"))


def fail_at(monkeypatch, step, error=DISK_FULL, times=1):
    """Let a step do all its work and then fail."""
    original, failed = getattr(runs, step), []

    def failing(run):
        rows = original(run)
        if len(failed) < times:
            failed.append(True)
            raise error
        return rows

    failing.__name__ = step
    monkeypatch.setattr(runs, step, failing)


@pytest.fixture
def extracts(tmp_path):
    folder = tmp_path / "extracts"
    folder.mkdir()
    (folder / "data.csv").write_text("id;case\n1;1\n")
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def small(monkeypatch):
    """Steps that leave what the real ones do: files, tables, notes, and nothing twice."""

    def read(run):
        run.files = [
            {"name": name, "sha256": digest}
            for name, digest in runs.delivered_hashes(run.request.extracts, run.catalogue)
        ]
        (run.restricted / runs.RAW).touch(exist_ok=False)
        (run.restricted / runs.RAW).unlink()
        with duckdb.connect(run.restricted / runs.RAW) as raw:
            raw.execute("CREATE TABLE person AS SELECT 1 AS id")
        run.reference_date = date(2020, 12, 31)
        runs._start_checks(run)
        return StepCount(1, 1)

    def tables(schema, *names):
        def step(run):
            with run.warehouse() as connection:
                connection.execute(f"CREATE SCHEMA {schema}")
                for name in names:
                    connection.execute(f"CREATE TABLE {schema}.{name} AS SELECT 1 AS a")
                    run.note(f"{schema}.{name}", {}, 1)
            return StepCount(1, len(names))

        return step

    def publish(run):
        (run.build / "published" / "deep").mkdir()
        for place in ("a", "deep/b"):
            pq.write_table(pa.table({"a": [1]}), run.build / "published" / f"{place}.parquet")
        return StepCount(1, 2)

    def switch(run):
        (run.build / "manifest.json").write_text(json.dumps(runs._manifest(run)))
        run.build = run.store.publish(run.build)
        return StepCount(0, 1)

    made = [
        read,
        tables("staging", "x", "y"),
        tables("quality", "z"),
        tables("marts", "m", "n"),
        publish,
        switch,
    ]
    for name, step in zip(STEPS, made, strict=True):
        step.__name__ = name
        monkeypatch.setattr(runs, name, step)


@pytest.mark.parametrize("step", STEPS[1:-1])
def test_a_step_that_was_done_is_not_done_again(step, small, extracts, out, monkeypatch):
    fail_at(monkeypatch, step)
    with pytest.raises(OSError, match="No space"):
        attempt(out, extracts, NoChecker())
    assert Store(out).current() is None
    assert len(builds(out)) == 1
    checker = NoChecker()
    assert attempt(out, extracts, checker) == STEPS[STEPS.index(step) :]
    # The checks were asked for by the step that read: they are asked again until they have been answered.
    assert checker.started == (step in ("count", "check"))
    assert builds(out) == []
    manifest = Store(out).manifest()
    assert [one["step"] for one in manifest["steps"]] == STEPS[:-1]
    assert [one["table"] for one in manifest["tables"]] == [
        "staging.x", "staging.y", "quality.z", "marts.m", "marts.n",
    ]  # fmt: skip
    assert not (Store(out).current() / "restricted" / "progress.json").exists()


def change_input(extracts, monkeypatch):
    (extracts / "data.csv").write_text("id;case\n1;2\n")


def change_version(extracts, monkeypatch):
    monkeypatch.setattr(runs, "_versions", lambda: {"duckdb": "9.9"})


def change_code(extracts, monkeypatch):
    monkeypatch.setattr(runs.resume, "CODE", ())


def publish_another(extracts, monkeypatch):
    store = Store(extracts.parent / "out")
    build = store.versions / "2019-1"
    build.mkdir()
    key = runs.load_key(extracts.parent / "pseudonym.key", create=False)
    (build / "manifest.json").write_text(json.dumps({"key_fingerprint": key.fingerprint}))
    store._switch(build)


@pytest.mark.parametrize("change", [change_input, change_version, change_code, publish_another])
def test_with_anything_changed_it_starts_afresh(change, small, extracts, out, monkeypatch):
    fail_at(monkeypatch, "estimate")
    with pytest.raises(OSError):
        attempt(out, extracts, NoChecker())
    change(extracts, monkeypatch)
    assert attempt(out, extracts, NoChecker()) == STEPS
    assert builds(out) == []


def test_what_fails_twice_at_the_same_place_starts_afresh(small, extracts, out, monkeypatch):
    fail_at(monkeypatch, "estimate", times=2)
    for kept in (1, 0):
        with pytest.raises(OSError):
            attempt(out, extracts, NoChecker())
        assert len(builds(out)) == kept
    assert attempt(out, extracts, NoChecker()) == STEPS


@pytest.mark.parametrize(
    "error", [QualityError([Problem("x", "y")]), KeyboardInterrupt()], ids=["data", "Ctrl-C"]
)
def test_nothing_is_kept_where_going_on_would_not_help(error, small, extracts, out, monkeypatch):
    fail_at(monkeypatch, "check", error)
    with pytest.raises(type(error)):
        attempt(out, extracts, NoChecker())
    assert builds(out) == []


def test_extracts_that_are_away_leave_what_was_kept(small, extracts, out, monkeypatch):
    fail_at(monkeypatch, "estimate")
    with pytest.raises(OSError):
        attempt(out, extracts, NoChecker())
    away = extracts.rename(extracts.with_name("away"))
    with pytest.raises(UnreachableError, match="findes ikke"):
        attempt(out, extracts, NoChecker())
    away.rename(extracts)
    assert attempt(out, extracts, NoChecker()) == STEPS[3:]


def test_the_real_steps_give_the_same_when_resumed(oracles, tmp_path, monkeypatch):
    extracts = tmp_path / "extracts"
    extracts.mkdir()
    shutil.copyfile(oracles / "clinsig_claus2020" / "data.csv", extracts / "data.csv")
    published = []
    for name in ("whole", "resumed"):
        out = tmp_path / name
        if name == "resumed":
            for step in ("count", "estimate"):
                fail_at(monkeypatch, step)
                with Checker() as checker, pytest.raises(OSError):
                    attempt(out, extracts, checker)
        with Checker() as checker:
            attempt(out, extracts, checker)
        shown = Store(out).shown("published")
        published.append({p.name: pq.read_table(p) for p in sorted(shown.glob("*.parquet"))})
    whole, resumed = published
    assert whole.keys() == resumed.keys()
    assert all(resumed[name].equals(table) for name, table in whole.items())
