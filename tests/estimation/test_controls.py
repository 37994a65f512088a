"""Negative controls: what the support cannot have changed tells whether the groups were alike."""

import json

import numpy as np
import pyarrow as pa
import pytest

from pipelines.estimation.comparison import controls
from pipelines.estimators.comparison import TwoGroups, fit
from pipelines.estimators.unmeasured import SystematicError, control_result

KEY = {
    "intervention_id": "a",
    "outcome_id": "UP:self",
    "comparator": "other_support",
    "population": "window",
    "sd": 10.0,
}
SETTING = {
    "segment_minimum": 20,
    "confidence_level": 0.95,
    "control_limit_sd": 0.2,
    "calibration_minimum": 5,
    "minimum_providers": 5,
}


def rows(rng, persons=4000, hidden=0.0, declared=None, earlier=1.0, by_provider=None):
    """The rows of people of whom the support chose by the baseline and by what nobody wrote down."""
    unseen, place = rng.standard_normal(persons), np.arange(persons) % 8
    if by_provider:
        unseen += by_provider * rng.standard_normal(8)[place]
    baseline = unseen + rng.standard_normal(persons)
    treated = rng.random(persons) < 1 / (1 + np.exp(0.5 * baseline + hidden * unseen))
    groups = TwoGroups(
        covariates=baseline[:, None] / baseline.std(),
        held_out=np.empty((persons, 0)),
        is_treated=treated,
        outcome=50 + 10 * (unseen + rng.standard_normal(persons)),
        provider=np.full(persons, -1) if by_provider is None else np.where(treated, 0, 9) + place,
    )
    before = np.where(
        rng.random(persons) < earlier, 5000 + 1000 * (unseen + rng.standard_normal(persons)), np.nan
    )
    people = pa.table({"person_id": 7 * np.arange(persons), "earlier_hundredths": before})
    fitted = fit(groups, np.vstack([np.ones(persons), rng.poisson(1.0, (40, persons))]))
    given = {("a", "UP:self"): declared} if declared else {}
    weight = fitted.weights.weight[0]
    return {
        row["specification"]: row
        for row in controls.control_rows(KEY, groups, weight, people, given, SETTING)
    }


def told(row):
    return json.loads(row["diagnostics"])["result"]


def test_the_earlier_score_fails_where_people_were_chosen_by_what_nobody_wrote_down():
    row = rows(np.random.default_rng(1), hidden=1.0)["earlier_score"]
    assert (told(row), row["statistic"], row["verdict"]) == ("failed", "negative_control", None)
    assert row["upper"] < -0.3


def test_it_passes_where_they_were_not_and_is_undecided_of_few():
    row = rows(np.random.default_rng(1))["earlier_score"]
    assert told(row) == "passed"
    assert row["n"] == 4000
    assert told(rows(np.random.default_rng(1), persons=200)["earlier_score"]) == "undecided"


def test_people_of_one_provider_are_alike_and_make_a_control_less_sure():
    widths = []
    for by_provider in (None, 0.0, 0.5):
        row = rows(np.random.default_rng(4), by_provider=by_provider)["earlier_score"]
        widths.append(row["upper"] - row["lower"])
    assert widths[1] < 1.7 * widths[0] < 2 * widths[0] < widths[2]


def test_few_with_an_earlier_score_have_neither_a_number_nor_a_count():
    row = rows(np.random.default_rng(1), persons=300, earlier=0.05)["earlier_score"]
    assert (row["not_estimable_reason"], row["n"], row["diagnostics"]) == ("too_few_persons", 0, None)


def test_a_declared_control_is_told_in_the_peoples_own_sd_by_whom_it_is_known():
    """Half the persons are in the register, all of whom are persons compared but the last."""
    rng = np.random.default_rng(2)
    person = 7 * np.arange(0, 4002, 2)
    share = np.clip(0.5 + 0.1 * rng.standard_normal(len(person)), 0, 1)
    found = rows(
        rng, declared={"register:debt": (person, share), "register:education": (person[:9], share[:9])}
    )
    assert set(found) == {"earlier_score", "register:debt", "register:education"}
    row = found["register:debt"]
    assert row["n"] == 2000
    assert abs(row["estimate"]) < 0.2
    assert row["upper"] - row["lower"] == pytest.approx(4 * 0.047, abs=0.05)
    assert found["register:education"]["not_estimable_reason"] == "too_few_persons"
    same = rows(np.random.default_rng(2), declared={"register:debt": (person, np.full(len(person), 0.5))})
    assert same["register:debt"]["not_estimable_reason"] == "no_variance"


@pytest.mark.parametrize(
    ("lower", "upper", "result"),
    [
        (-0.19, 0.19, "passed"),
        (0.05, 0.15, "passed"),
        (-0.2, 0.19, "undecided"),
        (-0.1, 0.2, "undecided"),
        (0.01, 0.4, "failed"),
        (0.0, 0.4, "undecided"),
        (-0.5, -0.01, "failed"),
    ],
)
def test_what_a_controls_interval_says(lower, upper, result):
    assert control_result(lower, upper, 0.2) == result


def row_of(statistic, estimate, error=0.1, intervention="a"):
    return KEY | {
        "intervention_id": intervention,
        "statistic": statistic,
        "specification": "main" if statistic == "standardised_difference" else "earlier_score",
        "estimate": estimate,
        "n": 100,
        "n_effective": 40.0,
        "diagnostics": json.dumps({"standard_error_sd": error}),
    }


def test_what_the_controls_err_by_is_taken_off_every_difference():
    """Nine controls 0.3 SD too high: so is every difference."""
    rng = np.random.default_rng(3)
    erring = [row_of("negative_control", 0.3 + 0.1 * z) for z in rng.standard_normal(9)]
    found = controls.calibrated_rows([row_of("standardised_difference", 0.5), *erring], 0.95, SETTING)
    (row,) = found
    assert (row["statistic"], row["verdict"]) == ("calibrated_difference", None)
    assert row["estimate"] == pytest.approx(0.2, abs=0.1)
    assert row["upper"] - row["estimate"] >= 1.96 * 0.1 - 1e-3
    assert json.loads(row["diagnostics"])["controls"] == 9


def test_four_controls_are_too_few_to_calibrate_by():
    erring = [row_of("negative_control", 0.3 + 0.01 * i) for i in range(4)]
    main = row_of("standardised_difference", 0.5)
    (row,) = controls.calibrated_rows([main, *erring], 0.95, SETTING)
    assert (row["not_estimable_reason"], row["estimate"]) == ("too_few_controls", None)
    five = [*erring, row_of("negative_control", 0.3)]
    assert controls.calibrated_rows([main, *five], 0.95, SETTING)[0]["estimate"] is not None
    assert controls.calibrated_rows(five, 0.95, SETTING) == []


def test_a_calibrated_interval_by_hand():
    """Mean 0.1, spread 0.3 and an error of 0.4 make 0.5."""
    found = SystematicError(0.1, 0.3).calibrated(0.6, 0.4, 0.95)
    assert found == pytest.approx((0.5, 0.5 - 1.959964 * 0.5, 0.5 + 1.959964 * 0.5), abs=1e-6)
