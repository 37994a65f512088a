"""What every reader returns: the wanted columns of a file as texts, before any meaning."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.catalogue import Source
from pipelines.errors import ExtractError, Problem
from pipelines.extracts import arrow
from pipelines.extracts.cpr import conceal
from pipelines.extracts.formats import MISSING

# A heading stands within the first rows; titles, filter texts and dates of extract come above it.
HEADER_SEARCH_ROWS = 50

# UTF-8 read as Windows-1252 and saved again ("Ã¦" for "æ", "Â§" for "§"), or letters already lost.
_MOJIBAKE = "\u00c3[¦¸¥†˜…©¶¼¤\u0080-\u009f]|\u00c2§|\u00e2€|\ufffd"
_MOJIBAKE_ADVICE = (
    "Filen er gemt med forkert tegnsæt undervejs (fx »Ã¦« i stedet for »æ«). "
    "Lav udtrækket igen, og åbn det ikke i Excel imellem."
)


@dataclass(frozen=True)
class Column:
    """A column as its distinct texts and, for each row, which of them it holds.

    Work on a column is work on its distinct texts. `is_native` marks texts that the file's own
    type made (a date as ISO, a number with a decimal point), so that nothing about them needs
    guessing. `delivered` is each text as it stood in the file.
    """

    header: str | None
    texts: pa.StringArray
    is_native: np.ndarray
    codes: np.ndarray
    delivered: pa.StringArray

    @classmethod
    def of(
        cls, header: str | None, texts: pa.StringArray, is_native: np.ndarray, codes: np.ndarray
    ) -> "Column":
        """Return a column whose texts are as delivered."""
        return cls(header, texts, is_native, codes, texts)

    @classmethod
    def constant(cls, text: str | None, count: int) -> "Column":
        """Return a column that is not in the file: the same text on every row."""
        return cls.of(None, arrow.strings([text]), np.array([True]), np.zeros(count, dtype=np.int64))


@dataclass(frozen=True)
class WrongLine:
    """A line that is no row: its cells cannot be told apart with certainty."""

    line: int
    message_da: str


@dataclass(frozen=True)
class Header:
    """The row of headings: its position from 0, its cells, and how sure we are that it is one.

    `match_count` of its cells are wanted headings; `alike_count` rows have as many cells as it.
    """

    position: int
    cells: tuple[str, ...]
    match_count: int
    alike_count: int = 0

    @property
    def rank(self) -> tuple[int, int, int]:
        """Wanted headings first; for a file no source knows, a table's shape must tell."""
        return self.match_count, self.alike_count, sum(bool(c) for c in self.cells)


@dataclass(frozen=True)
class Top:
    """The first rows of a file, read one of the ways it may be read."""

    rows: Sequence[Sequence[str]]
    encoding: str | None = None
    delimiter: str | None = None
    has_certain_header: bool = False


@dataclass(frozen=True)
class RawTable:
    """The wanted columns of one file; every other column was left unread.

    `columns` go by normalised heading, `lines` are the rows' physical lines (from 1).
    `has_serial_dates`: a plain number in a date column is Excel's day count.
    """

    columns: Mapping[str, Column]
    lines: np.ndarray
    wrong: tuple[WrongLine, ...]
    headers: tuple[str, ...]
    ignored_columns: tuple[str, ...]
    header_line: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    has_serial_dates: bool = False


def heading(text: str) -> str:
    """Return a heading as it is compared: NFC, no case, single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def wanted_headings(source: Source | None) -> dict[str, str]:
    """Return every heading a source's feeds map: normalised, to the catalogue's own words."""
    feeds = source.feeds if source else ()
    return {heading(h): h for feed in feeds for h in feed.columns.values()}


def find_header(rows: Sequence[Sequence[str]], wanted: Mapping[str, str]) -> Header | None:
    """Return the row most like a header, the first of equals, or None if all are blank."""
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    best: Header | None = None
    for position, cells in enumerate(rows):
        match_count = len(wanted.keys() & {heading(c) for c in cells})
        header = Header(position, tuple(c.strip() for c in cells), match_count, widths[len(cells)])
        if any(header.cells) and better(header, best):
            best = header
    return best


def is_header(header: Header, top: Top) -> bool:
    """Return whether a row is a header beyond doubt, and no citizen's row is shown as one.

    Two known headings make one. Else the row must have distinct texts without figures, and at
    least half the columns figures in every cell below that is not blank.
    """
    if top.has_certain_header or header.match_count > 1:
        return True
    cells = header.cells
    below = [row for row in top.rows[header.position + 1 :] if len(row) == len(cells)]
    is_texts = all(c and c.lower() not in MISSING and not re.search("[0-9]{2}", c) for c in cells)
    if len(cells) < 2 or not below or not is_texts or len({heading(c) for c in cells}) < len(cells):
        return False
    columns = [[row[n] for row in below if row[n].strip()] for n in range(len(cells))]
    figures = sum(bool(c) and all(re.search("[0-9]", text) for text in c) for c in columns)
    return figures * 2 >= len(cells)


def better(one: Header | None, other: Header | None) -> bool:
    """Return whether `one` is strictly the better header row of the two."""
    return one is not None and (other is None or one.rank > other.rank)


def check_header(header: Header, wanted: Mapping[str, str], where: str) -> None:
    """Refuse a header that lacks a wanted heading, has it twice, or has broken letters.

    Raises:
        ExtractError: with one problem per heading.
    """
    if any(re.search(_MOJIBAKE, c) for c in header.cells):
        raise ExtractError([Problem(where, f"overskrifterne har ødelagte bogstaver. {_MOJIBAKE_ADVICE}")])
    found = [heading(c) for c in header.cells]
    problems = []
    for key, name in wanted.items():
        if key not in found:
            problems.append(Problem(where, _missing(name, header, found)))
        elif found.count(key) > 1:
            message = f"overskriften »{name}« står {found.count(key)} gange. Giv kolonnerne hver sit navn."
            problems.append(Problem(where, message))
    if problems:
        raise ExtractError(problems)


def check_letters(columns: Mapping[str, Column], lines: np.ndarray, where: str) -> None:
    """Refuse columns in which æ, ø, å were broken on the way.

    Raises:
        ExtractError: naming the column and the first line of each.
    """
    problems = []
    for column in columns.values():
        broken = arrow.is_true(pc.match_substring_regex(column.texts, pattern=_MOJIBAKE))
        if broken.any():
            line = lines[np.flatnonzero(broken[column.codes])[0]]
            place = f"{where}, linje {line}, kolonnen »{column.header}«"
            problems.append(Problem(place, f"ødelagte bogstaver. {_MOJIBAKE_ADVICE}"))
    if problems:
        raise ExtractError(problems)


def ignored_columns(cells: Sequence[str], wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Return the headings that no feed maps; one that holds a CPR number is masked."""
    return tuple(conceal(c) for c in cells if c and heading(c) not in wanted)


def _missing(name: str, header: Header, found: Sequence[str]) -> str:
    message = f"overskriften »{name}« mangler."
    close = get_close_matches(heading(name), found, n=1)
    if close:
        message += f" Nærmest er »{conceal(header.cells[found.index(close[0])])}«."
    if header.match_count:  # without one wanted heading the row may be a citizen's
        message += f" Fundet: {', '.join(conceal(c) for c in header.cells if c)}."
    else:
        message += " Filen ser ikke ud til at have en linje med overskrifter."
    return f"{message} Ret udtrækket, eller ret navnet i kildens katalogfil."
