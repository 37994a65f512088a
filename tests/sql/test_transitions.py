"""Turning 18, another provider, another level, the end: with or without a plan (method, section 3.9)."""

from datetime import date, timedelta

import pytest

from tests.sql import conftest
from tests.sql.conftest import REFERENCE_DATE, START

END = START + timedelta(200)
DAYS = 90  # the parameter transition_days
ORDER = "ORDER BY transition_kind, from_episode_id"


def days(number, since=END):
    return since + timedelta(number)


def plan(kind, decided, planned=None, name="plan", **key):
    return key | {
        "plan_id": name,
        "kind": "transition",
        "transition_kind": kind,
        "decided_date": decided,
        "planned_date": planned,
    }


@pytest.fixture
def tables():
    return ("individual.transition_preparation",)


@pytest.fixture
def transitions(given, rows):
    """Return every transition of some episodes."""

    def build(*episodes, person=(), **extracts):
        numbered = [{"episode_id": f"e{n}"} | episode for n, episode in enumerate(episodes, start=1)]
        connection = given(episode=numbered, person=person, **extracts)
        return rows(connection, f"SELECT * FROM individual.transition {ORDER}")

    return build


@pytest.fixture
def after(transitions):
    """Return the transition that an episode ended in on END, with those that came after; None for none."""

    def build(*later, first=None, **extracts):
        ended = {"started_date": START, "ended_date": END, "end_reason": "changed"} | (first or {})
        found = [r for r in transitions(ended, *later, **extracts) if r["from_episode_id"] == "e1"]
        return found[0] if found else None

    return build


def kind(row):
    return row and row["transition_kind"]


# Another provider


@pytest.mark.parametrize(
    ("start", "is_change", "without"),
    [
        (-DAYS - 1, False, None),  # ran beside it: two providers at once, one of which stopped
        (-DAYS, True, 0),
        (-1, True, 0),
        (0, True, 0),
        (1, True, 0),
        (2, True, 1),
        (DAYS, True, DAYS - 1),
        (DAYS + 1, False, None),
    ],
)
def test_the_same_support_by_another_provider(after, start, is_change, without):
    row = after({"started_date": days(start), "provider_id": "B"}, first={"provider_id": "A"})
    if is_change:
        assert kind(row) == "provider_change"
        assert (row["transition_date"], row["next_started_date"]) == (END, days(start))
        assert (row["from_provider_id"], row["to_provider_id"], row["to_episode_id"]) == ("A", "B", "e2")
        assert (row["days_without_support"], row["is_still_without_support"]) == (without, False)
    else:
        assert kind(row) == ("ending" if start > 0 else None)


@pytest.mark.parametrize(("first", "then"), [("A", "A"), ("A", None), (None, "B"), (None, None)])
def test_a_new_number_by_the_same_or_an_unknown_provider_is_no_transition(after, first, then):
    assert after({"started_date": END, "provider_id": then}, first={"provider_id": first}) is None


def test_a_successor_that_did_not_outlive_the_first_took_nothing_over(after):
    row = after(
        {"started_date": days(-20), "ended_date": days(-1), "provider_id": "B"}, first={"provider_id": "A"}
    )
    assert kind(row) == "ending"


def test_the_nearest_of_two_new_providers(after):
    row = after(
        {"started_date": days(30), "provider_id": "B"},
        {"started_date": days(-5), "provider_id": "C"},
        first={"provider_id": "A"},
    )
    assert (row["to_provider_id"], row["days_without_support"]) == ("C", 0)


def test_another_provider_comes_before_another_level(after):
    row = after(
        {"started_date": END, "intervention_id": "unmeasured"},
        {"started_date": days(10), "provider_id": "B"},
        first={"provider_id": "A"},
    )
    assert kind(row) == "provider_change"


