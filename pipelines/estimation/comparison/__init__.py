"""Design D3: those who got a support against others like them, and what several comparisons say together."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.estimation.comparison.contrasts import Contrast, Look, read_contrasts
from pipelines.estimation.comparison.controls import calibrated_rows, control_rows, read_controls
from pipelines.estimation.comparison.draws import keep_draws
from pipelines.estimation.comparison.effects import effect_rows
from pipelines.estimation.comparison.pooled import pooled_rows
from pipelines.estimation.comparison.specifications import beside_rows
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.comparison import Difference, Fitted, Limits

READS = ("intervention.comparison_person", "intervention.comparison_control")
DRAWS = "estimate.other_support_draw"


def results(connection: duckdb.DuckDBPyConnection, level: float) -> list[Row]:
    """Return every contrast's differences, what stands beside them, and the pooled ones.

    Writes the redraws to `estimate.other_support_draw`, for the economy.
    """
    (setting,) = read_rows(connection, "SELECT * FROM ref.setting")
    limits = limits_of(setting)
    look = _look(connection, limits, setting)
    found = list(read_contrasts(connection, level, limits, setting, look))
    keep_draws(connection, DRAWS, found, limits)
    return contrast_rows(found, level, limits, setting)


def _look(connection: duckdb.DuckDBPyConnection, limits: Limits, setting: Row) -> Look:
    """What is asked of a contrast's people beside its difference; only where it has a size in SD."""
    age_bands = read_rows(connection, "SELECT age_band_id, age_from FROM ref.age_band ORDER BY age_from")
    declared = read_controls(connection)

    def look(key: Row, fitted: Fitted, found: Difference, people: pa.Table) -> list[Row]:
        if not key["sd"]:
            return []
        weight = fitted.weights.weight[0]
        return [
            *beside_rows(key, fitted, found, people, age_bands, limits, setting),
            *control_rows(key, fitted.groups, weight, people, declared, setting),
        ]

    return look


def limits_of(setting: Mapping[str, Any]) -> Limits:
    """Return what a comparison must keep to be believed."""
    return Limits(
        propensity=(setting["propensity_lowest"], setting["propensity_highest"]),
        imbalance=setting["balance_limit_sd"],
        effective_size=setting["minimum_effective_size"],
        overlap_share=setting["minimum_overlap_share"],
        response_difference=setting["maximum_response_difference"],
        providers=setting["minimum_providers"],
        balance_chance_level=setting["balance_chance_level"],
        persons_with_event=setting["disclosure_minimum"],
    )


def contrast_rows(found: list[Contrast], level: float, limits: Limits, setting: Row) -> list[Row]:
    """Return the rows of one comparator's contrasts, one outcome's interventions together."""
    rows = [row for contrast in found for row in (*effect_rows(contrast, limits, setting), *contrast.beside)]
    rows += calibrated_rows(rows, level, setting)
    for _, together in groupby(found, lambda c: c.key["outcome_id"]):
        rows += pooled_rows(list(together), level, limits, setting)
    return rows
