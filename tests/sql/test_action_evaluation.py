"""The yearly plan's actions: late or not on the reference date, and the expected beside the measured."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from pipelines.warehouse import ladder, reference
from tests.sql.conftest import REFERENCE_DATE

PROGRESS, EVALUATION = "strategy.action_progress", "marts.action_evaluation"
ACTION = {
    "action_id": "a",
    "year": 2025,
    "goal_id": "A-G1",
    "intervention_id": None,
    "indicator_id": "days_to_start",
    "title_da": "Handling",
    "owner_role": "Leder",
    "deadline_date": date(2025, 12, 31),
    "status": "done",
    "done_date": date(2025, 6, 1),
    "expected_change": 10.0,
}
FIGURE = pa.schema(
    [
        *((name, pa.string()) for name in ("goal_id", "indicator_id", "population", "law")),
        *((name, pa.int64()) for name in ("year", "n", "baseline_year", "previous_year")),
        *((name, pa.float64()) for name in ("change", "change_lower", "change_upper")),
        *((name, pa.float64()) for name in ("previous_change", "previous_lower", "previous_upper")),
    ]
)
EFFECT = pa.schema(
    [
        *((name, pa.string()) for name in ("intervention_id", "outcome_id", "design", "specification")),
        *((name, pa.string()) for name in ("population", "follow_up_kind", "statistic")),
        *((name, pa.float64()) for name in ("estimate", "lower", "upper")),
        ("n", pa.int64()),
    ]
)
DEVELOPMENT = {
    "intervention_id": "support",
    "outcome_id": "UP:self",
    "design": "D1",
    "specification": "main",
    "population": "window",
    "follow_up_kind": "primary",
    "statistic": "mean_change",
    "estimate": 8.0,
    "lower": 5.0,
    "upper": 11.0,
    "n": 60,
}


def figure(change=None, lower=None, upper=None, *, law="median", **known):
    """A year's row of an indicator that moved `change` since the year before."""
    moved = {"previous_change": change, "previous_lower": lower, "previous_upper": upper}
    standing = {
        "goal_id": "A-G1",
        "indicator_id": "days_to_start",
        "population": "year",
        "year": 2025,
        "n": 80,
    }
    return standing | {"law": law, "previous_year": 2024 if change is not None else None} | moved | known


@pytest.fixture
def tables():
    return (PROGRESS,)


@pytest.fixture
def progress(given, rows):
    """Return a function from what is known of one action to its row of action_progress."""

    def build(**known):
        connection = given(action=[ACTION | known])
        return rows(connection, f"SELECT * FROM {PROGRESS}")[0]

    return build


@pytest.fixture
def evaluations(given, rows):
    """Return a function from actions, figures and developments to the rows of the mart."""

    def build(actions, figures=(), effects=(), reference_date=REFERENCE_DATE):
        connection = given(action=[ACTION | {"action_id": f"a{i}"} | a for i, a in enumerate(actions)])
        connection.execute("UPDATE ref.run SET reference_date = ?", [reference_date])
        connection.execute("CREATE SCHEMA estimate")
        for name, found, schema in (
            ("strategy_indicator", figures, FIGURE),
            ("intervention_effect", [DEVELOPMENT | e for e in effects], EFFECT),
        ):
            whole = [{column: row.get(column) for column in schema.names} for row in found]
            reference.create_table(connection, f"estimate.{name}", pa.Table.from_pylist(whole, schema=schema))
        list(ladder.build(connection, [m for m in ladder.load_models() if m.name == EVALUATION], ("marts",)))
        return rows(connection, f"SELECT * FROM {EVALUATION} ORDER BY action_id")

    return build


@pytest.fixture
def evaluation(evaluations):
    """Return a function from what is known of one action to its row of the mart."""
    return lambda figures=(), effects=(), **action: evaluations([action], figures, effects)[0]


BEFORE, AFTER = REFERENCE_DATE - timedelta(days=1), REFERENCE_DATE + timedelta(days=1)


