"""Weekly hours granted over time: a new decision about every half year.

Where support helps, each new grant is smaller by the effect, hours * exp(-FALL_PER_SD * effect);
where it does not, grants go up and down by chance alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Table, date_texts, episode_code, make_table, number_texts
from pipelines.demo.episodes import Episodes
from pipelines.demo.latent import NEVER, Support
from pipelines.demo.links import Links, cpr_on
from pipelines.demo.people import People
from pipelines.demo.plan import Floats, Integers, Plan

GRANT_EPISODES = 1100
GRANT_DAYS = 150
GRANT_SPREAD_DAYS = 20
HIGHEST_GRANT_COUNT = 6
FALL_PER_SD = 0.5
NOISE_SD = 0.08
STEP = 0.5


@dataclass(frozen=True)
class Grants:
    """One entry per grant, by episode and day."""

    episode: Integers
    day: Integers
    weekly_hours: Floats


def make_grants(plan: Plan, episodes: Episodes, extract_day: int, rng: np.random.Generator) -> Grants:
    """Draw the grants of some of the started episodes; the first is the episode's own hours."""
    support = episodes.support
    started = np.flatnonzero(support.started < NEVER)
    chosen = np.sort(rng.choice(started, min(GRANT_EPISODES, len(started)), replace=False))
    spread = rng.integers(-GRANT_SPREAD_DAYS, GRANT_SPREAD_DAYS + 1, (len(chosen), HIGHEST_GRANT_COUNT))
    noise = rng.normal(0, NOISE_SD, spread.shape)
    spread[:, 0] = noise[:, 0] = 0
    turn = np.arange(HIGHEST_GRANT_COUNT)
    day = support.started[chosen][:, None] + turn * GRANT_DAYS + spread
    effect = np.maximum(plan.effect_sd[support.intervention[chosen]], 0.0)
    factor = np.exp(-FALL_PER_SD * effect[:, None] * turn + noise)
    hours = np.maximum(np.round(episodes.weekly_hours[chosen][:, None] * factor / STEP) * STEP, STEP)
    until = np.minimum(support.ended, extract_day)[chosen]
    row, place = np.nonzero((day <= until[:, None]) | (turn == 0))
    return Grants(chosen[row], day[row, place], hours[row, place])


def grants_table(
    people: People, links: Links, support: Support, grants: Grants, source: Source, reporting_year: int
) -> Table:
    """One row per grant."""
    columns = {
        "episode_id": [episode_code(e) for e in grants.episode],
        "person_id": cpr_on(people, links, support.person[grants.episode], grants.day),
        "from_date": date_texts(grants.day, "%d-%m-%Y"),
        "weekly_hours": number_texts(grants.weekly_hours, 1, [True] * len(grants.day)),
    }
    return make_table(source, reporting_year, 1, columns)


def hours_truth(plan: Plan, support: Support, grants: Grants) -> dict[str, Any]:
    """Each episode's first and last grant, and the mean fall by role among those granted again."""
    is_first = np.append(True, grants.episode[1:] != grants.episode[:-1])
    is_last = np.append(grants.episode[1:] != grants.episode[:-1], True)
    episode, first = grants.episode[is_first], grants.weekly_hours[is_first]
    last, count = grants.weekly_hours[is_last], np.diff(np.flatnonzero(np.append(is_first, True)))
    roles = np.array(plan.roles)[support.intervention[episode]]
    again = count > 1
    return {
        "mean_fall_share": {
            role: round(float((1 - last[here] / first[here]).mean()), 4)
            for role in sorted(set(roles.tolist()))
            if (here := again & (roles == role)).any()
        },
        "rows": [
            {"episode_id": episode_code(e), "grant_count": n, "first_hours": before, "last_hours": after}
            for e, n, before, after in zip(*(a.tolist() for a in (episode, count, first, last)), strict=True)
        ],
    }