def test_a_chain_of_providers_is_a_change_at_each_link(transitions):
    found = transitions(
        {"started_date": START, "ended_date": END, "provider_id": "A"},
        {"started_date": END, "ended_date": days(100), "provider_id": "B"},
        {"started_date": days(110), "provider_id": "A"},
    )
    assert [(r["transition_kind"], r["from_episode_id"], r["days_without_support"]) for r in found] == [
        ("provider_change", "e1", 0),
        ("provider_change", "e2", 9),
    ]


# Another level


@pytest.mark.parametrize(
    ("intervention", "expected"), [("unmeasured", "level_change"), ("other", None)]
)  # levels 4 and 2, against 2
def test_another_intervention_of_another_level(after, intervention, expected):
    row = after({"started_date": days(7), "intervention_id": intervention})
    assert kind(row) == expected
    if row:
        assert (row["from_level"], row["to_level"], row["days_without_support"]) == (2, 4, 6)


def test_a_step_down_is_a_change_of_level_too(after):
    row = after({"started_date": END}, first={"intervention_id": "unmeasured"})
    assert (kind(row), row["from_level"], row["to_level"]) == ("level_change", 4, 2)


def test_the_nearest_other_support_decides(after):
    heavy = {"intervention_id": "unmeasured"}
    assert (
        after({"started_date": days(5), "intervention_id": "other"}, heavy | {"started_date": days(6)})
        is None
    )


def test_heavier_support_long_since_beside_it_is_no_change_and_no_ending(after):
    row = after({"started_date": days(-DAYS - 1), "intervention_id": "unmeasured"})
    assert row is None


def test_a_catalogue_without_levels_judges_no_change_of_level(monkeypatch, after):
    monkeypatch.setattr(conftest, "LEVELS", dict.fromkeys(conftest.LEVELS))
    assert after({"started_date": END, "intervention_id": "unmeasured"}) is None


# The end


def test_nothing_came_after(after):
    row = after()
    assert (kind(row), row["transition_date"]) == ("ending", END)
    assert row["days_without_support"] == (REFERENCE_DATE - END).days
    assert (row["is_still_without_support"], row["next_started_date"]) == (True, None)


def test_support_much_later_ends_the_days_without(after):
    row = after({"started_date": days(200), "intervention_id": "other"})
    assert (kind(row), row["days_without_support"]) == ("ending", 199)
    assert (row["is_still_without_support"], row["to_episode_id"]) == (False, None)


@pytest.mark.parametrize(("before", "is_known"), [(DAYS, True), (DAYS - 1, False)])
def test_an_ending_is_known_when_the_days_have_passed(after, before, is_known):
    row = after(first={"ended_date": REFERENCE_DATE - timedelta(before)})
    assert (kind(row) == "ending") is is_known


def test_a_start_after_the_reference_date_has_not_happened(after):
    row = after({"started_date": REFERENCE_DATE + timedelta(1)})
    assert row["is_still_without_support"] is True


def test_support_that_is_only_decided_is_not_in_its_place(after):
    assert kind(after({"started_date": None, "decided_date": END})) == "ending"


@pytest.mark.parametrize("reason", ["died", "moved"])
def test_an_end_by_death_or_move_is_no_transition(after, reason):
    assert after(first={"end_reason": reason}) is None


@pytest.mark.parametrize(("left", "is_ending"), [(0, False), (DAYS, False), (DAYS + 1, True)])
def test_who_left_before_it_was_known_did_not_end_support(after, left, is_ending):
    row = after(person=[{"moved_date": days(left)}])
    assert (kind(row) == "ending") is is_ending
    if row:
        assert (row["days_without_support"], row["reason_days_unknown"]) == (None, "left")
        assert (row["is_still_without_support"], row["next_started_date"]) == (None, None)


def test_two_that_end_on_one_day_are_one_ending(transitions):
    both = {"started_date": START, "ended_date": END}
    found = transitions(both, both | {"intervention_id": "other"}, both | {"intervention_id": "unmeasured"})
    assert [(r["transition_kind"], r["from_episode_id"]) for r in found] == [("ending", "e3")]


