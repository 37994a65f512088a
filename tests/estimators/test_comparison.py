"""D3 on people whose truth is known: what it finds, what it refuses, and what its checks see."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from pipelines.estimators import weighting
from pipelines.estimators.balance import Balance, Imbalance
from pipelines.estimators.comparison import (
    Difference,
    Fitted,
    Interval,
    Limits,
    ShareDifference,
    Soundness,
    TwoGroups,
    compare,
    difference,
    fit,
    redrawn_beside,
)
from pipelines.estimators.result import NotEstimable

LIMITS = Limits(
    propensity=(0.1, 0.9),
    imbalance=0.1,
    effective_size=20,
    overlap_share=0.7,
    response_difference=0.15,
    providers=5,
)


def people(rng, n=300, effect=0.5, hidden=0.0, answer=1.0, providers=12):
    """Severity on record, and where `hidden` is not 0 a severity that is not, decide who gets the support."""
    severity, age, secret = rng.standard_normal((3, n))
    treated = rng.random(n) < 1 / (1 + np.exp(-0.8 * severity - hidden * secret))
    provider = rng.integers(0, providers // 2, n) + np.where(treated, 0, providers // 2)
    y = effect * treated - severity + 0.2 * age - hidden * secret + rng.standard_normal(n)
    logit = np.log(answer / (1 - answer)) + severity if answer < 1 else np.full(n, 99.0)
    known = rng.random(n) < 1 / (1 + np.exp(-logit))
    return TwoGroups(
        covariates=np.column_stack([severity, age]),
        held_out=secret[:, None] + 0.5 * rng.standard_normal((n, 2)),
        is_treated=treated,
        outcome=np.where(known, y, np.nan),
        provider=provider,
        covariate_names=("severity", "age"),
        held_out_names=("crises", "contacts"),
    )


def found(groups, rng, draws=300) -> Difference:
    n = len(groups.outcome)
    count = np.vstack([np.ones((1, n)), weighting.redraw(n, draws, rng)])
    result = compare(groups, count, 0.95, LIMITS)
    assert isinstance(result, Difference)
    return result


def test_the_planted_difference_with_sound_checks():
    rng = np.random.default_rng(1)
    result = found(people(rng, n=3000), rng)
    assert result.estimate == pytest.approx(0.5, abs=0.1)
    assert result.lower < 0.5 < result.upper
    assert result.soundness.largest_imbalance < 0.15
    assert result.soundness.failed_check(LIMITS) is None
    assert result.soundness.overlap_share > 0.7
    assert result.soundness.e_value > 1
    assert (result.soundness.providers_treated, result.soundness.providers_others) == (6, 6)


def test_a_hidden_severity_shows_in_what_was_held_out():
    rng = np.random.default_rng(2)
    result = found(people(rng, n=3000, effect=0.0, hidden=1.0), rng)
    assert result.upper < 0
    alike = result.soundness.balance
    assert alike.held_out is not None and alike.held_out.is_beyond(0.1)
    assert alike.held_out.column in ("crises", "contacts")
    assert alike.held_out.size == alike.largest > 0.3 > alike.held_out.by_chance
    assert alike.model is not None and not alike.model.is_beyond(0.1)
    assert result.soundness.failed_check(LIMITS) == "imbalance"


def test_what_chance_makes_is_no_failed_check():
    """Forty against two hundred, and nothing hidden: some difference is above 0.1 in nearly every sample."""
    rng = np.random.default_rng(21)
    found_alike = [found(few_against_many(rng), rng, 200).soundness.balance for _ in range(60)]
    assert sum(alike.largest > LIMITS.imbalance for alike in found_alike) > 45
    assert sum(alike.is_beyond(LIMITS.imbalance) for alike in found_alike) <= 8


def few_against_many(rng, hidden=0.0):
    groups = people(rng, n=1200, hidden=hidden)
    chosen = np.concatenate(
        [np.flatnonzero(arm)[:size] for arm, size in ((groups.is_treated, 40), (~groups.is_treated, 200))]
    )
    arrays = ("covariates", "held_out", "is_treated", "outcome", "provider")
    return replace(groups, **{name: getattr(groups, name)[chosen] for name in arrays})


def test_the_limit_is_more_where_chance_makes_more():
    rng = np.random.default_rng(22)
    few, many = found(few_against_many(rng), rng), found(people(rng, n=3000), rng)
    for family in ("model", "held_out"):
        by_chance = [getattr(r.soundness.balance, family).by_chance for r in (few, many)]
        assert by_chance[0] > 2 * by_chance[1]


def test_every_covariate_has_its_balance():
    """The model's are alike once weighted; a category's columns are told as one, by the largest."""
    rng = np.random.default_rng(23)
    groups = people(rng, n=2000, hidden=1.0)
    more = np.column_stack([groups.covariates, groups.covariates[:, 0] > 1])
    named = replace(groups, covariates=more, covariate_names=("severity", "age", "severity"))
    rows = {row.name: row for row in found(named, rng, draws=30).soundness.balance.covariates}
    assert list(rows) == ["severity", "age", "crises", "contacts"]
    assert rows["severity"].before > 0.5
    assert abs(rows["severity"].after) < 1e-8
    assert rows["crises"].is_held_out and rows["crises"].after > 0.3
    weight = weighting.fit_weights(more, groups.is_treated, np.ones((1, 2000))).weight[0]
    arms = [(groups.held_out[arm], weight[arm]) for arm in (groups.is_treated, ~groups.is_treated)]
    means = [np.average(values, axis=0, weights=own) for values, own in arms]
    pooled_sd = np.sqrt(sum(values.var(axis=0, ddof=1) for values, _ in arms) / 2)
    wanted = (means[0] - means[1]) / pooled_sd
    assert [rows[name].after for name in ("crises", "contacts")] == pytest.approx(wanted)


def test_answers_that_hang_on_severity_are_weighed_back():
    rng = np.random.default_rng(3)
    groups = people(rng, n=6000, answer=0.6)
    result = found(groups, rng, draws=50)
    assert result.estimate == pytest.approx(0.5, abs=0.1)
    assert result.soundness.answered_treated > result.soundness.answered_others + 0.05


def test_intervals_cover():
    rng = np.random.default_rng(4)
    runs, hits = 100, 0
    for _ in range(runs):
        result = found(people(rng, n=200, answer=0.8), rng, draws=200)
        hits += result.lower <= 0.5 <= result.upper
    assert hits >= 88


def test_the_tipping_point_is_where_the_interval_reaches_zero():
    rng = np.random.default_rng(5)
    result = found(people(rng, n=1500, effect=1.0, answer=0.7), rng)
    assert result.tipping_point is not None
    _, lower, _ = result.if_missing_are(-result.tipping_point, 0.0)
    assert lower == pytest.approx(0.0, abs=1e-12)
    complete = found(people(rng, n=1500, effect=1.0), rng)
    assert complete.tipping_point is None
    assert found(people(rng, n=200, effect=0.0, answer=0.7), rng).tipping_point == 0.0


@pytest.mark.parametrize(
    ("providers", "mark"), [(12, None), (10, None), (8, "few_providers"), (2, "one_provider")]
)
def test_what_the_providers_let_it_say(providers, mark):
    sound = found(people(np.random.default_rng(9), providers=providers), np.random.default_rng(9)).soundness
    assert sound.provider_mark(LIMITS) == mark
    assert sound.providers_treated == providers // 2


def test_few_providers_are_compared_by_their_means():
    """Two against two, no covariate to speak of: Welch's interval (scipy) is the wider one, and is taken."""
    rng = np.random.default_rng(10)
    groups = people(rng, n=400, providers=4)
    level = np.array([0.0, 1.5, 0.2, 0.9])[groups.provider]
    groups = replace(groups, covariates=groups.covariates * 0 + rng.standard_normal((400, 2)) * 1e-6)
    groups = replace(groups, outcome=level + 1e-3 * rng.standard_normal(400))
    result = found(groups, rng)
    means = [groups.outcome[groups.provider == p].mean() for p in range(4)]
    welch = scipy.stats.ttest_ind(means[:2], means[2:], equal_var=False).confidence_interval(0.95)
    assert result.upper - result.lower == pytest.approx(welch.high - welch.low, rel=0.02)
    assert result.standard_error > 3 * np.nanstd(result.redraws)


