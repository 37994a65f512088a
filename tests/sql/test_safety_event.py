"""Serious events during support in the reporting year (2025), and the declared limit."""

from datetime import date, timedelta

import pytest

from pipelines.warehouse import ladder
from tests.sql.conftest import REFERENCE_DATE

YEAR = date(2025, 1, 1)
SUPPORT = {"started_date": date(2024, 6, 1), "ended_date": date(2025, 9, 1)}


@pytest.fixture
def tables():
    return ("intervention.safety_event",)


@pytest.fixture
def found(given, rows):
    """Return what is said of the intervention `support`, from events and episodes of one or more people."""

    def ask(*events, episodes=(SUPPORT,)):
        people = {b"p", *(e.get("person_id", b"p") for e in (*events, *episodes))}
        connection = given(
            person=[{"person_id": p} for p in people],
            episode=[{"episode_id": str(i), **e} for i, e in enumerate(episodes)],
            event=[{"kind": "serious_incident", **e} for e in events],
        )
        (row,) = rows(connection, "SELECT * FROM intervention.safety_event WHERE intervention_id = 'support'")
        return row["event_count"], row["has_safety_flag"], row["reason_safety_unknown"]

    return ask


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (YEAR - timedelta(1), 0),
        (YEAR, 1),
        (SUPPORT["ended_date"], 1),
        (SUPPORT["ended_date"] + timedelta(1), 0),
    ],
)
def test_an_event_counts_from_the_year_and_to_the_end(found, day, count):
    assert found({"event_date": day}) == (count, count > 0, None)


def test_from_the_day_of_the_start(found):
    started = {"started_date": date(2025, 3, 1)}
    assert found({"event_date": date(2025, 2, 28)}, episodes=[started])[0] == 0
    assert found({"event_date": date(2025, 3, 1)}, episodes=[started])[0] == 1


def test_support_that_goes_on_counts_to_the_reference_date(found):
    started = {"started_date": date(2025, 3, 1)}
    assert found({"event_date": REFERENCE_DATE}, episodes=[started])[0] == 1
    assert found({"event_date": REFERENCE_DATE + timedelta(1)}, episodes=[started])[0] == 0
    not_yet = {"started_date": REFERENCE_DATE + timedelta(5)}
    assert found({"event_date": REFERENCE_DATE}, episodes=[not_yet])[0] == 0


def test_one_event_counts_once_and_two_of_one_person_twice(found):
    day = {"event_date": date(2025, 5, 1)}
    assert found(day, episodes=[SUPPORT, SUPPORT])[0] == 1
    assert found(day, {"event_date": date(2025, 5, 2)})[0] == 2
    assert found(day, {"event_date": date(2025, 5, 1), "person_id": b"q"})[0] == 1


def test_only_serious_kinds_count(found):
    assert found({"event_date": date(2025, 5, 1), "kind": "crisis"}) == (0, False, None)


def test_events_that_were_not_delivered_are_no_proof_of_none(given, rows):
    connection = given(person=[{}], episode=[SUPPORT])
    for row in rows(connection, "SELECT * FROM intervention.safety_event"):
        assert (row["event_count"], row["has_safety_flag"]) == (None, None)
        assert row["reason_safety_unknown"] == "events_not_delivered"


def test_the_limit_is_the_interventions_own_or_the_parameter(catalogue, given, rows):
    connection = given(
        person=[{}], episode=[SUPPORT], event=[{"kind": "serious_incident", "event_date": date(2025, 5, 1)}]
    )
    limits = {r["serious_event_limit"] for r in rows(connection, "SELECT * FROM ref.intervention")}
    assert limits == {catalogue.parameter("serious_event_limit")} == {0}
    # As many as the limit are not more than it.
    connection.execute("UPDATE ref.intervention SET serious_event_limit = 1")
    connection.execute("DROP TABLE intervention.safety_event")
    (model,) = (m for m in ladder.load_models() if m.name == "intervention.safety_event")
    list(ladder.build(connection, [model], ["intervention"]))
    flags = rows(connection, "SELECT DISTINCT has_safety_flag FROM intervention.safety_event")
    assert flags == [{"has_safety_flag": False}]
