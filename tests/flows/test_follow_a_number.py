"""docs/follow-a-number.md: every published count is the number of rows that the page's query gives."""

import re

import pytest

from pipelines.catalogue.entries import KINDS
from pipelines.marts import Marts
from tests.conftest import ROOT
from tests.demo.reading import Demo

PAGE = (ROOT / "docs" / "follow-a-number.md").read_text(encoding="utf-8")
QUERIES = dict(re.findall(r"```sql\n-- ([^\n]+)\n(.*?)```", PAGE, re.DOTALL))
FOLLOWED = (
    "intervention_effect",
    "attrition_summary",
    "intervention_economy",
    "economy_result",
    "strategy_indicator",
)
# Rounded, or those of another row.
FOLLOWED_OTHERWISE = (
    "intervention_course",
    "intervention_recommendation",
    "recommendation_history",
    "action_evaluation",
    "survey_response",
)
COUNTS = ("n", "numerator", "invited", "answered")
# Checks of an extract as a whole: a verdict, no number of rows.
WHOLE = {"columns", "types", "not_empty", "freshness", "reaches_year_end"}


@pytest.fixture
def warehouse(demo_run):
    with Marts(demo_run.out).warehouse() as connection:
        yield connection


def rows_of(connection, sql, given=None):
    cursor = connection.execute(sql, given)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def query(name, row, /, **names):
    """The page's query for one row of a mart: its names in braces filled in, and its parameters."""
    sql = QUERIES[name].format(**names)
    return sql, {parameter: row[parameter] for parameter in re.findall(r"\$(\w+)", sql)}


def follow(connection, name, row):
    """The rows behind one row."""
    return rows_of(connection, *query(name, row))


def lateral(mart_id):
    """The page's query with the mart's columns for parameters: run for every row in one go."""
    return re.sub(r"\$(\w+)", r"mart.\1", QUERIES[mart_id])


@pytest.mark.parametrize("mart_id", FOLLOWED)
def test_every_count_of_persons(warehouse, mart_id):
    has_numerator = not mart_id.endswith(("economy", "economy_result"))
    numerator = "COUNT(*) FILTER (is_in_numerator)" if has_numerator else "NULL"
    rows = rows_of(
        warehouse,
        f"SELECT * FROM marts.{mart_id} AS mart, LATERAL (SELECT COUNT(*) AS row_n,"
        f" COUNT(DISTINCT person_id) AS person_n, {numerator} AS numerator_n"
        f" FROM ({lateral(mart_id)})) AS behind",
    )
    assert len(rows) == warehouse.table(f"marts.{mart_id}").count("*").fetchone()[0] > 0
    # Surveys have a query of their own.
    for row in (row for row in rows if row.get("law") != "survey"):
        assert row["row_n"] == row["person_n"] == row["n"], row
        if row.get("numerator") is not None:
            assert row["numerator_n"] == row["numerator"], row


def test_every_period_of_a_course(warehouse, catalogue):
    whole = int(catalogue.parameter("disclosure_minimum"))
    rows = rows_of(
        warehouse,
        "SELECT mart.n, behind.* FROM marts.intervention_course AS mart, LATERAL (SELECT COUNT(*) AS row_n,"
        f" COUNT(DISTINCT person_id) AS person_n FROM ({lateral('intervention_course')})) AS behind",
    )
    assert len(rows) > 0
    for row in rows:
        assert row["row_n"] == row["person_n"], row
        assert row["n"] == (row["row_n"] - row["row_n"] % whole or None), row


@pytest.mark.parametrize("mart_id", ["intervention_recommendation", "recommendation_history"])
def test_every_recommendation_has_the_persons_of_its_effect(warehouse, mart_id):
    lost = rows_of(
        warehouse,
        f"SELECT mart.* FROM marts.{mart_id} AS mart ANTI JOIN marts.intervention_effect AS effect"
        " ON effect.intervention_id = mart.intervention_id AND effect.outcome_id = mart.outcome_id"
        " AND effect.design = mart.design AND effect.comparator = mart.comparator AND effect.n = mart.n"
        " AND effect.specification = 'main' AND effect.population = 'window'"
        " WHERE mart.n > 0 AND NOT mart.is_suppressed",
    )
    assert warehouse.execute(f"SELECT COUNT(*) FROM marts.{mart_id} WHERE n > 0").fetchone()[0] > 0
    assert lost == []


