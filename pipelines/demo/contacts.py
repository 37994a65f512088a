"""Meetings with providers while support runs, and how joined-up some people's support was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Cell, Table, dates, make_table, provider_code
from pipelines.demo.latent import NEVER, Support
from pipelines.demo.links import Links, cpr_on
from pipelines.demo.people import People
from pipelines.demo.plan import Integers
from pipelines.demo.plans import Plans

MEAN_CONTACT_COUNT = 5.3
HIGHEST_CONTACT_COUNT = 20
# The people whose year is counted day by day.
COUNTED_PEOPLE = 12


@dataclass(frozen=True)
class Contacts:
    """One entry per person, provider and day, in the order of the days."""

    person: Integers
    intervention: Integers
    provider: Integers
    day: Integers


def make_contacts(support: Support, extract_day: int, rng: np.random.Generator) -> Contacts:
    """Draw days of meeting between start and end; two with one provider on a day are one."""
    started = np.flatnonzero(support.started < NEVER)
    count = np.minimum(rng.poisson(MEAN_CONTACT_COUNT, len(started)), HIGHEST_CONTACT_COUNT)
    episode = np.repeat(started, count)
    until = np.minimum(support.ended, extract_day)[episode]
    day = rng.integers(support.started[episode], until + 1)
    of_episode = (support.person, support.intervention, support.provider)
    keys = np.column_stack([day, *(column[episode] for column in of_episode)])
    day, person, intervention, provider = np.unique(keys, axis=0).T
    return Contacts(person, intervention, provider, day)


def contacts_table(
    people: People, links: Links, contacts: Contacts, source: Source, reporting_year: int
) -> Table:
    """One row per meeting, with dates as dates."""
    columns: dict[str, Sequence[Cell]] = {
        "person_id": cpr_on(people, links, contacts.person, contacts.day),
        "provider_id": _codes(contacts),
        "contact_date": dates(contacts.day),
    }
    return make_table(source, reporting_year, 0, columns)


def _codes(contacts: Contacts) -> list[str]:
    pairs = zip(contacts.intervention.tolist(), contacts.provider.tolist(), strict=True)
    return [provider_code(j, p) for j, p in pairs]


def coherence_truth(
    people: People, support: Support, contacts: Contacts, plans: Plans, reporting_year: int
) -> list[dict[str, Any]]:
    """A few people's reporting year, counted day by day: support, providers, contacts and plans.

    They are the first with three started episodes or more that year; both the day support starts
    and the day it ends belong to it.
    """
    first, last = ((date(reporting_year, *d) - date(1970, 1, 1)).days for d in ((1, 1), (12, 31)))
    codes = _codes(contacts)
    found: list[dict[str, Any]] = []
    for person in range(support.people_count):
        own = [int(e) for e in support.of_person[person] if e >= 0 and support.started[e] < NEVER]
        own = [e for e in own if support.started[e] <= last and support.ended[e] >= first]
        if len(own) < 3 or len(found) == COUNTED_PEOPLE:
            continue
        running = [
            {int(support.intervention[e]) for e in own if support.started[e] <= day <= support.ended[e]}
            for day in range(first, last + 1)
        ]
        rows = np.flatnonzero((contacts.person == person) & (contacts.day >= first) & (contacts.day <= last))
        met = [codes[r] for r in rows]
        found.append(
            {
                "person": people.cpr[person],
                "year": reporting_year,
                "episode_count": len(own),
                "intervention_count": len(set().union(*running)),
                "highest_concurrent_count": max(len(day) for day in running),
                "supported_day_count": sum(len(day) >= 1 for day in running),
                "overlap_day_count": sum(len(day) >= 2 for day in running),
                "contact_count": len(met),
                "contact_provider_count": len(set(met)),
                "continuity": bice_boxerman(met),
                "plan_count": plans.running_count(person, first, last),
            }
        )
    return found


def bice_boxerman(met: list[str]) -> float | None:
    """The continuity index of meetings, 1 when all are with one provider; none below two meetings."""
    n = len(met)
    if n < 2:
        return None
    counts = [met.count(provider) for provider in set(met)]
    return round((sum(c * c for c in counts) - n) / (n * (n - 1)), 6)
