"""What those who answered a survey say of everybody it was about, weighted by cell.

Those who answer differ from those who do not: by sex, age and much else. Within a cell they are taken to
answer alike, and each cell weighs as many persons as it has, not as many as answered (post-stratification;
Holt & Smith 1979, JRSS A 142:33; Lohr, Sampling, sections 4.4 and 8.5). What sex and age do not tell is not
mended.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from scipy.special import stdtrit

from pipelines.estimators.proportion import wilson_interval
from pipelines.estimators.result import Estimate, NotEstimable, Result, require_level

# A sum of squares is a difference of large numbers: below this share of them it is rounding.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Cell:
    """The persons of one cell, and the answers of those who gave one.

    Args:
        population: persons of the cell, those who did not answer too.
        n: answers, one a person.
        total: the answers' sum; for a share, how many have the property.
        squares: the sum of their squares; for a share, the same number again.

    Raises:
        ValueError: if more answered than there are, or the sums contradict each other.
    """

    population: int
    n: int
    total: float
    squares: float

    def __post_init__(self) -> None:
        if not 0 <= self.n <= self.population:
            raise ValueError(f"between nobody and everybody in a cell answers: {self}")
        if self.n * self.squares < self.total**2 * (1 - 1e-9):
            raise ValueError(f"no answers have such a sum and such squares: {self}")

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(
            self.population + other.population,
            self.n + other.n,
            self.total + other.total,
            self.squares + other.squares,
        )

    @property
    def mean(self) -> float:
        """The answers' mean; ZeroDivisionError where nobody answered."""
        return self.total / self.n

    @property
    def variance(self) -> float:
        """The answers' variance; 0 where all answered alike. Two must have answered."""
        around = self.squares - self.total**2 / self.n
        return around / (self.n - 1) if around > ROUNDING * self.squares else 0.0


def merged(groups: Sequence[Sequence[Cell]], minimum: int) -> tuple[Cell, ...]:
    """Put together cells with fewer than `minimum` answers, by a rule blind to what was answered.

    `groups` are the sexes, and within each the ages from the youngest. A cell with too few answers is put
    together with the next older until there are enough; what is left at the end goes with the last one before
    it. A whole sex with too few goes with the largest cell there is. Nobody is dropped.
    """
    kept: list[Cell] = []
    spare = Cell(0, 0, 0, 0)
    for group in groups:
        cells: list[Cell] = []
        left = Cell(0, 0, 0, 0)
        for cell in group:
            left += cell
            if left.n >= minimum:
                cells.append(left)
                left = Cell(0, 0, 0, 0)
        if cells:
            cells[-1] += left
        else:
            spare += left
        kept += cells
    if not kept:
        return (spare,)
    largest = max(range(len(kept)), key=lambda place: kept[place].population)
    kept[largest] += spare
    return tuple(kept)


@dataclass(frozen=True)
class Weighted:
    """Answers weighted to everybody in the cells.

    Args:
        cells: at least two answers in each (:func:`merged`).
        is_census: everybody in the cells was asked, so that the answers are a part of a finite whole and the
            finite population correction holds; otherwise it is left out, which is cautious.
    """

    cells: tuple[Cell, ...]
    is_census: bool

    @property
    def n(self) -> int:
        """Answers."""
        return sum(cell.n for cell in self.cells)

    @property
    def degrees_of_freedom(self) -> int:
        """Answers less cells."""
        return self.n - len(self.cells)

    @property
    def mean(self) -> float:
        """The weighted mean."""
        return math.fsum(weight * cell.mean for weight, cell in self._weighted)

    @property
    def variance(self) -> float:
        """The mean's variance, given how many answered in each cell."""
        return math.fsum(weight * cell.variance for weight, cell in self._squared_weights)

    @property
    def size(self) -> float:
        """Answers of an unweighted sample as precise, if answers varied as much within a cell as in all.

        Kish's effective size, with the finite population correction; infinite where everybody answered.
        """
        inverse = math.fsum(weight for weight, _ in self._squared_weights)
        return 1 / inverse if inverse else math.inf

    @property
    def _weighted(self) -> list[tuple[float, Cell]]:
        whole = sum(cell.population for cell in self.cells)
        return [(cell.population / whole, cell) for cell in self.cells]

    @property
    def _squared_weights(self) -> list[tuple[float, Cell]]:
        return [
            (weight**2 / cell.n * (1 - cell.n / cell.population if self.is_census else 1), cell)
            for weight, cell in self._weighted
        ]


