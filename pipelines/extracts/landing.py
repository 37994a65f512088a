"""A folder of delivered files to landed extracts: everything is read, or nothing is.

Rows in = kept + rejected + merged + absent, for every feed of every file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.catalogue import Catalogue, Extract, Source
from pipelines.errors import ExtractError, UnreachableError, place_of
from pipelines.extracts import arrow, rejects
from pipelines.extracts.convert import Border
from pipelines.extracts.feed import FeedRows, feed_columns, read_feed, schema
from pipelines.extracts.folder import Delivery, match_files
from pipelines.extracts.formats import Formats, detect
from pipelines.extracts.pseudonym import Key
from pipelines.extracts.reading import read_bytes, read_table
from pipelines.extracts.table import Column, RawTable, wanted_headings

_REJECT_ORDER = ("source_file", "source_line", "extract_id", "field_id", "column_name")


@dataclass(frozen=True)
class RejectCount:
    """How many rows were rejected for one reason; a row with several faults counts under each."""

    field_id: str | None
    reason: str
    row_count: int


@dataclass(frozen=True)
class FeedCount:
    """Where the rows of one feed went; raises RuntimeError if one was lost or doubled."""

    extract_id: str
    row_count: int
    kept_count: int
    rejected_count: int
    merged_count: int
    absent_count: int
    rejected_for: tuple[RejectCount, ...] = ()

    def __post_init__(self) -> None:
        gone = self.rejected_count + self.merged_count + self.absent_count
        if self.row_count != self.kept_count + gone:
            raise RuntimeError(f"rows of {self.extract_id} do not add up: {self}")


@dataclass(frozen=True)
class SourceFile:
    """One delivered file: what it was, how it was read, and what it fed.

    `name` has CPR numbers masked, `sha256` is of the bytes that were read, `header_line` counts
    from 1, and `notes_da` states choices and repairs an analyst should know of.
    """

    name: str
    source_id: str
    sha256: str
    size_bytes: int
    encoding: str | None
    delimiter: str | None
    decimal_sign: str | None
    date_format: str | None
    header_line: int | None
    ignored_columns: tuple[str, ...]
    feeds: tuple[FeedCount, ...]
    notes_da: tuple[str, ...] = ()


@dataclass(frozen=True)
class Landing:
    """Every extract of the catalogue as a table, every reject, and every file read."""

    tables: Mapping[str, pa.Table]
    rejects: pa.Table
    files: tuple[SourceFile, ...]


@dataclass(frozen=True)
class _Outcome:
    """A feed's count, and the earlier files that hold its rows if they hold all of them."""

    count: FeedCount
    repeated_files: tuple[str, ...]


@dataclass(frozen=True)
class _FileRows:
    delivery: Delivery
    sha256: str
    size_bytes: int
    table: RawTable
    formats: Formats
    feeds: tuple[FeedRows, ...]


def read_extracts(folder: Path, catalogue: Catalogue, key: Key) -> Landing:
    """Read every file of a folder, pseudonymise people, and set wrong rows aside.

    Each file is read once: its hash is of the very bytes that were parsed.

    Raises:
        ExtractError: with every problem of every file; nothing is returned then. An UnreachableError,
            if all that is wrong is that folder or files cannot be reached.
        RuntimeError: a fault of ours, told by its place alone: its own text may quote a cell.
    """
    deliveries, problems = match_files(folder, catalogue)
    files: list[_FileRows] = []
    failure, is_wrong = None, bool(problems)
    for delivery in deliveries:
        try:
            files.append(_read_file(delivery, catalogue, key))
        except ExtractError as error:
            problems.extend(error.problems)
            is_wrong |= not isinstance(error, UnreachableError)
        except Exception as error:
            failure = f"{delivery.name}: {place_of(error)}"
    if failure:
        raise RuntimeError(failure)
    if problems:
        raise (ExtractError if is_wrong else UnreachableError)(problems)
    return _land(files, catalogue)


