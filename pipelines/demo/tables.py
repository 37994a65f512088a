"""The municipality's records as its systems write them: cells under the sources' own headers.

Headers and value texts come from `catalogue/sources`; what is here is each system's habits:
hyphens in CPR numbers, date and number styles, and columns that nobody asked for (names,
addresses, free text) and that must never get past the border.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from pipelines.catalogue import Catalogue, Feed, Source
from pipelines.demo.latent import NEVER
from pipelines.demo.plan import Booleans, Floats, Integers
from pipelines.demo.simulation import PEOPLE_COUNT, Municipality

Cell = str | int | float | date | None
EPOCH = date(1970, 1, 1)
NOTE_SHARE = 0.08
SAFE_NOTES = (
    "Aftalt opfølgning pr. telefon",
    "Ønsker samme kontaktperson; må gerne ringes op",
    'Borgeren siger selv "det går fremad"',
    "Afventer lægelige oplysninger",
    "Netværksmøde afholdt på rådhuset",
    "Opkald modtaget.\nRinger igen i næste uge; kl. 10",
)
# What free text is like: it names people, and gives their numbers.
REVEALING_NOTES = (
    "Mor til {name} ({cpr}) ringede og aflyste",
    "Se også sagen på {cpr}, {name}",
    "{name} ønsker at skifte kontaktperson",
)
REVEALING_NOTE_COUNT = 15


@dataclass
class Table:
    """One file's content. `fields` says in which column each contract field stands."""

    source_id: str
    extract_id: str
    file: str
    header_line: int  # physical line (sheet row) of the header; 0 where there is none
    header: tuple[str, ...]
    fields: dict[str, int]
    rows: list[list[Cell]]


def make_tables(city: Municipality, catalogue: Catalogue, rng: np.random.Generator) -> tuple[Table, ...]:
    """Write the municipality down, one table per source; KeyError if a source is not in the catalogue."""
    sources = {s.id: s for s in catalogue.sources}
    return (
        _people(city, sources["cpr_udtraek"]),
        _episodes(city, sources["fagsystem"], rng),
        _forms(city, sources["trivselsskema"]),
        _family_centre(city, sources["familiecenter"]),
        _assessments(city, sources["udredning"]),
    )


def hyphenated(cpr: str) -> str:
    """`6705801234` as `670580-1234`."""
    return f"{cpr[:6]}-{cpr[6:]}"


def date_texts(days: Integers, pattern: str) -> list[str]:
    """Days since 1970-01-01 as text by a strftime pattern; NEVER becomes an empty cell."""
    unique, place = np.unique(days, return_inverse=True)
    texts = ["" if d == NEVER else (EPOCH + timedelta(days=d)).strftime(pattern) for d in unique.tolist()]
    return [texts[p] for p in place]


def number_text(value: float, decimals: int) -> str:
    """A number as Danish systems print it: thousands point, decimal comma."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def provider_code(intervention: int, slot: int) -> str:
    """The code of an intervention's provider number `slot`."""
    return f"LEV-{intervention + 1:02d}{'ABCDEFGH'[slot]}"


def _table(
    city: Municipality, source: Source, header_line: int, columns: dict[str, Sequence[Cell]], extra: set[str]
) -> Table:
    """Put columns (contract field, or header where in `extra`) under the source's headers."""
    feed = source.feeds[0]
    header = tuple(name if name in extra else feed.columns[name] for name in columns)
    return Table(
        source_id=source.id,
        extract_id=feed.extract,
        file=source.file.replace("*", f"_{city.reporting_year}"),
        header_line=header_line,
        header=header,
        fields={name: place for place, name in enumerate(columns) if name not in extra},
        rows=[list(row) for row in zip(*columns.values(), strict=True)],
    )


def _texts_of(feed: Feed, field: str) -> dict[str, list[str]]:
    """What a source writes for each contract value; a value without a text is written as it is."""
    texts: dict[str, list[str]] = {}
    for text, value in feed.values.get(field, {}).items():
        texts.setdefault(value, []).append(text)
    return texts


def _people(city: Municipality, source: Source) -> Table:
    people, count = city.people, PEOPLE_COUNT
    sex = _texts_of(source.feeds[0], "sex")
    columns: dict[str, Sequence[Cell]] = {
        "person_id": [hyphenated(c) for c in people.cpr[:count]],
        "Fornavn": people.first_name[:count],
        "Efternavn": people.surname[:count],
        "Adresse": people.address[:count],
        "birth_date": date_texts(people.birth_date[:count].astype(np.int64), "%d-%m-%Y"),
        "sex": [sex["male" if male else "female"][0] for male in people.is_male[:count]],
        "target_group": people.target_group[:count],
        "moved_date": date_texts(city.episodes.moved, "%d-%m-%Y"),
        "death_date": date_texts(city.episodes.died, "%d-%m-%Y"),
    }
    return _table(city, source, 1, columns, {"Fornavn", "Efternavn", "Adresse"})


