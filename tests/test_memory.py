"""What the store remembers of a year is what was published; only a new run of the year replaces it."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import memory
from pipelines.catalogue import load_catalogue
from pipelines.disclosure import gate
from pipelines.errors import StoreError
from pipelines.publication import Store
from pipelines.warehouse import reference
from tests.conftest import ROOT

DEMO = ROOT / "examples" / "demo"
DIAGNOSTICS = json.dumps({"standard_error_sd": 0.1})


def effect(intervention: str = "support", **known: Any) -> dict[str, Any]:
    return {
        "intervention_id": intervention,
        "outcome_id": "WHO5:self",
        "design": "D3",
        "comparator": "other_support",
        "specification": "main",
        "population": "window",
        "statistic": "standardised_difference",
        "diagnostics": DIAGNOSTICS,
        "is_primary": True,
    } | known


def recommended(intervention: str = "support", **known: Any) -> dict[str, Any]:
    return {
        "intervention_id": intervention,
        "outcome_id": "WHO5:self",
        "design": "D3",
        "comparator": "other_support",
        "rule_id": "investigate_harm",
        "would_be_rule_id": "stop_harm",
        "recommendation": "Undersøg",
        "evidence_level": 3,
        "n": 80,
        "estimate_sd": -0.4,
        "lower": -0.6,
        "upper": -0.2,
        "is_suppressed": False,
    } | known


def publish(
    out: Path, year: int, *rows: dict[str, Any], catalogue: Path = DEMO, version: str = "1", run: str = ""
) -> Store:
    """A run of a year as far as the memory is concerned."""
    store = Store(out)
    build = unfinished(store, year, *rows, catalogue=catalogue, version=version, run=run)
    memory.carry_over(memory.of(store), build, year)
    store.publish(build)
    return store


def unfinished(
    store: Store,
    year: int,
    *rows: dict[str, Any],
    catalogue: Path = DEMO,
    version: str = "1",
    run: str = "",
) -> Path:
    build = store.begin(f"{year}-{run or len(list(store.versions.glob('*')))}")
    memory.freeze(catalogue, build, year)
    effects = [effect(), effect(population="sex:female"), effect(is_primary=False, outcome_id="SDQ:self")]
    written = {"intervention_effect": effects, "intervention_recommendation": rows or [recommended()]}
    for name, table in written.items():
        pq.write_table(pa.Table.from_pylist(list(table)), build / "published" / f"{name}.parquet")
    pq.write_table(pa.table({"person_id": [1, 2]}), build / "restricted" / "individual_effect.parquet")
    manifest = {
        "reporting_year": year,
        "reference_date": f"{year + 1}-01-31",
        "catalogue_sha256": f"sha of {year}",
        "virker_version": version,
    }
    (build / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    memory.keep(build, year)
    return build


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def changed_catalogue(folder: Path, old: str, new: str) -> Path:
    """The demo's catalogue, whole, with one text of its parameters replaced."""
    build = folder / "flat"
    frozen = memory.freeze(DEMO, build, 1)
    path = frozen / "parameters.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return frozen


def test_nothing_is_remembered_before_the_first_run(tmp_path: Path) -> None:
    assert memory.of(Store(tmp_path)).years == ()
    assert memory.of(Store(tmp_path)).catalogue(2024) is None


def test_a_year_is_kept_beside_the_marts_and_the_other_years_stay(tmp_path: Path) -> None:
    publish(tmp_path, 2023)
    of_2023 = files(tmp_path / "data" / "memory" / "2023")
    publish(tmp_path, 2024, recommended(rule_id="stop_harm"))
    store = publish(tmp_path, 2025)
    remembered = memory.of(store)
    assert remembered.years == (2023, 2024, 2025)
    assert files(tmp_path / "data" / "memory" / "2023") == of_2023
    assert [line["rule_id"] for line in remembered.lines(2024)] == ["stop_harm"]


