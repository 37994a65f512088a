"""From counts by segment, package and provider to rows of the long result table."""

import json

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.estimation import before_after, providers
from pipelines.warehouse import reference

SETTING = {
    "segment_minimum": 20,
    "disclosure_minimum": 5,
    "funnel_minimum_providers": 10,
    "funnel_level": 0.998,
}
KEY = {"intervention_id": "a", "outcome_id": "UP:self"}


def rows_of(module, **tables):
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA ref; CREATE SCHEMA intervention")
        outcomes = [{**KEY, "is_primary": True}, {**KEY, "outcome_id": "DOWN:self", "is_primary": False}]
        made = {"ref.setting": [SETTING], "ref.intervention_outcome": outcomes}
        made |= {f"intervention.{name}": rows for name, rows in tables.items()}
        for name, rows in made.items():
            reference.create_table(connection, name, pa.Table.from_pylist(rows))
        return module.results(connection, 0.95)


def before_after_rows(**tables):
    share = {**KEY, "population": "window", "statistic": "coverage", "numerator": 0, "n": 0, "lacks": None}
    empty = {"share_count": [share], "change_moment": [moment("window", 30)], "package": [package(0, 30)]}
    return rows_of(before_after, **(empty | tables))


def moment(population, n):
    return {
        **KEY, "population": population, "n": n, "mean_baseline": 50.0, "mean_follow_up": 40.0,
        "variance_baseline": 100.0, "variance_follow_up": 100.0, "covariance": 50.0, "direction": -1,
        "sd_score": 10.0, "is_sample_sd": False,
    }  # fmt: skip


def package(numerator, n):
    return {
        **KEY, "population": "window", "with_intervention_id": "b" if numerator else None,
        "numerator": numerator, "n": n,
    }  # fmt: skip


@pytest.mark.parametrize(("n", "estimate", "reason"), [(20, 10.0, None), (19, None, "too_few_persons")])
def test_a_segment_has_its_mean_change_from_the_minimum_on(n, estimate, reason):
    found = before_after_rows(change_moment=[moment("window", 30), moment("sex:male", n)])
    (row,) = (r for r in found if r["population"] == "sex:male")
    assert row["statistic"] == "mean_change"
    assert (row["estimate"], row["n"], row["not_estimable_reason"]) == (estimate, n, reason)
    assert sum(r["population"] == "window" for r in found) == 6


@pytest.mark.parametrize(
    ("numerator", "n", "told", "reason"),
    [
        (6, 12, 6, None),
        (7, 12, 7, None),
        (8, 12, None, "nearly_all"),  # four were not: no number of them, but that it is nearly all
        (12, 12, None, "nearly_all"),
        (10, 10, None, "nearly_all"),
        (9, 9, 9, None),  # so few that nearly all would tell how many: for the gate to hide
        (0, 12, 0, None),
        (0, 0, 0, "no_pairs"),
    ],
)
def test_the_share_in_a_package_is_told_or_that_it_is_nearly_all(numerator, n, told, reason):
    found = before_after_rows(package=[package(numerator, n)])
    (row,) = (r for r in found if r["statistic"] == "share_in_package")
    assert (row["numerator"], row["n"], row["not_estimable_reason"]) == (told, n, reason)
    assert (row["estimate"] is None) == (reason is not None)
    assert row["diagnostics"] == ('{"with": "b"}' if numerator else None)


def moments(rng, means, sizes, sd=10.0):
    """Providers whose persons lie `means` points from the usual course."""
    rows = []
    for place, (mean, n) in enumerate(zip(means, sizes, strict=True)):
        versus = np.round(100 * (mean + sd * rng.standard_normal(n))).astype(int)
        sums = {"versus_hundredths": int(versus.sum()), "versus_squared": int((versus**2).sum())}
        rows.append({**KEY, "population": f"provider:{place:02}", "n": n, "expected_count": n} | sums)
    return rows


