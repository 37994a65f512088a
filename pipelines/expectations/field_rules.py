"""Rules on one field: filled in, known, in range, pointing at something, and in order of time."""

from collections.abc import Iterator

from pipelines.catalogue import ExtractField
from pipelines.catalogue.entries import KINDS, RANGES
from pipelines.expectations.danish import as_bounds, as_date
from pipelines.expectations.link_rules import LINKS
from pipelines.expectations.rule import Contract, Expectation, Rule, literal, no_rows

# Whose scale a value is held against, by the kind of entry that sets it.
OWNERS_DA = {"instrument": "måleredskabets", "question": "spørgsmålets"}


def field_rules(contract: Contract, field: ExtractField) -> Iterator[Rule]:
    """Yield every rule that the field's entry asks for."""
    if field.required:
        yield _required(contract, field)
    if field.values:
        yield _values(contract, field)
    if field.minimum is not None or field.maximum is not None:
        yield _range(contract, field)
    if field.references is not None:
        yield from _reference(contract, field, field.references)
    if field.type == "date" and not field.may_be_future:
        yield _not_after_reference_date(contract, field)
    earlier = contract.extract.field(field.not_before) if field.not_before else None
    if earlier is not None:
        yield _not_before(contract, field, earlier)


def _reference(contract: Contract, field: ExtractField, target: str) -> Iterator[Rule]:
    if target in KINDS:
        yield _catalogue_reference(contract, field, target)
    elif target in RANGES:
        yield _range_of_entry(contract, field, target)
    elif target == "instrument.item":
        yield _instrument_item(contract, field)
    elif target == "status.domain":
        yield _status_domain(contract, field)
    else:
        yield from _extract_reference(contract, field, *target.split("."))


def _required(contract: Contract, field: ExtractField) -> Rule:
    return contract.rule(
        "required",
        Expectation("expect_column_values_to_not_be_null", {"column": field.name}),
        f'"{field.label_da}" er udfyldt i alle rækker.',
        f'"{field.label_da}" mangler i {{failed}} af {{rows}} rækker.',
        field=field,
    )


def _in_set(field: ExtractField, values: list[str]) -> Expectation:
    return Expectation("expect_column_values_to_be_in_set", {"column": field.name, "value_set": values})


def _values(contract: Contract, field: ExtractField) -> Rule:
    return contract.rule(
        "values",
        _in_set(field, list(field.values)),
        f'Alle værdier i "{field.label_da}" er kendte.',
        f'{{failed}} af {{rows}} rækker har en ukendt værdi i "{field.label_da}".',
        field=field,
        severity=field.severity,
    )


def _range(contract: Contract, field: ExtractField) -> Rule:
    bounds_da = as_bounds(field.minimum, field.maximum)
    limits = {"min_value": field.minimum, "max_value": field.maximum}
    return contract.rule(
        "range",
        Expectation("expect_column_values_to_be_between", {"column": field.name, **limits}),
        f'Alle værdier i "{field.label_da}" er {bounds_da}.',
        f'{{failed}} af {{rows}} rækker har en værdi i "{field.label_da}", som ikke er {bounds_da}.',
        field=field,
        severity=field.severity,
    )


def _catalogue_reference(contract: Contract, field: ExtractField, kind: str) -> Rule:
    return contract.rule(
        "reference",
        _in_set(field, contract.catalogue.known(kind)),
        f'Alle værdier i "{field.label_da}" findes i kataloget.',
        f'{{failed}} af {{rows}} rækker har en værdi i "{field.label_da}", som ikke findes i kataloget.',
        field=field,
        severity=field.severity,
    )


def _range_of_entry(contract: Contract, field: ExtractField, target: str) -> Rule:
    # The entry is named by the field of the same row that refers to entries of its kind.
    kind = RANGES[target]
    name = next(f'"{f.name}"' for f in contract.extract.fields if f.references == kind)
    value, owner_da = f'"{field.name}"', OWNERS_DA[kind]
    limits = contract.catalogue.limits(target)
    outside = [
        f"({name} = '{i}' AND {value} NOT BETWEEN {low!r} AND {high!r})" for i, (low, high) in limits.items()
    ]
    return contract.rule(
        f"{kind}_range",
        no_rows(f"SELECT 1 FROM {{batch}} WHERE {' OR '.join(outside) or 'FALSE'}"),
        f'Alle værdier i "{field.label_da}" er inden for {owner_da} skala.',
        f'{{failed}} af {{rows}} rækker har en værdi i "{field.label_da}" uden for {owner_da} skala.',
        field=field,
        severity=field.severity,
    )


