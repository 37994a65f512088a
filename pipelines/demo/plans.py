"""Plans: for action, for a child, for health, for housing, and for transitions.

Everybody who turned 18 between the first requests and the extract belongs to one of three groups:
a plan for the transition decided in time, decided after the birthday, or none.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Table, date_texts, free_texts, hyphenated, make_table, texts_of
from pipelines.demo.episodes import Episodes, Period
from pipelines.demo.latent import NEVER, Support
from pipelines.demo.links import Links, cpr_on
from pipelines.demo.people import AREAS, Days, People
from pipelines.demo.plan import Integers

KINDS = ("action_plan", "child_plan", "health_plan", "housing_plan", "transition")
ACTION, CHILD, HEALTH, HOUSING, TRANSITION = range(len(KINDS))
TRANSITIONS = ("turning_18", "provider_change", "level_change", "ending")
TURNING_18, PROVIDER_CHANGE, LEVEL_CHANGE, ENDING = range(len(TRANSITIONS))
NO_TRANSITION = -1
# Shares of the started episodes whose people get each plan at the start, by area.
PLAN_SHARES = {
    "children": ((CHILD, 0.17), (HEALTH, 0.03)),
    "adults": ((ACTION, 0.13), (HEALTH, 0.03)),
    "vulnerable": ((ACTION, 0.10), (HOUSING, 0.06)),
}
PLAN_DAYS = (180, 720)
# Shares of the ended episodes whose people get a plan for what follows.
TRANSITION_SHARES = ((ENDING, 0.05), (PROVIDER_CHANGE, 0.01), (LEVEL_CHANGE, 0.01))
TIMINGS = ("in_time", "late", "none")
TIMING_SHARES = (0.5, 0.2, 0.3)
IN_TIME_DAYS, LATE_DAYS = (60, 400), (1, 120)
REVEALING_NOTE_COUNT = 5


@dataclass(frozen=True)
class Plans:
    """One entry per plan, in the order of the decisions; `turned_18` holds who turned 18, when and how."""

    person: Integers
    kind: Integers
    transition: Integers
    decided: Integers
    planned: Integers
    ended: Integers
    turned_18: Integers  # (n, 3): person, birthday, timing

    def running_count(self, person: int, first: int, last: int) -> int:
        """How many of a person's plans were in force on some day from `first` to `last`."""
        own = (self.person == person) & (self.decided <= last) & (self.ended >= first)
        return int(own.sum())


def make_plans(people: People, episodes: Episodes, period: Period, rng: np.random.Generator) -> Plans:
    """Draw plans for support, for its endings and changes, and for turning 18."""
    support = episodes.support
    started = np.flatnonzero(support.started < NEVER)
    rows = [
        *_for_support(people, support, started, rng),
        *_for_endings(support, started, rng),
    ]
    turned = _turning_18(people, episodes, period, rng)
    rows.append(_for_turning_18(turned, period, rng))
    person, kind, transition, decided, planned, ended = np.concatenate(rows).T
    leaves = np.minimum(np.minimum(episodes.moved, episodes.died)[person], period.extract)
    order = np.lexsort((transition, kind, person, decided))
    order = order[decided[order] <= leaves[order]]
    person, kind, transition, decided, planned, ended = (
        column[order] for column in (person, kind, transition, decided, planned, ended)
    )
    ended = np.where(ended > period.extract, NEVER, ended)
    is_kept = np.isin(turned[:, 0], person[transition == TURNING_18])
    turned[:, 2] = np.where(is_kept, turned[:, 2], TIMINGS.index("none"))
    return Plans(person, kind, transition, decided, planned, ended, turned)


def _rows(
    person: Integers, kind: int, transition: int, decided: Integers, planned: Integers, ended: Integers
) -> Integers:
    same = np.ones_like(person)
    return np.column_stack([person, same * kind, same * transition, decided, planned, ended])


def _for_support(
    people: People, support: Support, started: Integers, rng: np.random.Generator
) -> list[Integers]:
    found = []
    area = people.area[support.person[started]]
    for a, name in enumerate(AREAS):
        for kind, share in PLAN_SHARES[name]:
            chosen = started[(area == a) & (rng.random(len(started)) < share)]
            decided = support.started[chosen] + rng.integers(-30, 61, len(chosen))
            ended = decided + rng.integers(*PLAN_DAYS, len(chosen))
            never = np.full(len(chosen), NEVER)
            found.append(_rows(support.person[chosen], kind, NO_TRANSITION, decided, never, ended))
    return found