@pytest.mark.parametrize(
    ("deadline", "status", "done", "is_late"),
    [
        (BEFORE, "done", BEFORE, False),
        (BEFORE, "done", REFERENCE_DATE, True),
        (BEFORE, "done", None, None),
        (REFERENCE_DATE, "done", None, False),
        (BEFORE, "done", AFTER, True),
        (REFERENCE_DATE, "done", AFTER, False),
        (BEFORE, "planned", None, True),
        (BEFORE, "started", None, True),
        (REFERENCE_DATE, "started", None, False),
        (AFTER, "planned", None, False),
        (BEFORE, "dropped", None, False),
        # Only a done action has a day when it was done.
        (BEFORE, "started", BEFORE, True),
    ],
)
def test_late_is_what_was_not_done_on_its_deadline(progress, deadline, status, done, is_late):
    row = progress(deadline_date=deadline, status=status, done_date=done)
    assert row["is_late"] is is_late
    assert row["reason_lateness_unknown"] == ("no_done_date" if is_late is None else None)


@pytest.mark.parametrize(
    ("status", "done", "is_done", "stands"),
    [
        ("done", REFERENCE_DATE, True, "done"),
        ("done", None, True, "done"),
        ("done", AFTER, False, "started"),
        ("planned", None, False, "planned"),
        ("dropped", BEFORE, False, "dropped"),
    ],
)
def test_what_is_done_after_the_reference_date_has_not_happened(progress, status, done, is_done, stands):
    row = progress(status=status, done_date=done)
    assert (row["is_done"], row["status"]) == (is_done, stands)
    assert row["done_date"] == (done if is_done else None)


@pytest.mark.parametrize(
    ("indicator", "delivered", "expected"),
    [
        ("timely", 5.0, 0.05),
        ("timely", None, None),
        ("overview", -2.0, -0.02),
        ("days_to_start", -3.0, -3.0),
        ("ambassadors", 20.0, 20.0),
        ("no_such", 5.0, 5.0),
        (None, 5.0, 5.0),
    ],
)
def test_a_share_is_expected_in_percentage_points_and_measured_from_0_to_1(
    progress, indicator, delivered, expected
):
    assert progress(indicator_id=indicator, expected_change=delivered)["expected_change"] == expected


# Expected 10, tolerance a tenth: 9 to 11 is as expected.
@pytest.mark.parametrize(
    ("lower", "upper", "expected", "says", "reason"),
    [
        (5.0, 12.0, 10.0, "as_expected", None),
        (1.0, 8.99, 10.0, "less", None),
        (1.0, 9.0, 10.0, "as_expected", None),
        (11.01, 14.0, 10.0, "more", None),
        (11.0, 14.0, 10.0, "as_expected", None),
        (0.0, 12.0, 10.0, "cannot_tell", "too_uncertain"),
        (0.01, 12.0, 10.0, "as_expected", None),
        (-3.0, 8.0, 10.0, "less", None),
        (-6.0, -2.0, 10.0, "less", None),
        (-12.0, -5.0, -10.0, "as_expected", None),
        (-8.9, 2.0, -10.0, "less", None),
        (-14.0, -11.5, -10.0, "more", None),
        (2.0, 6.0, -10.0, "less", None),
        (-12.0, 0.0, -10.0, "cannot_tell", "too_uncertain"),
        # To hold a figure: an interval around 0 does not show that it stood still.
        (-1.0, 1.0, 0.0, "cannot_tell", "too_uncertain"),
        (0.5, 2.0, 0.0, "more", None),
        (-2.0, -0.5, 0.0, "less", None),
        (5.0, 12.0, None, "cannot_tell", "nothing_expected"),
        (None, 12.0, 10.0, "cannot_tell", "no_interval"),
        (None, None, 10.0, "cannot_tell", "no_interval"),
    ],
)
def test_the_interval_is_read_and_not_the_point(evaluation, lower, upper, expected, says, reason):
    row = evaluation([figure(7.0, lower, upper)], expected_change=expected)
    assert (row["evaluation"], row["reason_not_evaluated"]) == (says, reason)
    assert (row["measured_change"], row["change_lower"], row["change_upper"]) == (7.0, lower, upper)


@pytest.mark.parametrize(
    ("change", "expected", "says"),
    [
        (9.0, 10.0, "as_expected"),
        (11.0, 10.0, "as_expected"),
        (8.99, 10.0, "less"),
        (11.01, 10.0, "more"),
        (0.0, 0.0, "as_expected"),
        (1.0, 0.0, "more"),
        (-10.0, -10.0, "as_expected"),
        (3.0, -10.0, "less"),
        (0.33, 0.3, "as_expected"),
    ],
)
def test_what_is_counted_in_full_is_compared_as_it_is(evaluation, change, expected, says):
    assert evaluation([figure(change, law="census", n=0)], expected_change=expected)["evaluation"] == says


