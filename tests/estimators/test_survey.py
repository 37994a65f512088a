"""Answers weighted to everybody: by hand, cells put together, edges, and coverage of a known truth."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.estimators.mean import SampleMoments, mean
from pipelines.estimators.proportion import wilson_interval
from pipelines.estimators.result import Estimate, NotEstimable
from pipelines.estimators.survey import (
    Cell,
    Weighted,
    mean_difference,
    merged,
    share_difference,
    weighted_mean,
    weighted_share,
)

LEVEL = 0.95


def share_cell(population: int, n: int, matches: int) -> Cell:
    return Cell(population, n, matches, matches)


def of(population: int, *answers: float) -> Cell:
    return Cell(population, len(answers), math.fsum(answers), math.fsum(a * a for a in answers))


def cells(least: int = 2) -> st.SearchStrategy[Cell]:
    answered = st.lists(st.integers(1, 5).map(float), min_size=least, max_size=30)
    return st.builds(lambda a, more: of(len(a) + more, *a), answered, st.integers(0, 50))


def test_by_hand() -> None:
    """Of 300 and 100 persons, 4 and 2 answered."""
    answers = Weighted((of(300, 1, 2, 3, 4), of(100, 4, 5)), is_census=True)
    assert answers.mean == pytest.approx(0.75 * 2.5 + 0.25 * 4.5)
    variance = 0.75**2 * (5 / 3) / 4 * (1 - 4 / 300) + 0.25**2 * 0.5 / 2 * (1 - 2 / 100)
    assert answers.variance == pytest.approx(variance)
    assert answers.degrees_of_freedom == 4
    found = weighted_mean(answers, LEVEL)
    assert isinstance(found, Estimate)
    assert found.upper - found.estimate == pytest.approx(2.7764451 * math.sqrt(variance))
    without = Weighted(answers.cells, is_census=False)
    assert without.variance > variance


def test_one_cell_is_an_unweighted_sample() -> None:
    answers = Weighted((of(500, 1, 2, 2, 5),), is_census=False)
    assert weighted_mean(answers, LEVEL) == mean(SampleMoments(4, 2.5, 3.0), LEVEL)
    share = weighted_share(Weighted((share_cell(500, 40, 30),), is_census=False), LEVEL)
    plain = wilson_interval(30, 40, LEVEL)
    assert isinstance(share, Estimate) and isinstance(plain, Estimate)
    assert share.estimate == plain.estimate
    # A little wider, as the variance is that of a sample and t stands for the normal.
    assert plain.lower - 0.01 < share.lower < plain.lower < plain.upper < share.upper < plain.upper + 0.01


def test_the_few_who_answered_of_many_weigh_as_many() -> None:
    """Women and old are glad and answer; young men are not and do not."""
    answers = Weighted((share_cell(200, 160, 128), share_cell(200, 40, 8)), is_census=True)
    found = weighted_share(answers, LEVEL)
    assert isinstance(found, Estimate)
    assert found.estimate == pytest.approx(0.5)
    assert (128 + 8) / 200 == 0.68


def test_cells_with_few_answers_go_with_the_next_older() -> None:
    young, middle, old = of(50, 1, 2), of(60, 3, 3, 3), of(70, 4, 4)
    assert merged([[young, middle, old]], 2) == (young, middle, old)
    assert merged([[young, middle, old]], 3) == (young + middle + old,)
    assert merged([[young, middle, of(70, 4, 4, 4)]], 3) == (young + middle, of(70, 4, 4, 4))
    assert merged([[middle, young]], 3) == (middle + young,)


def test_a_whole_sex_with_few_answers_goes_with_the_largest_cell() -> None:
    women = [of(50, *[3.0] * 9), of(80, *[4.0] * 9)]
    men = [of(20, 1), of(10)]
    assert merged([men, women], 5) == (women[0], women[1] + men[0] + men[1])
    assert merged([men], 5) == (men[0] + men[1],)
    assert merged([[], []], 5) == (Cell(0, 0, 0, 0),)


@given(st.lists(st.lists(cells(0), max_size=4), max_size=3), st.integers(2, 20))
def test_nobody_is_dropped_by_putting_cells_together(groups: list[list[Cell]], minimum: int) -> None:
    together = merged(groups, minimum)
    every = [cell for group in groups for cell in group]
    for name in ("population", "n", "total", "squares"):
        assert math.fsum(getattr(c, name) for c in together) == math.fsum(getattr(c, name) for c in every)
    assert len(together) == 1 or all(cell.n >= minimum for cell in together)


@given(st.lists(cells(), min_size=1, max_size=6), st.booleans())
def test_the_mean_lies_among_the_answers_and_inside_its_interval(found: list[Cell], is_census: bool) -> None:
    answers = Weighted(tuple(found), is_census)
    assert 1 - 1e-9 <= answers.mean <= 5 + 1e-9
    assert answers.variance >= 0
    result = weighted_mean(answers, LEVEL)
    assert isinstance(result, NotEstimable) or result.lower <= answers.mean <= result.upper


@given(st.lists(st.tuples(st.integers(2, 40), st.integers(0, 60), st.floats(0, 1)), min_size=1, max_size=6))
def test_a_share_lies_between_nobody_and_everybody(told: list[tuple[int, int, float]]) -> None:
    found = tuple(share_cell(n + more, n, round(part * n)) for n, more, part in told)
    for is_census in (True, False):
        result = weighted_share(Weighted(found, is_census), LEVEL)
        assert isinstance(result, Estimate)
        assert 0 <= result.lower <= result.estimate <= result.upper <= 1
    assert Weighted(found, is_census=True).variance <= Weighted(found, is_census=False).variance


@pytest.mark.parametrize("matches", [(0, 0), (10, 10), (10, 0)])
def test_where_all_answer_alike_the_rest_may_not(matches: tuple[int, int]) -> None:
    """No variance within the cells, and yet not certain."""
    answers = Weighted((share_cell(100, 10, matches[0]), share_cell(100, 10, matches[1])), is_census=True)
    assert answers.variance == 0
    found = weighted_share(answers, LEVEL)
    assert isinstance(found, Estimate) and found.upper - found.lower > 0.1
    means = Weighted((of(100, *[3.0] * 10), of(100, *[4.0] * 10)), is_census=True)
    assert weighted_mean(means, LEVEL) == NotEstimable("no_variation")


def test_where_everybody_answered_nothing_is_unsure() -> None:
    answers = Weighted((share_cell(10, 10, 3), share_cell(30, 30, 30)), is_census=True)
    assert weighted_share(answers, LEVEL) == Estimate(33 / 40, 33 / 40, 33 / 40, 40)
    found = weighted_mean(Weighted((of(3, 1, 2, 3),), is_census=True), LEVEL)
    assert isinstance(found, Estimate) and found.lower == found.upper == 2


def test_one_answer_in_a_cell_has_no_variance() -> None:
    few = Weighted((of(9, 1), of(9, 0, 1)), is_census=True)
    assert weighted_mean(few, LEVEL) == weighted_share(few, LEVEL) == NotEstimable("too_few_answers")
    enough = Weighted((of(9, 0, 1),), is_census=True)
    assert mean_difference(enough, few, LEVEL) == mean_difference(few, enough, LEVEL)
    assert share_difference(enough, few, LEVEL) == NotEstimable("too_few_answers")


def test_a_difference_goes_the_way_it_went() -> None:
    later = Weighted((share_cell(400, 200, 120),), is_census=False)
    earlier = Weighted((share_cell(400, 200, 80),), is_census=False)
    rose, fell = share_difference(later, earlier, LEVEL), share_difference(earlier, later, LEVEL)
    assert isinstance(rose, Estimate) and isinstance(fell, Estimate)
    assert (rose.estimate, rose.lower, rose.upper) == pytest.approx(
        (-fell.estimate, -fell.upper, -fell.lower)
    )
    assert rose.estimate == pytest.approx(0.2) and rose.lower > 0
    none = share_difference(later, later, LEVEL)
    assert isinstance(none, Estimate) and none.lower < 0 < none.upper


@pytest.mark.parametrize("given_cell", [(5, 6, 6.0, 6.0), (5, -1, 0.0, 0.0), (5, 2, 4.0, 7.0)])
def test_refuses_what_cannot_be(given_cell: tuple[int, int, float, float]) -> None:
    with pytest.raises(ValueError, match=r"cell answers|such a sum"):
        Cell(*given_cell)


class Town:
    """A served population of six cells that differ in how many answer and in what; the truth is known."""

    population = np.array([150, 220, 60, 140, 260, 70])
    answering = np.array([0.25, 0.5, 0.65, 0.5, 0.65, 0.75])
    shift = np.array([-1.0, -0.3, 0.2, -0.2, 0.4, 0.7])

    def __init__(self, seed: int, place: float) -> None:
        self.rng = np.random.default_rng(seed)
        step = self.rng.normal(place, 1, self.population.sum()) + np.repeat(self.shift, self.population)
        self.answers = 1.0 + (step[:, None] > np.array([-1.5, -0.5, 0.3, 1.2])).sum(axis=1)
        self.cell = np.repeat(np.arange(6), self.population)

    def survey(self, values: np.ndarray, asked: float, *, is_census: bool) -> Weighted:
        invited = self.rng.random(len(values)) < asked
        has = invited & (self.rng.random(len(values)) < self.answering[self.cell])
        n = np.bincount(self.cell[has], minlength=6)
        total = np.bincount(self.cell[has], values[has], 6)
        squares = np.bincount(self.cell[has], values[has] ** 2, 6)
        six = [
            Cell(*row)
            for row in zip(
                self.population.tolist(), n.tolist(), total.tolist(), squares.tolist(), strict=True
            )
        ]
        return Weighted(merged([six[:3], six[3:]], 10), is_census)


@pytest.mark.parametrize("is_census", [True, False])
@pytest.mark.parametrize("place", [-1.6, 0.0, 0.6, 1.8])
def test_intervals_hold_the_truth_of_everybody_and_unweighted_ones_do_not(
    place: float, is_census: bool
) -> None:
    """Where all were asked, with the correction; where a third were, without it: both in 93 to 98 of 100."""
    town = Town(3, place)
    share, asked = (town.answers >= 4).astype(float), 1.0 if is_census else 0.35
    held, plain_held = [], []
    for _ in range(1500):
        answers = town.survey(share, asked, is_census=is_census)
        found = weighted_share(answers, LEVEL)
        assert isinstance(found, Estimate)
        held.append(found.lower <= share.mean() <= found.upper)
        matches = round(sum(cell.total for cell in answers.cells))
        plain = wilson_interval(matches, answers.n, LEVEL)
        assert isinstance(plain, Estimate)
        plain_held.append(plain.lower <= share.mean() <= plain.upper)
    assert 0.93 <= np.mean(held) <= 0.98
    if is_census and 0.1 < share.mean() < 0.9:
        assert np.mean(plain_held) < 0.6


@pytest.mark.parametrize("is_census", [True, False])
def test_intervals_of_means_hold_the_truth_of_everybody(is_census: bool) -> None:
    town = Town(4, 0.2)
    held = []
    for _ in range(1500):
        found = weighted_mean(
            town.survey(town.answers, 1.0 if is_census else 0.35, is_census=is_census), LEVEL
        )
        assert isinstance(found, Estimate)
        held.append(found.lower <= town.answers.mean() <= found.upper)
    assert 0.93 <= np.mean(held) <= (0.97 if is_census else 0.99)


def test_differences_of_two_years_hold_the_true_change() -> None:
    """Two years of other people; where the same answer twice, the intervals only hold it oftener."""
    before, after = Town(5, 0.0), Town(6, 0.25)
    means, shares = [], []
    for _ in range(1000):
        years = [town.survey(town.answers, 1.0, is_census=True) for town in (after, before)]
        found = mean_difference(years[0], years[1], LEVEL)
        assert isinstance(found, Estimate)
        means.append(found.lower <= after.answers.mean() - before.answers.mean() <= found.upper)
        parts = [(town.answers >= 4).astype(float) for town in (after, before)]
        told = [t.survey(p, 1.0, is_census=True) for t, p in zip((after, before), parts, strict=True)]
        share = share_difference(told[0], told[1], LEVEL)
        assert isinstance(share, Estimate)
        shares.append(share.lower <= parts[0].mean() - parts[1].mean() <= share.upper)
    for held in (means, shares):
        assert 0.93 <= np.mean(held) <= 0.97


def test_a_higher_floor_only_puts_more_cells_together() -> None:
    groups = [[of(40, *[3.0] * n) for n in (3, 12, 7)], [of(40, *[4.0] * n) for n in (9, 2, 20)]]
    counts = [len(merged(groups, minimum)) for minimum in range(2, 30)]
    assert all(more >= fewer for more, fewer in pairwise(counts))
