"""Which effects there are, what is held against them, and whether their limits hold (by simulation)."""

import numpy as np
import pytest

from pipelines.estimators import staggered
from pipelines.estimators.staggered import GroupTimeEffects, Panel

LEVEL, PERIODS = 0.95, 8


def panel(start, effect=0.0, drift=0.0, dip=0.0, noise=0.0, rng=None):
    """`effect` per period from the start on; `drift` per period of all who start within the panel."""
    start, period = np.asarray(start)[:, None], np.arange(PERIODS)
    outcome = 3.0 * period + effect * (period >= start) + drift * period * (start < PERIODS)
    outcome = outcome + dip * (period == start - 1)
    if rng is not None:
        # A status lasts: neighbouring periods are alike.
        person = rng.normal(0, noise, (len(start), 1))
        outcome = outcome + person + rng.normal(0, noise, outcome.shape).cumsum(axis=1)
    return Panel(outcome, start[:, 0], np.zeros((len(start), 0)))


def joint(of, anticipation=0, mbar=1.0, seed=1):
    found = staggered.with_shared_past(
        staggered.group_time_effects(of, anticipation=anticipation), anticipation
    )
    study = staggered.by_horizon(found, of.start)
    return staggered.joint_effects(study, anticipation, mbar, LEVEL, np.random.default_rng(seed))


def covers(lower, upper, truth):
    return bool(((lower <= truth) & (truth <= upper)).all())


def test_a_planted_effect_is_found_at_every_horizon():
    found = joint(panel(np.repeat([3, 4, 5, 8], 10), effect=7.0))
    assert found.horizon.tolist() == [0, 1, 2, 3, 4]
    assert found.effect == pytest.approx(7.0)


def test_the_dip_before_the_start_is_no_effect_once_it_is_anticipated():
    dipped = panel(np.repeat([3, 4, 5, 8], 10), effect=7.0, dip=-5.0)
    assert joint(dipped).effect[0] > 11
    found = joint(dipped, anticipation=1)
    assert found.effect == pytest.approx(7.0)
    assert found.past_horizons.max() == -2


def effects_of(start, **minimums):
    return staggered.group_time_effects(panel(start, effect=7.0), **minimums)


@pytest.mark.parametrize(("minimum", "groups"), [(9, {3, 4}), (10, {4}), (13, set())])
def test_a_small_group_has_no_effect_of_its_own(minimum, groups):
    start = [3] * 9 + [4] * 12 + [8] * 20
    assert set(effects_of(start, minimum_group=minimum).group.tolist()) == groups


def test_a_small_group_is_compared_with_until_it_starts():
    rng = np.random.default_rng(5)
    of = panel([3] * 10 + [6] * 4 + [8] * 10, noise=1.0, rng=rng)
    without = Panel(of.outcome[of.start != 6], of.start[of.start != 6], of.covariates[of.start != 6])
    found, fewer = (staggered.group_time_effects(p, minimum_group=5) for p in (of, without))
    is_same = dict(zip(found.period.tolist(), np.isclose(found.effect, fewer.effect).tolist(), strict=True))
    assert is_same == {t: t >= 6 for t in range(1, PERIODS)}


@pytest.mark.parametrize(("minimum", "last"), [(20, 7), (21, 5)])
def test_no_effect_where_too_few_have_not_started(minimum, last):
    # The last five start at 6: from then on 20 are left.
    found = effects_of([3] * 10 + [6] * 5 + [8] * 20, minimum_others=minimum)
    assert found.period[found.group == 3].max() == last


def test_no_effect_where_a_covariate_tells_the_group_from_the_others():
    of = panel(np.repeat([3, 8], 20))
    told = Panel(of.outcome, of.start, (of.start == 3).astype(float)[:, None])
    found = staggered.group_time_effects(told)
    assert len(found.effect) == 0
    assert len(staggered.with_shared_past(found, 0).effect) == 0


def test_the_time_before_is_that_of_the_groups_with_an_effect():
    cells = [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (1, 1), (5, 2), (5, 3), (5, 4)]
    group, period = (np.array(column) for column in zip(*cells, strict=True))
    effects = GroupTimeEffects(group, period, np.arange(9.0), np.zeros((4, 9)))
    kept = staggered.with_shared_past(effects, 0)
    # Group 1 has no time before, group 5 no effect; group 2 has no horizon -2, so 3 shares only -1.
    assert list(zip(kept.group.tolist(), kept.period.tolist(), strict=True)) == [
        (2, 1),
        (2, 2),
        (3, 2),
        (3, 3),
    ]
    assert kept.effect.tolist() == [0, 1, 3, 4]


def test_what_follows_from_other_effects_counts_once():
    rng = np.random.default_rng(6)
    influence = rng.standard_normal((50, 2))
    group, period = np.array([3, 3]), np.array([1, 2])
    once = staggered.pre_period_test(GroupTimeEffects(group, period, np.array([0.2, -0.1]), influence))
    twice = GroupTimeEffects(
        np.tile(group, 2), np.tile(period, 2), np.array([0.2, -0.1] * 2), np.tile(influence, 2)
    )
    assert staggered.pre_period_test(twice) == pytest.approx(once)


