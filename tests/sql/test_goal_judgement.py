"""Success of a pair by the type of the goal, and the share of it (method, section 3.7)."""

from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest

from pipelines.warehouse import ladder, reference
from tests.sql import conftest
from tests.sql.conftest import START

DAY = timedelta(1)
BEFORE, AFTER = START, date(2024, 9, 1)
CATEGORIES = ("recovered", "improved", "unchanged", "deteriorated")
(JUDGEMENT,) = (model for model in ladder.load_models() if model.name == "individual.goal_judgement")
KEY = {"episode_id": "e", "instrument_id": "UP", "respondent": "self"}
SCHEMAS = {
    "individual.reliable_change": {
        **dict.fromkeys((*KEY, "follow_up_kind", "category"), pa.string()),
        "follow_up_date": pa.date32(),
        "change_hundredths": pa.int64(),
    },
    "individual.episode_outcome": dict.fromkeys((*KEY, "intervention_id", "outcome_id"), pa.string()),
    "ref.intervention_outcome": dict.fromkeys(("intervention_id", "outcome_id", "goal_type"), pa.string()),
    "individual.expected_change": {
        **dict.fromkeys((*KEY, "follow_up_kind"), pa.string()),
        "versus_expected": pa.float64(),
    },
    "individual.goal_review": {
        **dict.fromkeys(("goal_id", "episode_id", "instrument_id", "goal_type", "owner"), pa.string()),
        "expected_change_hundredths": pa.int64(),
        "set_date": pa.date32(),
    },
}


def goal(goal_type, name="g", **others):
    row = {"goal_id": name, "goal_type": goal_type, "owner": "person", "set_date": BEFORE}
    return KEY | row | others


def judge(*goals, category="unchanged", change=0, versus=None, declared="develop"):
    """Return the judgement of one pair: its category and change in points, and how it did against E0."""
    pair = KEY | {"follow_up_kind": "primary"}
    outcome = {"intervention_id": "support", "outcome_id": "UP:self"}
    tables = {
        "individual.reliable_change": [
            pair
            | {
                "category": category,
                "follow_up_date": AFTER,
                "change_hundredths": None if change is None else round(100 * change),
            }
        ],
        "individual.episode_outcome": [KEY | outcome],
        "ref.intervention_outcome": [outcome | {"goal_type": declared}],
        "individual.expected_change": [pair | {"versus_expected": versus}],
        "individual.goal_review": goals,
    }
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA individual; CREATE SCHEMA ref")
        for name, rows in tables.items():
            schema = pa.schema(list(SCHEMAS[name].items()))
            kept = [{column: row.get(column) for column in schema.names} for row in rows]
            reference.create_table(connection, name, pa.Table.from_pylist(kept, schema=schema))
        list(ladder.build(connection, (JUDGEMENT,), ("individual",)))
        (row,) = connection.execute(f"SELECT * FROM {JUDGEMENT.name}").to_arrow_table().to_pylist()
    return row


def verdict(row):
    return row["is_success"], row["reason_not_judged"]


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize(
    ("goal_type", "successes"),
    [("develop", ("recovered", "improved")), ("maintain", ("recovered", "improved", "unchanged"))],
)
@pytest.mark.parametrize("category", CATEGORIES)
def test_success_by_category(is_own, goal_type, successes, category):
    """The type is the person's own goal's, else the one declared for the outcome."""
    other = "maintain" if goal_type == "develop" else "develop"
    given = (goal(goal_type),) if is_own else ()
    row = judge(*given, category=category, declared=other if is_own else goal_type)
    assert verdict(row) == (category in successes, None)
    assert (row["goal_type"], row["goal_owner"]) == (goal_type, "person" if is_own else None)


@pytest.mark.parametrize("goal_type", ["develop", "maintain"])
def test_without_a_norm_there_is_no_category_and_no_judgement(goal_type):
    assert verdict(judge(goal(goal_type), category=None, change=40)) == (None, "no_category")


@pytest.mark.parametrize(
    ("change", "expected", "is_success"),
    [(-3, -5, True), (-4.99, -5, True), (-5, -5, False), (-5.01, -5, False), (0, -0.01, True), (8, -5, True)],
)
@pytest.mark.parametrize("category", [*CATEGORIES, None])
def test_a_loss_smaller_than_the_goal_expected_is_success(change, expected, is_success, category):
    """Whatever the category: a reliable loss may still be smaller than the expected one."""
    given = goal("limit_loss", expected_change_hundredths=round(100 * expected))
    assert verdict(judge(given, change=change, category=category)) == (is_success, None)


@pytest.mark.parametrize(
    ("versus", "expected"),
    [
        (0.01, (True, None)),
        (0.0, (False, None)),
        (-2.0, (False, None)),
        (None, (None, "no_expected_change")),
    ],
)
@pytest.mark.parametrize("is_own", [True, False])
def test_without_an_expectation_of_its_own_a_loss_is_held_against_e0(versus, expected, is_own):
    given = (goal("limit_loss"),) if is_own else ()
    assert verdict(judge(*given, change=-3, versus=versus, declared="limit_loss")) == expected


def test_the_goals_own_expectation_goes_before_e0():
    given = goal("limit_loss", expected_change_hundredths=-500)
    assert verdict(judge(given, change=-3, versus=-9.0)) == (True, None)
    assert verdict(judge(given, change=-6, versus=9.0)) == (False, None)


