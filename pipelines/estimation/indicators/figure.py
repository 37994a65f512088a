"""What every kind of indicator answers: its value with an interval, and how far it has moved."""

from dataclasses import dataclass
from typing import Protocol, Self

from pipelines.estimators.result import Result


class Figure(Protocol):
    """The sufficient statistics of one indicator in one year.

    `n` counts the persons behind it and `numerator` those of them with the property, where it has one; what
    is no person (an activity, an action, a published count) is counted in `unit_count` and `unit_numerator`,
    and `n` is then 0. A census counts all there is: its result has no width, and is written without limits.
    """

    @property
    def law(self) -> str:
        """What its interval rests on (code in `strategy_indicator.law`)."""

    @property
    def n(self) -> int:
        """Persons."""

    @property
    def numerator(self) -> int | None:
        """Persons with the property."""

    @property
    def unit_count(self) -> int | None:
        """Units that are no persons."""

    @property
    def unit_numerator(self) -> int | None:
        """Units with the property."""

    def result(self, level: float) -> Result:
        """Return the value with its interval, in the indicator's own unit."""

    def change(self, earlier: Self, level: float) -> Result:
        """Return this minus `earlier`, in the indicator's own unit: fewer days are a negative change."""


@dataclass(frozen=True)
class Measured:
    """One indicator in one year, of everybody (`year`), a segment or what a target counts (`target`)."""

    indicator_id: str
    year: int
    population: str
    figure: Figure
