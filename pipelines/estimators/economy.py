"""What an effect costs and saves: net benefit, budget consequences by year and payer, and what decides them.

Costs and benefits are per person, in kr. and fixed prices. A draw is one way the numbers might have come out:
the same redraw of the persons gives both what they gained and what they cost (method, section 5).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from pipelines.estimators.result import Estimate, NotEstimable, Result, require_level

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Uncertain:
    """A number that is not known for certain: its estimate, its interval, and draws of what it might be."""

    estimate: float
    lower: float
    upper: float
    draws: Floats


def uncertain(
    estimate: float, lower: float, upper: float, level: float, draws: int, rng: np.random.Generator
) -> Uncertain:
    """Return a number known by its interval as one with normal draws about the estimate."""
    spread = (upper - lower) / (2 * float(ndtri((1 + level) / 2)))
    return Uncertain(estimate, lower, upper, estimate + spread * rng.standard_normal(draws))


def widened(redraws: Floats, lower: float, upper: float, level: float) -> Floats:
    """Return the redraws spread about their mean until they fill an interval that is wider than theirs.

    Redraws of persons know nothing of how providers differ; the interval does. They are never drawn together.
    """
    low, high = np.quantile(redraws, [(1 - level) / 2, (1 + level) / 2])
    ratio = max((upper - lower) / (high - low), 1.0) if high > low else 1.0
    return np.asarray(redraws.mean() + ratio * (redraws - redraws.mean()))


@dataclass(frozen=True)
class NetBenefit:
    """At one willingness to pay: the incremental net benefit, P(it is positive), and what certainty is worth.

    `perfect_information` is how much better the choice would be on average if it were made knowing the truth
    (EVPI): no study of the matter is worth more per person.
    """

    willingness_to_pay: float
    estimate: float
    lower: float
    upper: float
    probability_positive: float
    perfect_information: float


def net_benefit(effect: Uncertain, cost: Uncertain, willingness_to_pay: float, level: float) -> NetBenefit:
    """Return willingness to pay * effect - cost, from draws of both together."""
    draws = willingness_to_pay * effect.draws - cost.draws
    estimate = willingness_to_pay * effect.estimate - cost.estimate
    lower, upper = _around(estimate, draws, level)
    return NetBenefit(
        willingness_to_pay=willingness_to_pay,
        estimate=estimate,
        lower=lower,
        upper=upper,
        probability_positive=float((draws > 0).mean()),
        perfect_information=float(np.maximum(draws, 0).mean() - max(float(draws.mean()), 0.0)),
    )


def cost_effectiveness_ratio(effect: Uncertain, cost: Uncertain, level: float, n: int) -> Result:
    """Return cost over effect, only where the effect is positive for certain enough (method, section 5).

    The limits are those of the draws in order of direction: where the whole interval lies to the right of no
    effect, they are the two ratios at which the net benefit's own interval reaches 0 (Cook & Heyse 2000).
    """
    require_level(level)
    if (effect.draws > 0).mean() <= (1 + level) / 2 or effect.estimate <= 0:
        return NotEstimable("effect_uncertain")
    direction = np.arctan2(cost.draws, effect.draws)
    limits = np.quantile(direction, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    lower, upper = (float(np.tan(limit)) for limit in limits)
    ratio = cost.estimate / effect.estimate
    return Estimate(ratio, min(lower, ratio), max(upper, ratio), n)


def discount_factors(rates: Sequence[tuple[int, float]], years: int) -> Floats:
    """Return what a krone of each of the years 0 to `years` is worth in year 0.

    `rates` are (first year, rate), by first year from 0 on: each year is discounted from the one before by
    its own rate; year 0 is not discounted.
    """
    if not rates or rates[0][0] > 1 or any(after[0] <= before[0] for before, after in pairwise(rates)):
        raise ValueError(f"rates must begin with year 0 and rise: {rates}")
    of_year = [[rate for first, rate in rates if first <= year][-1] for year in range(1, years + 1)]
    return np.concatenate([[1.0], np.cumprod(1 / (1 + np.array(of_year)))])


def break_even_year(flows: Floats, factors: Floats) -> int | None:
    """Return the first year at whose end the discounted sum is no longer below 0, None where none is."""
    paid = np.flatnonzero(np.cumsum(flows * factors[: len(flows)]) >= 0)
    return int(paid[0]) if len(paid) else None


@dataclass(frozen=True)
class Saving:
    """What one more success spares one payer: `units` by year of something at a `price` the unit.

    `name` and `price_name` say what is drawn together: the years of a consequence, all uses of a price.
    """

    name: str
    payer: str
    years: tuple[int, ...]
    units: tuple[Uncertain, ...]
    price_name: str
    price: Uncertain


@dataclass(frozen=True)
class Budget:
    """Net results per person: what success spares, less what the support costs more, by year and payer.

    `cost_payer` pays for the support, in year 0. `factors` discount the years.
    """

    success: Uncertain
    cost: Uncertain
    cost_payer: str
    savings: tuple[Saving, ...]
    factors: Floats

    @property
    def payers(self) -> tuple[str, ...]:
        """Whoever pays or saves, each once, the payer of the support first."""
        return tuple(dict.fromkeys((self.cost_payer, *(saving.payer for saving in self.savings))))

    def flows(self) -> Floats:
        """Return the estimates, not discounted, (years, payers)."""
        return np.asarray(self._flows(lambda _, number: np.array([number.estimate]))[0])

    def drawn_flows(self) -> Floats:
        """Return every draw, not discounted, (draws, years, payers)."""
        return self._flows(lambda _, number: number.draws)

    def tornado(self, other_factors: Sequence[Floats] = ()) -> dict[str, tuple[float, float]]:
        """Return the net result with each input alone at its lower and at its upper limit, smaller first.

        `other_factors` are other ways to discount. The order is that of the inputs.
        """
        names = ["success", "cost"]
        names += dict.fromkeys(
            name for saving in self.savings for name in (f"units:{saving.name}", f"price:{saving.price_name}")
        )
        found = {name: self._at_limits(name) for name in names}
        if other_factors:
            flows = self.flows().sum(axis=1)
            ends = [float(flows @ factors[: len(flows)]) for factors in (self.factors, *other_factors)]
            found["discount_rate"] = min(ends), max(ends)
        return found

    def _at_limits(self, name: str) -> tuple[float, float]:
        def at(place: str) -> Callable[[str, Uncertain], Floats]:
            return lambda of, number: np.array([getattr(number, place if of == name else "estimate")])

        ends = [float(self._discounted(self._flows(at(place)))[0]) for place in ("lower", "upper")]
        return min(ends), max(ends)

    def _discounted(self, flows: Floats) -> Floats:
        return np.asarray(flows.sum(axis=2) @ self.factors[: flows.shape[1]])

    def _flows(self, value: Callable[[str, Uncertain], Floats]) -> Floats:
        success, cost = value("success", self.success), value("cost", self.cost)
        payers = {payer: place for place, payer in enumerate(self.payers)}
        years = 1 + max((year for saving in self.savings for year in saving.years), default=0)
        flows = np.zeros((len(cost), years, len(payers)))
        flows[:, 0, 0] -= cost
        for saving in self.savings:
            price = value(f"price:{saving.price_name}", saving.price)
            for year, units in zip(saving.years, saving.units, strict=True):
                number = value(f"units:{saving.name}", units)
                flows[:, year, payers[saving.payer]] += success * number * price
        return flows


def summary(estimate: float, draws: Floats, level: float, n: int) -> Estimate:
    """Return an estimate with the interval of its draws."""
    return Estimate(estimate, *_around(estimate, draws, level), n)


def ratio_of_sums(
    n: int,
    cost: float,
    units: float,
    products: tuple[float, float, float],
    level: float,
) -> Result:
    """Return cost by the unit, from sums over n persons, with an interval on the log scale.

    `products` are the sums of cost * cost, cost * units and units * units. Persons are drawn, not units: who
    has two is one. A description: no cost is saved by having more of the unit.
    """
    if n < 2 or units <= 0 or cost <= 0:
        return NotEstimable("too_few_persons")
    ratio = cost / units
    cost_cost, cost_units, units_units = products
    # Of the residuals cost - ratio * units, whose sum is 0.
    squares = max(cost_cost - 2 * ratio * cost_units + ratio**2 * units_units, 0.0)
    error = np.sqrt(squares * n / (n - 1)) / cost
    reach = np.exp(float(ndtri((1 + require_level(level)) / 2)) * error)
    return Estimate(ratio, float(ratio / reach), float(ratio * reach), n)


def _around(estimate: float, draws: Floats, level: float) -> tuple[float, float]:
    lower, upper = (float(q) for q in np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]))
    return min(lower, estimate), max(upper, estimate)
