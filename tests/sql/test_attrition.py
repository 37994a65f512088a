"""Every episode is counted or lacks something, and it adds up to the strategy (method, section 2)."""

from datetime import date, timedelta

import pytest

from pipelines.catalogue import Outcome
from tests.sql import conftest
from tests.sql.chain import check_chain
from tests.sql.conftest import REFERENCE_DATE, START

HORIZON = date(2024, 9, 1)  # six months after the start
BEFORE = {"measured_date": START, "score": 40}
AFTER = {"measured_date": HORIZON, "score": 60}
NEVER = {"started_date": None}
SHORT = 28  # the parameter short_episode_days
STAFF = {"respondent": "staff"}

# name: (reason, episode, measurements, person)
CASES = {
    "nothing known": ("no_date", NEVER, (), {}),
    "closed before start": ("withdrawn", NEVER | {"decided_date": START, "ended_date": START}, (), {}),
    "died waiting": ("withdrawn", NEVER | {"decided_date": START}, (), {"death_date": START}),
    "asked": ("awaiting_decision", NEVER | {"requested_date": START}, (), {}),
    "decided": ("awaiting_start", NEVER | {"requested_date": START, "decided_date": START}, (), {}),
    "only decided": ("awaiting_start", NEVER | {"decided_date": START}, (), {}),
    "starts later": (
        "awaiting_start",
        {"decided_date": START, "started_date": REFERENCE_DATE + timedelta(1)},
        (),
        {},
    ),
    "no outcome": ("no_outcome", {"intervention_id": "bare"}, (BEFORE, AFTER), {}),
    "too early": ("outside_window", {"started_date": date(2022, 12, 31)}, (), {}),
    "first day": ("not_measured", {"started_date": date(2023, 1, 1)}, (), {}),
    "after the year": ("outside_window", {"started_date": date(2026, 1, 1)}, (), {}),
    "open": ("window_open", {"started_date": date(2025, 7, 15)}, (), {}),
    "dead": ("died", {}, (BEFORE,), {"death_date": HORIZON, "moved_date": HORIZON}),
    "moved": ("moved", {}, (BEFORE,), {"moved_date": HORIZON + timedelta(45)}),
    "moved the day after": ("no_follow_up", {}, (BEFORE,), {"moved_date": HORIZON + timedelta(46)}),
    "moved, but measured": ("counted", {}, (BEFORE, AFTER), {"moved_date": HORIZON}),
    "short": ("too_short", {"ended_date": START + timedelta(SHORT - 1)}, (BEFORE,), {}),
    "long enough": ("no_follow_up", {"ended_date": START + timedelta(SHORT)}, (BEFORE,), {}),
    "short, but measured": ("counted", {"ended_date": START + timedelta(1)}, (BEFORE, AFTER), {}),
    "short, no baseline": ("no_baseline", {"ended_date": START + timedelta(1)}, (AFTER,), {}),
    "not measured": ("not_measured", {}, (), {}),
    "another instrument": ("not_measured", {}, (BEFORE | {"instrument_id": "UNKNOWN"},), {}),
    "between the windows": (
        "not_measured",
        {},
        (BEFORE | {"measured_date": START + timedelta(60)},),
        {},
    ),
    "only after": ("no_baseline", {}, (AFTER,), {}),
    "others after": ("no_baseline", {}, (AFTER | STAFF,), {}),
    "others before": ("wrong_respondent_baseline", {}, (BEFORE | STAFF, AFTER), {}),
    "others before too": ("counted", {}, (BEFORE, BEFORE | STAFF, AFTER), {}),
    "others at follow-up": ("wrong_respondent", {}, (BEFORE, AFTER | STAFF), {}),
    "others too soon": (
        "no_follow_up",
        {},
        (BEFORE, AFTER | STAFF | {"measured_date": HORIZON - timedelta(46)}),
        {},
    ),
    "another version": (
        "other_version",
        {},
        (BEFORE | {"version": "1"}, AFTER | {"version": "2"}),
        {},
    ),
    "version unknown once": ("other_version", {}, (BEFORE, AFTER | {"version": "2"}), {}),
    "others, and another version": (
        "wrong_respondent",
        {},
        (BEFORE | {"version": "1"}, AFTER | {"version": "2"}, AFTER | STAFF),
        {},
    ),
    "same version": ("counted", {}, (BEFORE | {"version": "2"}, AFTER | {"version": "2"}), {}),
    "measured once": ("no_follow_up", {}, (BEFORE,), {}),
    "at ceiling": ("counted", {}, (BEFORE | {"score": 95}, AFTER), {}),
    "measured twice": ("counted", {}, (BEFORE, AFTER), {}),
}


