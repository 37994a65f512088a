"""Who begins soon, who waits, and what was known as they waited (method, section 2; D3 against waiting)."""

from datetime import date, timedelta

import pytest

from tests.sql.conftest import START

GRACE, HORIZON = 6, 13
TARGET = START + timedelta(7 * HORIZON)
DAY = timedelta(1)


@pytest.fixture
def tables():
    return ("intervention.waiting_week",)


@pytest.fixture
def people(given, rows):
    """Return the persons, in the order of their numbers."""

    def build(*episodes, measurement=None, **raw):
        scores = measured() if measurement is None else measurement
        connection = given(episode=list(episodes), measurement=scores, **raw)
        return rows(
            connection,
            "SELECT * FROM intervention.waiting_person WHERE intervention_id = 'support' ORDER BY person_id",
        )

    return build


@pytest.fixture
def weeks(given, rows):
    """Return the weeks at risk of one person, in order."""

    def build(case, measurement=None, **raw):
        scores = measured() if measurement is None else measurement
        connection = given(episode=[case], measurement=scores, **raw)
        return rows(connection, "SELECT * FROM intervention.waiting_week ORDER BY week")

    return build


def episode(name="e", **known):
    return {"episode_id": name, "decided_date": START, "started_date": None} | known


def measured(before=40, after=60, at=TARGET, **key):
    days = [(START, before), (at, after)]
    return [key | {"measured_date": day, "score": score} for day, score in days if score is not None]


@pytest.mark.parametrize(
    ("started", "is_early", "is_waiting"),
    [
        (START, True, False),
        (START + timedelta(7 * GRACE) - DAY, True, False),
        (START + timedelta(7 * GRACE), False, False),
        (TARGET - DAY, False, False),
        (TARGET, False, True),
        (None, False, True),
    ],
)
def test_who_began_within_the_grace_period_and_who_still_waited(people, started, is_early, is_waiting):
    (row,) = people(episode(started_date=started))
    assert (row["is_early"], row["is_waiting"]) == (is_early, is_waiting)
    # Measured on the horizon: on the day of the start nobody waits any more.
    assert row["follow_up_hundredths"] == (6000 if is_early or started is None else None)
    assert row["time_zero_date"] == START


@pytest.mark.parametrize("before", [1, 400])
def test_who_had_begun_before_the_decision_has_no_time_zero(people, before):
    assert people(episode(started_date=START - timedelta(before))) == []


@pytest.mark.parametrize(("days", "is_in"), [(-91, False), (-90, True), (0, True), (1, False)])
def test_the_baseline_is_known_on_the_day_of_the_decision(people, days, is_in):
    """A start within days brings a first measurement with it: it must not decide who takes part."""
    scores = [{"measured_date": START + timedelta(days), "score": 40}, *measured(None)]
    assert len(people(episode(started_date=START + DAY), measurement=scores)) == is_in


def test_the_baseline_is_the_last_and_the_one_before_is_held_out(people):
    days = {0: 50, -5: 40, -20: 10}
    scores = [{"measured_date": START + timedelta(day), "score": score} for day, score in days.items()]
    (row,) = people(episode(), measurement=scores)
    assert (row["baseline_hundredths"], row["earlier_hundredths"]) == (5000, 4000)


@pytest.mark.parametrize(("days", "follow_up"), [(-46, None), (-45, 6000), (45, 6000), (46, None)])
def test_a_follow_up_that_is_missing_is_kept_as_missing(people, days, follow_up):
    (row,) = people(episode(), measurement=measured(at=TARGET + timedelta(days)))
    assert (row["follow_up_hundredths"], row["is_waiting"]) == (follow_up, True)


def test_a_waiting_persons_follow_up_is_from_before_the_start(people):
    """The nearest is of the time after the start: the next nearest, before it, is what waiting came to."""
    late = TARGET + timedelta(10)
    scores = [*measured(after=30, at=TARGET - timedelta(15)), {"measured_date": late, "score": 90}]
    case = episode(started_date=late)
    assert people(case, measurement=scores)[0]["follow_up_hundredths"] == 3000
    case["started_date"] = late + DAY
    assert people(case, measurement=scores)[0]["follow_up_hundredths"] == 9000


@pytest.mark.parametrize("other", [{"respondent": "staff"}, {"version": "2"}, {"instrument_id": "DOWN"}])
def test_only_the_same_instrument_version_and_respondent_is_a_follow_up(people, other):
    (row,) = people(episode(), measurement=measured(after=None) + measured(None, **other))
    assert row["follow_up_hundredths"] is None


@pytest.mark.parametrize(("days", "is_in"), [(0, True), (1, False)])
def test_the_whole_window_has_passed(people, days, is_in):
    """2025-09-17 and thirteen weeks and 45 days are the reference date."""
    decided = date(2025, 9, 17) + timedelta(days)
    scores = [{"measured_date": decided, "score": 40}]
    assert len(people(episode(decided_date=decided), measurement=scores)) == is_in


