"""Design D3 against waiting: those who began soon after the decision, and those who waited on."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.estimation.comparison import contrast_rows, limits_of
from pipelines.estimation.comparison.contrasts import (
    COST_UNKNOWN,
    Contrast,
    Counts,
    codes,
    covariates,
    numbers,
    once_and_redrawn,
    outcome_keys,
    person_counts,
    slices,
    unmodelled,
)
from pipelines.estimation.comparison.controls import control_rows
from pipelines.estimation.comparison.draws import keep_draws
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.cloning import Waits, compare_waits, too_few
from pipelines.estimators.comparison import Interval, Limits, Redrawn
from pipelines.estimators.result import NotEstimable

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

READS = ("intervention.waiting_person", "intervention.waiting_week")
DRAWS = "estimate.waiting_draw"
# The share is told in steps, so that nobody counts single persons out of it.
STEP = 0.05


def results(connection: duckdb.DuckDBPyConnection, level: float) -> list[Row]:
    """Return every outcome's difference from waiting, and the pooled ones where there are enough to pool."""
    (setting,) = read_rows(connection, "SELECT * FROM ref.setting")
    limits = limits_of(setting)
    found = list(_contrasts(connection, level, limits, setting))
    keep_draws(connection, DRAWS, found, limits)
    return contrast_rows(found, level, limits, setting)


def _contrasts(
    connection: duckdb.DuckDBPyConnection, level: float, limits: Limits, setting: Row
) -> Iterator[Contrast]:
    order = "ORDER BY outcome_id, intervention_id, person_id"
    people = connection.execute(f"SELECT * FROM intervention.waiting_person {order}").to_arrow_table()
    weeks = connection.execute(f"SELECT * FROM intervention.waiting_week {order}, week").to_arrow_table()
    persons, person = np.unique(people["person_id"].to_numpy(), return_inverse=True)
    counts = person_counts(len(persons), setting["bootstrap_draws"], setting["bootstrap_seed"])
    of_people, of_weeks = slices(people), slices(weeks)

    def one(key: Row) -> Contrast:
        place, none = (key["outcome_id"], key["intervention_id"]), slice(0, 0)
        rows = of_people.get(place, none)
        of_place = _part(weeks, of_weeks.get(place, none))
        return _contrast(key, _part(people, rows), of_place, counts[person[rows]], level, limits, setting)

    # Threads: numpy lets go of the interpreter in what takes the time.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(one, outcome_keys(connection, "waiting"))


def _part(table: pa.Table, rows: slice) -> pa.Table:
    return table.slice(rows.start, rows.stop - rows.start)


def _contrast(
    key: Row, people: pa.Table, weeks: pa.Table, counts: Counts, level: float, limits: Limits, setting: Row
) -> Contrast:
    is_early, is_waiting = (numbers(people, name) == 1 for name in ("is_early", "is_waiting"))
    outcome = numbers(people, "follow_up_hundredths") / 100
    lacking = too_few(outcome, is_early, is_waiting, setting["disclosure_minimum"])
    if lacking:
        # Nobody is compared: a number of all would tell the one arm of the other.
        return Contrast(key, lacking, 0, events=())
    person = np.searchsorted(people["person_id"].to_numpy(), weeks["person_id"].to_numpy())
    model = covariates(people, (is_early, is_waiting), setting["minimum_category_persons"])
    held_out = unmodelled(people)
    waits = Waits(
        covariates=model.values,
        held_out=held_out.values,
        outcome=outcome,
        provider=codes(people, "provider_id"),
        is_early=is_early,
        is_waiting=is_waiting,
        person=person,
        week=weeks["week"].to_numpy().astype(np.int64),
        course=_course(people, weeks, person),
        is_start=numbers(weeks, "is_start") == 1,
        covariate_names=model.names,
        held_out_names=held_out.names,
    )
    n = int((~np.isnan(outcome)).sum())
    count = once_and_redrawn(counts)
    found = compare_waits(waits, count, level, limits)
    if isinstance(found, NotEstimable):
        return Contrast(key, found, n, events=())
    told = {
        "censored_share": round(STEP * round(found.censored_share / STEP), 2),
        "largest_weight": round(found.largest_weight, 1),
    }
    beside = []
    if key["sd"]:
        kept = people.filter(pa.array(is_early | is_waiting))
        beside = control_rows(key, found.groups, found.weight, kept, {}, setting)
    cost = _cost(waits, numbers(people, "cost_oere") / 100, count, level, limits)
    return Contrast(key, found.difference, n, told, beside, events=(), cost=cost)


def _cost(waits: Waits, cost: Floats, count: Floats, level: float, limits: Limits) -> Redrawn | NotEstimable:
    """The difference in what all support costs until the horizon, by the same weights and redraws."""
    found = compare_waits(replace(waits, outcome=cost), count, level, limits)
    if isinstance(found, NotEstimable):
        return COST_UNKNOWN
    one = found.difference
    return Redrawn(Interval(one.estimate, one.lower, one.upper), one.redraws)


def _course(people: pa.Table, weeks: pa.Table, person: Integers) -> Floats:
    """What was known as each week began, in SD: the change since the decision, and the crises since then."""
    change = numbers(weeks, "latest_hundredths") - numbers(people, "baseline_hundredths")[person]
    columns = [change, numbers(weeks, "crisis_count")]
    kept = [column / column.std() for column in columns if len(column) and column.std() > 0]
    return np.column_stack(kept) if kept else np.empty((len(person), 0))