def test_the_first_check_that_fails_is_named():
    alike = Balance((), 0.3, Imbalance("age*age", 0.3, 0.4), Imbalance("crises", 0.1, 0.05), 2)
    sound = Soundness(30, 25, alike, 0.8, 0.9, 0.8, 6, 6, 1.5)
    assert sound.failed_check(LIMITS) is None
    for change, failed in [
        ({"balance": replace(alike, model=Imbalance("age*age", 0.3, 0.29))}, "imbalance"),
        ({"balance": replace(alike, model=Imbalance("age*age", 0.3, 0.3))}, None),
        ({"balance": replace(alike, held_out=Imbalance("crises", 0.11, 0.05))}, "imbalance"),
        ({"balance": replace(alike, held_out=None, held_out_known=0)}, "no_held_out"),
        ({"balance": replace(alike, held_out_known=1)}, "no_held_out"),
        ({"effective_others": 19.9}, "effective_size"),
        ({"effective_others": 20.0}, None),
        ({"overlap_share": 0.69}, "overlap"),
        ({"overlap_share": 0.7}, None),
        ({"answered_others": 0.7}, "response"),
        ({"answered_treated": 0.6}, "response"),
    ]:
        assert replace(sound, **change).failed_check(LIMITS) == failed


@pytest.mark.parametrize(("known", "count"), [(10, 2), (9, 1)])
def test_what_was_held_out_is_compared_among_those_of_whom_it_is_known(known, count):
    rng = np.random.default_rng(11)
    groups = people(rng, n=3000, hidden=1.0)
    half = np.where(rng.random(3000) < 0.5, groups.held_out[:, 0], np.nan)
    few = np.where(np.cumsum(groups.is_treated) <= known, groups.held_out[:, 1], np.nan)
    nobody, same = np.full(3000, np.nan), np.ones(3000)
    held_out = np.column_stack([half, few, nobody, same])
    case = replace(groups, held_out=held_out, held_out_names=("half", "few", "nobody", "same"))
    alike = found(case, rng, draws=100).soundness.balance
    assert alike.held_out_known == count
    assert alike.held_out is not None and alike.held_out.column == "half" and alike.held_out.size > 0.3


