"""The rules of the catalogue as it is delivered."""

from collections import Counter

from pipelines.catalogue import Catalogue
from pipelines.expectations.facts import FeedTotal, RawFacts
from pipelines.expectations.rule import Contract
from pipelines.expectations.rules import contract_rules
from pipelines.expectations.table_rules import agreed_columns
from tests.expectations.contract import REFERENCE_DATE


def test_every_field_of_the_catalogue_gets_the_rules_its_entry_asks_for(catalogue: Catalogue) -> None:
    empty = RawFacts({}, {}, ())
    columns = {
        e.id: agreed_columns(Contract(e, catalogue, empty, REFERENCE_DATE)) for e in catalogue.extracts
    }
    feeds = tuple(FeedTotal("fil.csv", e.id, 10, 0) for e in catalogue.extracts)
    facts = RawFacts(columns, {e.id: 10 for e in catalogue.extracts}, feeds)
    rules = contract_rules(catalogue, facts, REFERENCE_DATE)

    fields = [f for e in catalogue.extracts for f in e.fields]
    kinds = Counter(rule.check_id.partition(":")[0] for rule in rules)
    assert kinds["required"] == sum(f.required for f in fields)
    assert kinds["values"] == sum(bool(f.values) for f in fields)
    assert kinds["range"] == sum(f.minimum is not None or f.maximum is not None for f in fields)
    pointing = ("reference", "instrument_range", "question_range", "instrument_item", "status_domain")
    assert sum(kinds[kind] for kind in pointing) == sum(bool(f.references) for f in fields)
    assert kinds["not_before"] == sum(bool(f.not_before) for f in fields)
    assert kinds["rejected_share"] == kinds["columns"] == kinds["types"] == len(catalogue.extracts)
    assert kinds["freshness"] == sum(bool(e.freshness_field) for e in catalogue.extracts)
    assert max(Counter((rule.extract_id, rule.check_id) for rule in rules).values()) == 1
    for rule in rules:
        (rule.passed_da + rule.failed_da).encode("cp1252")
