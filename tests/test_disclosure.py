"""The gate: each rule, what it refuses, and attackers who try to work out what it hides."""

from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipelines.catalogue import load_catalogue
from pipelines.disclosure import gate

CATALOGUE = load_catalogue(Path(__file__).parents[1] / "catalogue")
MINIMUM = CATALOGUE.parameter("disclosure_minimum")
ARROW_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
PERSONAL = {"persons", "numerator", "statistic"}
CATEGORIES = ("share_recovered", "share_improved", "share_unchanged", "share_deteriorated")
PARTS = ("counted", "lacks_baseline", "lacks_follow_up", "not_due")


def table(mart_id: str, rows: list[dict]) -> pa.Table:
    """Build a mart; what a row does not say is "-" in keys (0 in numbers), false in the flag, else NULL."""
    default = {("key", "text"): "-", ("key", "integer"): 0, ("flag", "boolean"): False}
    columns = CATALOGUE.mart(mart_id).columns
    return pa.table(
        {
            c.name: pa.array(
                [r.get(c.name, default.get((c.disclosure, c.type))) for r in rows], ARROW_TYPES[c.type]
            )
            for c in columns
        }
    )


def gated(mart_id: str, rows: list[dict]) -> list[dict]:
    return gate({mart_id: table(mart_id, rows)}, CATALOGUE)[mart_id].to_pylist()


def share(statistic: str, numerator: int | None, n: int, **others: object) -> dict:
    estimate = None if numerator is None or n == 0 else numerator / n
    return {"statistic": statistic, "numerator": numerator, "n": n, "estimate": estimate, **others}


def attrition(counts: dict[str, int], **others: object) -> list[dict]:
    n = sum(counts.values())
    return [{"reason": reason, "numerator": x, "n": n, **others} for reason, x in counts.items()]


def hidden(rows: list[dict], key: str) -> set[str]:
    return {row[key] for row in rows if row["is_suppressed"]}


# --- the rules, row by row ---


@pytest.mark.parametrize(("n", "is_hidden"), [(1, True), (4, True), (5, False), (900, False)])
def test_a_row_on_few_persons_is_hidden(n: int, is_hidden: bool) -> None:
    (row,) = gated("intervention_effect", [{"statistic": "mean_change", "estimate": 3.5, "n": n}])
    assert row["is_suppressed"] is is_hidden
    assert (row["estimate"], row["n"]) == ((None, None) if is_hidden else (3.5, n))


@pytest.mark.parametrize(
    ("numerator", "is_hidden"), [(0, True), (4, True), (5, False), (25, False), (26, True), (30, True)]
)
def test_a_share_of_few_or_of_nearly_all_is_hidden(numerator: int, is_hidden: bool) -> None:
    (row,) = gated("intervention_effect", [share("share_noticeable", numerator, 30)])
    assert row["is_suppressed"] is is_hidden
    assert (row["n"] is None) is is_hidden


def test_a_hidden_row_keeps_only_its_keys_and_labels() -> None:
    row = share("share_noticeable", 3, 30, lower=0.0, upper=0.3, n_effective=28.5, diagnostics='{"x": 3}')
    (row,) = gated("intervention_effect", [row])
    for column in CATALOGUE.mart("intervention_effect").columns:
        if column.disclosure in PERSONAL:
            assert row[column.name] is None
    assert (row["statistic"], row["is_suppressed"]) == ("share_noticeable", True)


def test_a_row_on_nobody_stays_with_its_reason() -> None:
    nobody = {"statistic": "mean_change", "n": 0, "not_estimable_reason": "no_pairs"}
    (row,) = gated("intervention_effect", [nobody])
    assert (row["n"], row["is_suppressed"], row["not_estimable_reason"]) == (0, False, "no_pairs")
    (row,) = gated("intervention_effect", [share("share_noticeable", 0, 0)])
    assert (row["numerator"], row["is_suppressed"]) == (0, False)


def test_a_share_that_is_not_estimable_stays_with_its_reason() -> None:
    (row,) = gated(
        "intervention_effect", [share("share_recovered", None, 30, not_estimable_reason="no_cutoff")]
    )
    assert (row["n"], row["is_suppressed"], row["not_estimable_reason"]) == (30, False, "no_cutoff")


def test_what_was_hidden_before_stays_hidden() -> None:
    (row,) = gated("intervention_economy", [{"n": 80, "cost_per_person_dkk": 1e4, "is_suppressed": True}])
    assert (row["n"], row["cost_per_person_dkk"], row["is_suppressed"]) == (None, None, True)


def test_a_mart_without_persons_passes_untouched() -> None:
    checks = table("data_quality", [{"extract_id": "person", "check_id": "key", "failed_count": 1}])
    assert gate({"data_quality": checks}, CATALOGUE) == {"data_quality": checks}


def test_every_mart_is_gated_in_one_call() -> None:
    tables = {m.id: table(m.id, [{"n": 3, "invited": 3}]) for m in CATALOGUE.marts if m.is_published}
    for mart_id, published in gate(tables, CATALOGUE).items():
        if "is_suppressed" in published.column_names:
            assert published["is_suppressed"].to_pylist() == [True], mart_id


@pytest.mark.parametrize(
    ("reached", "is_hidden"), [(40, True), (43, True), (44, True), (45, False), (90, False)]
)
def test_persons_reached_do_not_tell_how_few_were_not_measured(reached: int, is_hidden: bool) -> None:
    effect = table("intervention_effect", [{"statistic": "mean_change", "n": 40, "estimate": 1.0}])
    economy = table(
        "intervention_economy",
        [
            {"intervention_id": name, "population": "-", "n": reached, "cost_per_person_dkk": 1.0}
            for name in (effect["intervention_id"][0].as_py(), "another")
        ],
    )
    for order in ("effect first", "economy first"):
        given = {"intervention_effect": effect, "intervention_economy": economy}
        marts = given if order == "effect first" else dict(reversed(given.items()))
        mine, other = gate(marts, CATALOGUE)["intervention_economy"].to_pylist()
        assert (mine["n"] is None, mine["cost_per_person_dkk"] is None) == (is_hidden, is_hidden)
        assert mine["is_suppressed"] == is_hidden
        assert other["n"] == reached


@pytest.mark.parametrize(("eligible", "is_hidden"), [(30, True), (34, False)])
def test_coverage_of_one_outcome_does_not_tell_the_gap_of_another(eligible: int, is_hidden: bool) -> None:
    rows = [
        {"outcome_id": "A", "statistic": "mean_change", "n": 20, "estimate": 1.0},
        {"outcome_id": "A", **share("coverage", 20, eligible)},
        {"outcome_id": "B", "statistic": "mean_change", "n": 27, "estimate": 1.0},
        {"outcome_id": "B", **share("coverage", 27, 34)},
    ]
    found = {
        (r["outcome_id"], r["statistic"]): r["is_suppressed"] for r in gated("intervention_effect", rows)
    }
    assert found["A", "coverage"] == is_hidden
    assert not found["B", "coverage"]
    assert not found["A", "mean_change"]


