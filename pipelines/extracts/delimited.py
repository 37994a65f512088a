"""Delimited text (csv, txt) to a :class:`RawTable`: encoding, delimiter, header, rows.

A physical line is a record unless it plainly is not: a stray quotation mark can never swallow
the lines after it, and every physical line is accounted for.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import ExtractError, Problem
from pipelines.extracts import arrow
from pipelines.extracts.table import (
    HEADER_SEARCH_ROWS,
    Column,
    Header,
    RawTable,
    Top,
    WrongLine,
    better,
    check_header,
    find_header,
    heading,
    ignored_columns,
)

# shared/domain/catalogue.yaml, extract_conventions.csv: Danish Windows defaults first (recalled, high).
DELIMITERS = (";", ",", "\t", "|")
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_ENCODINGS = ("utf-8", "cp1252")

_CHUNK_LINES = 200_000  # keeps the split cells of one step at some 100 MB
_MAX_JOINED_LINES = 200  # a longer "cell" is a forgotten quotation mark, not a note


def read_delimited(name: str, data: bytes, wanted: Mapping[str, str]) -> RawTable:
    """Read the wanted columns of a delimited text.

    Raises:
        ExtractError: unknown encoding, binary content, no usable header, or lines unaccounted for.
    """
    text, encoding = _decode(name, data)
    lines = _Lines(text)
    header, delimiter = _header(name, lines, wanted)
    check_header(header, wanted, name)
    keys = [heading(c) for c in header.cells]
    body = _Body(delimiter, len(keys), {k: keys.index(k) for k in wanted})
    body.read(lines, header.position + 1)
    _reconcile(name, text, body, header)
    return RawTable(
        columns=body.columns(wanted),
        lines=body.line_numbers(),
        wrong=tuple(body.wrong),
        headers=header.cells,
        ignored_columns=ignored_columns(header.cells, wanted),
        header_line=header.position + 1,
        encoding=encoding,
        delimiter=delimiter,
    )


def split_line(line: str, delimiter: str) -> list[str] | None:
    """Return the cells of one record, or None if its quotation marks do not add up."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


class _Lines:
    """The physical lines of a text, found without looking into them."""

    def __init__(self, text: str) -> None:
        data = text.encode("utf-8")
        ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")) + 1
        if len(data) and (not len(ends) or ends[-1] != len(data)):
            ends = np.append(ends, len(data))
        self._data = pa.py_buffer(data)
        self._offsets = np.concatenate([[0], ends])

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def between(self, first: int, last: int) -> pa.StringArray:
        """Return lines `first` to before `last`, without their line ends."""
        offsets = self._offsets[first : last + 1]
        part = self._data.slice(offsets[0], offsets[-1] - offsets[0])
        starts = pa.py_buffer((offsets - offsets[0]).astype(np.int32))
        whole = pa.StringArray.from_buffers(len(offsets) - 1, starts, part)
        return pc.utf8_rtrim(whole, characters="\r\n")


