"""What those say by themselves who are new since the latest earlier year: the second year of a two-year rule.

Method, section 6. Not rows of the long result table: beside the window's they would tell of the few who are
not new.
"""

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.estimation.comparison.contrasts import covariates, numbers, slices
from pipelines.estimation.rows import Row, read_rows
from pipelines.estimators.comparison import PERSONS_PER_COVARIATE
from pipelines.estimators.weighting import linear_models

READS = ("intervention.new_person", "intervention.comparison_person", "intervention.waiting_person")
SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("outcome_id", pa.string()),
        ("comparator", pa.string()),
        ("n", pa.int64()),
        ("estimate_sd", pa.float64()),
        ("not_estimable_reason", pa.string()),
    ]
)
# Where a comparator's persons are, and who of them got the intervention and who did not.
PEOPLE = {
    "other_support": ("intervention.comparison_person", "is_treated", "NOT is_treated"),
    "waiting": ("intervention.waiting_person", "is_early", "is_waiting"),
}

# The primary outcome of every intervention that the latest earlier year recommended on.
ASKED = """
    SELECT DISTINCT outcome.intervention_id, outcome.outcome_id, norm.sd
    FROM ref.intervention_outcome AS outcome
    INNER JOIN ref.remembered_recommendation AS line ON outcome.intervention_id = line.intervention_id
    INNER JOIN ref.remembered_year AS previous ON line.year = previous.year AND previous.is_previous
    LEFT JOIN ref.instrument_norm AS norm
        ON outcome.instrument_id = norm.instrument_id AND outcome.respondent = norm.respondent
    WHERE outcome.is_primary
    ORDER BY outcome.outcome_id, outcome.intervention_id
"""


def effects(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return a row per comparator of every intervention that the latest earlier year recommended on."""
    (setting,) = read_rows(connection, "SELECT * FROM ref.setting")
    rows = [row for comparator in PEOPLE for row in _rows(connection, comparator, setting)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _rows(connection: duckdb.DuckDBPyConnection, comparator: str, setting: Row) -> Iterator[Row]:
    people = _people(connection, comparator)
    places = slices(people)
    for key in read_rows(connection, ASKED):
        rows = places.get((key["outcome_id"], key["intervention_id"]), slice(0, 0))
        own = people.slice(rows.start, rows.stop - rows.start)
        n = int((numbers(own, "is_new") == 1).sum())
        found: float | str = "no_new_persons"
        if not key["sd"]:
            found = "no_norm"
        elif n:
            found = _mean_difference(own, setting)
        is_known = isinstance(found, float)
        yield {
            "intervention_id": key["intervention_id"],
            "outcome_id": key["outcome_id"],
            "comparator": comparator,
            "n": n,
            "estimate_sd": found / key["sd"] if isinstance(found, float) else None,
            "not_estimable_reason": None if is_known else found,
        }


def _people(connection: duckdb.DuckDBPyConnection, comparator: str) -> pa.Table:
    """Everybody with a follow-up of what is asked about, an outcome's interventions together."""
    table, got, did_not = PEOPLE[comparator]
    return connection.execute(
        f"""
        SELECT people.*, new.person_id IS NOT NULL AS is_new, {got} AS has_got, {did_not} AS has_not
        FROM {table} AS people
        INNER JOIN ({ASKED}) AS asked
            ON people.intervention_id = asked.intervention_id AND people.outcome_id = asked.outcome_id
        LEFT JOIN intervention.new_person AS new
            ON
                people.intervention_id = new.intervention_id
                AND people.outcome_id = new.outcome_id
                AND people.person_id = new.person_id
                AND new.comparator = '{comparator}'
        WHERE people.follow_up_hundredths IS NOT NULL
        ORDER BY people.outcome_id, people.intervention_id, people.person_id
        """
    ).to_arrow_table()


def _mean_difference(people: pa.Table, setting: Row) -> float | str:
    """What the new got, less what a linear model of those compared says of them; or why it is not known.

    Only its sign is asked, and of as few as ten: weights cannot be fitted to so few, and no interval is told.
    """
    got_it, others, is_new = (numbers(people, name) == 1 for name in ("has_got", "has_not", "is_new"))
    y = numbers(people, "follow_up_hundredths") / 100
    model = covariates(people, (got_it, others), setting["minimum_category_persons"]).values
    if others.sum() < PERSONS_PER_COVARIATE * (model.shape[1] + 1):
        return "too_few_persons"
    expected = linear_models(y, model, others[None].astype(np.float64))[0]
    return float((y - expected)[is_new].mean())