def test_an_open_episode_is_no_transition(transitions):
    assert transitions({"started_date": START}) == []


def test_another_persons_support_is_not_in_its_place(after):
    assert kind(after({"person_id": b"q", "started_date": END})) == "ending"


def test_support_under_a_former_number_is_the_persons_own(after):
    row = after(
        {"person_id": b"old", "started_date": days(3), "provider_id": "B"},
        first={"provider_id": "A"},
        person_link=[{"person_id": b"p", "former_person_id": b"old"}],
        plan=[plan("provider_change", days(-1), person_id=b"old")],
    )
    assert (kind(row), row["is_planned_in_time"]) == ("provider_change", True)


# Plans


@pytest.mark.parametrize(("decided", "in_time"), [(-10, True), (0, True), (1, False)])
def test_a_plan_decided_by_the_day_is_in_time(after, decided, in_time):
    row = after(plan=[plan("ending", days(decided), days(-3))])
    assert (row["plan_id"], row["is_planned_in_time"], row["reason_plan_unknown"]) == ("plan", in_time, None)
    assert (row["days_from_plan"], row["reason_days_from_plan_unknown"]) == (3, None)


def test_no_plan_is_known_only_where_plans_were_delivered(after):
    row = after(plan=[])
    assert (row["is_planned_in_time"], row["reason_plan_unknown"]) == (False, None)
    assert (row["days_from_plan"], row["reason_days_from_plan_unknown"]) == (None, "no_plan")


def test_without_the_extract_a_plan_is_unknown(after):
    row = after()
    assert (row["is_planned_in_time"], row["days_from_plan"], row["plan_id"]) == (None, None, None)
    assert row["reason_plan_unknown"] == row["reason_days_from_plan_unknown"] == "plans_not_delivered"


def test_a_plan_without_a_day_has_no_days_from_it(after):
    row = after(plan=[plan("ending", days(-30))])
    assert (row["is_planned_in_time"], row["days_from_plan"]) == (True, None)
    assert row["reason_days_from_plan_unknown"] == "no_planned_date"


@pytest.mark.parametrize(
    "other",
    [
        plan("provider_change", days(-30), END),
        plan(None, days(-30), END),
        plan("ending", days(-30), END, person_id=b"q"),
        plan("ending", days(-30), END) | {"kind": "action_plan"},
        plan("ending", days(-30), days(366)),
        plan("ending", days(-400), days(-366)),
        plan("ending", days(-366)),
        plan("ending", days(1), days(2)),  # decided afterwards, for a day still later
        plan("ending", REFERENCE_DATE + timedelta(1), END),  # has not been decided
    ],
)
def test_plans_for_something_else(after, other):
    row = after(plan=[other])
    assert (row["plan_id"], row["is_planned_in_time"]) == (None, False)


@pytest.mark.parametrize("planned", [-365, 365])
def test_a_plan_as_far_away_as_may_be(after, planned):
    row = after(plan=[plan("ending", days(-365), days(planned))])
    assert (row["is_planned_in_time"], row["days_from_plan"]) == (True, -planned)


@pytest.mark.parametrize(
    ("plans", "chosen"),
    [
        ([("a", -50, -20), ("b", -40, -10)], "b"),  # the nearest
        ([("a", -50, -20), ("b", 5, 0)], "a"),  # one that stood, before one made afterwards
        ([("a", -40, 10), ("b", -50, -10)], "b"),  # equally near: the first decided
        ([("b", -40, 10), ("a", -40, -10)], "a"),
        ([("b", 9, -30), ("a", 8, -40)], "b"),  # both too late
    ],
)
def test_which_of_two_plans(after, plans, chosen):
    row = after(plan=[plan("ending", days(decided), days(planned), name) for name, decided, planned in plans])
    assert row["plan_id"] == chosen


