"""The goals of people's own plans, and how far they got.

A goal's level at a review, -2..2, 0 as expected, is that of its type and owner, plus what the
support has done by then, plus chance:

    level = TYPE_LEVEL + OWNER_LEVEL + TYPE_GAIN * effect in SD on the primary outcome + 0.9 * noise

rounded and held within the scale. A goal is reviewed half a year and a year after it was set, if
the support still runs; else it stands without a review.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Table, date_texts, episode_code, make_table, number_text, texts_of
from pipelines.demo.latent import NEVER, Course
from pipelines.demo.links import Links, cpr_on
from pipelines.demo.people import People
from pipelines.demo.plan import Booleans, Floats, Integers

TYPES = ("develop", "maintain", "limit_loss")
TYPE_SHARES = (0.60, 0.28, 0.12)
TYPE_LEVEL = np.array([-0.6, 0.0, -0.2])
TYPE_GAIN = np.array([1.6, 0.6, 0.8])
# To maintain is coded 0 where nothing changes; who is to lose less starts above what is expected.
BASELINE_LEVEL = np.array([-1, 0, 1])
OWNERS = ("person", "professional", "shared")
OWNER_SHARES = (0.55, 0.20, 0.25)
OWNER_LEVEL = np.array([0.3, -0.2, 0.1])
OWNER_UNKNOWN_SHARE = 0.04
NOISE = 0.9
LOWEST, HIGHEST = -2, 2
GOAL_EPISODES = 800
HIGHEST_GOAL_COUNT = 3
# Who weighs goals weighs all of an episode.
WEIGHT_GIVEN_SHARE = 0.7
INSTRUMENT_SHARE = 0.25
# The expected loss on the goal's instrument, in SD, where the goal is to limit it.
EXPECTED_LOSS_SD = 0.3
REVIEW_DAYS = (182, 365)
REVIEW_SPREAD_DAYS = 20
RHO = 0.3


@dataclass(frozen=True)
class Goals:
    """One entry per goal, in the order of the goal numbers; `weight` 0 and `owner` -1 are not given."""

    episode: Integers
    kind: Integers
    owner: Integers
    weight: Integers
    is_by_instrument: Booleans
    set_day: Integers
    review_goal: Integers  # one entry per goal and review, and one for a goal without any
    review_day: Integers
    review_level: Integers  # of no meaning where the day is NEVER

    @property
    def is_last(self) -> Booleans:
        """Whether a review is its goal's last one."""
        follows = np.append(self.review_goal[1:] == self.review_goal[:-1], False)
        return np.asarray((self.review_day < NEVER) & ~follows)


def make_goals(course: Course, extract_day: int, rng: np.random.Generator) -> Goals:
    """Draw goals for some of the started episodes, and their reviews up to the extract."""
    support, plan = course.support, course.plan
    until = np.minimum(support.ended, extract_day)
    running = np.flatnonzero((support.started < NEVER) & (until - support.started > 60))
    chosen = np.sort(rng.choice(running, min(GOAL_EPISODES, len(running)), replace=False))
    goal_count = rng.integers(1, HIGHEST_GOAL_COUNT + 1, len(chosen))
    episode = np.repeat(chosen, goal_count)
    is_weighted = np.repeat(rng.random(len(chosen)) < WEIGHT_GIVEN_SHARE, goal_count)
    count = len(episode)
    kind = rng.choice(len(TYPES), count, p=TYPE_SHARES)
    owner = rng.choice(len(OWNERS), count, p=OWNER_SHARES)
    set_day = support.started[episode] + rng.integers(0, 30, count)
    spread = rng.integers(-REVIEW_SPREAD_DAYS, REVIEW_SPREAD_DAYS + 1, (count, len(REVIEW_DAYS)))
    day = set_day[:, None] + np.array(REVIEW_DAYS) + spread
    day = np.where(day <= until[episode][:, None], day, NEVER)
    # The second of two reviews that never come is not written.
    is_written = np.column_stack([np.ones(count, dtype=np.bool_), day[:, 1] < NEVER])
    goal, review = np.nonzero(is_written)
    day = day[goal, review]
    scale = plan.outcome_share.argmax(axis=1)[support.intervention[episode[goal]]]
    effect = course.episode_effect(episode[goal], scale, day)
    level = TYPE_LEVEL[kind] + OWNER_LEVEL[owner]
    level = level[goal] + TYPE_GAIN[kind[goal]] * effect + NOISE * rng.standard_normal(len(goal))
    return Goals(
        episode=episode,
        kind=kind,
        owner=np.where(rng.random(count) < OWNER_UNKNOWN_SHARE, -1, owner),
        weight=np.where(is_weighted, rng.integers(1, 4, count), 0),
        is_by_instrument=rng.random(count) < INSTRUMENT_SHARE,
        set_day=set_day,
        review_goal=goal,
        review_day=day,
        review_level=np.clip(np.rint(level), LOWEST, HIGHEST).astype(np.int64),
    )


