"""A change between the decision and the horizon is judged as one between the start and the follow-up is."""

from datetime import date

import pytest

from tests.sql import conftest
from tests.sql.conftest import START

HORIZON = date(2024, 9, 1)
# Both judgements of the same persons: whose support began on the day it was decided.
JUDGED = """
SELECT score.episode_id, score.is_reliably_improved, score.is_reliably_deteriorated, pair.category
FROM intervention.comparison_score AS score
LEFT JOIN individual.reliable_change AS pair
    ON
        score.episode_id = pair.episode_id
        AND score.instrument_id = pair.instrument_id
        AND pair.follow_up_kind = 'primary'
"""
SCORES = [(40, 59), (40, 60), (40, 20), (40, 21), (60, 90), (60, 30), (0, 30), (0, 0), (100, 60), (30, 45)]
INTERVENTIONS = {"UP": "support", "DOWN": "other", "UNKNOWN": "unmeasured"}


@pytest.fixture
def tables():
    return ("intervention.comparison_score", "individual.reliable_change")


@pytest.fixture
def judged(given, rows):
    """Return the rows of persons with these scores at the decision and at the horizon."""

    def build(scores, instrument="UP"):
        episodes, measurements = [], []
        for place, (before, after) in enumerate(scores):
            key = {"person_id": str(place).encode()}
            episodes.append(
                key | {"episode_id": str(place), "intervention_id": INTERVENTIONS[instrument]}
                | {"decided_date": START, "started_date": START}
            )  # fmt: skip
            measurements += [
                key | {"instrument_id": instrument, "measured_date": day, "score": score}
                for day, score in ((START, before), (HORIZON, after))
                if score is not None
            ]
        connection = given(episode=episodes, measurement=measurements)
        return {int(row["episode_id"]): row for row in rows(connection, JUDGED)}

    return build


@pytest.fixture
def method(monkeypatch):
    """Choose a method of reliable change; the norm has the mean that some of them need."""

    def choose(name):
        small = conftest.small_catalogue

        def chosen(real):
            catalogue = small(real)
            instruments = tuple(
                i.model_copy(update={"norms": tuple(n.model_copy(update={"mean": 50}) for n in i.norms)})
                for i in catalogue.instruments
            )
            parameters = tuple(
                p.model_copy(update={"value": name}) if p.id == "reliable_change_method" else p
                for p in catalogue.parameters
            )
            return catalogue.model_copy(update={"instruments": instruments, "parameters": parameters})

        monkeypatch.setattr(conftest, "small_catalogue", chosen)

    return choose


def test_the_limit_of_a_reliable_change(judged):
    """The error of a difference is 10 points: 19.6 are the limit."""
    found = judged([(40, 59), (40, 60), (40, 21), (40, 20)])
    told = [
        (row["is_reliably_improved"], row["is_reliably_deteriorated"]) for _, row in sorted(found.items())
    ]
    assert told == [(False, False), (True, False), (False, False), (False, True)]


@pytest.mark.parametrize("instrument", ["UP", "DOWN"])
@pytest.mark.parametrize("name", ["JT", "EN", "GLN", "percentage"])
def test_as_one_person_is_judged(method, judged, name, instrument):
    method(name)
    found = judged(SCORES, instrument)
    assert len(found) == len(SCORES)
    assert {row["category"] for row in found.values()} >= {"deteriorated", "unchanged"}
    for row in found.values():
        assert row["is_reliably_improved"] == (row["category"] in ("improved", "recovered")), row
        assert row["is_reliably_deteriorated"] == (row["category"] == "deteriorated"), row


@pytest.mark.parametrize("name", ["JT", "percentage"])
def test_without_a_follow_up_or_an_error_nothing_is_said(method, judged, name):
    method(name)
    for scores, instrument in (([(40, None)], "UP"), ([(40, 90)], "UNKNOWN")):
        (row,) = judged(scores, instrument).values()
        assert row["is_reliably_improved"] is row["is_reliably_deteriorated"] is None
