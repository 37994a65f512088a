"""Design D3: those who got a support against others like them, and what several comparisons say together."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import ndtr

from pipelines.estimation.rows import Row, effect_row, read_rows
from pipelines.estimators.comparison import UNKNOWN_PROVIDER, Difference, Limits, TwoGroups, compare
from pipelines.estimators.pooling import pool
from pipelines.estimators.result import Estimate, NotEstimable, Result

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.uint8]

READS = ("intervention.comparison_person",)
COMPARATORS = ("other_support", "waiting")
CATEGORIES = ("sex", "target_group")
COVARIATES = ("age_days", "requested_days", "earlier_count", "concurrent_count", "window_days")
HELD_OUT = ("earlier_hundredths", "crisis_count", "contact_count", "favourable_share")
# Persons whose redraws are made at a time: 4,096 * 200 draws * 8 bytes are 7 MB.
BLOCK = 4096
# Shares and points of a diagnosis are told in steps, so that nobody counts single persons out of them.
STEP = 0.05
PERSON_STEP = 10


@dataclass(frozen=True)
class Contrast:
    """One intervention's outcome against one comparator: what was found, and of how many persons."""

    key: Mapping[str, Any]
    found: Difference | NotEstimable
    n: int


def results(connection: duckdb.DuckDBPyConnection, level: float) -> list[Row]:
    """Return every contrast's differences, and the pooled ones where there are enough to pool."""
    (setting,) = read_rows(connection, "SELECT * FROM ref.setting")
    limits = Limits(
        propensity=(setting["propensity_lowest"], setting["propensity_highest"]),
        imbalance=setting["balance_limit_sd"],
        effective_size=setting["minimum_effective_size"],
        overlap_share=setting["minimum_overlap_share"],
        response_difference=setting["maximum_response_difference"],
        providers=setting["minimum_providers"],
    )
    contrasts = list(_contrasts(connection, level, limits, setting))
    rows = [row for contrast in contrasts for row in _rows(contrast, limits)]
    for _, together in groupby(contrasts, lambda c: (c.key["comparator"], c.key["outcome_id"])):
        rows += _pooled_rows(list(together), level, setting)
    return rows


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


def _contrasts(
    connection: duckdb.DuckDBPyConnection, level: float, limits: Limits, setting: Row
) -> Iterator[Contrast]:
    keys = read_rows(
        connection,
        """
        SELECT outcome.intervention_id, outcome.outcome_id, 'window' AS population, norm.sd
        FROM ref.intervention_outcome AS outcome
        LEFT JOIN ref.instrument_norm AS norm
            ON outcome.instrument_id = norm.instrument_id AND outcome.respondent = norm.respondent
        ORDER BY outcome.outcome_id, outcome.intervention_id
        """,
    )
    people = connection.execute(
        "SELECT * FROM intervention.comparison_person"
        " ORDER BY comparator, outcome_id, intervention_id, person_id"
    ).to_arrow_table()
    place = [people[name].to_pylist() for name in ("comparator", "outcome_id", "intervention_id")]
    slices = _slices(list(zip(*place, strict=True)))
    persons, person = np.unique(people["person_id"].to_numpy(), return_inverse=True)
    counts = person_counts(len(persons), setting["bootstrap_draws"], setting["bootstrap_seed"])
    for comparator in COMPARATORS:
        for key in keys:
            rows = slices.get((comparator, key["outcome_id"], key["intervention_id"]), slice(0, 0))
            yield _contrast(
                key | {"comparator": comparator},
                people.slice(rows.start, rows.stop - rows.start),
                counts[person[rows]],
                level,
                limits,
                setting,
            )


def _slices(places: list[tuple[str, ...]]) -> dict[tuple[str, ...], slice]:
    """Where the rows of each place begin and end; rows of one place stand together."""
    found, first = {}, 0
    for place, rows in groupby(places):
        stop = first + sum(1 for _ in rows)
        found[place] = slice(first, stop)
        first = stop
    return found


def _contrast(
    key: Row, people: pa.Table, counts: Counts, level: float, limits: Limits, setting: Row
) -> Contrast:
    treated = _numbers(people, "is_treated") == 1
    outcome = _numbers(people, "follow_up_hundredths") / 100
    known = ~np.isnan(outcome)
    if min((known & treated).sum(), (known & ~treated).sum()) < setting["disclosure_minimum"]:
        # Nobody is compared: a number of all would tell the one arm of the other, which is told elsewhere.
        return Contrast(key, NotEstimable("too_few_persons"), 0)
    groups = TwoGroups(
        covariates=_covariates(people, treated, setting["minimum_category_persons"]),
        held_out=np.column_stack([_numbers(people, name) for name in HELD_OUT]),
        is_treated=treated,
        outcome=outcome,
        provider=_codes(people, "provider_id"),
    )
    count = np.ones((1 + counts.shape[1], len(treated)))
    count[1:] = counts.T
    return Contrast(key, compare(groups, count, level, limits), int(known.sum()))


def _covariates(people: pa.Table, treated: Booleans, minimum: int) -> Floats:
    """The model's columns: standardised numbers, a mark for those not known, and the larger categories.

    A mark or category that an arm has fewer than `minimum` persons of has no column: it would set the arms
    apart by a few. A number not known is then taken for the mean, and a rare category for the largest.
    """
    columns = []
    for name in ("baseline_hundredths", *COVARIATES):
        values = _numbers(people, name)
        is_known = ~np.isnan(values)
        if is_known.any():
            columns.append(np.where(is_known, values, np.nanmean(values)))
            columns += _marks(is_known.astype(np.int64), treated, minimum)
    for name in CATEGORIES:
        columns += _marks(_codes(people, name), treated, minimum)
    x = np.column_stack(columns)
    sd = x.std(axis=0)
    varies = sd > 0
    return np.asarray((x - x.mean(axis=0))[:, varies] / sd[varies])