def _episodes(city: Municipality, source: Source, rng: np.random.Generator) -> Table:
    episodes, support = city.episodes, city.course.support
    count = len(support.person)
    reasons = _texts_of(source.feeds[0], "end_reason")
    pick = rng.integers(0, 2**31, count)
    has_provider = (support.started < NEVER) & (rng.random(count) >= 0.02)
    has_started = (support.started < NEVER).tolist()
    codes = [i.id for i in city.course.plan.interventions]
    columns: dict[str, Sequence[Cell]] = {
        "episode_id": [f"F{100001 + e}" for e in range(count)],
        "person_id": [city.people.cpr[p] for p in support.person],
        "intervention_id": [codes[j] for j in support.intervention],
        "provider_id": _provider_codes(support.intervention, support.provider, has_provider),
        "requested_date": date_texts(support.requested, "%d-%m-%Y"),
        "decided_date": date_texts(episodes.decided, "%d-%m-%Y"),
        "started_date": date_texts(support.started, "%d-%m-%Y"),
        "ended_date": date_texts(support.ended, "%d-%m-%Y"),
        "end_reason": [
            reasons[r][p % len(reasons[r])] if r else ""
            for r, p in zip(episodes.end_reason.tolist(), pick.tolist(), strict=True)
        ],
        "weekly_hours": _numbers(episodes.weekly_hours, 1, has_started),
        "cost_dkk": _numbers(episodes.cost_dkk, 2, has_started),
        "Bemærkning": _notes(city, count, rng),
    }
    return _table(city, source, 1, columns, {"Bemærkning"})


def _provider_codes(intervention: Integers, slot: Integers, is_known: Booleans) -> list[str]:
    known = zip(intervention.tolist(), slot.tolist(), is_known.tolist(), strict=True)
    return [provider_code(j, p) if is_given else "" for j, p, is_given in known]


def _numbers(values: Floats, decimals: int, is_given: Iterable[bool]) -> list[str]:
    return [number_text(v, decimals) if g else "" for v, g in zip(values.tolist(), is_given, strict=True)]


def _notes(city: Municipality, count: int, rng: np.random.Generator) -> list[str]:
    pick = rng.integers(0, len(SAFE_NOTES), count)
    notes = np.where(rng.random(count) < NOTE_SHARE, np.array(SAFE_NOTES)[pick], "").tolist()
    for turn, e in enumerate(rng.choice(count, REVEALING_NOTE_COUNT, replace=False).tolist()):
        person = int(city.course.support.person[e])
        name = f"{city.people.first_name[person]} {city.people.surname[person]}"
        template = REVEALING_NOTES[turn % len(REVEALING_NOTES)]
        notes[e] = template.format(name=name, cpr=hyphenated(city.people.cpr[person]))
    return [str(note) for note in notes]


def _rows_of(city: Municipality, respondents: set[str], instruments: set[str]) -> npt.NDArray[np.int64]:
    wanted = [s.respondent in respondents and s.instrument in instruments for s in city.course.plan.scales]
    return np.flatnonzero(np.array(wanted)[city.measurements.scale])


def _forms(city: Municipality, source: Source) -> Table:
    texts = _texts_of(source.feeds[0], "instrument_id")
    rows = _rows_of(city, {"self"}, set(texts))
    m, scales = city.measurements, city.course.plan.scales
    columns: dict[str, Sequence[Cell]] = {
        "person_id": [hyphenated(city.people.cpr[p]) for p in m.person[rows]],
        "instrument_id": [texts[scales[k].instrument][0] for k in m.scale[rows]],
        "measured_date": date_texts(m.day[rows], "%d.%m.%Y"),
        "score": [
            number_text(v, scales[k].decimals)
            for v, k in zip(m.score[rows].tolist(), m.scale[rows].tolist(), strict=True)
        ],
    }
    return _table(city, source, 2, columns, set())


def _family_centre(city: Municipality, source: Source) -> Table:
    feed = source.feeds[0]
    texts = _texts_of(feed, "respondent")
    rows = _rows_of(city, set(texts), {feed.constants["instrument_id"]})
    m, people = city.measurements, city.people
    columns: dict[str, Sequence[Cell]] = {
        "person_id": [people.cpr[p] for p in m.person[rows]],
        "Barnets navn": [f"{people.first_name[p]} {people.surname[p]}" for p in m.person[rows]],
        "respondent": [texts[city.course.plan.scales[k].respondent][0] for k in m.scale[rows]],
        "measured_date": [EPOCH + timedelta(days=d) for d in m.day[rows].tolist()],
        "score": [int(v) for v in m.score[rows].tolist()],
    }
    return _table(city, source, 4, columns, {"Barnets navn"})


def _assessments(city: Municipality, source: Source) -> Table:
    texts = _texts_of(source.feeds[0], "instrument_id")
    rows = _rows_of(city, {"staff"}, set(texts))
    m = city.measurements
    columns: dict[str, Sequence[Cell]] = {
        "person_id": [city.people.cpr[p] for p in m.person[rows]],
        "instrument_id": [texts[city.course.plan.scales[k].instrument][0] for k in m.scale[rows]],
        "measured_date": [EPOCH + timedelta(days=d) for d in m.day[rows].tolist()],
        "score": m.score[rows].tolist(),
    }
    return _table(city, source, 0, columns, set())
