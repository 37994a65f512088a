"""The ladder orders itself, keeps to its rungs and notices a broken grain."""

import duckdb
import pytest
import sqlglot

from pipelines.warehouse import ladder

HEAD = "-- A test model.\n-- Grain: one row per a\n"


def write(root, **models):
    for name, sql in models.items():
        layer, _, table = name.partition("__")
        (root / layer).mkdir(exist_ok=True)
        (root / layer / f"{table}.sql").write_text(HEAD + sql)
    return root


def test_the_order_follows_what_the_models_read(tmp_path):
    root = write(
        tmp_path,
        staging__a="SELECT a FROM staging.b",
        staging__b="SELECT a FROM raw.x",
        individual__a="WITH b AS (SELECT a FROM staging.a) SELECT a FROM b",
    )
    assert [m.name for m in ladder.load_models(root)] == ["staging.b", "staging.a", "individual.a"]


@pytest.mark.parametrize(
    ("models", "complaint"),
    [
        ({"staging__a": "SELECT 1 AS a; SELECT 2 AS a"}, "exactly one SELECT"),
        ({"staging__a": "CREATE TABLE t AS SELECT 1 AS a"}, "exactly one SELECT"),
        ({"staging__a": "SELECT a FROM individual.b"}, "higher rung"),
        ({"individual__a": "SELECT a FROM raw.person"}, "only staging reads raw"),
        ({"individual__a": "SELECT a FROM staging.nowhere"}, "no file builds"),
        ({"staging__a": "SELECT a FROM elsewhere.b"}, "no rung"),
        ({"staging__a": "SELECT a FROM staging.b", "staging__b": "SELECT a FROM staging.a"}, "circle"),
    ],
)
def test_a_model_that_breaks_the_rules_is_named(tmp_path, models, complaint):
    with pytest.raises(ValueError, match=complaint):
        ladder.load_models(write(tmp_path, **models))


def test_a_model_without_grain_is_refused(tmp_path):
    (tmp_path / "staging").mkdir()
    (tmp_path / "staging" / "a.sql").write_text("SELECT 1 AS a")
    with pytest.raises(ValueError, match="Grain"):
        ladder.load_models(tmp_path)


def test_a_table_with_two_rows_for_one_grain_stops_the_build(tmp_path):
    models = ladder.load_models(write(tmp_path, staging__a="SELECT 1 AS a UNION ALL SELECT 1 AS a"))
    with duckdb.connect() as connection, pytest.raises(RuntimeError, match=r"staging.a has 2 rows but 1"):
        list(ladder.build(connection, models, ("staging",)))


@pytest.mark.parametrize("model", ladder.load_models(), ids=lambda m: m.name)
def test_another_parser_finds_the_same_tables_read(model):
    tables = sqlglot.parse_one(model.sql, dialect="duckdb").find_all(sqlglot.exp.Table)
    assert set(model.reads) == {f"{table.db}.{table.name}" for table in tables if table.db}


# Constructs that mean another thing on Spark, or fail there (measured, see the stack notes).
NOT_PORTABLE = (
    "LIST(", "ASOF ", "PIVOT", "UNPIVOT", " REPLACE (", "QUANTILE_CONT", "GENERATE_SERIES", "RANGE(",
    "COLUMNS(", "TRY(", "HISTOGRAM", "ISFINITE", "WEEK(", "DATE_DIFF('MONTH'", "DATE_DIFF('YEAR'", "HASH(",
)  # fmt: skip


@pytest.mark.parametrize("model", ladder.load_models(), ids=lambda m: m.name)
def test_every_model_keeps_to_sql_that_means_the_same_on_spark(model):
    statement = sqlglot.parse_one(model.sql, dialect="duckdb")
    text = statement.sql(dialect="duckdb", comments=False).upper()
    assert not [construct for construct in NOT_PORTABLE if construct in text]
    assert sqlglot.transpile(
        model.sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
