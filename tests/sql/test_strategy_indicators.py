"""The persons behind the strategies' indicators: who is counted, in which year, with what (section 7)."""

from datetime import date

import pytest

ROWS = "SELECT * FROM strategy.indicator_person ORDER BY indicator_id, year, person_id"
COUNTS = "SELECT * FROM strategy.indicator_count ORDER BY indicator_id, year, population"
LOG = "SELECT * FROM strategy.indicator_log ORDER BY indicator_id, to_date, from_date"
NEW_YEAR, YEAR_END = date(2024, 1, 1), date(2024, 12, 31)


@pytest.fixture
def catalogue(catalogue):
    """The real one, with its deadline of 14 days for `support` alone."""
    (deadline,) = (d for d in catalogue.deadlines if d.id == "drug_treatment_14_days")
    return catalogue.model_copy(
        update={"deadlines": (deadline.model_copy(update={"applies_to": ("support",)}),)}
    )


@pytest.fixture
def tables():
    return (
        "strategy.indicator_count",
        "strategy.indicator_moment",
        "strategy.indicator_days",
        "strategy.indicator_log",
    )


def episode(name="e", person="p", **fields):
    return {"episode_id": name, "person_id": person.encode()} | fields


def score(day, points, person="p", **fields):
    return {"measured_date": day, "score": points, "person_id": person.encode()} | fields


@pytest.fixture
def counted(given, rows):
    """Return {year: (persons, of them with the property)} of one indicator; also what each person has."""

    def build(indicator_id, **raw):
        found = [r for r in rows(given(**raw), COUNTS) if r["indicator_id"] == indicator_id]
        return {r["year"]: (r["n"], r["numerator"]) for r in found if r["population"] == "year"}

    return build


@pytest.fixture
def persons(given, rows):
    """Return the persons of one indicator."""

    def build(indicator_id, **raw):
        return [r for r in rows(given(**raw), ROWS) if r["indicator_id"] == indicator_id]

    return build


# --- change between two measurements ---

START = date(2024, 1, 1)
FOLLOW_UP = date(2024, 7, 1)


def pair(person, change, start=START, follow_up=FOLLOW_UP, **fields):
    """A course with a baseline of 50 and a follow-up: standard error of difference 10, so 20 is reliable."""
    name = f"{person}{start}"
    return (
        episode(name, person, started_date=start, **fields),
        [score(start, 50, person), score(follow_up, 50 + change, person)],
    )


def paired(*pairs):
    return {"episode": [p[0] for p in pairs], "measurement": [m for p in pairs for m in p[1]]}


@pytest.mark.parametrize(
    ("indicator_id", "expected"),
    [("improved", (4, 1)), ("deteriorated_up", (4, 1)), ("neither", (4, 2))],
)
def test_better_worse_and_neither_divide_all_with_two_measurements(counted, indicator_id, expected):
    raw = paired(pair("a", 20), pair("b", -20), pair("c", 19), pair("d", 0))
    assert counted(indicator_id, **raw) == {2024: expected}


def test_a_person_counts_once_a_year_with_the_latest_and_again_the_next_year(persons):
    raw = paired(
        pair("a", 20),
        pair("a", -20, date(2024, 5, 1), date(2024, 11, 1), intervention_id="other"),
        pair("a", 20, date(2025, 1, 1), date(2025, 7, 1), intervention_id="unmeasured"),
    )
    # Of `other` fewer points are better; the error of measurement of `unmeasured` is not known.
    raw["measurement"] += [
        score(day, points, "a", instrument_id=instrument)
        for instrument, day, points in (
            ("DOWN", date(2024, 5, 1), 50),
            ("DOWN", date(2024, 11, 1), 70),
            ("UNKNOWN", date(2025, 1, 1), 50),
            ("UNKNOWN", date(2025, 7, 1), 90),
        )
    ]
    assert [(r["year"], r["is_in_numerator"]) for r in persons("improved", **raw)] == [(2024, False)]
    assert [(r["year"], r["amount_ten_thousandths"]) for r in persons("change_down", **raw)] == [
        (2024, -200_000)
    ]
    # Of UP alone the first pair is the only one.
    assert [(r["year"], r["is_in_numerator"]) for r in persons("deteriorated_up", **raw)] == [(2024, False)]


