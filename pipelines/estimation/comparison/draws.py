"""What a comparison found, redraw by redraw: effect, success and cost of the same persons."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.estimation.comparison.contrasts import Contrast
from pipelines.estimation.rows import Row
from pipelines.estimators.comparison import Difference, Interval, Limits, Redrawn
from pipelines.estimators.result import NotEstimable
from pipelines.warehouse.reference import create_table

DRAW_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("outcome_id", pa.string()),
        ("comparator", pa.string()),
        ("quantity", pa.string()),
        ("n", pa.int64()),
        ("is_sound", pa.bool_()),
        ("estimate", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("draws", pa.list_(pa.float64())),
        ("not_estimable_reason", pa.string()),
    ]
)
COST, SD, IMPROVED = "cost", "sd", "reliably_improved"


def keep_draws(
    connection: duckdb.DuckDBPyConnection, table: str, contrasts: Sequence[Contrast], limits: Limits
) -> None:
    """Write a table with three rows per contrast: `cost` in kr., effect in `sd`, share `reliably_improved`.

    The draws of the three are of the same redraws, in order; NaN where a redraw had no fit.
    """
    rows = [
        _row(contrast, quantity, found, limits)
        for contrast in contrasts
        for quantity, found in _quantities(contrast).items()
    ]
    connection.execute("CREATE SCHEMA IF NOT EXISTS estimate")
    create_table(connection, table, pa.Table.from_pylist(rows, schema=DRAW_SCHEMA))


def _quantities(contrast: Contrast) -> dict[str, Redrawn | NotEstimable]:
    found, sd = contrast.found, contrast.key["sd"]
    if isinstance(found, NotEstimable):
        return dict.fromkeys((COST, SD, IMPROVED), found)
    in_sd: Redrawn | NotEstimable = NotEstimable("no_norm")
    if sd:
        in_sd = Redrawn(Interval(found.estimate / sd, found.lower / sd, found.upper / sd), found.redraws / sd)
    share = found.shares.get(IMPROVED, NotEstimable("no_share_difference"))
    improved = share if isinstance(share, NotEstimable) else Redrawn(share.found, share.redraws)
    return {COST: contrast.cost, SD: in_sd, IMPROVED: improved}


def _row(contrast: Contrast, quantity: str, found: Redrawn | NotEstimable, limits: Limits) -> Row:
    difference = contrast.found
    is_sound = isinstance(difference, Difference) and difference.soundness.failed_check(limits) is None
    key = {name: contrast.key[name] for name in ("intervention_id", "outcome_id", "comparator")}
    key |= {"quantity": quantity, "n": contrast.n, "is_sound": is_sound}
    if isinstance(found, NotEstimable):
        return key | {"not_estimable_reason": found.reason}
    interval = found.found
    return key | {
        "estimate": interval.estimate,
        "lower": interval.lower,
        "upper": interval.upper,
        "draws": np.asarray(found.redraws).tolist(),
    }