def weighted_share(answers: Weighted, level: float) -> Result:
    """Share of everybody, from 0 to 1, with Wilson's interval at the effective size.

    The effective size is that of a plain sample with the same variance, less what Student's t asks for
    instead of the normal (Korn & Graubard 1998, Survey Methodology 24:193, with Wilson's interval for
    theirs). Where all in each cell answered alike there is no variance to go by, and it is
    :attr:`Weighted.size`.

    Returns:
        The share, or NotEstimable("too_few_answers").
    """
    require_level(level)
    if any(cell.n < 2 for cell in answers.cells):
        return NotEstimable("too_few_answers")
    share = min(answers.mean, 1.0)
    if math.isinf(answers.size):
        return Estimate(share, share, share, answers.n)
    variance = answers.variance
    size = share * (1 - share) / variance if variance else answers.size
    reach = float(stdtrit(answers.degrees_of_freedom, (1 + level) / 2))
    size *= (NormalDist().inv_cdf((1 + level) / 2) / reach) ** 2
    return wilson_interval(share * answers.n, answers.n, level, n_effective=size)


def weighted_mean(answers: Weighted, level: float) -> Result:
    """Mean of everybody with Student's t interval, in the answers' unit.

    Returns:
        The mean, or NotEstimable("too_few_answers"), or NotEstimable("no_variation") where all in each cell
        answered alike and not everybody answered: nobody knows the rest.
    """
    require_level(level)
    if any(cell.n < 2 for cell in answers.cells):
        return NotEstimable("too_few_answers")
    if not answers.variance and not math.isinf(answers.size):
        return NotEstimable("no_variation")
    return _t_interval(answers.mean, answers.variance, answers.degrees_of_freedom, answers.n, level)


def share_difference(later: Weighted, earlier: Weighted, level: float) -> Result:
    """Share minus an earlier share, from -1 to 1; the two intervals squared and added, as Newcombe does.

    The two are taken as independent. Some answered both times, and mostly alike: then the interval is too
    wide, never too narrow.
    """
    now, before = weighted_share(later, level), weighted_share(earlier, level)
    if isinstance(now, NotEstimable):
        return now
    if isinstance(before, NotEstimable):
        return before
    difference = now.estimate - before.estimate
    below = math.hypot(now.estimate - now.lower, before.upper - before.estimate)
    above = math.hypot(now.upper - now.estimate, before.estimate - before.lower)
    return Estimate(difference, difference - below, difference + above, later.n + earlier.n)


def mean_difference(later: Weighted, earlier: Weighted, level: float) -> Result:
    """Mean minus an earlier mean, with Satterthwaite's degrees of freedom; as independent, see above."""
    now, before = weighted_mean(later, level), weighted_mean(earlier, level)
    if isinstance(now, NotEstimable):
        return now
    if isinstance(before, NotEstimable):
        return before
    variance = later.variance + earlier.variance
    parts = ((part.variance**2, part.degrees_of_freedom) for part in (later, earlier))
    shared = math.fsum(squared / freedom for squared, freedom in parts)
    freedom = variance**2 / shared if shared else math.inf
    return _t_interval(later.mean - earlier.mean, variance, freedom, later.n + earlier.n, level)


def _t_interval(estimate: float, variance: float, freedom: float, n: int, level: float) -> Estimate:
    reach = float(stdtrit(freedom, (1 + level) / 2)) * math.sqrt(variance) if variance else 0.0
    return Estimate(estimate, estimate - reach, estimate + reach, n)
