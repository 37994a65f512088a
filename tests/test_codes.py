"""docs/koder.md explains every code that a reader of the restricted marts can meet."""

import re
from collections import defaultdict

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from pipelines.catalogue import Catalogue
from pipelines.publication import Store
from tests.conftest import ROOT, DemoRun

# Columns whose codes are Virker's own; those of the catalogue and of the deliveries are explained there.
REASON = re.compile("^reason|_reason$")
OWN = {
    "category",
    "goal_owner",
    "goal_type",
    "kind",
    "level",
    "moment",
    "owner",
    "return_kind",
    "side",
    "state",
} | {
    "follow_up_kind",
    "transition_kind",
    "without_support_source",
}

# Of individual.status_moment: they become names of columns in the mart.
MOMENTS = {"first", "second", "third"}


def is_coded(column: str) -> bool:
    return bool(REASON.search(column)) or column in OWN


def explained() -> dict[str, dict[str, set[str]]]:
    """The page: mart, column, codes."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    marts: list[str] = []
    for line in (ROOT / "docs" / "koder.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            marts = re.findall("`(.+?)`", line)
        elif line.startswith("| `"):
            columns, codes, meaning = line.strip("| ").split(" | ")
            assert meaning.endswith("."), line
            for mart in marts:
                for column in re.findall("`(.+?)`", columns):
                    found[mart][column] |= set(re.findall("`(.+?)`", codes))
    return found


def given_codes(sql: str) -> set[str]:
    """Every quoted code that a statement gives to a coded column, by whatever branch."""
    found = set()
    for alias in sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Alias):
        if is_coded(alias.alias):
            for literal in alias.this.find_all(exp.Literal):
                # Given, not compared with: alone, a branch of a CASE, or a fallback.
                is_given = literal.parent is alias or isinstance(literal.parent, exp.Case | exp.Coalesce)
                is_branch = isinstance(literal.parent, exp.If) and literal.arg_key == "true"
                if literal.is_string and (is_given or is_branch):
                    found.add(literal.this)
    return found


@pytest.mark.parametrize(
    ("sql", "codes"),
    [
        ("SELECT 'a' AS reason_x, 'b' AS name", {"a"}),
        ("SELECT CASE WHEN x = 'no' THEN 'a' ELSE 'b' END AS state", {"a", "b"}),
        ("SELECT COALESCE(y, CASE WHEN z IN ('no') THEN 'a' END, 'b') AS step_reason", {"a", "b"}),
    ],
)
def test_codes_are_found_where_they_are_given_and_not_where_they_are_compared(
    sql: str, codes: set[str]
) -> None:
    assert given_codes(sql) == codes


def test_every_code_that_the_sql_gives_is_on_the_page(catalogue: Catalogue) -> None:
    restricted = [ROOT / "sql" / "marts" / f"{m.id}.sql" for m in catalogue.marts if not m.is_published]
    files = [
        *(ROOT / "sql" / "individual").glob("*.sql"),
        *restricted,
        ROOT / "sql" / "strategy" / "attrition.sql",
    ]
    codes = MOMENTS | {
        code for columns in explained().values() for found in columns.values() for code in found
    }
    lacking = {f.name: given - codes for f in files if (given := given_codes(f.read_text(encoding="utf-8")))}
    assert {name: found for name, found in lacking.items() if found} == {}


def test_every_column_of_reasons_is_on_the_page_and_no_other_mart_or_column(catalogue: Catalogue) -> None:
    page = explained()
    restricted = {m.id: {c.name for c in m.columns} for m in catalogue.marts if not m.is_published}
    for mart, columns in restricted.items():
        assert {c for c in columns if is_coded(c)} <= page[mart].keys(), mart
    assert page.keys() == restricted.keys() & page.keys()
    # A heading of two marts is for the columns of either.
    assert {c for found in page.values() for c in found} <= set().union(*restricted.values())


def test_every_code_of_the_demo_stands_under_its_mart_and_column(
    demo_run: DemoRun, catalogue: Catalogue
) -> None:
    page = explained()
    statuses = {status.id for status in catalogue.statuses}
    with duckdb.connect(
        Store(demo_run.out).shown("restricted") / "warehouse.duckdb", read_only=True
    ) as warehouse:
        for mart in (m for m in catalogue.marts if not m.is_published):
            for column in (c.name for c in mart.columns if is_coded(c.name)):
                query = f"SELECT DISTINCT {column} FROM marts.{mart.id} WHERE {column} IS NOT NULL"
                held = {code for (code,) in warehouse.execute(query).fetchall()}
                assert held <= page[mart.id][column] | statuses, (mart.id, column)
