"""Build the SQL models of `sql/` in the order their own text gives.

A model is one file with one SELECT; its folder is its layer and its file name its table.
The order is parsed from the models, never written down.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import duckdb

# From the ground up. A model reads lower rungs, or its own; `ref` holds the catalogue, `estimate`
# and `quality` what Python has written between two rungs.
LAYERS = ("raw", "ref", "staging", "individual", "intervention", "strategy", "quality", "estimate", "marts")
SQL_ROOT = Path(__file__).parents[2] / "sql"
GRAIN = re.compile(r"^-- Grain: one row per (?P<columns>[\w, ]*\w(?:,\n--[\w, ]+)*)$", re.MULTILINE)


@dataclass(frozen=True)
class Model:
    """One SQL file: the table it makes, the tables it reads and the columns that identify a row."""

    name: str
    sql: str
    reads: tuple[str, ...]
    grain: tuple[str, ...]

    @property
    def layer(self) -> str:
        """The schema the model's table lies in."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class BuiltTable:
    """One built table: rows in each table it read, and rows in it."""

    name: str
    rows_in: dict[str, int]
    row_count: int


@cache
def load_models(root: Path = SQL_ROOT) -> tuple[Model, ...]:
    """Parse every model and return them in build order.

    Raises:
        ValueError: if a file is not one SELECT, states no grain, reads a higher rung,
            or if models read each other in a circle.
    """
    with duckdb.connect() as parser:
        models = {m.name: m for m in (_parse(path, parser) for path in sorted(root.glob("*/*.sql")))}
    for model in models.values():
        for table in model.reads:
            _check_rung(model, table, models)
    graph = {name: [t for t in model.reads if t in models] for name, model in models.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ValueError(f"models read each other in a circle: {' -> '.join(error.args[1])}") from error
    return tuple(models[name] for name in sorted(order, key=lambda n: LAYERS.index(models[n].layer)))


def build(
    connection: duckdb.DuckDBPyConnection, models: Sequence[Model], layers: Sequence[str]
) -> Iterator[BuiltTable]:
    """Create the tables of `layers`, one by one, checking that each keeps its grain.

    Raises:
        RuntimeError: when a table has two rows for what its grain calls one.
    """
    for layer in layers:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {layer}")
    for model in (m for m in models if m.layer in layers):
        connection.execute(f"CREATE TABLE {model.name} AS {model.sql}")
        row_count = count_rows(connection, model.name)
        columns = ", ".join(model.grain)
        distinct = _single(connection, f"SELECT COUNT(*) FROM (SELECT DISTINCT {columns} FROM {model.name})")
        if distinct != row_count:
            raise RuntimeError(f"{model.name} has {row_count} rows but {distinct} of ({columns}), its grain")
        rows_in = {t: count_rows(connection, t) for t in model.reads if not t.startswith("ref.")}
        yield BuiltTable(model.name, rows_in, row_count)


def count_rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return the number of rows of a table."""
    return _single(connection, f"SELECT COUNT(*) FROM {table}")


def _single(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


def _parse(path: Path, parser: duckdb.DuckDBPyConnection) -> Model:
    name = f"{path.parent.name}.{path.stem}"
    sql = path.read_text(encoding="utf-8")
    if [s.type for s in parser.extract_statements(sql)] != [duckdb.StatementType.SELECT]:
        raise ValueError(f"{name}: a model is exactly one SELECT")
    grain = GRAIN.search(sql)
    if grain is None:
        raise ValueError(f"{name}: the opening comment says no 'Grain: one row per …'")
    # A table comes quoted and with its alias; one without a schema is one of the model's own CTEs.
    named = {
        table.partition(" AS ")[0].replace('"', "") for table in parser.get_table_names(sql, qualified=True)
    }
    reads = tuple(sorted(table for table in named if "." in table))
    return Model(name, sql, reads, tuple(re.findall(r"\w+", grain["columns"])))


def _check_rung(model: Model, table: str, models: dict[str, Model]) -> None:
    layer = table.partition(".")[0]
    if layer not in LAYERS:
        raise ValueError(f"{model.name} reads {table}, which is on no rung")
    if LAYERS.index(layer) > LAYERS.index(model.layer):
        raise ValueError(f"{model.name} reads {table}, which is on a higher rung")
    if layer == "raw" and model.layer != "staging":
        raise ValueError(f"{model.name} reads {table}; only staging reads raw")
    is_written_by_python = layer in ("raw", "ref", "quality", "estimate")
    if not is_written_by_python and table not in models:
        raise ValueError(f"{model.name} reads {table}, which no file builds")
