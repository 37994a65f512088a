"""What the strategies' indicators tell of each other: more to hide than the small ones."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.catalogue.entries import Catalogue

Row = Mapping[str, Any]
Place = tuple[int, str]
WINDOW = "window"
# A target whose day has passed is judged on its own figure, and not on the change from the baseline.
OF_TARGETS = ("reached", "not_reached", "cannot_tell")
OF_BASELINE = ("baseline_value", "change", "change_lower", "change_upper")
OF_PREVIOUS = ("previous_change", "previous_lower", "previous_upper", "trend")


def telling(
    indicators: pa.Table, delivered: pa.Table, catalogue: Catalogue, minimum: int
) -> npt.NDArray[np.bool_]:
    """Find the rows of `strategy_indicator` that are hidden for another goal, or tell of one that is hidden.

    - An indicator of several goals has one figure for all of them: hidden for one, hidden for all. So has
      a target that is judged on a year's figure.
    - Better, worse and neither add up to all with two measurements: one follows from the others.
    - All deadlines together less the visible ones are the hidden ones: where that is one deadline, or fewer
      than `minimum` persons kept or did not keep theirs, the deadlines together are hidden.

    Args:
        indicators: the mart as it stands, hidden rows emptied.
        delivered: the mart as it came, with the numbers of what is hidden now.
        catalogue: says what each indicator counts.
        minimum: fewest persons shown.
    """
    rows, numbers = indicators.to_pylist(), delivered.to_pylist()
    hidden = {_figure(row) for row in rows if row["is_suppressed"] and row["population"] != WINDOW}
    counts: dict[tuple[str, Place], Row] = {
        (row["indicator_id"], _place(row)): row for row in numbers if row["population"] != WINDOW
    }
    places = {place for _, place in counts}
    for parts in _changes(catalogue):
        for place in places:
            hidden |= {(part, place) for part in _one_more(parts, place, counts, hidden, minimum)}
    for whole, parts in _deadlines(catalogue):
        hidden |= {(whole, place) for place in places if _few(parts, place, counts, hidden, minimum)}
    for judged, year in (("year", "target"), ("target", "year")):
        hidden |= {(name, (place[0], year)) for name, place in hidden if place[1] == judged}
    return np.array([_figure(row) in hidden and row["population"] != WINDOW for row in rows], dtype=np.bool_)


def without_hidden_comparisons(indicators: pa.Table) -> pa.Table:
    """Take out of the rows that are shown what they are compared with, where that is hidden.

    A change is the figure less its baseline, and the baseline the figure less the change.
    """
    rows = indicators.to_pylist()
    hidden = {(*_series(row), row["year"]) for row in rows if row["is_suppressed"]}
    for row in rows:
        if (*_series(row), row["baseline_year"]) in hidden and not row["is_suppressed"]:
            row |= dict.fromkeys(OF_BASELINE) | {"reason_no_change": "baseline_suppressed"}
            if row["status"] not in OF_TARGETS:
                row["status"] = row["status"] and "cannot_tell"
        if (*_series(row), row["previous_year"]) in hidden:
            row |= dict.fromkeys(OF_PREVIOUS)
        due = row["target_date"] and row["target_date"].year
        if due and row["year"] >= due and (*_series(row)[:2], "target", due) in hidden:
            row["status"] = row["status"] and "cannot_tell"
    return pa.Table.from_pylist(rows, schema=indicators.schema)


def _place(row: Row) -> Place:
    return row["year"], row["population"]


def _figure(row: Row) -> tuple[str, Place]:
    return row["indicator_id"], _place(row)


def _series(row: Row) -> tuple[str, str, str]:
    return row["goal_id"], row["indicator_id"], row["population"]


def _changes(catalogue: Catalogue) -> Iterator[list[str]]:
    """Yield the indicators that together are all reliable changes of the same instruments."""
    found: dict[tuple[str, ...], dict[str | None, str]] = defaultdict(dict)
    for one in catalogue.indicators:
        if one.formula == "reliable_share":
            found[tuple(sorted(one.of.instruments))][one.of.change] = one.id
    yield from ([*parts.values()] for parts in found.values() if len(parts) == 3)


def _deadlines(catalogue: Catalogue) -> Iterator[tuple[str, list[str]]]:
    """Yield each indicator of all deadlines, with those of one deadline."""
    of_deadlines = [one for one in catalogue.indicators if one.formula == "timely_share"]
    parts = [one.id for one in of_deadlines if one.of.deadline]
    yield from ((one.id, parts) for one in of_deadlines if not one.of.deadline)


def _one_more(
    parts: Iterable[str],
    place: Place,
    counts: Mapping[tuple[str, Place], Row],
    hidden: set[tuple[str, Place]],
    minimum: int,
) -> Iterator[str]:
    """Yield the smallest visible parts until two are hidden, and `minimum` persons together."""
    known = [
        (_number(counts[part, place]["numerator"], minimum), part)
        for part in parts
        if (part, place) in counts
    ]
    gone = [count for count, part in known if (part, place) in hidden]
    for count, part in sorted(one for one in known if (one[1], place) not in hidden):
        if gone and (len(gone) == 1 or sum(gone) < minimum):
            gone.append(count)
            yield part


def _few(
    parts: Iterable[str],
    place: Place,
    counts: Mapping[tuple[str, Place], Row],
    hidden: set[tuple[str, Place]],
    minimum: int,
) -> bool:
    gone = [counts[part, place] for part in parts if (part, place) in hidden and (part, place) in counts]
    kept = sum(_number(row["numerator"], minimum) for row in gone)
    persons = sum(_number(row["n"], 2 * minimum) for row in gone)
    return len(gone) == 1 or (len(gone) > 1 and min(kept, persons - kept) < minimum)


def _number(count: int | None, unknown: int) -> int:
    """A count, or what stands for one that came hidden."""
    return unknown if count is None else count
