"""From what comparisons found, and what the catalogue says of money, to the rows of the economy."""

import json
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.catalogue.entries import Consequence, ConsequenceYear, UnitPrice, WillingnessToPay
from pipelines.estimation import economy
from pipelines.estimation.comparison import draws
from pipelines.warehouse import reference

ALONE, OTHER = "job_mentor", "supported_employment"
OUTCOME, REGISTER = "WHO5:self", "register:employment"
RNG = np.random.default_rng(1)
NOISE = RNG.standard_normal((3, 200))
MOMENTS = pa.schema(
    [(name, pa.string()) for name in ("intervention_id", "outcome_id", "statistic")]
    + [(name, pa.int64()) for name in ("asked_count", "n")]
    + [(name, pa.float64()) for name in ("cost", "units", "cost_cost", "cost_units", "units_units")]
)
MONTHS = pa.schema(
    {
        "intervention_id": pa.string(),
        "outcome_id": pa.string(),
        "person_id": pa.int64(),
        "month_count": pa.int64(),
        "unique_months": pa.float64(),
    }
)


def price(name="benefit", **known):
    given = {"payer": "state", "price_dkk": 1000.0, "price_year": 2025}
    texts = {"label_da": "", "unit_da": "", "source": "", "certainty": "sample"}
    return UnitPrice(**(texts | given | {"id": name} | known))


def worth(outcome, *units, unit_price="benefit"):
    years = tuple(
        ConsequenceYear(year=year, units=n, lower=n, upper=n, beyond_source="x")
        for year, n in enumerate(units)
    )
    return Consequence(
        id=f"{outcome.split(':')[-1]}_{unit_price}", label_da="", outcome=outcome, unit_price=unit_price,
        years=years, source="", certainty="sample",
    )  # fmt: skip


def found(quantity, estimate, spread, noise, **known):
    drawn = estimate + spread * noise
    lower, upper = np.quantile(drawn, [0.025, 0.975]).tolist()
    key = {"intervention_id": ALONE, "outcome_id": OUTCOME, "comparator": "other_support"}
    numbers = {"n": 80, "is_sound": True, "estimate": estimate, "lower": lower, "upper": upper}
    return key | numbers | {"quantity": quantity, "draws": drawn.tolist()} | known


def compared(**known):
    """A difference of 0.4 SD and of a fifth more improved, at 2,000 kr. more."""
    return [
        found("cost", 2000.0, 300.0, NOISE[0], **known),
        found("sd", 0.4, 0.1, NOISE[1], **known),
        found("reliably_improved", 0.2, 0.05, NOISE[2], **known),
    ]


def in_register(intervention=ALONE, estimate=10.0):
    """Ten points more of the time in a job, a year after the start."""
    return {
        "intervention_id": intervention, "outcome_id": REGISTER, "comparator": "not_yet_started",
        "statistic": "effect_at_12_months", "estimate": estimate,
        "lower": estimate - 8, "upper": estimate + 8, "n": 60,
        "diagnostics": json.dumps({"pointwise_standard_error": 3.0}), "not_estimable_reason": None,
    }  # fmt: skip


def costs(intervention=ALONE, statistic="cost_per_person", n=50, **known):
    """Fifty persons at 2,000 kr. each."""
    row = {
        "intervention_id": intervention,
        "outcome_id": "ALL",
        "statistic": statistic,
        "asked_count": n,
        "n": n,
    }
    sums = {
        "cost": 2000.0 * n,
        "units": n,
        "cost_cost": 4.1e6 * n,
        "cost_units": 2000.0 * n,
        "units_units": n,
    }
    return row | sums | known


def months(intervention, unique, persons=10, first=0):
    """Ten persons whose twelve months after the start are known."""
    key = {"intervention_id": intervention, "outcome_id": REGISTER, "month_count": 12}
    return [key | {"person_id": first + i, "unique_months": unique} for i in range(persons)]


ONE_COST = (costs(),)


