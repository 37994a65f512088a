"""What is counted by segment, with what other support, and by provider (method, section 4)."""

from datetime import date

import pytest

from pipelines.estimation import before_after
from tests.sql.conftest import START
from tests.sql.test_reliable_change import pair
from tests.sql.test_segment import episode


@pytest.fixture
def tables():
    return (
        "intervention.change_moment",
        "intervention.share_count",
        "intervention.package",
        "intervention.provider_moment",
    )


@pytest.fixture
def four(given):
    """Two women better by 20 and 21, one man worse by 30, and one man not measured at the end."""
    scores = {"a": (20, 40), "b": (30, 51), "c": (60, 30)}
    years = {"a": 2023, "b": 2024, "c": 2024, "d": 2024}
    return given(
        episode=[episode(name, started_date=date(year, 3, 1)) for name, year in years.items()],
        person=[{"person_id": n.encode(), "sex": "female" if n in "ab" else "male"} for n in years],
        measurement=[
            {"person_id": name.encode(), "measured_date": date(years[name], month, 1), "score": score}
            for name, both in scores.items()
            for month, score in zip((3, 9), both, strict=True)
        ],
    )


def test_the_moments_of_the_segments_are_those_of_their_pairs(four, rows):
    found = {
        r["population"]: (r["n"], r["mean_baseline"], r["mean_follow_up"])
        for r in rows(four, "SELECT * FROM intervention.change_moment WHERE intervention_id = 'support'")
    }
    assert found["sex:female"] == (2, 25, 45.5)
    assert found["sex:male"] == (1, 60, 30)
    assert found["year:2023"] == (1, 20, 40)
    assert found["window"][0] == found["hours:unknown"][0] == 3
    # A declared outcome without anybody has its row of the window, and no segments.
    assert [r["population"] for r in rows(
        four, "SELECT population FROM intervention.change_moment WHERE intervention_id = 'other'"
    )] == ["window"]  # fmt: skip


def test_the_shares_of_the_segments_add_up_and_the_years_have_a_coverage(four, rows):
    found = {
        (r["population"], r["statistic"]): (r["numerator"], r["n"])
        for r in rows(four, "SELECT * FROM intervention.share_count WHERE intervention_id = 'support'")
    }
    assert found["sex:female", "share_reliably_improved"] == (2, 2)
    assert found["sex:male", "share_deteriorated"] == (1, 1)
    assert found["year:2024", "coverage"] == (2, 3)
    assert found["year:2023", "coverage"] == (1, 1)
    of_women = {s for p, s in found if p == "sex:female"}
    assert of_women == {"share_reliably_improved", "share_unchanged", "share_deteriorated"}
    for key in ("share_reliably_improved", "share_unchanged", "share_deteriorated"):
        for ways in (("sex:female", "sex:male"), ("year:2023", "year:2024"), ("provider:unknown",)):
            parts = [found[way, key] for way in ways]
            assert tuple(map(sum, zip(*parts, strict=True))) == found["window", key]


def test_a_segment_with_few_has_its_number_and_no_mean(four):
    found = {
        r["population"]: r
        for r in before_after.results(four, 0.95)
        if r["statistic"] == "mean_change" and r["intervention_id"] == "support"
    }
    assert (found["window"]["n"], found["window"]["not_estimable_reason"]) == (3, None)
    few = found["sex:female"]
    assert (few["n"], few["estimate"], few["not_estimable_reason"]) == (2, None, "too_few_persons")
    assert few["diagnostics"] is None
    assert found["hours:unknown"]["diagnostics"] == '{"caution": "severity_sets_hours"}'
    assert found["provider:unknown"]["diagnostics"] == '{"caution": "case_mix_differs"}'


def together(*people):
    """Raw rows of persons in `support`, each with the days that others of their courses run."""
    episodes, measurements = [], []
    for place, others in enumerate(people):
        name = f"{place:02}"
        episodes.append(episode(name))
        for number, (intervention, first, last) in enumerate(others):
            episodes.append(
                episode(f"{name}-{number}", person_id=name.encode(), intervention_id=intervention)
                | {"started_date": first, "ended_date": last}
            )
        measurements += pair(40, 50 + place % 3, name)
    return {"episode": episodes, "measurement": measurements}


BEFORE, AFTER = date(2024, 1, 1), date(2024, 12, 1)


def test_a_package_is_the_other_intervention_that_most_had_when_they_began(given, rows):
    connection = given(
        **together(
            [("other", BEFORE, AFTER), ("unmeasured", BEFORE, AFTER)],
            [("other", BEFORE, START)],  # the last day is the first of this
            [("other", START, AFTER), ("other", BEFORE, AFTER)],  # twice the same is once
            [("other", BEFORE, date(2024, 2, 29)), ("unmeasured", BEFORE, None)],  # over the day before
            [("other", date(2024, 3, 2), AFTER)],  # a day late
            [],
        )
    )
    found = {r["intervention_id"]: r for r in rows(connection, "SELECT * FROM intervention.package")}
    told = {i: (r["with_intervention_id"], r["numerator"], r["n"]) for i, r in found.items()}
    assert told == {"support": ("other", 3, 6), "other": (None, 0, 0), "unmeasured": (None, 0, 0)}


def test_the_counted_pairs_of_the_providers(given, rows):
    people = {"a": "P", "b": "P", "c": "Q", "d": None}
    connection = given(
        episode=[episode(name, provider_id=provider) for name, provider in people.items()],
        measurement=[row for name in people for row in pair(40, 50, name)],
    )
    found = rows(connection, "SELECT * FROM intervention.provider_moment")
    assert {r["population"]: (r["n"], r["expected_count"], r["versus_hundredths"]) for r in found} == {
        "provider:P": (2, 0, None), "provider:Q": (1, 0, None), "provider:unknown": (1, 0, None),
    }  # fmt: skip
