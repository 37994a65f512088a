"""What the rules may ask for: the numbers of one intervention's outcome, from what was estimated.

Probabilities are by the normal distribution from an estimate and its standard error. Where a verdict must
survive hidden confounding, the effect is first moved by b against the verdict.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scipy.special import ndtri

Setting = Mapping[str, Any]
# Differences of probabilities below this are rounding.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Measures:
    """One value per measure of `catalogue/recommendation.toml`; None is not known, and meets no condition."""

    has_safety_flag: bool | None = None
    is_tied_to_goal: bool | None = None
    is_legal_right: bool | None = None
    pairs_per_arm: int | None = None
    coverage: float | None = None
    design: str | None = None
    comparator: str | None = None
    has_estimate: bool | None = None
    is_sound: bool | None = None
    is_randomised: bool | None = None
    is_staff_rated_alone: bool | None = None
    is_one_provider: bool | None = None
    negative_control: str | None = None
    evidence_level: int | None = None
    estimate_sd: float | None = None
    probability_harm: float | None = None
    deteriorated_lower: float | None = None
    probability_relevant: float | None = None
    probability_positive_sure: float | None = None
    probability_relevant_sure: float | None = None
    probability_positive: float | None = None
    tipping_point_sd: float | None = None
    is_same_sign: bool | None = None
    agreeing_harm: float | None = None
    agreeing_no_effect: float | None = None
    agreeing_benefit: float | None = None
    has_willingness_to_pay: bool | None = None
    probability_net_benefit: float | None = None
    incremental_cost_dkk: float | None = None
    was_harm: bool | None = None
    was_no_effect: bool | None = None
    new_persons: int | None = None
    is_new_same_sign: bool | None = None


@dataclass(frozen=True)
class Way:
    """A difference in SD by one way of reckoning it, and its standard error."""

    estimate: float
    standard_error: float

    def above(self, limit: float) -> float:
        """How probable it is that the true difference is above `limit`."""
        return _normal((self.estimate - limit) / self.standard_error)

    def moved(self, by: float) -> "Way":
        """The same with another estimate."""
        return replace(self, estimate=self.estimate + by)


@dataclass(frozen=True)
class Effect:
    """A comparison's difference, drawn towards others' where there are enough, and by the other listed ways.

    `missing` is the share of those who should have had a follow-up and did not.
    """

    alone: Way
    pooled: Way | None = None
    others: Sequence[Way] = ()
    missing: float = 0.0

    def moved(self, by: float) -> "Effect":
        """The same people and spread with an effect that is larger by so much, by whatever way."""
        return replace(
            self,
            alone=self.alone.moved(by),
            pooled=self.pooled and self.pooled.moved(by),
            others=tuple(way.moved(by) for way in self.others),
        )


def with_effect(measures: Measures, effect: Effect, setting: Setting) -> Measures:
    """Return the measures with all that follows from the effect.

    A difference with nothing to pool it with stands alone in both places.
    """
    delta, hidden = setting["smallest_worthwhile_sd"], setting["hidden_confounding_sd"]
    ways = [effect.alone, effect.pooled or effect.alone]
    signs = {math.copysign(1.0, way.estimate) for way in (effect.alone, *effect.others)}
    return replace(
        measures,
        estimate_sd=effect.alone.estimate,
        probability_harm=1 - effect.alone.above(-hidden),
        probability_relevant=effect.alone.above(delta - hidden),
        probability_positive_sure=min(way.above(hidden) for way in ways),
        probability_relevant_sure=min(way.above(delta + hidden) for way in ways),
        probability_positive=ways[1].above(0.0),
        tipping_point_sd=tipping_point(effect, setting),
        is_same_sign=len(signs) == 1 if effect.others else None,
        agreeing_harm=_agreeing(effect, -hidden, setting),
        agreeing_no_effect=_agreeing(effect, delta - hidden, setting),
        agreeing_benefit=_agreeing(effect, hidden, setting),
    )


def tipping_point(effect: Effect, setting: Setting) -> float:
    """How much worse (or better) those without follow-up must have fared for the interval to reach 0."""
    reach = float(ndtri((1 + setting["confidence_level"]) / 2)) * effect.alone.standard_error
    nearest: float = max(abs(effect.alone.estimate) - reach, 0.0)
    return nearest / effect.missing if effect.missing > 0 else math.inf


def _agreeing(effect: Effect, limit: float, setting: Setting) -> float | None:
    """The share of the other ways whose probability of being above the limit is near the declared way's."""
    if not effect.others:
        return None
    told = effect.alone.above(limit)
    near: float = setting["robust_probability_difference"] + ROUNDING
    agree = [abs(way.above(limit) - told) <= near for way in effect.others]
    return sum(agree) / len(agree)


def shifted_deterioration(lower: float, share: float, change_sd: float, setting: Setting) -> float:
    """Move the lower limit of a difference in reliably deteriorated shares by what b would do to the share.

    `share` of the treated deteriorated, and their changes have `change_sd`, in the instrument's SD: had all
    of them fared b better, the normal distribution says how many fewer had deteriorated.
    """
    if not 0 < share < 1 or change_sd <= 0:
        return lower
    better = _normal(float(ndtri(share)) - setting["hidden_confounding_sd"] / change_sd)
    return lower - (share - better)


def _normal(z: float) -> float:
    """The standard normal distribution; without an array's overhead, as thousands of effects are tried."""
    return 0.5 * math.erfc(-z / math.sqrt(2))