@pytest.mark.parametrize(
    ("start", "follow_up", "expected"),
    [
        (date(2024, 7, 4), date(2024, 12, 31), {2024: (1, 1)}),
        (date(2024, 7, 4), date(2025, 1, 1), {2025: (1, 1)}),
        (date(2025, 7, 2), date(2026, 1, 1), {}),  # after the reporting year
        (date(2022, 12, 31), date(2023, 7, 1), {}),  # begun before the window: not among those assessed
    ],
)
def test_the_year_is_the_follow_ups(counted, start, follow_up, expected):
    assert counted("improved", **paired(pair("a", 20, start, follow_up))) == expected


def test_a_mean_is_of_changes_in_points_and_knows_the_provider(given, rows):
    raw = paired(
        pair("a", 20, provider_id="X"),
        pair("b", -5, provider_id="X"),
        pair("c", 0, provider_id="Y"),
        pair("d", 7),
    )
    found = rows(given(**raw), "SELECT * FROM strategy.indicator_moment WHERE population = 'year'")
    # Persons without a provider are one row of their own.
    assert {
        r["provider_id"]: (r["n"], r["amount_sum"], int(r["amount_squares"]))
        for r in found
        if r["indicator_id"] == "change_up"
    } == {"X": (2, 150_000, 42_500_000_000), "Y": (1, 0, 0), None: (1, 70_000, 4_900_000_000)}
    # Nobody was measured with DOWN; hours are not known either.
    assert {r["indicator_id"] for r in found} == {"change_up"}


def test_without_two_measurements_there_is_no_row_and_no_zero(counted):
    raw = {"episode": [episode()], "measurement": [score(START, 50)]}
    assert counted("improved", **raw) == {}
    assert counted("change_up", **raw) == {}


# --- scores ---


@pytest.mark.parametrize(("points", "low", "high"), [(50, 1, 1), (51, 0, 1), (49, 1, 0)])
def test_the_limit_itself_is_within(counted, points, low, high):
    raw = {"measurement": [score(date(2024, 6, 1), points)]}
    assert counted("low_up", **raw) == {2024: (1, low)}
    assert counted("high_up", **raw) == {2024: (1, high)}


def test_the_latest_score_of_each_year_counts_by_the_same_respondent(counted):
    raw = {
        "measurement": [
            score(date(2023, 1, 1), 80),
            score(date(2023, 12, 31), 20),
            score(date(2024, 1, 1), 90),
            score(date(2024, 2, 1), 10, respondent="staff"),
            score(date(2022, 12, 31), 80),  # before the window
            score(date(2026, 1, 1), 80),  # after the reporting year
        ]
    }
    assert counted("high_up", **raw) == {2023: (1, 0), 2024: (1, 1)}


# --- deadlines and waiting ---


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        (date(2024, 3, 15), {2024: (1, 1)}),  # the 14th day
        (date(2024, 3, 16), {2024: (1, 0)}),
        (None, {2024: (1, 0)}),  # still waits, long after
        (date(2025, 3, 1), {2024: (1, 0)}),  # late in the year the deadline fell due
    ],
)
def test_a_deadline_is_counted_in_the_year_it_fell_due(given, rows, started, expected):
    raw = {"episode": [episode(requested_date=date(2024, 3, 1), decided_date=None, started_date=started)]}
    found = rows(given(**raw), COUNTS)
    for indicator_id in ("timely", "timely_14_days"):
        assert {
            r["year"]: (r["n"], r["numerator"])
            for r in found
            if r["indicator_id"] == indicator_id and r["population"] == "year"
        } == expected


