"""From persons and weeks of waiting to the long result table."""

import json
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.estimation import waiting
from pipelines.warehouse import reference

EFFECT, SD, HORIZON = 0.6, 10.0, 13
TOLD = {
    "is_sound", "failed_check", "largest_imbalance", "overlap_share", "response_difference", "providers",
    "e_value", "tipping_point_sd", "censored_share", "largest_weight",
}  # fmt: skip


def wait(rng, n=500, has_events=True):
    """People with long waits: a crisis brings the start nearer and sets the score back by an SD."""
    severity = rng.standard_normal(n)
    crises, start, weeks = np.zeros(n), np.full(n, HORIZON), []
    for week in range(HORIZON):
        at_risk = np.flatnonzero(start == HORIZON)
        chance = 1 / (1 + np.exp(2.8 - 0.3 * severity - 0.9 * crises))
        begins = rng.random(n) < chance
        weeks += [
            {
                "person_id": int(i),
                "week": week,
                "latest_hundredths": int(-100 * SD * severity[i]),
                "crisis_count": int(crises[i]) if has_events else None,
                "is_start": bool(begins[i]),
            }
            for i in at_risk
        ]
        start[at_risk[begins[at_risk]]] = week
        crises += rng.random(n) < 0.05
    y = SD * (EFFECT * (start < HORIZON) - severity - crises + 0.5 * rng.standard_normal(n))
    silent = (rng.random(n) < 0.1) | ((start >= 6) & (start < HORIZON))
    people = [
        {
            "person_id": i,
            "is_early": bool(start[i] < 6),
            "is_waiting": bool(start[i] == HORIZON),
            "provider_id": f"P{i % 6}",
            "baseline_hundredths": int(-100 * SD * severity[i]),
            "follow_up_hundredths": None if silent[i] else int(100 * y[i]),
            "age_days": 9000 + i,
            "sex": "female" if i % 2 else "male",
            "target_group": None,
            "requested_days": 20 + i % 7,
            "earlier_count": i % 3,
            "concurrent_count": 0,
            "window_days": i % 700,
            "earlier_hundredths": None,
            "crisis_count": 0 if has_events else None,
            "contact_count": None,
            "cost_oere": 100 * (1000 + 500 * bool(start[i] < 6) + i % 7),
            "favourable_share": 0.5,
        }
        for i in range(n)
    ]
    return people, weeks


@pytest.fixture
def estimated(catalogue):
    """Return the rows of the interventions named, by intervention and statistic."""

    def run(specification="main", **waits):
        connection = duckdb.connect()
        reference.load_reference(connection, catalogue, 2025, date(2026, 1, 31))
        connection.execute("CREATE SCHEMA intervention")
        for place, name in enumerate(("waiting_person", "waiting_week")):
            rows = [
                {"intervention_id": i, "outcome_id": "UP:self"} | row
                for i, tables in waits.items()
                for row in tables[place]
            ]
            table = pa.Table.from_pylist(rows)
            fields = [
                f.with_type(pa.string() if f.name == "target_group" else pa.float64())
                if pa.types.is_null(f.type)
                else f
                for f in table.schema
            ]
            reference.create_table(connection, f"intervention.{name}", table.cast(pa.schema(fields)))
        outcomes = [
            {"intervention_id": i, "outcome_id": "UP:self", "instrument_id": "UP", "respondent": "self"}
            for i in waits
        ]
        norm = dict.fromkeys(reference.NORM_SCHEMA.names)
        norm |= {"instrument_id": "UP", "respondent": "self", "sd": SD}
        connection.execute("DROP TABLE ref.intervention_outcome")
        connection.execute("DROP TABLE ref.instrument_norm")
        reference.create_table(connection, "ref.intervention_outcome", reference.rows_table(outcomes))
        schema = reference.NORM_SCHEMA
        reference.create_table(connection, "ref.instrument_norm", reference.rows_table([norm], schema))
        rows = waiting.results(connection, 0.95)
        run.draws = connection.execute("SELECT * FROM estimate.waiting_draw").to_arrow_table().to_pylist()
        connection.close()
        main = [row for row in rows if row["specification"] == specification]
        found = {(row["intervention_id"], row["statistic"]): row for row in main}
        assert len(found) == len(main)
        return found

    return run