@pytest.mark.parametrize("pairs", [26, 27, 29])
def test_those_not_due_on_one_outcome_do_not_tell_the_gap_of_another(pairs: int) -> None:
    """47 persons, 17 of them not due: of the 30 due all but a few were measured twice on B."""
    a, b = {"intervention_id": "i", "outcome_id": "a"}, {"intervention_id": "i", "outcome_id": "b"}
    of_a = {"counted": 15, "lacks_baseline": 8, "lacks_follow_up": 7, "not_due": 17}
    of_b = {"counted": pairs, "lacks_baseline": 30 - pairs, "lacks_follow_up": 0, "not_due": 17}
    effect = [
        share("coverage", 15, 30, **a),
        {"statistic": "mean_change", "estimate": 1.0, "n": 15, **a},
        share("coverage", pairs, 30, **b),
        {"statistic": "mean_change", "estimate": 1.0, "n": pairs, **b},
    ]
    found = gate(
        {
            "intervention_effect": table("intervention_effect", effect),
            "attrition_summary": table("attrition_summary", attrition(of_a, **a) + attrition(of_b, **b)),
        },
        CATALOGUE,
    )
    visible = [r for r in found["attrition_summary"].to_pylist() if not r["is_suppressed"]]
    assert {r["reason"] for r in visible} <= {"counted"}
    shown = [r["statistic"] for r in found["intervention_effect"].to_pylist() if not r["is_suppressed"]]
    assert shown == ["mean_change", "mean_change"]


def test_where_every_gap_is_large_the_due_are_told() -> None:
    key = {"intervention_id": "i", "outcome_id": "a"}
    parts = {"counted": 15, "lacks_baseline": 8, "lacks_follow_up": 7, "not_due": 17}
    effect = [share("coverage", 15, 30, **key), {"statistic": "mean_change", "estimate": 1.0, "n": 15, **key}]
    found = gate(
        {
            "intervention_effect": table("intervention_effect", effect),
            "attrition_summary": table("attrition_summary", attrition(parts, **key)),
        },
        CATALOGUE,
    )
    assert not any(r["is_suppressed"] for mart in found.values() for r in mart.to_pylist())


@pytest.mark.parametrize(("numerator", "n", "is_hidden"), [(1, 4, True), (0, 60, True), (6, 12, False)])
def test_a_goal_does_not_tell_of_a_hidden_intervention(numerator: int, n: int, is_hidden: bool) -> None:
    """The goal minus its one visible intervention is the hidden one."""
    first, second = [i for i in CATALOGUE.interventions if i.outcomes[0].goal == "A-G1"][:2]
    rows = [
        {
            "intervention_id": i.id,
            "outcome_id": f"{i.outcomes[0].instrument}:{i.outcomes[0].respondent}",
            **share("share_reliably_improved", x, persons),
            "is_suppressed": came_hidden,
        }
        for i, x, persons, came_hidden in ((first, 16, 42, False), (second, numerator, n, numerator == 6))
    ]
    goal = {
        "goal_id": "A-G1",
        "indicator_id": "reliably_improved_share",
        "numerator": 16 + numerator,
        "n": 42 + n,
    }
    marts = {"intervention_effect": table("intervention_effect", rows)}
    marts["strategy_indicator"] = table("strategy_indicator", [goal])
    (row,) = gate(marts, CATALOGUE)["strategy_indicator"].to_pylist()
    assert row["is_suppressed"] == is_hidden


def test_persons_who_could_not_be_judged_do_not_cover_for_those_of_a_goal() -> None:
    """10 hidden persons, 4 not improved; 3 more of an outcome without a norm are not in the goal."""
    names = [i for i in CATALOGUE.interventions if i.outcomes[0].goal == "A-G1"][:3]
    rows = [
        {
            "intervention_id": i.id,
            "outcome_id": f"{i.outcomes[0].instrument}:{i.outcomes[0].respondent}",
            **share("share_reliably_improved", x, n),
            "is_suppressed": is_hidden,
        }
        for i, x, n, is_hidden in zip(names, (16, 6, None), (42, 10, 3), (False, True, True), strict=True)
    ]
    goal = {"goal_id": "A-G1", "indicator_id": "reliably_improved_share", "numerator": 22, "n": 52}
    marts = {"intervention_effect": table("intervention_effect", rows)}
    marts["strategy_indicator"] = table("strategy_indicator", [goal])
    (row,) = gate(marts, CATALOGUE)["strategy_indicator"].to_pylist()
    assert row["is_suppressed"]


@pytest.mark.parametrize(
    ("women", "men", "expected"),
    [
        ((50, 30), (50, 20), set()),
        ((50, 46), (50, 20), {"sex:female", "sex:male"}),  # four women did not answer
        ((50, 4), (50, 40), {"sex:female", "sex:male"}),
        ((10, 9), (12, 10), {"year", "sex:female", "sex:male"}),
    ],
)
def test_a_response_does_not_tell_of_the_few_who_did_not_answer(women, men, expected) -> None:
    parts = {"sex:female": women, "sex:male": men, "year": (women[0] + men[0], women[1] + men[1])}
    rows = [
        {"population": name, "invited": invited, "answered": answered, "rate": answered / invited}
        for name, (invited, answered) in parts.items()
    ]
    found = gated("survey_response", [row | {"is_under_floor": False} for row in rows])
    assert hidden(found, "population") == expected
    for row in found:
        assert (row["rate"] is None) == (row["invited"] is None) == row["is_suppressed"]
        assert row["is_under_floor"] is False


def test_what_others_have_published_is_hidden_from_nobody() -> None:
    """A count of 3 that anybody can read; there is no column that could hold a count of ours."""
    figure = {"statistic_id": "homeless_persons", "area": "Fanø", "year": 2019, "value": 3, "lower": 0.6}
    published = table("public_comparison", [figure])
    assert gate({"public_comparison": published}, CATALOGUE) == {"public_comparison": published}
    classes = {column.disclosure for column in CATALOGUE.mart("public_comparison").columns}
    assert classes == {"key", "label"}


@pytest.mark.parametrize("mart_id", [m.id for m in CATALOGUE.marts if m.is_published])
def test_an_empty_mart_stays_empty(mart_id: str) -> None:
    assert gate({mart_id: table(mart_id, [])}, CATALOGUE)[mart_id].equals(table(mart_id, []))


# --- rows that add up ---


@pytest.mark.parametrize(
    ("numerators", "expected"),
    [
        ((10, 2, 30, 8), {"share_recovered", "share_improved"}),
        ((10, 9, 30, 1), {"share_unchanged", "share_deteriorated"}),
        ((10, 12, 20, 8), set()),
        # The first two together are too few: one of the others has to hide them, and its neighbour it.
        ((3, 0, 37, 10), {*CATEGORIES, "share_reliably_improved"}),
    ],
)
def test_a_hidden_category_hides_its_neighbour(numerators: tuple[int, ...], expected: set[str]) -> None:
    rows = [share(s, x, 50) for s, x in zip(CATEGORIES, numerators, strict=True)]
    rows.append(share("share_reliably_improved", sum(numerators[:2]), 50))
    assert hidden(gated("intervention_effect", rows), "statistic") == expected


