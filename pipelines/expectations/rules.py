"""The catalogue's contracts as rules: what the suites of a run consist of."""

from collections.abc import Iterator
from datetime import date

from pipelines.catalogue import Catalogue
from pipelines.expectations import table_rules
from pipelines.expectations.facts import RawFacts
from pipelines.expectations.field_rules import field_rules
from pipelines.expectations.link_rules import LINKS, link_rules
from pipelines.expectations.rule import Contract, Rule


def contract_rules(catalogue: Catalogue, facts: RawFacts, reference_date: date) -> tuple[Rule, ...]:
    """Return every rule of every extract, in the catalogue's order.

    A table without the agreed columns and types is judged on these alone, since the other
    rules read them; an empty one on whether it may be empty.
    """
    contracts = (Contract(e, catalogue, facts, reference_date) for e in catalogue.extracts)
    return tuple(rule for contract in contracts for rule in _extract_rules(contract))


def _extract_rules(contract: Contract) -> Iterator[Rule]:
    extract, facts = contract.extract, contract.facts
    yield table_rules.columns(contract)
    yield table_rules.types(contract)
    if extract.required:
        yield table_rules.not_empty(contract)
    for total in facts.feeds:
        if total.extract_id == extract.id:
            yield table_rules.rejected_share(contract, total)
    if contract.row_count == 0 or facts.columns[extract.id] != table_rules.agreed_columns(contract):
        return
    if extract.key:
        yield table_rules.key(contract)
    for field in extract.fields:
        yield from field_rules(contract, field)
        if field.name == extract.freshness_field and extract.freshness_days is not None:
            yield table_rules.freshness(contract, field, extract.freshness_days)
    if extract.id == LINKS:
        yield from link_rules(contract)
