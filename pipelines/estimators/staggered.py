"""Register outcomes of people who start support at different times, against those who have not started yet.

Group-time effects of Callaway & Sant'Anna 2021 on a panel of persons by periods, doubly robust
(Sant'Anna & Zhao 2020), with every person's influence on every number: standard errors, joint bands and
tests all follow from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri, stdtrit

from pipelines.estimators.weighting import fit_propensities

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
# The period of those who never start: later than every real one.
NEVER = np.iinfo(np.int64).max
Comparison = Literal["not_yet_started", "never_started"]
BAND_DRAWS = 20_000


@dataclass(frozen=True)
class Panel:
    """Outcome (n, periods), the period each person starts in (NEVER if not), earlier covariates (n, p)."""

    outcome: Floats
    start: Integers
    covariates: Floats

    @property
    def groups(self) -> list[int]:
        """The periods in which somebody starts, except the first: it has no period before it."""
        return [int(g) for g in np.unique(self.start) if 0 < g < self.outcome.shape[1]]


@dataclass(frozen=True)
class GroupTimeEffects:
    """One effect per group and period, and each person's influence on it, (n, effects)."""

    group: Integers
    period: Integers
    effect: Floats
    influence: Floats

    @property
    def standard_error(self) -> Floats:
        """Analytic standard errors, clustered by person."""
        return standard_error(self.influence)


@dataclass(frozen=True)
class Aggregate:
    """Effects gathered by a key (horizon, group or period), and their overall mean."""

    key: Integers
    effect: Floats
    influence: Floats
    overall: float
    overall_influence: Floats

    @property
    def standard_error(self) -> Floats:
        """Of every gathered effect."""
        return standard_error(self.influence)

    @property
    def overall_standard_error(self) -> float:
        """Of the overall mean."""
        return float(standard_error(self.overall_influence[:, None])[0])


@dataclass(frozen=True)
class JointEffects:
    """The effect at each `horizon` from the start on and, one longer, last their mean, each with its limits.

    `lower` and `upper` hold for all together if the groups would have gone alike; the limits of the
    sensitivity if they drift apart by no more than it allows. `drift_p` tests that they did not drift apart
    at the `past_horizons` before the anticipation.
    """

    horizon: Integers
    effect: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats
    sensitivity_lower: Floats
    sensitivity_upper: Floats
    past_horizons: Integers
    drift_p: float


@dataclass(frozen=True)
class PastEffects:
    """The groups' differences at each `horizon` before the start, with limits for all of these together.

    Differences since the base, the last period before the anticipation; it is not there itself, being 0.
    """

    horizon: Integers
    effect: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats


def standard_error(influence: Floats) -> Floats:
    """Return sqrt(sum of squared influences) / n for every column."""
    return np.asarray(np.sqrt((influence**2).sum(axis=0)) / len(influence))


def group_time_effects(
    panel: Panel,
    comparison: Comparison = "not_yet_started",
    anticipation: int = 0,
    *,
    minimum_group: int = 1,
    minimum_others: int = 1,
    is_small_sample: bool = False,
) -> GroupTimeEffects:
    """Estimate the effect on every starting group in every period but the first.

    From the start on (less `anticipation` periods: the dip in which people ask for help) the change since the
    last period before it is compared; earlier periods are compared with the one before them: they ought to
    show nothing.

    A group of fewer than `minimum_group` has no effect of its own, but is among the others until it starts. A
    period with fewer than `minimum_others` of these has none either, nor one where a covariate tells the
    group from the others.

    With `is_small_sample` every arm's influence is enlarged for what was fitted to it (HC1, MacKinnon & White
    1985): with groups of ten the errors are a tenth too small without.
    """
    persons, periods = panel.outcome.shape
    found: list[tuple[int, int, float, Floats]] = []
    for group in panel.groups:
        if (panel.start == group).sum() < minimum_group:
            continue
        base_of_group = group - 1 - anticipation
        for period in range(1, periods):
            base = base_of_group if period >= group - anticipation else period - 1
            if base < 0:
                continue
            is_group = panel.start == group
            if comparison == "never_started":
                is_other = panel.start == NEVER
            else:
                is_other = (panel.start > max(period, base) + anticipation) & ~is_group
            used = is_group | is_other
            if is_other.sum() < max(minimum_others, 1):
                continue
            change = (panel.outcome[:, period] - panel.outcome[:, base])[used]
            estimated = _doubly_robust(change, is_group[used], panel.covariates[used])
            if estimated is None:
                continue
            effect, influence = estimated
            if is_small_sample:
                influence = influence * _enlarged(is_group[used], 1 + panel.covariates.shape[1])
            everybody = np.zeros(persons)
            everybody[used] = influence * (persons / used.sum())
            found.append((group, period, effect, everybody))
    return GroupTimeEffects(
        group=np.array([g for g, _, _, _ in found]),
        period=np.array([t for _, t, _, _ in found]),
        effect=np.array([e for _, _, e, _ in found]),
        influence=np.column_stack([i for _, _, _, i in found]) if found else np.zeros((persons, 0)),
    )


