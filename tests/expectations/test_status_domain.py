"""A status of another domain than its row's own is told, and stops no run."""

import duckdb
import pytest

from pipelines.expectations.facts import RawFacts
from pipelines.expectations.rule import Contract
from pipelines.expectations.rules import contract_rules
from pipelines.expectations.table_rules import agreed_columns
from tests.expectations.contract import REFERENCE_DATE


@pytest.mark.parametrize(
    ("spells", "failed"),
    [
        ([("employment", "work"), ("housing", "own_home")], 0),
        ([("employment", "homeless"), ("housing", "own_home"), ("debt", "work")], 2),
        ([("employment", "no_such_status")], 0),  # the rule on known statuses tells of it
        ([(None, "work"), ("debt", None)], 0),
    ],
)
def test_rows_with_a_status_of_another_domain_are_counted(catalogue, spells, failed):
    agreed = {
        e.id: agreed_columns(Contract(e, catalogue, RawFacts({}, {}, ()), REFERENCE_DATE))
        for e in catalogue.extracts
    }
    facts = RawFacts(agreed, {e.id: len(spells) for e in catalogue.extracts}, ())
    rules = contract_rules(catalogue, facts, REFERENCE_DATE)
    (rule,) = (r for r in rules if r.check_id == "status_domain:domain")
    assert (rule.extract_id, rule.severity) == ("status_spell", "warning")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE status_spell (domain VARCHAR, status_id VARCHAR)")
        connection.executemany("INSERT INTO status_spell VALUES (?, ?)", spells)
        query = rule.expectation.arguments["unexpected_rows_query"].format(batch=rule.table)
        assert len(connection.execute(query).fetchall()) == failed