@pytest.fixture
def tables():
    return ("strategy.attrition", "intervention.population")


@pytest.fixture
def built(given, monkeypatch):
    """Every case at once, each a person of the same name; support has an outcome more, `bare` has none."""
    plain = conftest.small_catalogue

    def wider(real):
        small = plain(real)
        support, *others = small.interventions
        second = Outcome(instrument="DOWN", respondent="self", goal="A-G2")
        more = support.model_copy(update={"outcomes": (*support.outcomes, second)})
        bare = support.model_copy(update={"id": "bare", "outcomes": ()})
        return small.model_copy(update={"interventions": (more, bare, *others)})

    monkeypatch.setattr(conftest, "small_catalogue", wider)
    episodes, measurements, people = [], [], []
    for name, (_, episode, scores, person) in CASES.items():
        mine = {"person_id": name.encode()}
        episodes.append(mine | {"episode_id": name} | episode)
        measurements += [mine | score for score in scores]
        people.append(mine | person)
    # A person of several episodes: again in the same support, and in another one.
    twice = {"person_id": b"measured twice"}
    episodes.append(twice | {"episode_id": "again", "started_date": START + timedelta(3)})
    episodes.append(twice | {"episode_id": "elsewhere", "intervention_id": "other"})
    measurements += [twice | m | {"instrument_id": "DOWN"} for m in (BEFORE, AFTER)]
    return given(episode=episodes, measurement=measurements, person=people)


def test_each_episode_has_the_first_thing_it_lacks(built, rows):
    found = rows(built, "SELECT * FROM individual.attrition WHERE outcome_id IN ('UP:self', 'NONE')")
    reasons = {row["episode_id"]: row["reason"] for row in found}
    assert reasons == {name: case[0] for name, case in CASES.items()} | {"again": "repeat_episode"}
    at_ceiling = {row["episode_id"]: row["is_at_ceiling"] for row in found}
    assert (at_ceiling["at ceiling"], at_ceiling["same version"]) == (True, False)
    assert at_ceiling["measured once"] is None
    listed = rows(built, "SELECT reason, step FROM individual.attrition_reason")
    assert {row["reason"] for row in listed} == set(reasons.values())
    assert sorted(row["step"] for row in listed) == list(range(1, len(listed) + 1))


def test_only_what_may_be_measured_is_in_the_denominator_of_coverage(built, rows):
    found = rows(
        built,
        "SELECT reason, min(is_eligible) AS least, max(is_eligible) AS most"
        " FROM individual.attrition GROUP BY ALL",
    )
    assert all(row["least"] == row["most"] for row in found)
    assert {row["reason"] for row in found if not row["most"]} == {
        "no_date", "withdrawn", "awaiting_decision", "awaiting_start", "no_outcome", "outside_window",
        "repeat_episode", "window_open", "died", "moved",
    }  # fmt: skip


def test_every_level_adds_up_to_its_whole_and_to_the_level_below(built, rows):
    check_chain(built)
    (whole,) = rows(
        built,
        "SELECT episode_count, person_count, at_ceiling_count FROM strategy.attrition"
        " WHERE level = 'strategy' AND reason = 'counted'",
    )
    counted = [name for name, case in CASES.items() if case[0] == "counted"]
    assert whole == {
        "episode_count": len(counted) + 1,
        "person_count": len(counted),
        "at_ceiling_count": 1,
    }


def test_the_reached_persons_of_an_intervention_are_those_of_its_published_parts(built, rows):
    found = rows(
        built,
        "SELECT outcome_id, sum(person_count) AS n FROM strategy.attrition"
        " WHERE level = 'outcome' AND intervention_id = 'support' AND published_part IS NOT NULL"
        " GROUP BY ALL",
    )
    (reached,) = rows(
        built, "SELECT person_count FROM intervention.population WHERE intervention_id = 'support'"
    )
    assert {row["n"] for row in found} == {reached["person_count"]}