@pytest.mark.parametrize("expected", [0, 500])
def test_an_expected_loss_that_is_none_judges_nobody(expected):
    """The loss of 5 points written as 5 would make a loss of 4 a failure."""
    given = goal("limit_loss", expected_change_hundredths=expected)
    assert verdict(judge(given, change=9, versus=9.0)) == (None, "expected_change_is_no_loss")


def test_the_expectation_of_another_type_is_of_no_meaning():
    assert verdict(judge(goal("maintain", expected_change_hundredths=500))) == (True, None)


@pytest.mark.parametrize(("days", "counts"), [(-1, True), (0, False), (1, False)])
def test_a_goal_set_on_the_day_of_the_follow_up_knows_the_answer(days, counts):
    row = judge(goal("maintain", set_date=AFTER + days * DAY))
    assert row["goal_type"] == ("maintain" if counts else "develop")


@pytest.mark.parametrize("elsewhere", [{"episode_id": "f"}, {"instrument_id": "DOWN"}, {"episode_id": None}])
def test_a_goal_on_something_else_does_not_count(elsewhere):
    row = judge(goal("maintain", **elsewhere))
    assert (row["goal_type"], row["goal_owner"]) == ("develop", None)


def test_of_several_goals_the_persons_own_counts_then_the_first_set():
    owners = {None: "unknown", "professional": "professional", "shared": "shared", "person": "person"}
    goals = []
    for place, (owner, shown) in enumerate(owners.items()):
        # Each more important one is set later, so that only its owner can put it first.
        goals.append(goal("maintain", f"g{place}", owner=owner, set_date=BEFORE + place * DAY))
        assert judge(*goals)["goal_owner"] == judge(*goals[::-1])["goal_owner"] == shown
    earlier = goal("limit_loss", "h", set_date=BEFORE, expected_change_hundredths=-100)
    assert judge(*goals, earlier)["goal_type"] == "limit_loss"
    same_day = goal("develop", "a", set_date=BEFORE)
    assert judge(*goals, earlier, same_day)["goal_type"] == "develop"


# --- the share, through the whole ladder ---


@pytest.fixture
def tables():
    return ("intervention.share_count",)


@pytest.fixture
def success(given, rows, monkeypatch):
    """Return the share's numerator, n and lacks for people by (change in points, goal or None)."""

    def build(*people, declared="develop", intervention="support", instrument="UP"):
        real = conftest.small_catalogue

        def typed(catalogue):
            small = real(catalogue)
            interventions = [
                i.model_copy(
                    update={
                        "outcomes": tuple(
                            o.model_copy(
                                update={"goal_type": declared if i.id == intervention else "develop"}
                            )
                            for o in i.outcomes
                        )
                    }
                )
                for i in small.interventions
            ]
            return small.model_copy(update={"interventions": tuple(interventions)})

        monkeypatch.setattr(conftest, "small_catalogue", typed)
        raw = {"episode": [], "measurement": [], "individual_goal": []}
        for place, (change, own) in enumerate(people):
            person = {"person_id": str(place).encode(), "episode_id": str(place), "instrument_id": instrument}
            raw["episode"].append(person | {"intervention_id": intervention})
            for day, score in ((BEFORE, 60), (AFTER, 60 + change)):
                raw["measurement"].append(person | {"measured_date": day, "score": score})
            if own:
                row = goal(own[0], f"g{place}") | {"expected_change": own[1]} | person
                raw["individual_goal"].append(row)
        counted = rows(
            given(**raw),
            "SELECT * FROM intervention.share_count"
            f" WHERE intervention_id = '{intervention}' AND population = 'window'",
        )
        shares = {r["statistic"]: r for r in counted}
        return tuple(shares["share_success"][name] for name in ("numerator", "n", "lacks")), shares

    return build


# An error of measurement of 10 points: reliable beyond 19.6.
PEOPLE = ((30, None), (10, None), (-10, None), (-30, None))


@pytest.mark.parametrize(("declared", "numerator"), [("develop", 1), ("maintain", 3)])
def test_with_one_type_success_is_the_reliably_improved_or_those_not_deteriorated(
    success, declared, numerator
):
    found, shares = success(*PEOPLE, declared=declared)
    assert found == (numerator, 4, None)
    assert shares["share_reliably_improved"]["numerator"] == 1
    assert shares["share_deteriorated"]["numerator"] == 1


def test_the_persons_own_types_go_before_the_declared(success):
    found, _ = success(
        *PEOPLE, (0, ("maintain", None)), (-30, ("limit_loss", -35)), (-30, ("limit_loss", -25))
    )
    assert found == (1 + 1 + 1, 7, None)


def test_one_who_could_not_be_judged_leaves_no_share(success):
    """Those nobody foresaw a loss for would else be left out of a share that stands beside all."""
    found, shares = success(*PEOPLE, (-10, ("limit_loss", None)))
    assert found == (None, 5, "goal_not_judged")
    assert shares["share_reliably_improved"]["numerator"] == 1


@pytest.mark.parametrize("declared", ["develop", "maintain"])
def test_without_a_norm_there_is_no_share(success, declared):
    found, _ = success((30, None), declared=declared, intervention="unmeasured", instrument="UNKNOWN")
    assert found == (None, 1, "no_norm")


def test_losses_held_against_their_own_expectation_need_no_norm(success):
    found, _ = success(
        (-3, ("limit_loss", -5)),
        (-7, ("limit_loss", -5)),
        declared="limit_loss",
        intervention="unmeasured",
        instrument="UNKNOWN",
    )
    assert found == (1, 2, None)


def test_nobody_measured(success):
    assert success()[0] == (0, 0, None)
    assert success(declared="limit_loss")[0] == (0, 0, None)
