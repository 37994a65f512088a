"""The whole job on the demo: what comes out is whole, true to its input and the same each time."""

import hashlib
import json
import shutil

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.warehouse.ladder import load_models
from tests.conftest import ROOT, virker
from tests.sql.chain import check_chain


@pytest.fixture(scope="module")
def raw_database(demo_run):
    with duckdb.connect(demo_run.version / "restricted" / "raw.duckdb", read_only=True) as connection:
        yield connection


def published(demo_run, mart_id):
    return pq.read_table(demo_run.version / "published" / f"{mart_id}.parquet").to_pylist()


def test_everything_lies_under_out(demo_run, catalogue):
    for mart in catalogue.marts:
        kind = "published" if mart.is_published else "restricted"
        table = pq.read_table(demo_run.out / "data" / "marts" / kind / f"{mart.id}.parquet")
        assert table.num_rows > 0
        assert table.schema.names == [c.name for c in mart.columns]
    names = {p.name for p in (demo_run.out / "reports" / "output").iterdir()}
    assert {"effektrapport_2025.html", "effektrapport_2025.pdf"} <= names


def test_no_row_is_lost_or_doubled(demo_run, raw_database, catalogue):
    manifest = json.loads((demo_run.version / "manifest.json").read_text(encoding="utf-8"))
    kept = dict.fromkeys((e.id for e in catalogue.extracts), 0)
    for file in manifest["files"]:
        for feed in file["feeds"]:
            parts = sum(feed[f"{part}_count"] for part in ("kept", "rejected", "merged", "absent"))
            assert feed["row_count"] == parts
            kept[feed["extract_id"]] += feed["kept_count"]
    for extract_id, count in kept.items():
        assert raw_database.execute(f"SELECT count(*) FROM {extract_id}").fetchone() == (count,)


def test_the_manifest_follows_the_rows_through_every_table(demo_run, catalogue):
    manifest = json.loads((demo_run.version / "manifest.json").read_text(encoding="utf-8"))
    landed = dict.fromkeys((f"raw.{e.id}" for e in catalogue.extracts), 0)
    for file in manifest["files"]:
        for feed in file["feeds"]:
            landed[f"raw.{feed['extract_id']}"] += feed["kept_count"]
    made = {t["table"]: t["rows_out"] for t in manifest["tables"]}
    assert {m.name for m in load_models()} <= made.keys()
    landed["raw.source_feed"] = sum(len(file["feeds"]) for file in manifest["files"])
    known = landed | made | {"quality.check_result": made["marts.data_quality"]}
    for table in manifest["tables"]:
        assert table["rows_in"].items() <= known.items(), table
    steps = [s["step"] for s in manifest["steps"]]
    assert steps == ["read", "count", "check", "estimate", "publish", "report"]


def test_an_independent_line_count_agrees(demo_run):
    manifest = json.loads((demo_run.version / "manifest.json").read_text(encoding="utf-8"))
    files = [f for f in manifest["files"] if f["name"].endswith(".csv")]
    assert len(files) == 18
    for file in files:
        lines = [n for n in (demo_run.raw / file["name"]).read_bytes().split(b"\r\n") if n.strip()]
        # The header is the last line that is not data: titles above it are not data either.
        assert file["feeds"][0]["row_count"] == len(lines) - file["header_line"]


def test_every_planted_fault_is_found_where_it_lies(demo_run, raw_database):
    found = {
        (file, line, reason)
        for file, line, reason in raw_database.execute(
            "SELECT source_file, source_line, reason FROM reject"
        ).fetchall()
    }
    planted = {
        (f["file"], f["line"], f["reason"])
        for f in demo_run.truth("faults.json")
        if f["handling"] == "rejected"
    }
    assert planted
    assert planted == found


def test_attrition_adds_up_from_person_to_strategy(demo_run):
    with duckdb.connect(demo_run.version / "restricted" / "warehouse.duckdb", read_only=True) as connection:
        raw = demo_run.version / "restricted" / "raw.duckdb"
        connection.execute(f"ATTACH '{raw}' AS raw (READ_ONLY)")
        check_chain(connection)
        wrong = connection.execute(
            "SELECT * FROM (SELECT intervention_id, outcome_id, sum(person_count) AS n"
            " FROM strategy.attrition WHERE level = 'outcome' AND published_part IS NOT NULL GROUP BY ALL)"
            " JOIN intervention.population USING (intervention_id) WHERE n <> person_count"
        ).fetchall()
    assert wrong == []


def test_the_published_whole_counts_everybody_who_began_in_the_window(demo_run):
    whole = [r for r in published(demo_run, "attrition_summary") if r["intervention_id"] == "ALL"]
    (people,) = (
        r for r in published(demo_run, "strategy_indicator") if r["indicator_id"] == "people_supported"
    )
    assert {r["n"] for r in whole if not r["is_suppressed"]} == {people["n"]}
    (counted,) = (r for r in whole if r["reason"] == "counted")
    rows = pq.read_table(demo_run.version / "restricted" / "attrition.parquet").to_pylist()
    assert counted["numerator"] == len({r["person_id"] for r in rows if r["is_counted"]})


