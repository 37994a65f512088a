"""The verdict on raw databases with planted faults, and the life of the child process."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.catalogue import Catalogue
from pipelines.expectations import Checker, CheckResult, checker
from pipelines.expectations.facts import RawFacts
from pipelines.expectations.rule import Expectation, Rule, no_rows
from pipelines.expectations.rules import contract_rules
from tests.expectations.contract import CATALOGUE, REFERENCE_DATE, raw_database

CANARY = "KANARIE4711"


@pytest.fixture(scope="module")
def shared() -> Iterator[Checker]:
    """One child for every test that lets it live: its start is most of their time."""
    with Checker() as one:
        yield one


def verdict(one: Checker, raw: Path, data_docs: Path | None = None) -> dict[tuple[str, str], CheckResult]:
    one.start(raw, CATALOGUE, REFERENCE_DATE, data_docs)
    results = one.verdict()
    by_check = {(r.extract_id, r.check_id): r for r in results}
    assert len(by_check) == len(results), "a check_id is used twice in one extract"
    return by_check


def failures(results: dict[tuple[str, str], CheckResult]) -> dict[str, tuple[str, int, int]]:
    return {
        f"{extract_id}/{check_id}": (r.severity, r.failed_count, r.row_count)
        for (extract_id, check_id), r in results.items()
        if r.status == "failed"
    }


def test_data_that_keep_to_the_contract_pass_every_check(shared: Checker, tmp_path: Path) -> None:
    results = verdict(shared, raw_database(tmp_path))
    assert failures(results) == {}
    assert {f"{e}/{c}" for e, c in results} == {
        *(f"{e}/{c}" for e in ("person", "visit", "answer", "plan") for c in ("columns", "types")),
        *(f"{e}/not_empty" for e in ("person", "visit", "answer")),
        *("person/key", "person/required:person_id", "person/values:sex"),
        *("visit/key", "visit/required:person_id", "visit/reference:person_id", "visit/range:order"),
        *("visit/reference:kind", "visit/range:hours", "visit/freshness:start_date"),
        *("visit/not_after_reference_date:start_date", "visit/not_after_reference_date:end-date"),
        *("visit/not_before:end-date", "visit/rejected_share:v '{0}':<æ%.csv"),
        *("answer/reference:tool", "answer/instrument_range:score", "answer/rejected_share:s.csv"),
    }
    allowed = results["visit", "rejected_share:v '{0}':<æ%.csv"]
    assert (allowed.status, allowed.failed_count, allowed.row_count) == ("passed", 100, 2000)
    assert allowed.message_da == "Besøg: 100 af 2.000 rækker fra v '{0}':<æ%.csv er afvist."


FAULTS = (
    # Each with a count of its own, on rows that no other fault touches.
    "UPDATE person SET person_id = NULL WHERE source_line < 1",
    "UPDATE person SET sex = 'other' WHERE source_line BETWEEN 1 AND 2",
    "INSERT INTO person SELECT * FROM person WHERE source_line BETWEEN 3 AND 5",
    "INSERT INTO person SELECT * FROM person WHERE source_line = 5 LIMIT 1",
    "UPDATE visit SET person_id = encode('1234567890123456') WHERE source_line BETWEEN 100 AND 104",
    'UPDATE visit SET "order" = -source_line WHERE source_line BETWEEN 110 AND 115',
    f"UPDATE visit SET kind = '{CANARY}' WHERE source_line BETWEEN 120 AND 126",
    "UPDATE visit SET hours = 37.6 WHERE source_line BETWEEN 130 AND 134",
    "UPDATE visit SET hours = -0.1 WHERE source_line BETWEEN 135 AND 137",
    "UPDATE visit SET start_date = DATE '2026-05-02' WHERE source_line BETWEEN 140 AND 148",
    "UPDATE visit SET \"end-date\" = DATE '2026-07-01' WHERE source_line BETWEEN 150 AND 159",
    "UPDATE answer SET tool = 'NONE' WHERE source_line < 11",
    "UPDATE answer SET score = 10.5 WHERE source_line BETWEEN 20 AND 29",  # 5 on the scale to 10
    "UPDATE answer SET score = -2 WHERE source_line BETWEEN 30 AND 36",  # 7 off both scales
    "UPDATE source_feed SET rejected_count = 101 WHERE rejected_count = 100",
)
FOUND = {
    "person/required:person_id": ("error", 1, 44),
    "person/values:sex": ("warning", 2, 44),
    "person/key": ("warning", 4, 44),
    # 5 planted, and the 50 visits of the person who lost their number.
    "visit/reference:person_id": ("warning", 55, 2000),
    "visit/range:order": ("error", 6, 2000),
    "visit/reference:kind": ("error", 7, 2000),
    "visit/range:hours": ("error", 8, 2000),
    "visit/not_before:end-date": ("warning", 9, 2000),
    "visit/not_after_reference_date:end-date": ("warning", 10, 2000),
    "visit/key": ("warning", 4, 2000),  # the five of the unknown person share an order number
    "visit/rejected_share:v '{0}':<æ%.csv": ("error", 101, 2000),
    "answer/reference:tool": ("error", 11, 300),
    "answer/instrument_range:score": ("error", 12, 300),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A folder that Great Expectations and URLs would each like to change.
    folder = tmp_path_factory.mktemp("data") / "a $HOME ${x}%20æ"
    folder.mkdir()
    return raw_database(folder, FAULTS)


def test_every_planted_fault_is_counted_exactly(shared: Checker, faulty: Path) -> None:
    results = verdict(shared, faulty)
    assert failures(results) == FOUND
    messages = {check: results["visit", check].message_da for check in ("range:hours", "reference:person_id")}
    assert messages == {
        "range:hours": 'Besøg: 8 af 2.000 rækker har en værdi i "Timer", som ikke er mellem 0 og 37,5.',
        "reference:person_id": 'Besøg: 55 af 2.000 rækker har et "CPR-nummer", '
        "som ikke findes i udtrækket Borgere.",
    }
    share = results["visit", "rejected_share:v '{0}':<æ%.csv"].message_da
    assert share.startswith(
        "Besøg: 101 af 2.000 rækker fra v '{0}':<æ%.csv er afvist. Det er mere end 5 pct. "
    )
    assert "(maximum_rejected_share i catalogue/parameters.toml)" in share
    assert "Se grundene med 'virker check', ret udtrækket" in share


@pytest.mark.parametrize("newest", ["2026-03-21", "2026-07-01"])
def test_an_extract_is_stale_after_its_freshness_days(shared: Checker, tmp_path: Path, newest: str) -> None:
    # Sound data end 100 days before the reference date; a date after that day freshens nothing.
    raw = raw_database(tmp_path, [f"UPDATE visit SET start_date = DATE '{newest}'"])
    results = verdict(shared, raw)
    assert failures(results)["visit/freshness:start_date"] == ("warning", 1, 2000)
    assert results["visit", "freshness:start_date"].message_da == (
        'Besøg: "Start" har ingen datoer i de sidste 100 dage til og med 30-06-2026. '
        "Udtrækket kan være forældet."
    )


def test_a_table_with_other_columns_is_judged_on_these_alone(shared: Checker, tmp_path: Path) -> None:
    changes = [
        "ALTER TABLE visit RENAME COLUMN kind TO kinds",
        "ALTER TABLE visit ALTER hours TYPE VARCHAR",
        "ALTER TABLE answer ALTER score TYPE VARCHAR",
        "DELETE FROM person",
    ]
    results = verdict(shared, raw_database(tmp_path, changes))
    assert failures(results) == {
        "person/not_empty": ("error", 1, 0),
        "visit/columns": ("error", 1, 2000),
        "visit/types": ("error", 2, 2000),
        "answer/types": ("error", 1, 300),
    }
    assert {c for e, c in results if e == "answer"} == {
        "columns",
        "types",
        "not_empty",
        "rejected_share:s.csv",
    }
    assert {c for e, c in results if e == "person"} == {"columns", "types", "not_empty"}


def test_a_reference_to_an_extract_that_is_there_is_checked(shared: Checker, tmp_path: Path) -> None:
    raw = raw_database(tmp_path, ["INSERT INTO plan VALUES ('P2', 'plan.csv', 1), ('P2', 'plan.csv', 2)"])
    assert failures(verdict(shared, raw)) == {
        "plan/key": ("warning", 1, 2),
        "visit/reference:plan_id": ("error", 2000, 2000),
    }


def test_data_docs_stand_alone_and_hold_no_value(shared: Checker, faulty: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs $HOME"
    results = verdict(shared, faulty, docs)
    pages = {
        p.relative_to(docs).as_posix(): p.read_text(encoding="utf-8") for p in docs.rglob("*") if p.is_file()
    }
    assert sum(name.startswith("validations/") for name in pages) == 5, "four extracts and the feeds"
    assert all(name.endswith(".html") for name in pages)
    assert not any("<æ" in page for page in pages.values()), "a file's name is shown, never run"
    said = "\n".join([*pages.values(), *pages, repr(results)])
    assert 'Besøg: Alle værdier i "Timer" er mellem 0 og 37,5.' in said
    assert "101 af 2.000 rækker fra v '{0}':&lt;æ%.csv er afvist." in said
    for value in (CANARY, "1234567890123456", "0000000000000007", "37.6", str(tmp_path), str(faulty.parent)):
        assert value not in said
    for loading in ("<script", "<link", "<img", "src=", "url(", "@import"):
        assert loading not in said
    for address in ("validations/visit", "expectations/visit.html"):
        assert f'href="{address}' in pages["index.html"]


def add_rule(monkeypatch: pytest.MonkeyPatch, expectation: Expectation) -> None:
    def rules(catalogue: Catalogue, facts: RawFacts, reference_date: date) -> tuple[Rule, ...]:
        genuine = contract_rules(catalogue, facts, reference_date)
        changed = next(r for r in genuine if r.check_id == "reference:kind")
        return (*genuine, dataclasses.replace(changed, expectation=expectation))

    monkeypatch.setattr("pipelines.expectations.rules.contract_rules", rules)


def test_a_misspelt_expectation_is_not_dropped_in_silence(
    shared: Checker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = raw_database(tmp_path)
    misspelt = dataclasses.replace(no_rows("SELECT 1 FROM {batch}"), name="unexpected_row_expectation")
    with monkeypatch.context() as patch:
        add_rule(patch, misspelt)
        shared.start(raw, CATALOGUE, REFERENCE_DATE, None)
        with pytest.raises(RuntimeError, match=r"\d+ rules gave \d+ results; .*unexpected_row_expectation"):
            shared.verdict()
    assert failures(verdict(shared, raw)) == {}, "the child lives on"


@pytest.mark.parametrize(
    "query", ["SELECT 1 FROM {batch} WHERE kind::INTEGER = 1", "SELECT 1 FROM {batch} WHERE absent = 1"]
)
def test_an_error_in_a_check_is_raised_without_values(
    shared: Checker, faulty: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    add_rule(monkeypatch, no_rows(query))
    shared.start(faulty, CATALOGUE, REFERENCE_DATE, None)
    with pytest.raises(RuntimeError, match="gave no result") as caught:
        shared.verdict()
    assert CANARY not in str(caught.value) and "A1" not in str(caught.value)


def test_a_missing_table_stops_before_the_child_is_asked(shared: Checker, tmp_path: Path) -> None:
    raw = raw_database(tmp_path, ["DROP TABLE plan"])
    with pytest.raises(RuntimeError, match="lacks the tables plan"):
        shared.start(raw, CATALOGUE, REFERENCE_DATE, None)


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc on this system")


@needs_proc
def test_the_child_is_lean_and_lets_go_of_the_database(shared: Checker, tmp_path: Path) -> None:
    verdict(shared, raw_database(tmp_path))
    child = Path("/proc") / str(shared._child.pid)
    assert not [f for f in (child / "fd").iterdir() if f.resolve().suffix == ".duckdb"]
    # Deferred and never needed: scipy.stats, and jsonschema by its compiled part.
    loaded = (child / "maps").read_text()
    assert "duckdb" in loaded
    assert "/scipy/stats/" not in loaded and "/rpds/" not in loaded


def test_a_killed_child_is_an_error_and_leaves_no_zombie(tmp_path: Path) -> None:
    with Checker() as one:
        os.kill(one._child.pid, signal.SIGTERM)
        with pytest.raises(RuntimeError, match="ended with code"):
            verdict(one, raw_database(tmp_path))
    one.close()
    assert one._child.returncode is not None


def test_a_child_that_cannot_import_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "WORKER", (sys.executable, "-c", "import no_such_package"))
    with Checker() as one, pytest.raises(RuntimeError, match="No module named 'no_such_package'"):
        verdict(one, raw_database(tmp_path))


def test_a_verdict_is_not_waited_for_in_vain() -> None:
    with Checker() as one, pytest.raises(RuntimeError, match="no checks were asked for"):
        one.verdict()


@needs_proc
def test_the_child_dies_with_a_parent_that_is_killed() -> None:
    program = (
        "import time; from pipelines.expectations import Checker; "
        "print(Checker()._child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        state = Path("/proc") / parent.stdout.readline().strip() / "stat"
        assert is_running(state)
        parent.kill()
    deadline = time.monotonic() + 20
    while is_running(state):
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.05)


def is_running(state: Path) -> bool:
    # The third word, after the name in brackets; Z is a process that only waits to be counted.
    return state.exists() and state.read_text().rpartition(") ")[2][0] != "Z"
