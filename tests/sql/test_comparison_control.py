"""What the support cannot change, at the horizon of those compared."""

from datetime import date, timedelta

import pytest

from pipelines.catalogue.entries import NegativeControl
from tests.sql import conftest
from tests.sql.conftest import START

HORIZON = date(2024, 9, 1)  # six months after the decision
EPISODE = {"decided_date": START, "started_date": START + timedelta(30)}


@pytest.fixture(autouse=True)
def _controls(monkeypatch):
    """`support` cannot move DOWN (where lower is better) nor debt."""
    small = conftest.small_catalogue

    def with_controls(real):
        catalogue = small(real)
        controls = (
            NegativeControl(instrument="DOWN", respondent="self", reason_da=""),
            NegativeControl(register="debt", reason_da=""),
        )
        changed = tuple(
            i.model_copy(update={"negative_controls": controls}) if i.id == "support" else i
            for i in catalogue.interventions
        )
        return catalogue.model_copy(update={"interventions": changed})

    monkeypatch.setattr(conftest, "small_catalogue", with_controls)


@pytest.fixture
def tables():
    return ("intervention.comparison_control",)


@pytest.fixture
def found(given, rows):
    """Return the controls' values of one person in the contrast of `support`."""

    def build(scores=(), spells=()):
        measured = [
            {"measured_date": START, "score": 40},
            *({"instrument_id": "DOWN", "measured_date": day, "score": score} for day, score in scores),
        ]
        spells = [{"domain": "debt", "to_date": None} | spell for spell in spells]
        connection = given(episode=[EPISODE], measurement=measured, status_spell=spells)
        lines = rows(connection, "SELECT * FROM intervention.comparison_control")
        assert {(row["intervention_id"], row["outcome_id"]) for row in lines} <= {("support", "UP:self")}
        return {row["control_id"]: row["control_value"] for row in lines}

    return build


def test_an_instruments_score_is_the_one_nearest_the_horizon_plus_as_better(found):
    days = {-40: 10, -3: 30, 4: 50}
    assert found([(HORIZON + timedelta(day), score) for day, score in days.items()]) == {"DOWN:self": -30.0}


def test_on_a_tie_the_earlier(found):
    scores = [(HORIZON + timedelta(day), 30 + day) for day in (7, -7)]
    assert found(scores) == {"DOWN:self": -23.0}


@pytest.mark.parametrize(("days", "is_in"), [(-46, False), (-45, True), (45, True), (46, False)])
def test_only_within_the_tolerance_of_a_follow_up(found, days, is_in):
    assert len(found([(HORIZON + timedelta(days), 30)])) == is_in


def spell(status, first, last=None):
    return {"status_id": status, "from_date": first, "to_date": last}


def test_a_registers_share_is_of_the_months_after_the_decisions_until_the_horizons(catalogue, found):
    """March is the decision's and does not count; of April to September, two are good and two not known."""
    good, bad = (
        next(s.id for s in catalogue.statuses if s.domain == "debt" and s.is_favourable == is_good)
        for is_good in (True, False)
    )
    spells = [
        spell(good, date(2024, 1, 1), date(2024, 3, 31)),
        spell(bad, date(2024, 4, 1), date(2024, 5, 31)),
        spell(good, date(2024, 8, 1), date(2025, 8, 31)),
    ]
    assert found(spells=spells) == {"register:debt": 0.5}
    assert found(spells=[spell(bad, date(2024, 1, 1))]) == {"register:debt": 0.0}


def test_whose_status_is_not_known_after_the_decision_has_no_row(catalogue, found):
    good = next(s.id for s in catalogue.statuses if s.domain == "debt" and s.is_favourable)
    assert found(spells=[spell(good, date(2024, 1, 1), date(2024, 3, 31))]) == {}
    assert found(spells=[spell(good, date(2024, 10, 1))]) == {}
