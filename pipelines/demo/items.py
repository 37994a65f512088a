"""WHO-5 answers where a system delivers no finished score.

Some of the municipality's WHO-5 scores come as their five answers (0-5, whose sum times four is the
score) instead. Beside them are questionnaires with answers missing, which no rule scores, and a few
that contradict a finished score of the same day, which goes first.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.catalogue import Source
from pipelines.demo.cells import Cell, Table, date_texts, hyphenated, make_table, texts_of
from pipelines.demo.latent import NEVER
from pipelines.demo.links import Links, cpr_on
from pipelines.demo.measurements import Measurements
from pipelines.demo.people import People
from pipelines.demo.plan import Booleans, Floats, Integers, Plan

INSTRUMENT, RESPONDENT = "WHO5", "self"
ITEM_COUNT, ITEM_MAXIMUM, POINTS_PER_ANSWER = 5, 5, 4
SCORED_COUNT, INCOMPLETE_COUNT, CONTRADICTING_COUNT = 600, 45, 10
INCOMPLETE_AFTER_DAYS = 3
NO_ANSWER = -1
NO_ANSWER_TEXTS = ("", "Ikke oplyst")


@dataclass(frozen=True)
class Questionnaires:
    """Answers by questionnaire, (q, item), NO_ANSWER where there is none.

    `measurement` is the score that the answers are of, -1 where they stand beside another.
    """

    person: Integers
    day: Integers
    answer: Integers
    measurement: Integers

    @property
    def is_complete(self) -> Booleans:
        """Whether every item was answered."""
        return np.asarray((self.answer != NO_ANSWER).all(axis=1))


def make_questionnaires(
    plan: Plan, measurements: Measurements, extract_day: int, rng: np.random.Generator
) -> Questionnaires:
    """Draw which scores come as answers, and the questionnaires beside them."""
    scales = [(s.instrument, s.respondent) for s in plan.scales]
    of_instrument = np.flatnonzero(measurements.scale == scales.index((INSTRUMENT, RESPONDENT)))
    place = rng.permutation(len(of_instrument))
    scored = np.sort(of_instrument[place[:SCORED_COUNT]])
    contradicting = of_instrument[place[SCORED_COUNT : SCORED_COUNT + CONTRADICTING_COUNT]]
    others = of_instrument[place[SCORED_COUNT + CONTRADICTING_COUNT :]]
    key = measurements.person * NEVER + measurements.day
    is_free = ~np.isin(key[others] + INCOMPLETE_AFTER_DAYS, key[of_instrument])
    is_free &= measurements.day[others] + INCOMPLETE_AFTER_DAYS <= extract_day
    incomplete = others[is_free][:INCOMPLETE_COUNT]
    basis = np.concatenate([scored, incomplete, contradicting])
    kind = np.repeat([0, 1, 2], [len(scored), len(incomplete), len(contradicting)])
    total = np.rint(measurements.score[basis] / POINTS_PER_ANSWER).astype(np.int64)
    highest = ITEM_COUNT * ITEM_MAXIMUM
    total = np.where(kind == 2, (total + highest // 2) % (highest + 1), total)
    answer = _split(total, rng)
    answer[_unanswered(kind == 1, rng)] = NO_ANSWER
    return Questionnaires(
        person=measurements.person[basis],
        day=measurements.day[basis] + np.where(kind == 1, INCOMPLETE_AFTER_DAYS, 0),
        answer=answer,
        measurement=np.where(kind == 0, basis, -1),
    )


def _split(total: Integers, rng: np.random.Generator) -> Integers:
    """Deal each total out over the items, none above its maximum."""
    ticks = np.arange(ITEM_COUNT * ITEM_MAXIMUM) < total[:, None]
    return np.asarray(rng.permuted(ticks, axis=1).reshape(-1, ITEM_COUNT, ITEM_MAXIMUM).sum(axis=2))


def _unanswered(is_incomplete: Booleans, rng: np.random.Generator) -> Booleans:
    """From one to all of the answers, in the questionnaires that are not complete."""
    rank = rng.permuted(np.tile(np.arange(ITEM_COUNT), (len(is_incomplete), 1)), axis=1)
    missing = rng.integers(1, ITEM_COUNT + 1, len(is_incomplete))
    return np.asarray(is_incomplete[:, None] & (rank < missing[:, None]))


def questionnaires_table(
    people: People, links: Links, forms: Questionnaires, source: Source, reporting_year: int
) -> Table:
    """One row per questionnaire, one column per item."""
    headers = {f"answer_{item}": feed.columns["answer"] for item, feed in enumerate(source.feeds, start=1)}
    texts = {value: text for value, (text, *_) in texts_of(source.feeds[0], "answer").items()}
    order = np.lexsort((forms.person, forms.day))
    person, day, answer = forms.person[order], forms.day[order], forms.answer[order]

    def written(row: int, value: int) -> str:
        return NO_ANSWER_TEXTS[row % len(NO_ANSWER_TEXTS)] if value == NO_ANSWER else texts[str(value)]

    columns: dict[str, list[Cell]] = {
        "person_id": [hyphenated(cpr) for cpr in cpr_on(people, links, person, day)],
        "measured_date": [*date_texts(day, "%d-%m-%Y")],
    }
    for item, name in enumerate(headers):
        columns[name] = [written(row, value) for row, value in enumerate(answer[:, item].tolist())]
    return make_table(source, reporting_year, 1, columns, headers=headers)


def scores(forms: Questionnaires) -> Floats:
    """The score of each complete questionnaire, NaN for the others."""
    return np.where(forms.is_complete, forms.answer.sum(axis=1) * float(POINTS_PER_ANSWER), np.nan)


def items_truth(people: People, forms: Questionnaires) -> dict[str, Any]:
    """Every questionnaire's planted score (none: unscorable), and whether a finished one goes first."""
    finished = (forms.measurement < 0) & forms.is_complete
    rows = zip(
        [people.cpr[p] for p in forms.person],
        date_texts(forms.day, "%Y-%m-%d"),
        (forms.answer != NO_ANSWER).sum(axis=1).tolist(),
        [None if np.isnan(s) else s for s in scores(forms).tolist()],
        finished.tolist(),
        strict=True,
    )
    names = ("person", "measured_date", "answered_count", "score", "is_overruled")
    return {
        "instrument_id": INSTRUMENT,
        "respondent": RESPONDENT,
        "scored_count": int((forms.measurement >= 0).sum()),
        "unscorable_count": int((~forms.is_complete).sum()),
        "overruled_count": int(finished.sum()),
        "rows": [dict(zip(names, row, strict=True)) for row in rows],
    }
