"""The catalogue as tables (`ref.*`), so that SQL holds no threshold and no label."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.json as pa_json
import pyarrow.parquet as pq

from pipelines.catalogue import Catalogue, Instrument, Outcome
from pipelines.warehouse.economy import ECONOMY_SCHEMAS, economy_tables
from pipelines.warehouse.strategy import STRATEGY_SCHEMAS, strategy_tables

# Stated, because a column that is unknown for every instrument has no type of its own.
NORM_SCHEMA = pa.schema(
    [
        ("instrument_id", pa.string()),
        ("respondent", pa.string()),
        ("sd", pa.float64()),
        ("is_sample_sd", pa.bool_()),
        ("mean", pa.float64()),
        ("reliability", pa.float64()),
        ("reliability_post", pa.float64()),
        ("cutoff", pa.float64()),
        ("cutoff_method", pa.string()),
        ("functional_mean", pa.float64()),
        ("functional_sd", pa.float64()),
        ("minimal_important_change", pa.float64()),
    ]
)

# Stated, because a catalogue may have no deadline at all.
DEADLINE_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("step", pa.string()),
        ("deadline_id", pa.string()),
        ("kind", pa.string()),
        ("deadline_days", pa.int32()),
        ("deadline_months", pa.int32()),
        ("valid_from_date", pa.date32()),
        ("valid_to_date", pa.date32()),
    ]
)
# Stated, because a catalogue may say nothing of levels.
INTERVENTION_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("name_da", pa.string()),
        ("area", pa.string()),
        ("horizon_months", pa.int32()),
        ("support_level", pa.int32()),
        ("serious_event_limit", pa.int32()),
    ]
)
# Stated, because a catalogue may have no register outcome at all.
REGISTER_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("register", pa.string()),
        ("outcome_id", pa.string()),
        ("name_da", pa.string()),
    ]
)
# Stated, because a catalogue may have no negative control at all.
CONTROL_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("control_id", pa.string()),
        ("instrument_id", pa.string()),
        ("respondent", pa.string()),
        ("register", pa.string()),
    ]
)
# Stated, because a catalogue may have no reference at all.
REFERENCE_SCHEMA = pa.schema(
    [
        ("reference_id", pa.string()),
        ("target_group", pa.string()),
        ("instrument_id", pa.string()),
        ("respondent", pa.string()),
        ("horizon_months", pa.int32()),
        ("age_from", pa.int32()),
        ("age_to", pa.int32()),
        ("mean", pa.float64()),
        ("mean_standard_error", pa.float64()),
        ("sd", pa.float64()),
        ("correlation", pa.float64()),
        ("correlation_n", pa.int32()),
    ]
)
# Stated, because a catalogue may have no age band at all, or only one.
AGE_BAND_SCHEMA = pa.schema(
    [("age_band_id", pa.string()), ("age_from", pa.int32()), ("age_before", pa.int32())]
)
MONTH_SCHEMA = pa.schema(
    [("month_number", pa.int32()), ("month_date", pa.date32()), ("year_number", pa.int32())]
)
YEAR_SCHEMA = pa.schema([("year", pa.int32()), ("first_date", pa.date32()), ("last_date", pa.date32())])
# No strategy's log is older; a year before its first line has no row anyway.
YEARS_LOGGED = 30
RUN_SCHEMA = pa.schema(
    [
        ("reporting_year", pa.int32()),
        ("reference_date", pa.date32()),
        ("window_start_date", pa.date32()),
        ("window_end_date", pa.date32()),
    ]
)
# Stated, because a catalogue may have no instrument that is scored here.
ITEM_SCHEMA = pa.schema(
    [
        ("instrument_id", pa.string()),
        ("item_id", pa.string()),
        ("part_id", pa.string()),
        ("is_reversed", pa.bool_()),
        ("minimum_answer", pa.float64()),
        ("maximum_answer", pa.float64()),
    ]
)
SCORING_PART_SCHEMA = pa.schema(
    [
        ("instrument_id", pa.string()),
        ("part_id", pa.string()),
        ("item_count", pa.int32()),
        ("minimum_answered", pa.int32()),
        ("is_rounded", pa.bool_()),
        ("is_in_total", pa.bool_()),
        ("total_part_count", pa.int32()),
        ("multiplier", pa.float64()),
    ]
)
# Stated, because nothing is remembered before the second year.
REMEMBERED_YEAR_SCHEMA = pa.schema(
    [
        ("year", pa.int32()),
        ("reference_date", pa.date32()),
        ("catalogue_sha256", pa.string()),
        ("is_previous", pa.bool_()),
    ]
)
REMEMBERED_RECOMMENDATION_SCHEMA = pa.schema(
    [
        ("year", pa.int32()),
        ("intervention_id", pa.string()),
        ("outcome_id", pa.string()),
        ("design", pa.string()),
        ("comparator", pa.string()),
        ("rule_id", pa.string()),
        ("would_be_rule_id", pa.string()),
        ("recommendation", pa.string()),
        ("evidence_level", pa.int32()),
        ("n", pa.int32()),
        ("estimate_sd", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("standard_error_sd", pa.float64()),
        ("is_suppressed", pa.bool_()),
        ("method_changed", pa.string()),
    ]
)
SCHEMAS = {
    "instrument_norm": NORM_SCHEMA,
    "item": ITEM_SCHEMA,
    "scoring_part": SCORING_PART_SCHEMA,
    "intervention": INTERVENTION_SCHEMA,
    "intervention_register": REGISTER_SCHEMA,
    "negative_control": CONTROL_SCHEMA,
    "deadline": DEADLINE_SCHEMA,
    "reference": REFERENCE_SCHEMA,
    "age_band": AGE_BAND_SCHEMA,
    "run": RUN_SCHEMA,
    "remembered_year": REMEMBERED_YEAR_SCHEMA,
    "remembered_recommendation": REMEMBERED_RECOMMENDATION_SCHEMA,
    "month": MONTH_SCHEMA,
    "year": YEAR_SCHEMA,
    **ECONOMY_SCHEMAS,
    **STRATEGY_SCHEMAS,
}


def load_reference(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    reporting_year: int,
    reference_date: date,
    remembered: Mapping[str, Sequence[Mapping[str, Any]]] = MappingProxyType({}),
) -> None:
    """Create schema `ref` from the catalogue and the run's year and reference date.

    `remembered` has the rows of earlier years (`remembered_year`, `remembered_recommendation`), if any.

    `ref.setting` has one row with a column per parameter; `ref.run` one row with the assessment
    window, both days included.
    """
    connection.execute("CREATE SCHEMA ref")
    window_start, window_end = assessment_window(catalogue, reporting_year)
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        "parameter": [
            {"parameter_id": p.id, "value": str(p.value), "unit": p.unit, "label_da": p.label_da}
            for p in catalogue.parameters
        ],
        "setting": [{p.id: p.value for p in catalogue.parameters}],
        "run": [
            {
                "reporting_year": reporting_year,
                "reference_date": reference_date,
                "window_start_date": window_start,
                "window_end_date": window_end,
            }
        ],
        "month": _months(catalogue, window_start, reference_date),
        "year": [
            {"year": year, "first_date": date(year, 1, 1), "last_date": date(year, 12, 31)}
            for year in range(reporting_year - YEARS_LOGGED, reporting_year + 1)
        ],
        "waiting_week": [{"week": n} for n in range(int(catalogue.parameter("waiting_horizon_weeks")))],
        "instrument": [_instrument(i) for i in catalogue.instruments],
        "instrument_norm": [row for i in catalogue.instruments for row in _norms(i)],
        "item": [row for i in catalogue.instruments for row in _items(i)],
        "scoring_part": [row for i in catalogue.instruments for row in _scoring_parts(i)],
        "intervention": [
            {
                "intervention_id": i.id,
                "name_da": i.name_da,
                "area": i.area,
                "horizon_months": i.horizon_months,
                "support_level": i.support_level,
                "serious_event_limit": catalogue.parameter("serious_event_limit")
                if i.serious_event_limit is None
                else i.serious_event_limit,
            }
            for i in catalogue.interventions
        ],
        "intervention_outcome": [
            {
                "intervention_id": intervention.id,
                "instrument_id": outcome.instrument,
                "respondent": outcome.respondent,
                "outcome_id": f"{outcome.instrument}:{outcome.respondent}",
                "goal_id": outcome.goal,
                "is_primary": outcome.primary,
                "goal_type": outcome.goal_type,
                "name_da": _outcome_da(catalogue, outcome),
            }
            for intervention in catalogue.interventions
            for outcome in intervention.outcomes
        ],
        "intervention_register": [
            {
                "intervention_id": intervention.id,
                "register": register,
                "outcome_id": f"register:{register}",
                "name_da": catalogue.label(f"register:{register}"),
            }
            for intervention in catalogue.interventions
            for register in intervention.registers
        ],
        "negative_control": [
            {
                "intervention_id": intervention.id,
                "control_id": control.id,
                "instrument_id": control.instrument,
                "respondent": control.respondent,
                "register": control.register_,
            }
            for intervention in catalogue.interventions
            for control in intervention.negative_controls
        ],
        "deadline": _deadlines(catalogue),
        "reference": _references(catalogue),
        "status": [
            {"status_id": s.id, "domain": s.domain, "is_favourable": s.is_favourable}
            for s in catalogue.statuses
        ],
        "estimand": [
            dict(zip(("design", "comparator"), e.id.split(":"), strict=True))
            | {"sentence_da": _with_parameters(catalogue, e.sentence_da)}
            for e in catalogue.estimands
        ],
        "age_band": [
            {
                "age_band_id": band.id,
                "age_from": band.age_from,
                "age_before": after.age_from if after else None,
            }
            for band, after in zip_longest(catalogue.age_bands, catalogue.age_bands[1:])
        ],
        "event_kind": [
            {"event_kind_id": e.id, "is_crisis": e.is_crisis, "is_serious": e.is_serious}
            for e in catalogue.event_kinds
        ],
        "remembered_year": remembered.get("remembered_year", ()),
        "remembered_recommendation": remembered.get("remembered_recommendation", ()),
    }
    tables |= economy_tables(catalogue, reference_date)
    tables |= strategy_tables(catalogue)
    for name, rows in tables.items():
        table = rows_table(rows, SCHEMAS.get(name))
        create_table(connection, f"ref.{name}", _int32(table))


def assessment_window(catalogue: Catalogue, reporting_year: int) -> tuple[date, date]:
    """Return the first and last day of the window that ends with the reporting year."""
    months = 12 * reporting_year + 12 - int(catalogue.parameter("assessment_window_months"))
    return date(months // 12, months % 12 + 1, 1), date(reporting_year, 12, 31)


def create_table(
    connection: duckdb.DuckDBPyConnection, name: str, content: pa.Table, scratch: Path | None = None
) -> None:
    """Create table `name` with the rows and types of an Arrow table.

    By way of a Parquet file in `scratch`: DuckDB's own doors for Arrow import pandas, a third of
    a second that nothing else needs so early in a run.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        path = Path(folder) / "content.parquet"
        pq.write_table(content, path)
        quoted = str(path).replace("'", "''")
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{quoted}')")