@dataclass
class _Body:
    """The rows below the header, gathered chunk by chunk; `positions` are the wanted cells."""

    delimiter: str
    width: int
    positions: Mapping[str, int]
    parts: dict[str, list[pa.Array]] = field(default_factory=dict)
    numbers: list[np.ndarray] = field(default_factory=list)
    wrong: list[WrongLine] = field(default_factory=list)
    blank_count: int = 0
    joined_count: int = 0

    def read(self, lines: _Lines, first: int) -> None:
        """Split the plain lines as columns, and the others one at a time."""
        odd: list[tuple[int, str]] = []
        for start in range(first, len(lines), _CHUNK_LINES):
            chunk = lines.between(start, min(start + _CHUNK_LINES, len(lines)))
            is_plain = self._is_plain(chunk)
            self._add_plain(chunk.filter(arrow.mask(is_plain)), start + 1 + np.flatnonzero(is_plain))
            others = chunk.filter(arrow.mask(~is_plain)).to_pylist()
            odd.extend(zip((start + 1 + np.flatnonzero(~is_plain)).tolist(), others, strict=True))
        self._add_odd(odd)

    def columns(self, wanted: Mapping[str, str]) -> dict[str, Column]:
        """Return the wanted columns in line order."""
        order = np.argsort(np.concatenate(self.numbers), kind="stable")
        return {key: self._column(name, self.parts[key], order) for key, name in wanted.items()}

    def line_numbers(self) -> np.ndarray:
        """Return each row's physical line (from 1), ascending."""
        return np.sort(np.concatenate(self.numbers))

    def _column(self, name: str, parts: list[pa.Array], order: np.ndarray) -> Column:
        encoded = pc.dictionary_encode(pa.chunked_array(parts, pa.string())).combine_chunks()
        texts = encoded.dictionary
        return Column.of(
            name, texts, np.zeros(len(texts), dtype=bool), arrow.to_numpy(encoded.indices, missing=0)[order]
        )

    @property
    def _blank(self) -> str:
        """The pattern of a line on which nothing stands: blanks, delimiters, empty quotes."""
        return f'(?:[\\s{re.escape(self.delimiter)}]|"\\s*")*'

    def _is_plain(self, lines: pa.StringArray) -> arrow.Mask:
        """Whether each line has the header's cells, none with a delimiter or a quote inside quotes."""
        between = re.escape(self.delimiter)
        cell = f'(?:"[^"{between}]*"|[^"{between}]*)'
        is_clean = pc.match_substring_regex(lines, pattern=f"^{cell}(?:{between}{cell})*$")
        is_blank = pc.match_substring_regex(lines, pattern=f"^{self._blank}$")
        delimiters = arrow.to_numpy(pc.count_substring(lines, pattern=self.delimiter), missing=0)
        has_width: arrow.Mask = delimiters == self.width - 1
        return arrow.is_true(is_clean) & ~arrow.is_true(is_blank) & has_width

    def _add_plain(self, lines: pa.StringArray, numbers: np.ndarray) -> None:
        cells = pc.split_pattern(lines, pattern=self.delimiter).flatten()
        for key, position in self.positions.items():
            column = arrow.take(cells, np.arange(position, len(cells), self.width))
            self.parts.setdefault(key, []).append(pc.utf8_trim(column, characters='"'))
        self.numbers.append(numbers)

    def _add_odd(self, odd: Sequence[tuple[int, str]]) -> None:
        rows: list[tuple[int, list[str]]] = []
        at = 0
        while at < len(odd):
            number, line = odd[at]
            if re.fullmatch(self._blank, line):
                self.blank_count += 1
                at += 1
                continue
            cells, line_count = self._record(odd, at)
            if cells is not None and len(cells) == self.width:
                rows.append((number, cells))
            else:
                self.wrong.append(WrongLine(number, self._complaint(cells)))
            self.joined_count += line_count - 1
            at += line_count
        for key, position in self.positions.items():
            self.parts.setdefault(key, []).append(arrow.strings([cells[position] for _, cells in rows]))
        self.numbers.append(np.array([number for number, _ in rows], dtype=np.int64))

    def _record(self, odd: Sequence[tuple[int, str]], at: int) -> tuple[list[str] | None, int]:
        """Return the cells that begin at an odd line, and how many physical lines they took.

        Lines are joined only if the quotation mark is open, every joined line follows directly,
        none of them could be a row by itself, and the whole has exactly the header's cells.
        """
        first, text = odd[at]
        cells = split_line(text, self.delimiter)
        if cells is not None or text.count('"') % 2 == 0:
            return cells, 1
        for count, (number, line) in enumerate(odd[at + 1 : at + _MAX_JOINED_LINES], start=2):
            alone = split_line(line, self.delimiter)
            if number != first + count - 1 or (alone is not None and len(alone) == self.width):
                break
            text = f"{text}\n{line}"
            joined = split_line(text, self.delimiter)
            if joined is not None:
                return (joined, count) if len(joined) == self.width else (None, 1)
        return None, 1

    def _complaint(self, cells: list[str] | None) -> str:
        if cells is None:
            return 'Et citationstegn (") begynder eller slutter forkert på linjen. Ret det i kildesystemet.'
        message = (
            f"Linjen har {len(cells)} celler, men overskriften har {self.width}. "
            "Er det en rigtig række, står der nok et skilletegn inde i en tekst."
        )
        if self.delimiter == "," and len(cells) > self.width and _has_split_decimal(cells):
            message += " Filen er delt ved komma; er kommaet også decimaltegn?"
        return message


