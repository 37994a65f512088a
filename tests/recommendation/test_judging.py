"""A rule held against a candidate: what it would be after another year, and what so many people can show."""

from dataclasses import replace
from datetime import date

import duckdb
import pytest

from pipelines.memory import previous_lines
from pipelines.recommendation import Previous
from pipelines.recommendation.candidates import Candidate
from pipelines.recommendation.judging import judge
from pipelines.recommendation.measures import Effect, Way, with_effect


def judged(table, setting, known, estimate, error=0.1, **changed):
    effect = Effect(Way(estimate, error), others=[Way(estimate, error)] * 5, missing=0.2)
    measures = with_effect(replace(known, deteriorated_lower=None, **changed), effect, setting)
    return judge(Candidate(measures, 400, estimate, effect=effect), table, setting)


@pytest.mark.parametrize(
    ("estimate", "changed", "fires", "would_be"),
    [
        (-0.5, {}, "investigate_harm", "stop_harm"),
        (-0.5, {"is_legal_right": True}, "investigate_harm", "stop_harm_right"),
        (-0.2, {}, "investigate_no_effect", "redesign_no_effect"),
        (-0.2, {"comparator": "other_support"}, "investigate_no_effect", "not_better"),
        (0.05, {}, "adjust", None),
        (0.3, {}, "continue", None),
        (0.8, {}, "invest", None),
        # In the second year nothing is left to become.
        (-0.5, {"was_harm": True, "new_persons": 10, "is_new_same_sign": True}, "stop_harm", None),
        # A safety flag is no finding of the effect.
        (-0.5, {"has_safety_flag": True}, "safety_flag", None),
    ],
)
def test_what_it_would_be_after_a_second_year(table, setting, undecided, estimate, changed, fires, would_be):
    found = judged(table, setting, undecided, estimate, **changed)
    assert (found.rule.id, found.would_be and found.would_be.id) == (fires, would_be)


def test_without_a_comparison_two_groups_of_todays_size_are_planned(table, setting, undecided):
    measures = replace(undecided, evidence_level=2, pairs_per_arm=50, design="D1", comparator="none")
    found = judge(Candidate(measures, 50, 0.4), table, setting)
    # sqrt(2 / 50) is 0.2, and 2.802 * 0.2 = 0.560; 100 people now.
    assert found.is_planned
    assert found.plan.smallest_detectable == pytest.approx(0.56032, abs=1e-5)
    assert found.plan.needed_persons == 349
    assert found.stretches == ()
    assert not judged(table, setting, undecided, 0.1).is_planned
    nobody = judge(Candidate(replace(measures, pairs_per_arm=0), 0), table, setting)
    assert (nobody.rule.id, nobody.plan) == ("measure_better", None)


def test_what_the_memory_tells_is_a_previous_line():
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA ref; CREATE SCHEMA staging")
        connection.execute("CREATE TABLE ref.run AS SELECT DATE '2026-01-31' AS reference_date")
        connection.execute(
            "CREATE TABLE ref.remembered_year AS"
            " SELECT * FROM (VALUES (2023, FALSE), (2024, TRUE)) AS years (year, is_previous)"
        )
        connection.execute(
            """
            CREATE TABLE ref.remembered_recommendation AS
            SELECT 'i' AS intervention_id, 'o' AS outcome_id, 'D3' AS design, 'waiting' AS comparator, year,
                'investigate_harm' AS rule_id, 'stop_harm' AS would_be_rule_id, 90 AS n,
                -0.4 AS estimate_sd, 0.1 AS standard_error_sd
            FROM ref.remembered_year
            """
        )
        connection.execute(
            """
            CREATE TABLE staging.decision AS
            SELECT 'i' AS intervention_id, 2024 AS recommendation_year, 'redesign' AS decided,
                DATE '2025-03-01' AS decided_date
            """
        )
        (line,) = previous_lines(connection).values()
    before = Previous(**line)
    assert (before.year, before.recommendation, before.comparator) == (2024, "investigate_harm", "waiting")
    assert before.redesigned_date == date(2025, 3, 1)
