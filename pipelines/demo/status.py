"""Employment, education, housing and debt: two states a person goes between, month by month.

Each month a person outside what is aimed for gets there with chance UP, and one who is there falls
out with chance DOWN. While helpful support is at work (from its start to half a year after its
end) employment and housing go another way: UP * exp(GAIN * effect), DOWN * exp(-GAIN * effect), with
the largest effect in SD of the person's helpful episodes. Everybody begins in the balance of UP and
DOWN, so that without helpful support nothing moves but by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.catalogue import Source, Status
from pipelines.demo.cells import Table, date_texts, episode_code, hyphenated, make_table, texts_of
from pipelines.demo.episodes import Episodes, Period
from pipelines.demo.latent import NEVER, Support
from pipelines.demo.links import Links, cpr_on
from pipelines.demo.people import AREAS, Days, People
from pipelines.demo.plan import Booleans, Floats, Integers, Plan

DOMAINS = ("employment", "education", "housing", "debt")
UP = np.array([0.020, 0.012, 0.012, 0.015])
DOWN = np.array([0.015, 0.012, 0.006, 0.020])
IS_HELPED = np.array([True, False, True, False])
GAIN = 3.0
AFTERGLOW_DAYS = 182
# Whom a register knows: from what age, to what age at the extract, of which areas, and how many.
FROM_AGE = np.array([18, 15, 18, 18])
TO_AGE = np.array([67, 30, 200, 200])
AREAS_KNOWN = (("children", "adults", "vulnerable"),) * 3 + (("vulnerable",),)
KNOWN_SHARE = np.array([0.92, 0.9, 0.85, 0.8])
MONTHS_BEFORE = 24
# A month is known by this day.
STATUS_DAY = 15
SIDE_MONTHS = 24


@dataclass(frozen=True)
class Spells:
    """One entry per spell, by domain, person and day; `last` is NEVER while it lasts."""

    domain: Integers
    person: Integers
    first: Integers
    last: Integers
    status: tuple[Status, ...]

    def on(self, domain: int, person: Integers, day: Integers) -> Integers:
        """The spell each person is in on a day, -1 for none; inputs have one shape."""
        count = int(self.person.max()) + 2
        starts = (self.domain * count + self.person) * NEVER + self.first
        spell = np.searchsorted(starts, (domain * count + person) * NEVER + day, side="right") - 1
        is_own = (self.domain[spell] == domain) & (self.person[spell] == person)
        return np.where((spell >= 0) & is_own & (day <= self.last[spell]), spell, -1)


def make_spells(
    plan: Plan,
    people: People,
    episodes: Episodes,
    period: Period,
    statuses: Sequence[Status],
    rng: np.random.Generator,
) -> Spells:
    """Draw what every person's registers say, from two years before the first request to the extract."""
    month = _months(period)
    boost = _boost(plan, episodes.support, month)
    leaves = np.minimum(episodes.moved, episodes.died)
    parts, chosen = [], list[Status]()
    for domain, name in enumerate(DOMAINS):
        of_domain = [s for s in statuses if s.domain == name]
        helped = boost if IS_HELPED[domain] else np.zeros_like(boost)
        is_good = _states(domain, helped, rng)
        enters = _enters(domain, people, len(leaves), period, month, rng)
        # Drawn for every month, so that one person's spells never depend on another's.
        day_of_change = rng.integers(0, 28, is_good.shape)
        person, at, first, last = _runs(
            is_good, enters, month + day_of_change.T, month, leaves, period.extract
        )
        parts.append((np.full(len(person), domain), person, first, last))
        for p, m in zip(person.tolist(), at.tolist(), strict=True):
            fitting = [s for s in of_domain if s.is_favourable == is_good[m, p]]
            chosen.append(fitting[int(day_of_change[m, p]) % len(fitting)])
    domains, person, first, last = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Spells(domains, person, first, last, tuple(chosen))


def _months(period: Period) -> Integers:
    """The first day of every month of the registers."""
    ends = np.array([period.first_request, period.extract]).astype("datetime64[D]").astype("datetime64[M]")
    months = np.arange(ends[0] - MONTHS_BEFORE, ends[1] + 1)
    return np.asarray(months.astype("datetime64[D]").astype(np.int64))


def _boost(plan: Plan, support: Support, month: Integers) -> Floats:
    """The largest effect of helpful support at work, (month, i); 0 where there is none."""
    boost = np.zeros((len(month), support.people_count))
    effect = plan.effect_sd[support.intervention]
    for e in np.flatnonzero((support.started < NEVER) & (effect > 0)).tolist():
        at_work = (month >= support.started[e]) & (month <= support.ended[e] + AFTERGLOW_DAYS)
        own = boost[:, support.person[e]]
        own[at_work] = np.maximum(own[at_work], effect[e])
    return boost


def _states(domain: int, boost: Floats, rng: np.random.Generator) -> Booleans:
    draw = rng.random(boost.shape)
    up, down = UP[domain] * np.exp(GAIN * boost), DOWN[domain] * np.exp(-GAIN * boost)
    is_good = np.zeros(boost.shape, dtype=np.bool_)
    is_good[0] = draw[0] < UP[domain] / (UP[domain] + DOWN[domain])
    for m in range(1, len(boost)):
        is_good[m] = np.where(is_good[m - 1], draw[m] >= down[m], draw[m] < up[m])
    return is_good


