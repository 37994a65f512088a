"""Rules on an extract as a whole: its columns, its rows, its key and its age."""

from datetime import timedelta

from pipelines.catalogue import ExtractField
from pipelines.expectations.danish import as_date, as_number
from pipelines.expectations.facts import FeedTotal
from pipelines.expectations.rule import Contract, Expectation, Rule, literal, no_rows

DATABASE_TYPES = {
    "person": "BLOB",
    "code": "VARCHAR",
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "date": "DATE",
}
MOST_REJECTED = "maximum_rejected_share"
ORIGIN_COLUMNS = (("source_file", "VARCHAR"), ("source_line", "BIGINT"))


def agreed_columns(contract: Contract) -> tuple[tuple[str, str], ...]:
    """Return the columns (name, DuckDB type) that the extract's table must have, in order."""
    return (*((f.name, DATABASE_TYPES[f.type]) for f in contract.extract.fields), *ORIGIN_COLUMNS)


def columns(contract: Contract) -> Rule:
    """The agreed columns are there, in the agreed order, and no others."""
    names = [name for name, _ in agreed_columns(contract)]
    return contract.rule(
        "columns",
        Expectation("expect_table_columns_to_match_ordered_list", {"column_list": names}),
        "Alle aftalte kolonner er der.",
        "Kolonnerne er ikke dem, der er aftalt for udtrækket.",
    )


def types(contract: Contract) -> Rule:
    """Every agreed column has its agreed type; the count is of columns that do not."""
    agreed = agreed_columns(contract)
    listed = ", ".join(f"('{name}', '{kind}')" for name, kind in agreed)
    query = (
        f"SELECT 1 FROM (VALUES {listed}) AS agreed (column_name, data_type) "
        "ANTI JOIN information_schema.columns AS found "
        "ON found.column_name = agreed.column_name AND found.data_type = agreed.data_type "
        "AND found.table_catalog = current_database() AND found.table_schema = 'main' "
        f"AND found.table_name = '{contract.extract.id}'"
    )
    return contract.rule(
        "types",
        no_rows(query),
        "Alle kolonner har den aftalte type.",
        f"{{failed}} af {len(agreed)} kolonner mangler eller har en anden type end aftalt.",
    )


def not_empty(contract: Contract) -> Rule:
    """A required extract has rows."""
    return contract.rule(
        "not_empty",
        Expectation("expect_table_row_count_to_be_between", {"min_value": 1}),
        "Udtrækket har {rows} rækker.",
        "Udtrækket er påkrævet, men har ingen rækker.",
    )


def rejected_share(contract: Contract, total: FeedTotal) -> Rule:
    """At most the parameter `maximum_rejected_share` of a file's rows were rejected."""
    label_da, file = contract.extract.label_da, total.source_file
    most = float(contract.catalogue.parameter(MOST_REJECTED))
    query = (
        f"SELECT 1 FROM {{batch}} WHERE source_file = {literal(file)} "
        f"AND extract_id = '{total.extract_id}' "
        f"HAVING sum(rejected_count) > {most!r} * sum(row_count)"
    )
    rejected_da = f"{label_da}: {{failed}} af {{rows}} rækker fra {file} er afvist"
    return Rule(
        extract_id=total.extract_id,
        check_id=f"rejected_share:{file}",
        field_id=None,
        severity="error",
        table="source_feed",
        expectation=no_rows(query),
        row_count=total.row_count,
        passed_da=f"{rejected_da}.",
        failed_da=f"{rejected_da}. Det er mere end {as_number(100 * most)} pct. ({MOST_REJECTED} i "
        "catalogue/parameters.toml), og så stopper kørslen. Se grundene med 'virker check', "
        "ret udtrækket eller kilden i catalogue/sources, og kør igen.",
        failed_count=total.rejected_count,
    )


def key(contract: Contract) -> Rule:
    """No two rows have the same key; the count is of rows that staging leaves out."""
    names = contract.extract.key
    labels = ", ".join(f.label_da for f in contract.extract.fields if f.name in names)
    present = " AND ".join(f'"{name}" IS NOT NULL' for name in names)
    grouped = ", ".join(f'"{name}"' for name in names)
    query = (
        f"SELECT unnest(range(count(*) - 1)) FROM {{batch}} WHERE {present} "
        f"GROUP BY {grouped} HAVING count(*) > 1"
    )
    return contract.rule(
        "key",
        no_rows(query),
        f"Ingen rækker har samme nøgle ({labels}).",
        f"{{failed}} af {{rows}} rækker gentager en nøgle ({labels}). Den sidste linje bruges.",
        severity="warning",
    )


def freshness(contract: Contract, field: ExtractField, days: int) -> Rule:
    """The newest date, no later than the reference date, is at most `days` older than it."""
    last = contract.reference_date
    query = (
        f'SELECT 1 FROM {{batch}} HAVING coalesce(max("{field.name}") '
        f"FILTER (WHERE \"{field.name}\" <= DATE '{last}') < DATE '{last - timedelta(days)}', TRUE)"
    )
    period_da = f"de sidste {as_number(days)} dage til og med {as_date(last)}"
    return contract.rule(
        "freshness",
        no_rows(query),
        f'"{field.label_da}" har datoer i {period_da}.',
        f'"{field.label_da}" har ingen datoer i {period_da}. Udtrækket kan være forældet.',
        field=field,
        severity="warning",
    )
