"""Who is new since the latest earlier year's run: followed up after all that it could see."""

from datetime import date, timedelta

import pytest

from pipelines.warehouse import ladder, reference
from tests.sql.test_comparison_person import episode, measured

DECIDED = date(2024, 3, 1)
# Half a year after the decision, and the last day of the window about it.
TARGET = date(2024, 9, 1)
CLOSED = TARGET + timedelta(45)
PERSON = "intervention.new_person"


@pytest.fixture
def tables():
    return (PERSON,)


@pytest.fixture
def new(given, rows):
    """Return a function from earlier years' reference dates (the latest year last) to who is new."""

    def build(*reference_dates, episodes=None, measurement=None, comparator="other_support"):
        connection = given(
            episode=episodes or [episode()],
            measurement=measurement or measured(),
            person=[{"person_id": b"p"}],
        )
        years = [
            {
                "year": 2025 - back,
                "reference_date": str(day),
                "catalogue_sha256": "",
                "is_previous": back == 1,
            }
            for back, day in enumerate(reversed(reference_dates), start=1)
        ]
        connection.execute("DROP TABLE ref.remembered_year; DROP TABLE intervention.new_person")
        table = reference.rows_table(years, reference.SCHEMAS["remembered_year"])
        reference.create_table(connection, "ref.remembered_year", table)
        models = [m for m in ladder.load_models() if m.name == PERSON]
        list(ladder.build(connection, models, ("intervention",)))
        found = rows(connection, f"SELECT * FROM {PERSON}")
        return [row["intervention_id"] for row in found if row["comparator"] == comparator]

    return build


def test_without_an_earlier_year_nobody_is_new(new):
    assert new() == []


def test_who_could_be_counted_then_is_not_new(new):
    """The window closed on the earlier run's last day: it was in that year's estimate."""
    assert new(CLOSED) == []
    assert new(CLOSED - timedelta(1)) == ["support"]


def test_only_the_latest_year_counts(new):
    assert new(date(2024, 1, 1), CLOSED) == []
    assert new(CLOSED, date(2024, 1, 1)) == ["support"]


def test_only_those_who_got_it_and_were_followed_up(new):
    early = date(2024, 1, 1)
    assert new(early, measurement=measured(after=None)) == []
    assert new(early, episodes=[episode(started_date=None)]) == []


def test_against_waiting_the_window_is_that_of_waiting(new, catalogue):
    weeks = int(catalogue.parameter("waiting_horizon_weeks"))
    target = DECIDED + timedelta(weeks=weeks)
    closed = target + timedelta(int(catalogue.parameter("follow_up_tolerance_days")))
    began = [episode(started_date=DECIDED + timedelta(1))]
    scores = [{"measured_date": DECIDED, "score": 40}, {"measured_date": target, "score": 60}]
    asked = {"episodes": began, "measurement": scores, "comparator": "waiting"}
    assert new(closed, **asked) == []
    assert new(closed - timedelta(1), **asked) == ["support"]