def _enters(
    domain: int, people: People, count: int, period: Period, month: Integers, rng: np.random.Generator
) -> Integers:
    """The month from which a register knows each person; past the last where it never does."""
    born: Days = people.birth_date[:count]
    birthday = born.astype(np.int64)
    age_at_end = (period.extract - birthday) / 365.25
    area = np.array([AREAS[a] in AREAS_KNOWN[domain] for a in people.area[:count]])
    is_known = (rng.random(count) < KNOWN_SHARE[domain]) & area & (age_at_end < TO_AGE[domain])
    old_enough = np.searchsorted(month, birthday + np.ceil(FROM_AGE[domain] * 365.25))
    return np.where(is_known, old_enough, len(month))


def _runs(
    is_good: Booleans, enters: Integers, change_day: Integers, month: Integers, leaves: Integers, extract: int
) -> tuple[Integers, Integers, Integers, Integers]:
    """Person, month, first day and last day of every spell, by person and day."""
    step = np.arange(len(month))[:, None]
    changes = np.vstack([np.zeros_like(is_good[:1]), is_good[1:] != is_good[:-1]])
    person, at = np.nonzero(((step == enters) | (changes & (step > enters))).T)
    # A change falls on any day of its month, a register's first row on the first.
    first = np.where(at == enters[person], month[at], change_day[person, at])
    is_there = (first <= extract) & (first <= leaves[person])
    person, at, first = person[is_there], at[is_there], first[is_there]
    goes_on = np.append(person[1:] == person[:-1], False)
    last = np.where(goes_on, np.append(first[1:], NEVER) - 1, NEVER)
    return person, at, first, np.minimum(last, leaves[person])


def spells_table(
    people: People,
    links: Links,
    spells: Spells,
    source: Source,
    reporting_year: int,
    *,
    open_text: str = "",
) -> Table:
    """The spells of the domains a source delivers; `open_text` is how it writes "still so"."""
    feed = source.feeds[0]
    headings, texts = texts_of(feed, "domain"), texts_of(feed, "status_id")
    delivered = set(headings) or {feed.constants["domain"]}
    rows = np.flatnonzero(np.isin(spells.domain, [d for d, name in enumerate(DOMAINS) if name in delivered]))
    columns = {
        "person_id": [hyphenated(c) for c in cpr_on(people, links, spells.person[rows], spells.first[rows])],
        "status_id": [texts[spells.status[r].id][0] for r in rows],
        "from_date": date_texts(spells.first[rows], "%d-%m-%Y"),
        "to_date": [text or open_text for text in date_texts(spells.last[rows], "%d-%m-%Y")],
    }
    if headings:
        columns["domain"] = [headings[DOMAINS[d]][0] for d in spells.domain[rows]]
    return make_table(source, reporting_year, 1, columns)


def status_truth(plan: Plan, support: Support, spells: Spells, extract: int) -> dict[str, Any]:
    """Favourable months of the 24 on either side of each start, where every one of them is known."""
    is_good = np.array([s.is_favourable for s in spells.status])
    started = np.flatnonzero(support.started < NEVER)
    person = support.person[started][:, None]
    days = {side: _status_days(support.started[started], side) for side in ("before", "after")}
    rows: list[dict[str, Any]] = []
    for domain, name in enumerate(DOMAINS):
        counts = {}
        is_known = np.ones(len(started), dtype=np.bool_)
        for side, of_side in days.items():
            spell = spells.on(domain, np.broadcast_to(person, of_side.shape), of_side)
            is_known &= ((spell >= 0) & (of_side <= extract)).all(axis=1)
            counts[side] = (is_good[spell] & (spell >= 0)).sum(axis=1)
        rows.extend(
            {
                "episode_id": episode_code(int(started[n])),
                "domain": name,
                "favourable_before": int(counts["before"][n]),
                "favourable_after": int(counts["after"][n]),
            }
            for n in np.flatnonzero(is_known)
        )
    return {
        "side_months": SIDE_MONTHS,
        "status_day": STATUS_DAY,
        "by_role": _by_role(plan, support, rows),
        "rows": rows,
    }


def _status_days(start: Integers, side: str) -> Integers:
    """The status days before (a start on one included) and after each start, (e, month)."""
    month = start.astype("datetime64[D]").astype("datetime64[M]")
    own = (month.astype("datetime64[D]") + (STATUS_DAY - 1)).astype(np.int64)
    last_before = month - np.where(own > start, 1, 0)
    ahead = np.arange(1, SIDE_MONTHS + 1) if side == "after" else np.arange(1 - SIDE_MONTHS, 1)
    there = last_before[:, None] + ahead
    return np.asarray((there.astype("datetime64[D]") + (STATUS_DAY - 1)).astype(np.int64))


def _by_role(plan: Plan, support: Support, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mean months of people whose every started episode is of one role: nothing else moves them."""
    started = support.started < NEVER
    has = {role: np.zeros(support.people_count, dtype=np.bool_) for role in ("helpful", "useless", "harmful")}
    for role, of_role in has.items():
        of_role[support.person[started & (np.array(plan.roles)[support.intervention] == role)]] = True
    codes = {episode_code(e): int(support.person[e]) for e in np.flatnonzero(started).tolist()}
    found = []
    for role, of_role in has.items():
        only = of_role & ~np.any([other for name, other in has.items() if name != role], axis=0)
        for domain in DOMAINS:
            mine = [r for r in rows if r["domain"] == domain and only[codes[r["episode_id"]]]]
            if mine:
                means = {
                    f"mean_{side}": round(float(np.mean([r[side] for r in mine])), 4)
                    for side in ("favourable_before", "favourable_after")
                }
                found.append({"role": role, "domain": domain, "episode_count": len(mine), **means})
    return found
