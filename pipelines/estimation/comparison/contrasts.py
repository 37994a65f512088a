"""Who is compared with whom: one intervention's outcome against one comparator, and what was found."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.balance import Columns
from pipelines.estimators.comparison import (
    UNKNOWN_PROVIDER,
    Difference,
    Fitted,
    Limits,
    Redrawn,
    TwoGroups,
    difference,
    fit,
    redrawn_beside,
)
from pipelines.estimators.result import NotEstimable

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.uint8]

# The columns of the model and those held out of it, and what they are called in the results.
COVARIATES = {
    "baseline_hundredths": "baseline",
    "age_days": "age",
    "requested_days": "waiting_time",
    "earlier_count": "earlier_support",
    "concurrent_count": "concurrent_support",
    "window_days": "calendar_time",
}
CATEGORIES = ("sex", "target_group")
HELD_OUT = {
    "earlier_hundredths": "earlier_score",
    "crisis_count": "crises",
    "contact_count": "contacts",
    "favourable_share": "favourable_status",
}
EVENTS = {"reliably_improved": "is_reliably_improved", "deteriorated": "is_reliably_deteriorated"}
# Persons whose redraws are made at a time: 4,096 * 200 draws * 8 bytes are 7 MB.
BLOCK = 4096
COST_UNKNOWN = NotEstimable("cost_unknown")


@dataclass(frozen=True)
class Contrast:
    """One intervention's outcome against one comparator: what was found, and of how many persons.

    `told` is what its diagnostics tell besides those of every comparison; `beside` the rows beside its
    difference that take the persons themselves; `events` those whose shares are compared; `cost` the
    difference in what all support costs from the decision to the horizon, in kr.
    """

    key: Mapping[str, Any]
    found: Difference | NotEstimable
    n: int
    told: Mapping[str, Any] = field(default_factory=dict)
    beside: Sequence[Row] = ()
    events: Sequence[str] = tuple(EVENTS)
    cost: Redrawn | NotEstimable = COST_UNKNOWN


# What else is asked of a contrast's people while they are at hand: those of all are never held at once.
Look = Callable[[Row, Fitted, Difference, pa.Table], list[Row]]


def person_counts(persons: int, draws: int, seed: int) -> Counts:
    """Return how often each person is counted in each redraw, (persons, draws): one byte each.

    Independent Poisson(1) counts: a person's are the same in every contrast, whoever else is in it, and their
    sum need not be the same in every redraw (Chamandy et al. 2012). 250,000 persons and 200 draws are 50 MB.
    """
    counts = np.empty((persons, draws), dtype=np.uint8)
    for first in range(0, persons, BLOCK):
        rng = np.random.Generator(np.random.Philox(key=[seed, first // BLOCK]))
        block = counts[first : first + BLOCK]
        block[:] = rng.poisson(1.0, block.shape)
    return counts


def read_contrasts(
    connection: duckdb.DuckDBPyConnection, level: float, limits: Limits, setting: Row, look: Look
) -> Iterator[Contrast]:
    """Yield every declared outcome against other support, one outcome's interventions together."""
    people = connection.execute(
        "SELECT * FROM intervention.comparison_person ORDER BY outcome_id, intervention_id, person_id"
    ).to_arrow_table()
    places = slices(people)
    persons, person = np.unique(people["person_id"].to_numpy(), return_inverse=True)
    counts = person_counts(len(persons), setting["bootstrap_draws"], setting["bootstrap_seed"])

    def one(key: Row) -> Contrast:
        rows = places.get((key["outcome_id"], key["intervention_id"]), slice(0, 0))
        own = people.slice(rows.start, rows.stop - rows.start)
        return _contrast(key, own, counts[person[rows]], level, limits, setting, look)

    # Threads: numpy lets go of the interpreter in what takes the time.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(one, outcome_keys(connection, "other_support"))


def outcome_keys(connection: duckdb.DuckDBPyConnection, comparator: str) -> list[Row]:
    """Return what names every declared outcome's contrast, one outcome's interventions together."""
    return [
        key | {"comparator": comparator}
        for key in read_rows(
            connection,
            """
            SELECT outcome.intervention_id, outcome.outcome_id, 'window' AS population, norm.sd
            FROM ref.intervention_outcome AS outcome
            LEFT JOIN ref.instrument_norm AS norm
                ON outcome.instrument_id = norm.instrument_id AND outcome.respondent = norm.respondent
            ORDER BY outcome.outcome_id, outcome.intervention_id
            """,
        )
    ]


