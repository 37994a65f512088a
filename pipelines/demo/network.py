"""The vulnerability strategy's ambassadors and activities, with the numbers that its targets are about.

52 ambassadors on 4 December 2018 is the strategy's own baseline. 152 at the end of 2020 reaches the 150 it
aimed at; 24 of them citizens, 15.8 %, does not reach 20 %. 33 action networks, dialogue meetings, theme days
and others in 2019 and 2020 reach 30; the ambassadors' own meetings and training are not among those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Cell, Table, date_texts, make_table, texts_of
from pipelines.demo.latent import NEVER
from pipelines.demo.plan import Floats, Integers

ROLES = ("citizen", "employee", "politician", "organisation")
CITIZEN = ROLES.index("citizen")
OTHER_ROLE_SHARES = (0.62, 0.10, 0.28)
FIRST_DAY = date(2018, 2, 1)
# Ambassadors at the end of a day, the citizens among them, and how many left since the date before. So many
# join that the citizens are met even if all who leave are citizens.
STOCKS = (
    (date(2018, 12, 4), 52, 5, 0),
    (date(2019, 12, 31), 104, 15, 4),
    (date(2020, 12, 31), 152, 24, 6),
    (date(2021, 12, 31), 158, 28, 10),
    (date(2022, 12, 31), 165, 31, 14),
)
# After the last stock: every year so many leave, and the number grows by so many, citizens too.
YEARLY_LEAVERS, YEARLY_GROWTH, YEARLY_CITIZENS = 10, 7, 4

# How many activities a year, by kind; of later years the last.
KINDS = (
    "network",
    "dialogue_meeting",
    "theme_day",
    "ambassador_meeting",
    "training",
    "reflection",
    "feedback",
    "other",
)
ACTIVITIES = {2019: (5, 4, 2, 2, 1, 1, 1, 3), 2020: (8, 4, 3, 2, 2, 2, 1, 4)}
LATER_ACTIVITIES = (8, 4, 2, 2, 2, 2, 2, 1)
# Mean participants, and the share of citizens among them.
PARTICIPANTS = (14.0, 28.0, 60.0, 35.0, 18.0, 12.0, 16.0, 20.0)
CITIZEN_SHARES = (0.35, 0.45, 0.30, 0.20, 0.05, 0.25, 0.60, 0.30)
ORGANISATIONS = (3.0, 5.0, 9.0, 8.0, 2.0, 2.0, 2.0, 3.0)
NOT_COUNTED_SHARE = 0.06
MUNICIPALITY_SHARE, CIVIL_SOCIETY_SHARE = 0.93, 0.75


@dataclass(frozen=True)
class Ambassadors:
    """One entry per ambassador, in the order of joining; `left` is the first day without them, or NEVER."""

    role: Integers
    joined: Integers
    left: Integers

    def count_on(self, day: int, role: int | None = None) -> int:
        """How many there are on a day, of all roles or one."""
        is_there = (self.joined <= day) & (day < self.left)
        return int((is_there & (role is None or self.role == role)).sum())


@dataclass(frozen=True)
class Activities:
    """One entry per activity, in the order of the days.

    `count`, (n, 3), is of people, citizens among them and organisations; -1 where nobody counted.
    """

    kind: Integers
    day: Integers
    count: Integers
    has_municipality: Integers
    has_civil_society: Integers


def make_ambassadors(extract_day: int, rng: np.random.Generator) -> Ambassadors:
    """Draw who joined and left, so that every stock is met to the person."""
    role, joined, left = (np.empty(0, dtype=np.int64) for _ in range(3))
    before = _number(FIRST_DAY)
    for day, count, citizens, leavers in _stocks(extract_day):
        here = np.flatnonzero(left == NEVER)
        left[rng.choice(here, leavers, replace=False)] = rng.integers(before + 1, day + 1, leavers)
        stays = role[left == NEVER]
        new_citizens = citizens - int((stays == CITIZEN).sum())
        others = count - len(stays) - new_citizens
        new = np.concatenate(
            [np.full(new_citizens, CITIZEN), rng.choice([1, 2, 3], others, p=OTHER_ROLE_SHARES)]
        )
        role, left = np.concatenate([role, new]), np.concatenate([left, np.full(len(new), NEVER)])
        joined = np.concatenate([joined, rng.integers(before + 1, day + 1, len(new))])
        before = day
    order = np.lexsort((role, joined))
    order = order[joined[order] <= extract_day]
    role, joined, left = role[order], joined[order], left[order]
    return Ambassadors(role, joined, np.where(left > extract_day, NEVER, left))


def _stocks(extract_day: int) -> list[tuple[int, int, int, int]]:
    """The stocks that are met by the year after the extract, as day numbers."""
    found = [(_number(day), *numbers) for day, *numbers in STOCKS]
    year, (_, count, citizens, _) = STOCKS[-1][0].year, STOCKS[-1]
    while found[-1][0] < extract_day:
        year, count, citizens = year + 1, count + YEARLY_GROWTH, citizens + YEARLY_CITIZENS
        found.append((_number(date(year, 12, 31)), count, citizens, YEARLY_LEAVERS))
    return [(day, count, citizens, leavers) for day, count, citizens, leavers in found]


def make_activities(extract_day: int, rng: np.random.Generator) -> Activities:
    """Draw the days of each year's activities, who came and who held them."""
    kind, day = [], []
    for year in range(min(ACTIVITIES), 1970 + extract_day // 365 + 1):
        numbers = ACTIVITIES.get(year, LATER_ACTIVITIES)
        kind.append(np.repeat(np.arange(len(KINDS)), numbers))
        day.append(rng.integers(_number(date(year, 1, 8)), _number(date(year, 12, 15)), sum(numbers)))
    kinds, days = np.concatenate(kind), np.concatenate(day)
    people = 2 + rng.poisson(np.array(PARTICIPANTS)[kinds])
    count = np.column_stack(
        [
            people,
            rng.binomial(people, np.array(CITIZEN_SHARES)[kinds]),
            rng.poisson(_of(kinds, ORGANISATIONS)),
        ]
    )
    count[rng.random(len(kinds)) < NOT_COUNTED_SHARE] = -1
    holds = rng.random((len(kinds), 2)) < (MUNICIPALITY_SHARE, CIVIL_SOCIETY_SHARE)
    order = np.lexsort((kinds, days))
    order = order[days[order] <= extract_day]
    return Activities(kinds[order], days[order], count[order], *(holds[order].astype(np.int64).T))


def _of(kinds: Integers, numbers: Sequence[float]) -> Floats:
    return np.array(numbers)[kinds]


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def ambassadors_table(ambassadors: Ambassadors, source: Source, reporting_year: int) -> Table:
    """One row per ambassador, nobody named."""
    texts = texts_of(source.feeds[0], "kind")
    columns = {
        "ambassador_id": [f"A{n:03d}" for n in range(1, len(ambassadors.role) + 1)],
        "kind": [texts[ROLES[r]][0] for r in ambassadors.role],
        "joined_date": date_texts(ambassadors.joined, "%d-%m-%Y"),
        "left_date": date_texts(ambassadors.left, "%d-%m-%Y"),
    }
    return make_table(source, reporting_year, 1, columns)


def activities_table(activities: Activities, source: Source, reporting_year: int) -> Table:
    """One row per activity."""
    feed = source.feeds[0]
    texts = texts_of(feed, "kind")
    columns: dict[str, Sequence[Cell]] = {
        "activity_id": [f"AKT{n:03d}" for n in range(1, len(activities.kind) + 1)],
        "kind": [texts[KINDS[k]][0] for k in activities.kind],
        "started_date": date_texts(activities.day, "%d-%m-%Y"),
    }
    names = ("participant_count", "citizen_count", "organisation_count")
    for name, numbers in zip(names, activities.count.T.tolist(), strict=True):
        columns[name] = ["" if n < 0 else str(n) for n in numbers]
    for name, held in (
        ("with_municipality", activities.has_municipality),
        ("with_civil_society", activities.has_civil_society),
    ):
        answers = texts_of(feed, name)
        columns[name] = [answers["yes" if is_held else "no"][0] for is_held in held.tolist()]
    return make_table(source, reporting_year, 1, columns)


def network_truth(ambassadors: Ambassadors, activities: Activities, extract_day: int) -> dict[str, Any]:
    """Ambassadors on the strategy's own day and at each year's end, and each year's activities by kind."""
    years = activities.day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    year_ends = {_number(date(year, 12, 31)) for year in range(FIRST_DAY.year, 1970 + extract_day // 365 + 1)}
    days = [day for day in sorted(year_ends | {_number(STOCKS[0][0])}) if day <= extract_day]
    return {
        "ambassadors": [
            {
                "date": date_text,
                "count": ambassadors.count_on(day),
                "citizen_count": ambassadors.count_on(day, CITIZEN),
                "citizen_share": round(ambassadors.count_on(day, CITIZEN) / ambassadors.count_on(day), 4),
            }
            for day, date_text in zip(days, date_texts(np.array(days), "%Y-%m-%d"), strict=True)
        ],
        "activities": [_year_truth(activities, years, year) for year in sorted(set(years.tolist()))],
    }


def _year_truth(activities: Activities, years: Integers, year: int) -> dict[str, Any]:
    own = years == year
    counted = own & (activities.count[:, 0] >= 0)
    both = activities.has_municipality & activities.has_civil_society
    return {
        "year": year,
        "count": int(own.sum()),
        "count_by_kind": {kind: int((own & (activities.kind == k)).sum()) for k, kind in enumerate(KINDS)},
        "counted_count": int(counted.sum()),
        "with_citizens_count": int((counted & (activities.count[:, 1] > 0)).sum()),
        "both_sectors_count": int((own & (both == 1)).sum()),
        "participant_count": int(activities.count[counted, 0].sum()),
        "organisation_count": int(activities.count[counted, 2].sum()),
    }