def test_everybody_of_one_kind_answering_is_no_obstacle():
    """All with a severity above 0 answer; drawn towards the middle, their chance can still be fitted."""
    rng = np.random.default_rng(12)
    groups = people(rng, n=8000)
    silent = (groups.covariates[:, 0] < 0) & (rng.random(8000) < 0.4)
    result = found(replace(groups, outcome=np.where(silent, np.nan, groups.outcome)), rng, draws=20)
    assert result.estimate == pytest.approx(0.5, abs=0.1)


def test_alike_persons_at_one_provider_widen_the_interval():
    rng = np.random.default_rng(6)
    groups = people(rng, n=600, providers=12)
    bump = 0.8 * rng.standard_normal(12)
    shifted = replace(groups, outcome=groups.outcome + bump[groups.provider])
    apart = replace(shifted, provider=np.full(600, -1))
    with_providers, without = found(shifted, np.random.default_rng(7)), found(apart, np.random.default_rng(7))
    assert with_providers.estimate == without.estimate
    assert with_providers.upper - with_providers.lower > 1.5 * (without.upper - without.lower)


def test_what_cannot_be_compared_is_refused():
    rng = np.random.default_rng(8)
    n = 60
    count = np.ones((1, n))
    few = people(rng, n=n)
    few = replace(
        few, outcome=np.where(few.is_treated & (np.cumsum(few.is_treated) > 3), np.nan, few.outcome)
    )
    assert compare(few, count, 0.95, LIMITS) == NotEstimable("too_few_persons")
    apart = people(rng, n=n)
    apart = replace(apart, is_treated=apart.covariates[:, 0] > 0)
    assert compare(apart, count, 0.95, LIMITS) == NotEstimable("groups_do_not_overlap")


