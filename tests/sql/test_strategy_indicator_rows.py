"""From given rows to the goals' rows: value, change, target, status and trend (method, section 7)."""

from datetime import date

import pytest

from pipelines.estimation import indicators
from tests.sql import conftest
from tests.sql.test_strategy_indicators import activity, ambassador, pair, paired, served

GOAL = "A-G1"


@pytest.fixture
def tables():
    return tuple(name for name in indicators.READS if name.startswith("strategy."))


@pytest.fixture
def table(given):
    """Return {(indicator, year, population): row} of the one goal that has indicators."""

    def build(effects=(), **raw):
        found = indicators.indicators(given(**raw), 0.95, effects).to_pylist()
        assert {row["goal_id"] for row in found if row["population"] != "window"} == {GOAL}
        return {
            (r["indicator_id"], r["year"], r["population"]): r for r in found if r["population"] != "window"
        }

    return build


def years(share_of):
    """Persons measured twice: {year: (improved, not improved)}."""
    pairs = []
    for of_year, (improved, same) in share_of.items():
        for number in range(improved + same):
            day, after = date(of_year, 1, 1), date(of_year, 7, 1)
            pairs.append(pair(f"{of_year}-{number}", 20 if number < improved else 0, day, after))
    return paired(*pairs)


def test_a_share_its_change_and_its_status(table):
    found = table(**years({2023: (10, 30), 2024: (20, 20), 2025: (30, 10)}))
    first, second, third = (found["improved", y, "year"] for y in (2023, 2024, 2025))
    assert (first["value"], first["numerator"], first["n"], first["law"]) == (0.25, 10, 40, "share")
    # Wilson's interval of 10 of 40, by hand: z = 1.96, centre 0.2719, half width 0.1299.
    assert (first["lower"], first["upper"]) == pytest.approx((0.1419, 0.4019), abs=2e-4)
    assert (first["status"], first["trend"], first["change"]) == ("first_measurement", None, None)
    assert first["reason_no_change"] == "first_measurement"
    assert (second["baseline_year"], second["baseline_value"], second["change"]) == (2023, 0.25, 0.25)
    assert second["change_lower"] < 0.25 < second["change_upper"]
    assert (third["change"], third["previous_year"], third["previous_change"]) == (0.5, 2024, 0.25)
    assert (third["status"], third["trend"]) == ("on_track", "rising")


def test_fewer_is_better_where_the_indicator_says_so(table):
    found = table(**years({2023: (5, 45), 2025: (45, 5)}))
    # `neither` is better higher, in the small catalogue, and falls.
    assert found["neither", 2025, "year"]["status"] == "off_track"
    assert found["neither", 2025, "year"]["previous_year"] == 2023


def test_the_baseline_is_the_first_year_with_enough_persons(table):
    found = table(**years({2023: (9, 10), 2024: (10, 10), 2025: (3, 2)}))
    second, third = found["improved", 2024, "year"], found["improved", 2025, "year"]
    assert (second["baseline_year"], second["previous_year"], second["status"]) == (
        None, 2023, "first_measurement",
    )  # fmt: skip
    assert (third["baseline_year"], third["n"], third["status"]) == (2024, 5, "attention")


def test_a_segment_has_a_change_and_is_not_judged(table):
    raw = years({2023: (20, 20), 2025: (30, 10)})
    raw["person"] = [
        {"person_id": e["person_id"], "sex": "female" if i % 2 else "male"}
        for i, e in enumerate(raw["episode"])
    ]
    found = table(**raw)
    women = found["improved", 2025, "sex:female"]
    assert women["change"] == pytest.approx(0.25)
    assert (women["status"], women["trend"], women["target_value"]) == (None, None, None)
    for of_year in (2023, 2025):
        parts = [r for (i, y, p), r in found.items() if i == "improved" and y == of_year and p[:4] == "sex:"]
        whole = found["improved", of_year, "year"]
        assert sum(r["n"] for r in parts) == whole["n"]
        assert sum(r["numerator"] for r in parts) == whole["numerator"]


def test_better_worse_and_neither_add_up_and_lie_in_their_intervals(table):
    found = table(**years({2024: (12, 23)}))
    assert sum(found[i, 2024, "year"]["value"] for i in ("improved", "neither")) == pytest.approx(1)
    for row in found.values():
        if row["lower"] is not None:
            assert row["lower"] <= row["value"] <= row["upper"], row
        if row["law"] == "share":
            assert 0 <= row["lower"] <= row["upper"] <= 1


def test_a_median_of_a_handful_is_no_figure(table):
    def waits(persons):
        day = date(2024, 1, 1)
        return [served(f"p{i}", date(2024, 1, 2 + i)) | {"requested_date": day} for i in range(persons)]

    few = table(episode=waits(19))["days_to_start", 2024, "year"]
    assert (few["value"], few["not_estimable_reason"], few["status"]) == (
        None,
        "too_few_persons",
        "cannot_tell",
    )
    row = table(episode=waits(20))["days_to_start", 2024, "year"]
    # Of 20 the sixth and the fifteenth: P(X <= 5) = 0.0207.
    assert (row["value"], row["lower"], row["upper"], row["law"]) == (10.5, 6, 15, "median")


