"""Surveys: the floors, the parts, and answers weighted from the cells that SQL has counted."""

import duckdb
import pytest

from pipelines.estimation.indicators import surveys
from pipelines.estimators.result import Estimate, NotEstimable
from pipelines.warehouse.reference import create_table, rows_table
from pipelines.warehouse.strategy import STRATEGY_SCHEMAS

LEVEL = 0.95
# population, invited, answered the question, of them with the property
PLAIN = {
    ("female", "young"): (200, 200, 100, 80),
    ("female", "adult"): (300, 300, 180, 120),
    ("male", "young"): (200, 200, 40, 10),
    ("male", "adult"): (300, 300, 160, 90),
}


@pytest.fixture
def measured():
    """Return {(indicator, year, population): figure} of cells told as PLAIN."""
    opened = []

    def build(*years, survey="citizen", rate=0.4, answers=30, cell=10):
        connection = duckdb.connect()
        opened.append(connection)
        for schema in ("ref", "strategy"):
            connection.execute(f"CREATE SCHEMA {schema}")
        cells, sums = [], []
        for year, told in enumerate(years, start=2024):
            for (sex, age), (population, invited, n, matches) in told.items():
                key = {"survey_id": survey, "survey_year": year, "sex": sex, "age_band_id": age}
                counts = {"population_count": population, "invited_count": invited, "answered_count": n}
                cells.append(key | counts)
                if n:
                    # The property is 4 points of 5, the others answered 2.
                    points = {
                        "sum_hundredths": 400 * matches + 200 * (n - matches),
                        "sum_squares": 160000 * matches + 40000 * (n - matches),
                    }
                    row = key | {"answer_count": n} | points
                    sums.append(row | {"indicator_id": "share", "match_count": matches})
                    sums.append(row | {"indicator_id": "mean", "match_count": None})
        tables = {
            "ref.setting": [
                {
                    "survey_minimum_rate": rate,
                    "survey_minimum_answers": answers,
                    "survey_cell_minimum": cell,
                }
            ],
            "ref.survey": [
                {"survey_id": "citizen", "population": "served", "age_from": 18},
                {"survey_id": "staff", "population": "none", "age_from": 0},
            ],
            "ref.question": [{"question_id": "q", "survey_id": survey}],
            "ref.indicator": [
                {
                    "indicator_id": "share",
                    "formula": "survey_share",
                    "question_id": "q",
                    "threshold_hundredths": 400,
                },
                {"indicator_id": "mean", "formula": "survey_mean", "question_id": "q"},
            ],
            "ref.age_band": [
                {"age_band_id": "young", "age_from": 18},
                {"age_band_id": "adult", "age_from": 30},
            ],
            "strategy.survey_cell": cells,
            "strategy.survey_sum": sums,
        }
        for name, rows in tables.items():
            schema = STRATEGY_SCHEMAS.get(name.partition(".")[2])
            create_table(connection, name, rows_table(rows, schema))
        found = surveys.measured(connection)
        return {(one.indicator_id, one.year, one.population): one.figure for one in found}

    yield build
    for connection in opened:
        connection.close()


def value(figure):
    result = figure.result(LEVEL)
    assert isinstance(result, Estimate), result
    return result.estimate


def test_answers_weigh_as_many_as_were_served(measured):
    found = measured(PLAIN)
    wanted = (200 * 0.8 + 300 * 2 / 3 + 200 * 0.25 + 300 * 0.5625) / 1000
    assert value(found["share", 2024, "year"]) == pytest.approx(wanted)
    assert found["share", 2024, "year"].numerator / found["share", 2024, "year"].n == 300 / 480
    assert value(found["mean", 2024, "year"]) == pytest.approx(2 + 2 * wanted)
    assert found["mean", 2024, "year"].numerator is None
    assert {figure.law for figure in found.values()} == {"survey"}


