"""Waiting, deadlines that change, and how an episode ended (method, section 3.10)."""

from datetime import date, timedelta

import pytest

from pipelines.catalogue import Deadline
from tests.sql import conftest
from tests.sql.conftest import REFERENCE_DATE, START

STEPS = ("requested_to_decided", "decided_to_started", "requested_to_started")
LATE = {
    "requested_to_decided": "is_decided_after_deadline",
    "decided_to_started": "is_started_after_decision_deadline",
    "requested_to_started": "is_started_after_request_deadline",
}


def deadline(name, step, valid_from, valid_to=None, **length):
    return Deadline(
        id=name,
        label_da=name,
        legal_basis_da="",
        applies_to=("support",),
        step=step,
        valid_from=valid_from,
        valid_to=valid_to,
        kind="local",
        source="a test",
        certainty="sample",
        **length,
    )


# The law is tightened on 1 July 2024, from 28 to 14 days; a start is due within four months of the request.
DEADLINES = (
    deadline("old", "requested_to_decided", date(2020, 1, 1), date(2024, 6, 30), days=28),
    deadline("new", "requested_to_decided", date(2024, 7, 1), days=14),
    deadline("start", "decided_to_started", date(2020, 1, 1), date(2025, 12, 31), days=30),
    deadline("whole", "requested_to_started", date(2020, 1, 1), months=4),
)


@pytest.fixture
def catalogue(catalogue):
    return catalogue.model_copy(update={"deadlines": DEADLINES})


@pytest.fixture
def tables():
    return ("individual.timeliness",)


@pytest.fixture
def episode(given, rows):
    """Return one episode's row; its dates are those given, and there are no others."""

    def build(*, person=(), others=(), extracts=None, **dates):
        first = {"episode_id": "e", "requested_date": None, "started_date": None} | dates
        connection = given(episode=[first, *others], person=person, **(extracts or {}))
        (row,) = rows(connection, "SELECT * FROM individual.timeliness WHERE episode_id = 'e'")
        return row

    return build


def step(row, name):
    return row[f"{name}_days"], row[f"{name}_reason"], row[LATE[name]]


def test_three_steps_by_hand(episode):
    requested = date(2024, 1, 10)
    row = episode(requested_date=requested, decided_date=date(2024, 2, 7), started_date=date(2024, 3, 9))
    assert step(row, "requested_to_decided") == (28, None, False)  # on the last day
    assert step(row, "decided_to_started") == (31, None, True)
    assert step(row, "requested_to_started") == (59, None, False)
    assert [row[f"{s}_deadline_id"] for s in STEPS] == ["old", "start", "whole"]
    assert [row[f"{s}_due_date"] for s in STEPS] == [date(2024, 2, 7), date(2024, 3, 8), date(2024, 5, 10)]
    assert (row["is_still_waiting"], row["waiting_days"]) == (False, None)


@pytest.mark.parametrize(
    ("requested", "in_force", "is_late"),
    [
        (date(2024, 6, 30), "old", False),  # the last day of the old law
        (date(2024, 7, 1), "new", True),  # the very day the law changes
        (date(2019, 12, 31), None, None),  # before any deadline
    ],
)
def test_the_deadline_in_force_when_the_clock_started_counts(episode, requested, in_force, is_late):
    """Twenty days each time: in time under the old law, also when the decision falls under the new."""
    row = episode(requested_date=requested, decided_date=requested + timedelta(20))
    assert step(row, "requested_to_decided") == (20, None, is_late)
    assert row["requested_to_decided_deadline_id"] == in_force


def test_a_clock_that_starts_with_the_decision_looks_at_the_decisions_day(episode):
    row = episode(
        requested_date=date(2025, 12, 20), decided_date=date(2026, 1, 2), started_date=date(2026, 1, 9)
    )
    assert step(row, "decided_to_started") == (7, None, None)
    assert row["decided_to_started_deadline_id"] is None


def test_another_interventions_deadline_does_not_count(episode):
    row = episode(intervention_id="other", requested_date=date(2024, 1, 10), decided_date=date(2025, 1, 10))
    assert step(row, "requested_to_decided") == (366, None, None)


