"""A small catalogue and a raw database that keeps to it, with faults planted on request."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from pipelines.catalogue import Catalogue, Extract, ExtractField, Instrument, Intervention, Parameter

REFERENCE_DATE = date(2026, 6, 30)
FRESHNESS_DAYS = 100
MAXIMUM_REJECTED_SHARE = 0.05

PERSON = Extract(
    id="person",
    label_da="Borgere",
    required=True,
    key=("person_id",),
    fields=(
        ExtractField(name="person_id", type="person", label_da="CPR-nummer", required=True),
        ExtractField(
            name="sex", type="code", label_da="Køn", values=("female", "o'male"), severity="warning"
        ),
    ),
)
# "order" is a reserved word of SQL and "end-date" needs quoting.
VISIT = Extract(
    id="visit",
    label_da="Besøg",
    required=True,
    key=("person_id", "order"),
    freshness_field="start_date",
    freshness_days=FRESHNESS_DAYS,
    fields=(
        ExtractField(
            name="person_id",
            type="person",
            label_da="CPR-nummer",
            required=True,
            references="person.person_id",
            severity="warning",
        ),
        ExtractField(name="order", type="integer", label_da="Nummer", minimum=1),
        ExtractField(name="kind", type="code", label_da="Indsats", references="intervention"),
        ExtractField(name="plan_id", type="code", label_da="Plan", references="plan.plan_id"),
        ExtractField(name="hours", type="decimal", label_da="Timer", minimum=0, maximum=37.5),
        ExtractField(name="start_date", type="date", label_da="Start"),
        ExtractField(
            name="end-date", type="date", label_da="Slut", not_before="start_date", severity="warning"
        ),
    ),
)
ANSWER = Extract(
    id="answer",
    label_da="Svar",
    required=True,
    key=(),
    fields=(
        ExtractField(name="tool", type="code", label_da="Måleredskab", references="instrument"),
        ExtractField(name="score", type="decimal", label_da="Score", references="instrument.range"),
    ),
)
PLAN = Extract(
    id="plan",
    label_da="Planer",
    required=False,
    key=("plan_id",),
    fields=(ExtractField(name="plan_id", type="code", label_da="Plan", required=True),),
)


def _instrument(instrument_id: str, minimum: float, maximum: float) -> Instrument:
    return Instrument.model_construct(id=instrument_id, minimum=minimum, maximum=maximum)


CATALOGUE = Catalogue.model_construct(
    parameters=(
        Parameter(
            id="maximum_rejected_share", value=MAXIMUM_REJECTED_SHARE, unit="andel", label_da="", source=""
        ),
    ),
    extracts=(PERSON, VISIT, ANSWER, PLAN),
    instruments=(_instrument("SHORT", 0, 10), _instrument("LONG", -1.5, 100)),
    interventions=(Intervention.model_construct(id="A1"), Intervention.model_construct(id="A2")),
    statuses=(),
    event_kinds=(),
)

SOUND = (
    "CREATE TABLE person AS SELECT encode(format('{:016}', i)) AS person_id, "
    "['female', 'o''male', NULL][i % 3 + 1] AS sex, 'p.csv' AS source_file, i AS source_line "
    "FROM range(40) AS t(i)",
    "CREATE TABLE visit AS SELECT encode(format('{:016}', i % 40)) AS person_id, i // 40 + 1 AS order, "
    "['A1', 'A2', NULL][i % 3 + 1] AS kind, 'P1' AS plan_id, (i % 38)::DOUBLE AS hours, "
    "DATE '2026-03-22' - (i % 90)::INTEGER AS start_date, DATE '2026-05-01' AS \"end-date\", "
    "'v.csv' AS source_file, i AS source_line FROM range(2000) AS t(i)",
    "CREATE TABLE answer AS SELECT ['SHORT', 'LONG'][i % 2 + 1] AS tool, (i % 11)::DOUBLE AS score, "
    "'s.csv' AS source_file, i AS source_line FROM range(300) AS t(i)",
    "CREATE TABLE plan (plan_id VARCHAR, source_file VARCHAR, source_line BIGINT)",
    "CREATE TABLE source_feed (source_file VARCHAR, source_id VARCHAR, extract_id VARCHAR, "
    "row_count BIGINT, kept_count BIGINT, rejected_count BIGINT, merged_count BIGINT)",
    # Exactly the share allowed, from two feeds of one file, whose name is hard to quote.
    "INSERT INTO source_feed VALUES ('v ''{0}'':<æ%.csv', 'v', 'visit', 1000, 1000, 0, 0), "
    "('v ''{0}'':<æ%.csv', 'v', 'visit', 1000, 900, 100, 0), ('s.csv', 's', 'answer', 300, 300, 0, 0)",
)


def raw_database(folder: Path, changes: Sequence[str] = ()) -> Path:
    """Write a sound raw database into `folder`, then apply `changes` (SQL) to it."""
    path = folder / "raw.duckdb"
    with duckdb.connect(path) as connection:
        for statement in (*SOUND, *changes):
            connection.execute(statement)
    return path