def test_the_parts_are_weighted_within(measured):
    found = measured(PLAIN)
    assert {population for _, _, population in found} == {
        "year", "sex:female", "sex:male", "age_band:young", "age_band:adult",
    }  # fmt: skip
    assert value(found["share", 2024, "sex:female"]) == pytest.approx((200 * 0.8 + 300 * 2 / 3) / 500)
    # Of the young, 140 of 400 answered.
    assert found["share", 2024, "age_band:young"].result(LEVEL) == NotEstimable("response_below_floor")


@pytest.mark.parametrize(
    ("invited", "answered", "is_told"),
    [(100, 40, True), (101, 40, False), (100, 39, False), (30, 30, True), (29, 29, False), (75, 30, True)],
)
def test_no_figure_under_either_floor(measured, invited, answered, is_told):
    """Exactly at a floor is enough."""
    found = measured({("female", "adult"): (invited, invited, answered, answered // 2)})
    for indicator in ("share", "mean"):
        figure = found[indicator, 2024, "year"]
        assert (figure.result(LEVEL) == NotEstimable("response_below_floor")) is not is_told
        assert figure.n == answered
    assert (found["share", 2024, "year"].numerator is None) is not is_told


def test_the_staff_are_not_weighted_and_have_no_parts(measured):
    found = measured({("unknown", "unknown"): (90, 90, 60, 30)}, survey="staff")
    assert set(found) == {("share", 2024, "year"), ("mean", 2024, "year")}
    assert value(found["share", 2024, "year"]) == 0.5
    assert not found["share", 2024, "year"].answers.is_census


def test_the_correction_is_for_a_survey_of_all(measured):
    all_asked = measured(PLAIN)["share", 2024, "year"].result(LEVEL)
    one_less = {**PLAIN, ("male", "young"): (201, 200, 40, 10)}
    not_all = measured(one_less)["share", 2024, "year"].result(LEVEL)
    assert all_asked.upper - all_asked.lower < 0.8 * (not_all.upper - not_all.lower)


def test_a_question_that_nobody_answered_was_not_asked(measured):
    silent = {cell: (*counts[:2], 0, 0) for cell, counts in PLAIN.items()}
    found = measured(silent, PLAIN)
    assert {year for _, year, _ in found} == {2025}


def test_a_part_without_answers_is_told_as_too_few(measured):
    found = measured({**PLAIN, ("unknown", "adult"): (4, 4, 0, 0)})
    assert found["share", 2024, "sex:unknown"].result(LEVEL) == NotEstimable("response_below_floor")
    assert value(found["share", 2024, "year"]) > 0


def test_a_part_of_whom_nobody_was_invited_has_no_row(measured):
    found = measured({**PLAIN, ("unknown", "adult"): (4, 0, 0, 0)})
    assert ("share", 2024, "sex:unknown") not in found
    assert found["share", 2024, "year"].answers.cells[1].population == 304


def test_few_answers_in_a_cell_are_put_with_the_next(measured):
    found = measured({**PLAIN, ("male", "young"): (200, 200, 9, 1)}, cell=10)["share", 2024, "year"]
    assert [cell.n for cell in found.answers.cells] == [100, 180, 169]


def test_a_change_needs_both_years_over_the_floor(measured):
    fewer = {cell: (population, 500, n, x) for cell, (population, _, n, x) in PLAIN.items()}
    fewer = {cell: (500, *counts[1:]) for cell, counts in fewer.items()}
    found = measured(PLAIN, fewer, PLAIN)
    share = {year: found["share", year, "year"] for year in (2024, 2025, 2026)}
    assert share[2025].change(share[2024], LEVEL) == NotEstimable("response_below_floor")
    assert share[2026].change(share[2025], LEVEL) == NotEstimable("response_below_floor")
    same = share[2026].change(share[2024], LEVEL)
    assert same.estimate == 0 and same.lower < 0 < same.upper
    means = found["mean", 2026, "year"].change(found["mean", 2024, "year"], LEVEL)
    assert means.estimate == 0 and means.lower < 0 < means.upper
