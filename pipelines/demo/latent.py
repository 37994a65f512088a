"""How a person is doing: the latent course behind every score.

In SD units of the instrument, plus is better, for person i, scale k, day t:

    z_ik(t) = shift + sqrt(A_k) * (g_i + s_ik) / sqrt(2)      stable: general and specific trait
            + sqrt(F) * f_i(t)                                fluctuation, all scales together
            + N * (1 - 2^(-(t - first request_i) / 90 d))     natural recovery, with or without support
            + sum over episodes e of (beta_j + u_jp) * share_jk * B_e(t)
    score   = reference_k + sign_k * sd_k * (z_ik(t) + sqrt(1 - r_k) * noise)

g, s, noise ~ N(0, 1). f is a stationary Ornstein-Uhlenbeck process with unit variance
and correlation exp(-days / 120). With the fluctuation variance F = 0.30 and the
instrument's reliability r_k (what repeats over days), A_k = r_k - F, so that scores in
an unselected group have the instrument's SD. People of the municipality lie
`shift` = -1.35 SD from the reference. B_e rises linearly from 0 at the start of support
to 1 after 183 days, stops at the end of support and stays there.

Regression to the mean is in no formula: it follows from asking for help when f is low.
The untreated correlation between scores h days apart is A_k + F * exp(-h / 120).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipelines.demo.plan import Floats, Integers, Plan

SHIFT_SD = -1.35
FLUCTUATION_VARIANCE = 0.30
FLUCTUATION_DAYS = 120.0
GRID_DAYS = 10
NATURAL_SD = 0.15
NATURAL_HALF_LIFE_DAYS = 90.0
BUILD_UP_DAYS = 183.0
EPISODES_PER_PERSON = 4
# A date that has not come: later than every real one, so that comparisons need no special case.
NEVER = 10**6


@dataclass(frozen=True)
class Latent:
    """Traits and fluctuation of every person, in SD units."""

    general: Floats  # (i,)
    specific: Floats  # (i, k)
    fluctuation: Floats  # (i, step) every GRID_DAYS from first_day
    first_day: int

    def fluctuation_on(self, person: Integers, day: Integers) -> Floats:
        """Return f_i(t), taken at the nearest grid day before t; shape of `person`."""
        step = np.clip((day - self.first_day) // GRID_DAYS, 0, self.fluctuation.shape[1] - 1)
        return self.fluctuation[person, step]


@dataclass(frozen=True)
class Support:
    """Who got which support when; arrays have one entry per episode, in the order of the requests.

    Days count from 1970-01-01; NEVER where it did not happen.
    """

    people_count: int
    person: Integers
    intervention: Integers
    provider: Integers
    requested: Integers
    started: Integers
    ended: Integers

    @cached_property
    def of_person(self) -> Integers:
        """Each person's episodes, (i, 4), padded with -1."""
        by_person = np.argsort(self.person, kind="stable")
        grouped = self.person[by_person]
        listed = np.full((self.people_count, EPISODES_PER_PERSON), -1)
        listed[grouped, np.arange(len(grouped)) - np.searchsorted(grouped, grouped)] = by_person
        return listed

    @cached_property
    def first_request(self) -> Integers:
        """The day each person first asked for help, (i,); NEVER for a person without episodes."""
        first = np.full(self.people_count, NEVER)
        np.minimum.at(first, self.person, self.requested)
        return first


@dataclass(frozen=True)
class Course:
    """How everybody does: their own course, and what support adds to it."""

    plan: Plan
    latent: Latent
    support: Support

    def wellness(self, person: Integers, scale: Integers, day: Integers) -> Floats:
        """Return z_ik(t) with everything but measurement noise; inputs and result have one shape."""
        stable = np.sqrt(stable_variance(self.plan) / 2)[scale]
        since_request = np.maximum(day - self.support.first_request[person], 0)
        natural = NATURAL_SD * (1 - 2.0 ** (-since_request / NATURAL_HALF_LIFE_DAYS))
        z = SHIFT_SD + stable * (self.latent.general[person] + self.latent.specific[person, scale]) + natural
        z += np.sqrt(FLUCTUATION_VARIANCE) * self.latent.fluctuation_on(person, day)
        for slot in range(EPISODES_PER_PERSON):
            episode = self.support.of_person[person, slot]
            z += np.where(episode >= 0, self.episode_effect(episode, scale, day), 0.0)
        return np.asarray(z)

    def episode_effect(self, episode: Integers, scale: Integers, day: Integers) -> Floats:
        """Return what an episode adds to z on `day`: (beta_j + u_jp) * share_jk * B_e(t), in SD units."""
        intervention = self.support.intervention[episode]
        provider = self.plan.provider_effect_sd[intervention, self.support.provider[episode]]
        days_of_support = np.minimum(day, self.support.ended[episode]) - self.support.started[episode]
        build_up = np.clip(days_of_support / BUILD_UP_DAYS, 0.0, 1.0)
        share = self.plan.outcome_share[intervention, scale]
        return np.asarray((self.plan.effect_sd[intervention] + provider) * share * build_up)


def make_latent(count: int, plan: Plan, first_day: int, last_day: int, rng: np.random.Generator) -> Latent:
    """Draw traits and an Ornstein-Uhlenbeck path per person from `first_day` to `last_day`."""
    steps = (last_day - first_day) // GRID_DAYS + 1
    carry = np.exp(-GRID_DAYS / FLUCTUATION_DAYS)
    path = rng.standard_normal((steps, count))
    for step in range(1, steps):
        path[step] = carry * path[step - 1] + np.sqrt(1 - carry**2) * path[step]
    return Latent(
        general=rng.standard_normal(count),
        specific=rng.standard_normal((count, len(plan.scales))),
        fluctuation=np.ascontiguousarray(path.T),
        first_day=first_day,
    )


def stable_variance(plan: Plan) -> Floats:
    """Return A_k, the stable share of a score's variance; shape (k,)."""
    return np.maximum(np.array([s.reliability for s in plan.scales]) - FLUCTUATION_VARIANCE, 0.1)


def to_score(plan: Plan, scale: Integers, z: Floats, noise: Floats) -> Floats:
    """Turn z and standard normal `noise` into scores as the instrument gives them: stepped and in range.

    The last axis of `z` and `noise` is that of `scale`.
    """
    reference, sd, reliability, sign, step, minimum, maximum = (
        np.array([getattr(s, name) for s in plan.scales], dtype=np.float64)[scale]
        for name in ("reference", "sd", "reliability", "sign", "step", "minimum", "maximum")
    )
    raw = reference + sign * sd * (z + np.sqrt(1 - reliability) * noise)
    stepped = np.round(minimum + np.round((raw - minimum) / step) * step, 6)
    return np.clip(stepped, minimum, maximum)
