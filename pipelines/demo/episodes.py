"""Who asks for help when, what they are given, and how it ends.

* A person has 1-4 episodes. Intervention j is chosen with weight
  `size_j * area_j(i) * exp(-(severity_i - target_j)^2 / (2 * 0.8^2))` where severity is
  -g_i: the more severe go to certain interventions (confounding by severity).
* The request is made on the worst of four random days (lowest f_i) where the
  intervention refers at a trough, on the first of them elsewhere.
* decided = requested + 7 + Gamma(2, 14) days; started = decided + Gamma(2, wait_j / 2):
  the waiting list. 2 % withdraw before a decision.
* Support lasts lognormal(median horizon + 3 months, sigma 0.45); about 14 % drop out
  before, the more severe more often: logit P = -1.9 + 0.4 * severity.
* 3 % of people move and 1.5 % die; their episodes end with that, and later ones never come.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.demo.latent import EPISODES_PER_PERSON, NEVER, Latent, Support
from pipelines.demo.people import AREAS
from pipelines.demo.plan import Booleans, Floats, Integers, Plan

EPISODE_COUNT_SHARES = (0.18, 0.34, 0.31, 0.17)
REPEAT_SHARE = 0.04
SELECTION_WIDTH_SD = 0.8
NEIGHBOUR_AREA_WEIGHT = 0.15
REQUEST_CANDIDATES = 4
WITHDRAWN_SHARE = 0.02
DROP_OUT_LOGIT = -1.9
DROP_OUT_PER_SEVERITY = 0.4
MOVED_SHARE = 0.03
DIED_SHARE = 0.015
PRICE_PER_HOUR_DKK = 415.0


@dataclass(frozen=True)
class Period:
    """The days, from 1970-01-01, between which people ask for help, and the day the extracts are drawn."""

    first_request: int
    last_request: int
    extract: int


@dataclass(frozen=True)
class Episodes:
    """The municipality's episodes; arrays have one entry per episode, `moved` and `died` one per person."""

    support: Support
    decided: Integers
    end_reason: npt.NDArray[np.str_]  # '' while open or never started
    is_drop_out: Booleans
    weekly_hours: Floats
    cost_dkk: Floats
    moved: Integers
    died: Integers


def make_episodes(
    plan: Plan, area: Integers, latent: Latent, period: Period, rng: np.random.Generator
) -> Episodes:
    """Draw every person's episodes up to the day the extracts are drawn."""
    person, intervention = _choose(plan, area, latent, rng)
    requested = _request(latent, person, plan.is_trough[intervention], period, rng)
    moved, died = _departures(len(area), period, rng)
    stays = requested < np.minimum(moved, died)[person]
    order = np.lexsort((person[stays], requested[stays]))
    person, intervention, requested = (a[stays][order] for a in (person, intervention, requested))
    leaves = np.minimum(moved, died)[person]
    decided, started = _wait(plan, intervention, requested, np.minimum(leaves, period.extract), rng)
    severity = -latent.general[person]
    ended, reason, is_drop_out = _end(plan, intervention, started, severity, rng)
    reason = np.where(leaves < ended, np.where(moved[person] == leaves, "moved", "died"), reason)
    ended = np.where(started == NEVER, NEVER, np.minimum(ended, leaves))
    is_open = ended > period.extract
    ended = np.where(is_open, NEVER, ended)
    hours, cost = _use(severity, started, np.minimum(ended, period.extract), rng)
    provider = _provider(plan, intervention, rng)
    return Episodes(
        support=Support(len(area), person, intervention, provider, requested, started, ended),
        decided=decided,
        end_reason=np.where(is_open, "", reason),
        is_drop_out=is_drop_out & ~is_open,
        weekly_hours=hours,
        cost_dkk=cost,
        moved=moved,
        died=died,
    )