def test_a_number_in_the_report_is_the_count_of_its_rows(demo_run):
    """docs/follow-a-number.md, for every intervention and outcome."""
    rows = pq.read_table(demo_run.version / "restricted" / "individual_effect.parquet").to_pylist()
    counted = [r for r in rows if r["follow_up_kind"] == "primary" and r["is_counted"]]
    compared = 0
    for effect in published(demo_run, "intervention_effect"):
        if effect["statistic"] != "share_reliably_improved" or effect["population"] != "window":
            continue
        if effect["numerator"] is None:
            continue
        mine = [
            r
            for r in counted
            if r["intervention_id"] == effect["intervention_id"]
            and f"{r['instrument_id']}:{r['respondent']}" == effect["outcome_id"]
        ]
        assert effect["n"] == len(mine)
        assert effect["numerator"] == sum(r["category"] in ("recovered", "improved") for r in mine)
        compared += 1
    assert compared > 20


def test_the_segments_that_are_shown_divide_the_window(demo_run):
    shown: dict[tuple, dict[str, int]] = {}
    for row in published(demo_run, "intervention_effect"):
        if row["design"] == "D1" and row["statistic"] == "mean_change" and not row["is_suppressed"]:
            key = row["intervention_id"], row["outcome_id"]
            shown.setdefault(key, {})[row["population"]] = row["n"]
    divided = set()
    for persons in shown.values():
        for way in {population.partition(":")[0] for population in persons} - {"window"}:
            parts = [n for population, n in persons.items() if population.startswith(f"{way}:")]
            assert sum(parts) == persons["window"], (way, persons)
            divided.add(way)
    assert divided == {"sex", "age_band", "target_group", "year", "hours", "provider"}


def test_nothing_published_rests_on_one_to_four_persons(demo_run, catalogue):
    hidden = 0
    for mart in catalogue.marts:
        if not mart.is_published or all(c.disclosure != "persons" for c in mart.columns):
            continue
        for row in published(demo_run, mart.id):
            hidden += row["is_suppressed"]
            for column in mart.columns:
                if column.disclosure == "persons" and row[column.name] is not None:
                    assert row[column.name] == 0 or row[column.name] >= 5
                if row["is_suppressed"] and column.disclosure in ("persons", "numerator", "statistic"):
                    assert row[column.name] is None
    assert hidden > 20


def test_the_planted_truth_shows_and_before_after_flatters_it(demo_run):
    """D1 is not the effect: people come at a low point, so even useless support shows a rise."""
    truth = {t["intervention_id"]: t for t in demo_run.truth("truth.json")["interventions"]}
    found = {
        r["intervention_id"]: r["estimate"]
        for r in published(demo_run, "intervention_effect")
        if r["statistic"] == "standardised_mean_change" and r["estimate"] is not None
    }
    effects = {i: truth[i]["effect_sd"] for i in found}
    helpful = [found[i] for i, e in effects.items() if e >= 0.3]
    useless = [found[i] for i, e in effects.items() if e == 0]
    assert len(helpful) > 5
    assert len(useless) > 3
    assert sum(helpful) / len(helpful) > sum(useless) / len(useless) + 0.2
    assert sum(useless) / len(useless) > 0.1


def test_the_same_input_gives_the_same_bytes(demo_run, tmp_path):
    again = virker(
        "run", "--extracts", demo_run.raw, "--year", "2025", "--out", tmp_path, "--direct", "--no-report",
        "--catalogue", ROOT / "examples" / "demo", key_file=demo_run.key_file,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    first = {p.name: _digest(p) for p in demo_run.version.glob("*/*.parquet")}
    second = {p.name: _digest(p) for p in (tmp_path / "data" / "marts").glob("[rp]*/*.parquet")}
    assert first == second


def test_the_result_does_not_depend_on_how_the_files_are_cut(demo_run, tmp_path):
    """Half the rows in a second file: other pseudonym order, same published numbers."""
    raw = shutil.copytree(demo_run.raw, tmp_path / "raw")
    path = next(raw.glob("trivselsskemaer*.csv"))
    lines = path.read_bytes().split(b"\r\n")
    head = next(i for i, line in enumerate(lines) if b"CPR" in line) + 1
    middle = head + (len(lines) - head) // 2
    path.write_bytes(b"\r\n".join(lines[:middle]))
    path.with_name("trivselsskemaer_resten.csv").write_bytes(b"\r\n".join(lines[:head] + lines[middle:]))
    done = virker(
        "run", "--extracts", raw, "--year", "2025", "--out", tmp_path, "--direct", "--no-report",
        "--catalogue", ROOT / "examples" / "demo", key_file=demo_run.key_file,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for mart_id in ("intervention_effect", "strategy_indicator", "attrition_summary"):
        assert pq.read_table(
            tmp_path / "data/marts/published" / f"{mart_id}.parquet"
        ).to_pylist() == published(demo_run, mart_id)


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