def test_a_plan_belongs_to_one_day_only(transitions):
    found = transitions(
        {"started_date": START, "ended_date": END, "provider_id": "A"},
        {"started_date": END, "ended_date": days(100), "provider_id": "B"},
        {"started_date": days(100), "provider_id": "C"},
        plan=[plan("provider_change", days(-10), days(60))],
    )
    assert [(r["from_episode_id"], r["plan_id"], r["days_from_plan"]) for r in found] == [
        ("e1", None, None),
        ("e2", "plan", 40),
    ]


def test_transitions_of_one_kind_on_one_day_share_their_plan(transitions):
    def pair(intervention):
        first = {"started_date": START, "ended_date": END, "provider_id": "A"}
        return [
            episode | {"intervention_id": intervention}
            for episode in (first, {"started_date": END, "provider_id": "B"})
        ]

    found = transitions(*pair("support"), *pair("other"), plan=[plan("provider_change", END)])
    assert [(r["from_episode_id"], r["plan_id"]) for r in found] == [("e1", "plan"), ("e3", "plan")]


def test_a_plan_that_is_closed_still_stood(after):
    closed = plan("ending", days(-30), END) | {"ended_date": days(-5)}
    assert after(plan=[closed])["is_planned_in_time"] is True


# Turning 18

BIRTH = date(2007, 6, 15)
ADULT = date(2025, 6, 15)
BEFORE, AFTER = 180, 90  # the parameters adult_days_before and adult_days_after


def on(number):
    return ADULT + timedelta(number)


@pytest.fixture
def adult(transitions):
    """Return one person's 18th birthday among the transitions, or None."""

    def build(*episodes, birth=BIRTH, person=None, **extracts):
        told = [{"birth_date": birth} | (person or {})]
        found = transitions(*episodes, person=told, **extracts)
        return next((r for r in found if r["transition_kind"] == "turning_18"), None)

    return build


def test_support_that_goes_on_leaves_no_gap(adult):
    row = adult({"started_date": START})
    assert (row["transition_date"], row["is_ahead"], row["from_episode_id"]) == (ADULT, False, None)
    assert (row["days_without_support"], row["is_still_without_support"]) == (0, False)


@pytest.mark.parametrize(
    ("end", "start", "without"),
    [
        (0, 0, 0),  # the one stops and the other starts on the birthday
        (0, 1, 0),
        (0, 2, 1),
        (-30, 0, 29),
        (-30, 25, 54),
        (10, 5, 0),  # overlap
        (10, 60, 49),
        (AFTER, AFTER + 10, 9),
        (AFTER + 1, AFTER + 10, 0),  # it ran on: what came later is another matter
        (-BEFORE, 200, 199 + BEFORE),
    ],
)
def test_days_without_support_around_the_birthday(adult, end, start, without):
    row = adult(
        {"started_date": START, "ended_date": on(end)},
        {"started_date": on(start), "intervention_id": "other"},
    )
    assert row["days_without_support"] == without


def test_who_got_nothing_after_the_birthday_is_still_without(adult):
    row = adult({"started_date": START, "ended_date": ADULT})
    assert row["days_without_support"] == (REFERENCE_DATE - ADULT).days
    assert row["is_still_without_support"] is True


@pytest.mark.parametrize("left", [1, 100])
def test_who_left_afterwards_is_not_counted_as_without(adult, left):
    row = adult({"started_date": START, "ended_date": ADULT}, person={"moved_date": on(left)})
    assert (row["days_without_support"], row["reason_days_unknown"]) == (None, "left")


@pytest.mark.parametrize("left", [-1, 0])
@pytest.mark.parametrize("how", ["death_date", "moved_date"])
def test_who_had_left_by_the_birthday_made_no_transition(adult, how, left):
    assert adult({"started_date": START}, person={how: on(left)}) is None


