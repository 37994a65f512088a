"""What support costs: from a decision to a horizon, by person and course, and whose month a job is."""

from datetime import date, timedelta

import pytest

from pipelines.catalogue.entries import Consequence, ConsequenceYear, PriceIndex
from tests.sql import conftest
from tests.sql.conftest import START

HORIZON = date(2024, 9, 1)  # six months after the decision: 184 days
WAITED = "target_date <> DATE '2024-09-01'"


@pytest.fixture
def tables():
    return (
        "intervention.comparison_person",
        "intervention.waiting_person",
        "intervention.cost_moment",
        "intervention.portfolio_person",
    )


def episode(name="e", **known):
    return {"episode_id": name, "decided_date": START, "started_date": START, "cost_dkk": 100.0} | known


def measured(**key):
    return [key | {"measured_date": day, "score": score} for day, score in ((START, 40), (HORIZON, 60))]


@pytest.fixture
def cost(given, rows):
    """Return the first decision's cost until the horizon, in kr."""

    def run(*episodes):
        connection = given(episode=list(episodes), measurement=measured())
        (row,) = rows(connection, "SELECT * FROM intervention.comparison_person")
        (same,) = rows(connection, f"SELECT * FROM intervention.comparison_cost WHERE NOT {WAITED}")
        assert row["cost_oere"] == same["cost_oere"]
        return None if row["cost_oere"] is None else row["cost_oere"] / 100

    return run


def test_a_cost_is_spread_over_the_days_and_the_horizons_own_day_is_after_it(cost):
    """From 1 March to 31 August are 184 days; to 1 September one more."""
    assert cost(episode(ended_date=HORIZON - timedelta(1), cost_dkk=184)) == 184
    assert cost(episode(ended_date=HORIZON, cost_dkk=185)) == 184
    assert cost(episode(ended_date=START + timedelta(9))) == 100


def test_all_support_counts_also_what_ran_already_and_only_its_days_since(cost):
    before = episode("b", intervention_id="other", started_date=START - timedelta(10), cost_dkk=20)
    beside = before | {"decided_date": START - timedelta(60), "ended_date": START + timedelta(9)}
    later = episode("l", intervention_id="unmeasured", started_date=HORIZON, decided_date=HORIZON)
    own = episode(ended_date=START + timedelta(9))
    assert cost(own, beside, later) == 110


def test_one_unknown_cost_makes_the_sum_unknown_and_not_smaller(cost):
    beside = episode("b", intervention_id="other", decided_date=START - timedelta(60), cost_dkk=None)
    own = episode(ended_date=START + timedelta(9))
    assert cost(own, beside) is None
    ended = {"started_date": START - timedelta(60), "ended_date": START - timedelta(1)}
    assert cost(own, beside | ended) == 100


def test_who_waits_without_support_costs_nothing_until_the_horizon(given, rows):
    connection = given(episode=[episode(started_date=None)], measurement=measured())
    (row,) = rows(connection, "SELECT * FROM intervention.waiting_person")
    assert (row["is_waiting"], row["cost_oere"]) == (True, 0)


@pytest.fixture
def _indexed(monkeypatch):
    """Prices rose by a quarter from the decision's year to the price year."""
    indices = tuple(
        PriceIndex(id=f"y{year}", year=year, level=level, source="", certainty="sample")
        for year, level in ((2024, 80.0), (2025, 100.0))
    )
    small = conftest.small_catalogue
    monkeypatch.setattr(
        conftest, "small_catalogue", lambda real: small(real).model_copy(update={"price_indices": indices})
    )


@pytest.mark.usefixtures("_indexed")
def test_amounts_are_in_the_price_years_prices(cost):
    assert cost(episode(ended_date=START + timedelta(9))) == 125


def moments(connection, rows, statistic):
    sql = "SELECT * FROM intervention.cost_moment WHERE intervention_id = 'support' AND statistic = "
    (row,) = rows(connection, f"{sql}'{statistic}'")
    names = ("asked_count", "n", "cost", "units", "cost_cost", "cost_units", "units_units")
    return tuple(row[name] for name in names)


def test_sums_over_persons_by_hand(given, rows):
    """A has two completed courses of 100 and 200 kr., B one that was given up; C's cost is not known."""
    ended = {"ended_date": date(2024, 5, 1), "end_reason": "completed"}
    episodes = [
        episode("a1", person_id=b"a") | ended,
        episode("a2", person_id=b"a", started_date=date(2024, 6, 1), cost_dkk=200)
        | ended
        | {"ended_date": date(2024, 8, 1)},
        episode("b", person_id=b"b", cost_dkk=50) | ended | {"end_reason": "dropped_out"},
        episode("c", person_id=b"c", cost_dkk=None) | ended,
    ]
    connection = given(episode=episodes, measurement=[])
    assert moments(connection, rows, "cost_per_person") == (3, 2, 350, 2, 92_500, 350, 2)
    assert moments(connection, rows, "cost_per_completed_episode") == (2, 1, 300, 2, 90_000, 600, 4)


def test_the_cost_of_all_measured_is_shared_by_those_who_improved(given, rows):
    """One of two improves by 20 points (reliable), the other by 10: both cost 100 kr."""
    scores = measured(person_id=b"p") + measured(person_id=b"q")
    scores[-1]["score"] = 50
    connection = given(
        episode=[episode("p", person_id=b"p"), episode("q", person_id=b"q")], measurement=scores
    )
    assert moments(connection, rows, "cost_per_reliably_improved") == (2, 2, 200, 1, 20_000, 100, 1)


@pytest.fixture
def _worth(monkeypatch):
    """A month in a job is worth something, whichever support it came after."""
    year = ConsequenceYear(year=0, units=6.0, lower=6.0, upper=6.0)
    worth = Consequence(
        id="jobs", label_da="", outcome="register:employment", unit_price="month", years=(year,),
        source="", certainty="sample",
    )  # fmt: skip
    small = conftest.small_catalogue
    monkeypatch.setattr(
        conftest, "small_catalogue", lambda real: small(real).model_copy(update={"consequences": (worth,)})
    )


def job(from_date, to_date=None, **known):
    status = {"domain": "employment", "status_id": "work"}
    return status | {"from_date": from_date, "to_date": to_date} | known


@pytest.mark.usefixtures("_worth")
def test_a_month_after_two_supports_is_shared_and_adds_up_to_one(given, rows):
    """Support from March, other support from June: six months each, of which three are the same."""
    episodes = [episode(), episode("o", intervention_id="other", started_date=date(2024, 6, 1))]
    connection = given(episode=episodes, measurement=[], status_spell=[job(date(2023, 1, 1))])
    found = rows(connection, "SELECT * FROM intervention.portfolio_person ORDER BY intervention_id")
    assert [(r["intervention_id"], r["month_count"], r["unique_months"]) for r in found] == [
        ("other", 6, 4.5),
        ("support", 6, 4.5),
    ]
    assert {r["outcome_id"] for r in found} == {"register:employment"}  # housing has no worth


@pytest.mark.usefixtures("_worth")
def test_a_month_whose_status_is_not_known_is_nobodys(given, rows):
    known = job(date(2023, 1, 1), date(2024, 5, 20))
    connection = given(episode=[episode()], measurement=[], status_spell=[known])
    (row,) = rows(connection, "SELECT * FROM intervention.portfolio_person")
    assert (row["month_count"], row["unique_months"]) == (3, 3)


def test_without_a_worth_there_is_no_portfolio(given, rows):
    connection = given(episode=[episode()], measurement=[], status_spell=[job(date(2023, 1, 1))])
    assert rows(connection, "SELECT * FROM intervention.portfolio_person") == []
