"""A made-up year's actions and the strategies' figures beside them, over the marts made up elsewhere."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.catalogue import Catalogue
from pipelines.disclosure import gate
from tests.reports import published

Row = dict[str, Any]
YEAR = 2025
MAY, AUGUST, SEPTEMBER = date(2025, 5, 20), date(2025, 8, 4), date(2025, 9, 1)
# Id, goal, indicator, title, status, month of the deadline, done, expected, moved, lower and upper.
LISTED = (
    ("2025-01", "A-G4", "deadline_met_share", "Fast mødedag", "done", 6, MAY, 0.05, 0.06, 0.02, 0.10),
    ("2025-02", "A-G4", "wait_days", "Ét sted at henvende sig", "done", 6, AUGUST, -5.0, -2.0, -3.0, -1.0),
    ("2025-03", "A-G3", "overview_exp", "Kort over støtten", "done", 9, SEPTEMBER, 0.03, 0.01, -0.04, 0.06),
    ("2025-04", "A-G3", None, "Fælles kalender", "dropped", 9, None, None, None, None, None),
    ("2025-05", "B-PM1", "ambassadors", "Ti nye ambassadører", "done", 12, None, 10.0, 14.0, None, None),
    ("2025-06", "A-G1", "who5_change", "Gruppe om søvn", "started", 9, None, 1.0, 3.0, 2.0, 4.0),
    ("2025-07", "A-G1", "no_such", "Nyt skema", "planned", 12, None, 2.0, None, None, None),
)


def action(catalogue: Catalogue, line: Sequence[Any], **known: Any) -> Row:
    """Return a row of action_evaluation; its evaluation is only as good as the line says."""
    action_id, goal, indicator, title, status, month, done, expected, moved, lower, upper = line
    deadline = date(YEAR, month, 28)
    is_late = deadline < date(2026, 2, 27) if status in ("planned", "started") else False
    row = {
        "action_id": action_id,
        "year": YEAR,
        "goal_id": goal,
        "indicator_id": indicator,
        "title_da": title,
        "owner_role": "Leder",
        "deadline_date": deadline,
        "done_date": done,
        "status": status,
        "is_late": done > deadline if done else is_late,
        "expected_change": expected,
        "measured_from": "indicator" if indicator else None,
        "compared_year": YEAR - 1 if moved is not None else None,
        "measured_change": moved,
        "change_lower": lower,
        "change_upper": upper,
        "n": 0 if moved is None or lower is None else 120,
        "is_suppressed": False,
    }
    return row | _evaluation(row) | known


def _evaluation(row: Row) -> Row:
    if row["measured_change"] is None:
        reason = "no_figure" if row["indicator_id"] else "nothing_named"
        return {"evaluation": "not_measured", "reason_not_evaluated": reason}
    said = {"A-G4": "as_expected", "A-G3": "cannot_tell"}.get(row["goal_id"], "more")
    if row["expected_change"] < 0:
        said = "less"
    return {"evaluation": said, "reason_not_evaluated": "too_uncertain" if said == "cannot_tell" else None}


def figure(catalogue: Catalogue, goal_id: str, indicator_id: str, value: float, **known: Any) -> Row:
    """Return the year's row of strategy_indicator."""
    return {
        "goal_id": goal_id,
        "indicator_id": indicator_id,
        "year": YEAR,
        "population": "year",
        "law": "share",
        "measured_from": catalogue.indicator(indicator_id).measured_from,
        "value": value,
        "n": 120,
        "baseline_year": YEAR - 1,
        "status": "on_track",
        "is_suppressed": False,
    } | known


def moved(change: float, lower: float | None, upper: float | None) -> Row:
    """Return the columns of a change since the year before."""
    return {
        "previous_year": YEAR - 1,
        "previous_change": change,
        "previous_lower": lower,
        "previous_upper": upper,
        "change": change,
        "change_lower": lower,
        "change_upper": upper,
    }


def figures(catalogue: Catalogue) -> list[Row]:
    """Return the figures that the listed actions are held against, and some that nobody acts on."""
    days = moved(-2.0, -3.0, -1.0) | {"law": "median", "lower": 38.0, "upper": 44.0}
    ambassadors = moved(14.0, None, None) | {"law": "census", "n": 0, "unit_count": 166}
    found: list[tuple[str, str, float, Row]] = [
        ("A-G4", "deadline_met_share", 0.81, moved(0.06, 0.02, 0.10)),
        ("A-G4", "wait_days", 41.0, days),
        ("A-G3", "overview_exp", 0.55, moved(0.01, -0.04, 0.06)),
        ("B-PM1", "ambassadors", 166.0, ambassadors),
        ("A-G1", "who5_change", 6.0, moved(3.0, 2.0, 4.0) | {"law": "mean"}),
    ]
    return [figure(catalogue, goal, indicator, value, **known) for goal, indicator, value, known in found]


def write(folder: Path, catalogue: Catalogue, actions: Iterable[Row], figures: Iterable[Row]) -> Path:
    """Write the published marts with these actions and figures in place of the made-up ones; return it."""
    published.write(folder, catalogue, published.plans(catalogue))
    primary = {
        (i.id, f"{o.instrument}:{o.respondent}")
        for i in catalogue.interventions
        for o in i.outcomes
        if o.primary
    }
    effects = [
        row | {"is_primary": (row["intervention_id"], row["outcome_id"]) in primary}
        for row in pq.ParquetFile(folder / "intervention_effect.parquet").read().to_pylist()
    ]
    tables = {}
    for mart_id, rows in (
        ("intervention_effect", effects),
        ("action_evaluation", actions),
        ("strategy_indicator", figures),
    ):
        columns = catalogue.mart(mart_id).columns
        fields = pa.schema([(column.name, published.TYPES[column.type]) for column in columns])
        tables[mart_id] = pa.Table.from_pylist(list(rows), fields)
    for mart_id, table in gate(tables, catalogue).items():
        pq.write_table(table, folder / f"{mart_id}.parquet")
    return folder
