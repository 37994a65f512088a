"""Weighted surveys against published results: R's survey package, Kalton & Flores-Cervantes, Lohr.

Only sums by stratum stand here (facts). The California schools' are of the data set `apistrat` of the R
package survey, whose documentation (`?api`, the saved output of tests/api.R) prints the mean and its standard
error. The full-precision numbers were computed from the schools by samplics' TaylorEstimator, another
implementation.
"""

import math

import pytest

from pipelines.estimators.result import Estimate
from pipelines.estimators.survey import Cell, Weighted, weighted_mean, weighted_share

# Elementary, high and middle schools: in California, in the sample, sum of the index in 2000, of its squares.
SCHOOLS = (
    Cell(4421, 100, 67443, 47038637),
    Cell(755, 50, 31291, 20167941),
    Cell(1018, 50, 31830, 20940396),
)
# Of them, those with awards.
AWARDED = (Cell(4421, 100, 73, 73), Cell(755, 50, 16, 16), Cell(1018, 50, 24, 24))


def test_the_mean_of_the_california_schools() -> None:
    """`svymean(~api00, dstrat)`: 662.29, standard error 9.4089; degrees of freedom 197."""
    sample = Weighted(SCHOOLS, is_census=True)
    assert round(sample.mean, 2) == 662.29
    assert round(math.sqrt(sample.variance), 4) == 9.4089
    assert sample.degrees_of_freedom == 197
    assert math.sqrt(Weighted(SCHOOLS, is_census=False).variance) == pytest.approx(9.536132297, rel=1e-7)
    found = weighted_mean(sample, 0.95)
    assert isinstance(found, Estimate)
    assert (found.lower, found.upper) == pytest.approx((643.7321882721, 680.8425380466), rel=1e-8)


def test_a_share_of_the_california_schools() -> None:
    """Wilson's interval as `svyciprop(method = "wilson")` has it: t for z, the effective size for n."""
    sample = Weighted(AWARDED, is_census=True)
    assert sample.mean == pytest.approx(0.6389360641, rel=1e-7)
    assert math.sqrt(sample.variance) == pytest.approx(0.0344059180, rel=1e-7)
    found = weighted_share(sample, 0.95)
    assert isinstance(found, Estimate)
    p, t = sample.mean, 1.972079
    size = p * (1 - p) / sample.variance
    root = math.sqrt(4 * size * p * (1 - p) + t * t)
    wanted = [
        (p + t * t / (2 * size) + sign * t / (2 * size) * root) / (1 + t * t / size) for sign in (-1, 1)
    ]
    assert (found.lower, found.upper) == pytest.approx(wanted, rel=1e-6)


def test_the_weights_of_post_stratification() -> None:
    """Kalton & Flores-Cervantes 2003 (J Off Stat 19:81), twelve cells: each answer weighs N by n (table A).

    The share of one cell among all is then known exactly, whatever was answered.
    """
    sample = (20, 50, 100, 30, 40, 140, 50, 100, 40, 310, 50, 70)
    population = (80, 60, 170, 55, 40, 150, 60, 165, 55, 340, 200, 125)
    printed = (4.00, 1.20, 1.70, 1.83, 1.00, 1.07, 1.20, 1.65, 1.38, 1.10, 4.00, 1.79)
    for place, weight in enumerate(printed):
        # In one cell all say yes, elsewhere nobody.
        cells = tuple(
            Cell(persons, n, n * (cell == place), n * (cell == place))
            for cell, (persons, n) in enumerate(zip(population, sample, strict=True))
        )
        share = Weighted(cells, is_census=False).mean
        assert share * sum(population) / sample[place] == pytest.approx(weight, abs=0.0051)


def test_the_students_who_would_teach() -> None:
    """Lohr, Sampling, section 4.4: 84 of 240 women and 40 of 160 men, where 2,700 and 1,300 study: 1,270."""
    students = Weighted((Cell(2700, 240, 84, 84), Cell(1300, 160, 40, 40)), is_census=False)
    assert students.mean * 4000 == pytest.approx(1270)