def rows_table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema | None = None) -> pa.Table:
    """Return rows of plain values as an Arrow table (by way of JSON: `from_pylist` imports pandas)."""
    if not rows:
        return pa.table({}) if schema is None else schema.empty_table()
    text = "\n".join(json.dumps(row, default=str) for row in rows).encode()
    # Dates travel as texts, which Arrow's reader of JSON knows no other way to take.
    plain = schema and pa.schema([f.with_type(pa.string()) if f.type == pa.date32() else f for f in schema])
    options = pa_json.ParseOptions(explicit_schema=plain)
    table = pa_json.read_json(pa.BufferReader(text), parse_options=options)
    return table if schema is None else table.select(schema.names).cast(schema)


def _int32(table: pa.Table) -> pa.Table:
    """Whole numbers as 32-bit: a date plus a 64-bit number of days is not SQL."""
    fields = [f.with_type(pa.int32()) if pa.types.is_integer(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))


def _months(catalogue: Catalogue, window_start: date, reference_date: date) -> list[dict[str, Any]]:
    """Return the calendar of whole years that a start in the window looks back on, to the reference date."""
    earliest = 12 * window_start.year + window_start.month - int(catalogue.parameter("status_side_months"))
    first = 12 * ((earliest - 1) // 12) + 1
    last = 12 * reference_date.year + reference_date.month
    return [
        {
            "month_number": number,
            "month_date": date((number - 1) // 12, (number - 1) % 12 + 1, 1),
            "year_number": (number - 1) // 12,
        }
        for number in range(first, last + 1)
    ]


def _instrument(instrument: Instrument) -> dict[str, Any]:
    return {
        "instrument_id": instrument.id,
        "direction": 1 if instrument.better == "higher" else -1,
        "minimum_score": float(instrument.minimum),
        "maximum_score": float(instrument.maximum),
    }


def _with_parameters(catalogue: Catalogue, sentence: str) -> str:
    """The sentence with the parameters it names; what stands for the row's own is left."""
    for parameter in catalogue.parameters:
        sentence = sentence.replace(f"{{{parameter.id}}}", str(parameter.value))
    return sentence


def _outcome_da(catalogue: Catalogue, outcome: Outcome) -> str:
    instrument = catalogue.instrument(outcome.instrument)
    return (
        f"{instrument.measures_da} ({instrument.id}, {catalogue.label(f'respondent:{outcome.respondent}')})"
    )


def _norms(instrument: Instrument) -> list[dict[str, Any]]:
    return [
        {
            "instrument_id": instrument.id,
            "respondent": norm.respondent,
            "sd": None if norm.sd == "sample" else norm.sd,
            "is_sample_sd": norm.sd == "sample",
            "mean": norm.mean,
            "reliability": norm.reliability,
            "reliability_post": norm.reliability_post,
            "cutoff": norm.cutoff,
            "cutoff_method": norm.cutoff_method,
            "functional_mean": norm.functional_mean,
            "functional_sd": norm.functional_sd,
            "minimal_important_change": norm.minimal_important_change,
        }
        for norm in instrument.norms_in_use
    ]


def _items(instrument: Instrument) -> list[dict[str, Any]]:
    """One row per item that may be scored."""
    scoring = instrument.scoring
    if scoring is None or not scoring.is_permitted:
        return []
    return [
        {
            "instrument_id": instrument.id,
            "item_id": item,
            "part_id": part.id,
            "is_reversed": item in part.reversed_items,
            "minimum_answer": float(scoring.item_minimum),
            "maximum_answer": float(scoring.item_maximum),
        }
        for part in scoring.parts
        for item in part.items
    ]


def _scoring_parts(instrument: Instrument) -> list[dict[str, Any]]:
    scoring = instrument.scoring
    if scoring is None or not scoring.is_permitted:
        return []
    return [
        {
            "instrument_id": instrument.id,
            "part_id": part.id,
            "item_count": len(part.items),
            "minimum_answered": part.needed,
            "is_rounded": part.is_rounded,
            "is_in_total": part.in_total,
            "total_part_count": sum(p.in_total for p in scoring.parts),
            "multiplier": float(scoring.multiplier),
        }
        for part in scoring.parts
    ]


def _deadlines(catalogue: Catalogue) -> list[dict[str, Any]]:
    """One row per intervention that a deadline covers; at most one is in force on a day (`load.py`)."""
    return [
        {
            "intervention_id": intervention.id,
            "step": deadline.step,
            "deadline_id": deadline.id,
            "kind": deadline.kind,
            "deadline_days": deadline.days,
            "deadline_months": deadline.months,
            "valid_from_date": deadline.valid_from,
            "valid_to_date": deadline.valid_to,
        }
        for deadline in catalogue.deadlines
        for intervention in catalogue.interventions
        if deadline.covers(intervention)
    ]


def _references(catalogue: Catalogue) -> list[dict[str, Any]]:
    """One row per target group a reference holds for; at most one applies to a person (`references.py`)."""
    return [
        {
            "reference_id": reference.id,
            "target_group": target_group,
            "instrument_id": reference.instrument,
            "respondent": reference.respondent,
            "horizon_months": reference.horizon_months,
            "age_from": reference.age_from,
            "age_to": reference.age_to,
            "mean": reference.mean,
            "mean_standard_error": reference.standard_error,
            "sd": reference.sd,
            "correlation": reference.correlation,
            "correlation_n": reference.correlation_n,
        }
        for reference in catalogue.references
        for target_group in dict.fromkeys(reference.target_groups)
    ]
