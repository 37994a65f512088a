"""The segments of an intervention's window (method, section 4)."""

from datetime import date

import pytest

from tests.sql.conftest import START


@pytest.fixture
def tables():
    return ("intervention.segment",)


def segments(rows, connection, segmentation, intervention="support"):
    """{episode: segment}"""
    found = rows(
        connection,
        "SELECT episode_id, population FROM intervention.segment"
        f" WHERE segmentation = '{segmentation}' AND intervention_id = '{intervention}'",
    )
    return {r["episode_id"]: r["population"].removeprefix(f"{segmentation}:") for r in found}


def episode(name, **fields):
    return {"episode_id": name, "person_id": name.encode()} | fields


def test_every_index_episode_is_in_one_segment_of_each_segmentation_and_no_other_episode_is(given, rows):
    connection = given(
        episode=[
            episode("a"),
            episode("again", person_id=b"a", started_date=date(2025, 1, 1)),
            episode("early", started_date=date(2020, 1, 1)),
            episode("waits", started_date=None),
        ],
        person=[],
    )
    found = rows(connection, "SELECT episode_id, population FROM intervention.segment")
    assert {r["episode_id"] for r in found} == {"a"}
    assert sorted(r["population"] for r in found) == [
        "age_band:unknown", "hours:unknown", "provider:unknown", "sex:unknown", "target_group:unknown",
        "window", "year:2024",
    ]  # fmt: skip


def test_what_is_known_of_a_person_and_an_episode(given, rows):
    connection = given(
        episode=[episode("a", provider_id="LEV-1"), episode("b", started_date=date(2023, 12, 31))],
        person=[{"person_id": b"a", "sex": "female", "target_group": "Udsatte voksne"}],
    )
    assert segments(rows, connection, "sex") == {"a": "female", "b": "unknown"}
    assert segments(rows, connection, "target_group") == {"a": "Udsatte voksne", "b": "unknown"}
    assert segments(rows, connection, "provider") == {"a": "LEV-1", "b": "unknown"}
    assert segments(rows, connection, "year") == {"a": "2024", "b": "2023"}


def test_the_age_is_that_on_the_first_day(given, rows):
    born = {
        date(2024, 3, 1): "child",  # on the day
        date(2011, 3, 2): "child",  # 13 tomorrow
        date(2011, 3, 1): "teenager",
        date(2006, 3, 2): "teenager",
        date(2006, 3, 1): "young",
        date(1994, 3, 1): "adult",
        date(1957, 3, 2): "adult",
        date(1957, 3, 1): "senior",
        date(1920, 3, 1): "senior",
        date(2024, 3, 2): "unknown",  # not born yet
        None: "unknown",
    }
    connection = given(
        episode=[episode(str(day)) for day in born],
        person=[{"person_id": str(day).encode(), "birth_date": day} for day in born],
    )
    assert segments(rows, connection, "age_band") == {str(day): band for day, band in born.items()}


@pytest.mark.parametrize(
    ("hours", "thirds"),
    [
        ([1, 2, 3], "lmh"),
        ([1, 2, 3, 4], "lmmh"),  # the outer two stand for a quarter each, the middle two for the half
        ([1, 2, 3, 4, 5, 6], "llmmhh"),
        ([5, 5, 5, 5], "mmmm"),
        ([1, 1, 1, 9], "mmmh"),  # the middle one of three in four stands at 3/8
        ([1, 1, 2, 3, 4, 4], "llmmhh"),
        ([1, 1, 5, 5, 5, 5], "llhhhh"),
        ([7], "m"),
        ([1, None, 2, 3], "l?mh"),  # not known: not in the thirds
        ([None], "?"),
    ],
)
def test_thirds_of_hours(given, rows, hours, thirds):
    connection = given(episode=[episode(f"e{i}", weekly_hours=h) for i, h in enumerate(hours)])
    names = {"l": "lowest", "m": "middle", "h": "highest", "?": "unknown"}
    assert segments(rows, connection, "hours") == {f"e{i}": names[t] for i, t in enumerate(thirds)}


def test_the_thirds_are_those_of_an_intervention_by_the_hours_it_began_with(given, rows):
    connection = given(
        episode=[
            *(episode(f"a{i}", weekly_hours=h) for i, h in enumerate((1, 2, 3))),
            *(episode(f"b{i}", weekly_hours=h, intervention_id="other") for i, h in enumerate((10, 20, 30))),
        ],
        # Granted less on the first day, and most of all later.
        support_hours=[
            {"episode_id": "a2", "person_id": b"a2", "from_date": START, "weekly_hours": 0.5},
            {"episode_id": "a0", "person_id": b"a0", "from_date": date(2024, 6, 1), "weekly_hours": 9},
        ],
    )
    assert segments(rows, connection, "hours") == {"a0": "middle", "a1": "highest", "a2": "lowest"}
    assert segments(rows, connection, "hours", "other") == {"b0": "lowest", "b1": "middle", "b2": "highest"}
