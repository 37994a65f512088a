"""The proof that attrition adds up, from the rows to the whole strategy."""

from typing import Any

import duckdb


def check_chain(connection: duckdb.DuckDBPyConnection) -> None:
    """Hold each level against the rows it counts, and its sums against the level below."""
    keys = {
        "outcome": "intervention_id, outcome_id",
        "intervention": "intervention_id",
        "goal": "goal_id",
        "strategy": "1",
    }
    for level, key in keys.items():
        wrong = _rows(
            connection,
            f"""
            WITH made AS (
                SELECT {key} AS k, sum(outcome_count) AS o, sum(episode_count) AS e, sum(person_count) AS p
                FROM strategy.attrition WHERE level = '{level}' GROUP BY ALL HAVING o > 0
            ), whole AS (
                SELECT {key} AS k, count(*) AS o,
                    count(DISTINCT episode_id) AS e, count(DISTINCT person_id) AS p
                FROM individual.attrition GROUP BY ALL
            )
            (FROM made EXCEPT FROM whole) UNION ALL (FROM whole EXCEPT FROM made)
            """.replace("intervention_id, outcome_id AS k", "intervention_id || outcome_id AS k"),
        )
        assert wrong == [], level
    for upper, lower, key in (
        ("intervention", "outcome", "intervention_id"),
        ("goal", "outcome", "goal_id"),
        ("strategy", "goal", "1"),
        ("strategy", "intervention", "1"),
    ):
        sums = [
            f"SELECT {key} AS k, reason, sum(outcome_count) AS o, sum(at_ceiling_count) AS c"
            f" FROM strategy.attrition WHERE level = '{level}' GROUP BY ALL"
            for level in (upper, lower)
        ]
        assert _rows(connection, f"({sums[0]}) EXCEPT ({sums[1]})") == [], (upper, lower)
        assert _rows(connection, f"({sums[1]}) EXCEPT ({sums[0]})") == [], (upper, lower)
    ((delivered, found),) = _rows(
        connection,
        "SELECT (SELECT count(*) FROM staging.episode) AS delivered,"
        " (SELECT sum(episode_count) FROM strategy.attrition WHERE level = 'strategy') AS found",
    )
    assert delivered == found


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()
