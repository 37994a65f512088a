"""Are some of an intervention's providers further from the others than chance and case mix explain?

A funnel of each provider's mean of observed less the usual course (E1), which takes the persons' baselines
into account. Means, not shares of reliably improved: a share would need a model of how follow-ups scatter to
say what was expected, throws most of each score away, and of few persons tells who they are. One funnel per
intervention and its primary outcome: the usual course leaves the intervention's own effect in, so providers
of different interventions are not compared. One outside the limits is one to ask; nobody is ranked.
"""

import json
from itertools import groupby

import duckdb
import numpy as np

from pipelines.estimation.rows import Row, effect_row, read_rows
from pipelines.estimators.funnel import mean_funnel
from pipelines.estimators.result import Estimate, NotEstimable, Result

READS = ("intervention.provider_moment",)
STATISTIC = "provider_funnel_index"
UNKNOWN = "provider:unknown"


def results(connection: duckdb.DuckDBPyConnection, level: float) -> list[Row]:
    """Return a row per provider, in the order of their ids, or one that says why there is no funnel.

    The estimate is how many standard deviations of ordinary providers one lies from all; plus is better.
    `level` is not used: many are looked at together, and the limits are wider (parameter `funnel_level`).
    """
    (setting,) = read_rows(connection, "SELECT * FROM ref.setting")
    moments = read_rows(connection, f"SELECT * FROM {READS[0]} ORDER BY intervention_id, population")
    by_provider = {
        key: list(rows)
        for key, rows in groupby(moments, key=lambda row: (row["intervention_id"], row["outcome_id"]))
    }
    keys = (
        "SELECT intervention_id, outcome_id, 'window' AS population FROM ref.intervention_outcome"
        " WHERE is_primary ORDER BY intervention_id"
    )
    return [
        row
        for key in read_rows(connection, keys)
        for row in _rows(key, by_provider.get((key["intervention_id"], key["outcome_id"]), []), setting)
    ]


def _rows(key: Row, providers: list[Row], setting: Row) -> list[Row]:
    minimum = setting["disclosure_minimum"]
    large = [row for row in providers if row["n"] >= minimum and row["population"] != UNKNOWN]
    n = sum(row["n"] for row in providers)
    if not n:
        return [_row(key, NotEstimable("no_pairs"), 0)]
    if len(large) < setting["funnel_minimum_providers"]:
        return [_row(key, NotEstimable("too_few_providers"), n)]
    if any(row["expected_count"] < row["n"] for row in providers):
        return [_row(key, NotEstimable("no_expectation"), n)]
    size, total, squares = (
        np.array([row[name] for row in large], dtype=np.float64)
        for name in ("n", "versus_hundredths", "versus_squared")
    )
    within = (squares - total**2 / size).sum() / (size.sum() - len(large))
    if within == 0:
        return [_row(key, NotEstimable("no_variance"), n)]
    funnel = mean_funnel(total / size / 100, np.sqrt(within / size) / 100)
    limit = setting["funnel_level"]
    judged = {
        row["population"]: (float(index), bool(is_outside))
        for row, index, is_outside in zip(large, funnel.index, funnel.is_outside(limit), strict=True)
    }
    rows = []
    for row in providers:
        if row["population"] in judged:
            index, is_outside = judged[row["population"]]
            said = {"is_outside": is_outside, "limit_level": limit}
            rows.append(_row(row, Estimate(index, index, index, row["n"]), row["n"], said))
        else:
            reason = "provider_unknown" if row["population"] == UNKNOWN else "too_few_persons"
            rows.append(_row(row, NotEstimable(reason), row["n"]))
    return rows


def _row(key: Row, result: Result, n: int, said: dict[str, object] | None = None) -> Row:
    """Return one row; an index is a place among the others, and has no interval."""
    diagnostics = json.dumps(said) if said else None
    row = effect_row(key, STATISTIC, result, design="D1", comparator="none", n=n, diagnostics=diagnostics)
    return row | {"lower": None, "upper": None}
