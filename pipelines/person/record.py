"""What is known of one person, read from a casework store's warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

Row = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """The rows of one person, as the warehouse has them; scores in points.

    `courses` has a row per episode and outcome the episode is judged on, with its baseline;
    `errors` what decides whether a change is reliable, by instrument and respondent.
    """

    setting: Mapping[str, Any]
    reference_date: date
    moved_date: date | None
    death_date: date | None
    episodes: tuple[Row, ...]
    hours: tuple[Row, ...]
    measurements: tuple[Row, ...]
    courses: tuple[Row, ...]
    errors: Mapping[tuple[str, str], Row]
    steps: tuple[Row, ...]
    goals: tuple[Row, ...]
    transitions: tuple[Row, ...]
    plans: tuple[Row, ...]
    delivered: frozenset[str]


QUERIES = {
    "episodes": """
        SELECT
            dated.episode_id, dated.intervention_id, dated.requested_date, dated.decided_date,
            dated.started_date, dated.ended_date, dated.end_reason, dated.left_date,
            CAST(episode.weekly_hours AS DOUBLE) AS weekly_hours
        FROM individual.dated_episode AS dated
        INNER JOIN staging.episode AS episode ON dated.episode_id = episode.episode_id
        WHERE dated.person_id = $person
        ORDER BY
            COALESCE(dated.started_date, dated.decided_date, dated.requested_date) DESC NULLS LAST,
            dated.episode_id
    """,
    "hours": """
        SELECT episode_id, from_date, CAST(weekly_hours AS DOUBLE) AS weekly_hours
        FROM staging.support_hours
        WHERE person_id = $person AND from_date <= (SELECT reference_date FROM ref.run)
        ORDER BY episode_id, from_date
    """,
    "measurements": """
        SELECT instrument_id, respondent, measured_date, score_hundredths / 100 AS score
        FROM staging.measurement
        WHERE person_id = $person AND measured_date <= (SELECT reference_date FROM ref.run)
        ORDER BY instrument_id, respondent, measured_date
    """,
    "courses": """
        SELECT
            outcome.episode_id, outcome.instrument_id, outcome.respondent, outcome.is_primary,
            outcome.started_date, dated.ended_date, dated.left_date,
            baseline.baseline_date, baseline.baseline_hundredths / 100 AS baseline_score
        FROM individual.episode_outcome AS outcome
        INNER JOIN individual.dated_episode AS dated ON outcome.episode_id = dated.episode_id
        LEFT JOIN individual.baseline AS baseline
            ON
                outcome.episode_id = baseline.episode_id
                AND outcome.instrument_id = baseline.instrument_id
                AND outcome.respondent = baseline.respondent
        WHERE outcome.person_id = $person AND dated.started_date IS NOT NULL
        ORDER BY outcome.started_date DESC, outcome.episode_id, outcome.instrument_id, outcome.respondent
    """,
    "steps": """
        SELECT
            step.episode_id, step.step, step.from_date, step.to_date, step.elapsed_days, step.reason_no_days,
            step.deadline_id, step.due_date, step.is_after_deadline, step.reason_deadline_unknown
        FROM individual.episode_step AS step
        INNER JOIN individual.dated_episode AS dated ON step.episode_id = dated.episode_id
        WHERE dated.person_id = $person
        ORDER BY step.episode_id, step.due_date DESC, step.step
    """,
    "goals": """
        SELECT
            goal_id, goal_type, owner, instrument_id, set_date, reviewed_date, attained_level,
            reason_not_judged
        FROM individual.goal_review
        WHERE person_id = $person
        ORDER BY set_date DESC, goal_id
    """,
    "transitions": """
        SELECT
            transition_kind, transition_date,
            transition_date > (SELECT reference_date FROM ref.run) AS is_ahead,
            from_intervention_id, days_without_support, is_still_without_support,
            plan_id, plan_decided_date, reason_plan_unknown
        FROM individual.transition
        WHERE person_id = $person
        ORDER BY transition_date DESC, transition_kind, from_episode_id
    """,
    "plans": """
        SELECT plan_id, kind, transition_kind, decided_date, planned_date, ended_date
        FROM staging.plan
        WHERE person_id = $person AND decided_date <= (SELECT reference_date FROM ref.run)
        ORDER BY COALESCE(planned_date, decided_date) DESC, plan_id
    """,
}


def find_person(warehouse: duckdb.DuckDBPyConnection, pseudonym: bytes) -> int | None:
    """Return the person a pseudonym is of, also by a former number, or None."""
    rows = _rows(warehouse, "SELECT person_id FROM staging.identity WHERE pseudonym = $p", {"p": pseudonym})
    return rows[0]["person_id"] if rows else None


def read_record(warehouse: duckdb.DuckDBPyConnection, person_id: int) -> Record:
    """Return everything the page may say of one person."""
    run = _rows(warehouse, "SELECT reference_date FROM ref.run")[0]
    (person,) = _rows(
        warehouse,
        "SELECT CASE WHEN person.moved_date <= run.reference_date THEN person.moved_date END AS moved_date,"
        " CASE WHEN person.death_date <= run.reference_date THEN person.death_date END AS death_date"
        " FROM staging.person AS person CROSS JOIN ref.run AS run WHERE person.person_id = $person",
        {"person": person_id},
    )
    delivered = _rows(warehouse, "SELECT extract_id FROM staging.delivered_extract")
    errors = _rows(warehouse, "SELECT * FROM individual.measurement_error")
    rows = {name: tuple(_rows(warehouse, sql, {"person": person_id})) for name, sql in QUERIES.items()}
    return Record(
        setting=_rows(warehouse, "SELECT * FROM ref.setting")[0],
        reference_date=run["reference_date"],
        moved_date=person["moved_date"],
        death_date=person["death_date"],
        episodes=rows["episodes"],
        hours=rows["hours"],
        measurements=rows["measurements"],
        courses=rows["courses"],
        errors={(e["instrument_id"], e["respondent"]): e for e in errors},
        steps=rows["steps"],
        goals=rows["goals"],
        transitions=rows["transitions"],
        plans=rows["plans"],
        delivered=frozenset(row["extract_id"] for row in delivered),
    )


def _rows(
    warehouse: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object] | None = None
) -> list[Row]:
    cursor = warehouse.execute(sql, values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
