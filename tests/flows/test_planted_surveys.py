"""Weighted answers find what the demo planted for everybody served; the answers as they came do not."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from pipelines.estimators.proportion import wilson_interval
from pipelines.estimators.result import Estimate
from pipelines.marts import Marts
from tests.conftest import DemoRun

QUERY = """
    SELECT DISTINCT mart.*, indicator.question_id, indicator.threshold_hundredths, indicator.is_at_least
    FROM marts.strategy_indicator AS mart
    JOIN ref.indicator AS indicator USING (indicator_id)
    JOIN ref.question AS question USING (question_id)
    WHERE mart.population = 'year' AND question.survey_id = 'citizen' AND indicator.formula = 'survey_share'
"""


class Found(NamedTuple):
    """A question in a year: the truth of everybody, the run's figure, and the answers as they came."""

    question: str
    truth: float
    weighted: Estimate
    plain: Estimate
    planted_bias: float


@pytest.fixture(scope="module")
def surveys(demo_run: DemoRun) -> dict[str, Any]:
    path = demo_run.out / "data" / "truth" / "truth.json"
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["surveys"]
    return told


@pytest.fixture(scope="module")
def rows(demo_run: DemoRun) -> Iterator[Any]:
    with Marts(demo_run.out).warehouse() as connection:
        yield lambda sql: connection.execute(sql).to_arrow_table().to_pylist()


@pytest.fixture(scope="module")
def found(surveys: dict[str, Any], rows: Any) -> list[Found]:
    planted = {year["year"]: year["questions"] for year in surveys["citizen"]}
    by_figure = {(row["indicator_id"], row["year"]): row for row in rows(QUERY)}
    return [_found(row, planted[row["year"]][row["question_id"]]) for row in by_figure.values()]


def _found(row: dict[str, Any], question: dict[str, Any]) -> Found:
    limit, kind = row["threshold_hundredths"], "at_least_4" if row["is_at_least"] else "at_most_2"
    assert limit == (400 if row["is_at_least"] else 200)
    steps = slice(3, 5) if row["is_at_least"] else slice(0, 2)
    counts, answered = question["distribution"], question["answered_distribution"]
    plain = wilson_interval(sum(answered[steps]), sum(answered), 0.95)
    assert isinstance(plain, Estimate)
    assert (row["numerator"], row["n"]) == (sum(answered[steps]), sum(answered))
    return Found(
        row["question_id"],
        sum(counts[steps]) / sum(counts),
        Estimate(row["value"], row["lower"], row["upper"], row["n"]),
        plain,
        question[f"biased_share_{kind}"] - question[f"true_share_{kind}"],
    )


def test_every_question_asked_twice_is_found(found: list[Found], surveys: dict[str, Any]) -> None:
    asked = {question for year in surveys["citizen"] for question in year["questions"]}
    assert len(asked) >= 10
    assert sorted(one.question for one in found) == sorted([*asked] * 2)


def test_weighted_answers_hold_the_truth_and_the_plain_ones_do_not(found: list[Found]) -> None:
    held = [one.weighted.lower <= one.truth <= one.weighted.upper for one in found]
    plain_held = [one.plain.lower <= one.truth <= one.plain.upper for one in found]
    assert sum(held) >= len(found) - 1
    assert sum(plain_held) <= len(found) - 4


def test_weighting_takes_the_planted_bias_away(found: list[Found]) -> None:
    """Turned so that plus is the way the planted bias goes; some 4 points of it are planted."""
    turned = [(1 if one.planted_bias > 0 else -1, one) for one in found]
    planted = sum(abs(one.planted_bias) for one in found) / len(found)
    plain = sum(sign * (one.plain.estimate - one.truth) for sign, one in turned) / len(found)
    weighted = sum(sign * (one.weighted.estimate - one.truth) for sign, one in turned) / len(found)
    assert planted > 0.03
    assert plain > 0.02
    assert abs(weighted) < 0.015


def test_too_few_of_the_staff_answered_and_nothing_of_it_is_shown(rows: Any, surveys: dict[str, Any]) -> None:
    (year,) = surveys["staff"]
    (response,) = rows("SELECT * FROM marts.survey_response WHERE survey_id = 'staff'")
    assert (response["invited"], response["answered"]) == (year["invited_count"], year["answered_count"])
    assert response["is_under_floor"] and response["rate"] < 0.4
    told = rows(
        "SELECT mart.* FROM marts.strategy_indicator AS mart"
        " JOIN ref.indicator USING (indicator_id) JOIN ref.question USING (question_id)"
        " WHERE survey_id = 'staff'"
    )
    assert len(told) >= 3
    for row in told:
        assert row["not_estimable_reason"] == "response_below_floor"
        assert row["value"] is row["lower"] is row["upper"] is row["numerator"] is None


def test_the_rates_are_the_planted_ones(rows: Any, surveys: dict[str, Any]) -> None:
    shown = {
        row["year"]: row
        for row in rows(
            "SELECT * FROM marts.survey_response WHERE survey_id = 'citizen' AND population = 'year'"
        )
    }
    for year in surveys["citizen"]:
        row = shown[year["year"]]
        assert row["rate"] == pytest.approx(year["response_share"], abs=1e-4)
        assert not row["is_under_floor"]
    young = rows("SELECT * FROM marts.survey_response WHERE population = 'age_band:young'")
    assert [row["is_under_floor"] for row in young] == [True, True]
