"""From the rows of who is compared with whom to the long result table."""

import json
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.estimation import comparison
from pipelines.estimation.comparison import contrasts, effects, pooled
from pipelines.estimators.comparison import Difference
from pipelines.warehouse import reference

EFFECTS = {"a": 0.8, "b": 0.4, "c": 0.0, "d": -0.4, "e": 0.2, "f": 0.6}
SD = 10.0
OWN = ("main", "window")
TEXTS = ("intervention_id", "outcome_id", "comparator", "provider_id", "sex", "target_group")
NUMBERS = (
    "person_id", "baseline_hundredths", "follow_up_hundredths", "age_days", "requested_days",
    "earlier_count", "concurrent_count", "window_days", "earlier_hundredths", "crisis_count",
    "contact_count", "favourable_share",
)  # fmt: skip
RELIABLE = 800
CONTROLS = pa.schema(
    [(name, pa.string()) for name in ("intervention_id", "outcome_id", "control_id")]
    + [("person_id", pa.int64()), ("control_value", pa.float64())]
)


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
    change = np.round(100 * follow_up) - np.round(100 * baseline)
    is_silent = drawn[:, 2] < -1.3
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
        "follow_up_hundredths": np.where(is_silent, np.nan, np.round(100 * follow_up)),
        "is_reliably_improved": np.where(is_silent, None, change > RELIABLE),
        "is_reliably_deteriorated": np.where(is_silent, None, change < -RELIABLE),
        "time_zero_date": np.full(count, date(2024, 3, 1)),
        "age_days": 10_000 + 500 * drawn[:, 3],
        "requested_days": np.where(dealt % 9 == 0, np.nan, dealt % 30),
        "earlier_count": dealt % 8 % 3,
        "concurrent_count": dealt % 5 % 2,
        "window_days": dealt % 701,
        "earlier_hundredths": np.where(dealt % 4 == 0, np.nan, 100 * baseline),
        "crisis_count": np.full(count, np.nan),
        "contact_count": dealt % 11 % 5,
        "favourable_share": np.full(count, 0.5),
        "cost_oere": np.round(100 * (5000 + 2000 * is_treated + 300 * drawn[:, 3])),
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
    """Return the rows of the given contrasts, by intervention, comparator and statistic.

    What stands beside them, in other specifications and populations, is by those too.
    """

    def run(groups, sd=SD):
        connection = duckdb.connect()
        reference.load_reference(connection, catalogue, 2025, date(2026, 1, 31))
        connection.execute("CREATE SCHEMA intervention")
        reference.create_table(connection, "intervention.comparison_person", table(groups))
        reference.create_table(connection, "intervention.comparison_control", CONTROLS.empty_table())
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
        run.draws = (
            connection.execute("SELECT * FROM estimate.other_support_draw").to_arrow_table().to_pylist()
        )
        connection.close()
        found = {
            (
                *(row[name] for name in ("intervention_id", "comparator", "statistic")),
                *(row[name] for name in ("specification", "population") if row[name] not in OWN),
            ): row
            for row in rows
        }
        assert len(found) == len(rows)
        return found

    return run


@pytest.fixture
def six(estimated):
    rng = np.random.default_rng(1)
    return estimated([people(rng, i, effect) for i, effect in EFFECTS.items()])


def of(found, statistic, comparator="other_support"):
    return {key[0]: row for key, row in found.items() if key[1:] == (comparator, statistic)}


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
    alone = of(found, "pooled_difference")
    assert {row["not_estimable_reason"] for row in alone.values()} == {"too_few_to_pool"}
    assert all(row["estimate"] is None for row in alone.values())


def test_errors_that_share_persons_are_pooled_as_such(six):
    """Redraws of two contrasts with the same comparison persons go together."""
    counts = contrasts.person_counts(200, 300, 1).T.astype(float)
    rng = np.random.default_rng(2)
    y = rng.standard_normal(200)
    mean = [
        counts[:, part] @ y[part] / counts[:, part].sum(axis=1)
        for part in (slice(0, 50), slice(50, 120), slice(120, 200))
    ]
    one, other = mean[1] - mean[0], mean[2] - mean[0]
    covariance = pooled._covariance([one, np.where(np.arange(300) < 9, np.nan, other)], np.array([2.0, 3.0]))
    assert np.diag(covariance) == pytest.approx([4.0, 9.0])
    assert covariance[0, 1] / 6 > 0.5


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
            "is_sound", "failed_check", "largest_imbalance", "held_out_imbalance", "model_imbalance",
            "overlap_share", "response_difference",
            "providers", "e_value", "tipping_point_sd", "standard_error_sd",
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


