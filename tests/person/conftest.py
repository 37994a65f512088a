"""Given rows, and what the page is written from."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.catalogue import Catalogue
from pipelines.person import find_person, read_record
from pipelines.person.record import Record
from tests.sql.conftest import START, given, small_catalogue

__all__ = ["given"]

Given = Callable[..., duckdb.DuckDBPyConnection]
MANIFEST = {"started_at": "2026-02-02T06:00:00+00:00", "run_id": "2025-1"}


@pytest.fixture
def tables() -> tuple[str, ...]:
    return (
        "staging.identity",
        "staging.delivered_extract",
        "staging.plan",
        "staging.support_hours",
        "individual.baseline",
        "individual.episode_outcome",
        "individual.episode_step",
        "individual.goal_review",
        "individual.measurement_error",
        "individual.transition",
    )


@pytest.fixture
def small(catalogue: Catalogue) -> Catalogue:
    return small_catalogue(catalogue)


def day(number: int) -> date:
    """A day counted from the day support began."""
    return START + timedelta(number)


def scores(points: Sequence[tuple[int, float]], **fields: Any) -> list[dict[str, Any]]:
    return [{"measured_date": day(number), "score": score, **fields} for number, score in points]


def record(connection: duckdb.DuckDBPyConnection, pseudonym: bytes = b"p") -> Record:
    person_id = find_person(connection, pseudonym)
    assert person_id is not None
    return read_record(connection, person_id)