def _for_endings(support: Support, started: Integers, rng: np.random.Generator) -> list[Integers]:
    ended = started[support.ended[started] < NEVER]
    found = []
    for transition, share in TRANSITION_SHARES:
        chosen = ended[rng.random(len(ended)) < share]
        planned = support.ended[chosen]
        decided = planned - rng.integers(14, 121, len(chosen))
        found.append(_rows(support.person[chosen], TRANSITION, transition, decided, planned, planned))
    return found


def _turning_18(people: People, episodes: Episodes, period: Period, rng: np.random.Generator) -> Integers:
    """Everybody here who turned 18 in the period: person, birthday and how the plan was timed."""
    born: Days = people.birth_date[: len(episodes.moved)]
    month = born.astype("datetime64[M]")
    # Born on 29 February: 1 March in a year without.
    day_of_month = born - month.astype("datetime64[D]")
    birthday = ((month + 18 * 12).astype("datetime64[D]") + day_of_month).astype(np.int64)
    leaves = np.minimum(episodes.moved, episodes.died)
    is_here = (birthday >= period.first_request) & (birthday <= np.minimum(leaves, period.extract))
    person = np.flatnonzero(is_here)
    timing = rng.choice(len(TIMINGS), len(person), p=TIMING_SHARES)
    return np.column_stack([person, birthday[person], timing])


def _for_turning_18(turned: Integers, period: Period, rng: np.random.Generator) -> Integers:
    before, after = rng.integers(*IN_TIME_DAYS, len(turned)), rng.integers(*LATE_DAYS, len(turned))
    timing, birthday = turned[:, 2], turned[:, 1]
    decided = np.where(timing == TIMINGS.index("in_time"), birthday - before, birthday + after)
    has = timing != TIMINGS.index("none")
    turned, decided, birthday = turned[has], decided[has], birthday[has]
    ended = np.maximum(birthday, decided) + 90
    return _rows(turned[:, 0], TRANSITION, TURNING_18, decided, birthday, ended)


def plans_table(
    people: People,
    links: Links,
    plans: Plans,
    source: Source,
    reporting_year: int,
    rng: np.random.Generator,
) -> Table:
    """One row per plan, with free text that nobody asked for."""
    feed = source.feeds[0]
    kinds, transitions = texts_of(feed, "kind"), texts_of(feed, "transition_kind")
    columns = {
        "plan_id": [f"P{300001 + n}" for n in range(len(plans.person))],
        "person_id": [hyphenated(cpr) for cpr in cpr_on(people, links, plans.person, plans.decided)],
        "kind": [kinds[KINDS[k]][0] for k in plans.kind],
        "transition_kind": [
            transitions[TRANSITIONS[t]][0] if t != NO_TRANSITION else "" for t in plans.transition
        ],
        "decided_date": date_texts(plans.decided, "%d-%m-%Y"),
        "planned_date": date_texts(plans.planned, "%d-%m-%Y"),
        "ended_date": date_texts(plans.ended, "%d-%m-%Y"),
        "Bemærkning": free_texts(people, plans.person, REVEALING_NOTE_COUNT, rng),
    }
    return make_table(source, reporting_year, 1, columns, unmapped=frozenset({"Bemærkning"}))


def plans_truth(people: People, plans: Plans) -> dict[str, Any]:
    """How many of each, and who turned 18 with a plan in time, late, or without."""
    return {
        "plan_count": {kind: int((plans.kind == k).sum()) for k, kind in enumerate(KINDS)},
        "transition_count": {kind: int((plans.transition == t).sum()) for t, kind in enumerate(TRANSITIONS)},
        "turned_18": [
            {"person": people.cpr[p], "birthday": day, "plan": TIMINGS[timing]}
            for (p, _, timing), day in zip(
                plans.turned_18.tolist(), date_texts(plans.turned_18[:, 1], "%Y-%m-%d"), strict=True
            )
        ],
    }