def goals_table(
    people: People, links: Links, course: Course, goals: Goals, source: Source, reporting_year: int
) -> Table:
    """One row per goal and review."""
    feed, plan, support = source.feeds[0], course.plan, course.support
    kinds, owners = (texts_of(feed, field) for field in ("goal_type", "owner"))
    goal = goals.review_goal
    episode, kind = goals.episode[goal], goals.kind[goal]
    scale = plan.outcome_share.argmax(axis=1)[support.intervention[episode]]
    is_reviewed = goals.review_day < NEVER
    columns = {
        "goal_id": [f"M{200001 + g}" for g in goal],
        "person_id": cpr_on(people, links, support.person[episode], goals.set_day[goal]),
        "episode_id": [episode_code(e) for e in episode],
        "goal_type": [kinds[TYPES[k]][0] for k in kind],
        "owner": [owners[OWNERS[o]][0] if o >= 0 else "" for o in goals.owner[goal]],
        "instrument_id": [
            plan.scales[k].instrument if by else ""
            for k, by in zip(scale, goals.is_by_instrument[goal], strict=True)
        ],
        "expected_change": [
            number_text(-EXPECTED_LOSS_SD * plan.scales[k].sd, 1) if by and TYPES[t] == "limit_loss" else ""
            for k, t, by in zip(scale, kind, goals.is_by_instrument[goal], strict=True)
        ],
        "weight": [str(w) if w else "" for w in goals.weight[goal]],
        "set_date": date_texts(goals.set_day[goal], "%d-%m-%Y"),
        "baseline_level": [str(level) for level in BASELINE_LEVEL[kind]],
        "reviewed_date": date_texts(goals.review_day, "%d-%m-%Y"),
        "attained_level": [
            str(level) if given else "" for level, given in zip(goals.review_level, is_reviewed, strict=True)
        ],
    }
    return make_table(source, reporting_year, 1, columns)


def goals_truth(course: Course, goals: Goals) -> dict[str, Any]:
    """Planted levels by type and owner at the last review, and each episode's attainment by the formula."""
    last = np.flatnonzero(goals.is_last)
    goal, level = goals.review_goal[last], goals.review_level[last]
    kind, owner = goals.kind[goal], goals.owner[goal]
    groups = [
        {
            "goal_type": name,
            "owner": OWNERS[o] if o >= 0 else None,
            "goal_count": int(here.sum()),
            "attained_count": int((level[here] >= 0).sum()),
            "mean_level": round(float(level[here].mean()), 4),
        }
        for k, name in enumerate(TYPES)
        for o in (*range(len(OWNERS)), -1)
        if (here := (kind == k) & (owner == o)).any()
    ]
    roles = np.array(course.plan.roles)[course.support.intervention[goals.episode[goal]]]
    weight = np.maximum(goals.weight[goal], 1).astype(np.float64)
    episode = goals.episode[goal]
    return {
        "goal_count": len(goals.kind),
        "not_reviewed_count": int((goals.review_day == NEVER).sum()),
        "by_type_and_owner": groups,
        "attained_share_of_develop": {
            role: round(float((level[here] >= 0).mean()), 4)
            for role in sorted(set(roles.tolist()))
            if (here := (roles == role) & (kind == 0)).any()
        },
        "rows": [
            {
                "episode_id": episode_code(e),
                "goal_count": int((episode == e).sum()),
                "t_score": round(t_score(weight[episode == e], level[episode == e]), 6),
            }
            for e in np.unique(episode).tolist()
        ],
    }


def t_score(weight: Floats, level: Integers) -> float:
    """Kiresuk and Sherman's summary of one person's goals."""
    spread = (1 - RHO) * (weight**2).sum() + RHO * weight.sum() ** 2
    return float(50 + 10 * (weight * level).sum() / np.sqrt(spread))
