"""Two surveys: one of the people served, in two years, and one of the staff that too few answer.

Whom the citizen survey reaches is drawn among the grown-ups served that year. Women and the old answer more
often than young men, and they answer otherwise: so the plain mean of the answers is too good, by an amount
that is planted and that weighting by sex and age takes away. An answer is a step on a scale of 1 to 5 of a
normal variable,

    place + year's rise + group (sex and age) + (general trait + noise) / sqrt(2),

cut at CUTS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Cell, Table, date_texts, hyphenated, make_table
from pipelines.demo.episodes import Episodes, Period
from pipelines.demo.latent import NEVER, Course
from pipelines.demo.links import Links, cpr_on
from pipelines.demo.people import People
from pipelines.demo.plan import Booleans, Floats, Integers

CUTS = (-1.5, -0.75, -0.05, 1.0)
STEPS = len(CUTS) + 1


@dataclass(frozen=True)
class Asked:
    """Where people stand on a question, how much that rose by the second year, and the groups' part in it."""

    place: float
    rise: float
    group: float


# A question whose low answers are the good ones has the groups' part turned round.
QUESTIONS: Mapping[str, Asked] = {
    "overview": Asked(0.00, 0.30, 1.0),
    "coherence": Asked(-0.20, 0.15, 1.0),
    "respect": Asked(0.70, 0.00, 0.6),
    "helpful": Asked(0.40, 0.05, 0.8),
    "fun": Asked(0.20, -0.05, 1.0),
    "lonely": Asked(-0.55, 0.00, -0.8),
    "welcome": Asked(0.10, 0.00, 0.8),
    "influence": Asked(0.00, 0.10, 1.0),
    "independence": Asked(0.30, 0.00, 0.6),
    "fits": Asked(0.20, 0.05, 0.8),
}
STAFF_QUESTIONS: Mapping[str, float] = {
    "staff_feedback": -0.1,
    "staff_reflection": 0.3,
    "staff_room_to_act": 0.6,
}
YEARS_BACK = (1, 0)
INVITED_COUNT = 800
GROWN_UP = 18
INVITED_MONTH, INVITED_DAYS = 9, 14
LATEST_ANSWER_DAYS = 28
# The young are below 30, the old from 67.
YOUNG, OLD = 30, 67
RESPONSE_SHARES = {"young_men": 0.25, "young_women": 0.48, "men": 0.54, "women": 0.72, "old": 0.76}
GROUPS = {"young_men": -0.9, "young_women": -0.2, "men": -0.3, "women": 0.3, "old": 0.35}
BLANK_SHARE, DO_NOT_KNOW_SHARE = 0.03, 0.02
DO_NOT_KNOW = "Ved ikke"
STAFF_COUNT, STAFF_RESPONSE_SHARE = 180, 0.22


@dataclass(frozen=True)
class Round:
    """One survey in one year. One entry per person whom its figures are about, by `person` (-1: not known).

    `answer`, (n, question), is what each would say, asked or not; `is_said` tells what stands in the file,
    and `is_unsure` where they say that they do not know. `invited` and `answered` are days or NEVER.
    """

    year: int
    questions: tuple[str, ...]
    person: Integers
    group: tuple[str, ...]
    chance: Floats
    invited: Integers
    answered: Integers
    answer: Integers
    is_said: Booleans
    is_unsure: Booleans


@dataclass(frozen=True)
class Surveys:
    """The rounds of the citizen survey, the earliest first, and the one of the staff survey."""

    citizen: tuple[Round, ...]
    staff: Round


def make_surveys(
    people: People, course: Course, episodes: Episodes, period: Period, year: int, rng: np.random.Generator
) -> Surveys:
    """Draw who was asked, who answered and what everybody would have said."""
    citizen = tuple(
        _citizen_round(people, course, episodes, period, year - back, turn, rng)
        for turn, back in enumerate(YEARS_BACK)
    )
    return Surveys(citizen, _staff_round(year, rng))


