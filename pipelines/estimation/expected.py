"""Design D2: how it went against what was expected, without support (E0) or in the usual course (E1)."""

import math
from collections.abc import Sequence
from itertools import groupby

import duckdb
from scipy.special import stdtrit

from pipelines.estimation.rows import Row, effect_row, read_rows
from pipelines.estimators.result import Estimate, NotEstimable, Result

READS = ("intervention.expected_moment", "intervention.change_moment")
KINDS = ("without_support", "usual_course")
LEAST_PERSONS = 2


def results(connection: duckdb.DuckDBPyConnection, level: float) -> list[Row]:
    """Return the mean of observed less expected, per outcome and kind of expectation; plus is better.

    The interval holds the persons' own spread and the expectation's error, which all share. Persons for whom
    nothing could be expected are left out; where subtraction would tell of a few, there is no estimate.
    """
    minimum = int(
        read_rows(connection, "SELECT disclosure_minimum FROM ref.setting")[0]["disclosure_minimum"]
    )
    moments = read_rows(connection, "SELECT * FROM intervention.expected_moment ORDER BY ALL")
    grouped = {
        key: list(rows)
        for key, rows in groupby(moments, key=lambda m: (m["intervention_id"], m["outcome_id"], m["kind"]))
    }
    keys = (
        "SELECT intervention_id, outcome_id, population FROM intervention.change_moment"
        " WHERE population = 'window'"
    )
    return [
        _row(
            outcome,
            kind,
            grouped.get((outcome["intervention_id"], outcome["outcome_id"], kind), []),
            level,
            minimum,
        )
        for outcome in read_rows(connection, keys)
        for kind in KINDS
    ]


def _row(outcome: Row, kind: str, moments: Sequence[Row], level: float, minimum: int) -> Row:
    known = [m for m in moments if m["basis_variance"] is not None]
    n = sum(m["n"] for m in known)
    left_out = sum(m["n"] for m in moments) - n
    result: Result
    if n < LEAST_PERSONS:
        result = NotEstimable("no_expectation" if moments else "no_pairs")
    elif 0 < left_out < minimum:
        result = NotEstimable("few_without_expectation")
    else:
        result = mean_versus_expected(known, n, level)
    return effect_row(outcome, "mean_versus_expected", result, design="D2", comparator=kind, n=n)


def mean_versus_expected(moments: Sequence[Row], n: int, level: float) -> Result:
    """Return the mean of `n` persons' observed less expected, summed per basis of the expectation."""
    total = sum(m["versus_hundredths"] for m in moments)
    squares = sum(m["versus_squared"] for m in moments)
    variance = (n * squares - total * total) / (n * (n - 1)) / 10_000
    of_expectation = sum((m["n"] / n) ** 2 * m["basis_variance"] for m in moments)
    mean, error = total / n / 100, math.sqrt(variance / n + of_expectation)
    if error == 0:
        return NotEstimable("no_variance")
    reach = float(stdtrit(n - 1, (1 + level) / 2)) * error
    return Estimate(mean, mean - reach, mean + reach, n)
