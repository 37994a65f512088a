"""Surveys: what those who answered say of everybody served, and nothing where too few answered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import duckdb

from pipelines.estimation.indicators.figure import Measured
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.result import NotEstimable, Result
from pipelines.estimators.survey import (
    Cell,
    Weighted,
    mean_difference,
    merged,
    share_difference,
    weighted_mean,
    weighted_share,
)

READS = ("strategy.survey_cell", "strategy.survey_sum")
YEAR = "year"
HUNDREDTHS = 100
CELLS = """
SELECT indicator.indicator_id, cell.*, COALESCE(age_band.age_from, -1) AS age_from,
    survey.population = 'served' AS is_weighted, indicator.threshold_hundredths IS NOT NULL AS is_share,
    COALESCE(answers.answer_count, 0) AS answer_count, COALESCE(answers.match_count, 0) AS match_count,
    COALESCE(answers.sum_hundredths, 0) AS sum_hundredths, COALESCE(answers.sum_squares, 0) AS sum_squares
FROM ref.indicator AS indicator
JOIN ref.question AS question USING (question_id)
JOIN ref.survey AS survey USING (survey_id)
JOIN strategy.survey_cell AS cell USING (survey_id)
LEFT JOIN ref.age_band AS age_band USING (age_band_id)
LEFT JOIN strategy.survey_sum AS answers
    ON indicator.indicator_id = answers.indicator_id AND cell.survey_year = answers.survey_year
    AND cell.sex = answers.sex AND cell.age_band_id = answers.age_band_id
WHERE indicator.formula IN ('survey_share', 'survey_mean')
ORDER BY indicator.indicator_id, cell.survey_year, cell.sex, age_from, cell.age_band_id
"""


@dataclass(frozen=True)
class SurveyFigure:
    """One question's answers in one year, weighted to whom the survey is about.

    Below either floor (the share of the invited who answered this question, and how many they are) there is
    no figure: NotEstimable("response_below_floor"). The few who answer are then too unlike the many who do
    not for sex and age to mend.
    """

    answers: Weighted
    invited: int
    matches: int | None
    minimum_rate: float
    minimum_answers: int

    @property
    def law(self) -> str:
        """Weighted answers."""
        return "survey"

    @property
    def n(self) -> int:
        """Persons who answered the question."""
        return self.answers.n

    @property
    def numerator(self) -> int | None:
        """Persons of them whose answer counts; the weighted share is another number than this by `n`."""
        return None if self.is_below_floor else self.matches

    @property
    def unit_count(self) -> int | None:
        """Nothing but persons."""
        return None

    @property
    def unit_numerator(self) -> int | None:
        """Nothing but persons."""
        return None

    @property
    def is_below_floor(self) -> bool:
        """Too few of the invited answered, or too few at all."""
        return self.n < self.minimum_answers or self.n / self.invited < self.minimum_rate

    def result(self, level: float) -> Result:
        """Return the weighted share (0 to 1) or mean (points of the scale)."""
        if self.is_below_floor:
            return NotEstimable("response_below_floor")
        return (
            weighted_mean(self.answers, level)
            if self.matches is None
            else weighted_share(self.answers, level)
        )

    def change(self, earlier: Self, level: float) -> Result:
        """Return this minus `earlier`; the many who answered both times make the interval cautious."""
        if self.is_below_floor or earlier.is_below_floor:
            return NotEstimable("response_below_floor")
        difference = mean_difference if self.matches is None else share_difference
        return difference(self.answers, earlier.answers, level)


def measured(connection: duckdb.DuckDBPyConnection) -> list[Measured]:
    """Return every survey indicator in every year it was asked: of everybody, and by sex and by age.

    A question that not one has answered was not asked that year, and is not measured rather than under the
    floor. A survey that is not weighted names no persons, and has no parts.
    """
    (setting,) = read_rows(connection, "SELECT * FROM ref.setting")
    populations = _populations(read_rows(connection, CELLS))
    return [
        Measured(indicator, year, population, _figure(cells, setting))
        for (indicator, year, population), cells in populations.items()
        if _sum(populations[indicator, year, YEAR], "answer_count") and _sum(cells, "invited_count")
    ]


def _populations(rows: Sequence[Row]) -> dict[tuple[str, int, str], list[Row]]:
    """Return the cells of each indicator, year and population."""
    cells: dict[tuple[str, int, str], list[Row]] = defaultdict(list)
    for row in rows:
        for population in _parts(row):
            cells[row["indicator_id"], row["survey_year"], population].append(row)
    return cells


def _sum(cells: Sequence[Row], name: str) -> int:
    return sum(int(cell[name]) for cell in cells)


def _parts(row: Row) -> Iterator[str]:
    yield YEAR
    if row["is_weighted"]:
        yield f"sex:{row['sex']}"
        yield f"age_band:{row['age_band_id']}"


def _figure(cells: Sequence[Row], setting: Row) -> SurveyFigure:
    by_sex: dict[str, list[Cell]] = defaultdict(list)
    for row in cells:
        by_sex[row["sex"]].append(_cell(row))
    is_share, is_weighted = cells[0]["is_share"], cells[0]["is_weighted"]
    invited = _sum(cells, "invited_count")
    return SurveyFigure(
        Weighted(
            merged(list(by_sex.values()), setting["survey_cell_minimum"]),
            is_census=is_weighted and invited == _sum(cells, "population_count"),
        ),
        invited,
        _sum(cells, "match_count") if is_share else None,
        setting["survey_minimum_rate"],
        setting["survey_minimum_answers"],
    )


def _cell(row: dict[str, Any]) -> Cell:
    if row["is_share"]:
        total = squares = float(row["match_count"])
    else:
        total, squares = row["sum_hundredths"] / HUNDREDTHS, row["sum_squares"] / HUNDREDTHS**2
    return Cell(row["population_count"], row["answer_count"], total, squares)