def test_effect_success_and_cost_are_kept_redraw_by_redraw(estimated):
    """The planted cost is 2,000 kr. more; the draws' middle and limits are those of the result."""
    found = estimated([people(np.random.default_rng(1), "a", 0.5)])
    kept = {row["quantity"]: row for row in estimated.draws}
    assert kept.keys() == {"cost", "sd", "reliably_improved"}
    assert kept["cost"]["lower"] < 2000 < kept["cost"]["upper"]
    assert kept["cost"]["estimate"] == pytest.approx(2000, abs=150)
    for quantity, statistic in (
        ("sd", "standardised_difference"),
        ("reliably_improved", "share_difference_reliably_improved"),
    ):
        row = found["a", "other_support", statistic]
        same = [kept[quantity][name] for name in ("estimate", "lower", "upper", "n")]
        assert same == [row[name] for name in ("estimate", "lower", "upper", "n")]
    draws = {name: np.array(row["draws"]) for name, row in kept.items()}
    assert len({len(of) for of in draws.values()}) == 1
    # Who is drawn often in the one is in the others: improving and a higher score go together.
    assert np.corrcoef(draws["sd"], draws["reliably_improved"])[0, 1] > 0.5


def test_a_contrast_without_a_difference_keeps_its_reason(estimated):
    estimated([people(np.random.default_rng(1), "a", 0.5, treated=4)])
    assert {(row["n"], row["not_estimable_reason"]) for row in estimated.draws} == {(0, "too_few_persons")}


def test_a_persons_redraws_are_the_same_whoever_else_there_is():
    few, many = contrasts.person_counts(5000, 50, 7), contrasts.person_counts(9000, 50, 7)
    assert (few == many[:5000]).all()
    assert (few[:4096] != contrasts.person_counts(4096, 50, 8)).any()
    assert (few[:800] != few[4096:4896]).any()
    assert few.mean() == pytest.approx(1.0, abs=0.01)
    assert few.dtype == np.uint8


def test_the_same_rows_give_the_same_numbers(estimated):
    case = [people(np.random.default_rng(1), "a", 0.5)]
    assert estimated(case) == estimated(case)


SHARES = ("share_difference_reliably_improved", "share_difference_deteriorated")


def test_the_differences_of_shares_stand_within_their_bounds(six):
    """The others change as the treated without an effect do: a good half of them are improved reliably."""
    for statistic in SHARES:
        bounds = of(six, f"{statistic}_bounds")
        told = {i: row for i, row in of(six, statistic).items() if row["estimate"] is not None}
        assert bounds.keys() == told.keys()
        for i, row in told.items():
            assert -1 <= bounds[i]["lower"] < row["lower"] < row["upper"] < bounds[i]["upper"] <= 1
            assert bounds[i]["estimate"] == row["estimate"]
            assert (bounds[i]["n"], bounds[i]["verdict"]) == (row["n"], None)
    improved = of(six, SHARES[0])
    assert improved["a"]["lower"] > 0 > improved["d"]["estimate"]
    assert improved["a"]["verdict"] == "favourable"


def test_more_deteriorated_is_unfavourable(estimated):
    case = people(np.random.default_rng(1), "a", -1.0)
    row = of(estimated([case]), SHARES[1])["a"]
    assert row["lower"] > 0
    assert row["verdict"] == "unfavourable"


def test_few_with_the_outcome_in_one_arm_are_not_told(estimated):
    """Of the treated four deteriorate; the counts of the others would do."""
    case = people(np.random.default_rng(1), "a", 0.0)
    known = ~np.isnan(case["follow_up_hundredths"])
    worse = np.flatnonzero(known & case["is_treated"])
    case["is_reliably_deteriorated"][worse] = False
    case["is_reliably_deteriorated"][worse[:4]] = True
    found = estimated([case])
    row = of(found, SHARES[1])["a"]
    assert (row["estimate"], row["not_estimable_reason"]) == (None, "few_with_the_outcome")
    assert of(found, f"{SHARES[1]}_bounds") == {}
    case["is_reliably_deteriorated"][worse[:5]] = True
    assert of(estimated([case]), SHARES[1])["a"]["estimate"] is not None