@pytest.mark.parametrize(
    ("requested", "due"),
    [
        (date(2023, 10, 31), date(2024, 2, 29)),  # leap year: the last day of February
        (date(2024, 10, 31), date(2025, 2, 28)),
        (date(2023, 10, 29), date(2024, 2, 29)),
        (date(2024, 2, 29), date(2024, 6, 29)),
        (date(2024, 1, 30), date(2024, 5, 30)),  # 121 days, not 120
    ],
)
def test_months_are_calendar_months(episode, requested, due):
    row = episode(requested_date=requested, decided_date=requested, started_date=due)
    assert row["requested_to_started_due_date"] == due
    assert row["is_started_after_request_deadline"] is False


def test_the_day_after_the_due_date_is_late(episode):
    row = episode(requested_date=date(2023, 10, 31), started_date=date(2024, 3, 1))
    assert row["is_started_after_request_deadline"] is True


def test_a_missing_decision_leaves_the_whole_way_countable(episode):
    row = episode(requested_date=date(2024, 1, 10), started_date=date(2024, 6, 10))
    assert step(row, "requested_to_decided") == (None, "no_last_date", None)
    assert step(row, "decided_to_started") == (None, "no_first_date", None)
    assert step(row, "requested_to_started") == (152, None, True)


def test_a_missing_request(episode):
    row = episode(decided_date=date(2024, 2, 7), started_date=date(2024, 2, 8))
    assert [step(row, s)[1] for s in STEPS] == ["no_first_date", None, "no_first_date"]


def test_a_decision_before_the_request_counts_for_nothing(episode):
    row = episode(
        requested_date=date(2024, 1, 10), decided_date=date(2024, 1, 9), started_date=date(2024, 1, 20)
    )
    assert step(row, "requested_to_decided") == (None, "wrong_order", None)
    assert step(row, "decided_to_started") == (11, None, False)
    assert step(row, "requested_to_started") == (10, None, False)


def test_all_on_one_day_is_no_wait_and_no_mistake(episode):
    day = date(2024, 1, 10)
    row = episode(requested_date=day, decided_date=day, started_date=day)
    assert [step(row, s) for s in STEPS] == [(0, None, False)] * 3


def test_support_before_the_decision_is_no_negative_wait(episode):
    row = episode(
        requested_date=date(2024, 1, 10), decided_date=date(2024, 1, 20), started_date=date(2024, 1, 12)
    )
    assert step(row, "decided_to_started") == (None, "wrong_order", None)
    assert step(row, "requested_to_started") == (2, None, False)


@pytest.mark.parametrize(
    ("waited", "is_late"),
    [(14, None), (15, True)],  # not yet known on the last day; certain on the next
)
def test_still_waiting_for_a_decision(episode, waited, is_late):
    row = episode(requested_date=REFERENCE_DATE - timedelta(waited))
    assert step(row, "requested_to_decided") == (None, "waiting", is_late)
    assert step(row, "requested_to_started") == (None, "waiting", None)
    assert (row["is_still_waiting"], row["waiting_days"]) == (True, waited)


def test_still_waiting_for_the_start_counts_from_the_request(episode):
    row = episode(requested_date=date(2025, 12, 1), decided_date=date(2025, 12, 11))
    assert step(row, "decided_to_started") == (None, "waiting", True)
    assert (row["is_still_waiting"], row["waiting_days"]) == (True, 61)


def test_decided_without_a_request_waits_from_the_decision(episode):
    row = episode(decided_date=date(2026, 1, 21))
    assert (row["is_still_waiting"], row["waiting_days"]) == (True, 10)


def test_a_date_after_the_reference_date_has_not_happened(episode):
    row = episode(requested_date=date(2026, 1, 1), started_date=REFERENCE_DATE + timedelta(1))
    assert step(row, "requested_to_started") == (None, "waiting", None)
    assert (row["started_date"], row["is_still_waiting"], row["waiting_days"]) == (None, True, 30)


