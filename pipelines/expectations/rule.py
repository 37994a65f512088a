"""A rule: one expectation on one table, in plain data, with the Danish words for both outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.catalogue import Catalogue, Extract, ExtractField
from pipelines.catalogue.entries import Severity
from pipelines.expectations.facts import RawFacts


@dataclass(frozen=True)
class Expectation:
    """A Great Expectations type by its registered name, and its arguments."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One expectation on `table`, what it is about, and what to say of it.

    `{failed}` and `{rows}` in the Danish texts are the count of failing rows and `row_count`,
    which it is out of. `failed_count` is given where the count is known beforehand and the
    expectation only decides whether it is too many.
    """

    extract_id: str
    check_id: str
    field_id: str | None
    severity: Severity
    table: str
    expectation: Expectation
    row_count: int
    passed_da: str
    failed_da: str
    failed_count: int | None = None


@dataclass(frozen=True)
class Contract:
    """One extract's contract, and what its table is held against."""

    extract: Extract
    catalogue: Catalogue
    facts: RawFacts
    reference_date: date

    @property
    def row_count(self) -> int:
        """Rows in the extract's table."""
        return self.facts.row_counts[self.extract.id]

    def rule(
        self,
        check: str,
        expectation: Expectation,
        passed_da: str,
        failed_da: str,
        *,
        field: ExtractField | None = None,
        severity: Severity = "error",
    ) -> Rule:
        """Make a rule on the extract's own table, its texts led by the extract's label."""
        return Rule(
            extract_id=self.extract.id,
            check_id=f"{check}:{field.name}" if field else check,
            field_id=field.name if field else None,
            severity=severity,
            table=self.extract.id,
            expectation=expectation,
            row_count=self.row_count,
            passed_da=f"{self.extract.label_da}: {passed_da}",
            failed_da=f"{self.extract.label_da}: {failed_da}",
        )


def no_rows(query: str) -> Expectation:
    """Expect that `query`, where `{batch}` is the rule's table, finds no row.

    A query here selects constants and never a column, so that no value can leave the database.
    """
    return Expectation("unexpected_rows_expectation", {"unexpected_rows_query": query})


def literal(text: str) -> str:
    """Quote a text for such a query, which passes through `str.format` and `sqlalchemy.text`."""
    quoted = text.replace("'", "''").replace("{", "{{").replace("}", "}}")
    return "'" + quoted.replace(":", "\\:") + "'"