def test_only_a_new_run_of_the_year_replaces_it(tmp_path: Path) -> None:
    publish(tmp_path, 2023)
    publish(tmp_path, 2024)
    remembered = memory.of(publish(tmp_path, 2023, recommended(rule_id="continue"), run="again"))
    assert remembered.years == (2023, 2024)
    assert [line["rule_id"] for line in remembered.lines(2023)] == ["continue"]
    assert [line["rule_id"] for line in remembered.lines(2024)] == ["investigate_harm"]


def test_a_run_that_never_switched_changed_nothing(tmp_path: Path) -> None:
    """Everything was written but the switch: the next run sweeps it, and remembers the years before."""
    store = publish(tmp_path, 2023)
    before = files(tmp_path / "data" / "memory")
    memory.carry_over(memory.of(store), unfinished(store, 2024), 2024)
    assert memory.of(store).years == (2023,)
    assert files(tmp_path / "data" / "memory") == before
    assert memory.of(publish(tmp_path, 2025)).years == (2023, 2025)


def test_an_old_version_that_is_removed_takes_no_memory_with_it(tmp_path: Path) -> None:
    for year in (2021, 2022, 2023, 2024):
        store = publish(tmp_path, year)
    assert len(list(store.versions.iterdir())) == 2
    assert memory.of(store).years == (2021, 2022, 2023, 2024)
    assert len(memory.of(store).lines(2021)) == 1


def test_where_links_need_a_privilege_the_memory_is_found_too(tmp_path: Path) -> None:
    store = Store(tmp_path, use_links=False)
    store.publish(unfinished(store, 2024))
    assert memory.of(store).years == (2024,)
    assert store.shown("memory").is_dir()


def test_casework_remembers_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    build = store.begin("1", "casework")
    (build / "manifest.json").write_text('{"purpose": "casework"}', encoding="utf-8")
    store.publish(build)
    assert memory.of(store).years == ()
    assert not (tmp_path / "data" / "memory").exists()


def test_only_what_was_published_is_kept_and_no_person(tmp_path: Path) -> None:
    """An erasure has nothing to take out: there are gated tables, the catalogue and the manifest."""
    store = publish(tmp_path, 2024)
    folder, version = tmp_path / "data" / "memory" / "2024", store.current()
    assert version is not None
    kept = {name for name in files(folder) if not name.startswith("catalogue/")}
    assert kept == {"intervention_effect.parquet", "intervention_recommendation.parquet", "manifest.json"}
    for name in kept - {"manifest.json"}:
        mart = load_catalogue(DEMO).mart(name.removesuffix(".parquet"))
        assert mart.is_published
        published = pq.read_table(version / "published" / name).to_pylist()
        rows = pq.read_table(folder / name).to_pylist()
        assert rows
        assert all(row in published for row in rows)
        assert not {"person_id", "episode_id"} & set(rows[0])
    effects = pq.read_table(folder / "intervention_effect.parquet").to_pylist()
    assert [(row["population"], row["is_primary"]) for row in effects] == [("window", True)]


def test_the_frozen_catalogue_is_the_same_catalogue(tmp_path: Path) -> None:
    """What the demo's own catalogue extends is there too, byte for byte, and gives the same hash."""
    remembered = memory.of(publish(tmp_path, 2024))
    frozen = remembered.catalogue(2024)
    assert frozen is not None
    then, now = load_catalogue(frozen), load_catalogue(DEMO)
    assert then.sha256 == now.sha256
    assert then.model_copy(update={"files": ()}) == now.model_copy(update={"files": ()})
    assert (frozen / "municipality.toml").read_bytes() == (DEMO / "municipality.toml").read_bytes()


def test_a_catalogue_that_is_edited_later_leaves_the_frozen_one(tmp_path: Path) -> None:
    own = changed_catalogue(tmp_path, "value = 90", "value = 91")
    remembered = memory.of(publish(tmp_path / "out", 2024, catalogue=own))
    shutil.rmtree(own)
    frozen = remembered.catalogue(2024)
    assert frozen is not None
    assert "value = 91" in (frozen / "parameters.toml").read_text(encoding="utf-8")