def with_event(groups, limit=1.0):
    """Those whose outcome is above the limit are reliably improved."""
    event = np.where(np.isnan(groups.outcome), np.nan, groups.outcome > limit)
    return replace(groups, events={"improved": event})


def share_of(groups, rng, draws=200) -> ShareDifference:
    share = found(groups, rng, draws).shares["improved"]
    assert isinstance(share, ShareDifference)
    return share


def test_the_difference_of_shares_among_the_overlap():
    """What the same people would have had with the support and without it is known here."""
    rng = np.random.default_rng(31)
    groups = people(rng, n=6000, effect=1.0, answer=0.7)
    severity, age = groups.covariates.T
    tilt = 1 / (1 + np.exp(-0.8 * severity)) * (1 - 1 / (1 + np.exp(-0.8 * severity)))
    chance = [1 - scipy.stats.norm.cdf(1.0 - effect + severity - 0.2 * age) for effect in (1.0, 0.0)]
    truth = np.average(chance[0] - chance[1], weights=tilt)
    share = share_of(with_event(groups), rng, draws=100)
    assert share.found.estimate == pytest.approx(truth, abs=0.05)
    assert share.found.lower < truth < share.found.upper


def test_the_bounds_hold_whatever_the_missing_had():
    rng = np.random.default_rng(32)
    whole = people(rng, n=1500, effect=1.0)
    answers = rng.random(1500) < 0.8
    case = with_event(replace(whole, outcome=np.where(answers, whole.outcome, np.nan)))
    difference = found(case, rng)
    share = difference.shares["improved"]
    truth = share_of(with_event(whole), np.random.default_rng(1)).found.estimate
    assert share.least.estimate < truth < share.most.estimate
    assert share.bounds.lower <= share.least.lower < share.found.lower
    assert share.found.upper < share.most.upper <= share.bounds.upper
    # Each of the missing moves the difference by his weight: all of the one arm, and all of the other.
    width = difference.missing_treated + difference.missing_others
    assert share.most.estimate - share.least.estimate == pytest.approx(width, abs=1e-2)


def test_where_nobody_is_missing_there_is_nothing_to_bound():
    rng = np.random.default_rng(33)
    share = share_of(with_event(people(rng, n=800, effect=1.0)), rng)
    assert share.least.estimate == pytest.approx(share.found.estimate, abs=1e-9)
    assert share.bounds.lower == pytest.approx(share.found.lower, abs=1e-9)


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize(("few", "is_told"), [(4, False), (5, True)])
@pytest.mark.parametrize("is_treated", [True, False])
def test_an_event_that_few_of_an_arm_had_or_lacked_is_not_told(value, few, is_told, is_treated):
    rng = np.random.default_rng(34)
    groups = people(rng, n=400)
    arm = np.flatnonzero(groups.is_treated == is_treated)
    event = (rng.random(400) < 0.5).astype(float)
    event[arm] = 1 - value
    event[arm[:few]] = value
    share = found(replace(groups, events={"improved": event}), rng, draws=100).shares["improved"]
    assert isinstance(share, ShareDifference) == is_told
    if not is_told:
        assert share == NotEstimable("few_with_the_outcome")


def test_an_event_nobody_could_be_judged_by_has_no_share():
    rng = np.random.default_rng(35)
    groups = people(rng, n=400)
    unknown = replace(groups, events={"improved": np.full(400, np.nan)})
    assert found(unknown, rng, draws=50).shares == {"improved": NotEstimable("no_norm")}


def test_a_difference_of_shares_is_never_more_than_all():
    rng = np.random.default_rng(36)
    groups = people(rng, n=400, effect=6.0, providers=4)
    share = share_of(with_event(groups, limit=3.0), rng)
    for interval in (share.found, share.least, share.most, share.bounds):
        assert isinstance(interval, Interval)
        assert -1 <= interval.lower <= interval.estimate <= interval.upper <= 1


