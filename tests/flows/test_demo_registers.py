"""Design D4 on the demo: helpful support moves employment and housing, and nothing moves debt."""

import json

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from pipelines.catalogue import load_catalogue
from pipelines.estimation import staggered
from pipelines.warehouse import ladder, reference
from tests.conftest import ROOT

COPIED = ("staging.person", "individual.dated_episode", "individual.status_period")
# Not housing: of the useless interventions two have a number there, together 2.6 standard errors below 0 by
# the chance of this one seed. Over 142 other seeds they average +0.2 points (standard error 0.5), and with
# only this seed's registers drawn anew 39 times -1.0 (1.0).
REGISTERS = ("employment", "debt")


@pytest.fixture(scope="module")
def roles(demo_run):
    return {i["intervention_id"]: i["role"] for i in demo_run.truth("truth.json")["interventions"]}


def test_what_was_declared_is_published_as_a_number_or_a_reason(demo_run, roles):
    path = demo_run.version / "published" / "intervention_effect.parquet"
    rows = [r for r in pq.read_table(path).to_pylist() if r["design"] == "D4"]
    declared = {
        (i.id, r) for i in load_catalogue(ROOT / "examples" / "demo").interventions for r in i.registers
    }
    judged = [r for r in rows if not r["statistic"].startswith("event_study_")]
    assert len(judged) == 3 * len(declared)
    for row in rows:
        assert (row["estimate"] is None) != (row["not_estimable_reason"] is None and not row["is_suppressed"])
    overall = {r["intervention_id"]: r for r in rows if r["statistic"] == "effect_overall" and r["estimate"]}
    # What has a number is drawn, from before the start on; what has none is not.
    drawn = {(r["intervention_id"], r["outcome_id"]) for r in rows if r["statistic"] == "event_study_0"}
    assert drawn == {(r["intervention_id"], r["outcome_id"]) for r in judged if r["estimate"] is not None}
    helpful = [r["estimate"] for i, r in overall.items() if roles[i] == "helpful"]
    assert len(helpful) >= 2
    assert min(helpful) > 0
    for row in (r for i, r in overall.items() if roles[i] != "helpful"):
        assert row["lower"] < 0 < row["upper"]


@pytest.fixture(scope="module")
def effects(demo_run):
    """Every intervention in registers that the demo moves and does not move, as if all had been declared."""
    catalogue = load_catalogue(ROOT / "examples" / "demo")
    everything = tuple(i.model_copy(update={"registers": REGISTERS}) for i in catalogue.interventions)
    with duckdb.connect() as connection:
        warehouse = str(demo_run.version / "restricted" / "warehouse.duckdb").replace("'", "''")
        connection.execute(f"ATTACH '{warehouse}' AS run (READ_ONLY)")
        (day,) = connection.execute("SELECT reference_date FROM run.ref.run").fetchone()
        reference.load_reference(
            connection, catalogue.model_copy(update={"interventions": everything}), 2025, day
        )
        connection.execute("CREATE SCHEMA staging; CREATE SCHEMA individual")
        for name in COPIED:
            connection.execute(f"CREATE TABLE {name} AS FROM run.{name}")
        models = [m for m in ladder.load_models() if m.name.startswith("intervention.start_panel")]
        list(ladder.build(connection, models, ("intervention",)))
        return [r for r in staggered.results(connection, 0.95) if r["estimate"] is not None]


def pooled(effects, roles, register):
    """The helpful interventions' mean effect at 6 months by inverse variance, in standard errors."""
    chosen = [
        (r["estimate"], json.loads(r["diagnostics"])["pointwise_standard_error"])
        for r in effects
        if r["statistic"] == "effect_at_6_months"
        and r["outcome_id"] == f"register:{register}"
        and roles[r["intervention_id"]] == "helpful"
    ]
    assert len(chosen) >= 4
    estimate, error = np.array(chosen).T
    return (estimate / error**2).sum() / np.sqrt((1 / error**2).sum())


def test_helpful_support_moves_employment_and_not_debt(effects, roles):
    assert pooled(effects, roles, "employment") > 2
    assert abs(pooled(effects, roles, "debt")) < 2
