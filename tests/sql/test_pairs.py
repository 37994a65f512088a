"""Baseline and follow-up: which measurements make a pair (method, section 2)."""

from datetime import date, timedelta

import pytest

from tests.sql.conftest import START


@pytest.fixture
def tables():
    return (
        "individual.episode_effect",
        "individual.measurement_pair",
        "intervention.population",
    )


HORIZON = date(2024, 9, 1)  # six months after the start


def scores(*dated):
    return [{"measured_date": day, "score": score} for day, score in dated]


def primary(given, rows, measurements, episode=None, **raw):
    connection = given(episode=[episode or {}], measurement=measurements, **raw)
    (row,) = rows(connection, "SELECT * FROM individual.episode_effect WHERE follow_up_kind = 'primary'")
    return row


@pytest.mark.parametrize(
    ("days", "is_baseline"), [(-91, False), (-90, True), (0, True), (14, True), (15, False)]
)
def test_the_baseline_window_includes_both_its_ends(given, rows, days, is_baseline):
    row = primary(given, rows, scores((START + timedelta(days), 40)))
    assert (row["baseline_date"] is not None) == is_baseline


def test_the_nearest_measurement_is_the_baseline_and_on_a_tie_the_earlier(given, rows):
    before, after = START - timedelta(5), START + timedelta(5)
    row = primary(given, rows, scores((after, 60), (before, 40), (START - timedelta(20), 10)))
    assert (row["baseline_date"], row["baseline_hundredths"]) == (before, 4000)


@pytest.mark.parametrize("days", [-46, 46])
def test_a_measurement_outside_the_horizon_is_no_follow_up(given, rows, days):
    row = primary(given, rows, scores((START, 40), (HORIZON + timedelta(days), 60)))
    assert row["change_hundredths"] is None
    assert row["reason_not_counted"] == "no_follow_up"


@pytest.mark.parametrize("days", [-45, 45])
def test_the_horizon_includes_both_its_ends(given, rows, days):
    row = primary(given, rows, scores((START, 40), (HORIZON + timedelta(days), 60)))
    assert (row["change_hundredths"], row["reason_not_counted"]) == (2000, None)


def test_plus_is_improvement_where_a_lower_score_is_better(given, rows):
    measurements = [m | {"instrument_id": "DOWN"} for m in scores((START, 60), (HORIZON, 35))]
    row = primary(given, rows, measurements, {"intervention_id": "other"})
    assert row["change_hundredths"] == 2500


def test_respondents_are_never_mixed(given, rows):
    measurements = scores((START, 40), (HORIZON, 60))
    measurements[1]["respondent"] = "staff"
    assert primary(given, rows, measurements)["reason_not_counted"] == "wrong_respondent"


def test_two_scores_on_one_day_keep_the_last_delivered(given, rows):
    row = primary(given, rows, scores((START, 40), (START, 44), (HORIZON, 60)))
    assert row["baseline_hundredths"] == 4400


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({}, "no_follow_up"),
        ({"moved_date": date(2024, 8, 1)}, "moved"),
        ({"death_date": date(2024, 8, 1), "moved_date": date(2024, 7, 1)}, "died"),
        ({"moved_date": date(2025, 8, 1)}, "no_follow_up"),
        ({"moved_date": START - timedelta(1)}, "no_follow_up"),  # and came back
        ({"moved_date": START}, "moved"),
    ],
)
def test_only_deaths_and_moves_before_the_window_closed_are_excused(given, rows, person, reason):
    row = primary(given, rows, scores((START, 40)), person=[person])
    assert row["reason_not_counted"] == reason


def test_a_window_that_is_not_closed_is_not_counted_even_with_a_measurement(given, rows):
    start = date(2025, 7, 15)  # window until 1 March 2026, data until 31 January
    row = primary(given, rows, scores((start, 40), (date(2026, 1, 15), 60)), {"started_date": start})
    assert (row["reason_not_counted"], row["change_hundredths"]) == ("window_open", None)


def test_end_follow_up_is_at_least_four_weeks_after_the_baseline(given, rows):
    ended = START + timedelta(40)
    connection = given(
        episode=[{"ended_date": ended}],
        measurement=scores(
            (START + timedelta(10), 40), (START + timedelta(37), 50), (START + timedelta(90), 55)
        ),
    )
    (row,) = rows(connection, "SELECT * FROM individual.measurement_pair WHERE follow_up_kind = 'end'")
    assert row["follow_up_date"] == START + timedelta(90)


def test_an_open_episode_has_its_latest_measurement_as_interim(given, rows):
    start = date(2025, 9, 1)
    connection = given(
        episode=[{"started_date": start}],
        measurement=scores((start, 40), (date(2025, 12, 15), 50), (date(2026, 1, 20), 55)),
    )
    (row,) = rows(connection, "SELECT * FROM individual.measurement_pair")
    assert (row["follow_up_kind"], row["follow_up_hundredths"]) == ("interim", 5500)


def test_a_person_counts_once_per_intervention_with_the_first_episode_of_the_window(given, rows):
    episodes = [
        {"episode_id": "late", "started_date": date(2024, 5, 1)},
        {"episode_id": "first", "started_date": date(2024, 3, 1)},
        {"episode_id": "before", "started_date": date(2022, 12, 31)},
    ]
    connection = given(episode=episodes)
    found = rows(
        connection,
        "SELECT episode_id, reason_not_counted FROM individual.episode_effect"
        " WHERE follow_up_kind = 'primary' ORDER BY episode_id",
    )
    assert [r["reason_not_counted"] for r in found] == ["outside_window", "not_measured", "repeat_episode"]
    (population,) = rows(
        connection, "SELECT person_count FROM intervention.population WHERE intervention_id = 'support'"
    )
    assert population["person_count"] == 1


def test_an_episode_delivered_twice_keeps_its_last_row(given, rows):
    connection = given(episode=[{"provider_id": "old"}, {"provider_id": "new"}])
    assert [r["provider_id"] for r in rows(connection, "SELECT provider_id FROM staging.episode")] == ["new"]


def test_a_person_unknown_to_the_person_extract_keeps_her_episodes(given, rows):
    connection = given(episode=[{"person_id": b"stranger"}], person=[{"person_id": b"p", "sex": "female"}])
    assert len(rows(connection, "SELECT * FROM staging.person")) == 2
    assert len(rows(connection, "SELECT * FROM individual.episode_outcome")) == 1
