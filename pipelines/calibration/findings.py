"""What a calibration says: figures with their Monte Carlo error, claims that hold or not, sections."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipelines.calibration.world import Booleans, Floats

Kind = Literal["percent", "sd", "points"]
# A claim is refuted where its figure lies further outside than this many Monte Carlo errors.
REFUTING_ERRORS = 3.0


@dataclass(frozen=True)
class Figure:
    """One number and its Monte Carlo standard error; shares from 0 to 1, else SD or percentage points."""

    value: float
    error: float
    kind: Kind = "percent"

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "–"
        if self.kind == "percent":
            return f"{100 * self.value:.1f} ± {100 * self.error:.1f}"
        decimals = 3 if self.kind == "sd" else 1
        return f"{self.value:.{decimals}f} ± {self.error:.{decimals}f}"


@dataclass(frozen=True)
class Claim:
    """What the method promises of a figure: it lies between `lowest` and `highest`.

    `decision` names the file that weighs a promise which the method's own rules cannot keep.
    """

    text: str
    figure: Figure
    lowest: float
    highest: float
    decision: str | None = None

    @property
    def is_within(self) -> bool:
        """Whether the figure itself lies between the limits."""
        return self.lowest <= self.figure.value <= self.highest

    @property
    def is_refuted(self) -> bool:
        """Whether it lies outside by more than Monte Carlo error explains (or there is no figure)."""
        slack = REFUTING_ERRORS * self.figure.error
        return not self.lowest - slack <= self.figure.value <= self.highest + slack

    @property
    def is_fault(self) -> bool:
        """Whether it is refuted, and ought to hold by the rules as they are."""
        return self.is_refuted and self.decision is None

    @property
    def answer(self) -> str:
        """The page's word for it."""
        if self.is_within:
            return "yes"
        return "**no**" if self.is_refuted else "within Monte Carlo error"


@dataclass(frozen=True)
class Section:
    """A part of the page: words, a table whose cells are figures or words, and the claims tested in it."""

    id: str
    title: str
    words: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str | Figure, ...], ...]
    claims: tuple[Claim, ...] = ()


def share(hits: Booleans, among: Booleans | None = None) -> Figure:
    """Return how often something happened; its error is never 0, however often it did (Agresti & Coull)."""
    hits = hits if among is None else hits[among]
    n = len(hits)
    if n == 0:
        return Figure(np.nan, np.nan)
    centre = (hits.sum() + 2) / (n + 4)
    return Figure(float(hits.mean()), float(np.sqrt(centre * (1 - centre) / (n + 4))))


def mean(values: Floats, kind: Kind = "sd") -> Figure:
    """Return the mean of the values that there are."""
    there = values[~np.isnan(values)]
    if len(there) < 2:
        return Figure(np.nan, np.nan, kind)
    return Figure(float(there.mean()), float(there.std(ddof=1) / np.sqrt(len(there))), kind)


def root_mean_square(values: Floats, kind: Kind = "sd") -> Figure:
    """Return the RMSE of errors, with its error by the delta method."""
    squares = mean(values**2, kind)
    value = float(np.sqrt(squares.value))
    return Figure(value, squares.error / (2 * value) if value else np.nan, kind)


def ratio(hits: Floats, of: Floats) -> Figure:
    """Return the hits of all in all, several in a replication, which go together."""
    total = of.sum()
    if total == 0:
        return Figure(np.nan, np.nan)
    value = float(hits.sum() / total)
    # Two hits and two misses more: an error of 0 would be a certainty that nobody has.
    spread = ((hits - value * of) ** 2).sum() + 2 * (1 - value) ** 2 + 2 * value**2
    return Figure(value, float(np.sqrt(spread) / (total + 4)))


def covers(lower: Floats, upper: Floats, truth: float | Floats = 0.0) -> Figure:
    """Return how often the intervals that there are hold the truth."""
    return share((lower <= truth) & (truth <= upper), ~np.isnan(lower))
