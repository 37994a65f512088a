"""Cost-effectiveness of a vaccine (BCEA's 1,000 simulations), and published discount factors."""

import numpy as np
import pytest

from pipelines.estimators import economy
from pipelines.estimators.economy import Uncertain
from tests.reference.published import cases, columns

LEVEL = 0.95


@pytest.fixture
def vaccine(oracles):
    """Effect and cost of the vaccine against the status quo, simulation by simulation."""
    names = ("eff_statusquo", "eff_vaccination", "cost_statusquo", "cost_vaccination")
    before, after, cost_before, cost_after = columns(oracles / "cea_bcea_vaccine", *names)

    def known(draws):
        return Uncertain(float(draws.mean()), *np.quantile(draws, [0.025, 0.975]).tolist(), draws)

    return known(after - before), known(cost_after - cost_before)


def test_every_point_of_the_grid(oracles, vaccine):
    grid = cases(oracles / "cea_bcea_vaccine")["grid_0_50000"]
    assert len(grid) == 21
    for expected in grid:
        found = economy.net_benefit(*vaccine, expected["k"], LEVEL)
        assert found.estimate == pytest.approx(expected["eib"], abs=1e-6)
        assert [found.lower, found.upper] == pytest.approx(expected["inb_ci"], abs=1e-6)
        assert found.probability_positive == pytest.approx(expected["ceac"], abs=1e-6)
        assert found.perfect_information == pytest.approx(expected["evpi"], abs=1e-6)


def test_the_ratio_and_where_the_choice_turns(oracles, vaccine):
    effect, cost = vaccine
    expected = cases(oracles / "cea_bcea_vaccine")["summary_k25000"]
    assert effect.estimate == pytest.approx(expected["delta_e"], abs=1e-12)
    assert cost.estimate == pytest.approx(expected["delta_c"], abs=1e-9)
    assert cost.estimate / effect.estimate == pytest.approx(expected["icer"], abs=1e-6)
    turns = next(k for k in range(0, 50001, 100) if economy.net_benefit(effect, cost, k, LEVEL).estimate >= 0)
    assert turns == expected["kstar"]
    at = economy.net_benefit(effect, cost, expected["k"], LEVEL)
    assert (at.estimate, at.probability_positive, at.perfect_information) == pytest.approx(
        (expected["eib"], expected["ceac"], expected["evpi"]), abs=1e-6
    )


@pytest.mark.parametrize("case", ["dk_discount_factors", "greenbook_3.5"])
def test_discount_factors(oracles, case):
    rates = [(0, 0.035), (36, 0.025), (71, 0.015)]
    factors = economy.discount_factors(rates, 75)
    for year, expected in cases(oracles / "discounting_dk_uk")[case].items():
        assert factors[int(year)] == pytest.approx(expected, abs=1e-12)


def test_the_catalogues_rates_are_the_published_ones(oracles, catalogue):
    latest = max(rate.valid_from for rate in catalogue.discount_rates)
    rates = sorted((r.year_from, r.rate) for r in catalogue.discount_rates if r.valid_from == latest)
    expected = cases(oracles / "discounting_dk_uk")["dk_discount_factors"]
    assert economy.discount_factors(rates, 75)[[35, 36, 75]] == pytest.approx(
        [expected[year] for year in ("35", "36", "75")], abs=1e-12
    )


def test_net_present_value_and_the_year_it_is_paid_back(oracles):
    expected = cases(oracles / "discounting_dk_uk")["npv_break_even"]
    flows = np.array([-100_000.0, 20_000, 30_000, 40_000, 40_000])
    factors = economy.discount_factors([(0, 0.035)], 4)
    assert np.cumsum(flows * factors) == pytest.approx(expected["cumulative"], abs=1e-9)
    assert flows @ factors == pytest.approx(expected["npv"], abs=1e-9)
    assert economy.break_even_year(flows, factors) == expected["break_even_year"]
