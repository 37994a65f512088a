"""`virker serve` on a real Prefect server: a schedule fires, what was missed is caught up, all is told."""

import json
import os
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from pipelines.errors import ExtractError, Problem, UnreachableError
from pipelines.flows.notice import StepError
from pipelines.publication import Store
from pipelines.run import StepCount
from tests.conftest import ROOT, virker

YEAR = date.today().year - 1
PATIENCE_SECONDS = 600
PERSONS = [f"{day:02d}06{60 + day}-{3000 + day}" for day in range(1, 29)]


@dataclass(frozen=True)
class Town:
    """A small municipality: extracts, a catalogue for them, and a place for results."""

    place: Path

    @property
    def extracts(self):
        return self.place / "extracts"

    @property
    def out(self):
        return self.place / "out"

    def folders(self):
        catalogue = self.place / "examples" / "claus2020"
        return ["--extracts", self.extracts, "--out", self.out, "--catalogue", catalogue]

    def environment(self, url):
        return {
            "VIRKER_KEY_FILE": str(self.place / "pseudonym.key"),
            "PREFECT_HOME": str(self.place / "prefect"),
            "PREFECT_API_URL": url,
        }

    def once(self, job, url, **environment):
        environment = self.environment(url) | environment
        key_file = environment.pop("VIRKER_KEY_FILE")
        return virker("serve", "--once", job, *self.folders(), key_file=key_file, **environment)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The trial's catalogue with last year's dates and CPR numbers, and a delivery of our own."""
    place = tmp_path_factory.mktemp("town")
    shutil.copytree(ROOT / "catalogue", place / "catalogue")
    catalogue = shutil.copytree(ROOT / "examples" / "claus2020", place / "examples" / "claus2020")
    source = catalogue / "sources" / "claus2020.toml"
    text = source.read_text(encoding="utf-8")
    for old, new in {
        '"2020-': f'"{YEAR}-',
        '"2019-': f'"{YEAR - 1}-',
        'person_key = "local"': 'person_key = "cpr"',
        'episode_id = "id"': 'episode_id = "case"',
    }.items():
        assert old in text
        text = text.replace(old, new)
    source.write_text(text, encoding="utf-8")
    town = Town(place)
    town.extracts.mkdir()
    chance = random.Random(6)
    rows = ["id,case,sex,treatment,time,bdi,shaps,who,hamd"]
    for number, person in enumerate(PERSONS):
        sex = chance.choice(["Male", "Female"])
        for wave in (1, 2, 3, 4):
            scores = [chance.randint(0, high) - wave for high in (40, 10, 20, 30)]
            scores = [max(score, 0) for score in scores]
            rows.append(f"{person},F{number},{sex},PA,{wave},{','.join(map(str, scores))}")
    (town.extracts / "data.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return town


@pytest.fixture(scope="module")
def server(town):
    """`prefect server start` on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    environment = os.environ | town.environment(url) | {"PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    process = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--port", str(port), "--no-ui"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: answers(f"{url}/health"))
        yield url
    finally:
        process.terminate()
        process.wait()


def answers(address):
    try:
        with urllib.request.urlopen(address):
            return True
    except OSError:
        return False