def test_a_deadline_after_the_turn_of_the_year_belongs_to_the_new_one(counted):
    raw = {"episode": [episode(requested_date=date(2024, 12, 20), started_date=date(2024, 12, 21))]}
    assert counted("timely", **raw) == {2025: (1, 1)}


def test_where_no_deadline_is_in_force_nobody_is_in_time(counted):
    days = {"requested_date": date(2024, 3, 1), "started_date": date(2024, 3, 2)}
    assert counted("timely", episode=[episode(intervention_id="other", **days)]) == {}


def test_days_are_of_waits_that_ended_in_the_year_and_once_of_a_person(given, rows):
    raw = {
        "episode": [
            episode("a", "a", requested_date=date(2023, 12, 31), started_date=date(2024, 1, 1)),
            episode("a2", "a", requested_date=date(2024, 1, 1), started_date=date(2024, 1, 11)),
            episode("b", "b", requested_date=date(2024, 1, 1), started_date=date(2024, 1, 11)),
            episode("c", "c", requested_date=date(2024, 1, 1), started_date=date(2024, 1, 1)),
            episode("d", "d", requested_date=date(2024, 1, 1), started_date=None),
            episode("e", "e", requested_date=None),
        ]
    }
    found = rows(given(**raw), "SELECT * FROM strategy.indicator_days WHERE population = 'year'")
    days = [(r["year"], r["elapsed_days"], r["n"]) for r in found if r["indicator_id"] == "days_to_start"]
    assert sorted(days) == [(2024, 0, 1), (2024, 10, 2)]


# --- those with support in the year ---


def served(person="p", start=NEW_YEAR, end=None, **fields):
    return episode(
        f"{person}{start}{fields.get('intervention_id')}",
        person,
        started_date=start,
        ended_date=end,
        **fields,
    )


def test_served_is_everybody_with_a_day_of_support_in_the_year_once(counted):
    raw = {
        "episode": [
            served("a", date(2022, 5, 1), date(2023, 1, 1)),  # the first day of the window
            served("b", date(2024, 12, 31), date(2025, 1, 1)),
            served("b", date(2024, 12, 31), date(2024, 12, 31), intervention_id="other"),
            served("c", date(2022, 5, 1), date(2022, 12, 31)),
            served("d", date(2026, 1, 1)),
        ]
    }
    assert counted("served", **raw) == {2023: (1, None), 2024: (1, None), 2025: (1, None)}
    assert counted("served_other", **raw) == {2024: (1, None)}


def test_hours_are_those_of_the_last_day_in_the_year(persons):
    raw = {
        "episode": [
            served("a", weekly_hours=4, end=date(2024, 6, 30)),
            served("a", date(2024, 3, 1), date(2024, 6, 30), weekly_hours=1.5, intervention_id="other"),
            served("a", date(2024, 1, 1), date(2024, 6, 29), weekly_hours=9, intervention_id="unmeasured"),
            served("b", weekly_hours=2),
            served("c", weekly_hours=None),
            served("c", weekly_hours=3, intervention_id="other"),
        ],
        "support_hours": [
            {"person_id": b"b", "episode_id": f"b{NEW_YEAR}None", "from_date": day, "weekly_hours": hours}
            for day, hours in ((date(2024, 12, 31), 7), (date(2025, 1, 1), 8), (date(2025, 12, 31), 0))
        ],
    }
    found = [(r["year"], r["amount_ten_thousandths"]) for r in persons("hours", **raw)]
    # One episode of unknown hours, and c's total is unknown: not 3.
    assert sorted(found) == [(2024, 55_000), (2024, 70_000), (2025, 0)]


def plan(person, decided, ended=None, kind="action_plan"):
    return {
        "plan_id": f"{person}{decided}{kind}",
        "person_id": person.encode(),
        "kind": kind,
        "decided_date": decided,
        "ended_date": ended,
    }


