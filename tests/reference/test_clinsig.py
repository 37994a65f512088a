"""Reliable and clinically significant change against published results on real trials.

Jacobson-Truax, as the SQL computes it. The other methods and cut-offs come with the individual level.
"""

import csv
import json
from collections import Counter
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.catalogue import Instrument, Intervention, Norm, Outcome
from pipelines.warehouse import ladder, reference
from tests.conftest import ROOT, virker
from tests.sql.conftest import RAW

BEFORE, AFTER = date(2024, 3, 1), date(2024, 9, 1)


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


@pytest.mark.parametrize(("case_id", "cutoff_method"), [("rci_JT", None), ("combined_c_7_7_jt080", "c")])
def test_555_antidepressant_patients(oracles, catalogue, case_id, cutoff_method):
    folder = oracles / "clinsig_antidepressants"
    expected = case(folder, case_id)["counts"]
    norm = Norm(
        respondent="self", label_da="", sd="sample", reliability=0.8, cutoff_method=cutoff_method,
        functional_mean=7, functional_sd=7,
    )  # fmt: skip
    counts = Counter(_categories(folder / "data.csv", catalogue, norm))
    if cutoff_method is None:
        assert counts == {k.lower(): v for k, v in expected.items()}
    else:
        assert counts == {
            "recovered": expected["Recovered"],
            "improved": expected["Improved"],
            "unchanged": expected["Unchanged"],
            "deteriorated": expected["Deteriorated"] + expected["Harmed"],
        }


def _categories(path, catalogue, norm):
    with path.open(encoding="utf-8") as file:
        data = list(csv.DictReader(file))
    instrument = Instrument(
        id="BDI", name_da="", measures_da="", unit_da="", minimum=0, maximum=80, decimals=0, better="lower",
        licence_da="", source=(), norms=(norm,),
    )  # fmt: skip
    support = Intervention(
        id="support", name_da="", purpose_da="", target_group_da="", area="adults", legal_basis_da="",
        is_legal_right=False, horizon_months=6, goals=("A-G1",),
        outcomes=(Outcome(instrument="BDI", respondent="self", goal="A-G1", primary=True),),
    )  # fmt: skip
    small = catalogue.model_copy(update={"instruments": (instrument,), "interventions": (support,)})
    source = {"source_file": "x", "source_line": 1}
    people = {r["patient"] for r in data}
    raw = {
        "person": [],
        "episode": [
            {"episode_id": p, "person_id": p.encode(), "intervention_id": "support", "started_date": BEFORE}
            | source
            for p in people
        ],
        "measurement": [
            {
                "person_id": r["patient"].encode(),
                "instrument_id": "BDI",
                "respondent": "self",
                "measured_date": BEFORE if r["measurement"] == "Before" else AFTER,
                "score": float(r["mom_di"]),
            }
            | source
            for r in data
        ],
    }
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA raw")
        for name, rows in raw.items():
            whole = [{column: row.get(column) for column in RAW[name].names} for row in rows]
            reference.create_table(connection, f"raw.{name}", pa.Table.from_pylist(whole, schema=RAW[name]))
        reference.load_reference(connection, small, 2024, date(2025, 1, 31))
        list(ladder.build(connection, ladder.load_models(), ("staging", "individual")))
        found = connection.execute(
            "SELECT category FROM individual.reliable_change WHERE follow_up_kind = 'primary'"
        ).fetchall()
    return [category for (category,) in found]