def test_long_waits_can_be_compared(estimated):
    people, weeks = wait(np.random.default_rng(1))
    found = estimated(long=(people, weeks))
    row = found["long", "standardised_difference"]
    assert (row["design"], row["comparator"], row["population"]) == ("D3", "waiting", "window")
    assert row["lower"] < EFFECT < row["upper"]
    assert row["estimate"] == pytest.approx(EFFECT, abs=0.25)
    assert row["upper"] - row["lower"] < 1.0
    assert row["n"] == sum(person["follow_up_hundredths"] is not None for person in people)
    assert row["verdict"] in ("favourable", "undecided")
    assert found["long", "mean_difference"]["estimate"] == pytest.approx(SD * row["estimate"])
    assert found["long", "probability_positive"]["estimate"] > 0.9


def test_a_diagnosis_tells_no_numbers_of_persons(estimated):
    people, weeks = wait(np.random.default_rng(1))
    row = estimated(long=(people, weeks))["long", "mean_difference"]
    told = json.loads(row["diagnostics"])
    assert told.keys() >= TOLD
    waited = np.mean([person["is_waiting"] for person in people])
    assert told["censored_share"] == pytest.approx(1 - waited, abs=0.025)
    assert told["censored_share"] / 0.05 == pytest.approx(round(told["censored_share"] / 0.05))
    assert told["largest_weight"] > 1
    assert row["n_effective"] % 10 == 0


def test_the_score_before_the_decision_is_a_negative_control_of_those_who_kept_to_a_strategy(estimated):
    people, weeks = wait(np.random.default_rng(1))
    rng = np.random.default_rng(2)
    for person in people:
        person["earlier_hundredths"] = person["baseline_hundredths"] + int(300 * rng.standard_normal())
    row = estimated("earlier_score", long=(people, weeks))["long", "negative_control"]
    assert row["comparator"] == "waiting"
    assert row["n"] == sum(person["is_early"] or person["is_waiting"] for person in people)
    assert json.loads(row["diagnostics"])["result"] == "passed"


def test_without_events_the_scores_alone_tell_how_it_went(estimated):
    blind = estimated(long=wait(np.random.default_rng(1), has_events=False))
    seen = estimated(long=wait(np.random.default_rng(1)))
    estimates = [found["long", "standardised_difference"]["estimate"] for found in (blind, seen)]
    assert estimates[0] < estimates[1] - 0.05


@pytest.mark.parametrize(
    ("arm", "left", "reason", "is_counted"),
    [
        ("is_waiting", 4, "too_few_waiting", False),
        ("is_waiting", 5, "too_few_waiting", True),
        ("is_early", 4, "too_few_begun", False),
        ("is_early", 5, "too_few_begun", True),
    ],
)
def test_an_arm_below_the_minimum_does_not_show_in_the_other(estimated, arm, left, reason, is_counted):
    """Five may be counted, but not compared: there are more columns in the model."""
    people, weeks = wait(np.random.default_rng(2), n=150)
    of_arm = [person for person in people if person[arm] and person["follow_up_hundredths"] is not None]
    for person in of_arm[left:]:
        person["follow_up_hundredths"] = None
    known = sum(person["follow_up_hundredths"] is not None for person in people)
    found = estimated(long=(people, weeks))
    assert {statistic for _, statistic in found} == {"mean_difference", "standardised_difference"}
    for row in found.values():
        assert (row["n"], row["estimate"], row["diagnostics"]) == (known * is_counted, None, None)
        assert row["not_estimable_reason"] == reason


def test_an_outcome_nobody_waited_for_is_told(estimated):
    some = wait(np.random.default_rng(2), n=60)
    found = estimated(long=some, none=([], []))
    assert found["none", "mean_difference"]["not_estimable_reason"] == "too_few_waiting"
    assert found["none", "mean_difference"]["n"] == 0


def test_what_beginning_costs_more_is_kept_with_the_difference(estimated):
    """500 kr. more for those who begin; nobody's share of improved is compared."""
    found = estimated(a=wait(np.random.default_rng(5)))
    kept = {row["quantity"]: row for row in estimated.draws}
    assert kept["cost"]["estimate"] == pytest.approx(500, abs=2)
    assert kept["sd"]["estimate"] == found["a", "standardised_difference"]["estimate"]
    assert kept["reliably_improved"]["not_estimable_reason"] == "no_share_difference"
    assert len(kept["cost"]["draws"]) == len(kept["sd"]["draws"])