def test_a_mean_has_its_interval_between_providers_where_there_are_several(table):
    pairs = [
        pair(f"{p}{i}", change + i, provider_id=p) for p, change in (("X", 0), ("Y", 20)) for i in range(4)
    ]
    row = table(**paired(*pairs))["change_up", 2024, "year"]
    assert (row["value"], row["n"], row["law"]) == (11.5, 8, "mean")
    # Two providers, whose means 1.5 and 21.5 are two numbers: t with one degree of freedom, 12.706 times 10.
    assert (row["upper"] - row["lower"]) / 2 == pytest.approx(127.06, abs=0.01)
    alone = table(**paired(*(pair(f"{i}", i, provider_id="X") for i in range(4))))["change_up", 2024, "year"]
    assert (alone["upper"] - alone["lower"]) / 2 == pytest.approx(3.182 * (5 / 3) ** 0.5 / 2, abs=1e-3)


def test_events_are_told_per_thousand_served(table):
    events = [{"person_id": b"a", "kind": "crisis", "event_date": date(2024, m, 1)} for m in (1, 2)]
    people = [served(person, date(2024, 1, 1), date(2024, 12, 31)) for person in "abcd"]
    row = table(episode=people, event=events)["crises", 2024, "year"]
    assert (row["value"], row["numerator"], row["n"], row["law"]) == (500, 1, 4, "rate")


# --- targets ---


def test_targets_whose_day_has_passed(table):
    people = [
        ambassador(str(i), date(2019, 1, 1), kind="citizen" if i < 30 else "employee") for i in range(151)
    ]
    done = [activity(str(i), date(2019 + i % 2, 5, 1)) for i in range(29)]
    found = table(ambassador=people, activity=done)
    ambassadors = found["ambassadors", 2020, "target"]
    assert (ambassadors["value"], ambassadors["target_value"], ambassadors["status"]) == (151, 150, "reached")
    assert (ambassadors["law"], ambassadors["lower"], ambassadors["n"]) == ("census", None, 151)
    citizens = found["citizen_ambassadors", 2020, "target"]
    assert (citizens["numerator"], citizens["value"], citizens["status"]) == (30, 30 / 151, "not_reached")
    # 29 in the two years together, though neither year alone says so; they are no persons.
    activities = found["activities", 2020, "target"]
    assert (activities["value"], activities["unit_count"], activities["n"]) == (29, 29, 0)
    assert (activities["status"], activities["target_date"]) == ("not_reached", date(2020, 12, 31))
    # Later years carry the verdict; years before are on the way.
    assert [found["ambassadors", y, "year"]["status"] for y in (2020, 2021, 2025)] == ["reached"] * 3
    assert found["ambassadors", 2019, "year"]["status"] == "first_measurement"
    assert found["activities", 2025, "year"]["value"] == 0


def test_a_target_that_nothing_was_counted_for_cannot_be_told(table):
    found = table(episode=[served()])
    row = found["ambassadors", 2020, "target"]
    assert (row["value"], row["n"], row["status"]) == (None, 0, "cannot_tell")
    assert row["not_estimable_reason"] == "nothing_counted"
    assert ("ambassadors", 2020, "year") not in found


def test_a_target_for_every_year_is_judged_on_each(table):
    days = [date(2023, 5, 1), date(2023, 6, 1), date(2024, 5, 1)]
    found = table(activity=[activity(str(day), day, "theme_day") for day in days])
    rows = [found["theme_days", y, "year"] for y in (2023, 2024, 2025)]
    assert [r["status"] for r in rows] == ["reached", "not_reached", "not_reached"]
    assert [r["change"] for r in rows] == [None, -1, -2]
    assert {(r["target_value"], r["target_date"], r["change_lower"]) for r in rows} == {(2, None, None)}


# --- what the estimates have found, and baselines from elsewhere ---


def test_an_intervention_is_evaluated_where_an_effect_was_estimated(table):
    def effect(intervention, design, estimate):
        return {
            "intervention_id": intervention,
            "design": design,
            "specification": "main",
            "estimate": estimate,
        }

    found = table(
        effects=[effect("support", "D3", 1.0), effect("support", "D4", 2.0), effect("other", "D1", 3.0)],
    )
    row = found["evaluated", 2025, "year"]
    assert (row["value"], row["unit_numerator"], row["unit_count"], row["n"]) == (1 / 3, 1, 3, 0)