@pytest.mark.parametrize("providers", [4, 12])
def test_alike_persons_at_a_provider_widen_the_difference_of_shares_too(providers):
    rng = np.random.default_rng(37)
    groups = people(rng, n=600, providers=providers)
    bump = 1.2 * rng.standard_normal(providers)
    case = with_event(replace(groups, outcome=groups.outcome + bump[groups.provider]), limit=0.5)
    apart = replace(case, provider=np.full(600, -1))
    own, alone = (share_of(c, np.random.default_rng(7)) for c in (case, apart))
    for with_providers, without in ((own.found, alone.found), (own.most, alone.most)):
        assert with_providers.upper - with_providers.lower > 1.3 * (without.upper - without.lower)


def test_the_tipping_point_moves_the_treated_alone():
    rng = np.random.default_rng(38)
    worse = found(people(rng, n=1500, effect=-1.0, answer=0.7), rng)
    assert worse.upper < 0 and worse.tipping_point is not None
    assert worse.if_missing_are(worse.tipping_point, 0.0)[2] == pytest.approx(0.0, abs=1e-12)
    assert worse.if_missing_are(0.0, -worse.tipping_point)[2] != pytest.approx(0.0, abs=1e-3)
    both = worse.if_missing_are(0.3, 0.3)[0] - worse.estimate
    assert both == pytest.approx(0.3 * (worse.missing_treated - worse.missing_others))


def beside(groups, y, rng, draws=300):
    """What was found, and the difference in something else of the same people, in the same redraws."""
    count = np.vstack([np.ones((1, len(y))), weighting.redraw(len(y), draws, rng)])
    fitted = fit(groups, count)
    assert isinstance(fitted, Fitted)
    return difference(fitted, 0.95, LIMITS), redrawn_beside(fitted, y, 0.95, LIMITS)


def test_what_costs_more_is_found_beside_the_difference_and_drawn_with_it():
    """Support costs 2,000 kr. more, and who does a point better costs 1,000 kr. more: both of one redraw."""
    rng = np.random.default_rng(41)
    groups = people(rng, n=3000, providers=12)
    cost = 2000 * groups.is_treated + 1000 * groups.outcome
    own, other = beside(replace(groups, provider=np.full(3000, -1)), cost, rng)
    assert other.found.estimate == pytest.approx(2000 + 1000 * own.estimate)
    assert other.redraws == pytest.approx(2000 + 1000 * own.redraws)
    assert other.found.lower < 2500 < other.found.upper


def test_the_cost_of_those_without_an_answer_counts_too():
    rng = np.random.default_rng(42)
    groups = people(rng, n=2000)
    is_silent = rng.random(2000) < 0.5
    groups = replace(groups, outcome=np.where(is_silent, np.nan, groups.outcome))
    cost = np.where(is_silent, 5000.0, 1000.0) * groups.is_treated
    share = is_silent[groups.is_treated].mean()
    _, other = beside(groups, cost, rng, draws=50)
    assert other.found.estimate == pytest.approx(1000 + 4000 * share, rel=0.05)


def test_costs_that_are_missing_from_the_severe_are_weighed_for():
    rng = np.random.default_rng(43)
    groups = people(rng, n=6000)
    severity = groups.covariates[:, 0]
    cost = 2000.0 * groups.is_treated + 1000 * severity
    is_known = rng.random(6000) < 1 / (1 + np.exp(-1 + 1.5 * severity * groups.is_treated))
    _, whole = beside(groups, cost, rng, draws=50)
    _, mended = beside(groups, np.where(is_known, cost, np.nan), rng, draws=50)
    assert mended.found.estimate == pytest.approx(whole.found.estimate, abs=60)


def test_too_few_known_costs_are_no_difference():
    rng = np.random.default_rng(44)
    groups = people(rng, n=400)
    cost = np.where(groups.is_treated, np.nan, 100.0)
    cost[np.flatnonzero(groups.is_treated)[:5]] = 100.0
    assert beside(groups, cost, rng, draws=20)[1] == NotEstimable("cost_unknown")
