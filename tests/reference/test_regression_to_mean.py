"""Regression to the mean against the reference: a truncated normal, and the test of Mee & Chua (1991)."""

import csv
import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.catalogue import Reference
from pipelines.estimators.mean import PairedMoments, mean_change
from pipelines.warehouse import ladder
from tests.sql import conftest
from tests.sql.conftest import given, rows

__all__ = ["given", "rows"]  # the fixtures

ASKED, WAITED, STARTED, LATER = date(2023, 1, 10), date(2023, 7, 10), date(2024, 3, 1), date(2024, 9, 1)
TEN_THOUSANDTH = 1e-4


@pytest.fixture
def oracle(oracles: Path) -> dict[str, Any]:
    folder = oracles / "regression_to_mean"
    with (folder / "data.csv").open(encoding="utf-8") as file:
        pairs = [(int(r["Before"]), int(r["After"])) for r in csv.DictReader(file)]
    cases = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["cases"]
    return {"pairs": pairs} | {case["id"]: case["expected"] for case in cases}


@pytest.fixture
def tables():
    return ("individual.expected_change",)


@pytest.fixture
def catalogue(catalogue):
    """Eight students are few: the least number of people a line may rest on is set to what there are."""
    parameters = tuple(
        p.model_copy(update={"value": 8}) if p.id == "minimum_waiting_persons" else p
        for p in catalogue.parameters
    )
    return catalogue.model_copy(update={"parameters": parameters})


def students(pairs):
    episodes, scores = [], []
    for n, (before, after) in enumerate(pairs):
        name = b"s%d" % n
        episodes.append(
            {"episode_id": f"s{n}", "person_id": name, "requested_date": ASKED, "started_date": None}
        )
        scores += [
            {"person_id": name, "measured_date": ASKED, "score": before},
            {"person_id": name, "measured_date": WAITED, "score": after},
        ]
    return episodes, scores


def test_mee_and_chuas_regression_is_the_waiting_line_at_mu(oracle, given, rows):
    """Intercept at mu: what somebody at mu is expected to score. Its error is part of the interval's."""
    episodes, scores = students(oracle["pairs"])
    published = {case["mu"]: case for case in oracle["mee_chua_language_test"]}
    for mu in published:
        name = b"m%d" % (10 * mu)
        episodes.append({"episode_id": str(mu), "person_id": name, "started_date": STARTED})
        scores.append({"person_id": name, "measured_date": STARTED, "score": mu})
        scores.append({"person_id": name, "measured_date": LATER, "score": 50})
    connection = given(episode=episodes, measurement=scores)
    (model,) = (m for m in ladder.load_models() if m.name == "marts.expected_fit")
    (fit,) = (f for f in rows(connection, model.sql) if f["kind"] == "waiting")
    found = rows(connection, "SELECT * FROM individual.expected_change WHERE follow_up_kind = 'primary'")
    expected = {row["episode_id"]: row for row in found}
    assert fit["n"] == len(oracle["pairs"])
    narrowest = fit["residual_sd_score"] ** 2
    for mu, case in published.items():
        row = expected[str(mu)]
        assert row["expected_without_support"] == pytest.approx(case["intercept"], rel=1e-12)
        assert fit["slope"] == pytest.approx(case["slope"], rel=1e-12)
        assert row["expected_without_support"] - mu == pytest.approx(case["treatment_effect"], rel=1e-10)
        # The published error is of the line; a prediction adds one person's spread. 6 degrees of freedom.
        half = (row["expected_without_support_upper"] - row["expected_without_support_lower"]) / 2
        assert half == pytest.approx(2.4469118511 * math.sqrt(narrowest + case["se"] ** 2), rel=1e-3)


def test_the_naive_paired_change_is_the_sum_of_effect_and_regression(oracle):
    before, after = zip(*oracle["pairs"], strict=True)
    n = len(before)
    means = sum(before) / n, sum(after) / n
    spread = [
        [
            sum((a - m) * (b - k) for a, b in zip(x, y, strict=True)) / (n - 1)
            for y, k in zip((before, after), means, strict=True)
        ]
        for x, m in zip((before, after), means, strict=True)
    ]
    moments = PairedMoments(n, *means, spread[0][0], spread[1][1], spread[0][1])
    naive = oracle["naive_paired"]
    assert means == (naive["pre_mean"], naive["post_mean"])
    found = mean_change(moments, 0.95)
    assert found.estimate == pytest.approx(naive["post_mean"] - naive["pre_mean"])
    error = math.sqrt(moments.variance_change / n)
    assert found.estimate / error == pytest.approx(naive["t"])
    for case in oracle["mee_chua_language_test"]:
        assert found.estimate == pytest.approx(case["treatment_effect"] + case["regression_effect"])


@pytest.mark.parametrize("name", ["who5", "sdq", "std"])
def test_people_chosen_below_a_cutoff_are_expected_where_the_truncated_normal_says(
    oracle, catalogue, monkeypatch, given, rows, name
):
    """E0 at the mean score of those chosen is their mean score later: a line takes means to means.

    Scores are kept in hundredths of a point, so the mean before is put in with four decimals as points
    of a scale a hundred times finer; mean, SD and cut-off of the reference are put in the same way.
    """
    known, want = (
        oracle["truncated_normal_rtm"][name]["args"],
        oracle["truncated_normal_rtm"][name]["expected"],
    )
    fine = 100
    reference = Reference(
        id="r", instrument="UP", respondent="self", population_da="", is_unselected=True, age_from=0,
        age_to=99, target_groups=("all",), mean=float(fine * known["mu"]), mean_standard_error=0.0,
        sd=float(fine * known["sd"]), horizon_months=6, correlation=known["rho"], correlation_n=10**6,
        source="oracle", certainty="sample",
    )  # fmt: skip
    small = conftest.small_catalogue
    monkeypatch.setattr(
        conftest, "small_catalogue", lambda real: small(real).model_copy(update={"references": (reference,)})
    )
    connection = given(
        person=[{"birth_date": date(1990, 1, 1), "target_group": "all"}],
        episode=[{}],
        measurement=[
            {"measured_date": STARTED, "score": fine * want["e_before"]},
            {"measured_date": LATER, "score": fine * want["e_after"]},
        ],
    )
    (row,) = rows(connection, "SELECT * FROM individual.expected_change WHERE follow_up_kind = 'primary'")
    assert row["expected_without_support"] / fine == pytest.approx(want["e_after"], abs=TEN_THOUSANDTH)
    assert (row["expected_without_support"] / fine - want["e_before"]) == pytest.approx(
        want["rtm"], abs=TEN_THOUSANDTH
    )
    # What is left when regression is all there is: nothing.
    assert row["versus_expected"] / fine == pytest.approx(0, abs=TEN_THOUSANDTH)
