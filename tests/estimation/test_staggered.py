"""Design D4 from the panel to the long result table: when there is a number, and what is said of it."""

import json
from collections import Counter
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.disclosure import gate
from pipelines.estimation import staggered
from pipelines.estimation.rows import EFFECT_SCHEMA
from pipelines.warehouse import reference
from tests.sql.conftest import REFERENCE_DATE, small_catalogue

FIRST, PERIODS = 4042, 10  # the spring of 2021, to the autumn of 2025
LEVEL = 0.95
STATISTICS = {"effect_at_6_months", "effect_at_12_months", "effect_overall"}
# 4046 is the spring of 2023: the window's first.
PLENTY = {4046: 30, 4047: 30, 4048: 30, 4049: 30, 4050: 30, 4051: 30, 4052: 5}
PANEL_SCHEMA = pa.schema(
    [
        ("intervention_id", pa.string()),
        ("register", pa.string()),
        ("person_id", pa.int64()),
        ("half_year", pa.int32()),
        ("start_half_year", pa.int64()),
        ("wait_days", pa.int64()),
        ("age_years", pa.int64()),
        ("is_female", pa.bool_()),
        ("month_count", pa.int32()),
        ("favourable_months", pa.int32()),
        ("reason_not_in_panel", pa.string()),
    ]
)


def people(cohorts, effect=0.0, wait=100, unknown=0, seed=1, is_moving=True):
    """Panel rows of people whose status lasts; `effect`: the rise in percentage points from the start on."""
    rng = np.random.default_rng(seed)
    found = []
    starts = [start for start, n in cohorts.items() for _ in range(n)]
    for person, start in enumerate(starts):
        months = np.full(PERIODS, int(rng.integers(0, 4)))
        if is_moving:
            months = np.clip(months + rng.integers(-1, 2, PERIODS), 0, 3)
        # A rise by whole months, in as many of the people as make the effect.
        rise = 3 * (rng.random() < effect / 50) * (np.arange(PERIODS) + FIRST >= start)
        found += [
            {
                "intervention_id": "support",
                "register": "employment",
                "person_id": person,
                "half_year": FIRST + t,
                "start_half_year": start,
                "wait_days": wait,
                "age_years": 20 + 7 * person % 40,
                "is_female": person % 3 == 0,
                "month_count": 6,
                "favourable_months": int(months[t] + rise[t]),
                "reason_not_in_panel": "unknown_months" if person < unknown else None,
            }
            for t in range(PERIODS)
        ]
    return found


@pytest.fixture
def estimate(every_row):
    """Return a function from panel rows to the three rows that are judged, by statistic."""

    def build(panel, **settings):
        return {s: r for s, r in every_row(panel, **settings).items() if not s.startswith("event_study")}

    return build


@pytest.fixture
def drawn(every_row):
    """Return a function from panel rows to the event study's rows, by half-year."""

    def build(panel, **settings):
        rows = every_row(panel, **settings)
        found = {int(s[len("event_study_") :]): r for s, r in rows.items() if s.startswith("event_study")}
        assert list(found) == sorted(found)
        return found

    return build


@pytest.fixture
def every_row(catalogue):
    """Return a function from panel rows to the rows of `support` and employment, by statistic."""

    def build(panel, registers=("employment",), **parameters):
        changed = catalogue.model_copy(
            update={
                "parameters": tuple(
                    p.model_copy(update={"value": parameters.get(p.id, p.value)})
                    for p in catalogue.parameters
                )
            }
        )
        with duckdb.connect() as connection:
            reference.load_reference(connection, small_catalogue(changed), 2025, REFERENCE_DATE)
            connection.execute("CREATE SCHEMA intervention; CREATE SCHEMA individual")
            table = pa.Table.from_pylist(panel, schema=PANEL_SCHEMA)
            reference.create_table(connection, "intervention.start_panel", table)
            status = pa.table({"domain": pa.array(registers, pa.string())})
            reference.create_table(connection, "individual.status_period", status)
            rows = staggered.results(connection, LEVEL)
        assert {(r["design"], r["comparator"], r["population"]) for r in rows} == {
            ("D4", "not_yet_started", "window")
        }
        keys = [(r["intervention_id"], r["outcome_id"], r["statistic"]) for r in rows]
        assert len(set(keys)) == len(keys)
        pa.Table.from_pylist(rows, schema=EFFECT_SCHEMA)
        return {
            r["statistic"]: r
            for r in rows
            if (r["intervention_id"], r["outcome_id"]) == ("support", "register:employment")
        }

    return build


def reasons(rows):
    assert rows.keys() == STATISTICS
    return {r["not_estimable_reason"] for r in rows.values()}


def told(row):
    return json.loads(row["diagnostics"])


