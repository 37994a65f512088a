"""Answers and scores through staging and the pairs, on instruments that a test makes up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.catalogue import Catalogue, Instrument, Intervention, Norm, Outcome, Scoring, ScoringPart
from pipelines.extracts.feed import schema
from pipelines.warehouse import ladder, reference

Row = dict[str, Any]
START = date(2024, 3, 1)
DEFAULTS: Row = {
    "person_id": b"p",
    "instrument_id": "X",
    "respondent": "self",
    "measured_date": START,
    "episode_id": "e",
    "intervention_id": "support",
    "started_date": START,
    "source_file": "a.csv",
}


def _needed(*tables: str) -> tuple[ladder.Model, ...]:
    """The models that these tables are built from, in build order."""
    wanted = set(tables)
    for model in reversed(ladder.load_models()):
        wanted |= set(model.reads) if model.name in wanted else set()
    return tuple(model for model in ladder.load_models() if model.name in wanted)


MODELS = _needed("individual.measurement_pair", "individual.trajectory")


def part(name: str, items: Iterable[Any], **rule: Any) -> ScoringPart:
    reversed_items = tuple(map(str, rule.pop("reversed_items", ())))
    return ScoringPart(id=name, items=tuple(map(str, items)), reversed_items=reversed_items, **rule)


def instrument(
    *parts: ScoringPart,
    limits: tuple[float, float],
    item_limits: tuple[float, float],
    multiplier: float = 1,
    name: str = "X",
    **more: Any,
) -> Instrument:
    scoring = Scoring(
        item_minimum=item_limits[0], item_maximum=item_limits[1], multiplier=multiplier, parts=parts,
        source="", certainty="found", missing_rule_source="", missing_rule_certainty="found",
    )  # fmt: skip
    return Instrument(
        id=name, name_da="", measures_da="", unit_da="", minimum=limits[0], maximum=limits[1], decimals=0,
        better="higher", licence_da="", source=(), scoring=scoring,
        norms=(Norm(respondent="self", label_da=""),), **more,
    )  # fmt: skip


def answers(given: Mapping[Any, float | None] | Sequence[float | None], **key: Any) -> list[Row]:
    """One row per answer; a sequence is numbered from 1, and None is not answered."""
    numbered = given if isinstance(given, Mapping) else dict(enumerate(given, start=1))
    return [key | {"item_id": str(i), "answer": float(a)} for i, a in numbered.items() if a is not None]


def staged(
    catalogue: Catalogue, instruments: Sequence[Instrument], **raw: Sequence[Row]
) -> duckdb.DuckDBPyConnection:
    """Land raw rows (columns left out have defaults or are NULL) and build the models above."""
    outcome = Outcome(instrument=instruments[0].id, respondent="self", goal="A-G1", primary=True)
    support = Intervention(
        id="support", name_da="", purpose_da="", target_group_da="", area="adults", legal_basis_da="",
        is_legal_right=False, horizon_months=6, goals=("A-G1",), outcomes=(outcome,),
    )  # fmt: skip
    small = catalogue.model_copy(update={"instruments": tuple(instruments), "interventions": (support,)})
    connection = duckdb.connect()
    reference.load_reference(connection, small, 2025, date(2026, 1, 31))
    connection.execute("CREATE SCHEMA raw")
    for extract in catalogue.extracts:
        fields = [
            f.with_type(pa.binary()) if pa.types.is_fixed_size_binary(f.type) else f for f in schema(extract)
        ]
        rows = [
            {f.name: ({"source_line": line} | DEFAULTS | row).get(f.name) for f in fields}
            for line, row in enumerate(raw.get(extract.id, ()), start=2)
        ]
        table = pa.Table.from_pylist(rows, schema=pa.schema(fields))
        reference.create_table(connection, f"raw.{extract.id}", table)
    list(ladder.build(connection, MODELS, ("staging", "individual")))
    return connection


def found(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """Return a table's rows in order of person and day."""
    order = "ORDER BY person_id, measured_date, version" if table.startswith("staging.") else ""
    rows: list[Row] = connection.execute(f"SELECT * FROM {table} {order}").to_arrow_table().to_pylist()
    return rows


def scores(
    catalogue: Catalogue,
    of: Instrument,
    questionnaires: Sequence[Mapping[Any, float | None] | Sequence[float | None]],
) -> list[float | None]:
    """Return the score of each questionnaire, in points; None where it has none."""
    rows = [
        row
        for number, given in enumerate(questionnaires)
        for row in answers(given, person_id=b"%05d" % number, instrument_id=of.id)
    ]
    with staged(catalogue, [of], item_answer=rows) as connection:
        query = (
            "SELECT i.pseudonym, s.score_hundredths FROM staging.item_score AS s"
            " JOIN staging.identity AS i ON i.person_id = s.person_id"
        )
        by_person = dict(connection.execute(query).fetchall())
    hundredths = [by_person.get(b"%05d" % n) for n in range(len(questionnaires))]
    return [None if h is None else h / 100 for h in hundredths]
