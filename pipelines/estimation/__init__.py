"""From counts and moments to estimates with intervals, as tables `estimate.*`.

SQL has counted; the estimators infer; this room only carries rows between them, one module per design.
"""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from pipelines.estimation import (
    before_after,
    comparison,
    courses,
    economy,
    expected,
    indicators,
    new_persons,
    providers,
    staggered,
    waiting,
)
from pipelines.estimation.indicators import public
from pipelines.estimation.multiplicity import with_adjusted_p
from pipelines.estimation.rows import EFFECT_SCHEMA
from pipelines.warehouse import ladder
from pipelines.warehouse.reference import create_table

DESIGNS = (before_after, providers, expected, comparison, waiting, staggered)


def estimate(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[dict[str, int], int]]:
    """Estimate everything the ladder has counted; return, per table, rows in all it read and rows written.

    Writes `estimate.intervention_effect` (every design's rows), `estimate.strategy_indicator`,
    `estimate.public_comparison`, `estimate.trajectory` and `estimate.new_person_effect`.
    """
    connection.execute("CREATE SCHEMA estimate")
    row = connection.execute("SELECT confidence_level FROM ref.setting").fetchone()
    assert row is not None
    level = float(row[0])
    found = [row for design in DESIGNS for row in design.results(connection, level)]
    effects = with_adjusted_p(connection, found)
    made = {
        "intervention_effect": (
            pa.Table.from_pylist(effects, schema=EFFECT_SCHEMA),
            [table for design in DESIGNS for table in design.READS],
        ),
        "economy_result": (economy.results(connection, level, effects), economy.READS),
        "strategy_indicator": (indicators.indicators(connection, level, effects), indicators.READS),
        "public_comparison": (public.comparisons(connection, level), public.READS),
        "trajectory": (courses.trajectories(connection), courses.READS),
        "new_person_effect": (new_persons.effects(connection), new_persons.READS),
    }
    read_of: dict[str, Sequence[str]] = {design.DRAWS: design.READS for design in (comparison, waiting)}
    for name, (table, reads) in made.items():
        create_table(connection, f"estimate.{name}", table)
        read_of[f"estimate.{name}"] = reads
    return {
        name: (
            {read: ladder.count_rows(connection, read) for read in reads},
            ladder.count_rows(connection, name),
        )
        for name, reads in read_of.items()
    }