def test_who_had_moved_before_asking_has_come_back_and_waits(episode):
    moved_long_ago = {"moved_date": date(2024, 1, 1)}
    row = episode(person=(moved_long_ago,), requested_date=date(2024, 8, 1))
    assert step(row, "requested_to_decided") == (None, "waiting", True)
    moved_since = {"moved_date": date(2024, 8, 10)}
    row = episode(person=(moved_since,), requested_date=date(2024, 8, 1))
    assert step(row, "requested_to_decided") == (None, "given_up", None)


@pytest.mark.parametrize(
    ("days", "is_late"),
    [(14, None), (15, True)],  # gone before the deadline: nobody was late
)
@pytest.mark.parametrize("how", ["death_date", "moved_date", "ended_date"])
def test_who_died_moved_or_gave_up_waits_no_more(episode, how, days, is_late):
    gone = date(2025, 3, 1) + timedelta(days)
    person = () if how == "ended_date" else ({how: gone},)
    case = {"ended_date": gone} if how == "ended_date" else {}
    row = episode(person=person, requested_date=date(2025, 3, 1), **case)
    assert step(row, "requested_to_decided") == (None, "given_up", is_late)
    assert (row["is_still_waiting"], row["waiting_days"]) == (False, None)


@pytest.mark.parametrize("how", ["death_date", "moved_date"])
def test_who_leaves_after_the_reference_date_still_waits(episode, how):
    row = episode(person=({how: REFERENCE_DATE + timedelta(1)},), requested_date=date(2026, 1, 1))
    assert row["is_still_waiting"] is True


def test_no_dates_at_all(episode):
    row = episode()
    assert [step(row, s) for s in STEPS] == [(None, "no_first_date", None)] * 3
    assert (row["is_still_waiting"], row["is_too_early_ended"], row["is_not_matched"]) == (False, None, None)
    assert row["reason_return_unknown"] == row["reason_match_unknown"] == "not_started"


END = START + timedelta(200)


def ended(episode, *later, days=200, reason="completed", **more):
    others = [{"episode_id": f"later{n}"} | fields for n, fields in enumerate(later)]
    return episode(
        started_date=START, ended_date=START + timedelta(days), end_reason=reason, others=others, **more
    )


@pytest.mark.parametrize(
    ("days", "is_too_early", "return_days"),
    [
        (0, True, 0),
        (3, True, 3),
        (180, True, 180),
        (181, False, None),
        (-1, False, None),  # ran beside it: nobody came back
    ],
)
def test_back_in_the_same_support(episode, days, is_too_early, return_days):
    row = ended(episode, {"started_date": END + timedelta(days)})
    assert (row["is_too_early_ended"], row["return_days"]) == (is_too_early, return_days)
    assert row["reason_return_unknown"] is None


def test_an_episode_of_one_day_is_no_return_to_itself(episode):
    assert ended(episode, days=0)["is_too_early_ended"] is False


def test_the_first_of_two_returns_counts(episode):
    row = ended(episode, {"started_date": END + timedelta(90)}, {"started_date": END + timedelta(20)})
    assert row["return_days"] == 20


@pytest.mark.parametrize(
    "other",
    [
        {"intervention_id": "other"},
        {"person_id": b"q"},
        {"started_date": None, "requested_date": END},  # asked, but has not started
    ],
)
def test_other_support_other_people_and_requests_are_no_return(episode, other):
    row = ended(episode, {"started_date": END + timedelta(10)} | other)
    assert row["is_too_early_ended"] is False


@pytest.mark.parametrize(
    ("before", "is_too_early", "reason"), [(180, False, None), (179, None, "window_open")]
)
def test_no_verdict_before_the_window_has_closed(episode, before, is_too_early, reason):
    row = episode(started_date=START, ended_date=REFERENCE_DATE - timedelta(before), end_reason="completed")
    assert (row["is_too_early_ended"], row["reason_return_unknown"]) == (is_too_early, reason)


