"""The numbers a rule asks for, by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.recommendation.measures import (
    Effect,
    Measures,
    Way,
    shifted_deterioration,
    tipping_point,
    with_effect,
)

# The standard normal distribution at 1, 2 and 3.
PHI = {1: 0.841344746, 2: 0.977249868, 3: 0.998650102}


def measured(setting, effect):
    return with_effect(Measures(), effect, setting)


def test_hidden_confounding_is_taken_against_every_verdict(setting):
    # b = 0.2 and delta = 0.3; each threshold is a whole number of standard errors away.
    harm = measured(setting, Effect(Way(-0.4, 0.1)))
    assert harm.probability_harm == pytest.approx(PHI[2])
    none = measured(setting, Effect(Way(-0.1, 0.1)))
    assert none.probability_relevant == pytest.approx(1 - PHI[2])
    good = measured(setting, Effect(Way(0.7, 0.1)))
    assert good.probability_relevant_sure == pytest.approx(PHI[2])
    assert measured(setting, Effect(Way(0.5, 0.1))).probability_positive_sure == pytest.approx(PHI[3])
    # Fortsæt is asked of the effect as it stands.
    assert measured(setting, Effect(Way(0.1, 0.1))).probability_positive == pytest.approx(PHI[1])


def test_what_is_pooled_counts_where_it_is_weaker_and_harm_stands_alone(setting):
    alone, drawn = Way(0.7, 0.1), Way(0.6, 0.1)
    found = measured(setting, Effect(alone, pooled=drawn))
    assert found.probability_relevant_sure == pytest.approx(PHI[1])
    assert found.probability_positive == pytest.approx(drawn.above(0))
    stronger = measured(setting, Effect(alone, pooled=Way(0.9, 0.1)))
    assert stronger.probability_relevant_sure == pytest.approx(PHI[2])
    # Eleven good ones draw a harmful one up: its harm is judged without them.
    harmful = measured(setting, Effect(Way(-0.4, 0.1), pooled=Way(0.1, 0.1)))
    assert harmful.probability_harm == pytest.approx(PHI[2])


def test_robust_is_the_share_within_ten_points_and_one_sign(setting):
    # P(effect > b) is 0.5 alone; 0.1 SD more is one standard error: 0.84, far from it.
    ways = [Way(0.2, 0.1), Way(0.21, 0.1), Way(0.19, 0.1), Way(0.22, 0.1), Way(0.3, 0.1)]
    found = measured(setting, Effect(Way(0.2, 0.1), others=ways))
    assert found.agreeing_benefit == pytest.approx(0.8)
    assert found.is_same_sign
    assert measured(setting, Effect(Way(0.2, 0.1), others=[*ways, Way(-0.01, 0.1)])).is_same_sign is False


def test_exactly_ten_points_is_near(setting):
    told = Way(0.2, 0.1)
    at_ten = Way(0.2 + 0.1 * 0.2533471031, 0.1)  # the normal distribution's 60 %
    beyond = Way(0.2 + 0.1 * 0.2534, 0.1)
    assert measured(setting, Effect(told, others=[at_ten])).agreeing_benefit == 1
    assert measured(setting, Effect(told, others=[beyond])).agreeing_benefit == 0


def test_nothing_is_robust_without_another_way(setting):
    found = measured(setting, Effect(Way(0.9, 0.1)))
    assert (found.is_same_sign, found.agreeing_benefit, found.agreeing_harm) == (None, None, None)


def test_tipping_point(setting):
    # The interval's lower limit is 0.5 - 1.96 * 0.1 = 0.304; half are missing.
    assert tipping_point(Effect(Way(0.5, 0.1), missing=0.5), setting) == pytest.approx(2 * 0.3040036, 1e-6)
    assert tipping_point(Effect(Way(-0.5, 0.1), missing=0.5), setting) == pytest.approx(2 * 0.3040036, 1e-6)
    assert tipping_point(Effect(Way(0.1, 0.1), missing=0.5), setting) == 0
    assert tipping_point(Effect(Way(0.5, 0.1)), setting) == math.inf


def test_a_difference_of_shares_is_moved_by_what_b_does_to_the_share(setting):
    # A sixth deteriorated (one SD out); with changes of SD 0.2, b is one more: a fortieth would have.
    moved = shifted_deterioration(0.2, 1 - PHI[1], 0.2, setting)
    assert moved == pytest.approx(0.2 - (PHI[2] - PHI[1]), abs=1e-6)
    assert shifted_deterioration(0.2, 0.0, 0.2, setting) == 0.2


@given(estimate=st.floats(-2, 2), error=st.floats(0.01, 1), more=st.floats(0.01, 1))
def test_a_larger_effect_is_never_more_harmful_or_less_sure(setting, estimate, error, more):
    effect = Effect(Way(estimate, error), pooled=Way(estimate / 2, error))
    one, other = measured(setting, effect), measured(setting, effect.moved(more))
    assert other.probability_harm <= one.probability_harm
    assert other.probability_relevant >= one.probability_relevant
    assert other.probability_positive_sure >= one.probability_positive_sure
    assert other.probability_relevant_sure >= one.probability_relevant_sure