def test_without_a_norm_there_are_no_shares(estimated):
    case = people(np.random.default_rng(1), "a", 0.5)
    case["is_reliably_improved"] = case["is_reliably_deteriorated"] = np.full(180, None)
    for statistic in SHARES:
        assert of(estimated([case], sd=None), statistic)["a"]["not_estimable_reason"] == "no_norm"


def test_the_balance_of_every_covariate_is_told_in_two_decimals(six):
    rows = {key[3]: row for key, row in six.items() if key[0] == "a" and key[2] == "standardised_imbalance"}
    assert rows.keys() == {
        "baseline", "age", "waiting_time", "earlier_support", "concurrent_support", "calendar_time",
        "sex", "target_group", "earlier_score", "contacts",
    }  # fmt: skip
    n = of(six, "mean_difference")["a"]["n"]
    for name, row in rows.items():
        told = json.loads(row["diagnostics"])
        assert told["is_held_out"] == (name in ("earlier_score", "contacts"))
        assert (row["lower"], row["upper"], row["n"]) == (None, None, n)
        for size in (row["estimate"], told["before"]):
            assert size == round(size, 2)
        assert row["estimate"] == 0 or told["is_held_out"]
    assert json.loads(rows["baseline"]["diagnostics"])["before"] < -0.2


def test_one_variable_held_out_is_not_enough(estimated):
    case = people(np.random.default_rng(1), "a", 0.5)
    assert json.loads(of(estimated([case]), "mean_difference")["a"]["diagnostics"])["is_sound"]
    case["contact_count"] = np.full(180, 2.0)
    told = json.loads(of(estimated([case]), "mean_difference")["a"]["diagnostics"])
    assert (told["is_sound"], told["failed_check"]) == (False, "no_held_out")


def difference(lower, upper, missing_treated, missing_others):
    """A difference in points on an instrument with SD 10."""
    return Difference(
        estimate=(lower + upper) / 2,
        lower=lower,
        upper=upper,
        standard_error=1.0,
        redraws=np.zeros(2),
        soundness=None,
        missing_treated=missing_treated,
        missing_others=missing_others,
    )


@pytest.mark.parametrize(
    ("lower", "upper", "missing", "flips"),
    [
        (1.1, 9.0, (0.2, 0.0), False),  # half an SD is five points, of a fifth: one point
        (0.9, 9.0, (0.2, 0.0), True),
        (0.9, 9.0, (0.0, 0.2), False),  # the others' worse answers only help
        (0.9, 9.0, (0.2, 0.2), True),  # in the treated alone
        (-9.0, -0.9, (0.0, 0.2), True),
        (-9.0, -0.9, (0.2, 0.0), False),
        (-0.5, 8.0, (0.0, 0.2), True),  # undecided, and then favourable
        (-8.0, 8.0, (0.2, 0.2), False),
        (-2.9, 2.9, (0.2, 0.0), True),  # within 0.3 SD of nothing, and then not
        (-2.65, 3.15, (0.1, 0.0), True),  # only some assumptions between the two ends
        (0.9, 9.0, (0.0, 0.0), False),
    ],
)
def test_would_another_answer_of_the_missing_turn_the_verdict(lower, upper, missing, flips):
    setting = {
        "missing_shift_lowest_sd": 0.1, "missing_shift_highest_sd": 0.5, "smallest_worthwhile_sd": 0.3,
    }  # fmt: skip
    assert effects.would_verdict_flip(difference(lower, upper, *missing), SD, setting) == flips


def test_with_next_to_nobody_missing_the_verdict_stands(six):
    rows = of(six, "standardised_difference")
    assert rows["a"]["verdict"] == "favourable" and rows["a"]["would_verdict_flip"] is False
    assert {row["would_verdict_flip"] for row in of(six, "mean_difference").values()} == {None}


@pytest.mark.parametrize(("providers", "mark"), [(1, "one_provider"), (3, "few_providers"), (5, None)])
def test_few_providers_are_told(estimated, providers, mark):
    case = people(np.random.default_rng(1), "a", 0.5)
    case["provider_id"] = [
        f"{t}{i % (providers if t else 6)}" for i, t in enumerate(case["is_treated"].tolist())
    ]
    assert json.loads(of(estimated([case]), "mean_difference")["a"]["diagnostics"])["providers"] == mark
