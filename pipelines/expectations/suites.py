"""Rules as Great Expectations suites on DuckDB, and their counts.

Only the worker imports this module: importing Great Expectations takes seconds. What is taken
for granted of version 1.24 is held by `tests/expectations`.
"""

from collections.abc import Mapping, Sequence
from contextlib import chdir
from html import escape
from pathlib import Path
from typing import Any

import great_expectations as gx
import sqlalchemy
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

from pipelines.expectations.data_docs import build_data_docs

# Counts and not one value: the queries that would fetch examples get LIMIT 0.
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
SEVERITIES = {"error": "critical", "warning": "warning"}
# More than any answer read here: a count is one row, columns are a row each, and of the rows
# that fail a rule's query (constants) Great Expectations fetches 200.
BUFFERED_ROWS = 10_000


class NotCarriedOutError(RuntimeError):
    """A rule that was not carried out. The text names the rule and holds no data."""


@sqlalchemy.event.listens_for(sqlalchemy.Engine, "after_cursor_execute")
def _buffer(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    """Keep an answer past its connection: Great Expectations closes that before it fetches.

    DuckDB drops a result with its connection (Great Expectations issues 10738 and 11579).
    """
    if cursor.description:
        rows = cursor.fetchmany(BUFFERED_ROWS)
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(cursor, initial_buffer=rows)


def failed_counts(database: Path, rules: Sequence[Mapping[str, Any]], data_docs: Path | None) -> list[int]:
    """Return the count of failing rows per rule, 0 or 1 for a rule on a whole table.

    A rule has `table`, `expectation`, `arguments`, `severity` and `description`. The rules of a
    table are one suite.

    Raises:
        NotCarriedOutError: if any rule gave no result, so that a rule is never passed unseen.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    # Named from its own folder, since Great Expectations would fill in a path with a dollar sign.
    url = sqlalchemy.URL.create("duckdb", database=database.name, query={"access_mode": "read_only"})
    found: dict[int, int] = {}
    with chdir(database.parent):
        source = context.data_sources.add_sql("raw", connection_string=url.render_as_string())
        try:
            for table in dict.fromkeys(rule["table"] for rule in rules):
                found |= _counts(context, source, table, rules)
        finally:
            # Windows moves no folder with an open file in it, and the caller will move this one.
            source.get_execution_engine().close()
            source.get_engine().dispose()
    _require_all(rules, found)
    if data_docs:
        build_data_docs(context, data_docs)
    return [found[position] for position in range(len(rules))]


def _counts(
    context: EphemeralDataContext, source: SQLDatasource, table: str, rules: Sequence[Mapping[str, Any]]
) -> dict[int, int]:
    """Run the suite of one table and return its counts by the rules' positions."""
    batch = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("all")
    suite = context.suites.add(gx.ExpectationSuite(table, _configurations(table, rules)))
    validation = gx.ValidationDefinition(name=table, data=batch, suite=suite)
    outcome = context.validation_definitions.add(validation).run(result_format=COUNTS_ONLY)
    return {_configuration(result).meta["rule"]: _failed_count(result) for result in outcome.results}


def _configurations(table: str, rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "type": rule["expectation"],
            "kwargs": rule["arguments"],
            "severity": SEVERITIES[rule["severity"]],
            # Shown in the Data Docs, whose templates escape nothing.
            "description": escape(rule["description"], quote=False),
            "meta": {"rule": position},
        }
        for position, rule in enumerate(rules)
        if rule["table"] == table
    ]


def _configuration(result: ExpectationValidationResult) -> ExpectationConfiguration:
    assert result.expectation_config is not None
    return result.expectation_config


def _failed_count(result: ExpectationValidationResult) -> int:
    config = _configuration(result)
    found = result.result
    # Only a rule on a whole table has no count of its own.
    whole_table = int(not result.success) if found else -1
    kind = "observed_value" if config.type == "unexpected_rows_expectation" else "unexpected_count"
    count = int(found.get(kind, whole_table))
    if count < 0 or result.success != (count == 0):
        # The error's own text may quote the data; the rule is enough to find it.
        raise NotCarriedOutError(f"{config.type} ({config.description}) gave no result")
    return count


def _require_all(rules: Sequence[Mapping[str, Any]], found: Mapping[int, int]) -> None:
    """Compare what was asked with what was answered: an unknown type is only logged and dropped."""
    lost = [rule["expectation"] for position, rule in enumerate(rules) if position not in found]
    if lost:
        raise NotCarriedOutError(f"{len(rules)} rules gave {len(found)} results; missing: {', '.join(lost)}")