def test_a_plan_is_asked_of_those_with_support_on_the_last_day(counted):
    raw = {
        "episode": [
            *(served(person, end=YEAR_END) for person in "abcdef"),
            served("g", end=date(2024, 12, 30)),
        ],
        "plan": [
            plan("a", date(2024, 12, 31)),
            plan("b", date(2025, 1, 1)),
            plan("c", date(2023, 1, 1), date(2024, 12, 31)),
            plan("d", date(2023, 1, 1), date(2024, 12, 30)),
            plan("e", date(2023, 1, 1), kind="transition"),
            plan("g", date(2023, 1, 1)),
        ],
    }
    assert counted("with_plan", **raw) == {2024: (6, 2)}


def test_plans_that_were_not_delivered_are_not_missing(counted):
    assert counted("with_plan", episode=[served(end=YEAR_END)]) == {}
    assert counted("with_plan", episode=[served(end=YEAR_END)], plan=[]) == {2024: (1, 0)}


def spell(person, status, first, last=None, domain="employment"):
    days = {"from_date": first, "to_date": last}
    return {"person_id": person.encode(), "domain": domain, "status_id": status} | days


def test_status_is_decembers_of_those_served_where_it_is_known(counted):
    raw = {
        "episode": [served(person, end=date(2024, 2, 1)) for person in "abcd"],
        "status_spell": [
            spell("a", "work", date(2024, 12, 15), date(2024, 12, 15)),
            spell("b", "cash_benefit", date(2024, 1, 1)),
            spell("c", "work", date(2024, 1, 1), date(2024, 12, 14)),
            spell("other", "work", date(2024, 1, 1)),
            spell("a", "homeless", date(2024, 12, 1), domain="housing"),
            spell("b", "own_home", date(2024, 12, 1), domain="housing"),
        ],
    }
    assert counted("in_work", **raw) == {2024: (2, 1)}
    # The share without a home of one's own, as the indicator asks.
    assert counted("not_housed", **raw) == {2024: (2, 1)}


def test_events_are_counted_of_everybody_served_however_many_of_one(given, rows):
    raw = {
        "episode": [served(person, end=date(2024, 2, 1)) for person in "abc"],
        "event": [
            {"person_id": person.encode(), "kind": kind, "event_date": day}
            for person, kind, day in (
                ("a", "crisis", date(2024, 1, 1)),
                ("a", "crisis", date(2024, 12, 31)),
                ("b", "crisis", date(2025, 1, 1)),
                ("b", "admission", date(2024, 1, 1)),
                ("c", "crisis", date(2024, 5, 1)),
                ("other", "crisis", date(2024, 5, 1)),
            )
        ],
    }
    (row,) = (
        r for r in rows(given(**raw), COUNTS) if r["indicator_id"] == "crises" and r["population"] == "year"
    )
    names = ("year", "n", "numerator", "event_count", "event_squares", "most_events")
    assert [row[name] for name in names] == [2024, 3, 2, 3, 5, 2]


def test_events_that_were_not_delivered_did_not_fail_to_happen(counted):
    assert counted("crises", episode=[served(end=YEAR_END)]) == {}
    assert counted("crises", episode=[served(end=YEAR_END)], event=[]) == {2024: (1, 0)}


def test_coherence_is_the_index_of_those_who_have_one(persons):
    raw = {
        "episode": [served(person, end=YEAR_END) for person in "ab"],
        "contact": [
            {"person_id": b"a", "contact_date": date(2024, 1, day), "provider_id": provider}
            for day, provider in ((1, "X"), (2, "X"), (3, "Y"))
        ],
    }
    assert [r["amount_ten_thousandths"] for r in persons("coherence", **raw)] == [3333]


# --- goals, endings and turning 18 ---


def goal(name, person="p", **fields):
    return {
        "goal_id": name,
        "person_id": person.encode(),
        "goal_type": "develop",
        "set_date": NEW_YEAR,
        "baseline_level": -1,
    } | fields