def delivered_hashes(folder: Path, catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return name and hash of every file that :func:`read_extracts` would read, in its order.

    Raises:
        UnreachableError: a file cannot be read.
    """
    deliveries, _ = match_files(folder, catalogue)
    return [(d.name, sha256(read_bytes(d.path, d.name)).hexdigest()) for d in deliveries]


def file_formats(
    name: str, table: RawTable, source: Source, columns: Sequence[Mapping[str, Column]], catalogue: Catalogue
) -> Formats:
    """Detect a file's formats from the date and number columns of all its feeds (translated).

    Raises:
        ExtractError: the dates have the month first.
    """
    dates, numbers = [], []
    for feed, of_feed in zip(source.feeds, columns, strict=True):
        for field in catalogue.extract(feed.extract).fields:
            column = of_feed[field.name]
            typed = column.texts.filter(arrow.mask(~column.is_native)).drop_null()
            if field.type == "date":
                dates.append(typed)
            elif field.type in ("integer", "decimal"):
                numbers.append(typed)
    return detect(name, dates, numbers, table.delimiter, table.has_serial_dates)


def _read_file(delivery: Delivery, catalogue: Catalogue, key: Key) -> _FileRows:
    name, source = delivery.name, delivery.source
    data = read_bytes(delivery.path, name)
    table = read_table(name, data, wanted_headings(source))
    columns = [feed_columns(table, f, catalogue.extract(f.extract)) for f in source.feeds]
    formats = file_formats(name, table, source, columns, catalogue)
    border = Border(catalogue, source, formats, key)
    feeds = tuple(read_feed(name, table, f, c, border) for f, c in zip(source.feeds, columns, strict=True))
    return _FileRows(delivery, sha256(data).hexdigest(), len(data), table, formats, feeds)


def _land(files: Sequence[_FileRows], catalogue: Catalogue) -> Landing:
    every = [feed for file in files for feed in file.feeds]
    tables, rejected = {}, [feed.rejects for feed in every]
    outcomes: dict[int, _Outcome] = {}
    for extract in catalogue.extracts:
        feeds = [feed for feed in every if feed.extract.id == extract.id]
        tables[extract.id], duplicates, of_feed = _without_repeats(extract, feeds)
        rejected.extend(duplicates)
        outcomes |= {id(feed): outcome for feed, outcome in zip(feeds, of_feed, strict=True)}
    return Landing(
        tables=tables,
        rejects=pa.concat_tables([arrow.empty_table(rejects.SCHEMA), *rejected]).sort_by(
            [(column, "ascending") for column in _REJECT_ORDER]
        ),
        files=tuple(_source_file(f, [outcomes[id(feed)] for feed in f.feeds]) for f in files),
    )


def _without_repeats(
    extract: Extract, feeds: Sequence[FeedRows]
) -> tuple[pa.Table, list[pa.Table], list[_Outcome]]:
    """Keep the first of rows equal in every field, over all files: merge or reject the later ones."""
    rows = pa.concat_tables([arrow.empty_table(schema(extract)), *(feed.kept for feed in feeds)])
    firsts = arrow.first_equals(rows, [f.name for f in extract.fields])
    is_first = firsts == np.arange(len(rows))
    ends = np.cumsum([len(feed.kept) for feed in feeds])
    duplicates, outcomes, start = [], [], 0
    for feed, end in zip(feeds, ends, strict=True):
        is_kept = is_first[start:end]
        repeats = feed.kept.filter(arrow.mask(~is_kept))
        merged_count = len(repeats) if feed.is_distinct else 0
        found = [feed.rejects]
        if not feed.is_distinct:
            duplicates.append(rejects.of_duplicates(extract, repeats))
            found.append(duplicates[-1])
        count = FeedCount(
            extract_id=extract.id,
            row_count=feed.row_count,
            kept_count=int(is_kept.sum()),
            rejected_count=feed.rejected_count + len(repeats) - merged_count,
            merged_count=merged_count,
            absent_count=feed.absent_count,
            rejected_for=_reasons(pa.concat_tables(found)),
        )
        is_copy = not feed.is_distinct and len(repeats) and not is_kept.any()
        # Where nothing is kept, every row's first equal stands in an earlier feed.
        earlier = np.searchsorted(ends, firsts[start:end], side="right") if is_copy else np.array([])
        repeated = {feeds[n].kept["source_file"][0].as_py() for n in set(earlier.tolist())}
        outcomes.append(_Outcome(count, tuple(sorted(repeated))))
        start = end
    return rows.filter(arrow.mask(is_first)), duplicates, outcomes


def _reasons(rejected: pa.Table) -> tuple[RejectCount, ...]:
    """Return how many rows each reason rejected, the most frequent first."""
    counts = Counter(zip(rejected["field_id"].to_pylist(), rejected["reason"].to_pylist(), strict=True))
    found = [RejectCount(field_id, reason, count) for (field_id, reason), count in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.row_count, one.field_id or "", one.reason)))


def _source_file(file: _FileRows, outcomes: Sequence[_Outcome]) -> SourceFile:
    repeated = sorted({n for o in outcomes for n in o.repeated_files} - {file.delivery.name})
    names = " og ".join(f"»{n}«" for n in repeated)
    copied = f"Alle rækker er magen til rækker i {names}; er filen en kopi?"
    padded_count = max((feed.padded_count for feed in file.feeds), default=0)
    padded = f"{padded_count} rækker havde et CPR-nummer på ni cifre; det forreste nul er sat på igen."
    return SourceFile(
        name=file.delivery.name,
        source_id=file.delivery.source.id,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        encoding=file.table.encoding,
        delimiter=file.table.delimiter,
        decimal_sign=file.formats.decimal_sign,
        date_format=file.formats.date_format,
        header_line=file.table.header_line,
        ignored_columns=file.table.ignored_columns,
        feeds=tuple(o.count for o in outcomes),
        notes_da=(
            *file.formats.notes_da,
            *([padded] if padded_count else []),
            *([copied] if repeated else []),
        ),
    )