def funnel(rows):
    return rows_of(providers, provider_moment=rows)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_a_provider_far_from_the_others_is_outside_and_the_rest_are_not(rng):
    rows = funnel(moments(rng, [3.0] * 11 + [-15.0], [25] * 12))
    assert [r["population"] for r in rows] == [f"provider:{i:02}" for i in range(12)]
    said = [json.loads(r["diagnostics"]) for r in rows]
    assert [d["is_outside"] for d in said] == [False] * 11 + [True]
    assert {d["limit_level"] for d in said} == {0.998}
    assert rows[-1]["estimate"] < -3.09
    assert {(r["lower"], r["upper"], r["design"], r["comparator"]) for r in rows} == {
        (None, None, "D1", "none")
    }


def test_the_index_by_hand(rng):
    """Without more spread than chance: the mean less all persons' mean, in its standard error."""
    drawn = moments(rng, [0.0] * 12, [400] * 12, sd=10.0)
    for row, shift in zip(drawn, (6, -6) * 6, strict=True):
        n = row["n"]
        # Sums of n residuals whose mean is 0.06 and whose spread is 10, exactly.
        row["versus_hundredths"] = shift * n
        row["versus_squared"] = (1000**2 + shift**2) * n
    indexes = [r["estimate"] for r in funnel(drawn)]
    spread = 10 * np.sqrt(400 * 12 / (400 * 12 - 12))
    assert indexes == pytest.approx([s * 0.06 / (spread / 20) for s in (1, -1) * 6])


def test_providers_that_differ_by_nature_are_not_called_outside(rng):
    """Standard errors of 1 and differences of 6: by chance alone most would be outside."""
    rows = funnel(moments(rng, 6 * rng.standard_normal(20), [100] * 20))
    assert sum(json.loads(r["diagnostics"])["is_outside"] for r in rows) == 0


def test_what_all_are_off_by_is_nobodys_distance(rng):
    near, far = (
        [r["estimate"] for r in funnel(moments(np.random.default_rng(7), [shift] * 12, [25] * 12))]
        for shift in (0.0, 20.0)
    )
    assert near == pytest.approx(far, abs=0.01)


def test_small_and_unknown_providers_are_in_no_funnel_but_have_their_row(rng):
    rows = moments(rng, [0.0] * 12, [20] * 10 + [4, 30])
    rows[-1]["population"] = "provider:unknown"
    found = {r["population"]: r for r in funnel(rows)}
    assert found["provider:10"]["not_estimable_reason"] == "too_few_persons"
    assert found["provider:unknown"]["not_estimable_reason"] == "provider_unknown"
    assert (found["provider:10"]["n"], found["provider:unknown"]["n"]) == (4, 30)
    assert sum(r["estimate"] is not None for r in found.values()) == 10


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda rows: rows[:9], "too_few_providers"),
        (lambda rows: [*rows[:9], rows[9] | {"n": 4}], "too_few_providers"),
        (lambda rows: [*rows[:9], rows[9] | {"population": "provider:unknown"}], "too_few_providers"),
        (lambda rows: [*rows[:9], rows[9] | {"expected_count": 19}], "no_expectation"),
        (
            lambda rows: [
                r | {"versus_hundredths": 20 * i, "versus_squared": 20 * i * i} for i, r in enumerate(rows)
            ],
            "no_variance",
        ),
        (lambda rows: [r | {"outcome_id": "DOWN:self"} for r in rows], "no_pairs"),
    ],
)
def test_without_enough_to_go_by_one_row_says_so(rng, spoil, reason):
    rows = spoil(moments(rng, [0.0] * 10, [20] * 10))
    (row,) = funnel(rows)
    assert (row["population"], row["estimate"], row["not_estimable_reason"]) == ("window", None, reason)
    assert row["n"] == (0 if reason == "no_pairs" else sum(r["n"] for r in rows))
