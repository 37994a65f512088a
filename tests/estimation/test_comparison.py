"""From the rows of who is compared with whom to the long result table."""

import json
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.estimation import comparison
from pipelines.warehouse import reference

EFFECTS = {"a": 0.8, "b": 0.4, "c": 0.0, "d": -0.4, "e": 0.2, "f": 0.6}
SD = 10.0
TEXTS = ("intervention_id", "outcome_id", "comparator", "provider_id", "sex", "target_group")
NUMBERS = (
    "person_id", "baseline_hundredths", "follow_up_hundredths", "age_days", "requested_days",
    "earlier_count", "concurrent_count", "window_days", "earlier_hundredths", "crisis_count",
    "contact_count", "favourable_share",
)  # fmt: skip


def people(rng, intervention, effect, comparator="other_support", treated=60, others=120):
    """Persons of one contrast: the severe get it, the others are the same in all; one in ten is silent."""
    count = treated + others
    is_treated = np.arange(count) < treated
    first = 10_000 * (1 + sorted(EFFECTS).index(intervention))
    person = np.where(is_treated, first + np.arange(count), np.arange(count) - treated)
    own = np.random.default_rng(3)
    drawn = np.vstack([rng.standard_normal((treated, 4)), own.standard_normal((others, 4))])
    dealt = np.concatenate([rng.integers(0, 2520, treated), own.integers(0, 2520, others)])
    provider = [f"{intervention if t else 'o'}{d % 6}" for t, d in zip(is_treated, dealt, strict=True)]
    baseline = 50 + SD * (drawn[:, 0] - 0.5 * is_treated)
    follow_up = 0.6 * baseline + 20 + SD * (effect * is_treated + 0.5 * drawn[:, 1])
    return {
        "intervention_id": [intervention] * count,
        "outcome_id": ["UP:self"] * count,
        "comparator": [comparator] * count,
        "provider_id": provider,
        "sex": [("female", "male", None)[d % 7 % 3] for d in dealt],
        "target_group": ["rare" if d % 60 == 0 else "xy"[d % 2] for d in dealt],
        "person_id": person,
        "is_treated": is_treated,
        "baseline_hundredths": np.round(100 * baseline),
        "follow_up_hundredths": np.where(drawn[:, 2] < -1.3, np.nan, np.round(100 * follow_up)),
        "age_days": 10_000 + 500 * drawn[:, 3],
        "requested_days": np.where(dealt % 9 == 0, np.nan, dealt % 30),
        "earlier_count": dealt % 8 % 3,
        "concurrent_count": dealt % 5 % 2,
        "window_days": dealt % 701,
        "earlier_hundredths": np.where(dealt % 4 == 0, np.nan, 100 * baseline),
        "crisis_count": np.full(count, np.nan),
        "contact_count": dealt % 11 % 5,
        "favourable_share": np.full(count, 0.5),
    }  # fmt: skip


def table(groups):
    columns = {
        name: np.concatenate([np.asarray(g[name], dtype=object) for g in groups]) for name in groups[0]
    }
    return pa.table(
        {
            name: pa.array(values.tolist(), pa.string() if name in TEXTS else None, from_pandas=True)
            for name, values in columns.items()
        }
    )


@pytest.fixture
def estimated(catalogue):
    """Return the rows of the given contrasts, by intervention, comparator and statistic."""

    def run(groups, sd=SD):
        connection = duckdb.connect()
        reference.load_reference(connection, catalogue, 2025, date(2026, 1, 31))
        connection.execute("CREATE SCHEMA intervention")
        reference.create_table(connection, "intervention.comparison_person", table(groups))
        outcomes = [
            {"intervention_id": i, "outcome_id": "UP:self", "instrument_id": "UP", "respondent": "self"}
            for i in sorted({g["intervention_id"][0] for g in groups})
        ]
        norm = [{"instrument_id": "UP", "respondent": "self", "sd": sd}]
        for name, rows in {"intervention_outcome": outcomes, "instrument_norm": norm}.items():
            connection.execute(f"DROP TABLE ref.{name}")
            schema = reference.NORM_SCHEMA if name == "instrument_norm" else None
            rows = [dict.fromkeys(schema.names) | row for row in rows] if schema else rows
            reference.create_table(connection, f"ref.{name}", reference.rows_table(rows, schema))
        rows = comparison.results(connection, 0.95)
        connection.close()
        found = {(row["intervention_id"], row["comparator"], row["statistic"]): row for row in rows}
        assert len(found) == len(rows)
        return found

    return run


@pytest.fixture
def six(estimated):
    rng = np.random.default_rng(1)
    return estimated([people(rng, i, effect) for i, effect in EFFECTS.items()])


def of(found, statistic, comparator="other_support"):
    return {i: row for (i, c, s), row in found.items() if (c, s) == (comparator, statistic)}