def test_a_return_is_known_before_the_window_has_closed(episode):
    late = REFERENCE_DATE - timedelta(30)
    row = episode(
        started_date=START,
        ended_date=late,
        others=[{"episode_id": "f", "started_date": late + timedelta(5)}],
    )
    assert row["is_too_early_ended"] is True


def test_an_open_episode_has_not_ended(episode):
    row = episode(started_date=START)
    assert (row["is_too_early_ended"], row["reason_return_unknown"]) == (None, "not_ended")


@pytest.mark.parametrize("reason", ["moved", "died"])
def test_an_end_by_move_or_death_is_no_verdict(episode, reason):
    row = ended(episode, {"started_date": END + timedelta(10)}, reason=reason)
    assert (row["is_too_early_ended"], row["reason_return_unknown"]) == (None, "left")


def test_who_left_within_the_window_could_not_come_back(episode):
    row = ended(episode, person=({"moved_date": END + timedelta(100)},))
    assert (row["is_too_early_ended"], row["reason_return_unknown"]) == (None, "left")


@pytest.mark.parametrize(
    ("days", "reason", "is_not_matched", "unknown"),
    [
        (90, "changed", True, None),
        (91, "changed", False, None),
        (30, "completed", False, None),
        (30, None, None, "no_end_reason"),
        (300, None, False, None),
    ],
)
def test_changed_soon_after_the_start_is_not_matched(episode, days, reason, is_not_matched, unknown):
    row = ended(episode, days=days, reason=reason)
    assert (row["is_not_matched"], row["reason_match_unknown"]) == (is_not_matched, unknown)


def test_changed_to_the_same_support_is_another_provider_not_another_support(episode):
    row = ended(episode, {"started_date": START + timedelta(31)}, days=30, reason="changed")
    assert (row["is_not_matched"], row["is_too_early_ended"]) == (False, True)


@pytest.mark.parametrize(
    ("before", "is_not_matched", "unknown"), [(90, False, None), (89, None, "window_open")]
)
def test_an_open_episode_is_matched_when_its_first_days_have_passed(episode, before, is_not_matched, unknown):
    row = episode(started_date=REFERENCE_DATE - timedelta(before))
    assert (row["is_not_matched"], row["reason_match_unknown"]) == (is_not_matched, unknown)


@pytest.mark.parametrize(("days", "is_not_matched", "unknown"), [(90, None, "left"), (91, False, None)])
def test_who_left_an_open_episode_early_gave_no_verdict_on_it(episode, days, is_not_matched, unknown):
    row = episode(started_date=START, person=({"death_date": START + timedelta(days)},))
    assert (row["is_not_matched"], row["reason_match_unknown"]) == (is_not_matched, unknown)


def test_every_episode_has_its_row_started_or_not(given, rows):
    episodes = [{"episode_id": f"e{n}", "started_date": START if n % 2 else None} for n in range(6)]
    assert len(rows(given(episode=episodes), "SELECT * FROM individual.timeliness")) == 6


HEAVIER = {"intervention_id": "unmeasured"}


@pytest.mark.parametrize(
    ("days", "is_too_early", "kind"),
    [(0, True, "heavier"), (180, True, "heavier"), (181, False, None), (-1, False, None)],
)
def test_heavier_support_soon_after_the_end_is_a_return(episode, days, is_too_early, kind):
    row = ended(episode, HEAVIER | {"started_date": END + timedelta(days)})
    assert (row["is_too_early_ended"], row["return_kind"]) == (is_too_early, kind)


def test_lighter_support_is_no_return(episode):
    row = ended(episode, {"started_date": END, "intervention_id": "other"}, intervention_id="unmeasured")
    assert (row["is_too_early_ended"], row["reason_return_unknown"]) == (False, None)


@pytest.mark.parametrize(
    ("same", "heavier", "kind"), [(20, 90, "same"), (90, 20, "heavier"), (20, 20, "same")]
)
def test_the_first_return_says_to_what(episode, same, heavier, kind):
    row = ended(
        episode,
        {"started_date": END + timedelta(same)},
        HEAVIER | {"started_date": END + timedelta(heavier)},
    )
    assert (row["return_days"], row["return_kind"]) == (20, kind)


