"""Can the items of an instrument be scored by its rule, and does the rule fill the instrument's range?"""

from collections import Counter
from collections.abc import Iterator
from math import isclose

from pipelines.catalogue.entries import Catalogue, Instrument, Scoring, ScoringPart
from pipelines.errors import Problem


def broken_scoring(catalogue: Catalogue) -> Iterator[Problem]:
    """Yield every scoring rule that contradicts itself or its instrument."""
    for instrument in catalogue.instruments:
        if instrument.scoring is not None:
            for key, message in _contradictions(instrument, instrument.scoring):
                yield Problem(f"instruments/{instrument.id} (scoring.{key})", message)


def _contradictions(instrument: Instrument, scoring: Scoring) -> Iterator[tuple[str, str]]:
    if scoring.item_minimum >= scoring.item_maximum:
        yield "item_maximum", "skal være større end item_minimum"
    if scoring.permission_da is not None and scoring.permission_from_da is None:
        yield "permission_da", "bruges ikke uden permission_from_da (hvem der giver tilladelsen)"
    for item, times in Counter(scoring.items).items():
        if times > 1:
            yield "parts", f"spørgsmål '{item}' står {times} gange; hvert spørgsmål hører til én del"
    for part in scoring.parts:
        yield from ((f"parts {part.id}.{key}", message) for key, message in _broken_part(part))
    yield from _broken_range(instrument, scoring)


def _broken_part(part: ScoringPart) -> Iterator[tuple[str, str]]:
    for item in sorted(set(part.reversed_items) - set(part.items)):
        yield "reversed_items", f"spørgsmål '{item}' er ikke blandt delens items"
    if not 1 <= part.needed <= len(part.items):
        yield "minimum_answered", f"skal være fra 1 til {len(part.items)}"


def _broken_range(instrument: Instrument, scoring: Scoring) -> Iterator[tuple[str, str]]:
    count = sum(len(part.items) for part in scoring.parts if part.in_total)
    if not count:
        yield "parts", "mindst én del skal tælle med i scoren (in_total)"
        return
    reached = [scoring.multiplier * count * limit for limit in (scoring.item_minimum, scoring.item_maximum)]
    if not all(map(isclose, reached, (instrument.minimum, instrument.maximum))):
        found, stated = (
            f"{low:.15g} til {high:.15g}".replace(".", ",")
            for low, high in (reached, (instrument.minimum, instrument.maximum))
        )
        yield "parts", f"reglen giver scorer fra {found}, men måleredskabets skala er {stated}"