def until(condition):
    """Wait for a condition to give something, and return that."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.3)
    return found


def ask(url, path, **body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/{path}", data, {"Content-Type": "application/json"})

    def answer():
        try:
            with urllib.request.urlopen(request) as found:
                return (json.load(found),)
        except urllib.error.HTTPError as error:
            # The server's database is busy; Prefect's own client asks again too.
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return None

    return until(answer)[0]


def finished(url, flow_name):
    """The finished runs of a flow, the first one first."""
    runs = ask(
        url,
        "flow_runs/filter",
        flows={"name": {"any_": [flow_name]}},
        flow_runs={"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]}}},
    )
    return sorted(runs, key=lambda run: run["end_time"])


def artifacts(url, run):
    found = ask(url, "artifacts/filter", artifacts={"flow_run_id": {"any_": [run["id"]]}})
    return {one["key"]: one["data"] for one in found if one["key"]}


def run_late(town, url):
    """As Prefect does it on its own with a run that was due while the machine was off."""
    (deployment,) = [one for one in ask(url, "deployments/filter") if one["name"] == "annual"]
    parameters = deployment["parameters"] | {"due": f"{date.today().year}-01-01T05:00:00+01:00"}
    path = f"deployments/{deployment['id']}/create_flow_run"
    ask(url, path, parameters=parameters, state={"type": "SCHEDULED"})


@pytest.fixture(scope="module")
def served(town, server):
    """A service whose yearly schedule fires soon, and whose check was due on 1 January; told to stop."""
    # Where the machine is so slow that the service is not up by then, it is the next time that counts.
    soon = datetime.now().astimezone() + timedelta(seconds=30)
    schedules = town.place / "prefect.yaml"
    schedules.write_text(
        f"""
        deployments:
          - name: annual
            schedules:
              - {{interval: 240, anchor_date: {soon.isoformat()}}}
          - name: monthly
            schedules:
              - {{cron: "0 5 1 1 *", timezone: Europe/Copenhagen}}
        """,
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "serve", *map(str, town.folders()), "--schedules", schedules],
        cwd=ROOT,
        env=os.environ | town.environment(server),
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        until(lambda: finished(server, "Årlig evaluering") and finished(server, "Månedlig datakontrol"))
        run_late(town, server)
        until(lambda: len(finished(server, "Årlig evaluering")) == 2)
    finally:
        process.terminate()
        _, said = process.communicate()
    return process.returncode, said


def test_the_schedule_made_the_run(town, server, served):
    run = finished(server, "Årlig evaluering")[0]
    assert run["state"]["name"] == "Completed", run["state"]["message"]
    assert run["auto_scheduled"]
    assert run["created_by"]["type"] == "SCHEDULE"
    manifest = Store(town.out).manifest()
    assert manifest["reporting_year"] == YEAR
    assert not manifest["is_preliminary"]
    assert list(Store(town.out).shown("reports").glob(f"effektrapport_{YEAR}.*"))


def test_its_steps_are_tasks(server, served):
    run = finished(server, "Årlig evaluering")[0]
    tasks = ask(server, "task_runs/filter", flow_runs={"id": {"any_": [run["id"]]}})
    names = [task["name"] for task in tasks]
    assert len(names) == 7
    assert all(task["state"]["type"] == "COMPLETED" for task in tasks)


def test_the_page_shows_summary_reports_and_quality(town, server, served):
    run = finished(server, "Årlig evaluering")[0]
    found = artifacts(server, run)
    assert found.keys() == {"annual-oversigt", "annual-rapporter", "annual-datakvalitet"}
    (line,) = json.loads(found["annual-oversigt"])
    assert line.keys() == {"Indsats", "Anbefaling", "Evidens", "Borgere"}
    assert f"effektrapport_{YEAR}.html" in found["annual-rapporter"]
    assert any("dækker" in row["Besked"] or row["Alvor"] for row in json.loads(found["annual-datakvalitet"]))


def test_what_was_missed_is_caught_up_once(town, server, served):
    (run,) = finished(server, "Månedlig datakontrol")
    assert run["state"]["name"] == "Completed", run["state"]["message"]
    assert run["parameters"]["due"].startswith(f"{date.today().year}-01-01T05:00")
    checked = json.loads((town.out / "data" / "check.json").read_text(encoding="utf-8"))
    assert checked["reporting_year"] == YEAR
    assert artifacts(server, run).keys() == {"monthly-datakvalitet"}
    assert "Månedlig datakontrol: indhenter 01-01-" in served[1]


def test_told_to_stop_it_ends_without_noise(served):
    code, said = served
    assert code == 0
    lines = said.strip().splitlines()
    assert lines[0].startswith("Starter Prefect")
    assert lines[-1] == "Stoppet."
    assert all(line.startswith(("Prefects side", "Årlig", "Månedlig")) for line in lines[1:-1])


def test_a_late_run_of_what_is_done_does_nothing(town, server, served):
    first, late = finished(server, "Årlig evaluering")[:2]
    assert late["state"]["message"].startswith("Allerede gjort")
    assert Store(town.out).manifest()["started_at"] < first["end_time"]


def test_nothing_is_due_when_all_is_done(town, served):
    schedules = ["--schedules", town.place / "prefect.yaml"]
    done = virker("serve", "--due", *town.folders(), *schedules, key_file=town.place / "pseudonym.key")
    assert done.returncode == 0
    assert done.stderr == "Intet er forfaldent.\n"


def test_a_failure_is_told_without_any_detail_leaving_the_machine(town, server, served):
    """Somebody delivers a file of another kind, with a person's number in its name."""
    unknown = town.extracts / f"{PERSONS[0]}.csv"
    unknown.write_text("a;b\n1;2\n", encoding="utf-8")
    told = town.place / "told.txt"
    before = Store(town.out).manifest()["run_id"]
    try:
        done = town.once("annual", server, VIRKER_NOTICE_COMMAND=f'cat > "{told}"')
    finally:
        unknown.unlink()
    assert done.returncode == 1
    assert "Udtrækkene kan ikke bruges" in done.stderr
    assert "Traceback" not in done.stderr
    assert Store(town.out).manifest()["run_id"] == before
    (notice,) = (town.out / "data" / "notices").glob("*-annual.txt")
    assert notice.stat().st_mode & 0o077 == 0
    assert "filen kendes ikke af kataloget" in notice.read_text(encoding="utf-8")
    short = told.read_text(encoding="utf-8")
    assert short.startswith(f"Årlig evaluering for {YEAR} mislykkedes")
    assert str(notice) in short
    assert "filen kendes ikke" not in short
    assert finished(server, "Årlig evaluering")[-1]["state"]["type"] == "FAILED"