def test_the_limits_of_the_sensitivity_by_hand():
    """One group, no noise: effect 7, a drift of 2 in each of the periods since the base."""
    found = joint(panel([4] * 10 + [8] * 10, effect=7.0, drift=2.0), anticipation=1, mbar=1.5)
    steps = np.append(found.horizon + 2, (found.horizon + 2).mean())
    assert found.effect == pytest.approx(7.0 + 2.0 * steps)
    assert found.sensitivity_lower == pytest.approx(7.0 - 1.0 * steps, abs=1e-6)
    assert found.sensitivity_upper == pytest.approx(7.0 + 5.0 * steps, abs=1e-6)


def test_with_small_samples_and_no_covariate_the_error_is_welchs():
    rng = np.random.default_rng(10)
    of = panel([3] * 10 + [8] * 20, noise=1.0, rng=rng)
    found = staggered.group_time_effects(of, is_small_sample=True)
    change = of.outcome[:, 5] - of.outcome[:, 2]
    arms = change[of.start == 3], change[of.start == 8]
    welch = np.sqrt(sum(arm.var(ddof=1) / len(arm) for arm in arms))
    assert found.standard_error[found.period == 5] == pytest.approx(welch)


def test_degrees_of_freedom_by_how_few_persons_carry_an_effect():
    """Four of a hundred: 2 * 4^2 / (4 - 4^2 / 100). All alike, or nobody: no fewer than the persons."""
    four = np.r_[[1.0, -1.0, 1.0, -1.0], np.zeros(96)]
    columns = np.column_stack([four, np.ones(100), np.zeros(100)])
    assert staggered.degrees_of_freedom(columns) == pytest.approx([32 / 3.84, 100, 100])
    normal = np.random.default_rng(11).standard_normal((20_000, 1))
    assert staggered.degrees_of_freedom(normal) == pytest.approx(20_000, rel=0.1)


def test_a_band_of_few_persons_is_as_far_out_on_t_as_a_large_ones_on_the_normal():
    horizon = np.array([-2, 0])
    influence = np.zeros((100, 2))
    influence[:4] = [[1, 1], [-1, -1], [1, 1], [-1, -1]]
    study = staggered.Aggregate(horizon, np.zeros(2), influence, 0.0, influence[:, 1])
    found = staggered.joint_effects(study, 0, 1.0, LEVEL, np.random.default_rng(1))
    # Both columns are one: the multiplier is the normal's 1.96, and t with 8.33 degrees says 2.29.
    assert found.upper == pytest.approx(2.29 * found.standard_error, rel=0.02)


RUNS = 120


def simulated(drift, mbar=1.0, noise=1.0):
    """How often each kind of limits holds for all horizons and their mean together."""
    hits = {"band": 0, "sensitivity": 0}
    rng = np.random.default_rng(7)
    for _ in range(RUNS):
        start = np.where(rng.random(160) < 0.5, 4, PERIODS)
        found = joint(panel(start, effect=2.0, drift=drift, noise=noise, rng=rng), 1, mbar)
        hits["band"] += covers(found.lower, found.upper, 2.0)
        hits["sensitivity"] += covers(found.sensitivity_lower, found.sensitivity_upper, 2.0)
    return {kind: count / RUNS for kind, count in hits.items()}


def test_where_groups_go_alike_the_bands_hold_together_and_the_sensitivity_is_wider():
    share = simulated(drift=0.0)
    assert 0.9 <= share["band"] <= 0.99
    assert share["sensitivity"] >= share["band"]


@pytest.mark.parametrize("drift", [-1.0, 0.3, 1.0])
def test_the_sensitivity_holds_where_the_drift_goes_on_as_before_and_the_bands_do_not(drift):
    share = simulated(drift)
    assert share["sensitivity"] >= LEVEL
    assert share["band"] < 0.75


def test_a_drift_beyond_what_is_allowed_is_not_covered():
    assert simulated(drift=1.0, mbar=0.25, noise=0.2)["sensitivity"] < 0.5


def test_bands_of_several_groups_hold_together():
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(RUNS):
        start = rng.choice([3, 4, 5, 6, PERIODS], 200)
        found = joint(panel(start, effect=2.0, noise=1.0, rng=rng), 1)
        hits += covers(found.lower, found.upper, 2.0)
    assert 0.9 <= hits / RUNS <= 0.99


def test_the_same_seed_gives_the_same_limits():
    of = panel(np.repeat([3, 4, 5, 8], 20), noise=1.0, rng=np.random.default_rng(9))
    assert joint(of, seed=4).lower.tolist() == joint(of, seed=4).lower.tolist()
    assert joint(of, seed=4).lower.tolist() != joint(of, seed=5).lower.tolist()
