"""Negative controls of a contrast: what the support cannot have changed, compared just as its outcome is.

`earlier_score` is the score before the baseline, kept out of the model: a difference in it, after the
weights, was there before any support. The others are declared in the catalogue. A difference in a control
is adjusted by the contrast's own weights and by its covariates besides, so that what is left is not the
model's.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import ndtri

from pipelines.estimation.comparison.contrasts import numbers
from pipelines.estimation.rows import Row, effect_row
from pipelines.estimators.clustered import cluster_robust
from pipelines.estimators.comparison import PERSONS_PER_COVARIATE, UNKNOWN_PROVIDER, TwoGroups
from pipelines.estimators.result import Estimate, NotEstimable, Result
from pipelines.estimators.specifications import treated_coefficient
from pipelines.estimators.unmeasured import control_result, systematic_error

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
# Of each intervention and outcome, each control's persons and what they have.
Declared = Mapping[tuple[str, str], Mapping[str, tuple[Integers, Floats]]]

EARLIER = "earlier_score"
DECIMALS = 4


def read_controls(connection: duckdb.DuckDBPyConnection) -> Declared:
    """Return the declared controls' values of everybody compared; one that nobody has is there too."""
    found: dict[tuple[str, str], dict[str, tuple[Integers, Floats]]] = {}
    none = np.array([], dtype=np.int64), np.array([])
    for intervention, outcome, control in connection.execute(
        "SELECT control.intervention_id, outcome.outcome_id, control.control_id"
        " FROM ref.negative_control AS control"
        " INNER JOIN ref.intervention_outcome AS outcome ON control.intervention_id = outcome.intervention_id"
        " ORDER BY ALL"
    ).fetchall():
        found.setdefault((intervention, outcome), {})[control] = none
    values = connection.execute(
        "SELECT * FROM intervention.comparison_control"
        " ORDER BY intervention_id, outcome_id, control_id, person_id"
    ).to_arrow_table()
    names = ("intervention_id", "outcome_id", "control_id")
    places = zip(*(values[name].to_pylist() for name in names), strict=True)
    person, value, first = values["person_id"].to_numpy(), numbers(values, "control_value"), 0
    for (intervention, outcome, control), rows in groupby(places):
        stop = first + sum(1 for _ in rows)
        found[intervention, outcome][control] = person[first:stop], value[first:stop]
        first = stop
    return found


def control_rows(
    key: Row,
    groups: TwoGroups,
    weight: Floats,
    people: pa.Table,
    declared: Declared,
    setting: Row,
) -> list[Row]:
    """Return a row per negative control of a contrast, in SD; `weight` (n,) is what it weighs by."""
    controls = {EARLIER: numbers(people, "earlier_hundredths") / 100}
    own = people["person_id"].to_numpy()
    for name, (person, value) in declared.get((key["intervention_id"], key["outcome_id"]), {}).items():
        controls[name] = np.full(len(own), np.nan)
        controls[name][np.isin(own, person)] = value[np.isin(person, own)]
    rows = []
    for name, y in controls.items():
        # What is declared has its own unit, and is told in SD of the people themselves.
        sd = key["sd"] if name == EARLIER else _spread(y, groups)
        result, told = _control(y, sd, groups, weight, setting)
        is_told = isinstance(result, Estimate)
        rows.append(
            effect_row(
                key,
                "negative_control",
                result,
                design="D3",
                comparator=key["comparator"],
                n=int((~np.isnan(y)).sum()) if is_told else 0,
                diagnostics=json.dumps(told) if is_told else None,
                specification=name,
            )
        )
    return rows


def _control(y: Floats, sd: float, groups: TwoGroups, weight: Floats, setting: Row) -> tuple[Result, Row]:
    known = ~np.isnan(y) & (weight > 0)
    fewest = min(int((known & arm).sum()) for arm in (groups.is_treated, ~groups.is_treated))
    least = max(setting["segment_minimum"], PERSONS_PER_COVARIATE * (groups.covariates.shape[1] + 1))
    if fewest < least:
        return NotEstimable("too_few_persons"), {}
    if sd <= 0:
        return NotEstimable("no_variance"), {}
    estimate, of_persons = treated_coefficient(
        np.where(known, y, 0.0), groups.covariates, groups.is_treated, weight * known
    )
    half = float(ndtri((1 + setting["confidence_level"]) / 2))
    between = _reach_between_providers(y, known, groups, weight, setting) / half
    error = max(of_persons, between) / sd
    reach = half * error
    result = Estimate(estimate / sd, estimate / sd - reach, estimate / sd + reach, int(known.sum()))
    return result, {
        "result": control_result(result.lower, result.upper, setting["control_limit_sd"]),
        "standard_error_sd": round(error, DECIMALS),
    }


def _reach_between_providers(
    y: Floats, known: Booleans, groups: TwoGroups, weight: Floats, setting: Row
) -> float:
    """Half the interval's width if people of one provider are alike; 0 where there are few providers."""
    rows = known & (groups.provider != UNKNOWN_PROVIDER)
    treated, provider = groups.is_treated[rows], groups.provider[rows]
    if min(len(np.unique(provider[arm])) for arm in (treated, ~treated)) < setting["minimum_providers"]:
        return 0.0
    design = np.column_stack([treated, np.ones(len(treated)), groups.covariates[rows]])
    clustered = cluster_robust(design, y[rows], provider, 0, weight[rows])
    if isinstance(clustered, NotEstimable):
        return 0.0
    lower, upper = clustered.interval(setting["confidence_level"])
    return (upper - lower) / 2


def _spread(y: Floats, groups: TwoGroups) -> float:
    parts = [y[arm & ~np.isnan(y)] for arm in (groups.is_treated, ~groups.is_treated)]
    if min(len(part) for part in parts) < 2:
        return 0.0
    return float(np.sqrt(np.mean([part.var(ddof=1) for part in parts])))


def calibrated_rows(rows: Sequence[Row], level: float, setting: Row) -> list[Row]:
    """Return each difference in SD less the error that the comparator's negative controls show, or why not.

    `rows` are those of one comparator. Schuemie et al. 2014: the controls' estimates are N(mean, sd^2) beyond
    their own errors; the spread widens every interval.
    """
    controls = [r for r in rows if r["statistic"] == "negative_control" and r["estimate"] is not None]
    differences = [
        r
        for r in rows
        if r["statistic"] == "standardised_difference"
        and r["specification"] == "main"
        and r["estimate"] is not None
    ]
    if not differences:
        return []
    if len(controls) < setting["calibration_minimum"]:
        return [_calibrated_row(r, NotEstimable("too_few_controls"), None) for r in differences]
    error = systematic_error(
        np.array([r["estimate"] for r in controls]), np.array([_standard_error(r) for r in controls])
    )
    told = json.dumps(
        {
            "controls": len(controls),
            "systematic_mean_sd": round(error.mean, DECIMALS),
            "systematic_spread_sd": round(error.sd, DECIMALS),
            "expected_absolute_error_sd": round(error.expected_absolute, DECIMALS),
        }
    )
    return [
        _calibrated_row(
            r, Estimate(*error.calibrated(r["estimate"], _standard_error(r), level), r["n"]), told
        )
        for r in differences
    ]


def _calibrated_row(row: Row, result: Result, told: str | None) -> Row:
    return effect_row(
        row,
        "calibrated_difference",
        result,
        design="D3",
        comparator=row["comparator"],
        n=row["n"],
        n_effective=row["n_effective"],
        diagnostics=told,
    )


def _standard_error(row: Row) -> float:
    return float(json.loads(row["diagnostics"])["standard_error_sd"])