def test_earlier_years_become_reference_rows(tmp_path: Path) -> None:
    publish(tmp_path, 2022)
    publish(
        tmp_path, 2024, recommended(), recommended("hidden", n=None, estimate_sd=None, is_suppressed=True)
    )
    remembered = memory.of(publish(tmp_path, 2025))
    frozen = remembered.catalogue(2025)
    assert frozen is not None
    rows = memory.reference_rows(remembered, frozen, 2025, "1")
    assert [(r["year"], r["is_previous"]) for r in rows["remembered_year"]] == [(2022, False), (2024, True)]
    lines = rows["remembered_recommendation"]
    assert [(line["year"], line["intervention_id"]) for line in lines] == [
        (2022, "support"),
        (2024, "support"),
        (2024, "hidden"),
    ]
    assert (lines[1]["estimate_sd"], lines[1]["standard_error_sd"]) == (-0.4, 0.1)
    assert (lines[2]["estimate_sd"], lines[2]["is_suppressed"]) == (None, True)
    # A run of 2022 knows of nothing that came after.
    assert memory.reference_rows(remembered, frozen, 2022, "1") == {
        "remembered_year": [],
        "remembered_recommendation": [],
    }


def test_a_change_of_method_is_told_and_none_is_not(tmp_path: Path) -> None:
    intervention = load_catalogue(DEMO).interventions[0].id
    remembered = memory.of(publish(tmp_path, 2024, recommended(intervention)))
    (same,) = memory.reference_rows(remembered, DEMO, 2025, "1")["remembered_recommendation"]
    assert same["method_changed"] is None
    assert memory.method_changes(remembered, DEMO, 2024) is None
    now = changed_catalogue(tmp_path, "value = 90", "value = 91")
    (line,) = memory.reference_rows(remembered, now, 2025, "2")["remembered_recommendation"]
    parameter = "parameteren »Førmåling tidligst, dage før start« (90 → 91)"
    assert line["method_changed"] == f"{parameter}; Virkers udgave (1 → 2)"
    assert memory.method_changes(remembered, now, 2024) == parameter
    assert memory.method_changes(remembered, now, 2023) is None


def test_many_changes_are_not_all_named(tmp_path: Path) -> None:
    remembered = memory.of(publish(tmp_path, 2024, recommended(load_catalogue(DEMO).interventions[0].id)))
    now = changed_catalogue(tmp_path, "value = 90", "value = 91")
    path = now / "parameters.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("value = 28", "value = 29"), encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("value = 20", "value = 21"), encoding="utf-8")
    (line,) = memory.reference_rows(remembered, now, 2025, "1")["remembered_recommendation"]
    told = line["method_changed"].split("; ")
    assert len(told) == 5
    assert told[-1].startswith("og ")


def test_only_a_year_before_the_latest_has_its_own_catalogue(tmp_path: Path) -> None:
    publish(tmp_path, 2024)
    remembered = memory.of(publish(tmp_path, 2025))
    assert memory.own_catalogue(remembered, 2024) == remembered.catalogue(2024)
    assert memory.own_catalogue(remembered, 2025) is None
    assert memory.own_catalogue(remembered, 2023) is None


def test_a_catalogue_that_this_version_cannot_read_is_said(tmp_path: Path) -> None:
    publish(tmp_path, 2024, version="0.1")
    remembered = memory.of(publish(tmp_path, 2025))
    frozen = remembered.catalogue(2024)
    assert frozen is not None
    (frozen / "interventions.toml").unlink()
    with pytest.raises(StoreError, match=r"(?s)Virker 0\.1.*--catalogue.*interventions\.toml"):
        memory.own_catalogue(remembered, 2024)