@pytest.fixture
def estimated(catalogue):
    """Return the rows, by intervention, outcome, comparator, statistic, payer and item."""

    def run(pairs=(), effects=(), moments=ONE_COST, portfolio=(), **declared):
        with duckdb.connect() as connection:
            own = catalogue.model_copy(update=declared)
            reference.load_reference(connection, own, 2025, date(2026, 1, 31))
            for schema in ("estimate", "intervention"):
                connection.execute(f"CREATE SCHEMA {schema}")
            tables = {
                "estimate.other_support_draw": (pairs, draws.DRAW_SCHEMA),
                "estimate.waiting_draw": ((), draws.DRAW_SCHEMA),
                "intervention.cost_moment": (moments, MOMENTS),
                "intervention.portfolio_person": (portfolio, MONTHS),
            }
            for name, (rows, schema) in tables.items():
                table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)
                reference.create_table(connection, name, table)
            rows = economy.results(connection, 0.95, list(effects)).to_pylist()
        names = ("intervention_id", "outcome_id", "comparator", "statistic", "payer", "item")
        by_key = {tuple(row[name] for name in names): row for row in rows}
        assert len(by_key) == len(rows)
        return by_key

    return run


def of(rows, statistic, payer="all", item="all", place=(ALONE, OUTCOME, "other_support")):
    return rows[(*place, statistic, payer, item)]


IN_REGISTER = (ALONE, REGISTER, "not_yet_started")
PORTFOLIO = ("ALL", "ALL", "not_yet_started")
SCALED = WillingnessToPay(id="w", outcome=OUTCOME, unit="sd", amount_dkk=10_000.0, decided_da="")


def test_without_a_declared_amount_the_cost_and_the_whole_curve_and_no_verdict(estimated):
    rows = estimated(compared())
    cost = of(rows, "incremental_cost")
    assert (cost["estimate"], cost["n"], cost["payer"]) == (2000, 80, "all")
    assert cost["lower"] < 1500 < 2500 < cost["upper"]
    curve = [row for key, row in rows.items() if key[3] == "curve_probability"]
    assert [row["willingness_to_pay"] for row in curve] == [50_000 * step for step in range(11)]
    assert curve[0]["estimate"] == 0  # it costs more for certain
    assert curve[-1]["estimate"] == 1
    assert not [key for key in rows if key[5] == "declared"]


@pytest.mark.parametrize(
    ("unit", "expected"), [("sd", 0.4 * 10_000 - 2000), ("reliably_improved", 0.2 * 10_000 - 2000)]
)
def test_the_declared_amount_is_by_the_unit_it_was_declared_in(estimated, unit, expected):
    declared = SCALED.model_copy(update={"unit": unit})
    rows = estimated(compared(), willingness_to_pay=(declared,))
    benefit = of(rows, "net_benefit", item="declared")
    assert (benefit["estimate"], benefit["effect_unit"]) == (pytest.approx(expected), unit)
    probability = of(rows, "probability_net_benefit", item="declared")
    effect, spread, place = (0.4, 0.1, 1) if unit == "sd" else (0.2, 0.05, 2)
    draws = 10_000 * (effect + spread * NOISE[place]) - (2000 + 300 * NOISE[0])
    assert probability["estimate"] == pytest.approx((draws > 0).mean(), abs=0.001)
    assert (probability["lower"], probability["upper"]) == (None, None)


def test_a_ratio_only_where_the_effect_is_certain(estimated):
    sure = of(estimated(compared()), "cost_effectiveness_ratio")
    assert sure["estimate"] == pytest.approx(5000)
    doubtful = [*compared()[::2], found("sd", 0.1, 0.1, NOISE[1])]
    unsure = of(estimated(doubtful), "cost_effectiveness_ratio")
    assert (unsure["estimate"], unsure["n"], unsure["not_estimable_reason"]) == (None, 0, "effect_uncertain")


def test_an_interval_that_providers_made_wider_makes_the_draws_wider(estimated):
    pairs = compared()
    pairs[1] |= {"lower": -0.2, "upper": 1.0}
    rows = estimated(pairs, willingness_to_pay=(SCALED,))
    own = estimated(compared(), willingness_to_pay=(SCALED,))
    wide, narrow = (of(r, "net_benefit", item="declared") for r in (rows, own))
    assert wide["upper"] - wide["lower"] > 2 * (narrow["upper"] - narrow["lower"])
    assert wide["estimate"] == narrow["estimate"]