@pytest.mark.parametrize(
    ("episode", "is_met"),
    [
        ({"started_date": START, "ended_date": on(-BEFORE)}, True),
        ({"started_date": START, "ended_date": on(-BEFORE - 1)}, False),
        ({"started_date": on(AFTER)}, True),
        ({"started_date": on(AFTER + 1)}, False),
        ({"started_date": None, "decided_date": on(AFTER)}, True),
        ({"started_date": None, "decided_date": on(AFTER + 1)}, False),
        ({"started_date": None, "requested_date": on(-5)}, False),  # nothing was decided
    ],
)
def test_support_near_the_birthday(adult, episode, is_met):
    assert (adult(episode) is not None) is is_met


def test_support_that_only_began_afterwards_has_no_day_to_count_from(adult):
    row = adult({"started_date": START, "ended_date": on(-BEFORE - 1)}, {"started_date": on(20)})
    assert (row["days_without_support"], row["reason_days_unknown"]) == (None, "no_support_before")


@pytest.mark.parametrize("episode", [{"started_date": START}, {"started_date": START, "ended_date": ADULT}])
def test_without_a_birth_date_there_is_no_birthday(adult, episode):
    assert adult(episode, birth=None) is None


@pytest.mark.parametrize(
    ("birth", "birthday"),
    [
        (date(2007, 2, 28), date(2025, 2, 28)),
        (date(2006, 2, 28), date(2024, 2, 28)),
        (date(2006, 3, 1), date(2024, 3, 1)),  # the year of the birthday has a 29 February
        (date(2004, 2, 29), date(2022, 3, 1)),  # and this one has none
        (date(2004, 3, 1), date(2022, 3, 1)),
        (date(2004, 2, 28), date(2022, 2, 28)),
        (date(2007, 12, 31), date(2025, 12, 31)),
    ],
)
def test_the_day_a_person_turns_18(adult, birth, birthday):
    assert adult({"started_date": date(2020, 1, 1)}, birth=birth)["transition_date"] == birthday


def test_born_on_29_february_is_16_on_29_february(given, rows):
    (row,) = rows(
        given(person=[{"birth_date": date(2004, 2, 29)}]), "SELECT * FROM individual.transition_age"
    )
    assert (row["preparation_date"], row["adult_date"]) == (date(2020, 2, 29), date(2022, 3, 1))


@pytest.mark.parametrize(("decided", "in_time"), [(-1, True), (0, False), (30, False)])
def test_a_plan_for_18_is_decided_before_the_birthday(adult, decided, in_time):
    row = adult({"started_date": START}, plan=[plan("turning_18", on(decided), on(60))])
    assert (row["is_planned_in_time"], row["days_from_plan"]) == (in_time, -60)


def test_a_plan_for_18_belongs_however_early_it_was_made(adult):
    row = adult({"started_date": START}, plan=[plan("turning_18", on(-730))])
    assert (row["is_planned_in_time"], row["reason_days_from_plan_unknown"]) == (True, "no_planned_date")


AHEAD = REFERENCE_DATE + timedelta(100)
AHEAD_BIRTH = date(AHEAD.year - 18, AHEAD.month, AHEAD.day)


@pytest.mark.parametrize(
    ("plans", "in_time", "reason"),
    [
        ({"plan": []}, None, "not_yet"),
        ({"plan": [plan("turning_18", days(-30), AHEAD)]}, True, None),
        ({}, None, "plans_not_delivered"),
    ],
)
def test_a_birthday_that_lies_ahead(adult, plans, in_time, reason):
    row = adult({"started_date": START}, birth=AHEAD_BIRTH, **plans)
    assert (row["transition_date"], row["is_ahead"]) == (AHEAD, True)
    assert (row["is_planned_in_time"], row["reason_plan_unknown"]) == (in_time, reason)
    assert (row["days_without_support"], row["reason_days_unknown"]) == (None, "not_yet")
    assert row["days_from_plan"] is None


# The list of those between 16 and 18