def _citizen_round(
    people: People,
    course: Course,
    episodes: Episodes,
    period: Period,
    year: int,
    turn: int,
    rng: np.random.Generator,
) -> Round:
    support = course.support
    first, last, sent = (_day(year, *there) for there in ((1, 1), (12, 31), (INVITED_MONTH, 1)))
    until = np.minimum(support.ended, period.extract)
    person = np.unique(support.person[(support.started <= last) & (until >= first)])
    person = person[_ages(people, person, year) >= GROWN_UP]
    began = np.full(support.people_count, NEVER)
    np.minimum.at(began, support.person[until >= first], support.started[until >= first])
    leaves = np.minimum(episodes.moved, episodes.died)[person]
    can_be_asked = np.flatnonzero((began[person] < sent) & (leaves > sent + INVITED_DAYS))
    asked = rng.choice(can_be_asked, min(INVITED_COUNT, len(can_be_asked)), replace=False)
    invited = np.full(len(person), NEVER)
    invited[asked] = sent + rng.integers(0, INVITED_DAYS, len(asked))
    group = _groups(people, person, year)
    chance = np.array([RESPONSE_SHARES[g] for g in group])
    place = np.array([[q.place + q.rise * turn for q in QUESTIONS.values()]])
    place = place + np.array([GROUPS[g] for g in group])[:, None] * [q.group for q in QUESTIONS.values()]
    trait = course.latent.general[person][:, None] * np.sign([q.group for q in QUESTIONS.values()])
    return _answered(year, tuple(QUESTIONS), person, group, chance, invited, place, trait, rng)


def _staff_round(year: int, rng: np.random.Generator) -> Round:
    invited = np.full(STAFF_COUNT, _day(year, INVITED_MONTH, 1))
    place = np.tile(list(STAFF_QUESTIONS.values()), (STAFF_COUNT, 1))
    trait = np.repeat(rng.standard_normal((STAFF_COUNT, 1)), len(STAFF_QUESTIONS), axis=1)
    nobody, chance = np.full(STAFF_COUNT, -1), np.full(STAFF_COUNT, STAFF_RESPONSE_SHARE)
    staff = ("staff",) * STAFF_COUNT
    return _answered(year, tuple(STAFF_QUESTIONS), nobody, staff, chance, invited, place, trait, rng)


def _answered(
    year: int,
    questions: tuple[str, ...],
    person: Integers,
    group: tuple[str, ...],
    chance: Floats,
    invited: Integers,
    place: Floats,
    trait: Floats,
    rng: np.random.Generator,
) -> Round:
    noise = rng.standard_normal(place.shape)
    answer = 1 + (place[..., None] + (trait + noise)[..., None] / np.sqrt(2) > CUTS).sum(axis=-1)
    # Drawn for everybody, so that one person's answers never depend on who else was asked.
    answers = (rng.random(len(person)) < chance) & (invited < NEVER)
    answered = invited + rng.integers(0, LATEST_ANSWER_DAYS + 1, len(person))
    share = rng.random(answer.shape)
    return Round(
        year=year,
        questions=questions,
        person=person,
        group=group,
        chance=chance,
        invited=invited,
        answered=np.where(answers, answered, NEVER),
        answer=answer,
        is_said=answers[:, None] & (share >= BLANK_SHARE + DO_NOT_KNOW_SHARE),
        is_unsure=answers[:, None] & (share < DO_NOT_KNOW_SHARE),
    )


def _groups(people: People, person: Integers, year: int) -> tuple[str, ...]:
    age = _ages(people, person, year)
    plain = np.where(people.is_male[person], "men", "women")
    young = np.where(people.is_male[person], "young_men", "young_women")
    return tuple(np.where(age >= OLD, "old", np.where(age < YOUNG, young, plain)).tolist())


def _ages(people: People, person: Integers, year: int) -> Integers:
    """Completed years at the end of the year."""
    born = people.birth_date[person].astype("datetime64[Y]").astype(np.int64) + 1970
    return np.asarray(year - born)


def _day(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - date(1970, 1, 1)).days


def citizen_table(
    people: People, links: Links, rounds: Sequence[Round], source: Source, reporting_year: int
) -> Table:
    """One row per invited person and year."""
    parts = [(r, np.flatnonzero(r.invited < NEVER)) for r in rounds]
    person, invited = (
        np.concatenate([getattr(r, name)[rows] for r, rows in parts]) for name in ("person", "invited")
    )
    numbers = {"person_id": [hyphenated(cpr) for cpr in cpr_on(people, links, person, invited)]}
    return _table(parts, "B", numbers, source, reporting_year)