def test_changed_to_heavier_support_was_replaced_and_not_ended_too_early(episode):
    row = ended(episode, HEAVIER | {"started_date": END}, reason="changed")
    assert (row["is_too_early_ended"], row["return_days"]) == (False, None)


@pytest.mark.parametrize(
    ("reason", "to_provider", "is_too_early"),
    [
        ("changed", "B", False),  # another provider goes on with it
        ("changed", "A", True),
        ("changed", None, True),
        ("completed", "B", True),  # it was over, and was not
        (None, "B", True),
    ],
)
def test_another_provider_of_the_same_support(episode, reason, to_provider, is_too_early):
    later = {"started_date": START + timedelta(40), "provider_id": to_provider}
    row = ended(episode, later, days=30, reason=reason, provider_id="A")
    assert row["is_too_early_ended"] is is_too_early
    assert row["is_not_matched"] is (None if reason is None else False)


@pytest.mark.parametrize(
    ("levels", "is_too_early", "reason"),
    [
        ({"support": None}, None, "no_level"),
        ({"unmeasured": None}, None, "no_level"),
        ({}, True, None),
    ],
)
def test_without_levels_heavier_is_not_known(monkeypatch, episode, levels, is_too_early, reason):
    monkeypatch.setattr(conftest, "LEVELS", conftest.LEVELS | levels)
    row = ended(episode, HEAVIER | {"started_date": END + timedelta(10)})
    assert (row["is_too_early_ended"], row["reason_return_unknown"]) == (is_too_early, reason)


def test_without_levels_the_same_support_is_still_the_same(monkeypatch, episode):
    monkeypatch.setattr(conftest, "LEVELS", dict.fromkeys(conftest.LEVELS))
    row = ended(
        episode, HEAVIER | {"started_date": END + timedelta(5)}, {"started_date": END + timedelta(10)}
    )
    assert (row["is_too_early_ended"], row["return_days"], row["return_kind"]) == (True, 10, "same")


REQUEST = date(2019, 3, 1)  # no deadline of "decided to started" or "requested to decided" was in force
WAIT = {"requested_date": REQUEST, "decided_date": REQUEST, "started_date": REQUEST + timedelta(60)}


def crisis(*days, kind="crisis", **key):
    return {"event": [key | {"kind": kind, "event_date": REQUEST + timedelta(day)} for day in days]}


@pytest.mark.parametrize(
    ("day", "is_too_late", "days"),
    [
        (-1, False, None),
        (0, False, None),  # the request came of it
        (1, True, 59),
        (59, True, 1),
        (60, True, 0),  # the start came of it
        (61, False, None),
    ],
)
def test_a_crisis_while_waiting_is_too_late(episode, day, is_too_late, days):
    row = episode(**WAIT, extracts=crisis(day))
    assert (row["is_too_late"], row["crisis_to_started_days"]) == (is_too_late, days)
    assert row["is_crisis_while_waiting"] is is_too_late
    assert row["reason_too_late"] == ("crisis" if is_too_late else None)
    assert row["reason_too_late_unknown"] is None


def test_the_first_of_two_crises_counts(episode):
    row = episode(**WAIT, extracts=crisis(40, 10))
    assert (row["crisis_date"], row["crisis_to_started_days"]) == (REQUEST + timedelta(10), 50)


@pytest.mark.parametrize("kind", ["notification", "admission"])
def test_only_what_the_catalogue_calls_a_crisis_is_one(episode, kind):
    assert episode(**WAIT, extracts=crisis(10, kind=kind))["is_too_late"] is False


def test_the_catalogue_chooses_what_is_a_crisis(catalogue):
    assert [e.id for e in catalogue.event_kinds if e.is_crisis] == ["crisis"]


def test_another_persons_crisis_does_not_count(episode):
    assert episode(**WAIT, extracts=crisis(10, person_id=b"q"))["is_too_late"] is False


def test_a_crisis_under_a_former_number_is_the_persons_own(episode):
    link = {"person_link": [{"person_id": b"p", "former_person_id": b"old"}]}
    row = episode(**WAIT, extracts=crisis(10, person_id=b"old") | link)
    assert row["is_too_late"] is True