def by_horizon(effects: GroupTimeEffects, start: Integers) -> Aggregate:
    """Gather by periods since the start (an event study); overall: the mean from the start on."""
    return _gather(effects, start, effects.period - effects.group, lambda key: key >= 0)


def by_period(effects: GroupTimeEffects, start: Integers) -> Aggregate:
    """Gather by period, over the groups that have started."""
    return _gather(_from_start(effects), start, _from_start(effects).period, lambda key: key >= 0)


def by_group(effects: GroupTimeEffects, start: Integers) -> Aggregate:
    """Gather by starting group, periods alike; overall: the mean person who starts."""
    from_start = _from_start(effects)
    keys = np.unique(from_start.group)
    means = [_combine(from_start, np.flatnonzero(from_start.group == g)) for g in keys]
    effect, influence = np.array([m for m, _ in means]), np.column_stack([i for _, i in means])
    groups = GroupTimeEffects(keys, keys, effect, influence)
    overall, overall_influence = _weighted(groups, np.arange(len(keys)), start)
    return Aggregate(keys, effect, influence, overall, overall_influence)


def overall(effects: GroupTimeEffects, start: Integers) -> tuple[float, float]:
    """Return the mean effect over all group-periods from the start on, by size, and its standard error."""
    from_start = _from_start(effects)
    value, influence = _weighted(from_start, np.arange(len(from_start.effect)), start)
    return value, float(standard_error(influence[:, None])[0])


def pre_period_test(effects: GroupTimeEffects) -> tuple[float, int, float]:
    """Return Wald's W, its degrees of freedom and p for "nothing happened before the start"."""
    before = effects.period < effects.group
    return _wald(effects.effect[before], effects.influence[:, before])


def with_shared_past(effects: GroupTimeEffects, anticipation: int) -> GroupTimeEffects:
    """Keep the groups with an effect from the start on and one before the anticipation.

    Of the time before the anticipation only the horizons that all these groups have: what is said of it is
    then said of the same people as the effects.
    """
    horizon = effects.period - effects.group
    is_before = horizon < -anticipation
    groups = set(effects.group[horizon >= 0].tolist()) & set(effects.group[is_before].tolist())
    is_kept = np.isin(effects.group, list(groups))
    has = [set(horizon[is_before & (effects.group == g)].tolist()) for g in groups]
    shared = list(set.intersection(*has)) if has else []
    chosen = is_kept & (~is_before | np.isin(horizon, shared))
    return _only(effects, chosen)