def staff_table(staff: Round, source: Source, reporting_year: int) -> Table:
    """One row per invited employee, of whom nothing is told."""
    return _table([(staff, np.arange(len(staff.person)))], "P", {}, source, reporting_year)


def _table(
    parts: Sequence[tuple[Round, Integers]],
    letter: str,
    people_columns: Mapping[str, Sequence[Cell]],
    source: Source,
    reporting_year: int,
) -> Table:
    questions = {feed.constants["question_id"]: feed.columns["answer"] for feed in source.feeds[1:]}
    headers = {"answered_date": source.feeds[1].columns["answered_date"]}
    headers |= {f"answer_{question}": header for question, header in questions.items()}
    columns: dict[str, Sequence[Cell]] = {
        "invitation_id": [f"{letter}{r.year}-{n:04d}" for r, rows in parts for n in range(1, len(rows) + 1)],
        **people_columns,
        "invited_date": _dates(parts, "invited"),
        "answered_date": _dates(parts, "answered"),
    }
    for question in questions:
        columns[f"answer_{question}"] = [text for r, rows in parts for text in _texts(r, rows, question)]
    return make_table(source, reporting_year, 1, columns, headers=headers)


def _dates(parts: Sequence[tuple[Round, Integers]], name: str) -> list[str]:
    return date_texts(np.concatenate([getattr(r, name)[rows] for r, rows in parts]), "%d-%m-%Y")


def _texts(one: Round, rows: Integers, question: str) -> list[str]:
    q = one.questions.index(question)
    unsaid = np.where(one.is_unsure[rows, q], DO_NOT_KNOW, "")
    return [str(t) for t in np.where(one.is_said[rows, q], one.answer[rows, q].astype(str), unsaid)]


def surveys_truth(surveys: Surveys) -> dict[str, Any]:
    """Per survey and year: who was asked and answered, what is true, and what the plain answers would say."""
    return {
        "citizen": [_round_truth(r) for r in surveys.citizen],
        "staff": [_round_truth(surveys.staff)],
    }


def _round_truth(one: Round) -> dict[str, Any]:
    is_invited, has_answered = one.invited < NEVER, one.answered < NEVER
    groups = np.array(one.group)
    return {
        "year": one.year,
        "population_count": len(one.person),
        "invited_count": int(is_invited.sum()),
        "answered_count": int(has_answered.sum()),
        "response_share": _share(has_answered, is_invited),
        "response_share_by_group": {
            group: _share(has_answered & (groups == group), is_invited & (groups == group))
            for group in sorted(set(one.group))
        },
        "questions": {q: _question_truth(one, n) for n, q in enumerate(one.questions)},
    }


def _question_truth(one: Round, q: int) -> dict[str, Any]:
    """What everybody would say, what is expected of the plain answers, and what they came to.

    `biased_*` is of the population with each person counted by the chance of answering: it is the truth plus
    the bias that is planted, without the luck of who was drawn. A distribution counts the answers 1 to 5.
    """
    said = one.answer[one.is_said[:, q], q]
    everybody = np.ones(len(one.person))
    return {
        "distribution": np.bincount(one.answer[:, q], minlength=STEPS + 1)[1:].tolist(),
        "answered_distribution": np.bincount(said, minlength=STEPS + 1)[1:].tolist(),
        **_figures("true", one.answer[:, q], everybody),
        **_figures("biased", one.answer[:, q], one.chance),
        **_figures("answered", said, np.ones(len(said))),
    }


def _figures(name: str, answer: Integers, weight: Floats) -> dict[str, float]:
    values: dict[str, Integers | Booleans] = {
        "mean": answer,
        "share_at_least_4": answer >= 4,
        "share_at_most_2": answer <= 2,
    }
    return {f"{name}_{of}": round(float(value @ weight / weight.sum()), 4) for of, value in values.items()}


def _share(part: Booleans, whole: Booleans) -> float:
    return round(float(part.sum() / whole.sum()), 4)
