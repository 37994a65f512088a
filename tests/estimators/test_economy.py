"""Net benefit and budget consequences: by hand, and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.estimators import economy
from pipelines.estimators.economy import Budget, Saving, Uncertain
from pipelines.estimators.result import Estimate, NotEstimable

LEVEL = 0.95
RATES = [(0, 0.035), (36, 0.025)]
numbers = st.integers(-1000, 1000).map(float)
drawn = st.lists(st.tuples(numbers, numbers), min_size=2, max_size=40).map(np.array)


def known(draws):
    draws = np.array(draws, dtype=float)
    return Uncertain(float(draws.mean()), float(draws.min()), float(draws.max()), draws)


def certain(value, lower=None, upper=None, draws=4):
    lower, upper = (value if limit is None else limit for limit in (lower, upper))
    return Uncertain(value, lower, upper, np.full(draws, float(value)))


@given(drawn, st.integers(0, 1000), st.integers(0, 1000))
def test_net_benefit_is_linear_in_the_willingness_to_pay(draws, one, other):
    effect, cost = known(draws[:, 0]), known(draws[:, 1])
    low, high, middle = (
        economy.net_benefit(effect, cost, at, LEVEL).estimate for at in (one, other, (one + other) / 2)
    )
    assert middle == pytest.approx((low + high) / 2, abs=1e-6)


@given(drawn)
def test_who_would_pay_nothing_asks_only_whether_it_is_cheaper(draws):
    found = economy.net_benefit(known(draws[:, 0]), known(draws[:, 1]), 0.0, LEVEL)
    assert found.probability_positive == (draws[:, 1] < 0).mean()


@given(drawn, st.integers(0, 1000))
def test_to_know_the_truth_is_worth_something_or_nothing(draws, willingness):
    found = economy.net_benefit(known(draws[:, 0]), known(draws[:, 1]), willingness, LEVEL)
    assert found.perfect_information >= -1e-9
    benefits = willingness * draws[:, 0] - draws[:, 1]
    if (benefits >= 0).all() or (benefits <= 0).all():
        assert found.perfect_information == pytest.approx(0.0, abs=1e-9)


def test_what_knowing_is_worth_by_hand():
    """Gains 3 or loses 1, as likely: choosing blindly gives 1, choosing rightly 1.5."""
    found = economy.net_benefit(known([3, -1]), certain(0.0, draws=2), 1.0, LEVEL)
    assert (found.estimate, found.probability_positive, found.perfect_information) == (1.0, 0.5, 0.5)


def test_effect_and_cost_of_one_redraw_belong_together():
    """Where those who gain most cost most, the net benefit is surer than either."""
    gain = np.linspace(-1, 1, 101)
    effect, cost = Uncertain(0.5, 0, 1, 0.5 + gain), Uncertain(0.0, -1, 1, gain)
    together = economy.net_benefit(effect, cost, 1.0, LEVEL)
    against = economy.net_benefit(effect, Uncertain(0.0, -1, 1, -gain), 1.0, LEVEL)
    assert (together.lower, together.upper) == pytest.approx((0.5, 0.5))
    assert against.upper - against.lower == pytest.approx(4 * 0.95)


@pytest.mark.parametrize(("below", "is_told"), [(24, True), (25, False)])
def test_a_ratio_only_where_the_effect_is_positive_for_certain_enough(below, is_told):
    effect = np.ones(1000)
    effect[:below] = -1
    found = economy.cost_effectiveness_ratio(known(effect), certain(5.0, draws=1000), LEVEL, 40)
    assert isinstance(found, Estimate) == is_told
    if not is_told:
        assert found == NotEstimable("effect_uncertain")


def test_the_ratios_limits_are_where_the_net_benefits_reach_nothing():
    rng = np.random.default_rng(1)
    effect = Uncertain(2.0, 0, 0, 2 + 0.3 * rng.standard_normal(4000))
    cost = Uncertain(10.0, 0, 0, 10 + 2 * rng.standard_normal(4000))
    ratio = economy.cost_effectiveness_ratio(effect, cost, LEVEL, 40)
    assert ratio.estimate == 5.0
    assert economy.net_benefit(effect, cost, ratio.lower, LEVEL).upper == pytest.approx(0, abs=0.02)
    assert economy.net_benefit(effect, cost, ratio.upper, LEVEL).lower == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("rates", [[], [(5, 0.03)], [(0, 0.03), (0, 0.02)]])
def test_rates_that_leave_a_year_without_one_are_refused(rates):
    with pytest.raises(ValueError, match="rates"):
        economy.discount_factors(rates, 3)


def test_never_paid_back_and_paid_back_at_once():
    factors = economy.discount_factors(RATES, 2)
    assert economy.break_even_year(np.array([-10.0, 1, 1]), factors) is None
    assert economy.break_even_year(np.array([0.0, -1, -1]), factors) == 0


def test_redraws_are_drawn_apart_and_never_together():
    redraws = np.random.default_rng(1).normal(3, 1, 2000)
    low, high = np.quantile(redraws, [0.025, 0.975])
    assert economy.widened(redraws, low + 1, high - 1, LEVEL) == pytest.approx(redraws)
    wider = economy.widened(redraws, 3 - 2 * (high - low), 3 + 2 * (high - low), LEVEL)
    assert wider.mean() == pytest.approx(redraws.mean())
    assert np.subtract(*np.quantile(wider, [0.975, 0.025])) == pytest.approx(4 * (high - low))
    assert (economy.widened(np.full(5, 2.0), 0, 4, LEVEL) == 2).all()


def test_an_interval_becomes_draws_that_fill_it():
    found = economy.uncertain(100, 70, 130, LEVEL, 20_000, np.random.default_rng(1))
    assert np.quantile(found.draws, [0.025, 0.5, 0.975]) == pytest.approx([70, 100, 130], abs=1)


def test_cost_by_the_unit_by_hand():
    """Costs 100, 200, 300 and 0, 1, 2 courses: 200 a course; residuals 100, 0, -100."""
    found = economy.ratio_of_sums(3, 600, 3, (140_000, 800, 5), LEVEL)
    assert found.estimate == 200
    error = math.sqrt(20_000 * 3 / 2) / 600
    assert (found.lower, found.upper) == pytest.approx(
        (200 / math.exp(1.959964 * error), 200 * math.exp(1.959964 * error)), rel=1e-6
    )
    assert isinstance(economy.ratio_of_sums(3, 600, 0, (140_000, 0, 0), LEVEL), NotEstimable)


@pytest.fixture
def budget():
    """A fifth more succeed, at 1,000 kr. a person; each success spares the state 12 months, then 6."""
    price = certain(500.0, 400.0, 600.0)
    return Budget(
        success=certain(0.2, 0.1, 0.3),
        cost=certain(1000.0, 900.0, 1100.0),
        cost_payer="municipality",
        savings=(
            Saving("job", "state", (0, 1), (certain(12.0, 6, 12), certain(6.0, 0, 9)), "month", price),
            Saving("home", "municipality", (0,), (certain(1.0),), "month", price),
        ),
        factors=economy.discount_factors(RATES, 1),
    )


def test_net_results_by_year_and_payer(budget):
    assert budget.payers == ("municipality", "state")
    assert budget.flows() == pytest.approx(np.array([[-1000 + 100, 1200], [0, 600]]))
    assert budget.drawn_flows() == pytest.approx(np.broadcast_to(budget.flows(), (4, 2, 2)))


def test_the_tornado_moves_one_input_at_a_time(budget):
    later = 1 / 1.035
    base = -1000 + 100 + 1200 + 600 * later
    found = budget.tornado([np.array([1.0, 0.5])])
    assert list(found) == ["success", "cost", "units:job", "price:month", "units:home", "discount_rate"]
    spared = base + 1000
    assert found["success"] == pytest.approx((spared / 2 - 1000, 1.5 * spared - 1000))
    assert found["cost"] == pytest.approx((base - 100, base + 100))
    assert found["price:month"] == pytest.approx((0.8 * spared - 1000, 1.2 * spared - 1000))
    assert found["units:job"] == pytest.approx((-900 + 600, -900 + 1200 + 900 * later))
    assert found["units:home"] == pytest.approx((base, base))
    assert found["discount_rate"] == pytest.approx((-1000 + 100 + 1200 + 300, base))


def test_no_more_success_spares_nothing(budget):
    nothing = Budget(certain(0.0), budget.cost, budget.cost_payer, budget.savings, budget.factors)
    assert nothing.flows().sum() == -1000


def test_a_price_that_is_used_twice_is_drawn_once():
    price = Uncertain(10.0, 5, 15, np.array([5.0, 15.0]))
    one = certain(1.0, draws=2)
    savings = tuple(Saving(name, "state", (0,), (one,), "month", price) for name in "ab")
    budget = Budget(one, certain(0.0, draws=2), "municipality", savings, np.ones(1))
    assert budget.drawn_flows()[:, 0, 1].tolist() == [10.0, 30.0]