def test_hidden_reasons_are_together_at_least_the_minimum() -> None:
    whole = {"counted": 60, "no_follow_up": 30, "window_open": 40, "moved": 0, "died": 0}
    # Two hidden zeros alone would be told as zeros: the smallest of the others is hidden with them.
    assert hidden(gated("attrition_summary", attrition(whole)), "reason") == {"moved", "died", "no_follow_up"}


def test_of_two_equal_rows_the_one_declared_first_is_hidden() -> None:
    rows = attrition({"counted": 60, "moved": 2, "died": 7, "window_open": 7})
    for order in (rows, rows[::-1]):
        assert hidden(gated("attrition_summary", order), "reason") == {"moved", "died"}


def test_a_row_that_came_hidden_is_not_told_either() -> None:
    rows = attrition({"counted": 60, "lacks_baseline": 8, "lacks_follow_up": 30})
    rows[1] = {"reason": "lacks_baseline", "is_suppressed": True}
    assert hidden(gated("attrition_summary", rows), "reason") == {"lacks_baseline", "lacks_follow_up"}


def test_nothing_more_is_hidden_where_nothing_is() -> None:
    rows = gated("attrition_summary", attrition(dict(zip(PARTS, (60, 12, 30, 5), strict=True))))
    assert hidden(rows, "reason") == set()


def test_groups_are_protected_apart() -> None:
    small = attrition({"counted": 60, "lacks_baseline": 3, "lacks_follow_up": 30}, intervention_id="A")
    large = attrition({"counted": 60, "lacks_baseline": 9, "lacks_follow_up": 30}, intervention_id="B")
    rows = gated("attrition_summary", [row for pair in zip(small, large, strict=True) for row in pair])
    assert {(r["intervention_id"], r["reason"]) for r in rows if r["is_suppressed"]} == {
        ("A", "lacks_baseline"),
        ("A", "lacks_follow_up"),
    }


def told(
    cells: np.ndarray,
    shown: np.ndarray,
    known: np.ndarray,
    is_secret: np.ndarray,
    knows_the_gate: bool = False,
) -> list[str]:
    """Attack: try every world, and list the hidden cells that come out nearly known.

    Args:
        cells: worlds x published cells, the true counts of every possible world.
        shown: worlds x published cells, which of them the gate shows in that world.
        known: worlds x sums that the reader has from elsewhere, -1 where it has not.
        is_secret: worlds to attack.
        knows_the_gate: whether the attacker also leaves out worlds that would be shown otherwise.
    """
    sights = np.column_stack([np.where(shown, cells, -1), known])
    truths = sights if knows_the_gate else np.column_stack([cells, known])
    told = []
    for sight in np.unique(sights[is_secret], axis=0):
        seen = sight >= 0
        compared = slice(None) if knows_the_gate else seen
        possible = cells[(truths[:, compared] == sight[compared]).all(axis=1)]
        for cell in np.flatnonzero(~seen[: cells.shape[1]]):
            low, high = possible[:, cell].min(), possible[:, cell].max()
            if high - low <= 2 or high < MINIMUM:
                told.append(f"cell {cell} of {sight}: {low} to {high}")
    return told


def worlds(n: int, parts: int) -> np.ndarray:
    """Every way to divide `n` persons into `parts`."""
    bars = np.array(list(combinations(range(n + parts - 1), parts - 1)))
    edges = np.column_stack([np.full(len(bars), -1), bars, np.full(len(bars), n + parts - 1)])
    return np.diff(edges) - 1


@pytest.mark.parametrize("knows_the_gate", [False, True])
@pytest.mark.parametrize("n", [5, 9, 14, 20])
def test_no_attacker_works_out_a_category(n: int, knows_the_gate: bool) -> None:
    divided = worlds(n, 4)
    cells = np.column_stack([divided, divided[:, 0] + divided[:, 1]])
    statistics = (*CATEGORIES, "share_reliably_improved")
    rows = [
        share(s, int(x), n, intervention_id=str(world))
        for world, counts in enumerate(cells)
        for s, x in zip(statistics, counts, strict=True)
    ]
    shown = np.array([not r["is_suppressed"] for r in gated("intervention_effect", rows)]).reshape(
        cells.shape
    )
    known = np.empty((len(cells), 0), dtype=int)
    assert told(cells, shown, known, np.ones(len(cells), dtype=bool), knows_the_gate) == []
    assert shown.any() == (n >= 2 * MINIMUM)


SUCCESS = (*CATEGORIES, "share_reliably_improved", "share_success")


def success_rows(counts: tuple[int, ...], success: int, **others: object) -> list[dict]:
    numerators = (*counts, counts[0] + counts[1], success)
    return [share(s, int(x), int(sum(counts)), **others) for s, x in zip(SUCCESS, numerators, strict=True)]


@pytest.mark.parametrize(
    ("counts", "success", "expected"),
    [
        ((12, 10, 30, 8), 22, set()),  # all goals are to develop: the reliably improved
        ((12, 10, 30, 8), 52, set()),  # all are to maintain: those not deteriorated
        ((12, 10, 30, 8), 23, {"share_success"}),  # one goal to maintain, and the person is unchanged
        ((12, 10, 30, 8), 26, {"share_success"}),
        ((12, 10, 30, 8), 27, set()),
        ((12, 10, 30, 8), 47, set()),
        ((12, 10, 30, 8), 48, {"share_success"}),  # four of the unchanged had a goal to develop
        ((12, 10, 30, 8), 53, {"share_success"}),  # one who lost less than expected
        ((12, 10, 30, 8), 21, {"share_success"}),
        ((12, 10, 20, 18), 22, set()),  # as many as did not get worse by 20: nothing follows from that
        ((7, 15, 30, 23), 22, set()),  # nearly as many as got worse: other persons
        # Few deteriorated: success would tell them, where all goals are to maintain.
        ((12, 10, 35, 3), 57, {"share_unchanged", "share_deteriorated", "share_success"}),
        ((12, 10, 35, 3), 35, {"share_unchanged", "share_deteriorated", "share_success"}),
        # The reliably improved are few: success is the same persons where all goals are to develop.
        ((2, 1, 40, 17), 3, {*SUCCESS}),
        # One of them is few, and their sum may be read: success is of the sum.
        ((2, 20, 30, 8), 22, {"share_recovered", "share_improved"}),
    ],
)
def test_success_does_not_tell_of_the_categories_or_of_few_goals_of_another_type(
    counts: tuple[int, ...], success: int, expected: set[str]
) -> None:
    rows = success_rows(counts, success)
    for order in (rows, rows[::-1]):
        assert hidden(gated("intervention_effect", order), "statistic") == expected


def test_success_stands_alone_where_nothing_else_is_counted() -> None:
    """Losses held against an expectation of their own need no norm, and there are no categories."""
    rows = [share(s, None, 30, not_estimable_reason="no_norm") for s in SUCCESS[:-1]]
    assert hidden(gated("intervention_effect", [*rows, share("share_success", 12, 30)]), "statistic") == set()


def test_a_success_that_is_not_estimable_keeps_its_reason() -> None:
    rows = success_rows((12, 10, 35, 3), 0)[:-1]
    rows.append(share("share_success", None, 60, not_estimable_reason="goal_not_judged"))
    assert "share_success" not in hidden(gated("intervention_effect", rows), "statistic")