def test_a_redraw_without_a_fit_is_left_out_of_all_three(estimated):
    pairs = compared()
    for row, place in zip(pairs, (0, 1, 2), strict=True):
        row["draws"] = [*row["draws"]]
        row["draws"][place] = float("nan")
    assert of(estimated(pairs), "incremental_cost")["estimate"] == 2000


@pytest.mark.parametrize("reason", ["too_few_persons", "cost_unknown"])
def test_no_comparison_or_no_cost_is_told_once_and_rests_on_nobody(estimated, reason):
    missing = {"estimate": None, "lower": None, "upper": None, "draws": None, "not_estimable_reason": reason}
    rows = estimated([row | missing for row in compared()], willingness_to_pay=(SCALED,))
    told = {key[3]: row for key, row in rows.items() if key[2] == "other_support"}
    assert told.keys() == {"incremental_cost", "probability_net_benefit", "net_result"}
    assert {(row["n"], row["not_estimable_reason"]) for row in told.values()} == {(0, reason)}


def test_without_a_price_there_are_no_budget_consequences(estimated):
    rows = estimated(compared())
    assert of(rows, "net_result")["not_estimable_reason"] == "no_unit_price"


def test_what_one_more_success_spares_by_year_and_payer(estimated):
    """0.2 successes at 20 and 10 units of 1,000 kr.: 4,000 and 2,000 kr. for 2,000 kr. more."""
    rows = estimated(compared(), consequences=(worth(OUTCOME, 20.0, 10.0),), unit_prices=(price(),))
    later = 2000 / 1.035
    expected = {
        ("state", "year:0"): 4000, ("state", "year:1"): 2000, ("municipality", "year:0"): -2000,
        ("municipality", "year:1"): 0, ("all", "year:0"): 2000, ("all", "all"): 2000 + later,
        ("state", "all"): 4000 + later, ("municipality", "all"): -2000,
    }  # fmt: skip
    for (payer, item), amount in expected.items():
        assert of(rows, "net_result", payer, item)["estimate"] == pytest.approx(amount), (payer, item)
    assert of(rows, "probability_net_result", "municipality")["estimate"] == 0
    assert 0.9 < of(rows, "probability_net_result")["estimate"] < 1
    told = json.loads(of(rows, "net_result")["diagnostics"])
    assert told == {"is_sound": True, "prices_with_assumed_interval": ["benefit"]}


def test_what_is_spared_is_of_more_successes_and_never_of_all(estimated):
    """The share that did well is nowhere in what is estimated: without a difference nothing is spared."""
    same = [compared()[0], compared()[1], found("reliably_improved", 0.0, 0.05, NOISE[2])]
    rows = estimated(same, consequences=(worth(OUTCOME, 20.0),), unit_prices=(price(),))
    assert of(rows, "net_result", "state")["estimate"] == 0
    assert of(rows, "break_even_year")["not_estimable_reason"] == "not_within_horizon"


def test_when_it_is_paid_back_and_what_could_change_that(estimated):
    """1,000, 3,000 kr. spared at 2,000 kr.: not in year 0, but in year 1."""
    rows = estimated(compared(), consequences=(worth(OUTCOME, 5.0, 15.0),), unit_prices=(price(),))
    assert of(rows, "break_even_year")["estimate"] == 1
    shares = [of(rows, "probability_paid_back", item=f"year:{year}")["estimate"] for year in (0, 1)]
    assert shares[0] < 0.1 < 0.9 < shares[1]
    base = -2000 + 1000 + 3000 / 1.035
    spared = base + 2000
    low = of(rows, "net_result_if", item="input:price:benefit")
    assert (low["lower"], low["upper"]) == pytest.approx((0.7 * spared - 2000, 1.3 * spared - 2000))
    rate = of(rows, "net_result_if", item="input:discount_rate")
    assert (rate["lower"], rate["upper"]) == pytest.approx((-1000 + 3000 / 1.04, base))


