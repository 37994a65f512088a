"""A person's own goals: how they stood at their latest review, and T (method, section 3.7)."""

import math
from datetime import date, timedelta
from random import Random

import pytest

from tests.sql.conftest import REFERENCE_DATE, START

DAY = timedelta(1)
SET, REVIEWED = START, date(2024, 9, 1)
PARTS = ("goal_count", "new_goal_count", "reviewed_goal_count", "judged_goal_count", "successful_goal_count")


def goal(name="g", level=0, **others):
    row = {"goal_id": name, "goal_type": "develop", "owner": "person", "set_date": SET}
    return row | {"reviewed_date": REVIEWED, "attained_level": level} | others


@pytest.fixture
def tables():
    return ("individual.goal_attainment",)


@pytest.fixture
def reviewed(given, rows):
    """Return the goals by id, each as it stood."""

    def build(*goals, **raw):
        connection = given(**{"episode": [{}], "individual_goal": goals} | raw)
        return {r["goal_id"]: r for r in rows(connection, "SELECT * FROM individual.goal_review")}

    return build


@pytest.fixture
def attained(given, rows):
    """Return the rows by (episode, owner)."""

    def build(*goals, **raw):
        connection = given(**{"episode": [{}], "individual_goal": goals} | raw)
        found = rows(connection, "SELECT * FROM individual.goal_attainment")
        return {(r["episode_id"], r["owner"]): r for r in found}

    return build


# --- one goal ---


@pytest.mark.parametrize("goal_type", ["develop", "maintain", "limit_loss"])
@pytest.mark.parametrize(("level", "is_success"), [(-2, False), (-1, False), (0, True), (1, True), (2, True)])
def test_as_expected_or_better_is_success_for_every_type(reviewed, goal_type, level, is_success):
    row = reviewed(goal(level=level, goal_type=goal_type))["g"]
    assert (row["is_success"], row["reason_not_judged"]) == (is_success, None)


@pytest.mark.parametrize(
    ("goal_type", "right"), [("develop", {-2, -1}), ("maintain", {0}), ("limit_loss", {1, 2})]
)
@pytest.mark.parametrize("baseline", [-2, -1, 0, 1, 2])
def test_a_scale_that_contradicts_its_type_judges_nobody(attained, reviewed, goal_type, right, baseline):
    """Unchanged is 0 where the goal is to maintain; one to develop that began at 0 was reached already."""
    row = reviewed(goal(level=1, goal_type=goal_type, baseline_level=baseline))["g"]
    expected = (True, None) if baseline in right else (None, "scale_contradicts_type")
    assert (row["is_success"], row["reason_not_judged"]) == expected


def test_a_contradicting_scale_gives_no_t(attained):
    row = attained(goal(), goal("h", goal_type="maintain", baseline_level=-1))["e", "all"]
    assert (row["t_score"], row["reason_no_t_score"]) == (None, "scale_contradicts_type")
    assert [row[p] for p in PARTS] == [2, 0, 2, 1, 1]


@pytest.mark.parametrize("step", [1, -1])
def test_the_latest_review_no_later_than_the_reference_date_counts(reviewed, step):
    delivered = [
        goal(level=-1),
        goal(level=1, reviewed_date=REFERENCE_DATE),
        goal(level=2, reviewed_date=REFERENCE_DATE + DAY),
    ]
    row = reviewed(*delivered[::step])["g"]
    assert (row["reviewed_date"], row["attained_level"]) == (REFERENCE_DATE, 1)


def test_a_goal_whose_only_review_is_still_to_come_is_there_without_one(reviewed):
    row = reviewed(goal(reviewed_date=REFERENCE_DATE + DAY))["g"]
    assert (row["reviewed_date"], row["attained_level"]) == (None, None)
    assert (row["is_success"], row["reason_not_judged"]) == (None, "no_review")


def test_a_goal_set_after_the_reference_date_is_none_yet(reviewed):
    late = goal("late", set_date=REFERENCE_DATE + DAY, reviewed_date=None)
    assert reviewed(goal(set_date=REFERENCE_DATE, reviewed_date=REFERENCE_DATE), late).keys() == {"g"}


def test_a_latest_review_without_a_level_does_not_fall_back_on_an_earlier(reviewed):
    row = reviewed(goal(level=1), goal(level=None, reviewed_date=REVIEWED + DAY))["g"]
    assert (row["reviewed_date"], row["attained_level"]) == (REVIEWED + DAY, None)
    assert (row["is_success"], row["reason_not_judged"]) == (None, "attained_level_missing")


def test_a_goal_is_judged_as_it_was_set(reviewed):
    """A type, weight, owner or expectation changed at a review would fit the goal to its result."""
    first = {"goal_type": "develop", "owner": "person", "weight": 1, "baseline_level": -1}
    later = {"goal_type": "limit_loss", "owner": "professional", "weight": 9, "baseline_level": 2}
    row = reviewed(
        goal(reviewed_date=None, level=None, **first),
        goal(level=1, expected_change=-5, **later),
        goal(level=1, reviewed_date=REVIEWED + DAY, expected_change=-50, **later),
    )["g"]
    assert (row["goal_type"], row["owner"], row["weight_ten_thousandths"]) == ("develop", "person", 10000)
    assert (row["baseline_level"], row["expected_change_hundredths"]) == (-1, -500)


@pytest.mark.parametrize("episode", [None, "unknown", "another's"])
def test_a_goal_without_an_episode_of_ones_own_is_the_persons(attained, episode):
    episodes = [{}, {"episode_id": "another's", "person_id": b"q"}]
    found = attained(goal(episode_id=episode), goal("h", level=2), episode=episodes)
    assert found.keys() == {(None, "person"), (None, "all"), ("e", "person"), ("e", "all")}
    assert (found[None, "all"]["t_score"], found[None, "all"]["intervention_id"]) == (50, None)
    assert (found["e", "all"]["t_score"], found["e", "all"]["intervention_id"]) == (70, "support")


