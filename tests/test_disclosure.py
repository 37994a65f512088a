"""The gate: each rule, what it refuses, and attackers who try to work out what it hides."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    """Build a mart; what a row does not say is "-" in keys, false in the flag, NULL elsewhere."""
    default = {"key": "-", "flag": False}
    columns = CATALOGUE.mart(mart_id).columns
    return pa.table(
        {
            c.name: pa.array([r.get(c.name, default.get(c.disclosure)) for r in rows], ARROW_TYPES[c.type])
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
    tables = {m.id: table(m.id, [{"n": 3}]) for m in CATALOGUE.marts if m.is_published}
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


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.append_column("cpr", pa.array(["x"])), r"intervention_effect\.cpr: not declared"),
        (lambda t: t.drop_columns("upper"), r"intervention_effect\.upper: missing"),
        (lambda t: t.append_column("n", t["n"]), "occurs twice"),
        (lambda t: t.set_column(10, "numerator", pa.array([10.0])), r"numerator: should be integer"),
        (lambda t: pa.concat_tables([t, t]), "share the grain"),
        (lambda t: t.set_column(0, "intervention_id", pa.array([None], pa.string())), "NULL in a column of"),
        (lambda t: t.set_column(8, "lower", pa.array([float("nan")])), r"lower: NaN"),
        (lambda t: t.set_column(8, "lower", pa.array([float("inf")])), r"lower: NaN or infinite"),
        (lambda t: t.set_column(11, "n", pa.array([9])), r"numerator: below 0 or above"),
        (lambda t: t.set_column(11, "n", pa.array([-1])), r"n: below 0"),
        (lambda t: t.set_column(11, "n", pa.array([None], pa.int64())), r"a number without its n"),
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