def _choose(
    plan: Plan, person_area: Integers, latent: Latent, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Give each person 1-4 interventions: the Gumbel top-k of log weights draws without replacement."""
    count = len(person_area)
    area = np.array([AREAS.index(i.area) for i in plan.interventions])
    same = person_area[:, None] == area
    neighbour = (person_area[:, None] > 0) & (area > 0)
    fits = np.where(same, 1.0, np.where(neighbour, NEIGHBOUR_AREA_WEIGHT, 0.0))
    distance = (-latent.general[:, None] - plan.target_severity) / SELECTION_WIDTH_SD
    weight = fits * np.where(plan.small_size > 0, 0.0, plan.size_weight)
    with np.errstate(divide="ignore"):
        utility = np.log(weight) - distance**2 / 2 + rng.gumbel(size=distance.shape)
    ranked = np.argsort(-utility, axis=1)[:, :EPISODES_PER_PERSON]
    repeats = rng.random(count) < REPEAT_SHARE
    ranked[repeats, 1] = ranked[repeats, 0]
    episode_count = rng.choice(EPISODES_PER_PERSON, count, p=EPISODE_COUNT_SHARES) + 1
    has = (np.arange(EPISODES_PER_PERSON) < episode_count[:, None]) & (
        np.take_along_axis(weight, ranked, axis=1) > 0
    )
    person, slot = np.nonzero(has)
    intervention = ranked[person, slot]
    for j in np.flatnonzero(plan.small_size):
        # A tiny intervention takes exactly its number of episodes over from others of its area.
        eligible = np.flatnonzero((person_area[person] == area[j]) & (plan.small_size[intervention] == 0))
        size = min(int(plan.small_size[j]), len(eligible))
        intervention[rng.choice(eligible, size, replace=False)] = j
    return person, intervention


def _request(
    latent: Latent, person: Integers, is_trough: Booleans, period: Period, rng: np.random.Generator
) -> Integers:
    days = rng.integers(period.first_request, period.last_request + 1, (REQUEST_CANDIDATES, len(person)))
    fluctuation = np.stack([latent.fluctuation_on(person, day) for day in days])
    chosen = np.where(is_trough, fluctuation.argmin(axis=0), 0)
    return np.asarray(np.take_along_axis(days, chosen[None, :], axis=0)[0])


def _departures(count: int, period: Period, rng: np.random.Generator) -> tuple[Integers, Integers]:
    day = rng.integers(period.first_request, period.extract, count)
    draw = rng.random(count)
    moved = np.where(draw < MOVED_SHARE, day, NEVER)
    died = np.where((draw >= MOVED_SHARE) & (draw < MOVED_SHARE + DIED_SHARE), day, NEVER)
    return moved, died


def _wait(
    plan: Plan, intervention: Integers, requested: Integers, last_day: Integers, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    count = len(requested)
    decided = requested + 7 + np.round(rng.gamma(2.0, 14.0, count)).astype(np.int64)
    wait = np.round(rng.gamma(2.0, plan.wait_days[intervention] / 2)).astype(np.int64)
    is_withdrawn = rng.random(count) < WITHDRAWN_SHARE
    decided = np.where(is_withdrawn | (decided > last_day), NEVER, decided)
    started = np.where(decided + wait > last_day, NEVER, decided + wait)
    return decided, started


def _end(
    plan: Plan, intervention: Integers, started: Integers, severity: Floats, rng: np.random.Generator
) -> tuple[Integers, npt.NDArray[np.str_], Booleans]:
    count = len(started)
    median_days = (plan.horizon_months[intervention] + 3) * 30.4
    length = np.maximum(median_days * rng.lognormal(0.0, 0.45, count), 21.0)
    drop_out = rng.random(count) < 1 / (1 + np.exp(-(DROP_OUT_LOGIT + DROP_OUT_PER_SEVERITY * severity)))
    length = np.where(drop_out, length * rng.uniform(0.1, 0.7, count), length)
    other = rng.choice(["completed", "changed", "other"], count, p=[0.80, 0.13, 0.07])
    reason = np.where(drop_out, "dropped_out", other)
    ended = np.where(started == NEVER, NEVER, started + length.astype(np.int64))
    return ended, reason, drop_out


def _use(
    severity: Floats, started: Integers, until: Integers, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Weekly hours (half hours, more for the more severe) and cost to date in kr. (whole øre)."""
    hours = rng.gamma(2.5, 1.6, len(started)) * np.exp(0.25 * severity)
    hours = np.clip(np.round(hours * 2) / 2, 0.5, 60.0)
    weeks = np.maximum(until - started, 0) / 7
    return hours, np.round(hours * weeks * PRICE_PER_HOUR_DKK * rng.uniform(0.9, 1.1, len(started)), 2)


def _provider(plan: Plan, intervention: Integers, rng: np.random.Generator) -> Integers:
    upper = plan.provider_share.cumsum(axis=1)[intervention]
    return np.asarray((rng.random(len(intervention))[:, None] > upper[:, :-1]).sum(axis=1))