@pytest.mark.parametrize("knows_the_gate", [False, True])
@pytest.mark.parametrize("n", [9, 14, 17])
def test_no_attacker_works_out_a_category_from_success(n: int, knows_the_gate: bool) -> None:
    """Goals to develop and to maintain: an unchanged person succeeded where the goal was to maintain."""
    divided = worlds(n, 5)
    recovered, improved, missed, kept, deteriorated = divided.T
    better = recovered + improved
    cells = np.column_stack([recovered, improved, missed + kept, deteriorated, better, better + kept])
    rows = [
        row
        for world, counts in enumerate(cells)
        for row in success_rows(tuple(counts[:4]), counts[5], intervention_id=str(world))
    ]
    shown = np.array([not r["is_suppressed"] for r in gated("intervention_effect", rows)]).reshape(
        cells.shape
    )
    known = np.empty((len(cells), 0), dtype=int)
    assert told(cells, shown, known, np.ones(len(cells), dtype=bool), knows_the_gate) == []
    # What is read by subtraction where both are shown: nobody, or at least the minimum.
    both = shown[:, 5] & shown[:, 4] & shown[:, 3]
    for few in (kept[both], missed[both]):
        assert not np.any((few > 0) & (few < MINIMUM))
    assert both.any() == (n >= 3 * MINIMUM)


@pytest.mark.parametrize("knows_the_gate", [False, True])
@pytest.mark.parametrize("declared", ["develop", "maintain"])
def test_an_attacker_who_knows_that_all_goals_have_one_type_works_out_nothing_more(
    declared: str, knows_the_gate: bool
) -> None:
    divided = worlds(14, 4)
    better = divided[:, 0] + divided[:, 1]
    success = better if declared == "develop" else better + divided[:, 2]
    cells = np.column_stack([divided, better, success])
    rows = [
        row
        for world, counts in enumerate(cells)
        for row in success_rows(tuple(counts[:4]), counts[5], intervention_id=str(world))
    ]
    shown = np.array([not r["is_suppressed"] for r in gated("intervention_effect", rows)]).reshape(
        cells.shape
    )
    # Success is then one of the others, or what they leave: what is asked is whether it tells of those.
    known = np.where(shown[:, 5], cells[:, 5], -1)[:, None]
    everybody = np.ones(len(cells), dtype=bool)
    assert told(cells[:, :5], shown[:, :5], known, everybody, knows_the_gate) == []


def test_no_attacker_works_out_a_reason() -> None:
    n = 24
    cells = worlds(n, len(PARTS))
    rows = [
        row
        for world, counts in enumerate(cells)
        for row in attrition(dict(zip(PARTS, map(int, counts), strict=True)), intervention_id=str(world))
    ]
    shown = np.array([not r["is_suppressed"] for r in gated("attrition_summary", rows)]).reshape(cells.shape)
    counted, closed = cells[:, 0], cells[:, :3].sum(axis=1)
    shown[:, 0] |= counted >= MINIMUM  # not hidden in intervention_effect
    # From intervention_effect: n of the pairs, and coverage with its n. Both have passed the gate too.
    is_coverage_shown = (counted >= MINIMUM) & (closed - counted >= MINIMUM)
    known = np.column_stack(
        [np.where(counted >= MINIMUM, counted, -1), np.where(is_coverage_shown, closed, -1)]
    )
    # Open, as the gate's docstring says: fewer than the minimum without a pair, or outside coverage.
    is_open = (counted >= MINIMUM) & (n - counted < MINIMUM) | is_coverage_shown & (n - closed < MINIMUM)
    assert told(cells, shown, known, ~is_open) == []


# --- the whole of who is counted ---


def summary(whole: dict[str, int], *outcomes: dict[str, int]) -> list[dict]:
    """Gate the parts of some interventions' outcomes and the whole; return the whole."""
    rows = attrition(whole, intervention_id="ALL", outcome_id="ALL")
    for place, counts in enumerate(outcomes):
        rows += attrition(counts, intervention_id=f"I{place}")
    parts = {
        "window_open": "not_due",
        "moved": "not_due",
        "died": "not_due",
        "no_follow_up": "lacks_follow_up",
    }
    for row in rows:
        row["part"] = parts.get(row["reason"], row["reason"])
    return [row for row in gated("attrition_summary", rows) if row["intervention_id"] == "ALL"]


LARGE = {"counted": 40, "lacks_follow_up": 20, "not_due": 10}


@pytest.mark.parametrize(
    ("whole", "others", "is_hidden"),
    [
        # Nothing is hidden, so nothing can be told.
        ({"counted": 80, "no_follow_up": 40, "window_open": 20}, (LARGE,), False),
        # Nobody is in two interventions: the whole minus the two visible ones is the hidden one.
        (
            {"counted": 83, "no_follow_up": 46, "window_open": 21},
            (LARGE, {"counted": 3, "lacks_follow_up": 6}),
            True,
        ),
        # Many are in both visible ones: the hidden one may hold anybody.
        (
            {"counted": 71, "no_follow_up": 36, "not_due": 18},
            (LARGE, {"counted": 3, "lacks_follow_up": 6}),
            False,
        ),
        # The same, but one part alone is more than what is visible of it.
        (
            {"counted": 71, "no_follow_up": 41, "window_open": 18},
            (LARGE, {"counted": 3, "lacks_follow_up": 6}),
            True,
        ),
        # No more are counted in the whole than an intervention has persons: a ceiling.
        (
            {"counted": 69, "no_follow_up": 36, "not_due": 18},
            (LARGE, {"counted": 3, "lacks_follow_up": 6}),
            True,
        ),
        # What the whole hides itself is known together: 25 are more than the visible 20.
        (
            {"counted": 71, "no_follow_up": 36, "window_open": 17, "died": 4, "moved": 4},
            (LARGE, {"counted": 3, "lacks_follow_up": 6}),
            True,
        ),
        (
            {"counted": 71, "no_follow_up": 36, "window_open": 12, "died": 4, "moved": 4},
            (LARGE, {"counted": 3, "lacks_follow_up": 6}),
            False,
        ),
    ],
)
def test_the_whole_says_nothing_of_a_hidden_intervention(whole, others, is_hidden) -> None:
    rows = summary(whole, LARGE, *others)
    assert all(row["is_suppressed"] for row in rows) == is_hidden
    assert not is_hidden or all(row["n"] is None and row["numerator"] is None for row in rows)


@pytest.mark.parametrize(("outcomes", "is_hidden"), [(1, True), (2, False)])
def test_two_outcomes_of_an_intervention_are_not_twice_the_persons(outcomes: int, is_hidden: bool) -> None:
    """Three interventions of 40 may make up 71 counted persons; one with three outcomes may not."""
    names = ("A", "A", "A") if outcomes == 1 else ("A", "B", "C")
    rows = attrition(
        {"counted": 71, "lacks_follow_up": 36, "not_due": 18}, intervention_id="ALL", outcome_id="ALL"
    )
    for place, name in enumerate(names):
        rows += attrition(LARGE, intervention_id=name, outcome_id=str(place))
    rows += attrition({"counted": 3, "lacks_follow_up": 6}, intervention_id="D")
    for row in rows:
        row["part"] = row["reason"]
    whole = [row for row in gated("attrition_summary", rows) if row["intervention_id"] == "ALL"]
    assert all(row["is_suppressed"] for row in whole) == is_hidden


