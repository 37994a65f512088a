"""One paragraph in plain Danish, written from the numbers by rule."""

from dataclasses import dataclass
from typing import Literal

from pipelines.reports import danish
from pipelines.reports.texts import Texts

# Natural frequencies "of 100" only where that many are not far more than were measured.
FEW = 50
WHOLE = 100


@dataclass(frozen=True)
class Share:
    """So many of so many: persons who became reliably better."""

    numerator: int
    n: int


@dataclass(frozen=True)
class Told:
    """The numbers of one intervention, as far as they are shown; words and points are already written.

    `development` is the verdict on the mean change, `comparison` the verdict of a comparison that holds, or
    "unsound", and `difference` that in points. `less_without` is the difference in the share of the reliably
    better, with its limits, where the comparison holds. `versus_expected` is the distance to what was to be
    expected without support, with the limits of its interval.
    """

    people: int | None
    pairs: int | None
    before: str | None
    after: str | None
    instrument: str
    development: str
    better: Share | None = None
    less_without: tuple[float, float, float] | None = None
    versus_expected: tuple[str, float, float] | None = None
    comparator: Literal["waiting", "other_support"] | None = None
    comparison: str | None = None
    difference: str | None = None


def sentences(texts: Texts, told: Told) -> list[str]:
    """Return the paragraph's sentences: who, how it went, of 100, against the expected and the others."""
    if told.pairs is None or told.before is None or told.after is None:
        return [*_people(texts, told), texts("paragraph.nothing")]
    moved = texts("paragraph.moved", before=told.before, after=told.after, instrument=told.instrument)
    return [
        *_people(texts, told),
        moved,
        texts(f"paragraph.{told.development}"),
        *_natural(texts, told),
        *_expected(texts, told),
        *_compared(texts, told),
    ]


def _people(texts: Texts, told: Told) -> list[str]:
    if told.people is None:
        first = [] if told.pairs is not None else [texts("paragraph.people_hidden")]
        alone = "paragraph.pairs_alone"
    else:
        first = [texts.counted("paragraph.people", told.people)]
        alone = "paragraph.pairs"
    return [*first, *([texts(alone, pairs=danish.number(told.pairs))] if told.pairs is not None else [])]


def _natural(texts: Texts, told: Told) -> list[str]:
    """Of 100, and without the intervention where a comparison that holds says so."""
    if told.better is None:
        return []
    share = told.better
    if told.less_without is not None and told.comparator is not None:
        difference, *limits = (100 * value for value in told.less_without)
        natural = 100 * share.numerator / share.n
        lower, upper = (danish.number(limit) for limit in limits)
        # The same people cannot be fewer than none or more than all of them.
        other = danish.number(min(max(natural - difference, 0), 100))
        if limits[1] - limits[0] > WHOLE:
            return [texts("paragraph.natural", natural=danish.number(natural)), texts("paragraph.too_wide")]
        return [
            texts("paragraph.natural", natural=danish.number(natural)),
            texts(f"paragraph.without_{told.comparator}", other=other),
            texts("paragraph.between", lower=lower, upper=upper),
        ]
    if share.n < FEW:
        return [texts("paragraph.counted", numerator=share.numerator, n=share.n)]
    return [texts("paragraph.natural", natural=danish.number(100 * share.numerator / share.n))]


def _expected(texts: Texts, told: Told) -> list[str]:
    if told.versus_expected is None:
        return []
    points, lower, upper = told.versus_expected
    if lower <= 0 <= upper:
        return [texts("paragraph.expected_same")]
    return [texts("paragraph.expected_better" if lower > 0 else "paragraph.expected_worse", points=points)]


def _compared(texts: Texts, told: Told) -> list[str]:
    if told.comparator is None:
        return [texts("paragraph.alone")]
    key = "paragraph.unsound" if told.comparison == "unsound" else f"paragraph.sound_{told.comparison}"
    against = texts(f"comparator.{told.comparator}")
    found = [texts(key, comparator=against, points=told.difference)]
    return found if told.comparison != "unsound" else [*found, texts("paragraph.alone")]