def test_every_action_has_its_line_and_the_persons_of_the_row_it_is_held_against(warehouse):
    sources = (
        "SELECT action.*, indicator.n AS indicator_n, indicator.previous_change, indicator.change,"
        " effect.n AS effect_n, effect.estimate FROM marts.action_evaluation AS action"
        " LEFT JOIN (SELECT DISTINCT indicator_id, year, n, previous_change, change"
        " FROM marts.strategy_indicator WHERE population = 'year') AS indicator"
        " ON indicator.indicator_id = action.indicator_id AND indicator.year = action.year"
        " LEFT JOIN marts.intervention_effect AS effect"
        " ON effect.intervention_id = action.intervention_id AND effect.is_primary AND effect.design = 'D1'"
        " AND effect.specification = 'main' AND effect.population = 'window'"
        " AND effect.follow_up_kind = 'primary' AND effect.statistic = 'mean_change'"
    )
    rows = rows_of(
        warehouse,
        f"SELECT * FROM ({sources}) AS mart,"
        f" LATERAL (SELECT COUNT(*) AS row_n FROM ({lateral('action_evaluation')})) AS behind",
    )
    assert {row["row_n"] for row in rows} == {1}
    measured = [row for row in rows if row["measured_change"] is not None]
    assert {row["measured_from"] for row in measured} == {"indicator", "intervention"}
    for row in measured:
        if row["measured_from"] == "indicator":
            before = row["previous_change"]
            assert row["measured_change"] == (row["change"] if before is None else before), row
            assert row["n"] == row["indicator_n"], row
        else:
            assert (row["measured_change"], row["n"]) == (row["estimate"], row["effect_n"]), row


def test_everybody_invited_to_a_survey(warehouse):
    rows = rows_of(
        warehouse,
        "SELECT * FROM marts.survey_response AS mart, LATERAL (SELECT COUNT(*) AS row_n,"
        " COUNT(*) FILTER (has_answered) AS answered_n"
        f" FROM ({lateral('survey_response')})) AS behind",
    )
    assert {row["population"].partition(":")[0] for row in rows} == {"year", "sex", "age_band"}
    for row in rows:
        assert (row["row_n"], row["answered_n"]) == (row["invited"], row["answered"]), row


def test_everybody_who_answered_a_question(warehouse):
    rows = rows_of(
        warehouse,
        "SELECT * FROM marts.strategy_indicator AS mart, LATERAL (SELECT COUNT(*) AS row_n,"
        " COUNT(*) FILTER (is_in_numerator) AS numerator_n"
        f" FROM ({lateral('strategy_indicator of a survey')})) AS behind WHERE mart.law = 'survey'",
    )
    assert {row["not_estimable_reason"] for row in rows} == {None, "response_below_floor"}
    for row in rows:
        assert row["row_n"] == row["n"], row
        if row["numerator"] is not None:
            assert row["numerator_n"] == row["numerator"], row


def test_every_public_figure(warehouse):
    rows = rows_of(
        warehouse,
        "SELECT * FROM marts.public_comparison AS mart, LATERAL (SELECT COUNT(*) AS row_n, SUM(behind.value)"
        f" AS sum FROM ({lateral('public_comparison')}) AS behind) AS behind",
    )
    assert {row["area_kind"] for row in rows} == {"own", "neighbour", "neighbours", "national"}
    for row in rows:
        assert row["sum"] == row["value"], row
        assert row["row_n"] == (row["area_count"] or (row["value"] is not None)), row


def test_attrition_at_every_level(warehouse):
    place = "mart.level, mart.intervention_id, mart.outcome_id, mart.goal_id"
    found = warehouse.execute(
        f"SELECT {place}, behind.reason, COUNT(*), COUNT(*) FILTER (behind.stands_for_episode),"
        " COUNT(*) FILTER (behind.stands_for_person), COUNT(*) FILTER (behind.is_at_ceiling)"
        f" FROM (SELECT DISTINCT {place} FROM marts.attrition_count AS mart) AS mart,"
        f" LATERAL ({lateral('attrition_count')}) AS behind GROUP BY {place}, behind.reason"
    ).fetchall()
    counted = warehouse.execute(
        f"SELECT {place}, reason, outcome_count, episode_count, person_count, at_ceiling_count"
        " FROM marts.attrition_count AS mart WHERE outcome_count + episode_count + person_count > 0"
    ).fetchall()
    assert {row[0] for row in counted} == {"outcome", "intervention", "goal", "strategy"}
    assert sorted(found) == sorted(counted)


def test_every_count_of_checked_rows(warehouse, catalogue):
    with_failures = set()
    for check in rows_of(warehouse, "SELECT * FROM marts.data_quality"):
        kind, _, about = check["check_id"].partition(":")
        names = names_of(catalogue.extract(check["extract_id"]), check["field_id"])
        if kind == "rejected_share":
            lines = count(warehouse, kind, check | {"source_file": about}, names)
            assert lines == (check["row_count"], check["failed_count"]), check
        elif kind == "reaches_year_end":
            assert check["row_count"] == 1
        else:
            assert count(warehouse, "row_count", check, names)[0] == check["row_count"], check
        if check["severity"] == "error" and kind != "rejected_share":
            assert check["failed_count"] == 0, f"the run should have stopped: {check}"
        elif kind not in ("rejected_share", *WHOLE):
            name = f"{kind} to {names['refers_to']}" if names["refers_to"] else kind
            assert count(warehouse, name, check, names)[0] == check["failed_count"], check
        if check["failed_count"]:
            with_failures.add(kind)
    assert with_failures >= {"rejected_share", "reference", "not_before", "key"}