def test_a_goal_of_ones_own_is_asked_of_those_with_a_goal_whose_owner_is_known(counted):
    raw = {
        "individual_goal": [
            goal("1", "a", owner="person"),
            goal("2", "a", owner="professional"),
            goal("3", "b", owner="shared"),
            goal("4", "c", owner=None),
            goal("5", "b", owner="person", set_date=date(2025, 1, 1)),
        ]
    }
    assert counted("own_goal", **raw) == {2024: (2, 1), 2025: (1, 1)}


def test_the_latest_review_in_the_year_says_whether_a_goal_is_attained(counted):
    raw = {
        "individual_goal": [
            goal("1", "a", reviewed_date=date(2024, 5, 1), attained_level=0),
            goal("2", "a", reviewed_date=date(2024, 6, 1), attained_level=-1),
            goal("3", "b", reviewed_date=date(2024, 5, 1), attained_level=0),
            goal("4", "c", reviewed_date=date(2024, 5, 1), attained_level=None),
            goal("5", "d"),
        ]
    }
    assert counted("goal_attained", **raw) == {2024: (2, 1)}


def test_an_ending_is_planned_or_not_where_it_says_anything(counted):
    ended = [
        ("a", "completed", YEAR_END),
        ("b", "dropped_out", YEAR_END),
        ("c", "moved", YEAR_END),
        ("d", "died", YEAR_END),
        ("e", None, YEAR_END),
        ("f", "completed", None),
        ("g", "completed", date(2025, 1, 1)),
    ]
    raw = {"episode": [served(p, end=day, end_reason=reason) for p, reason, day in ended]}
    raw["episode"].append(
        served("a", end=date(2024, 1, 31), end_reason="dropped_out", intervention_id="other")
    )
    assert counted("completed", **raw) == {2024: (2, 1), 2025: (1, 1)}
    raw["episode"].append(served("h", end=YEAR_END, end_reason="completed", intervention_id="other"))
    assert counted("completed_support", **raw) == {2024: (2, 1), 2025: (1, 1)}
    assert counted("completed", **raw)[2024] == (3, 2)


def test_turning_18_was_prepared_in_time_or_not(counted):
    born = {"a": date(2006, 5, 1), "b": date(2006, 5, 1), "c": date(2008, 5, 1)}
    raw = {
        "person": [{"person_id": person.encode(), "birth_date": day} for person, day in born.items()],
        "episode": [served(person, date(2023, 1, 1)) for person in born],
        "plan": [plan("a", date(2024, 1, 1), kind="transition") | {"transition_kind": "turning_18"}],
    }
    assert counted("transitions", **raw) == {2024: (2, 1)}  # c's birthday lies ahead
    raw.pop("plan")
    assert counted("transitions", **raw) == {}


# --- segments ---


def test_each_segmentation_divides_all_by_age_at_the_end_of_the_year(given, rows):
    born = {"a": date(2006, 12, 31), "b": date(2007, 1, 1), "c": None}
    raw = {
        "episode": [served(person, end=YEAR_END) for person in born],
        "person": [
            {"person_id": person.encode(), "birth_date": day, "sex": {"a": "female"}.get(person)}
            for person, day in born.items()
        ],
    }
    found = {r["population"]: r["n"] for r in rows(given(**raw), COUNTS) if r["indicator_id"] == "served"}
    assert found == {
        "year": 3,
        "sex:female": 1, "sex:unknown": 2,
        "age_band:young": 1, "age_band:teenager": 1, "age_band:unknown": 1,
    }  # fmt: skip


# --- what is logged ---


def ambassador(name, joined, left=None, kind="citizen"):
    return {"ambassador_id": name, "kind": kind, "joined_date": joined, "left_date": left}


def logged(rows, connection, indicator_id, *names):
    found = (r for r in rows(connection, LOG) if r["indicator_id"] == indicator_id)
    return {(r["from_date"], r["to_date"]): tuple(r[name] for name in names) for r in found}


def year(number):
    return date(number, 1, 1), date(number, 12, 31)