def test_events_that_were_not_delivered_are_not_known(episode):
    unknown = episode(**WAIT)
    assert (unknown["is_crisis_while_waiting"], unknown["is_too_late"]) == (None, None)
    assert unknown["reason_crisis_unknown"] == unknown["reason_too_late_unknown"] == "events_not_delivered"


def test_an_extract_without_rows_says_there_was_none(episode):
    row = episode(**WAIT, extracts={"event": []})
    assert (row["is_crisis_while_waiting"], row["is_too_late"]) == (False, False)


def test_after_a_deadline_is_too_late_without_any_events(episode):
    row = episode(
        requested_date=date(2024, 1, 10), decided_date=date(2024, 2, 8), started_date=date(2024, 2, 8)
    )
    assert (row["is_too_late"], row["reason_too_late"]) == (True, "deadline")
    assert (row["reason_too_late_unknown"], row["reason_crisis_unknown"]) == (None, "events_not_delivered")


def test_after_a_deadline_and_a_crisis(episode):
    requested = date(2024, 1, 10)
    events = [{"kind": "crisis", "event_date": date(2024, 2, 1)}]
    row = episode(
        requested_date=requested, decided_date=date(2024, 2, 8), started_date=date(2024, 2, 8),
        extracts={"event": events},
    )  # fmt: skip
    assert (row["is_too_late"], row["reason_too_late"]) == (True, "deadline_and_crisis")


@pytest.mark.parametrize(
    ("dates", "reason"),
    [
        ({"started_date": date(2024, 2, 8)}, "no_first_date"),
        ({"requested_date": date(2024, 2, 9), "started_date": date(2024, 2, 8)}, "wrong_order"),
        (
            {"requested_date": date(2024, 2, 1), "started_date": date(2024, 2, 8)},
            "no_first_date",
        ),  # no decision
        ({"decided_date": date(2024, 2, 1), "started_date": date(2024, 2, 8)}, "no_first_date"),
        ({"requested_date": REFERENCE_DATE}, "waiting"),
        ({}, "not_started"),
    ],
)
def test_not_too_late_wants_every_deadline_known(episode, dates, reason):
    row = episode(**dates, extracts={"event": []})
    assert (row["is_too_late"], row["reason_too_late_unknown"]) == (None, reason)


def test_without_a_deadline_only_a_crisis_is_too_late(episode):
    dates = {"requested_date": date(2024, 2, 1), "started_date": date(2024, 2, 8)}
    row = episode(intervention_id="other", **dates, extracts={"event": []})
    assert (row["is_too_late"], row["reason_too_late_unknown"]) == (False, None)


@pytest.mark.parametrize(
    ("case", "is_too_late", "reason"),
    [
        ({}, True, None),
        ({"ended_date": REQUEST + timedelta(10)}, True, None),  # given up on the day of the crisis
        ({"ended_date": REQUEST + timedelta(9)}, None, "not_started"),
    ],
)
def test_a_crisis_before_support_that_never_came(episode, case, is_too_late, reason):
    row = episode(requested_date=REQUEST, intervention_id="other", extracts=crisis(10), **case)
    assert (row["is_too_late"], row["reason_too_late_unknown"]) == (is_too_late, reason)
    assert row["crisis_to_started_days"] is None


def test_a_crisis_after_the_reference_date_has_not_happened(episode):
    events = [{"kind": "crisis", "event_date": REFERENCE_DATE + timedelta(1)}]
    row = episode(requested_date=REFERENCE_DATE - timedelta(5), extracts={"event": events})
    assert (row["is_crisis_while_waiting"], row["reason_crisis_unknown"]) == (None, "waiting")


def test_without_a_request_the_wait_begins_with_the_decision(episode):
    dates = {"decided_date": REQUEST, "started_date": REQUEST + timedelta(60)}
    row = episode(intervention_id="other", **dates, extracts=crisis(10))
    assert row["crisis_to_started_days"] == 50