def test_a_planted_rise_is_found_with_its_band_and_everything_said_of_it(estimate):
    rows = estimate(people(PLENTY, effect=25.0))
    assert reasons(rows) == {None}
    for row in rows.values():
        assert row["estimate"] == pytest.approx(25, abs=6)
        assert row["lower"] < 25 < row["upper"]
        assert row["n"] == row["n_effective"] == 185
        said = told(row)
        # A band is wider than one interval, and the sensitivity wider than the band.
        assert row["upper"] - row["estimate"] > 1.96 * said["pointwise_standard_error"]
        assert said["sensitivity_lower"] < row["lower"]
        assert said["sensitivity_upper"] > row["upper"]
        assert 0 <= said["pre_period_p"] <= 1
        assert (said["interval"], said["sensitivity_mbar"]) == ("simultaneous", 1)
        # The first cohort has four half-years with others left to compare with; all have two before the dip.
        assert (said["half_years_from_start"], said["pre_period_half_years"]) == (4, 2)


def test_the_event_study_has_every_half_year_but_the_base(every_row, drawn):
    panel = people(PLENTY, effect=25.0)
    judged, rows = every_row(panel), drawn(panel)
    # The panel's first half-year is four before the first cohort's start; two before it is the base.
    assert list(rows) == [-4, -3, -1, 0, 1, 2, 3]
    for half_year, row in rows.items():
        assert row["estimate"] == pytest.approx(25 if half_year >= 0 else 0, abs=8)
        assert row["n"] == 185
        assert row["verdict"] is None
        said = told(row)
        assert (said["half_year"], said["anticipation_half_years"]) == (half_year, 1)
        assert row["upper"] - row["estimate"] > 1.96 * said["pointwise_standard_error"]
    # One half-year has one number with one band, wherever it is read.
    for statistic, half_year in (("effect_at_6_months", 1), ("effect_at_12_months", 2)):
        assert [rows[half_year][c] for c in ("estimate", "lower", "upper")] == [
            judged[statistic][c] for c in ("estimate", "lower", "upper")
        ]


def test_people_who_fell_before_they_asked_are_drawn_above_the_base(drawn):
    # Everybody is at three months of six until two half-years before the start, and then at none of them.
    panel = [
        r | {"favourable_months": r["favourable_months"] + 3 * (r["half_year"] < r["start_half_year"] - 2)}
        for r in people(PLENTY, seed=3)
    ]
    rows = drawn(panel)
    assert rows[-3]["estimate"] == pytest.approx(50, abs=8)
    assert min(rows[h]["lower"] for h in (-4, -3)) > 0


@pytest.mark.parametrize(("wait", "half_years"), [(0, [-4, -3, -2, 0]), (300, [-4, -2, -1, 0])])
def test_what_is_drawn_before_the_start_goes_with_the_wait(drawn, wait, half_years):
    rows = drawn(people(PLENTY, wait=wait), anticipation_minimum_months=0)
    assert [h for h in rows if h <= 0] == half_years


def test_without_a_number_there_is_nothing_to_draw(drawn):
    assert drawn([]) == {}
    assert drawn(people(PLENTY, is_moving=False)) == {}


def test_no_effect_is_around_zero(estimate):
    for row in estimate(people(PLENTY)).values():
        assert row["lower"] < 0 < row["upper"]


@pytest.mark.parametrize(
    ("wait", "minimum", "half_years"),
    [(0, 3, 1), (182, 3, 1), (183, 3, 2), (0, 0, 0), (1, 0, 1), (None, 3, 1), (10, 7, 2)],
)
def test_the_anticipation_is_the_median_wait_and_at_least_the_parameter(estimate, wait, minimum, half_years):
    rows = estimate(people(PLENTY, wait=wait), anticipation_minimum_months=minimum)
    assert told(rows["effect_overall"])["anticipation_half_years"] == half_years


def test_a_register_that_was_not_delivered(estimate):
    rows = estimate(people(PLENTY), registers=("housing",))
    assert reasons(rows) == {"no_register"}
    assert {r["n"] for r in rows.values()} == {0}


def test_nobody_started(estimate):
    rows = estimate([])
    assert reasons(rows) == {"too_few_cohorts"}
    assert {r["n"] for r in rows.values()} == {0}


@pytest.mark.parametrize(("size", "reason"), [(9, "too_few_cohorts"), (10, None)])
def test_a_cohort_needs_ten(estimate, size, reason):
    small = dict.fromkeys(range(4048, 4052), 9)
    assert reasons(estimate(people({4047: size, 4052: 20} | small))) == {reason}


@pytest.mark.parametrize(("unknown", "reason"), [(0, None), (1, "unknown_months")])
def test_too_few_because_of_unknown_months_says_so(estimate, unknown, reason):
    # The first person is of the only cohort that is large enough.
    cohorts = {4047: 10, 4048: 9, 4052: 20}
    assert reasons(estimate(people(cohorts, unknown=unknown))) == {reason}