def test_ambassadors_are_those_of_the_last_day(given, rows):
    connection = given(
        ambassador=[
            ambassador("1", date(2020, 12, 31)),
            ambassador("2", date(2021, 1, 1), kind="employee"),
            ambassador("3", date(2019, 5, 1), left=date(2020, 12, 31), kind="employee"),
            ambassador("4", date(2019, 5, 1), left=date(2021, 1, 1), kind="politician"),
            ambassador("5", date(2026, 2, 1)),  # after the data stop
        ]
    )
    found = logged(rows, connection, "ambassadors", "n", "numerator", "unit_count")
    assert found == {
        year(2019): (2, None, None),
        year(2020): (2, None, None),
        (None, date(2020, 12, 31)): (2, None, None),  # the target's day
        year(2021): (2, None, None),
    } | {year(y): (2, None, None) for y in (2022, 2023, 2024, 2025)}
    shares = logged(rows, connection, "citizen_ambassadors", "n", "numerator")
    assert shares[year(2019)] == (2, 0)
    assert shares[None, date(2020, 12, 31)] == (2, 1)


def activity(name, day, kind="network", **fields):
    return {"activity_id": name, "started_date": day, "kind": kind} | fields


def test_activities_are_those_of_the_period_and_a_year_without_any_is_none(given, rows):
    connection = given(
        activity=[
            activity("1", date(2018, 12, 31), citizen_count=1),
            activity("2", date(2019, 1, 1), citizen_count=0, organisation_count=2),
            activity("3", date(2020, 12, 31), organisation_count=3),
            activity("4", date(2020, 5, 1), "theme_day", with_municipality="yes", with_civil_society="yes"),
            activity("5", date(2021, 1, 1), with_municipality="yes", with_civil_society="no"),
            activity("6", date(2026, 2, 1)),
        ]
    )
    found = logged(rows, connection, "activities", "n", "unit_count", "unit_numerator")
    two_years = date(2019, 1, 1), date(2020, 12, 31)
    assert found[two_years] == (0, 3, None)
    assert [found[year(y)][1] for y in range(2018, 2026)] == [1, 1, 2, 1, 0, 0, 0, 0]
    assert year(2017) not in found
    theme_days = logged(rows, connection, "theme_days", "unit_count")
    assert [theme_days[year(y)][0] for y in (2019, 2020, 2021)] == [0, 1, 0]
    # Of two it is told whether citizens took part, of two whether both sectors did.
    citizens = logged(rows, connection, "with_citizens", "unit_count", "unit_numerator")
    assert [citizens[year(y)] for y in (2018, 2019, 2020)] == [(1, 1), (1, 0), (0, 0)]
    sectors = logged(rows, connection, "both_sectors", "unit_count", "unit_numerator")
    assert [sectors[year(y)] for y in (2020, 2021)] == [(1, 1), (1, 0)]
    organisations = logged(rows, connection, "organisations", "unit_count")
    assert [organisations[year(y)][0] for y in (2019, 2020, 2022)] == [2, 3, 0]
    # There were activities, but none says how many took part: that is no zero.
    assert not {year(2018), year(2021)} & organisations.keys()


def test_what_was_not_logged_at_all_has_no_row(given, rows):
    assert rows(given(episode=[episode()]), LOG) == []


def action(name, status="done", **fields):
    return {
        "action_id": name,
        "year": 2025,
        "goal_id": "A-G1",
        "title_da": "x",
        "owner_role": "x",
        "deadline_date": date(2025, 6, 30),
        "status": status,
    } | fields


def test_an_action_is_done_in_time_or_not_once_its_deadline_has_passed(given, rows):
    connection = given(
        action=[
            action("1", done_date=date(2025, 6, 30)),
            action("2", done_date=date(2025, 7, 1)),
            action("3", done_date=None),  # on a day that is not told
            action("4", "dropped"),
            action("5", "started"),
            action("6", "planned", deadline_date=date(2026, 1, 31)),
        ]
    )
    assert logged(rows, connection, "actions", "unit_count", "unit_numerator") == {year(2025): (4, 1)}
