"""A date that tells of a plan may lie ahead; one that tells of what was may not."""

from datetime import date

from pipelines.expectations.facts import RawFacts
from pipelines.expectations.field_rules import field_rules
from pipelines.expectations.rule import Contract


def test_only_a_planned_date_may_lie_after_the_reference_date(catalogue):
    extract = catalogue.extract("plan")
    contract = Contract(extract, catalogue, RawFacts({}, {"plan": 1, "person": 0}, ()), date(2025, 12, 31))
    judged = {
        field.name
        for field in extract.fields
        for rule in field_rules(contract, field)
        if rule.check_id.startswith("not_after_reference_date")
    }
    assert judged == {"decided_date", "ended_date"}