@pytest.mark.parametrize(
    ("action", "figures", "reason"),
    [
        ({"indicator_id": None}, [figure(7.0, 5.0, 9.0)], "nothing_named"),
        ({}, [], "no_figure"),
        ({}, [figure(7.0, 5.0, 9.0, indicator_id="other")], "no_figure"),
        ({}, [figure(7.0, 5.0, 9.0, year=2024)], "no_figure"),
        ({}, [figure(7.0, 5.0, 9.0, population="sex:male")], "no_figure"),
        ({}, [figure()], "no_earlier_figure"),
        # Expected of an indicator, and never measured by something else.
        ({"intervention_id": "support"}, [], "no_figure"),
        ({"indicator_id": None, "intervention_id": "no_such"}, [], "no_figure"),
    ],
)
def test_nothing_measured_is_never_a_zero(evaluation, action, figures, reason):
    row = evaluation(figures, [{}], **action)
    assert (row["evaluation"], row["reason_not_evaluated"]) == ("not_measured", reason)
    assert (row["measured_change"], row["n"], row["compared_year"]) == (None, 0, None)


def test_the_year_before_counts_and_otherwise_the_baseline(evaluations):
    base = {"baseline_year": 2018, "change": 30.0, "change_lower": 25.0, "change_upper": 35.0}
    before, first = evaluations(
        [{}, {"indicator_id": "days_to_decision"}],
        [figure(10.0, 8.0, 12.0) | base, figure(indicator_id="days_to_decision") | base],
    )
    assert (before["measured_change"], before["compared_year"], before["evaluation"]) == (
        10.0,
        2024,
        "as_expected",
    )
    assert (first["measured_change"], first["compared_year"], first["evaluation"]) == (30.0, 2018, "more")


def test_an_intervention_without_an_indicator_is_measured_by_its_primary_outcome(evaluations):
    other = {"statistic": "coverage", "estimate": 0.7}
    of_this_year, of_last_year = evaluations(
        [
            {"indicator_id": None, "intervention_id": "support"},
            {"indicator_id": None, "intervention_id": "support", "year": 2024},
        ],
        effects=[
            {},
            other,
            {"outcome_id": "employment:register", "estimate": 99.0},
            {"population": "sex:male", "estimate": 99.0},
            {"design": "D3", "estimate": 99.0},
            {"follow_up_kind": "late", "estimate": 99.0},
        ],
    )
    assert (of_this_year["measured_from"], of_this_year["measured_change"]) == ("intervention", 8.0)
    assert (of_this_year["evaluation"], of_this_year["n"]) == ("as_expected", 60)
    # The window is this year's: an earlier plan has no figure in it.
    assert (of_last_year["evaluation"], of_last_year["reason_not_evaluated"]) == ("not_measured", "no_figure")


def test_an_indicator_of_several_goals_gives_one_row_and_every_plan_its_own_year(evaluations):
    found = evaluations(
        [{}, {"year": 2024}, {"year": 2026}, {"goal_id": "no such goal"}],
        [
            figure(10.0, 8.0, 12.0),
            figure(10.0, 8.0, 12.0, goal_id="A-G2"),
            figure(2.0, 1.0, 3.0, year=2024),
        ],
    )
    assert [(row["action_id"], row["year"], row["evaluation"]) for row in found] == [
        ("a0", 2025, "as_expected"),
        ("a1", 2024, "less"),
        ("a3", 2025, "as_expected"),
    ]


def test_what_has_not_begun_or_is_of_a_year_not_over_is_not_judged(evaluations):
    found = [figure(10.0, 9.5, 10.5)]
    done, planned = evaluations([{}, {"status": "planned", "done_date": None}], found)
    assert (done["evaluation"], done["reason_not_evaluated"]) == ("as_expected", None)
    assert (planned["evaluation"], planned["reason_not_evaluated"]) == ("cannot_tell", "not_begun")
    assert planned["measured_change"] == 10.0
    [early] = evaluations([{}], found, reference_date=date(2025, 12, 30))
    assert (early["evaluation"], early["reason_not_evaluated"]) == ("cannot_tell", "year_not_over")
