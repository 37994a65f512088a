"""Given rows, expect rows: a small catalogue as `ref.*`, raw rows, and the real models upon them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.catalogue import Catalogue, Extract, Instrument, Intervention, Norm, Outcome
from pipelines.extracts.feed import schema
from pipelines.warehouse import ladder, reference

Row = dict[str, Any]
START = date(2024, 3, 1)
REFERENCE_DATE = date(2026, 1, 31)
LEVELS = {"support": 2, "other": 2, "unmeasured": 4}
REGISTERS = {"support": ("employment", "housing"), "other": ("employment",)}


def small_catalogue(real: Catalogue) -> Catalogue:
    """The real parameters, with instruments whose arithmetic can be done by hand."""

    def instrument(name: str, better: str, norm: Norm) -> Instrument:
        return Instrument(
            id=name,
            name_da=name,
            measures_da=name,
            unit_da="point",
            minimum=0,
            maximum=100,
            decimals=0,
            better=better,
            licence_da="",
            source=(),
            norms=(norm,),
        )

    # SD 10 and r = 0.5 give a standard error of difference of exactly 10.
    known = Norm(
        respondent="self", label_da="", sd=10, reliability=0.5, cutoff=50, minimal_important_change=8
    )
    instruments = (
        instrument("UP", "higher", known),
        instrument("DOWN", "lower", known),
        instrument("UNKNOWN", "higher", Norm(respondent="self", label_da="")),
    )
    interventions = tuple(
        Intervention(
            id=name,
            name_da=name,
            purpose_da="",
            target_group_da="",
            area="adults",
            legal_basis_da="",
            is_legal_right=False,
            horizon_months=6,
            support_level=LEVELS[name],
            registers=REGISTERS.get(name, ()),
            goals=("A-G1",),
            outcomes=(Outcome(instrument=outcome, respondent="self", goal="A-G1", primary=True),),
        )
        for name, outcome in (("support", "UP"), ("other", "DOWN"), ("unmeasured", "UNKNOWN"))
    )
    return real.model_copy(update={"instruments": instruments, "interventions": interventions})


@pytest.fixture
def tables() -> tuple[str, ...]:
    """The tables a module asks of; one that overrides this builds only what they need."""
    return ()


@pytest.fixture
def given(
    catalogue: Catalogue, tables: tuple[str, ...]
) -> Iterator[Callable[..., duckdb.DuckDBPyConnection]]:
    """Return a function that lands raw rows (columns left out are NULL) and builds the ladder afresh.

    An extract that is named, if only with no rows, had a feed in the delivery; another had none.
    """
    opened: list[duckdb.DuckDBPyConnection] = []

    def build(**raw: Sequence[Row]) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        opened.append(connection)
        connection.execute("CREATE SCHEMA raw")
        reference.load_reference(connection, small_catalogue(catalogue), 2025, REFERENCE_DATE)
        for extract in catalogue.extracts:
            landed = _landed(extract)
            rows = [_whole(landed, line, row) for line, row in enumerate(raw.get(extract.id, ()), start=2)]
            table = pa.Table.from_pylist(rows, schema=landed)
            reference.create_table(connection, f"raw.{extract.id}", table)
        feeds = pa.table({"extract_id": pa.array(list(raw), pa.string())})
        reference.create_table(connection, "raw.source_feed", feeds)
        list(ladder.build(connection, needed(tables), ("staging", "individual", "intervention", "strategy")))
        return connection

    yield build
    for connection in opened:
        connection.close()


def needed(tables: tuple[str, ...]) -> tuple[ladder.Model, ...]:
    """Every model, or those that `tables` are built from, in build order."""
    models = ladder.load_models()
    wanted = set(tables) or {model.name for model in models}
    for model in reversed(models):
        wanted |= set(model.reads) if model.name in wanted else set()
    return tuple(model for model in models if model.name in wanted)


def _landed(extract: Extract) -> pa.Schema:
    """The columns of a landed extract, with pseudonyms as short as a test likes."""
    return pa.schema(
        [f.with_type(pa.binary()) if pa.types.is_fixed_size_binary(f.type) else f for f in schema(extract)]
    )


def _whole(landed: pa.Schema, line: int, row: Row) -> Row:
    defaults: Row = {"source_file": "a.csv", "source_line": line, "person_id": b"p"}
    defaults |= {
        "instrument_id": "UP",
        "respondent": "self",
        "intervention_id": "support",
        "started_date": START,
    }
    defaults |= {"episode_id": "e"}
    return {name: row.get(name, defaults.get(name)) for name in landed.names}


@pytest.fixture
def rows() -> Callable[[duckdb.DuckDBPyConnection, str], list[Row]]:
    def query(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
        found: list[Row] = connection.execute(sql).to_arrow_table().to_pylist()
        return found

    return query