@pytest.mark.parametrize(("hidden_goal", "is_hidden"), [(3, True), (30, False)])
def test_the_whole_says_nothing_of_a_hidden_goal(hidden_goal: int, is_hidden: bool) -> None:
    """The persons counted minus those of the visible goals would be those of the hidden one."""
    rows = attrition(
        {"counted": 73, "lacks_follow_up": 36, "not_due": 18}, intervention_id="ALL", outcome_id="ALL"
    )
    for name in "AB":
        rows += attrition(LARGE, intervention_id=name)
    rows += attrition({"counted": 3, "lacks_follow_up": 6}, intervention_id="C")
    for row in rows:
        row["part"] = row["reason"]
    goals = [
        {"goal_id": goal, "indicator_id": "reliably_improved_share", "numerator": x, "n": n}
        for goal, x, n in (("A-G1", 20, 70), ("A-G2", 2 if hidden_goal == 3 else 10, hidden_goal))
    ]
    marts = {
        "attrition_summary": table("attrition_summary", rows),
        "strategy_indicator": table("strategy_indicator", goals),
    }
    once = gate(marts, CATALOGUE)
    whole = [r for r in once["attrition_summary"].to_pylist() if r["intervention_id"] == "ALL"]
    assert all(row["is_suppressed"] for row in whole) == is_hidden
    assert gate(once, CATALOGUE)["attrition_summary"].equals(once["attrition_summary"])


# --- segments of the window ---

# Those measured twice, by what happened to them; then those who were due and were not.
BY_SEGMENT = ("share_reliably_improved", "share_unchanged", "share_deteriorated")


def segments(
    population: str, counts: tuple[int, ...], missing: int | None = None, **others: object
) -> list[dict]:
    """The rows of the window or of one segment, with its coverage where `missing` is known."""
    n = sum(counts)
    rows = [share(s, x, n, population=population, **others) for s, x in zip(BY_SEGMENT, counts, strict=True)]
    rows.append({"population": population, "statistic": "mean_change", "n": n, "estimate": 1.0, **others})
    if missing is not None:
        rows.append(share("coverage", n, n + missing, population=population, **others))
    return rows


def shown_by_segment(rows: list[dict]) -> dict[str, set[str]]:
    visible: dict[str, set[str]] = {row["population"]: set() for row in rows}
    for row in rows:
        if not row["is_suppressed"]:
            visible[row["population"]].add(row["statistic"])
    return visible


ALL_OF_THEM = {*BY_SEGMENT, "mean_change"}


@pytest.mark.parametrize(
    ("women", "men", "expected"),
    [
        ((10, 12, 8), (9, 11, 7), ALL_OF_THEM),
        # Few men: all about the men is hidden, and all about the women, who are all the others.
        ((10, 12, 8), (2, 1, 1), set()),
        ((10, 12, 8), (2, 2, 1), {"mean_change"}),
        # Few of the men deteriorated: so is what would tell it, of men and of women.
        ((10, 12, 8), (9, 11, 4), {"share_reliably_improved", "mean_change"}),
        # No men were measured: that is told, and the women are the window.
        ((10, 12, 8), (0, 0, 0), ALL_OF_THEM),
    ],
)
def test_of_the_segments_of_a_segmentation_all_are_shown_or_none(women, men, expected) -> None:
    window = tuple(map(sum, zip(women, men, strict=True)))
    rows = segments("window", window) + segments("sex:female", women) + segments("sex:male", men)
    rows += segments("year:2024", (9, 13, 5)) + segments("year:2025", (9, 8, 9), is_suppressed=False)
    for order in (rows, rows[::-1]):
        shown = shown_by_segment(gated("intervention_effect", order))
        assert shown["sex:female"] == expected
        assert shown["sex:male"] == expected
        assert shown["window"] == ALL_OF_THEM
        assert shown["year:2024"] == shown["year:2025"] == ALL_OF_THEM


def test_where_the_window_is_hidden_so_are_its_segments() -> None:
    rows = (
        segments("window", (20, 23, 8))
        + segments("sex:female", (9, 12, 8))
        + segments("sex:male", (11, 11, 0))
    )
    for row in rows:
        row["is_suppressed"] = row["population"] == "window" and row["statistic"] == "mean_change"
    shown = shown_by_segment(gated("intervention_effect", rows))
    assert shown["sex:female"] == shown["sex:male"] == {"share_reliably_improved"}


def test_a_hidden_segment_hides_none_of_another_outcome_or_intervention() -> None:
    rows = [
        row
        for key in ("a", "b")
        for row in (
            *segments("window", (15, 17, 13), intervention_id=key),
            *segments("sex:female", (8, 9, 8 if key == "a" else 11), intervention_id=key),
            *segments("sex:male", (7, 8, 5 if key == "a" else 2), intervention_id=key),
        )
    ]
    hidden_of = {r["intervention_id"] for r in gated("intervention_effect", rows) if r["is_suppressed"]}
    assert hidden_of == {"b"}


@pytest.mark.parametrize(("gap", "is_shown"), [(6, True), (3, False)])
def test_the_coverage_of_the_years_is_shown_together(gap: int, is_shown: bool) -> None:
    rows = segments("window", (20, 20, 20), 20)
    rows += segments("year:2024", (10, 10, 10), gap) + segments("year:2025", (10, 10, 10), 20 - gap)
    shown = shown_by_segment(gated("intervention_effect", rows))
    assert ("coverage" in shown["year:2024"]) == ("coverage" in shown["year:2025"]) == is_shown
    assert "coverage" in shown["window"]


def test_hidden_segments_do_not_count_as_a_hidden_intervention_of_a_goal() -> None:
    intervention = next(i for i in CATALOGUE.interventions if i.outcomes[0].goal == "A-G1")
    outcome = intervention.outcomes[0]
    key = {
        "intervention_id": intervention.id,
        "outcome_id": f"{outcome.instrument}:{outcome.respondent}",
    }
    rows = [
        share("share_reliably_improved", x, n, population=p, **key)
        for p, x, n in (("window", 16, 42), ("sex:female", 14, 30), ("sex:male", 2, 12))
    ]
    goal = {"goal_id": "A-G1", "indicator_id": "reliably_improved_share", "numerator": 16, "n": 42}
    marts = {"intervention_effect": table("intervention_effect", rows)}
    marts["strategy_indicator"] = table("strategy_indicator", [goal])
    (row,) = gate(marts, CATALOGUE)["strategy_indicator"].to_pylist()
    assert not row["is_suppressed"]


# Persons by what happened to them (the three shares, and due but not measured), sex and year of start.
crossed = st.lists(st.integers(0, 14), min_size=24, max_size=24).map(lambda x: np.array(x).reshape(4, 2, 3))
# How many of each year's persons were measured twice on another outcome.
elsewhere = st.lists(st.integers(0, 40), min_size=3, max_size=3)


# The years' largest numbers measured, on A or on B, are together nearly all who were due.
NEARLY_ALL = [3, 0, 2, 2, 2, 2, 3, 3, 10, 3, 3, 5, 11, 7, 6, 5, 8, 4, 2, 1, 0, 2, 3, 1]