@pytest.mark.parametrize(("later", "lacking"), [(20, set()), (19, STATISTICS)])
def test_twenty_must_not_have_started(estimate, later, lacking):
    rows = estimate(people({4047: 30, 4052: later}))
    assert {s for s, r in rows.items() if r["not_estimable_reason"] == "too_few_not_yet_started"} == lacking


def test_a_horizon_that_nobody_is_left_for_has_no_number_and_the_others_do(estimate):
    # Those who start in the spring of 2025 wait from the autumn of 2024: two half-years are left.
    rows = estimate(people({4047: 30, 4050: 30}))
    assert {s for s, r in rows.items() if r["estimate"] is None} == {"effect_at_12_months"}
    assert rows["effect_at_12_months"]["not_estimable_reason"] == "too_few_not_yet_started"
    assert told(rows["effect_overall"])["half_years_from_start"] == 2


def test_the_starts_own_half_year_alone_is_no_effect(estimate):
    assert reasons(estimate(people({4047: 30, 4049: 30}))) == {"too_few_not_yet_started"}


def test_a_cohort_that_is_all_older_than_the_others_cannot_be_compared(estimate):
    panel = people({4047: 30, 4050: 30})
    older = [r | {"age_years": r["age_years"] + 50 * (r["start_half_year"] == 4047)} for r in panel]
    assert reasons(estimate(older)) == {"no_overlap"}


def test_without_a_time_before_there_is_no_number(estimate):
    # With a wait of two years the first cohorts' base lies at the panel's beginning, or before it.
    rows = estimate(people({4046: 30, 4052: 40}, wait=700))
    assert reasons(rows) == {"no_pre_period"}


def test_where_nothing_ever_changes_nothing_is_known(estimate):
    assert reasons(estimate(people(PLENTY, is_moving=False))) == {"no_variation"}


@pytest.mark.parametrize(
    ("unknown", "share"),
    [(0, None), (4, None), (5, 0.973), (100, 0.4595), (181, None)],
)
def test_the_share_of_complete_persons_tells_of_no_few(estimate, unknown, share):
    rows = estimate(people(PLENTY, unknown=unknown))
    assert told(rows["effect_overall"])["complete_share"] == share
    assert rows["effect_overall"]["n"] == 185 - unknown


def test_no_count_of_a_cohort_is_told(every_row):
    rows = every_row(people({4046: 31, 4047: 37, 4048: 43, 4051: 29}))
    numbers = [v for r in rows.values() for v in told(r).values()]
    assert {31, 37, 43, 29}.isdisjoint(numbers)


def test_the_same_rows_give_the_same_numbers(every_row):
    panel = people(PLENTY, effect=10.0)
    assert every_row(panel) == every_row(panel[::-1])
    assert every_row(panel) != every_row(panel, band_seed=7)


def test_a_panel_of_few_persons_is_hidden_whatever_the_reason(estimate, catalogue):
    rows = [
        r for n in (4, 5) for r in estimate(people({4046: n})).values() if r["statistic"] == "effect_overall"
    ]
    columns = catalogue.mart("intervention_effect").columns
    types = {f.name: f.type for f in EFFECT_SCHEMA} | {
        "is_suppressed": pa.bool_(),
        "is_primary": pa.bool_(),
        "estimand": pa.string(),
    }
    told_besides = {"is_suppressed": False, "is_primary": False, "estimand": ""}
    whole = [r | told_besides | {"intervention_id": f"i{n}"} for n, r in enumerate(rows)]
    table = pa.Table.from_pylist(whole, pa.schema([(c.name, types[c.name]) for c in columns]))
    few, enough = gate({"intervention_effect": table}, catalogue)["intervention_effect"].to_pylist()
    assert (few["is_suppressed"], few["n"], few["diagnostics"], few["not_estimable_reason"]) == (
        True,
        None,
        None,
        None,
    )
    assert (enough["is_suppressed"], enough["n"]) == (False, 5)


def test_every_declared_register_has_its_three_rows(catalogue):
    with duckdb.connect() as connection:
        reference.load_reference(connection, catalogue, 2025, date(2026, 1, 31))
        connection.execute("CREATE SCHEMA intervention; CREATE SCHEMA individual")
        reference.create_table(connection, "intervention.start_panel", PANEL_SCHEMA.empty_table())
        status = pa.table({"domain": pa.array([], pa.string())})
        reference.create_table(connection, "individual.status_period", status)
        rows = staggered.results(connection, LEVEL)
    declared = {(i.id, f"register:{r}") for i in catalogue.interventions for r in i.registers}
    found = Counter((r["intervention_id"], r["outcome_id"]) for r in rows)
    assert found == dict.fromkeys(declared, 3)
    assert len(declared) >= 7
