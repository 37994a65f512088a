"""One feed of one file: the source's columns become the extract's fields; wrong rows step out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.catalogue import Catalogue, Extract, Feed
from pipelines.extracts import arrow, rejects
from pipelines.extracts.convert import LANDED_AS, Border, Converted, Reason, convert, translate
from pipelines.extracts.table import Column, RawTable, heading


@dataclass(frozen=True)
class FeedRows:
    """What one feed gave: rows kept so far, and rejects (a row may have several)."""

    extract: Extract
    is_distinct: bool
    kept: pa.Table
    rejects: pa.Table
    row_count: int
    rejected_count: int
    absent_count: int
    padded_count: int


def schema(extract: Extract) -> pa.Schema:
    """Return the columns of a landed extract: the contract's fields, then where the row came from."""
    fields = [(f.name, LANDED_AS[f.type]) for f in extract.fields]
    return pa.schema([*fields, ("source_file", pa.string()), ("source_line", pa.int64())])


def feed_columns(table: RawTable, feed: Feed, extract: Extract) -> dict[str, Column]:
    """Return a translated column for every field of the contract, absent ones as missing."""
    columns = {}
    for field in extract.fields:
        if field.name in feed.columns:
            column = table.columns[heading(feed.columns[field.name])]
        else:
            column = Column.constant(feed.constants.get(field.name), len(table.lines))
        columns[field.name] = translate(column, feed.values.get(field.name, {}))
    return columns


def read_feed(
    source_file: str, table: RawTable, feed: Feed, columns: Mapping[str, Column], border: Border
) -> FeedRows:
    """Convert a feed's columns and judge its rows; every row is kept or has a reject."""
    extract = border.catalogue.extract(feed.extract)
    converted = {
        f.name: convert(f, columns[f.name], feed.multiply.get(f.name), border) for f in extract.fields
    }
    reasons = {name: c.reasons[c.column.codes] for name, c in converted.items()}
    _judge_order(extract, converted, reasons)
    _judge_ranges(extract, converted, reasons, border.catalogue)
    is_absent = np.zeros(len(table.lines), dtype=bool)
    for name in feed.absent_when_missing:
        is_absent |= reasons[name] == Reason.MISSING
    for of_field in reasons.values():
        of_field[is_absent] = Reason.NONE
    is_wrong = np.any(list(reasons.values()), axis=0)
    place = rejects.Place(source_file, extract, border.source, table.lines)
    rejected = [rejects.of_field(place, f, converted[f.name], reasons[f.name]) for f in extract.fields]
    return FeedRows(
        extract=extract,
        is_distinct=feed.distinct,
        kept=_kept(source_file, table, extract, converted, np.flatnonzero(~is_wrong & ~is_absent)),
        rejects=pa.concat_tables([*rejected, rejects.of_lines(place, table.wrong)]),
        row_count=len(table.lines) + len(table.wrong),
        rejected_count=int(is_wrong.sum()) + len(table.wrong),
        absent_count=int(is_absent.sum()),
        padded_count=max((c.padded_count for c in converted.values()), default=0),
    )


def _judge_order(
    extract: Extract, converted: Mapping[str, Converted], reasons: Mapping[str, np.ndarray]
) -> None:
    """Mark dates that come before the date they must not come before, where that is an error."""
    for field in extract.fields:
        if field.not_before and field.severity == "error":
            day, other = _days(converted[field.name]), _days(converted[field.not_before])
            is_free = (reasons[field.name] == Reason.NONE) & (reasons[field.not_before] == Reason.NONE)
            reasons[field.name][is_free & (day < other)] = Reason.BEFORE_OTHER_DATE


def _judge_ranges(
    extract: Extract, converted: Mapping[str, Converted], reasons: dict[str, np.ndarray], catalogue: Catalogue
) -> None:
    """Mark scores outside the range of their own row's instrument; a score is never clipped."""
    instrument = next((f for f in extract.fields if f.references == "instrument"), None)
    for field in extract.fields:
        if field.references == "instrument.range" and instrument and field.severity == "error":
            ids = arrow.strings([i.id for i in catalogue.instruments])
            limits = np.array([(i.minimum, i.maximum) for i in catalogue.instruments] + [(np.nan, np.nan)])
            of_row = converted[instrument.name]
            position = arrow.to_numpy(pc.index_in(of_row.values, value_set=ids), missing=len(ids))
            low, high = limits[position[of_row.column.codes]].T
            score = _doubles(converted[field.name])
            is_free = reasons[field.name] == Reason.NONE
            reasons[field.name][is_free & ((score < low) | (score > high))] = Reason.OUT_OF_RANGE


def _days(dates: Converted) -> np.ndarray:
    """Each row's day; NaN where there is none, so that no comparison holds."""
    days = dates.values.cast(pa.int32()).cast(pa.float64())
    return _rows(days, dates.column)


def _doubles(numbers: Converted) -> np.ndarray:
    return _rows(numbers.values.cast(pa.float64()), numbers.column)


def _rows(values: pa.DoubleArray, column: Column) -> np.ndarray:
    by_row: np.ndarray = arrow.to_numpy(values, missing=np.nan)[column.codes]
    return by_row


def _kept(
    source_file: str, table: RawTable, extract: Extract, converted: Mapping[str, Converted], rows: np.ndarray
) -> pa.Table:
    fields = [arrow.take(c.values, c.column.codes[rows]) for c in converted.values()]
    origin = [arrow.repeat(source_file, len(rows)), arrow.numbers(table.lines[rows], pa.int64())]
    return pa.Table.from_arrays([*fields, *origin], schema=schema(extract))