@settings(deadline=None, max_examples=25)
@given(crossed, elsewhere)
@example(np.array(NEARLY_ALL).reshape(4, 2, 3), [27, 24, 28])
def test_nobody_subtracts_one_to_four_persons_from_segments_years_and_statistics(
    counts: np.ndarray, pairs: list[int]
) -> None:
    """Every visible number is an equation; linear programming finds what they leave open of each count."""
    by_sex, by_year = counts.sum(axis=2), counts.sum(axis=1)
    # On B as many of each year's as drawn, the same part of each sex's as near as may be.
    b_by_year = np.minimum(pairs, by_year.sum(axis=0))
    women = min(by_sex[:, 0].sum(), max(b_by_year.sum() - by_sex[:, 1].sum(), b_by_year.sum() // 2))
    b_by_sex = np.array([women, b_by_year.sum() - women])
    truth = np.concatenate(
        [
            by_sex.ravel(), by_year.ravel(),
            b_by_sex, by_sex.sum(axis=0) - b_by_sex, b_by_year, by_year.sum(axis=0) - b_by_year,
        ]
    )  # fmt: skip
    place = np.arange(len(truth))
    sexes, years = place[:8].reshape(4, 2), place[8:20].reshape(4, 3)
    b_sexes, b_years = place[20:24].reshape(2, 2), place[24:].reshape(2, 3)
    # Where each population's persons stand on A and B: in the last row those who were not measured.
    populations = {f"sex:{s}": (sexes[:, [s]], b_sexes[:, [s]]) for s in range(2)}
    populations |= {f"year:{y}": (years[:, [y]], b_years[:, [y]]) for y in range(3)}
    populations["window"] = (years, b_years)
    rows = []
    for name, (on_a, on_b) in populations.items():
        *of_each, missing = (int(truth[cells].sum()) for cells in on_a)
        n, missing_b = (int(truth[cells].sum()) for cells in on_b)
        key = {"population": name, "outcome_id": "B"}
        rows += segments(
            name, (*of_each,), missing if "sex" not in name else None, outcome_id="A", is_primary=True
        )
        rows.append({"statistic": "mean_change", "n": n, "estimate": 1.0, **key})
        rows += [share("coverage", n, n + missing_b, **key)] if "sex" not in name else []
    # Both ways divide the same persons, and the same persons were due on both outcomes.
    equations = [equation(len(truth), sexes[c], years[c]) for c in range(4)]
    equations += [equation(len(truth), b_sexes[c], b_years[c]) for c in range(2)]
    equations += [equation(len(truth), on_a, on_b) for on_a, on_b in populations.values()]
    values = [0] * len(equations)
    for row in gated("intervention_effect", rows):
        if row["is_suppressed"]:
            continue
        cells = populations[row["population"]]["AB".index(row["outcome_id"])]
        is_coverage = row["statistic"] == "coverage"
        equations.append(equation(len(truth), cells if is_coverage else cells[:-1]))
        values.append(row["n"])
        if row["numerator"] is not None:
            of = cells[:-1] if is_coverage else cells[BY_SEGMENT.index(row["statistic"])]
            equations.append(equation(len(truth), of))
            values.append(row["numerator"])
    asked = [*([cell] for cell in place), *(on_a[:-1].ravel() for on_a, _ in populations.values())]
    for cells in asked:
        if 0 < truth[cells].sum() < MINIMUM:
            low, high = bounds(equation(len(truth), cells), np.array(equations), values)
            assert high >= MINIMUM, (cells, low, high)
            assert high - low > 2, (cells, low, high)


def equation(size: int, cells: np.ndarray | list[int], less: np.ndarray | tuple[int, ...] = ()) -> np.ndarray:
    row = np.zeros(size)
    row[np.ravel(cells)] = 1
    row[np.ravel(np.array(less, dtype=int))] -= 1
    return row


def bounds(asked: np.ndarray, equations: np.ndarray, values: list[int]) -> tuple[float, float]:
    """The least and the most that a sum of counts may be, where the equations hold and none is below 0."""
    least, most = (linprog(sign * asked, A_eq=equations, b_eq=values, method="highs") for sign in (1, -1))
    assert least.status == 0 and most.status in (0, 3), (least.message, most.message)
    return least.fun, -most.fun if most.status == 0 else np.inf


@pytest.mark.parametrize("knows_the_gate", [False, True])
@pytest.mark.parametrize("n", [14, 21])
def test_no_attacker_works_out_a_segment(n: int, knows_the_gate: bool) -> None:
    """Women and men, and who of them deteriorated."""
    divided = worlds(n, 4)
    women, men = divided[:, :2].sum(axis=1), divided[:, 2:].sum(axis=1)
    cells = np.column_stack([divided[:, 0] + divided[:, 2], women, men, divided[:, 0], divided[:, 2]])
    rows = [
        row
        for world, (all_worse, w, m, w_worse, m_worse) in enumerate(cells.tolist())
        for row in (
            share("share_deteriorated", all_worse, n, population="window", intervention_id=str(world)),
            *(
                {"statistic": "mean_change", "population": p, "n": x, "intervention_id": str(world)}
                for p, x in (("sex:female", w), ("sex:male", m))
            ),
            *(
                share("share_deteriorated", x, y, population=p, intervention_id=str(world))
                for p, x, y in (("sex:female", w_worse, w), ("sex:male", m_worse, m))
            ),
        )
    ]
    shown = np.array([not r["is_suppressed"] for r in gated("intervention_effect", rows)]).reshape(
        cells.shape
    )
    known = np.empty((len(cells), 0), dtype=int)
    # That there are no women at all is told.
    assert told(cells, shown, known, (women > 0) & (men > 0), knows_the_gate) == []
    assert shown[:, 3].any()


# --- properties of any table ---

counts = st.integers(0, 40).flatmap(lambda n: st.tuples(st.none() | st.integers(0, n), st.just(n)))
keys = st.tuples(st.sampled_from("AB"), st.sampled_from(["mean_change", "share_noticeable", *SUCCESS]))
effects = st.dictionaries(keys, counts, max_size=12).map(
    lambda cells: table(
        "intervention_effect",
        [share(s, x, n, intervention_id=i, not_estimable_reason="-") for (i, s), (x, n) in cells.items()],
    )
)


@settings(deadline=None)
@given(effects)
def test_what_is_visible_rests_on_enough_persons(before: pa.Table) -> None:
    after = gate({"intervention_effect": before}, CATALOGUE)["intervention_effect"]
    assert after.schema == before.schema
    columns = CATALOGUE.mart("intervention_effect").columns
    for old, new in zip(before.to_pylist(), after.to_pylist(), strict=True):
        for column in columns:
            if new["is_suppressed"] and column.disclosure in PERSONAL:
                assert new[column.name] is None
            elif column.disclosure != "flag":
                assert new[column.name] == old[column.name]
        if new["n"]:
            assert new["n"] >= MINIMUM
        if new["n"] and new["numerator"] is not None:
            assert MINIMUM <= new["numerator"] <= new["n"] - MINIMUM


@settings(deadline=None)
@given(effects)
def test_gating_twice_is_gating_once(before: pa.Table) -> None:
    once = gate({"intervention_effect": before}, CATALOGUE)
    assert gate(once, CATALOGUE)["intervention_effect"].equals(once["intervention_effect"])


@settings(deadline=None)
@given(effects, st.randoms())
def test_the_order_of_the_rows_does_not_matter(before: pa.Table, random) -> None:
    order = np.arange(before.num_rows)
    random.shuffle(order)
    straight = gate({"intervention_effect": before}, CATALOGUE)["intervention_effect"].take(order)
    shuffled = gate({"intervention_effect": before.take(order)}, CATALOGUE)["intervention_effect"]
    assert straight.equals(shuffled)


# --- what it refuses ---

GOOD = [share("share_noticeable", 10, 30)]


def replaced(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.append_column("cpr", pa.array(["x"])), r"intervention_effect\.cpr: not declared"),
        (lambda t: t.drop_columns("upper"), r"intervention_effect\.upper: missing"),
        (lambda t: t.append_column("n", t["n"]), "occurs twice"),
        (lambda t: replaced(t, "numerator", pa.array([10.0])), r"numerator: should be integer"),
        (lambda t: pa.concat_tables([t, t]), "share the grain"),
        (lambda t: replaced(t, "intervention_id", pa.array([None], pa.string())), "NULL in a column of"),
        (lambda t: replaced(t, "lower", pa.array([float("nan")])), r"lower: NaN"),
        (lambda t: replaced(t, "lower", pa.array([float("inf")])), r"lower: NaN or infinite"),
        (lambda t: replaced(t, "n", pa.array([9])), r"numerator: below 0 or above"),
        (lambda t: replaced(t, "n", pa.array([-1])), r"n: below 0"),
        (lambda t: replaced(t, "n", pa.array([None], pa.int64())), r"a number without its n"),
    ],
)
def test_refuses_a_table_that_is_not_what_is_declared(spoil, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gate({"intervention_effect": spoil(table("intervention_effect", GOOD))}, CATALOGUE)


@pytest.mark.parametrize(
    ("mart_id", "message"), [("individual_effect", "restricted"), ("salaries", "not a mart")]
)
def test_refuses_a_mart_that_is_not_published(mart_id: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gate({mart_id: pa.table({})}, CATALOGUE)


def changed(mart_id: str, **fields: object):
    """The catalogue with one mart declared differently."""
    marts = [m.model_copy(update=fields) if m.id == mart_id else m for m in CATALOGUE.marts]
    return CATALOGUE.model_copy(update={"marts": tuple(marts)})


def test_refuses_a_declaration_that_cannot_protect() -> None:
    mart = CATALOGUE.mart("intervention_effect")
    without_flag = tuple(c for c in mart.columns if c.disclosure != "flag")
    with pytest.raises(ValueError, match="one flag"):
        gate({mart.id: table(mart.id, GOOD)}, changed(mart.id, columns=without_flag))
    elsewhere = tuple(a.model_copy(update={"column": "estimate"}) for a in mart.adds_up)
    with pytest.raises(ValueError, match="over a column of the grain"):
        gate({mart.id: table(mart.id, GOOD)}, changed(mart.id, adds_up=elsewhere))


@pytest.mark.parametrize("value", [0, 5.0, "5"])
def test_refuses_a_minimum_that_is_not_a_number_of_persons(value: object) -> None:
    others = [p for p in CATALOGUE.parameters if p.id != "disclosure_minimum"]
    (minimum,) = (p for p in CATALOGUE.parameters if p.id == "disclosure_minimum")
    spoilt = (*others, minimum.model_copy(update={"value": value}))
    with pytest.raises(ValueError, match="disclosure_minimum"):
        gate({}, CATALOGUE.model_copy(update={"parameters": spoilt}))


@pytest.mark.parametrize(("numerator", "is_hidden"), [(20, False), (4, True), (76, True)])
def test_the_cost_by_the_improved_is_hidden_where_their_share_is(numerator: int, is_hidden: bool) -> None:
    place = {"intervention_id": "a", "outcome_id": "b"}
    key = place | {"design": "D1", "population": "window"}
    effect = table("intervention_effect", [share("share_reliably_improved", numerator, 80, **key)])
    rows = [
        {"statistic": "cost_per_reliably_improved", "n": 80, "estimate": 9e4, "comparator": "none"},
        {"statistic": "incremental_cost", "n": 80, "estimate": 1e4, "comparator": "waiting"},
    ]
    economy = table("economy_result", [place | row for row in rows])
    found = gate({"intervention_effect": effect, "economy_result": economy}, CATALOGUE)["economy_result"]
    by_improved, by_person = found.to_pylist()
    assert (by_improved["is_suppressed"], by_improved["estimate"] is None) == (is_hidden, is_hidden)
    assert by_person["estimate"] == 1e4


def test_the_cost_of_everybody_reached_hides_with_the_few_not_measured() -> None:
    place = {"intervention_id": "a", "outcome_id": "b", "population": "window", "design": "D1"}
    effect = table("intervention_effect", [place | {"statistic": "mean_change", "n": 77, "estimate": 1.0}])
    key = {"intervention_id": "a", "outcome_id": "ALL", "comparator": "none"}
    rows = [key | {"statistic": "cost_per_person", "n": 80, "estimate": 9e4}]
    found = gate({"intervention_effect": effect, "economy_result": table("economy_result", rows)}, CATALOGUE)
    assert found["economy_result"]["n"].to_pylist() == [None]


# --- the strategies' indicators ---

CHANGES = {one.of.change: one.id for one in CATALOGUE.indicators if one.formula == "reliable_share"
           and not one.of.instruments}  # fmt: skip


def indicator(indicator_id: str, numerator: int | None, n: int, **others: object) -> dict:
    """A row of an indicator with all that is computed from it."""
    whole = {
        "year": 2025,
        "population": "year",
        "goal_id": "A-G1",
        "baseline_year": 2023,
        "previous_year": 2024,
    }
    numbers = dict.fromkeys(
        ("value", "lower", "upper", "baseline_value", "change", "change_lower", "change_upper"), 0.5
    ) | dict.fromkeys(("previous_change", "previous_lower", "previous_upper"), 0.1)
    told = {"status": "on_track", "trend": "rising", "indicator_id": indicator_id}
    return whole | numbers | told | {"numerator": numerator, "n": n} | others


COMPARED = ("baseline_value", "change", "change_lower", "change_upper")
PREVIOUS = ("previous_change", "previous_lower", "previous_upper", "trend")


def test_a_hidden_figure_has_nothing_that_is_computed_from_it() -> None:
    (row,) = gated("strategy_indicator", [indicator("x", 3, 40)])
    assert row["is_suppressed"]
    told = {k for k, v in row.items() if v is not None}
    assert told == {
        "goal_id", "indicator_id", "year", "population", "baseline_year", "previous_year", "is_suppressed",
    }  # fmt: skip


def test_a_change_from_a_hidden_baseline_is_hidden_and_the_figure_is_not() -> None:
    years = [(2023, 3), (2024, 12), (2025, 20)]
    rows = gated("strategy_indicator", [indicator("x", x, 40, year=y) for y, x in years])
    _, second, third = rows
    assert [r["is_suppressed"] for r in rows] == [True, False, False]
    for row in (second, third):
        assert [row[name] for name in COMPARED] == [None] * 4
        assert (row["value"], row["status"]) == (0.5, "cannot_tell")
        assert row["reason_no_change"] == "baseline_suppressed"
    # 2024 less its change is 2025's year before; 2023, the year before 2024, would follow from 2024's.
    assert third["previous_change"] == 0.1
    second = gated(
        "strategy_indicator",
        [indicator("x", 3, 40, year=2023), indicator("x", 12, 40, year=2024, previous_year=2023)],
    )[1]
    assert [second[name] for name in PREVIOUS] == [None] * 4


def test_a_verdict_on_a_target_stands_without_the_baseline() -> None:
    rows = [indicator("x", 3, 40, year=2023), indicator("x", 12, 40, status="not_reached")]
    assert gated("strategy_indicator", rows)[1]["status"] == "not_reached"


def test_a_verdict_on_a_hidden_figure_is_not_carried_to_later_years() -> None:
    due = {"target_date": date(2020, 12, 31), "status": "not_reached"}
    rows = [
        indicator("x", 3, 40, population="target", year=2020, **due),
        indicator("x", 12, 40, **due),
    ]
    told = gated("strategy_indicator", rows)
    assert [row["status"] for row in told] == [None, "cannot_tell"]


def test_the_same_figure_of_several_goals_is_hidden_for_all() -> None:
    """Hidden for one because it came so: the other would tell it."""
    rows = [
        indicator("x", 20, 40, goal_id="A-G1", is_suppressed=True),
        indicator("x", 20, 40, goal_id="A-G2"),
        indicator("x", 20, 40, goal_id="A-G2", year=2024),
    ]
    assert [row["is_suppressed"] for row in gated("strategy_indicator", rows)] == [True, True, False]


def test_a_target_is_hidden_with_the_years_figure_that_it_is_judged_on() -> None:
    """Worse is 3 persons; better is hidden beside it, and would be read in what its target is judged on."""
    rows = [
        indicator(CHANGES[change], x, 53, population=population)
        for change, x in (("improved", 20), ("deteriorated", 3), ("neither", 30))
        for population in ("year", "target")
        if population == "year" or change == "improved"
    ]
    found = gated("strategy_indicator", rows)
    gone = {(r["indicator_id"], r["population"]) for r in found if r["is_suppressed"]}
    assert gone == {
        (CHANGES["improved"], "year"), (CHANGES["improved"], "target"), (CHANGES["deteriorated"], "year"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("numerators", "expected"),
    [
        ({"improved": 20, "deteriorated": 3, "neither": 30}, {"improved", "deteriorated"}),
        ({"improved": 20, "deteriorated": 8, "neither": 30}, set()),
        # The two smallest are together fewer than 5.
        ({"improved": 3, "deteriorated": 1, "neither": 30}, {"improved", "deteriorated", "neither"}),
    ],
)
def test_better_worse_and_neither_never_hide_one_alone(
    numerators: dict[str, int], expected: set[str]
) -> None:
    n = sum(numerators.values())
    rows = [
        indicator(CHANGES[change], x, n, goal_id=goal)
        for change, x in numerators.items()
        for goal in ("A-G1", "A-F3")
    ]
    found = hidden(gated("strategy_indicator", rows), "indicator_id")
    assert found == {CHANGES[change] for change in expected}


changes_by_sex = st.lists(st.integers(0, 30), min_size=6, max_size=6)


@given(changes_by_sex)
@settings(max_examples=200)
@example([10, 12, 2, 9, 20, 15])
def test_no_hidden_change_follows_from_the_others_or_from_the_segments(counts: list[int]) -> None:
    """An attacker adds up: better, worse and neither are all, and women and men are all."""
    cells = np.array(counts).reshape(3, 2)
    shown = {}
    rows = []
    for population, column in (
        ("sex:female", cells[:, 0]),
        ("sex:male", cells[:, 1]),
        ("year", cells.sum(axis=1)),
    ):
        rows += [
            indicator(CHANGES[change], int(x), int(column.sum()), population=population)
            for change, x in zip(("improved", "deteriorated", "neither"), column, strict=True)
            if column.sum()
        ]
    result = gated("strategy_indicator", rows)
    shown = {(r["indicator_id"], r["population"]): not r["is_suppressed"] for r in result}
    numbers = {(r["indicator_id"], r["population"]): r["numerator"] for r in rows}
    for population in ("year", "sex:female", "sex:male"):
        gone = [numbers[key] for key in numbers if key[1] == population and not shown[key]]
        assert not gone or (len(gone) > 1 and (sum(gone) >= MINIMUM or len(gone) == 3)), (population, result)
    for change in CHANGES.values():
        parts = [shown[change, p] for p in ("sex:female", "sex:male") if (change, p) in shown]
        assert len(set(parts)) <= 1
    table_again = table("strategy_indicator", result)
    again = gate({"strategy_indicator": table_again}, CATALOGUE)["strategy_indicator"]
    assert again.equals(table_again)


DEADLINES = [one.id for one in CATALOGUE.indicators if one.formula == "timely_share" and one.of.deadline]
ALL_DEADLINES = [
    one.id for one in CATALOGUE.indicators if one.formula == "timely_share" and not one.of.deadline
]


@pytest.mark.parametrize(
    ("parts", "is_hidden"),
    [
        (((20, 39), (12, 13)), True),  # one of them, and it is all less the other
        (((20, 39), (7, 13)), False),
        (((2, 39), (3, 13)), False),  # both, of 5 who were in time and 47 who were not
        (((2, 39), (2, 13)), True),
    ],
)
def test_all_deadlines_do_not_tell_of_a_hidden_one(
    parts: tuple[tuple[int, int], ...], is_hidden: bool
) -> None:
    rows = [indicator(i, x, n) for i, (x, n) in zip(DEADLINES, parts, strict=False)]
    rows.append(indicator(ALL_DEADLINES[0], sum(x for x, _ in parts), sum(n for _, n in parts)))
    assert gated("strategy_indicator", rows)[-1]["is_suppressed"] == is_hidden


def test_what_is_no_person_is_never_hidden() -> None:
    row = indicator("activities", None, 0, unit_count=2, value=2.0, change=None)
    told = gated("strategy_indicator", [row])[0]
    assert (told["value"], told["unit_count"], told["is_suppressed"]) == (2.0, 2, False)


def test_a_goals_hidden_window_hides_no_year_of_its_other_indicators() -> None:
    """The window's row is of the goal's own outcomes; other indicators are of other persons."""
    name = next(i for i in CATALOGUE.interventions if i.outcomes[0].goal == "A-G1")
    effect = [{
        "intervention_id": name.id,
        "outcome_id": f"{name.outcomes[0].instrument}:{name.outcomes[0].respondent}",
        **share("share_reliably_improved", 2, 12),
    }]  # fmt: skip
    goals = [
        indicator("reliably_improved_share", 18, 54, population="window"),
        indicator("wait_days", None, 900),
    ]
    marts = {m: table(m, r) for m, r in (("intervention_effect", effect), ("strategy_indicator", goals))}
    found = gate(marts, CATALOGUE)["strategy_indicator"].to_pylist()
    assert [row["is_suppressed"] for row in found] == [True, False]