def _instrument_item(contract: Contract, field: ExtractField) -> Rule:
    name = next(f'"{f.name}"' for f in contract.extract.fields if f.references == "instrument")
    known = [
        f"({name} = '{i.id}' AND \"{field.name}\" IN ({', '.join(map(literal, i.items))}))"
        for i in contract.catalogue.instruments
        if i.items
    ]
    return contract.rule(
        "instrument_item",
        no_rows(f"SELECT 1 FROM {{batch}} WHERE NOT ({' OR '.join(known) or 'FALSE'})"),
        f'Alle værdier i "{field.label_da}" er spørgsmål i måleredskabet.',
        f'{{failed}} af {{rows}} rækker har et "{field.label_da}", som ikke er et spørgsmål i måleredskabet.',
        field=field,
        severity=field.severity,
    )


def _status_domain(contract: Contract, field: ExtractField) -> Rule:
    # Rows that fail are counted nowhere (individual.status_period), so that one of them stops no run.
    name = next(f'"{f.name}"' for f in contract.extract.fields if f.references == "status")
    other = [
        f'({name} = {literal(s.id)} AND "{field.name}" <> {literal(s.domain)})'
        for s in contract.catalogue.statuses
    ]
    return contract.rule(
        "status_domain",
        no_rows(f"SELECT 1 FROM {{batch}} WHERE {' OR '.join(other) or 'FALSE'}"),
        f'Alle statusser hører til rækkens "{field.label_da}".',
        f'{{failed}} af {{rows}} rækker har en status, som ikke hører til rækkens "{field.label_da}". '
        "De tælles ikke med.",
        field=field,
        severity="warning",
    )


def _extract_reference(
    contract: Contract, field: ExtractField, target_id: str, target_field: str
) -> Iterator[Rule]:
    # An extract that is absent says nothing of this field; whether it may be is its own rule.
    if contract.facts.row_counts[target_id] == 0:
        return
    target_da = contract.catalogue.extract(target_id).label_da
    known = f'SELECT "{target_field}" FROM "{target_id}" WHERE "{target_field}" IS NOT NULL'
    if field.type == "person" and LINKS in contract.facts.row_counts:
        # A number that was replaced is known by the number it became.
        known += f" UNION ALL SELECT former_person_id FROM {LINKS}"
    query = f'SELECT 1 FROM {{batch}} WHERE "{field.name}" NOT IN ({known})'
    yield contract.rule(
        "reference",
        no_rows(query),
        f'Alle værdier i "{field.label_da}" findes i udtrækket {target_da}.',
        f'{{failed}} af {{rows}} rækker har et "{field.label_da}", som ikke findes i udtrækket {target_da}.',
        field=field,
        severity=field.severity,
    )


def _not_after_reference_date(contract: Contract, field: ExtractField) -> Rule:
    last = contract.reference_date
    return contract.rule(
        "not_after_reference_date",
        no_rows(f"SELECT 1 FROM {{batch}} WHERE \"{field.name}\" > DATE '{last}'"),
        f'"{field.label_da}" ligger aldrig efter {as_date(last)}.',
        f'"{field.label_da}" ligger efter {as_date(last)} i {{failed}} af {{rows}} rækker.',
        field=field,
        severity="warning",
    )


def _not_before(contract: Contract, field: ExtractField, earlier: ExtractField) -> Rule:
    order = {"column_A": field.name, "column_B": earlier.name, "or_equal": True}
    return contract.rule(
        "not_before",
        Expectation(
            "expect_column_pair_values_a_to_be_greater_than_b",
            {**order, "ignore_row_if": "either_value_is_missing"},
        ),
        f'"{field.label_da}" ligger aldrig før "{earlier.label_da}".',
        f'"{field.label_da}" ligger før "{earlier.label_da}" i {{failed}} af {{rows}} rækker.',
        field=field,
        severity=field.severity,
    )
