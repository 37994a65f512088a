"""When people are measured, who answers, and with what score.

Visits of an episode (days drawn, so dates are irregular):

* at the request, for a third of those who wait four weeks or more;
* baseline, start -21 to +10 days, 92 % of the started; one in 20 comes 20-60 days late;
* horizon, start + 6 or 12 months with SD 15 days; one in 20 is 50-100 days late;
* end, 30 days before to 60 days after the end, for 30 %;
* long, about start + 24 months, for 20 %;
* interim, about monthly while support runs, but not within 60 days of the horizon; as many as
  bring the municipality to the wanted number of measurements. SDQ looks half a year back, VUM and
  FSIII are whole assessments: they are filled in at 3 of 10 interim visits.

From the horizon on, who answers depends on how they are (missing not at random):

    logit P(answer) = logit(response_j) + 0.7 * (z - mean z) - 0.8 * dropped out

with z the person's wellness on the intervention's primary scale that day. At a visit every scale
the intervention declares is filled in, each missing in 4 %; one episode in ten uses one
scale more. At 8 % of the follow-ups another respondent fills in the same instrument.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.demo.episodes import Episodes
from pipelines.demo.latent import NEVER, Course, to_score
from pipelines.demo.plan import Booleans, Floats, Integers, Plan

KINDS = ("request", "baseline", "horizon", "end", "long", "interim")
REQUEST, BASELINE, HORIZON, END, LONG, INTERIM = range(len(KINDS))
MONTH_DAYS = 30.4375
REQUEST_SHARE = 1 / 3
BASELINE_SHARE = 0.92
END_SHARE = 0.30
LONG_SHARE = 0.20
LATE_SHARE = 0.05
SCALE_MISSING_SHARE = 0.04
EXTRA_SCALE_SHARE = 0.10
OTHER_RESPONDENT_SHARE = 0.08
RESPONSE_PER_SD = 0.7
RESPONSE_DROP_OUT = -0.8
INTERIM_VISITS = 24
INTERIM_FREE_DAYS = 60
INTERIM_SHARES = {"SDQ": 0.3, "VUM": 0.3, "FSIII": 0.3}


@dataclass(frozen=True)
class Visits:
    """Planned days of measuring; one entry per episode and day."""

    episode: Integers
    day: Integers
    kind: Integers


@dataclass(frozen=True)
class Measurements:
    """The scores on record, ordered by day; one entry per person, scale and day."""

    person: Integers
    scale: Integers
    day: Integers
    score: Floats


def make_measurements(
    course: Course, episodes: Episodes, count: int, extract_day: int, rng: np.random.Generator
) -> Measurements:
    """Draw visits, answers and scores, `count` of them in all (fewer if too few visits are possible)."""
    plan = course.plan
    visits = _visits(plan, episodes, extract_day, rng)
    patience = rng.random(len(visits.day)) / _response(course, episodes, visits)
    row, scale = np.nonzero(_scales_by_episode(plan, episodes, rng)[visits.episode])
    interim_share = np.array([INTERIM_SHARES.get(s.instrument, 1.0) for s in plan.scales])[scale]
    is_interim = visits.kind[row] == INTERIM
    is_used = rng.random(len(row)) < np.where(is_interim, interim_share, 1.0) * (1 - SCALE_MISSING_SHARE)
    row, scale, is_interim = row[is_used], scale[is_used], is_interim[is_used]
    answers = patience[row] < 1
    scale = _respondents(plan, scale, visits.kind[row] > BASELINE, rng)
    person, day = episodes.support.person[visits.episode[row]], visits.day[row]
    kept = _first_of_each(person, scale, day, answers & ~is_interim)
    # The most willing interim answers fill up to the wanted number.
    interim = np.flatnonzero(answers & is_interim)
    interim = interim[np.argsort(patience[row[interim]], kind="stable")]
    everything = np.concatenate([kept, interim])
    chosen = everything[_first_of_each(person[everything], scale[everything], day[everything])][:count]
    chosen = chosen[np.lexsort((scale[chosen], person[chosen], day[chosen]))]
    person, scale, day = person[chosen], scale[chosen], day[chosen]
    z = course.wellness(person, scale, day)
    return Measurements(person, scale, day, to_score(plan, scale, z, rng.standard_normal(len(z))))


def _visits(plan: Plan, episodes: Episodes, extract_day: int, rng: np.random.Generator) -> Visits:
    """Every planned visit that can take place: before the extract, and before moving away or death."""
    support = episodes.support
    horizon = np.round(plan.horizon_months[support.intervention] * MONTH_DAYS).astype(np.int64)
    appointments = _appointments(episodes, horizon, rng)
    until = np.minimum(support.ended, extract_day)
    interim_episode, interim_day = _interim(support.started, until, horizon, rng)
    visits = Visits(
        np.concatenate([*(np.flatnonzero(due) for _, _, due in appointments), interim_episode]),
        np.concatenate([*(day[due] for _, day, due in appointments), interim_day]),
        np.repeat(
            [*(kind for kind, _, _ in appointments), INTERIM],
            [*(int(due.sum()) for _, _, due in appointments), len(interim_day)],
        ),
    )
    person = support.person[visits.episode]
    last = np.minimum(np.minimum(episodes.moved, episodes.died)[person], extract_day)
    possible = (visits.day <= last) & (visits.day >= support.requested[visits.episode])
    return Visits(visits.episode[possible], visits.day[possible], visits.kind[possible])


def _appointments(
    episodes: Episodes, horizon: Integers, rng: np.random.Generator
) -> tuple[tuple[int, Integers, Booleans], ...]:
    """Return kind, day and whether it is planned, per episode, of every kind of visit but the interim."""
    support = episodes.support
    start, end, count = support.started, support.ended, len(support.started)

    def days(first: int, last: int) -> Integers:
        return rng.integers(first, last + 1, count)

    def chance(share: float) -> Booleans:
        return rng.random(count) < share

    baseline = np.where(chance(LATE_SHARE), days(20, 60), days(-21, 10))
    spread = np.clip(np.round(rng.normal(0, 15, count)), -44, 44).astype(np.int64)
    follow_up = horizon + np.where(chance(LATE_SHARE), days(50, 100), spread)
    has_waited = start - support.requested >= 28
    return (
        (REQUEST, support.requested + days(0, 7), chance(REQUEST_SHARE) & has_waited),
        (BASELINE, start + baseline, chance(BASELINE_SHARE)),
        (HORIZON, start + follow_up, chance(1.0)),
        (END, end + days(-30, 60), chance(END_SHARE)),
        (LONG, start + 730 + days(-40, 40), chance(LONG_SHARE)),
    )


def _interim(
    started: Integers, until: Integers, horizon: Integers, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    after = (np.arange(1, INTERIM_VISITS + 1) * MONTH_DAYS).astype(np.int64)
    after = after + rng.integers(-10, 11, (len(started), INTERIM_VISITS))
    is_planned = (started[:, None] + after < until[:, None]) & (
        np.abs(after - horizon[:, None]) > INTERIM_FREE_DAYS
    )
    episode, visit = np.nonzero(is_planned)
    return episode, started[episode] + after[episode, visit]


def _response(course: Course, episodes: Episodes, visits: Visits) -> Floats:
    """Return P(answer) at each visit; 1 before support has had time to matter."""
    plan, support = course.plan, course.support
    intervention = support.intervention[visits.episode]
    primary = plan.outcome_share.argmax(axis=1)[intervention]
    z = course.wellness(support.person[visits.episode], primary, visits.day)
    share = plan.response_share[intervention]
    logit = np.log(share / (1 - share)) + RESPONSE_PER_SD * (z - z.mean())
    logit += RESPONSE_DROP_OUT * episodes.is_drop_out[visits.episode]
    return np.where(visits.kind <= BASELINE, 1.0, 1 / (1 + np.exp(-logit)))


def _scales_by_episode(plan: Plan, episodes: Episodes, rng: np.random.Generator) -> Booleans:
    """Which scales each episode uses, (e, k): those declared, and one more of its area in one of ten."""
    intervention = episodes.support.intervention
    sheets = plan.is_outcome[intervention]
    area = np.array([i.area for i in plan.interventions])
    in_area = np.stack([plan.is_outcome[area == a].any(axis=0) for a in area])[intervention]
    candidate = np.where(in_area & ~sheets, rng.random(sheets.shape), -1.0)
    has_extra = (rng.random(len(sheets)) < EXTRA_SCALE_SHARE) & (candidate.max(axis=1) >= 0)
    sheets[np.flatnonzero(has_extra), candidate[has_extra].argmax(axis=1)] = True
    return sheets


def _respondents(plan: Plan, scale: Integers, is_follow_up: Booleans, rng: np.random.Generator) -> Integers:
    """Let another respondent fill in a few of the follow-ups, where the instrument has one."""
    instruments = [s.instrument for s in plan.scales]
    other = np.array(
        [
            next((o for o, name in enumerate(instruments) if name == instrument and o != k), k)
            for k, instrument in enumerate(instruments)
        ]
    )
    switches = is_follow_up & (rng.random(len(scale)) < OTHER_RESPONDENT_SHARE)
    return np.where(switches, other[scale], scale)


def _first_of_each(
    person: Integers, scale: Integers, day: Integers, among: Booleans | None = None
) -> npt.NDArray[np.int64]:
    """Return the index of the first row of every person, scale and day, in the rows' own order."""
    rows = np.arange(len(day)) if among is None else np.flatnonzero(among)
    key = (person[rows] * 64 + scale[rows]) * NEVER + day[rows]
    return np.sort(rows[np.unique(key, return_index=True)[1]])
