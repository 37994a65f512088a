"""What the rules must know of the raw database before they can be written: no person's data."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import duckdb

from pipelines.catalogue import Catalogue


@dataclass(frozen=True)
class FeedTotal:
    """How many rows one file gave one extract, and how many of them were rejected."""

    source_file: str
    extract_id: str
    row_count: int
    rejected_count: int


@dataclass(frozen=True)
class RawFacts:
    """Columns (name, DuckDB type) and rows of each extract's table, and every file's totals."""

    columns: Mapping[str, tuple[tuple[str, str], ...]]
    row_counts: Mapping[str, int]
    feeds: tuple[FeedTotal, ...]


def read_facts(raw_database: Path, catalogue: Catalogue) -> RawFacts:
    """Read columns, row counts and file totals from `raw.duckdb`, which is closed again.

    Raises:
        RuntimeError: if an extract of the catalogue has no table there.
    """
    with duckdb.connect(raw_database, read_only=True) as connection:
        columns = _columns(connection)
        missing = [e.id for e in catalogue.extracts if e.id not in columns]
        if missing:
            raise RuntimeError(f"the raw database lacks the tables {', '.join(missing)}")
        row_counts = {e.id: _row_count(connection, e.id) for e in catalogue.extracts}
        feeds = connection.execute(
            "SELECT source_file, extract_id, sum(row_count)::BIGINT, sum(rejected_count)::BIGINT "
            "FROM source_feed GROUP BY source_file, extract_id ORDER BY extract_id, source_file"
        ).fetchall()
    return RawFacts(columns, row_counts, tuple(FeedTotal(*row) for row in feeds))


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[tuple[str, str], ...]]:
    # One query without parameters: binding one makes DuckDB import pandas, half a second.
    rows = connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_catalog = current_database() AND table_schema = 'main' "
        "ORDER BY table_name, ordinal_position"
    ).fetchall()
    return {
        table: tuple((name, data_type) for _, name, data_type in found)
        for table, found in groupby(rows, key=itemgetter(0))
    }


def _row_count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    return int(row[0]) if row else 0
