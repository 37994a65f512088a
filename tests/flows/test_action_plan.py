"""The demo's action plan: the planted endings are found, and the draft of next year's can be delivered."""

import re
import shutil

import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader

from pipelines.catalogue import load_catalogue
from pipelines.extracts import load_key, read_extracts
from tests.conftest import ROOT, DemoRun

# How a planted action ended: its status on the reference date, and whether it was late.
ENDED = {
    "in_time": ("done", False),
    "late": ("done", True),
    # Done on a day that nobody wrote down, or that has not come.
    "undated": ("done", None),
    "ahead": ("started", True),
    "under_way": ("started", True),
    "dropped": ("dropped", False),
}


@pytest.fixture(scope="module")
def evaluated(demo_run: DemoRun) -> dict[str, dict]:
    rows = pq.read_table(demo_run.version / "published" / "action_evaluation.parquet").to_pylist()
    return {row["action_id"]: row for row in rows}


@pytest.fixture(scope="module")
def planted(demo_run: DemoRun) -> dict[str, dict]:
    return {action["action_id"]: action for action in demo_run.truth("truth.json")["actions"]}


def test_every_planted_ending_is_found(evaluated, planted) -> None:
    assert evaluated.keys() == planted.keys()
    found = {key: (row["status"], row["is_late"]) for key, row in evaluated.items()}
    assert found == {key: ENDED[action["ending"]] for key, action in planted.items()}
    unknown = {key for key, row in evaluated.items() if row["reason_lateness_unknown"]}
    assert unknown == {key for key, action in planted.items() if action["ending"] == "undated"}


def test_what_was_expected_is_as_planted_and_shares_from_0_to_1(evaluated, planted, catalogue) -> None:
    shares = {i.id for i in catalogue.indicators if (i.formula or "").endswith("_share")}
    for key, action in planted.items():
        row, expected = evaluated[key], action["expected_change"]
        if expected is not None and row["indicator_id"] in shares:
            expected /= 100
        assert row["expected_change"] == pytest.approx(expected), key


def test_nothing_measured_has_no_number_and_everything_measured_has_an_evaluation(evaluated) -> None:
    evaluations = {row["evaluation"] for row in evaluated.values()}
    assert {"as_expected", "less", "more", "cannot_tell", "not_measured"} <= evaluations
    for row in evaluated.values():
        is_measured = row["measured_change"] is not None
        assert row["is_suppressed"] or is_measured == (row["evaluation"] != "not_measured")
        assert (row["change_lower"] is None) or row["change_lower"] <= row["measured_change"]


def test_the_headline_counts_the_years_actions(demo_run: DemoRun, evaluated) -> None:
    output = demo_run.out / "reports" / "output"
    year = [row for row in evaluated.values() if row["year"] == 2025]
    page = (output / "handleplan_2025.html").read_text(encoding="utf-8")
    assert page.count('<span class="missing">') > 0
    (headline,) = re.findall("<h1>(.+?)</h1>", page)
    # Seventeen planted, of which one is dropped and two are under way.
    assert (len(year), sum(row["status"] == "done" for row in year)) == (17, 14)
    assert headline.startswith("Fjorten af sytten handlinger er gennemført. ")
    first = PdfReader(output / "handleplan_2025.pdf").pages[0].extract_text()
    assert "Fjorten af sytten" in " ".join(first.split())


def test_the_draft_is_delivered_among_next_years_extracts(demo_run: DemoRun, tmp_path) -> None:
    raw = shutil.copytree(demo_run.raw, tmp_path / "raw")
    draft = demo_run.out / "reports" / "output" / "handlinger_2026.csv"
    shutil.copy(draft, raw)
    landing = read_extracts(
        raw, load_catalogue(ROOT / "examples" / "demo"), load_key(demo_run.key_file, create=False)
    )
    assert "handlinger_2026.csv" not in landing.rejects["source_file"].to_pylist()
    landed = [row for row in landing.tables["action"].to_pylist() if row["year"] == 2026]
    assert len(landed) == len(draft.read_text(encoding="utf-8-sig").splitlines()) - 1
    assert {row["status"] for row in landed} == {"planned"}