def _has_split_decimal(cells: Sequence[str]) -> bool:
    """Whether two neighbours could be the two sides of a decimal comma."""
    return any(
        re.fullmatch("[+-]?[0-9]+", a.strip()) and re.fullmatch("[0-9]+", b.strip())
        for a, b in pairwise(cells)
    )


def looks_like_text(data: bytes) -> bool:
    """Return whether the first bytes of a file are those of a delimited text."""
    start = data[:4096]
    control = set(range(32)) - set(b"\t\n\r")
    return any(d.encode() in start for d in DELIMITERS) and not control & set(start)


def top_rows(name: str, data: bytes) -> list[Top]:
    """Return the first lines as cells, once for each delimiter they may have.

    Raises:
        ExtractError: unknown encoding or binary content.
    """
    text, encoding = _decode(name, data)
    lines = _Lines(text)
    first = lines.between(0, min(HEADER_SEARCH_ROWS, len(lines))).to_pylist()
    return [Top([split_line(line, d) or [] for line in first], encoding, d) for d in DELIMITERS]


def _decode(name: str, data: bytes) -> tuple[str, str]:
    bom = next((e for b, e in _BOMS.items() if data.startswith(b)), None)
    undecodable_at = 0
    for encoding in (bom,) if bom else _ENCODINGS:
        text, undecodable_at = _decoded(data, encoding)
        if text is not None:
            break
    line = data.count(b"\n", 0, undecodable_at) + 1
    if text is None:
        message = "filens tegn kan ikke læses som UTF-8 eller Windows-1252. Gem den som »CSV UTF-8«."
        raise ExtractError([Problem(f"{name}, linje {line}", message)])
    if "\0" in text:
        raise ExtractError([Problem(name, "filen er ikke en tekstfil. Gem den som csv eller xlsx.")])
    if not text.strip():
        raise ExtractError([Problem(name, "filen er tom. Lav udtrækket igen.")])
    return text if "\n" in text else text.replace("\r", "\n"), encoding


def _decoded(data: bytes, encoding: str) -> tuple[str | None, int]:
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        return None, error.start


def _header(name: str, lines: _Lines, wanted: Mapping[str, str]) -> tuple[Header, str]:
    top = lines.between(0, min(HEADER_SEARCH_ROWS, len(lines))).to_pylist()
    best: Header | None = None
    best_delimiter = DELIMITERS[0]
    for delimiter in DELIMITERS:
        found = find_header([split_line(line, delimiter) or [] for line in top], wanted)
        if better(found, best):
            best, best_delimiter = found, delimiter
    if best is None:
        message = f"de første {HEADER_SEARCH_ROWS} linjer har ingen overskrifter. Lav udtrækket igen."
        raise ExtractError([Problem(name, message)])
    return best, best_delimiter


def _reconcile(name: str, text: str, body: _Body, header: Header) -> None:
    """Refuse a file whose lines do not all have a place, counted independently of the reading."""
    row_count = sum(len(n) for n in body.numbers)
    if body.wrong and not row_count:
        message = f"ingen linje har overskriftens {body.width} celler; {body.wrong[0].message_da}"
        raise ExtractError([Problem(f"{name}, linje {body.wrong[0].line}", message)])
    physical = text.count("\n") + (not text.endswith("\n"))
    read = header.position + 1 + row_count + len(body.wrong) + body.blank_count + body.joined_count
    if read != physical:
        message = f"filen har {physical} linjer, men {read} blev læst. Meld fejlen; filen er ikke brugt."
        raise ExtractError([Problem(name, message)])
