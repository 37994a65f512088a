"""Crises, notifications and admissions; some crises come while people wait for support."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Table, date_texts, episode_code, free_texts, make_table, texts_of
from pipelines.demo.episodes import Episodes, Period
from pipelines.demo.latent import NEVER, Support
from pipelines.demo.links import Links, cpr_on
from pipelines.demo.people import AREAS, People
from pipelines.demo.plan import Integers

KINDS = ("crisis", "notification", "admission")
CRISIS_WHILE_WAITING_COUNT = 220
# The others, per area: how they are shared out over the kinds.
BACKGROUND_COUNT = 600
KIND_SHARES = {
    "children": (0.15, 0.80, 0.05),
    "adults": (0.35, 0.05, 0.60),
    "vulnerable": (0.60, 0.05, 0.35),
}
REVEALING_NOTE_COUNT = 5


@dataclass(frozen=True)
class Events:
    """One entry per person, kind and day, in the order of the days."""

    person: Integers
    kind: Integers
    day: Integers


def make_events(people: People, episodes: Episodes, period: Period, rng: np.random.Generator) -> Events:
    """Draw crises strictly between request and start of some episodes, and other events at any time."""
    support = episodes.support
    waits = np.flatnonzero((support.started < NEVER) & (support.started - support.requested > 2))
    waiting = rng.choice(waits, min(CRISIS_WHILE_WAITING_COUNT, len(waits)), replace=False)
    crisis_day = rng.integers(support.requested[waiting] + 1, support.started[waiting])
    person = rng.integers(0, support.people_count, BACKGROUND_COUNT)
    leaves = np.minimum(np.minimum(episodes.moved, episodes.died)[person], period.extract)
    day = rng.integers(period.first_request, leaves + 1)
    upper = np.cumsum([KIND_SHARES[a] for a in AREAS], axis=1)[people.area[person]]
    kind = (rng.random(BACKGROUND_COUNT)[:, None] > upper[:, :-1]).sum(axis=1)
    # On the very day of a request or start nobody could say what came first.
    steps = np.concatenate([support.person * NEVER + step for step in (support.requested, support.started)])
    while_waiting = np.column_stack([crisis_day, support.person[waiting], np.zeros_like(waiting)])
    rows = np.concatenate([while_waiting, np.column_stack([day, person, kind])])
    is_plain = ~np.isin(rows[:, 1] * NEVER + rows[:, 0], steps)
    day, person, kind = np.unique(rows[is_plain], axis=0).T
    return Events(person, kind, day)


def events_table(
    people: People,
    links: Links,
    events: Events,
    source: Source,
    reporting_year: int,
    rng: np.random.Generator,
) -> Table:
    """One row per event, with free text that nobody asked for."""
    texts = texts_of(source.feeds[0], "kind")
    columns = {
        "person_id": cpr_on(people, links, events.person, events.day),
        "kind": [texts[KINDS[k]][0] for k in events.kind],
        "event_date": date_texts(events.day, "%d.%m.%Y"),
        "Notat": free_texts(people, events.person, REVEALING_NOTE_COUNT, rng),
    }
    return make_table(source, reporting_year, 1, columns, unmapped=frozenset({"Notat"}))


def events_truth(support: Support, events: Events) -> dict[str, Any]:
    """How many of each kind, and the episodes with a crisis after the request and before the start."""
    crises: dict[int, list[int]] = {}
    is_crisis = events.kind == KINDS.index("crisis")
    for person, day in zip(events.person[is_crisis].tolist(), events.day[is_crisis].tolist(), strict=True):
        crises.setdefault(person, []).append(day)
    before = [
        episode_code(e)
        for e in np.flatnonzero(support.started < NEVER).tolist()
        if any(
            support.requested[e] <= day < support.started[e] for day in crises.get(int(support.person[e]), [])
        )
    ]
    return {
        "event_count": {kind: int((events.kind == k).sum()) for k, kind in enumerate(KINDS)},
        "episodes_started_after_a_crisis": before,
    }