@pytest.fixture
def known(given):
    """The rows with a baseline of the catalogue's for one indicator."""

    def build(indicator_id, day, value, **raw):
        connection = given(**raw)
        connection.execute(
            "UPDATE ref.indicator SET baseline_date = ?, baseline_value = ? WHERE indicator_id = ?",
            [day, value, indicator_id],
        )
        found = indicators.indicators(connection, 0.95, ()).to_pylist()
        return {
            r["year"]: r for r in found if r["indicator_id"] == indicator_id and r["population"] == "year"
        }

    return build


def test_a_baseline_from_elsewhere_is_a_number_without_chance(known):
    found = known("improved", date(2018, 12, 4), 0.2, **years({2024: (10, 30)}))
    row = found[2024]
    assert (row["baseline_year"], row["baseline_value"]) == (2018, 0.2)
    assert row["change"] == pytest.approx(0.05)
    assert row["change_lower"] == pytest.approx(row["lower"] - 0.2)
    assert row["status"] == "attention"


def test_a_census_keeps_the_baseline_of_its_day(known):
    people = [ambassador(str(i), date(2018, 6, 1)) for i in range(53)]
    found = known("ambassadors", date(2018, 12, 4), 52, ambassador=people)
    assert (found[2018]["baseline_year"], found[2018]["change"]) == (None, None)
    assert (found[2019]["baseline_year"], found[2019]["change"]) == (2018, 1)


@pytest.mark.parametrize(
    ("later", "status", "trend"),
    [(21, "attention", "uncertain"), (22, "on_track", "rising"), (18, "off_track", "falling")],
)
def test_one_meeting_more_or_less_is_no_movement(table, later, status, trend):
    """Of 20, 5 % is one: a change of one is none."""
    counts = {date(2024, 5, 1): 20, date(2025, 5, 1): later}
    found = table(activity=[activity(str(day), day, organisation_count=n) for day, n in counts.items()])
    row = found["organisations", 2025, "year"]
    assert (row["status"], row["trend"], row["change"]) == (status, trend, later - 20)
    assert row["change_lower"] is row["change_upper"] is None


def test_a_published_baseline_that_is_measured_has_chance_in_it_too(known):
    """57 homeless in 2017 and 41 in 2019 may be chance; as if 57 were no count at all, they would not be."""
    row = known("homeless", date(2017, 2, 6), 57, episode=[served()])[2019]
    assert (row["change"], row["status"], row["trend"]) == (-16, "attention", "uncertain")
    assert row["change_lower"] < 0 < row["change_upper"]


def test_years_after_the_reporting_year_are_not_shown(table):
    found = table(ambassador=[ambassador("1", date(2026, 1, 2))])
    assert {i for i, y, _ in found if y == 2025} == {"evaluated"}
    assert max(y for _, y, _ in found) == 2025


# --- a year that is not over ---


@pytest.fixture
def in_june(monkeypatch):
    """The data stop on 20 June of the reporting year."""
    monkeypatch.setattr(conftest, "REFERENCE_DATE", date(2025, 6, 20))


@pytest.mark.parametrize("indicator_id", ["served", "crises", "organisations"])
def test_half_a_year_is_not_held_against_a_whole_one(table, in_june, indicator_id):
    found = table(
        episode=[served(f"{i}", date(2024, 1, 1), date(2024, 12, 31)) for i in range(30)]
        + [served(f"new{i}", date(2025, 2, 1)) for i in range(10)],
        event=[{"person_id": b"1", "kind": "crisis", "event_date": date(2024, 5, 1)}],
        activity=[activity(str(y), date(y, 2, 1), organisation_count=9) for y in (2024, 2025)],
    )
    row = found[indicator_id, 2025, "year"]
    assert row["value"] is not None
    assert (row["change"], row["reason_no_change"], row["previous_change"]) == (None, "year_not_over", None)
    assert (row["status"], row["trend"]) == ("cannot_tell", None)
    assert found[indicator_id, 2024, "year"]["status"] == "first_measurement"


@pytest.mark.parametrize(("days", "status"), [(1, "cannot_tell"), (2, "reached")])
def test_a_yearly_target_can_be_reached_before_the_year_is_over_and_not_missed(table, in_june, days, status):
    found = table(activity=[activity(str(m), date(2025, 1 + m, 1), "theme_day") for m in range(days)])
    assert found["theme_days", 2025, "year"]["status"] == status


def test_a_share_of_half_a_year_is_compared_and_status_is_the_latest_months(table, in_june):
    people = [served(f"{i}", date(2024, 1, 1)) for i in range(30)]
    spells = [
        {
            "person_id": f"{i}".encode(),
            "domain": "employment",
            "status_id": status,
            "from_date": day,
            "to_date": end,
        }
        for i in range(30)
        for status, day, end in (
            ("cash_benefit", date(2024, 1, 1), date(2025, 6, 14)),
            ("work", date(2025, 6, 15), None),
        )
    ]
    row = table(episode=people, status_spell=spells)["in_work", 2025, "year"]
    assert (row["value"], row["change"], row["status"], row["trend"]) == (1, 1, "on_track", "rising")
