"""When a job is due, for which year, and whether it has been done: no Prefect, no clock."""

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from pipelines.errors import StoreError
from pipelines.flows.due import (
    CHECKED,
    FOLLOW_UP,
    Schedule,
    is_done,
    overdue,
    read_schedules,
    reporting_year,
)
from pipelines.publication import Store
from tests.conftest import ROOT

HERE = ZoneInfo("Europe/Copenhagen")
NEW_YEAR = datetime(2027, 2, 1, 6, tzinfo=HERE)


@pytest.fixture
def planned():
    return read_schedules(ROOT / "prefect.yaml")


def test_the_three_schedules_are_those_of_the_strategy(planned):
    assert {s.job: (s.cron, s.timezone) for s in planned} == {
        "annual": ("0 6 1 2 *", "Europe/Copenhagen"),
        "quarterly": ("0 6 1 5,8,11 *", "Europe/Copenhagen"),
        "monthly": ("0 5 1 * *", "Europe/Copenhagen"),
    }


@pytest.mark.parametrize(
    ("job", "due", "year"),
    [
        ("annual", date(2027, 2, 1), 2026),
        ("annual", date(2026, 11, 22), 2025),
        ("annual", date(2026, 12, 31), 2025),
        ("quarterly", date(2027, 5, 1), 2027),
        ("quarterly", date(2027, 11, 1), 2027),
        ("quarterly", date(2027, 3, 31), 2026),
        ("quarterly", date(2027, 4, 1), 2027),
        ("monthly", date(2027, 2, 28), 2026),
        ("monthly", date(2027, 3, 1), 2027),
    ],
)
def test_the_date_settles_the_reporting_year(job, due, year):
    assert reporting_year(job, due) == year


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        (datetime(2027, 2, 1, 4, 59, 59, tzinfo=UTC), datetime(2026, 2, 1, 5, tzinfo=UTC)),
        (datetime(2027, 2, 1, 5, 0, 1, tzinfo=UTC), datetime(2027, 2, 1, 5, tzinfo=UTC)),
        (datetime(2028, 1, 31, tzinfo=UTC), datetime(2027, 2, 1, 5, tzinfo=UTC)),
    ],
)
def test_the_latest_date_is_by_the_clock_of_the_town_hall(now, latest):
    assert Schedule("annual", "0 6 1 2 *").latest(now) == latest


def test_summer_time_moves_the_hour_and_not_the_clock():
    schedule = Schedule("quarterly", "0 6 1 5,8,11 *")
    assert schedule.upcoming(datetime(2027, 4, 1, tzinfo=UTC)) == datetime(2027, 5, 1, 4, tzinfo=UTC)
    assert schedule.upcoming(datetime(2027, 9, 1, tzinfo=UTC)) == datetime(2027, 11, 1, 5, tzinfo=UTC)


def publish(out, year, started_at):
    store = Store(out)
    build = store.begin(f"{year}-{started_at:%Y%m%dT%H%M%S}")
    manifest = json.dumps({"reporting_year": year, "started_at": started_at.isoformat()})
    (build / "manifest.json").write_text(manifest)
    (build / "memory" / str(year)).mkdir()
    (build / "memory" / str(year) / "manifest.json").write_text(manifest)
    store.publish(build)


@pytest.mark.parametrize(
    ("year", "started_at", "is_made"),
    [
        (2026, NEW_YEAR, True),
        (2026, datetime(2027, 3, 1, tzinfo=UTC), True),
        (2026, datetime(2027, 2, 1, 4, 59, tzinfo=UTC), False),
        (2025, datetime(2027, 3, 1, tzinfo=UTC), False),
    ],
)
def test_a_year_is_done_when_it_was_run_since_it_was_due(tmp_path, year, started_at, is_made):
    assert not is_done("annual", tmp_path, NEW_YEAR)
    publish(tmp_path, year, started_at)
    assert is_done("annual", tmp_path, NEW_YEAR) == is_made
    assert not is_done("quarterly", tmp_path, NEW_YEAR)


def test_a_follow_up_is_done_in_its_own_folder(tmp_path):
    due = datetime(2027, 5, 1, 6, tzinfo=HERE)
    publish(tmp_path, 2027, datetime(2027, 5, 2, tzinfo=UTC))
    assert not is_done("quarterly", tmp_path, due)
    publish(tmp_path / FOLLOW_UP, 2027, datetime(2027, 5, 2, tzinfo=UTC))
    assert is_done("quarterly", tmp_path, due)
    assert not is_done("quarterly", tmp_path, datetime(2027, 8, 1, 6, tzinfo=HERE))


def test_a_check_is_done_when_it_says_so(tmp_path):
    due = datetime(2027, 4, 1, 5, tzinfo=HERE)
    assert not is_done("monthly", tmp_path, due)
    path = tmp_path / CHECKED
    path.parent.mkdir()
    path.write_text(json.dumps({"checked_at": "2027-04-01T03:00:05+00:00", "reporting_year": 2027}))
    assert is_done("monthly", tmp_path, due)


def test_what_was_missed_is_due_once_however_often_it_was_missed(tmp_path, planned):
    now = datetime(2027, 9, 20, tzinfo=UTC)
    assert overdue(planned, tmp_path, now) == [
        ("annual", NEW_YEAR),
        ("quarterly", datetime(2027, 8, 1, 6, tzinfo=HERE)),
        ("monthly", datetime(2027, 9, 1, 5, tzinfo=HERE)),
    ]
    publish(tmp_path, 2026, datetime(2027, 2, 3, tzinfo=UTC))
    assert [job for job, _ in overdue(planned, tmp_path, now)] == ["quarterly", "monthly"]


def test_every_mistake_in_the_schedules_is_told_at_once(tmp_path):
    path = tmp_path / "prefect.yaml"
    path.write_text(
        """
        deployments:
          - {name: weekly, schedules: [{cron: "0 6 * * 1"}]}
          - {name: annual, schedules: [{cron: "1. februar"}]}
          - {name: quarterly, schedules: [{cron: "0 6 1 5 *", timezone: Europa/København}]}
          - {name: monthly, schedules: [{every: month}, {}]}
        """,
        encoding="utf-8",
    )
    with pytest.raises(StoreError) as caught:
        read_schedules(path)
    told = [problem.message_da for problem in caught.value.problems]
    assert len(told) == 5
    for message, part in zip(
        told, ("kendes ikke", "fem felter", "findes ikke", "ikke andet", "skal have"), strict=True
    ):
        assert part in message


@pytest.mark.parametrize("text", ["", "deployments: 3", "a: [", "deployments:"])
def test_a_file_without_schedules_is_an_error_in_danish(tmp_path, text):
    path = tmp_path / "prefect.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match="tidsplanerne kan ikke læses"):
        read_schedules(path)
