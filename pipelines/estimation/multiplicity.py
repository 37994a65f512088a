"""Benjamini-Hochberg over the municipality's unpooled secondary results, and over the interactions.

A family is what is looked at together: one comparator's differences of all interventions on secondary
outcomes (D3, the declared specification; D4, the overall effect), and one comparator's interactions. A
primary outcome was declared before the data were seen and stands alone; pooled values are adjusted by what
they are.
"""

import json
from collections import defaultdict

import duckdb
import numpy as np
from scipy.special import ndtr

from pipelines.estimation.rows import Row
from pipelines.estimators.multiplicity import false_discovery_p


def with_adjusted_p(connection: duckdb.DuckDBPyConnection, rows: list[Row]) -> list[Row]:
    """Return the rows with `p_adjusted` where they belong to a family and have an estimate."""
    primary = set(
        connection.execute(
            "SELECT intervention_id, outcome_id FROM ref.intervention_outcome WHERE is_primary"
        ).fetchall()
    )
    families: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for place, row in enumerate(rows):
        p = _p_value(row)
        is_primary = (row["intervention_id"], row["outcome_id"]) in primary
        if p is not None and (row["statistic"] == "interaction" or not is_primary):
            families[row["comparator"], row["statistic"]].append((place, p))
    adjusted: dict[int, float] = {}
    for family in families.values():
        places, p_values = zip(*family, strict=True)
        adjusted |= dict(zip(places, false_discovery_p(np.array(p_values)).tolist(), strict=True))
    return [row | {"p_adjusted": adjusted.get(place)} for place, row in enumerate(rows)]


def _p_value(row: Row) -> float | None:
    """Two-sided, by the normal distribution; None where the row belongs to no family."""
    if row["estimate"] is None or row["specification"] != "main":
        return None
    told = json.loads(row["diagnostics"] or "{}")
    match row["design"], row["statistic"]:
        case "D3", "standardised_difference" | "interaction":
            error = told["standard_error_sd"]
        case "D4", "effect_overall":
            error = told["pointwise_standard_error"]
        case _:
            return None
    return 2 * float(ndtr(-abs(row["estimate"]) / error)) if error > 0 else None