def test_a_register_is_by_the_share_of_the_time_and_its_cost_by_everybody_begun(estimated):
    """A tenth more of the time at 24 units of 1,000 kr.: 2,400 kr. a person, at 2,000 kr."""
    declared = {"consequences": (worth(REGISTER, 24.0),), "unit_prices": (price(),)}
    rows = estimated(effects=[in_register()], **declared)
    assert of(rows, "incremental_cost", place=IN_REGISTER)["estimate"] == 2000
    net = of(rows, "net_result", place=IN_REGISTER)
    assert (net["estimate"], net["n"]) == (pytest.approx(400), 60)
    # By the error of this effect alone: the band that holds for all half-years together is wider.
    assert 400 - net["lower"] == pytest.approx(1.96 * np.hypot(720, 2400 * 0.3 / 1.96), rel=0.25)
    assert not [key for key in rows if key[2] == "not_yet_started" and "curve" in key[3]]


def test_a_job_that_two_supports_came_before_is_counted_once(estimated):
    """The same ten persons have both: each support spares 2,400 kr. by half of their months."""
    declared = {"consequences": (worth(REGISTER, 24.0),), "unit_prices": (price(),)}
    both = {"effects": [in_register(), in_register(OTHER)], "moments": [costs(), costs(OTHER)]}
    shared = estimated(portfolio=[*months(ALONE, 6.0), *months(OTHER, 6.0)], **both, **declared)
    apart = estimated(portfolio=[*months(ALONE, 12.0), *months(OTHER, 12.0, first=10)], **both, **declared)
    spared, cost = 10 * 2400, 2 * 10 * 2000
    once, twice = (of(rows, "portfolio_net_result", place=PORTFOLIO) for rows in (shared, apart))
    assert (once["estimate"], once["n"]) == (pytest.approx(spared - cost), 10)
    assert (twice["estimate"], twice["n"]) == (pytest.approx(2 * spared - cost), 20)


def test_the_portfolio_takes_nothing_that_is_against_other_support(estimated):
    declared = {"consequences": (worth(OUTCOME, 20.0),), "unit_prices": (price(),)}
    rows = estimated(compared(), portfolio=months(ALONE, 12.0), **declared)
    row = of(rows, "portfolio_net_result", place=PORTFOLIO)
    assert (row["n"], row["not_estimable_reason"]) == (0, "no_register_result")


def test_the_portfolios_persons_are_told_in_fives(estimated):
    declared = {"consequences": (worth(REGISTER, 24.0),), "unit_prices": (price(),)}
    for persons, told in ((14, 10), (4, 0)):
        rows = estimated(effects=[in_register()], portfolio=months(ALONE, 12.0, persons), **declared)
        assert of(rows, "portfolio_net_result", place=PORTFOLIO)["n"] == told


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"n": 4, "asked_count": 4}, "too_few_persons"),
        ({"n": 4, "asked_count": 50}, "cost_unknown"),
        ({"units": 4.0}, "cost_unknown"),
        ({}, None),
    ],
)
def test_a_cost_by_few_is_not_told(estimated, known, reason):
    row = of(estimated(moments=[costs(**known)]), "cost_per_person", place=(ALONE, "ALL", "none"))
    assert (row["estimate"], row["not_estimable_reason"]) == (None if reason else 2000, reason)
    assert row["n"] == (0 if reason else 50)


@pytest.mark.parametrize(("completed", "is_told"), [(50, True), (49, False), (46, False), (45, True)])
def test_the_few_who_have_not_completed_do_not_show(estimated, completed, is_told):
    rows = estimated(moments=[costs(), costs(statistic="cost_per_completed_episode", n=completed)])
    row = of(rows, "cost_per_completed_episode", place=(ALONE, "ALL", "none"))
    assert (row["estimate"] is not None) == is_told


def test_the_same_rows_give_the_same_numbers(estimated):
    declared = {"consequences": (worth(REGISTER, 24.0),), "unit_prices": (price(),)}
    one, other = (estimated(compared(), [in_register()], **declared) for _ in range(2))
    assert one == other
