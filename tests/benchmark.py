"""What the ladder and the estimates cost as people or outcomes grow: the demo as it is, and many times over.

    python -m tests.benchmark --people 100      # a country: 250,000 people, 5.9 million measurements
    python -m tests.benchmark --outcomes 6      # every intervention's outcomes six times over

Both sizes are measured in the one run, so that the ratio holds whatever the machine does. DuckDB is held to
3 GB; the other extracts than people, episodes and measurements are not repeated.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb

from pipelines import estimation
from pipelines.catalogue import Catalogue, load_catalogue
from pipelines.demo import write_demo
from pipelines.estimation import courses
from pipelines.extracts import load_key, read_extracts
from pipelines.raw import land, reference_date
from pipelines.warehouse import ladder, reference

CATALOGUE = Path(__file__).parents[1] / "examples" / "demo"
YEAR, LEVEL = 2025, 0.95
REPEATED = ("person", "episode", "measurement")
COUNTING = ("staging", "individual", "intervention", "strategy")


def main() -> None:
    """Print seconds per part at both sizes, and the ratio to the growth."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1, help="times every person, episode and measurement")
    parser.add_argument("--outcomes", type=int, default=1, help="times every intervention's outcomes")
    asked = parser.parse_args()
    catalogue = load_catalogue(CATALOGUE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _land(folder, catalogue)
        small = dict(_measured(folder, catalogue, 1, 1))
        large = dict(_measured(folder, catalogue, asked.people, asked.outcomes))
    print(f"{'':28}{'demo':>10}{'larger':>10}{'ratio':>8}")
    for part, value in small.items():
        ratio = f"{large[part] / value:8.1f}" if value else ""
        print(f"{part:28}{value:10,.1f}{large[part]:10,.1f}{ratio}")
    print(f"peak of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")


def _land(folder: Path, catalogue: Catalogue) -> None:
    write_demo(folder / "raw", folder / "truth", catalogue, seed=1, reporting_year=YEAR)
    landing = read_extracts(folder / "raw", catalogue, load_key(folder / "key", create=True))
    land(landing, folder / "raw.duckdb")


def _measured(folder: Path, catalogue: Catalogue, people: int, outcomes: int) -> Iterator[tuple[str, float]]:
    """Yield rows, outcomes and seconds of every part of one size."""
    size = f"{people}x{outcomes}"
    raw = folder / f"repeated{size}.duckdb"
    _repeat(folder / "raw.duckdb", raw, people)
    day = reference_date(raw, catalogue, YEAR)
    warehouse = folder / f"warehouse{size}.duckdb"
    with duckdb.connect(warehouse) as connection:
        # As a run has it, but for the limit.
        connection.execute("SET memory_limit = '3GB'; SET force_compression = 'uncompressed'")
        connection.execute(f"ATTACH '{raw}' AS raw (READ_ONLY)")
        reference.load_reference(connection, catalogue, YEAR, day, {})
        yield "measurements", ladder.count_rows(connection, "raw.measurement")
        started = time.perf_counter()
        for _ in ladder.build(connection, ladder.load_models(), COUNTING):
            pass
        yield "ladder, s", time.perf_counter() - started
        _repeat_outcomes(connection, outcomes)
        yield "declared outcomes", ladder.count_rows(connection, "ref.intervention_outcome")
        connection.execute("CREATE SCHEMA estimate")
        parts = {design.__name__: partial(design.results, connection, LEVEL) for design in estimation.DESIGNS}
        parts[courses.__name__] = partial(courses.trajectories, connection)
        for part, infer in parts.items():
            started = time.perf_counter()
            infer()
            yield f"{part.rpartition('.')[2]}, s", time.perf_counter() - started


def _repeat(one: Path, raw: Path, people: int) -> None:
    """Write everybody's rows `people` times over, each time as somebody else."""
    with duckdb.connect(raw) as connection:
        connection.execute(f"ATTACH '{one}' AS one (READ_ONLY)")
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            if table not in REPEATED:
                connection.execute(f"CREATE TABLE {table} AS FROM one.{table} LIMIT 0")
                continue
            other = "unhex(md5(hex(person_id) || copy)) AS person_id"
            if table == "episode":
                other += ", episode_id || '-' || copy AS episode_id"
            connection.execute(
                f"CREATE TABLE {table} AS SELECT own.* REPLACE ({other}) "
                f"FROM one.{table} AS own, range({people}) AS r(copy)"
            )


def _repeat_outcomes(connection: duckdb.DuckDBPyConnection, times: int) -> None:
    """Lay every counted outcome `times` over, under other names: the designs meet so many more."""
    tables = connection.execute(
        """
        SELECT DISTINCT schema_name || '.' || table_name FROM duckdb_columns()
        WHERE column_name = 'outcome_id'
            AND (schema_name = 'intervention' OR table_name = 'intervention_outcome')
        """
    ).fetchall()
    for (table,) in tables:
        connection.execute(
            f"""
            INSERT INTO {table}
            SELECT own.* REPLACE (own.outcome_id || '-' || copy AS outcome_id)
            FROM {table} AS own, range(1, {times}) AS r(copy)
            """
        )


if __name__ == "__main__":
    main()
