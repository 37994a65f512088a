"""The rows beside a contrast's difference: who is in a segment, and when nothing is told of any."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from pipelines.estimation.comparison import specifications
from pipelines.estimators.comparison import TwoGroups, fit
from pipelines.estimators.specifications import SPECIFICATIONS

KEY = {
    "intervention_id": "a",
    "outcome_id": "UP:self",
    "comparator": "other_support",
    "population": "window",
    "sd": 10.0,
}
BANDS = [{"age_band_id": "child", "age_from": 0}, {"age_band_id": "adult", "age_from": 18}]
SETTING = {
    "segment_minimum": 20,
    "disclosure_minimum": 5,
    "confidence_level": 0.95,
    "smallest_worthwhile_sd": 0.3,
    "assessment_window_months": 36,
    "shorter_window_months": 24,
    "days_per_year": 365.25,
}
LIMITS = SimpleNamespace(propensity=(0.1, 0.9))


def table(**columns):
    """People of whom one in three is over 18."""
    size = len(next(iter(columns.values())))
    place = np.arange(size)
    known = {
        "sex": ["female" if i % 2 else "male" for i in place],
        "target_group": ["all"] * size,
        "age_days": np.where(place % 3 == 0, 8000.0, 4000.0),
        "window_days": (place * 7) % 1096,
    }
    return pa.table(known | columns)


def rows(people, size):
    """The rows by specification, or by population; half are treated, and gain 5 points."""
    rng = np.random.default_rng(1)
    treated = rng.permutation(size) < size // 2
    groups = TwoGroups(
        covariates=rng.standard_normal((size, 1)),
        held_out=np.empty((size, 0)),
        is_treated=treated,
        outcome=5.0 * treated + 10 * rng.standard_normal(size),
        provider=np.full(size, -1),
    )
    fitted = fit(groups, np.vstack([np.ones(size), rng.poisson(1.0, (40, size))]))
    found = SimpleNamespace(redraws=rng.standard_normal(40), standard_error=0.1)
    made = specifications.beside_rows(KEY, fitted, found, people, BANDS, LIMITS, SETTING)
    return {
        row["specification"] if row["statistic"] == "standardised_difference" else row["population"]: row
        for row in made
    }


def test_every_listed_specification_has_a_row_with_a_verdict_and_no_interaction_has():
    found = rows(table(person_id=np.arange(600)), 600)
    for name in SPECIFICATIONS:
        row = found[name]
        assert (row["statistic"], row["population"], row["n"]) == ("standardised_difference", "window", 600)
        assert row["estimate"] == pytest.approx(0.5, abs=0.2)
        assert row["verdict"] == "favourable"
        assert row["n_effective"] % 10 == 0
    segments = {name: row for name, row in found.items() if ":" in name}
    assert set(segments) == {"sex:female", "sex:male", "age_band:child", "age_band:adult", "target_group:all"}
    assert all(row["verdict"] is None for row in segments.values())
    assert (segments["sex:female"]["n"], segments["age_band:adult"]["n"]) == (300, 200)
    # There is nobody else to compare all with.
    assert segments["target_group:all"]["not_estimable_reason"] == "too_few_persons"


@pytest.mark.parametrize(("unknown", "is_told"), [(0, True), (4, False), (5, True)])
def test_segments_are_told_unless_the_rest_would_tell_of_a_few(unknown, is_told):
    """All less the women less the men are those whose sex is not known."""
    sex = [None] * unknown + ["female" if i % 2 else "male" for i in range(600 - unknown)]
    found = rows(table(sex=sex), 600)
    for name in ("sex:female", "sex:male"):
        assert (found[name]["estimate"] is not None) == is_told
        assert (found[name]["n"] > 0) == is_told
    if unknown:
        row = found["sex:unknown"]
        assert (row["n"], row["not_estimable_reason"]) == (0, "too_few_persons")


def test_ages_are_completed_years_and_an_unknown_one_is_its_own_segment():
    days = [18 * 365.25 - 1, 18 * 365.25, None, 0.0]
    people = pa.table({"age_days": pa.array(days, pa.float64())})
    found = specifications._segments("age_band", people, BANDS, SETTING)
    assert {name: is_in.tolist() for name, is_in in found.items()} == {
        "age_band:adult": [False, True, False, False],
        "age_band:child": [True, False, False, True],
        "age_band:unknown": [False, False, True, False],
    }
    assert set(specifications._segments("age_band", people, [], SETTING)) == {"age_band:unknown"}


def test_the_shorter_window_is_the_last_two_years_of_three():
    people = pa.table({"window_days": [364, 365, 366, 1000]})
    assert specifications._is_recent(people, SETTING).tolist() == [False, False, True, True]