@pytest.fixture
def prepared(given, rows):
    """Return one person's row of the list, or None."""

    def build(*episodes, birth=AHEAD_BIRTH, person=None, **extracts):
        numbered = [{"episode_id": f"e{n}"} | episode for n, episode in enumerate(episodes, start=1)]
        connection = given(episode=numbered, person=[{"birth_date": birth} | (person or {})], **extracts)
        found = rows(connection, "SELECT * FROM individual.transition_preparation")
        return found[0] if found else None

    return build


RUNNING = {"started_date": START}


@pytest.mark.parametrize(
    ("birth", "days_left"),
    [
        (date(2010, 2, 1), None),  # 16 tomorrow
        (date(2010, 1, 31), 730),  # 16 today
        (date(2008, 2, 1), 1),  # 18 tomorrow
        (date(2008, 1, 31), None),  # 18 today
        (date(2008, 2, 29), 29),  # 18 on 1 March
        (None, None),
    ],
)
def test_from_the_16th_birthday_to_the_day_before_the_18th(prepared, birth, days_left):
    row = prepared(RUNNING, birth=birth)
    assert (row and row["days_left"]) == days_left


@pytest.mark.parametrize(
    ("episode", "counts"),
    [
        (RUNNING, (1, 0)),
        ({"started_date": None, "decided_date": END}, (0, 1)),
        ({"started_date": REFERENCE_DATE + timedelta(1), "decided_date": END}, (0, 1)),
        (RUNNING | {"ended_date": REFERENCE_DATE + timedelta(1)}, (1, 0)),
        (RUNNING | {"ended_date": REFERENCE_DATE}, None),
        ({"started_date": None, "requested_date": END}, None),
        ({"started_date": None, "decided_date": END, "ended_date": END}, None),  # given up
        ({"started_date": None, "decided_date": REFERENCE_DATE + timedelta(1)}, None),
    ],
)
def test_in_support_or_decided_on_the_reference_date(prepared, episode, counts):
    row = prepared(episode, plan=[])
    assert (row and (row["running_episode_count"], row["decided_episode_count"])) == counts


def test_a_person_with_two_episodes_is_one_row(prepared):
    row = prepared(RUNNING, RUNNING | {"intervention_id": "unmeasured"}, plan=[])
    assert (row["running_episode_count"], row["support_level"], row["is_without_plan"]) == (2, 4, True)


@pytest.mark.parametrize(
    ("extracts", "is_without", "reason"),
    [
        ({"plan": []}, True, None),
        ({"plan": [plan("turning_18", REFERENCE_DATE, AHEAD)]}, False, None),
        ({"plan": [plan("turning_18", REFERENCE_DATE + timedelta(1), AHEAD)]}, True, None),
        ({"plan": [plan("ending", END, AHEAD)]}, True, None),
        ({}, None, "plans_not_delivered"),
    ],
)
def test_with_a_plan_or_without(prepared, extracts, is_without, reason):
    row = prepared(RUNNING, **extracts)
    assert (row["is_without_plan"], row["reason_plan_unknown"]) == (is_without, reason)


@pytest.mark.parametrize("how", ["death_date", "moved_date"])
def test_who_has_left_needs_no_plan(prepared, how):
    assert prepared(RUNNING, person={how: END}) is None


def test_the_birth_date_of_the_present_number_counts(given, rows):
    connection = given(
        person=[
            {"person_id": b"old", "birth_date": date(1990, 1, 1)},
            {"person_id": b"p", "birth_date": AHEAD_BIRTH},
        ],
        episode=[RUNNING | {"person_id": b"old"}],
        plan=[plan("turning_18", END, person_id=b"old")],
        person_link=[{"person_id": b"p", "former_person_id": b"old"}],
    )
    (row,) = rows(connection, "SELECT * FROM individual.transition_preparation")
    assert (row["adult_date"], row["is_without_plan"]) == (AHEAD, False)