@pytest.fixture
def tasks(town, server):
    """Call steps as tasks within a flow of this process, on the same server."""
    settings = pytest.importorskip("prefect.settings")
    place = town.place / "prefect"
    set_up = {
        settings.PREFECT_API_URL: server,
        settings.PREFECT_HOME: place,
        settings.PREFECT_LOCAL_STORAGE_PATH: place / "storage",
    }
    with settings.temporary_settings(set_up):
        yield


def called(step, run_id="2025-1", delays=(0, 0)):
    from prefect import flow

    from pipelines.flows.evaluation import as_tasks

    @flow(name="trial", persist_result=False)
    def trial():
        return as_tasks(delays=delays)("Læser", step, SimpleNamespace(id=run_id))

    return trial()


def failing(*errors):
    """A step that fails with one error after another, and then goes well."""
    calls = []

    def read(run):
        calls.append(run)
        if len(calls) <= len(errors):
            raise errors[len(calls) - 1]
        return StepCount(3, 2)

    return read, calls


def test_a_share_that_is_away_for_a_moment_is_asked_again(tasks):
    away = UnreachableError([Problem("udtræk", "mappen findes ikke")])
    read, calls = failing(away, away)
    assert called(read, "away") == StepCount(3, 2)
    assert len(calls) == 3


def test_a_wrong_extract_is_not_asked_again(tasks):
    read, calls = failing(ExtractError([Problem("fil.csv", "ukendt")]))
    with pytest.raises(ExtractError, match="ukendt"):
        called(read, "wrong")
    assert len(calls) == 1


def test_prefect_gets_the_place_of_an_unexpected_error_and_not_its_words(tasks):
    read, _ = failing(ValueError(PERSONS[1]))
    with pytest.raises(StepError, match=r"ValueError at .*test_serve\.py") as caught:
        called(read, "unexpected")
    assert PERSONS[1] not in str(caught.value)


def test_a_step_that_is_done_shows_as_cached(tasks):
    read, calls = failing()
    assert called(read, "again") == called(read, "again") == StepCount(3, 2)
    assert len(calls) == 1


def test_prefect_holds_no_person(town, server, served):
    with duckdb.connect(Store(town.out).current() / "restricted" / "raw.duckdb", read_only=True) as raw:
        pseudonyms = [person for (person,) in raw.execute("SELECT person_id FROM person").fetchall()]
    assert len(pseudonyms) == len(PERSONS)
    numbers = {person.replace("-", "").encode() for person in PERSONS}
    places = [town.place / "prefect", town.out / "data" / "notices", town.out / "data" / "check.json"]
    files = [p for place in places for p in (place.rglob("*") if place.is_dir() else [place]) if p.is_file()]
    assert any(p.name == "prefect.db" for p in files)
    for path in files:
        content = path.read_bytes()
        found = {m.replace(b"-", b"") for m in re.findall(rb"(?<!\d)\d{6}-?\d{4}(?!\d)", content)}
        assert not found & numbers, path.name
        assert not any(p in content or p.hex().encode() in content for p in pseudonyms), path.name
    with sqlite3.connect(town.place / "prefect" / "prefect.db") as database:
        shown = " ".join(str(row) for row in database.execute("SELECT data FROM artifact"))
    assert not any(person in shown for person in PERSONS)