def _marks(codes: Integers, treated: Booleans, minimum: int) -> list[Floats]:
    """One column per code but the most frequent, where both arms have enough persons of it."""
    found, sizes = np.unique(codes, return_counts=True)
    marks = [codes == code for code in np.delete(found, sizes.argmax())]
    return [
        mark.astype(float)
        for mark in marks
        if min((mark & treated).sum(), (mark & ~treated).sum()) >= minimum
    ]


def _numbers(people: pa.Table, name: str) -> Floats:
    return np.array(people[name].cast(pa.float64()).to_numpy(), dtype=np.float64)


def _codes(people: pa.Table, name: str) -> Integers:
    """Number the texts; -1 where there is none."""
    codes = people[name].combine_chunks().dictionary_encode().indices.fill_null(UNKNOWN_PROVIDER)
    return np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64)


def _rows(contrast: Contrast, limits: Limits) -> list[Row]:
    found, sd = contrast.found, contrast.key["sd"]
    if isinstance(found, NotEstimable):
        return [_row(contrast, name, found) for name in ("mean_difference", "standardised_difference")]
    points = Estimate(found.estimate, found.lower, found.upper, contrast.n)
    standardised: Result = (
        Estimate(found.estimate / sd, found.lower / sd, found.upper / sd, contrast.n)
        if sd
        else NotEstimable("no_norm")
    )
    diagnostics = _diagnostics(found, sd, limits)
    return [
        _row(contrast, "mean_difference", points, diagnostics),
        _row(contrast, "standardised_difference", standardised, diagnostics),
    ]


def _row(contrast: Contrast, statistic: str, result: Result, diagnostics: Row | None = None) -> Row:
    found = contrast.found
    size = None
    if isinstance(found, Difference):
        sound = found.soundness
        size = float(_step(min(sound.effective_treated, sound.effective_others), PERSON_STEP))
    return effect_row(
        contrast.key,
        statistic,
        result,
        design="D3",
        comparator=contrast.key["comparator"],
        n=contrast.n,
        n_effective=size,
        diagnostics=json.dumps(diagnostics) if diagnostics else None,
    )


def _diagnostics(found: Difference, sd: float | None, limits: Limits) -> Row:
    """What decides whether the difference may be believed, without the size of either arm."""
    sound, tipping = found.soundness, found.tipping_point
    failed = sound.failed_check(limits)
    return {
        "is_sound": failed is None,
        "failed_check": failed,
        "largest_imbalance": round(sound.largest_imbalance, 2),
        "overlap_share": _step(sound.overlap_share, STEP),
        "response_difference": _step(sound.response_difference, STEP),
        "providers": sound.provider_mark(limits),
        "e_value": round(sound.e_value, 2),
        "tipping_point_sd": None if tipping is None or not sd else _step(tipping / sd, STEP),
    }


def _step(value: float, step: float) -> float:
    return round(step * round(value / step), 2)


def _pooled_rows(contrasts: list[Contrast], level: float, setting: Row) -> list[Row]:
    """Each effect in SD beside the others on the same outcome: alone, and drawn towards them."""
    named = [(c, c.found) for c in contrasts if isinstance(c.found, Difference) and c.key["sd"]]
    if not named:
        return []
    sd, delta = named[0][0].key["sd"], setting["smallest_worthwhile_sd"]
    y = np.array([found.estimate for _, found in named]) / sd
    error = np.array([found.standard_error for _, found in named]) / sd
    rows = []
    for (contrast, _), one, its_error in zip(named, y, error, strict=True):
        rows += [
            _probability(contrast, "probability_positive", ndtr(one / its_error)),
            _probability(contrast, "probability_above_delta", ndtr((one - delta) / its_error)),
        ]
    if len(named) < setting["pooling_minimum"]:
        return rows
    pooled = pool(y, _covariance([found.redraws for _, found in named], error), setting["pooling_prior_sd"])
    lower, upper = (pooled.quantile(share) for share in ((1 - level) / 2, (1 + level) / 2))
    positive, above = pooled.probability_above(0.0), pooled.probability_above(delta)
    together = {"interventions": len(named), "spread_sd": round(pooled.tau_mean, 2)}
    for i, (contrast, _) in enumerate(named):
        estimate = Estimate(float(pooled.effect[i]), float(lower[i]), float(upper[i]), contrast.n)
        rows += [
            _row(contrast, "pooled_difference", estimate, together),
            _probability(contrast, "pooled_probability_positive", positive[i]),
            _probability(contrast, "pooled_probability_above_delta", above[i]),
        ]
    return rows


def _covariance(redraws: list[Floats], error: Floats) -> Floats:
    """The errors' covariance: how they go together by the joint redraws, and how large each is.

    A redraw without a fit stands at the mean of its contrast's: the matrix is then a covariance for certain.
    """
    filled = np.array([np.where(np.isnan(one), np.nanmean(one), one) for one in redraws])
    return np.asarray(np.corrcoef(filled) * np.outer(error, error))


def _probability(contrast: Contrast, statistic: str, value: float) -> Row:
    share = float(np.clip(value, 0.0, 1.0))
    row = _row(contrast, statistic, Estimate(share, share, share, contrast.n))
    return row | {"lower": None, "upper": None}
