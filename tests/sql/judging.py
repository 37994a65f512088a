"""Pairs of scores through the four models that judge a person's change, on a catalogue of one instrument."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.catalogue import Catalogue, Instrument, Norm, Outcome
from pipelines.warehouse import ladder, reference

MODELS = tuple(
    model
    for model in ladder.load_models()
    if re.fullmatch(r"individual\.(norm_moment|cutoff|measurement_error|reliable_change)", model.name)
)
PAIR = {
    "instrument_id": "X",
    "respondent": "self",
    "follow_up_kind": "primary",
    "baseline_date": date(2024, 3, 1),
    "follow_up_date": date(2024, 9, 1),
}


@dataclass(frozen=True)
class Judged:
    """The people by id, and the row of the instrument."""

    people: dict[str, dict[str, Any]]
    instrument: dict[str, Any]


def norm(**known: Any) -> Norm:
    return Norm(respondent="self", label_da="", **known)


def instrument(norm: Norm, better: str = "higher", minimum: float = 0, maximum: float = 100) -> Instrument:
    return Instrument(
        id="X", name_da="", measures_da="", unit_da="", minimum=minimum, maximum=maximum, decimals=0,
        better=better, licence_da="", source=(), norms=(norm,),
    )  # fmt: skip


def judge(
    catalogue: Catalogue, instrument: Instrument, scores: dict[str, tuple[float, float]], **parameters: Any
) -> Judged:
    """Judge each id's score before and after, with some parameters of the catalogue set otherwise."""
    chosen = tuple(
        p.model_copy(update={"value": parameters[p.id]}) if p.id in parameters else p
        for p in catalogue.parameters
    )
    assert parameters.keys() <= {p.id for p in chosen}
    outcome = Outcome(instrument=instrument.id, respondent="self", goal="A-G1", primary=True)
    support = catalogue.interventions[0].model_copy(update={"outcomes": (outcome,)})
    small = catalogue.model_copy(
        update={"instruments": (instrument,), "interventions": (support,), "parameters": chosen}
    )
    direction = 1 if instrument.better == "higher" else -1
    pairs = [
        PAIR
        | {
            "episode_id": person,
            "instrument_id": instrument.id,
            "baseline_hundredths": round(100 * before),
            "follow_up_hundredths": round(100 * after),
            "change_hundredths": direction * round(100 * (after - before)),
        }
        for person, (before, after) in scores.items()
    ]
    with duckdb.connect() as connection:
        reference.load_reference(connection, small, 2024, date(2025, 1, 31))
        connection.execute("CREATE SCHEMA individual")
        reference.create_table(connection, "individual.measurement_pair", pa.Table.from_pylist(pairs))
        list(ladder.build(connection, MODELS, ("individual",)))
        people = connection.execute("SELECT * FROM individual.reliable_change").to_arrow_table().to_pylist()
        (row,) = connection.execute("SELECT * FROM individual.measurement_error").to_arrow_table().to_pylist()
    return Judged({p["episode_id"]: p for p in people}, row)
