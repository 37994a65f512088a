"""Reliable and clinically significant change against the published results on a real trial, end to end.

Jacobson-Truax, from the trial's file to the marts. Every other method: test_reliable_change_methods.py.
"""

import csv
import json
from collections import Counter

import pyarrow.parquet as pq
import pytest

from tests.conftest import ROOT, virker


def case(folder, case_id):
    cases = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["cases"]
    return next(c for c in cases if c["id"] == case_id)["expected"]


@pytest.fixture(scope="module")
def trial(oracles, tmp_path_factory):
    """The real trial through `virker run`, with catalogue files only."""
    out = tmp_path_factory.mktemp("trial")
    done = virker(
        "run", "--extracts", oracles / "clinsig_claus2020", "--year", "2020",
        "--catalogue", ROOT / "examples" / "claus2020", "--out", out, "--direct",
        key_file=tmp_path_factory.mktemp("keys") / "pseudonym.key",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def hamd(trial):
    rows = pq.read_table(trial / "data/marts/restricted/individual_effect.parquet").to_pylist()
    return {
        r["episode_id"]: r
        for r in rows
        if r["instrument_id"] == "HAMD" and r["follow_up_kind"] == "primary" and r["is_counted"]
    }


def test_the_trials_reliable_change_is_the_published_one(oracles, hamd):
    expected = case(oracles / "clinsig_claus2020", "rci_JT_hamd")
    # The reference leaves the sign of the score; here plus is always improvement.
    for person in expected["individual"]:
        row = hamd[str(person["id"])]
        assert row["rci"] == pytest.approx(-person["rci"], abs=1e-6)
        assert (row["is_reliable"] and row["rci"] > 0) == person["improved"]
        assert (row["is_reliable"] and row["rci"] < 0) == person["deteriorated"]
    counts = Counter(
        "Unchanged" if not r["is_reliable"] else "Improved" if r["rci"] > 0 else "Deteriorated"
        for r in hamd.values()
    )
    assert counts == expected["counts"] == {"Improved": 29, "Unchanged": 10, "Deteriorated": 1}


def test_the_trials_categories_are_the_published_ones(oracles, hamd):
    expected = case(oracles / "clinsig_claus2020", "combined_JT_hamd_c_8_8")["counts"]
    assert Counter(r["category"] for r in hamd.values()) == {
        "recovered": expected["Recovered"],
        "improved": expected["Improved"],
        "unchanged": expected["Unchanged"],
        "deteriorated": expected["Deteriorated"] + expected["Harmed"],
    }
    assert expected["Recovered"] == 26


def test_the_trials_who5_is_counted_on_the_catalogues_scale(oracles, trial):
    with (oracles / "clinsig_claus2020" / "data.csv").open(encoding="utf-8") as file:
        raw = {
            (r["id"], r["time"]): int(r["who"]) for r in csv.DictReader(file) if r["who"] not in ("", "NA")
        }
    rows = pq.read_table(trial / "data/marts/restricted/individual_effect.parquet").to_pylist()
    mine = [
        r
        for r in rows
        if r["instrument_id"] == "WHO5" and r["follow_up_kind"] == "primary" and r["is_counted"]
    ]
    assert len(mine) == 40
    assert all(r["change"] == 4 * (raw[r["episode_id"], "4"] - raw[r["episode_id"], "1"]) for r in mine)


def test_a_report_of_the_trial_comes_out(trial):
    html = (trial / "reports/output/effektrapport_2020.html").read_text(encoding="utf-8")
    assert "Hamilton" in html
    assert (trial / "reports/output/effektrapport_2020.pdf").read_bytes().startswith(b"%PDF")
