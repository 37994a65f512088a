"""Given rows, expect rows: a small catalogue as `ref.*`, raw rows, and the real models upon them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.catalogue import Catalogue, Extract, Instrument, Intervention, Norm, Outcome
from pipelines.catalogue.indicators import Figure, Indicator, Of, Question, Statistic, Survey, Target
from pipelines.extracts.feed import schema
from pipelines.warehouse import ladder, reference

Row = dict[str, Any]
START = date(2024, 3, 1)
REFERENCE_DATE = date(2026, 1, 31)
LEVELS = {"support": 2, "other": 2, "unmeasured": 4}
REGISTERS = {"support": ("employment", "housing"), "other": ("employment",)}

# An indicator of every formula, and two where an argument makes a difference: formula, what it is given.
INDICATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "improved": ("reliable_share", {"change": "improved"}),
    "deteriorated_up": ("reliable_share", {"change": "deteriorated", "instruments": ("UP",)}),
    "neither": ("reliable_share", {"change": "neither"}),
    "change_up": ("mean_change", {"instrument": "UP", "respondent": "self"}),
    "change_down": ("mean_change", {"instrument": "DOWN", "respondent": "self"}),
    "low_up": ("score_share", {"instrument": "UP", "respondent": "self", "at_most": 50}),
    "high_up": ("score_share", {"instrument": "UP", "respondent": "self", "at_least": 50}),
    "in_work": ("status_share", {"domain": "employment"}),
    "not_housed": ("status_share", {"domain": "housing", "favourable": False}),
    "timely": ("timely_share", {}),
    "timely_14_days": ("timely_share", {"deadline": "drug_treatment_14_days"}),
    "days_to_start": ("median_days", {"step": "requested_to_started"}),
    "days_to_decision": ("median_days", {"step": "requested_to_decided"}),
    "with_plan": ("plan_share", {}),
    "own_goal": ("own_goal_share", {}),
    "goal_attained": ("goal_attained_share", {}),
    "coherence": ("coherence_index", {}),
    "hours": ("mean_hours", {}),
    "crises": ("event_rate", {"event_kind": "crisis"}),
    "transitions": ("transition_share", {}),
    "completed": ("completed_share", {}),
    "completed_support": ("completed_share", {"interventions": ("support",)}),
    "served": ("served_count", {}),
    "served_other": ("served_count", {"interventions": ("other",)}),
    "overview": ("survey_share", {"question": "overview", "at_least": 4}),
    "overview_mean": ("survey_mean", {"question": "overview"}),
    "lonely": ("survey_share", {"question": "lonely", "at_most": 2}),
    "staff_feedback": ("survey_mean", {"question": "staff_feedback"}),
    "homeless": ("public_count", {"statistic": "homeless"}),
    "homeless_rate": ("public_rate", {"statistic": "homeless"}),
    "ambassadors": ("ambassador_count", {}),
    "citizen_ambassadors": ("ambassador_share", {"kind": "citizen"}),
    "activities": ("activity_count", {}),
    "theme_days": ("activity_count", {"kinds": ("theme_day",)}),
    "with_citizens": ("activity_share", {"with": "citizens"}),
    "both_sectors": ("activity_share", {"with": "both_sectors"}),
    "organisations": ("organisation_count", {}),
    "actions": ("action_share", {}),
    "evaluated": ("evaluated_share", {}),
}


def small_indicators() -> tuple[Indicator, ...]:
    """An indicator of every formula."""
    return tuple(
        Indicator.model_construct(
            id=name,
            name_da=name,
            unit_da="",
            better="lower" if name in ("low_up", "hours", "homeless") else "higher",
            measured_from="register",
            formula=formula,
            of=Of.model_validate(given),
            stands_beside="change_up" if name == "hours" else None,
        )
        for name, (formula, given) in INDICATORS.items()
    )


def small_targets() -> tuple[Target, ...]:
    """A number on a day, a share on a day, a number over two years, and one for every year."""
    two_years = {"from_date": date(2019, 1, 1), "by_date": date(2020, 12, 31)}
    return tuple(
        Target.model_validate({"comparison": "at_least", "quote_da": "x"} | given)
        for given in (
            {"indicator": "ambassadors", "value": 150, "by_date": date(2020, 12, 31)},
            {"indicator": "citizen_ambassadors", "value": 20, "by_date": date(2020, 12, 31)},
            {"indicator": "activities", "value": 30, **two_years},
            {"indicator": "theme_days", "value": 2},
        )
    )


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
    # One goal has every indicator, so that no test of another model meets a new goal.
    strategies = tuple(
        strategy.model_copy(
            update={
                "goals": tuple(
                    goal.model_copy(
                        update={
                            "indicators": tuple(INDICATORS) if goal.id == "A-G1" else (),
                            "targets": small_targets() if goal.id == "A-G1" else (),
                        }
                    )
                    for goal in strategy.goals
                )
            }
        )
        for strategy in real.strategies
    )
    questions = tuple(
        Question(
            id=name,
            survey=survey,
            text_da="x",
            scale_minimum=1,
            scale_maximum=5,
            better="lower" if name == "lonely" else "higher",
            source="x",
            certainty="proposal",
        )
        for name, survey in (("overview", "citizen"), ("lonely", "citizen"), ("staff_feedback", "staff"))
    )
    surveys = (
        Survey(id="citizen", name_da="x", population="served", age_from=18, source="x"),
        Survey(id="staff", name_da="x", population="none", source="x"),
    )
    statistic = Statistic(
        id="homeless", name_da="x", unit_da="x", own_area="Here", national_area="Nation", source="x"
    )
    figures = tuple(
        Figure(statistic="homeless", area=area, year=year, value=value, source="x", certainty="found")
        for area, year, value in (
            ("Here", 2017, 57), ("Here", 2019, 41), ("There", 2017, 136), ("There", 2019, 181),
            ("Nation", 2017, 6635), ("Nation", 2019, 6431),
        )
    )  # fmt: skip
    return real.model_copy(
        update={
            "instruments": instruments,
            "interventions": interventions,
            "strategies": strategies,
            "indicators": small_indicators(),
            "surveys": surveys,
            "questions": questions,
            "statistics": (statistic,),
            "figures": figures,
        }
    )


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