def test_two_persons_goals_without_an_episode_stay_apart(given, rows):
    connection = given(
        episode=[], individual_goal=[goal(episode_id=None), goal("h", episode_id=None, person_id=b"q")]
    )
    found = rows(connection, "SELECT * FROM individual.goal_attainment WHERE owner = 'all'")
    assert [r["goal_count"] for r in found] == [1, 1]


# --- T ---


def t(levels, weights, rho=0.3):
    spread = (1 - rho) * sum(w * w for w in weights) + rho * sum(weights) ** 2
    return 50 + 10 * sum(w * x for w, x in zip(weights, levels, strict=True)) / math.sqrt(spread)


def test_before_and_after_and_whose_goal(attained):
    found = attained(
        goal("a", level=1, weight=3, baseline_level=-1),
        goal("b", level=-1, weight=1, baseline_level=-2, owner="professional"),
        goal("c", level=0, weight=2, baseline_level=-2, owner=None),
    )
    assert found.keys() == {("e", owner) for owner in ("person", "professional", "unknown", "all")}
    everybody = found["e", "all"]
    assert everybody["t_score"] == pytest.approx(t((1, -1, 0), (3, 1, 2)), rel=1e-14)
    assert everybody["baseline_t_score"] == pytest.approx(t((-1, -2, -2), (3, 1, 2)), rel=1e-14)
    assert everybody["latest_review_date"] == REVIEWED
    assert everybody["success_share"] == pytest.approx(2 / 3)
    assert [found["e", o]["t_score"] for o in ("person", "professional", "unknown")] == [60, 40, 50]


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ((None, None), None),  # nobody weighs: all count the same
        ((0, 1), None),  # a weight of 0 is a choice
        ((0.3333, 0.6667), None),
        ((None, 1), "weight_missing"),
        ((None, 0), "weight_missing"),
        ((0, 0), "weights_zero"),
    ],
)
def test_weights(attained, weights, reason):
    row = attained(
        goal("a", level=2, weight=weights[0], baseline_level=-1),
        goal("b", level=-1, weight=weights[1], baseline_level=-1),
    )["e", "all"]
    assert row["reason_no_t_score"] == row["reason_no_baseline_t_score"] == reason
    expected = None if reason else pytest.approx(t((2, -1), [1 if w is None else w for w in weights]))
    assert row["t_score"] == expected
    assert row["success_share"] == 0.5  # success does not weigh


def test_a_goal_passed_over_at_the_review_leaves_no_t(attained):
    """Goals that went badly are those not reviewed."""
    row = attained(goal(level=2, baseline_level=-1), goal("b", reviewed_date=None, baseline_level=-1))[
        "e", "all"
    ]
    assert (row["t_score"], row["reason_no_t_score"]) == (None, "goal_not_reviewed")
    assert row["baseline_t_score"] == pytest.approx(t((-1, -1), (1, 1)))
    assert [row[p] for p in PARTS] == [2, 0, 1, 1, 1]


@pytest.mark.parametrize(("days", "is_new"), [(-1, False), (0, True), (1, True)])
def test_a_goal_set_at_the_review_or_later_is_new(attained, days, is_new):
    late = goal("b", set_date=REVIEWED + days * DAY, reviewed_date=None, level=None, weight=None)
    row = attained(goal(level=2, weight=2, baseline_level=-2), late)["e", "all"]
    assert (row["goal_count"], row["new_goal_count"]) == (2, int(is_new))
    assert row["t_score"] == (70 if is_new else None)
    assert row["baseline_t_score"] == (30 if is_new else None)


def test_no_review_at_all(attained):
    row = attained(goal(reviewed_date=None, level=None, baseline_level=-1))["e", "all"]
    assert (row["t_score"], row["reason_no_t_score"]) == (None, "no_review")
    assert (row["success_share"], row["latest_review_date"], row["baseline_t_score"]) == (None, None, 40)


def test_a_level_unknown_when_the_goal_was_set_leaves_no_t_before(attained):
    row = attained(goal(baseline_level=-1), goal("b"))["e", "all"]
    assert (row["baseline_t_score"], row["reason_no_baseline_t_score"]) == (None, "baseline_level_missing")
    assert row["t_score"] == 50


def test_a_level_of_a_review_without_a_date_is_no_review(attained):
    row = attained(goal(reviewed_date=None, level=2))["e", "all"]
    assert row["reason_no_t_score"] == "no_review"


def test_without_the_extract_there_are_no_goals(given, rows):
    assert rows(given(episode=[{}]), "SELECT * FROM individual.goal_attainment") == []


def test_t_is_that_of_the_formula_and_lies_between_the_extremes(attained):
    """Two hundred sets; nobody's T leaves the T of all goals at their worst and at their best."""
    random = Random(7)
    drawn = [
        [(random.randint(-2, 2), random.randint(0, 9) / 4) for _ in range(random.randint(1, 6))] + [(1, 0.25)]
        for _ in range(200)
    ]
    goals = [
        goal(f"{place}-{number}", level=level, weight=weight, episode_id=str(place))
        for place, listed in enumerate(drawn)
        for number, (level, weight) in enumerate(listed)
    ]
    found = attained(*goals, episode=[{"episode_id": str(place)} for place in range(len(drawn))])
    for place, listed in enumerate(drawn):
        levels, weights = zip(*listed, strict=True)
        score = found[str(place), "all"]["t_score"]
        assert score == pytest.approx(t(levels, weights), rel=1e-12)
        worst, best = (t([x] * len(levels), weights) for x in (-2, 2))
        assert worst <= score <= best