def test_the_planted_differences_in_points_and_in_sd(six):
    """One in ten is silent; each contrast's standard error is about 0.1 SD."""
    for i, row in of(six, "standardised_difference").items():
        assert row["estimate"] == pytest.approx(EFFECTS[i], abs=0.35)
        assert row["lower"] < EFFECTS[i] < row["upper"]
        points = six[i, "other_support", "mean_difference"]
        assert points["estimate"] == pytest.approx(SD * row["estimate"])
        assert points["diagnostics"] == row["diagnostics"]
    errors = [row["estimate"] - EFFECTS[i] for i, row in of(six, "standardised_difference").items()]
    # They share the comparison persons, and so their errors: the mean is no surer than they are.
    assert abs(np.mean(errors)) < 0.2


def test_pooling_draws_together_and_narrows(six):
    alone, pooled = of(six, "standardised_difference"), of(six, "pooled_difference")
    assert pooled.keys() == EFFECTS.keys()
    spread = [np.std([row["estimate"] for row in rows.values()]) for rows in (alone, pooled)]
    assert spread[1] < spread[0]
    assert json.loads(pooled["a"]["diagnostics"])["interventions"] == 6
    for i, row in of(six, "pooled_probability_positive").items():
        above = six[i, "other_support", "pooled_probability_above_delta"]["estimate"]
        assert 0 <= above <= row["estimate"] <= 1
        assert (row["lower"], row["upper"]) == (None, None)
    assert of(six, "probability_positive")["a"]["estimate"] > 0.99
    assert of(six, "probability_positive")["d"]["estimate"] < 0.05
    assert of(six, "probability_above_delta")["a"]["estimate"] > 0.9


def test_four_are_too_few_to_pool(estimated):
    rng = np.random.default_rng(1)
    found = estimated([people(rng, i, EFFECTS[i]) for i in "abcd"])
    assert len(of(found, "probability_positive")) == 4
    assert of(found, "pooled_difference") == {}


def test_errors_that_share_persons_are_pooled_as_such(six):
    """Redraws of two contrasts with the same comparison persons go together."""
    counts = comparison.person_counts(200, 300, 1).T.astype(float)
    rng = np.random.default_rng(2)
    y = rng.standard_normal(200)
    mean = [
        counts[:, part] @ y[part] / counts[:, part].sum(axis=1)
        for part in (slice(0, 50), slice(50, 120), slice(120, 200))
    ]
    one, other = mean[1] - mean[0], mean[2] - mean[0]
    covariance = comparison._covariance(
        [one, np.where(np.arange(300) < 9, np.nan, other)], np.array([2.0, 3.0])
    )
    assert np.diag(covariance) == pytest.approx([4.0, 9.0])
    assert covariance[0, 1] / 6 > 0.5


def test_nobody_waiting_is_told_without_a_count(six):
    for statistic in ("mean_difference", "standardised_difference"):
        for row in of(six, statistic, "waiting").values():
            assert (row["n"], row["estimate"], row["diagnostics"]) == (0, None, None)
            assert row["not_estimable_reason"] == "too_few_persons"


@pytest.mark.parametrize(("treated", "n"), [(4, 0), (5, 35)])
def test_an_arm_below_the_minimum_does_not_show_in_the_other(estimated, treated, n):
    case = people(np.random.default_rng(1), "a", 0.5, treated=treated, others=30)
    case["follow_up_hundredths"] = case["baseline_hundredths"]
    row = of(estimated([case]), "mean_difference")["a"]
    assert (row["n"], row["not_estimable_reason"]) == (n, "too_few_persons")


def test_a_diagnosis_tells_no_numbers_of_persons(six):
    for row in of(six, "mean_difference").values():
        told = json.loads(row["diagnostics"])
        assert set(told) == {
            "is_sound", "failed_check", "largest_imbalance", "overlap_share", "response_difference",
            "providers", "e_value", "tipping_point_sd",
        }  # fmt: skip
        for name in ("overlap_share", "response_difference", "tipping_point_sd"):
            steps = (told[name] or 0) / 0.05
            assert steps == pytest.approx(round(steps))
        assert row["n_effective"] % 10 == 0
        assert row["numerator"] is None


def test_without_a_norm_there_are_points_alone(estimated):
    rng = np.random.default_rng(1)
    found = estimated([people(rng, i, effect) for i, effect in EFFECTS.items()], sd=None)
    assert {r["not_estimable_reason"] for r in of(found, "standardised_difference").values()} == {"no_norm"}
    assert all(row["estimate"] is not None for row in of(found, "mean_difference").values())
    assert of(found, "probability_positive") == of(found, "pooled_difference") == {}


def test_a_persons_redraws_are_the_same_whoever_else_there_is():
    few, many = comparison.person_counts(5000, 50, 7), comparison.person_counts(9000, 50, 7)
    assert (few == many[:5000]).all()
    assert (few[:4096] != comparison.person_counts(4096, 50, 8)).any()
    assert (few[:800] != few[4096:4896]).any()
    assert few.mean() == pytest.approx(1.0, abs=0.01)
    assert few.dtype == np.uint8


def test_the_same_rows_give_the_same_numbers(estimated):
    case = [people(np.random.default_rng(1), "a", 0.5)]
    assert estimated(case) == estimated(case)
