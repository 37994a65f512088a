"""Which results are adjusted for one another, and which stand alone."""

import json

import duckdb
import pytest

from pipelines.estimation.multiplicity import with_adjusted_p


def row(intervention, outcome, z, statistic="standardised_difference", **given):
    """An estimate of z standard errors."""
    error = "pointwise_standard_error" if statistic == "effect_overall" else "standard_error_sd"
    return {
        "intervention_id": intervention,
        "outcome_id": outcome,
        "design": "D4" if statistic == "effect_overall" else "D3",
        "comparator": "not_yet_started" if statistic == "effect_overall" else "other_support",
        "specification": "main",
        "statistic": statistic,
        "estimate": None if z is None else 0.1 * z,
        "diagnostics": json.dumps({error: 0.1}),
        "p_adjusted": None,
    } | given


@pytest.fixture
def adjusted():
    """Return the adjusted p of each row; the first outcome, X, is primary."""

    def run(*rows):
        with duckdb.connect() as connection:
            connection.execute("CREATE SCHEMA ref")
            connection.execute(
                "CREATE TABLE ref.intervention_outcome AS SELECT * FROM (VALUES"
                " ('a', 'X', TRUE), ('a', 'Y', FALSE), ('b', 'Y', TRUE), ('c', 'Y', FALSE))"
                " AS t (intervention_id, outcome_id, is_primary)"
            )
            return [one["p_adjusted"] for one in with_adjusted_p(connection, list(rows))]

    return run


def test_secondary_outcomes_are_a_family_and_primary_ones_are_not(adjusted):
    """p = 0.0455 and 0.3173 of two: 0.091 and 0.3173; b's Y is its primary outcome."""
    found = adjusted(row("a", "X", 5), row("a", "Y", 2), row("b", "Y", 4), row("c", "Y", -1))
    assert found == [None, pytest.approx(0.0910, abs=1e-4), None, pytest.approx(0.3173, abs=1e-4)]


def test_each_comparator_and_the_registers_have_their_own(adjusted):
    found = adjusted(
        row("a", "Y", 2),
        row("c", "Y", 2, comparator="waiting"),
        row("a", "register:debt", 2, "effect_overall"),
    )
    assert found == [pytest.approx(0.0455, abs=1e-4)] * 3


def test_interactions_are_a_family_of_all_outcomes(adjusted):
    found = adjusted(row("a", "X", 2, "interaction"), row("a", "Y", 1, "interaction"), row("a", "Y", 2))
    assert found == [
        pytest.approx(0.0910, abs=1e-4),
        pytest.approx(0.3173, abs=1e-4),
        pytest.approx(0.0455, abs=1e-4),
    ]


def test_what_has_no_number_or_another_specification_or_is_pooled_is_in_none(adjusted):
    found = adjusted(
        row("a", "Y", None, diagnostics=None),
        row("a", "Y", 2, specification="trimmed"),
        row("a", "Y", 2, "pooled_difference"),
        row("a", "Y", 2, "mean_difference"),
        row("c", "Y", 2),
    )
    assert found == [None] * 4 + [pytest.approx(0.0455, abs=1e-4)]
