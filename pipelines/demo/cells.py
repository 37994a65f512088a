"""A file's content before it is a file: cells under a source's own headers, as its system writes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipelines.catalogue import Feed, Source
from pipelines.demo.latent import NEVER
from pipelines.demo.people import People
from pipelines.demo.plan import Floats, Integers

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


def make_table(
    source: Source,
    reporting_year: int,
    header_line: int,
    columns: Mapping[str, Sequence[Cell]],
    *,
    unmapped: frozenset[str] = frozenset(),
    headers: Mapping[str, str] | None = None,
) -> Table:
    """Put columns under the source's headers.

    A column is named by its contract field, or, where in `unmapped`, by its own header; `headers`
    gives those of the fields that the source's first feed does not map.
    """
    feed = source.feeds[0]
    known = {**feed.columns, **(headers or {}), **{name: name for name in unmapped}}
    return Table(
        source_id=source.id,
        extract_id=feed.extract,
        file=source.file.replace("*", f"_{reporting_year}"),
        header_line=header_line,
        header=tuple(known[name] for name in columns),
        fields={name: place for place, name in enumerate(columns) if name not in unmapped},
        rows=[list(row) for row in zip(*columns.values(), strict=True)],
    )


def hyphenated(cpr: str) -> str:
    """`6705801234` as `670580-1234`."""
    return f"{cpr[:6]}-{cpr[6:]}"


def date_texts(days: Integers, pattern: str) -> list[str]:
    """Days since 1970-01-01 as text by a strftime pattern; NEVER becomes an empty cell."""
    unique, place = np.unique(days, return_inverse=True)
    texts = ["" if d == NEVER else (EPOCH + timedelta(days=d)).strftime(pattern) for d in unique.tolist()]
    return [texts[p] for p in place]


def dates(days: Integers) -> list[date]:
    """Days since 1970-01-01 as dates, for formats that have them."""
    unique, place = np.unique(days, return_inverse=True)
    there = [EPOCH + timedelta(days=d) for d in unique.tolist()]
    return [there[p] for p in place]


def number_text(value: float, decimals: int) -> str:
    """A number as Danish systems print it: thousands point, decimal comma."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def number_texts(values: Floats, decimals: int, is_given: Iterable[bool]) -> list[str]:
    """Numbers as Danish systems print them, empty where not given."""
    return [number_text(v, decimals) if g else "" for v, g in zip(values.tolist(), is_given, strict=True)]


def episode_code(episode: int) -> str:
    """The number of an episode in the case system."""
    return f"F{100001 + episode}"


def provider_code(intervention: int, slot: int) -> str:
    """The code of an intervention's provider number `slot`."""
    return f"LEV-{intervention + 1:02d}{'ABCDEFGH'[slot]}"


def texts_of(feed: Feed, field: str) -> dict[str, list[str]]:
    """What a source writes for each contract value; a value without a text is written as it is."""
    texts: dict[str, list[str]] = {}
    for text, value in feed.values.get(field, {}).items():
        texts.setdefault(value, []).append(text)
    return texts


def free_texts(people: People, person: Integers, revealing_count: int, rng: np.random.Generator) -> list[str]:
    """Notes on some rows, one row per entry of `person`; a few of them give the person away."""
    count = len(person)
    pick = rng.integers(0, len(SAFE_NOTES), count)
    notes = np.where(rng.random(count) < NOTE_SHARE, np.array(SAFE_NOTES)[pick], "").tolist()
    for turn, row in enumerate(rng.choice(count, revealing_count, replace=False).tolist()):
        p = int(person[row])
        name = f"{people.first_name[p]} {people.surname[p]}"
        template = REVEALING_NOTES[turn % len(REVEALING_NOTES)]
        notes[row] = template.format(name=name, cpr=hyphenated(people.cpr[p]))
    return [str(note) for note in notes]