def slices(people: pa.Table) -> dict[tuple[str, str], slice]:
    """Where the rows of each outcome and intervention begin and end; rows of one place stand together."""
    found, first = {}, 0
    places = zip(*(people[name].to_pylist() for name in ("outcome_id", "intervention_id")), strict=True)
    for place, rows in groupby(places):
        stop = first + sum(1 for _ in rows)
        found[place] = slice(first, stop)
        first = stop
    return found


def _contrast(
    key: Row, people: pa.Table, counts: Counts, level: float, limits: Limits, setting: Row, look: Look
) -> Contrast:
    treated = numbers(people, "is_treated") == 1
    outcome = numbers(people, "follow_up_hundredths") / 100
    known = ~np.isnan(outcome)
    if min((known & treated).sum(), (known & ~treated).sum()) < setting["disclosure_minimum"]:
        # Nobody is compared: a number of all would tell the one arm of the other, which is told elsewhere.
        return Contrast(key, NotEstimable("too_few_persons"), 0)
    model = covariates(people, (treated, ~treated), setting["minimum_category_persons"])
    held_out = unmodelled(people)
    groups = TwoGroups(
        covariates=model.values,
        held_out=held_out.values,
        is_treated=treated,
        outcome=outcome,
        provider=codes(people, "provider_id"),
        covariate_names=model.names,
        held_out_names=held_out.names,
        events={name: numbers(people, column) for name, column in EVENTS.items()},
    )
    n = int(known.sum())
    fitted = fit(groups, once_and_redrawn(counts))
    if isinstance(fitted, NotEstimable):
        return Contrast(key, fitted, n)
    found = difference(fitted, level, limits)
    if isinstance(found, NotEstimable):
        return Contrast(key, found, n)
    cost = redrawn_beside(fitted, numbers(people, "cost_oere") / 100, level, limits)
    return Contrast(key, found, n, beside=look(key, fitted, found, people), cost=cost)


def once_and_redrawn(counts: Counts) -> Floats:
    """Return everybody once, and then the redraws, (1 + draws, persons)."""
    count = np.ones((1 + counts.shape[1], len(counts)))
    count[1:] = counts.T
    return count


def covariates(people: pa.Table, arms: Sequence[Booleans], minimum: int) -> Columns:
    """Return the model's columns: standardised numbers, marks for those not known and the larger categories.

    A mark or category that an arm has fewer than `minimum` persons of has no column: it would set the arms
    apart by a few. A number not known is then taken for the mean, and a rare category for the largest.
    """
    found: list[tuple[str, Floats]] = []
    for column, name in COVARIATES.items():
        values = numbers(people, column)
        is_known = ~np.isnan(values)
        if is_known.any():
            found.append((name, np.where(is_known, values, np.nanmean(values))))
            found += [(name, mark) for mark in _marks(is_known.astype(np.int64), arms, minimum)]
    for name in CATEGORIES:
        found += [(name, mark) for mark in _marks(codes(people, name), arms, minimum)]
    names, columns = zip(*found, strict=True)
    x = np.column_stack(columns)
    kept = Columns(x, names).only(x.std(axis=0) > 0)
    return Columns((kept.values - kept.values.mean(axis=0)) / kept.values.std(axis=0), kept.names)


def unmodelled(people: pa.Table) -> Columns:
    """Return what is held out of the model to check the balance, NaN where not known."""
    return Columns(np.column_stack([numbers(people, name) for name in HELD_OUT]), tuple(HELD_OUT.values()))


def _marks(codes: Integers, arms: Sequence[Booleans], minimum: int) -> list[Floats]:
    """One column per code but the most frequent, where both arms have enough persons of it."""
    found, sizes = np.unique(codes, return_counts=True)
    marks = [codes == code for code in np.delete(found, sizes.argmax())]
    return [mark.astype(float) for mark in marks if min((mark & arm).sum() for arm in arms) >= minimum]


def numbers(people: pa.Table, name: str) -> Floats:
    """Return a column as numbers, NaN where there is none."""
    return np.array(people[name].cast(pa.float64()).to_numpy(), dtype=np.float64)


def codes(people: pa.Table, name: str) -> Integers:
    """Return the texts numbered; -1 where there is none."""
    codes = people[name].combine_chunks().dictionary_encode().indices.fill_null(UNKNOWN_PROVIDER)
    return np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64)