@pytest.mark.parametrize("started", [None, START + DAY])
@pytest.mark.parametrize(
    ("left", "is_in"),
    [
        ({"death_date": TARGET + timedelta(45)}, False),
        ({"death_date": TARGET + timedelta(46)}, True),
        ({"moved_date": START}, False),
        ({"moved_date": START - DAY}, True),  # has come back
    ],
)
def test_who_died_or_moved_without_a_follow_up_is_taken_out(people, started, left, is_in):
    person, case = [{"person_id": b"p"} | left], episode(started_date=started)
    assert len(people(case, measurement=measured(after=None), person=person)) == is_in
    assert len(people(case, person=person)) == 1


def test_of_two_decisions_the_first_that_is_eligible(people):
    later = START + timedelta(20)
    two = [episode("a"), episode("b", decided_date=later, started_date=later)]
    (row,) = people(*two)
    # Of the first decision the start came in the third week.
    assert (row["episode_id"], row["is_early"], row["first_start_date"]) == ("a", True, later)
    scores = [{"measured_date": later, "score": 40}]
    (row,) = people(*two, measurement=scores)
    assert (row["episode_id"], row["time_zero_date"]) == ("b", later)


@pytest.mark.parametrize(
    ("started", "last", "is_start"),
    [
        (START, 0, True),
        (START + timedelta(6), 0, True),
        (START + timedelta(7), 1, True),
        (TARGET - DAY, 12, True),
        (TARGET, 12, False),
        (None, 12, False),
    ],
)
def test_every_week_in_which_a_start_was_possible(weeks, started, last, is_start):
    found = weeks(episode(started_date=started))
    assert [row["week"] for row in found] == list(range(last + 1))
    assert [row["is_start"] for row in found] == [False] * last + [is_start]


@pytest.mark.parametrize(("days", "last"), [(-3, 0), (0, 0), (13, 1), (14, 2)])
def test_who_gave_up_cannot_begin(weeks, days, last):
    found = weeks(episode(ended_date=START + timedelta(days)))
    assert [row["week"] for row in found] == list(range(last + 1))
    assert not any(row["is_start"] for row in found)


def test_who_gave_up_and_began_all_the_same_could(given, rows):
    later = START + timedelta(30)
    two = [episode("a", ended_date=START + DAY), episode("b", decided_date=later, started_date=later)]
    connection = given(episode=two, measurement=measured())
    found = rows(connection, "SELECT * FROM intervention.waiting_week ORDER BY week")
    assert [row["is_start"] for row in found] == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("days", "known_from"),
    [
        (-1, None),  # before the decision: told by the person's own row
        (0, 1),
        (6, 1),
        (7, 2),  # on the first day of a week: it may have come of a start on that day
        (100, None),
    ],
)
def test_crises_are_known_from_the_next_week(weeks, days, known_from):
    at = START + timedelta(days)
    events = [{"kind": "crisis", "event_date": at}, {"kind": "admission", "event_date": at}]
    found = weeks(episode(), event=events)
    first = 99 if known_from is None else known_from
    assert [row["crisis_count"] for row in found] == [int(week >= first) for week in range(13)]


def test_events_that_were_not_delivered_are_not_none(weeks):
    assert {row["crisis_count"] for row in weeks(episode())} == {None}
    assert {row["crisis_count"] for row in weeks(episode(), event=[])} == {0}


def test_the_latest_score_is_known_from_the_next_week(weeks):
    scores = [
        *measured(40, None),
        {"measured_date": START + timedelta(6), "score": 30},
        {"measured_date": START + timedelta(14), "score": 20},
        {"measured_date": START + timedelta(21), "score": 10, "version": "2"},
        {"measured_date": START + timedelta(21), "score": 10, "respondent": "staff"},
    ]
    found = weeks(episode(started_date=START + timedelta(30)), measurement=scores)
    assert [row["latest_hundredths"] for row in found] == [4000, 3000, 3000, 2000, 2000]


def test_plus_is_better_where_a_lower_score_is(given, rows):
    key = {"instrument_id": "DOWN"}
    scores = [*measured(60, 35, **key), {"measured_date": START + DAY, "score": 70} | key]
    connection = given(episode=[episode(intervention_id="other")], measurement=scores)
    (person,) = rows(connection, "SELECT * FROM intervention.waiting_person")
    week = rows(connection, "SELECT * FROM intervention.waiting_week ORDER BY week")[1]
    assert (person["baseline_hundredths"], person["follow_up_hundredths"]) == (-6000, -3500)
    assert week["latest_hundredths"] == -7000


def test_two_numbers_of_one_person_are_one(people):
    link = [{"person_id": b"p", "former_person_id": b"old"}]
    later = START + timedelta(200)
    two = [episode("a", person_id=b"old"), episode("b", decided_date=later, started_date=later)]
    (row,) = people(*two, measurement=measured(person_id=b"old"), person_link=link)
    assert (row["episode_id"], row["is_waiting"]) == ("a", True)
