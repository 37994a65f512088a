"""People who changed their number: everything of before the change stands under the former one."""

from dataclasses import dataclass

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Table, date_texts, hyphenated, make_table
from pipelines.demo.episodes import Period
from pipelines.demo.latent import NEVER, Support
from pipelines.demo.people import People, fictitious_cpr
from pipelines.demo.plan import Integers

LINK_COUNT = 12
# So long before and after the change there is something to put together.
EACH_SIDE_DAYS = 120


@dataclass(frozen=True)
class Links:
    """One entry per person with two numbers; `changed` is the first day of the present one."""

    person: Integers
    changed: Integers
    former_cpr: tuple[str, ...]


def make_links(people: People, support: Support, period: Period, rng: np.random.Generator) -> Links:
    """Draw who changed number, and when: between their first request and the extract."""
    is_known_long = support.first_request < period.extract - 3 * EACH_SIDE_DAYS
    person = np.sort(rng.choice(np.flatnonzero(is_known_long), LINK_COUNT, replace=False))
    first = support.first_request[person] + EACH_SIDE_DAYS
    changed = rng.integers(first, period.extract - EACH_SIDE_DAYS)
    taken, former = set(people.cpr), list[str]()
    for p in person.tolist():
        cpr = people.cpr[p]
        while cpr in taken:
            (cpr,) = fictitious_cpr(people.birth_date[p : p + 1], people.is_male[p : p + 1], rng)
        taken.add(cpr)
        former.append(cpr)
    return Links(person, changed, tuple(former))


def cpr_on(people: People, links: Links, person: Integers, day: Integers) -> list[str]:
    """The numbers people had on days; on NEVER, their present ones."""
    numbers = np.array(people.cpr)[person]
    for p, changed, former in zip(links.person, links.changed, links.former_cpr, strict=True):
        numbers[(person == p) & (day < changed)] = former
    return [str(number) for number in numbers]


def links_table(people: People, links: Links, source: Source, reporting_year: int) -> Table:
    """The civil register's list of changed numbers."""
    columns = {
        "former_person_id": [hyphenated(cpr) for cpr in links.former_cpr],
        "person_id": cpr_on(people, links, links.person, np.full(len(links.person), NEVER)),
        "Skiftet den": date_texts(links.changed, "%d-%m-%Y"),
    }
    return make_table(source, reporting_year, 1, columns, unmapped=frozenset({"Skiftet den"}))