def band_multiplier(influence: Floats, level: float, rng: np.random.Generator) -> float:
    """Return how many standard errors make bands that hold for all columns together at `level`.

    The largest of |N(0, R)| with R the estimates' correlations (Montiel Olea & Plagborg-Moller 2019); never
    less than a single interval's.
    """
    covariance = influence.T @ influence
    sd = np.sqrt(np.diag(covariance))
    # What does not vary is never the largest.
    scale = np.where(sd > 0, sd, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    largest = np.abs(rng.standard_normal((BAND_DRAWS, len(sd))) @ root.T).max(axis=1)
    return float(max(np.quantile(largest, level), ndtri((1 + level) / 2)))


def degrees_of_freedom(influence: Floats) -> Floats:
    """Return the degrees of freedom of every column's error, by how unevenly the persons carry it.

    Satterthwaite 1946 on the sum of squared influences, with their own spread: the number of persons where
    influences are normal, fewer where a small group carries most.
    """
    squares = (influence**2).sum(axis=0) ** 2
    spread = (influence**4).sum(axis=0) - squares / len(influence)
    # All carry alike, or nobody anything.
    is_even = spread <= np.finfo(np.float64).eps * squares
    return np.asarray(np.where(is_even, len(influence), 2 * squares / np.where(is_even, 1.0, spread)))


def band_reach(influence: Floats, level: float, rng: np.random.Generator) -> Floats:
    """Return half the width of every column's band, all of which hold together at `level`.

    An error is an estimate too: each goes as far out on its own t as :func:`band_multiplier` on the normal.
    """
    tail = ndtr(band_multiplier(influence, level, rng))
    return np.asarray(stdtrit(degrees_of_freedom(influence), tail) * standard_error(influence))


def joint_effects(
    study: Aggregate, anticipation: int, mbar: float, level: float, rng: np.random.Generator
) -> JointEffects:
    """Return the effects from the start on and last their mean, with bands that hold for all together.

    `study` is by horizon, with some effect before the anticipation. The sensitivity allows for groups that
    drift apart by themselves (Rambachan & Roth 2023, relative magnitudes): in every period after the base by
    at most `mbar` times the largest drift of one period before it. The bias is then at most the number of
    periods since the base times that. In place of their conditional test, which is sharper, a union that can
    only be too wide: an upper limit for the drift that fails in at most half of 1 - level (the largest drift
    is that of one fixed period, whose own one-sided limit is enough; the largest of all limits is no less),
    and joint bands that fail in at most the other half.
    """
    after, before = study.key >= 0, study.key < -anticipation
    effect = np.append(study.effect[after], study.overall)
    influence = np.column_stack([study.influence[:, after], study.overall_influence])
    error = standard_error(influence)
    half = (1 - level) / 2
    freedom = degrees_of_freedom(study.influence[:, before])
    drift = (np.abs(study.effect[before]) + stdtrit(freedom, 1 - half) * study.standard_error[before]).max()
    since_base = study.key[after] + 1 + anticipation
    bias = np.append(since_base, since_base.mean()) * mbar * drift
    band = band_reach(influence, level, rng)
    reach = band_reach(influence, 1 - half, rng) + bias
    return JointEffects(
        horizon=study.key[after],
        effect=effect,
        standard_error=error,
        lower=effect - band,
        upper=effect + band,
        sensitivity_lower=effect - reach,
        sensitivity_upper=effect + reach,
        past_horizons=study.key[before],
        drift_p=_wald(study.effect[before], study.influence[:, before])[2],
    )


def past_effects(
    study: Aggregate, anticipation: int, level: float, rng: np.random.Generator
) -> PastEffects | None:
    """Return what the event study shows before the start, for a drawing; None where there is nothing.

    The changes from one period to the next are summed back from the base: drawn as they are, beside
    effects that count from the base, they would show a bend at the start where there is none (Roth 2026).
    `study` is by horizon and of groups that share their past, so that every change is of the same people.
    """
    base = -1 - anticipation
    place = {int(h): n for n, h in enumerate(study.key)}
    horizons: list[int] = []
    effects: list[float] = []
    influences: list[Floats] = []
    back, back_influence, horizon = 0.0, np.zeros(len(study.influence)), base
    while horizon in place:
        back = back - study.effect[place[horizon]]
        back_influence = back_influence - study.influence[:, place[horizon]]
        horizon -= 1
        horizons.insert(0, horizon)
        effects.insert(0, back)
        influences.insert(0, back_influence)
    for horizon in (h for h in range(base + 1, 0) if h in place):
        horizons.append(horizon)
        effects.append(study.effect[place[horizon]])
        influences.append(study.influence[:, place[horizon]])
    if not horizons:
        return None
    effect, influence = np.array(effects), np.column_stack(influences)
    error = standard_error(influence)
    reach = band_reach(influence, level, rng)
    return PastEffects(np.array(horizons), effect, error, effect - reach, effect + reach)


def _doubly_robust(change: Floats, is_group: Booleans, covariates: Floats) -> tuple[float, Floats] | None:
    """The effect on the group and each person's influence on it (Sant'Anna & Zhao 2020, panel data).

    None where the chance to be in the group is as good as certain for somebody: there is nobody to compare.
    """
    n = len(change)
    design = np.column_stack([np.ones(n), covariates])
    treated = is_group.astype(float)
    propensity, is_fitted = fit_propensities(covariates, is_group, np.ones((1, n)))
    if not is_fitted[0]:
        return None
    p = propensity[0]
    bread = np.linalg.pinv((design * (p * (1 - p))[:, None]).T @ design) * n
    propensity_influence = ((treated - p)[:, None] * design) @ bread
    others = 1 - treated
    inverse = np.linalg.pinv((design * others[:, None]).T @ design)
    beta = inverse @ (design.T @ (others * change))
    rest = change - design @ beta
    outcome_influence = ((others * rest)[:, None] * design) @ (inverse * n)

    odds = p * others / (1 - p)
    effect_treated = (treated * rest).mean() / treated.mean()
    effect_others = (odds * rest).mean() / odds.mean()
    of_treated = treated * (rest - effect_treated) - outcome_influence @ (treated[:, None] * design).mean(
        axis=0
    )
    of_others = (
        odds * (rest - effect_others)
        + propensity_influence @ ((odds * (rest - effect_others))[:, None] * design).mean(axis=0)
        - outcome_influence @ (odds[:, None] * design).mean(axis=0)
    )
    influence = of_treated / treated.mean() - of_others / odds.mean()
    return float(effect_treated - effect_others), influence


def _enlarged(is_group: Booleans, columns: int) -> Floats:
    """The factor of each person's influence: a mean was fitted to the group, `columns` to the others."""
    size, others = int(is_group.sum()), int((~is_group).sum())
    of_group, of_others = np.sqrt(size / max(size - 1, 1)), np.sqrt(others / max(others - columns, 1))
    return np.asarray(np.where(is_group, of_group, of_others))


def _wald(effect: Floats, influence: Floats) -> tuple[float, int, float]:
    """W, degrees of freedom and p. Effects that follow from others count once: freedom is the rank."""
    covariance = influence.T @ influence / len(influence)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    w = float(len(influence) * effect @ np.linalg.pinv(covariance, hermitian=True) @ effect)
    return w, rank, float(chdtrc(rank, w))


def _from_start(effects: GroupTimeEffects) -> GroupTimeEffects:
    return _only(effects, effects.period >= effects.group)


def _only(effects: GroupTimeEffects, chosen: Booleans) -> GroupTimeEffects:
    return GroupTimeEffects(
        effects.group[chosen], effects.period[chosen], effects.effect[chosen], effects.influence[:, chosen]
    )


def _gather(
    effects: GroupTimeEffects, start: Integers, key: Integers, counts: Callable[[Integers], Booleans]
) -> Aggregate:
    keys = np.unique(key)
    gathered = [_weighted(effects, np.flatnonzero(key == k), start) for k in keys]
    effect, influence = np.array([e for e, _ in gathered]), np.column_stack([i for _, i in gathered])
    chosen = counts(keys)
    return Aggregate(keys, effect, influence, float(effect[chosen].mean()), influence[:, chosen].mean(axis=1))


def _combine(effects: GroupTimeEffects, chosen: Sequence[int] | Integers) -> tuple[float, Floats]:
    return float(effects.effect[chosen].mean()), np.asarray(effects.influence[:, chosen].mean(axis=1))


def _weighted(effects: GroupTimeEffects, chosen: Integers, start: Integers) -> tuple[float, Floats]:
    """The mean weighted by the groups' sizes; that the sizes are estimated too is part of the influence."""
    is_of = start[:, None] == effects.group[chosen]
    size = is_of.mean(axis=0)
    weight = size / size.sum()
    of_weight = (is_of - size) / size.sum() - np.outer((is_of - size).sum(axis=1), size) / size.sum() ** 2
    effect = effects.effect[chosen]
    return float(effect @ weight), effects.influence[:, chosen] @ weight + of_weight @ effect