@pytest.mark.parametrize(
    ("decisions", "redesigned"),
    [
        ([], None),
        ([("support", 2024, "redesign", "2025-03-01")], "2025-03-01"),
        ([("support", 2025, "redesign", "2025-12-01")], "2025-12-01"),
        ([("support", 2024, "adjust", "2025-03-01")], None),
        ([("support", 2023, "redesign", "2025-03-01")], None),
        ([("other", 2024, "redesign", "2025-03-01")], None),
        # After the run's reference date it has not happened yet; on that day it has.
        ([("support", 2024, "redesign", "2026-02-01")], None),
        ([("support", 2024, "redesign", "2026-01-31")], "2026-01-31"),
    ],
)
def test_the_latest_earlier_year_is_handed_to_the_rules(
    tmp_path: Path, decisions: list[tuple[str, int, str, str]], redesigned: str | None
) -> None:
    publish(tmp_path, 2023, recommended(rule_id="continue"))
    remembered = memory.of(publish(tmp_path, 2024))
    rows = memory.reference_rows(remembered, DEMO, 2025, "1")
    with duckdb.connect() as connection:
        catalogue = load_catalogue(DEMO)
        day = pa.scalar("2026-01-31").cast(pa.date32()).as_py()
        reference.load_reference(connection, catalogue, 2025, day, rows)
        connection.execute(
            "CREATE SCHEMA staging; CREATE TABLE staging.decision"
            " (intervention_id VARCHAR, recommendation_year INTEGER, decided VARCHAR, decided_date DATE)"
        )
        for row in decisions:
            connection.execute("INSERT INTO staging.decision VALUES (?, ?, ?, ?)", row)
        found = memory.previous_lines(connection)
    assert found.keys() == {"support"}
    line = found["support"]
    assert (line["recommendation"], line["would_be"], line["year"]) == ("investigate_harm", "stop_harm", 2024)
    assert (line["n"], line["estimate_sd"], line["standard_error_sd"]) == (80, -0.4, 0.1)
    assert (str(line["redesigned_date"]) if line["redesigned_date"] else None) == redesigned


HISTORY = {
    "outcome_id": "WHO5:self",
    "design": "D3",
    "comparator": "other_support",
    "recommendation": "Undersøg",
    "rule_id": "investigate_harm",
    "evidence_level": 3,
    "decided": None,
    "decided_date": None,
    "decided_by": None,
    "catalogue_sha256": None,
    "method_changed": None,
}


def test_this_years_row_is_hidden_with_its_recommendation_and_earlier_ones_stay() -> None:
    catalogue = load_catalogue(DEMO)

    def table(mart_id: str, rows: list[dict[str, Any]]) -> pa.Table:
        types = {
            "text": pa.string(),
            "integer": pa.int32(),
            "decimal": pa.float64(),
            "boolean": pa.bool_(),
            "date": pa.date32(),
        }
        schema = pa.schema([(c.name, types[c.type]) for c in catalogue.mart(mart_id).columns])
        whole = [{name: row.get(name) for name in schema.names} for row in rows]
        return pa.Table.from_pylist(whole, schema=schema)

    def year(number: int, intervention: str, *, is_this_year: bool) -> dict[str, Any]:
        numbers = {"n": 80, "estimate_sd": -0.4, "lower": -0.6, "upper": -0.2, "is_suppressed": False}
        named = {"year": number, "intervention_id": intervention, "is_this_year": is_this_year}
        return HISTORY | numbers | named

    history = [
        year(2024, "hidden", is_this_year=False),
        year(2025, "hidden", is_this_year=True),
        year(2025, "shown", is_this_year=True),
    ]
    now = [recommended("hidden", n=3), recommended("shown")]
    gated = gate(
        {
            "recommendation_history": table("recommendation_history", history),
            "intervention_recommendation": table("intervention_recommendation", now),
        },
        catalogue,
    )["recommendation_history"].to_pylist()
    assert [(r["year"], r["intervention_id"], r["n"], r["is_suppressed"]) for r in gated] == [
        (2024, "hidden", 80, False),
        (2025, "hidden", None, True),
        (2025, "shown", 80, False),
    ]
    assert [r["recommendation"] for r in gated] == ["Undersøg"] * 3