def count(connection, name, check, names):
    """How many rows the query of a check gives, and how many of them failed where they are told apart."""
    sql, given = query(f"data_quality: {name}", check, **names)
    failed = "COUNT(*) FILTER (is_failed)" if name == "rejected_share" else "NULL"
    return connection.execute(f"SELECT COUNT(*), {failed} FROM ({sql})", given).fetchone()


def names_of(extract, field_id):
    """What the page's names in braces stand for."""
    field = extract.field(field_id) if field_id else None
    target, _, target_field = ((field.references if field else None) or "").partition(".")
    to_catalogue = "the catalogue" if target in KINDS and not target_field else None
    return {
        "refers_to": "person" if target == "person" else to_catalogue,
        "extract_id": extract.id,
        "field_id": field_id,
        "target": target,
        "target_field": target_field,
        "earlier_field": field.not_before if field else None,
        "key": ", ".join(extract.key),
        "known_key": " AND ".join(f"{name} IS NOT NULL" for name in extract.key),
    }


def test_every_published_count_has_a_query(catalogue):
    """A mart or a count that is added is followed too, or this fails."""
    counts = {
        (mart.id, column.name)
        for mart in catalogue.marts
        if mart.is_published
        for column in mart.columns
        if column.disclosure in ("persons", "numerator")
    }
    followed = {*FOLLOWED, *FOLLOWED_OTHERWISE}
    assert counts - {(mart, name) for mart in followed for name in COUNTS} == set()
    # Evidence levels and public figures are of none of our persons; checks are followed to delivered rows.
    without_persons = {"data_quality", "intervention_evidence", "public_comparison"}
    assert {mart.id for mart in catalogue.marts if mart.is_published} == followed | without_persons


def test_the_example(demo_run, capsys, monkeypatch):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(ROOT)
    variables = {}
    exec(example.replace('"my_results"', repr(str(demo_run.out))), variables)
    with variables["database"] as database:
        (shown,) = rows_of(
            database,
            "SELECT n, numerator FROM marts.intervention_effect WHERE intervention_id = 'family_consultant'"
            " AND statistic = 'share_reliably_improved' AND design = 'D1' AND population = 'window'",
        )
    assert shown["numerator"] > 0
    assert capsys.readouterr().out == f"{shown['n']} is n; {shown['numerator']} is the numerator\n"


def test_an_episode_leads_to_its_line(warehouse, demo_run, catalogue):
    """Of some people, and of everybody whose rows stand under a former number."""
    demo = Demo(demo_run.raw, demo_run.out / "data" / "truth", catalogue)
    (_, header), *body = demo.rows("indsatser")
    lines = dict(body)
    behind = rows_of(
        warehouse,
        "SELECT episode_id, person_id FROM staging.episode WHERE person_id IN"
        " (SELECT person_id FROM staging.identity GROUP BY person_id HAVING COUNT(*) > 1)"
        " UNION (SELECT episode_id, person_id FROM staging.episode ORDER BY episode_id LIMIT 50)",
    )
    former = 0
    for row in behind:
        (line,) = follow(warehouse, "line: episode", row)
        assert line["source_file"] == "indsatser_2025.csv"
        assert dict(zip(header, lines[line["source_line"]], strict=True))["Forløbsnr."] == row["episode_id"]
        assert line["person_id"] == row["person_id"]
        former += not line["is_under_present_number"]
    assert former > 5


def test_a_score_leads_to_its_line_or_its_answers(warehouse):
    scores = (
        "SELECT person_id, instrument_id, respondent, measured_date, score_hundredths / 100 AS score,"
        " is_from_items FROM staging.measurement"
    )
    of_items = rows_of(warehouse, f"{scores} WHERE is_from_items ORDER BY ALL LIMIT 50")
    delivered = rows_of(warehouse, f"{scores} WHERE NOT is_from_items ORDER BY ALL LIMIT 50")
    assert (len(of_items), len(delivered)) == (50, 50)
    for row in of_items:
        lines = follow(warehouse, "line: score", row)
        assert [line["item_id"] for line in sorted(lines, key=lambda line: line["item_id"])] == [*"12345"]
        assert 4 * sum(line["value"] for line in lines) == row["score"]
        assert len({(line["source_file"], line["source_line"]) for line in lines}) == 1
    for row in delivered:
        lines = [line for line in follow(warehouse, "line: score", row) if line["item_id"] is None]
        assert (
            max(lines, key=lambda line: (line["source_file"], line["source_line"]))["value"] == row["score"]
        )


def test_no_query_is_idle():
    rest = {"attrition_count", "line: episode", "line: score", "action_evaluation"}
    rest |= {"survey_response", "strategy_indicator of a survey", "public_comparison"}
    checks = {
        "row_count", "rejected_share", "reference", "reference to person", "reference to the catalogue",
        "not_before", "not_after_reference_date", "key", "status_domain",
    }  # fmt: skip
    assert set(QUERIES) == {*FOLLOWED, "intervention_course"} | rest | {
        f"data_quality: {check}" for check in checks
    }
