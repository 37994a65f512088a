"""From estimates to a recommendation per intervention: `estimate.recommendation` and `estimate.evidence`.

The rules are data (`catalogue/recommendation.toml`). What they may ask for is computed in `measures`, of the
best design that `candidates` finds; `rules` evaluates, and `change` says what would change it. No
recommendation is of a part of the people, and none about a person.
"""

from collections.abc import Mapping
from dataclasses import replace

import duckdb
import pyarrow as pa

from pipelines.catalogue import Catalogue
from pipelines.estimation.rows import read_rows
from pipelines.recommendation.inputs import READS, chosen_designs, money, new_persons
from pipelines.recommendation.judging import Previous, judge, with_history
from pipelines.recommendation.lines import (
    EVIDENCE_SCHEMA,
    RECOMMENDATION_SCHEMA,
    evidence_line,
    primary_outcome,
    recommendation_line,
)
from pipelines.warehouse import ladder
from pipelines.warehouse.reference import create_table

__all__ = ["Previous", "recommend"]


def recommend(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, previous: Mapping[str, Previous]
) -> dict[str, tuple[dict[str, int], int]]:
    """Write both tables; return, per table, rows in all it read and rows written.

    `previous` is the latest earlier year's line of each intervention that has one.
    """
    (setting,) = read_rows(connection, "SELECT * FROM ref.setting")
    table, chosen = catalogue.recommendation, chosen_designs(connection, catalogue, setting)
    economy, fresh = money(connection), new_persons(connection)
    lines, evidence = [], []
    for intervention in catalogue.interventions:
        outcome_id, before = primary_outcome(intervention), previous.get(intervention.id)
        if before and before.outcome_id != outcome_id:
            before = None
        candidate = chosen[intervention.id, outcome_id]
        place = (intervention.id, outcome_id, str(candidate.measures.comparator))
        measures = with_history(candidate.measures, before, fresh.get(place), table)
        candidate = replace(candidate, measures=replace(measures, **economy.get(place, {})))
        found = judge(candidate, table, setting)
        lines.append(recommendation_line(intervention, outcome_id, candidate, found, before, table, setting))
        evidence += [
            evidence_line(intervention, outcome_id, of)
            for (intervention_id, outcome_id), of in chosen.items()
            if intervention_id == intervention.id
        ]
    made = {
        "estimate.recommendation": pa.Table.from_pylist(lines, schema=RECOMMENDATION_SCHEMA),
        "estimate.evidence": pa.Table.from_pylist(evidence, schema=EVIDENCE_SCHEMA),
    }
    for name, rows in made.items():
        create_table(connection, name, rows)
    reads = {name: ladder.count_rows(connection, name) for name in READS}
    return {name: (reads, rows.num_rows) for name, rows in made.items()}
