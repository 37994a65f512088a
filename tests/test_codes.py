"""docs/koder.md explains every code that a reader of the marts can meet."""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from pipelines.catalogue import Catalogue
from pipelines.estimation.comparison import contrasts, pooled
from pipelines.estimators.specifications import SPECIFICATIONS
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

# Columns of the published marts whose codes are the catalogue's, but for "all of them".
CATALOGUED = {
    "intervention_id",
    "outcome_id",
    "goal_id",
    "extract_id",
    "field_id",
    "survey_id",
    "statistic_id",
    "indicator_id",
    "initiative_id",
}
WHOLE = {"ALL"}
# Keys of a JSON text whose values are codes: they stand on the page as columns of their own, and like every
# key as codes of the text's column.
CODED_KEYS = {"caution", "failed_check", "interval", "providers", "result"}

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
            assert marts, line
            for mart in marts:
                for column in re.findall("`(.+?)`", columns):
                    found[mart][column] |= set(re.findall("`(.+?)`", codes))
    return found


def is_explained(code: str, page: Collection[str]) -> bool:
    """Say whether a code stands on the page; one that ends on … there stands for all that begin so."""
    return code in page or any(code.startswith(one[:-1]) for one in page if one.endswith("…"))


def keys_of(told: object) -> Iterator[str]:
    """Yield the keys of a JSON value, those of objects within it too."""
    if isinstance(told, dict):
        yield from told
    for one in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from keys_of(one)


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
    published = {m.id: {c.name for c in m.columns} for m in catalogue.marts if m.is_published}
    assert page.keys() - restricted.keys() == published.keys()
    # A heading of two marts is for the columns of either.
    own = {c for mart in restricted for c in page[mart]}
    assert own <= set().union(*restricted.values())
    for mart, columns in published.items():
        assert page[mart].keys() <= columns | CODED_KEYS, mart


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


def test_every_code_of_the_demos_published_marts_stands_under_its_mart_and_column(
    demo_run: DemoRun, catalogue: Catalogue
) -> None:
    page = explained()
    lacking: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mart in (m for m in catalogue.marts if m.is_published):
        path = demo_run.out / "data" / "marts" / "published" / f"{mart.id}.parquet"
        for column in (c for c in mart.columns if c.unit in ("kode", "JSON")):
            query = f"SELECT DISTINCT {column.name} FROM '{path}' WHERE {column.name} IS NOT NULL"
            held = {code for (code,) in duckdb.sql(query).fetchall()}
            if column.unit == "JSON":
                told = [json.loads(text) for text in held]
                held = {key for one in told for key in keys_of(one)}
                for key, value in (pair for one in told for pair in one.items()):
                    if key in CODED_KEYS and value and not is_explained(value, page[mart.id][key]):
                        lacking[mart.id, key].add(value)
            elif column.name in CATALOGUED:
                held &= WHOLE
            lacking[mart.id, column.name] |= {
                code for code in held if not is_explained(code, page[mart.id][column.name])
            }
    assert {place: codes for place, codes in lacking.items() if codes} == {}


def test_every_code_that_the_estimates_can_give_is_on_the_page() -> None:
    page = explained()
    effect = page["intervention_effect"]
    covariates = {*contrasts.COVARIATES.values(), *contrasts.CATEGORIES, *contrasts.HELD_OUT.values()}
    assert {"main", pooled.ALL, *SPECIFICATIONS, *covariates} <= effect["specification"]
    reasons = {
        code for columns in page.values() for name in columns if is_coded(name) for code in columns[name]
    }
    given = {
        reason
        for room in ("estimation", "estimators")
        for file in (ROOT / "pipelines" / room).rglob("*.py")
        for reason in re.findall(r'NotEstimable\(\s*"(\w+)"', file.read_text(encoding="utf-8"))
    }
    # What an interval between clusters answers with one cluster: the interval between persons is then told.
    assert given - reasons == {"one_cluster"}


def test_every_rule_measure_and_evidence_of_the_catalogue_is_on_the_page(catalogue: Catalogue) -> None:
    page, declared = explained(), catalogue.recommendation
    told = page["intervention_recommendation"]
    assert {rule.id for rule in declared.rule} == told["rule_id"] == page["recommendation_history"]["rule_id"]
    assert {measure.id for measure in declared.measure} == told["numbers"]
    assert {one.id for one in declared.evidence} == page["intervention_evidence"]["evidence_id"]
