"""One feed of one file: the source's columns become the extract's fields; wrong rows step out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.catalogue import Catalogue, Extract, ExtractField, Feed
from pipelines.catalogue.entries import RANGES
from pipelines.extracts import arrow, rejects
from pipelines.extracts.convert import LANDED_AS, Border, Converted, Reason, convert, is_code, translate
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
    scales = _scales(extract, converted, border.catalogue)
    is_absent = _are_missing_codes(scales, converted, border)
    if feed.turned_round:
        converted |= {s.field.name: _turned(s, converted[s.field.name]) for s in scales}
    reasons = {name: c.reasons[c.column.codes] for name, c in converted.items()}
    _judge_order(extract, converted, reasons)
    _judge_items(extract, converted, reasons, border.catalogue)
    _judge_ranges(scales, converted, reasons)
    for name in feed.absent_when_missing:
        is_absent |= reasons[name] == Reason.MISSING
    for of_field in reasons.values():
        of_field[is_absent] = Reason.NONE
    is_wrong = np.any(list(reasons.values()), axis=0)
    place = rejects.Place(source_file, extract, border, table.lines)
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


def _judge_items(
    extract: Extract, converted: Mapping[str, Converted], reasons: dict[str, np.ndarray], catalogue: Catalogue
) -> None:
    """Mark answers to items that the row's instrument has not, or that may not be scored."""
    item = next((f for f in extract.fields if f.references == "instrument.item"), None)
    if item is None or item.severity != "error":
        return
    instrument, of_row = _entries(extract, converted, catalogue, "instrument")
    is_free = reasons[instrument] == Reason.NONE
    for position, entry in enumerate(catalogue.instruments):
        if not entry.items:
            reason = Reason.NOT_PERMITTED if entry.scoring else Reason.NOT_SCORED
            reasons[instrument][is_free & (of_row == position)] = reason
    known = [(i, item_id) for i, entry in enumerate(catalogue.instruments) for item_id in entry.items]
    ids = sorted({item_id for _, item_id in known})
    # One row more for an unknown instrument, one column more for an item that no instrument has.
    is_known = np.zeros((len(catalogue.instruments) + 1, len(ids) + 1), dtype=bool)
    for position, item_id in known:
        is_known[position, ids.index(item_id)] = True
    texts, column = converted[item.name].values, converted[item.name].column
    number = arrow.to_numpy(pc.index_in(texts, value_set=arrow.strings(ids)), missing=len(ids))[column.codes]
    is_free = (reasons[instrument] == Reason.NONE) & (reasons[item.name] == Reason.NONE)
    reasons[item.name][is_free & ~is_known[of_row, number]] = Reason.UNKNOWN_ITEM


@dataclass(frozen=True)
class _Scale:
    """A field whose limits are those of the entry, of one `kind`, that each row names.

    `entry` is each row's position in the catalogue, the number of entries for one that is not
    there; `limits` are by position, NaN where there are none.
    """

    field: ExtractField
    kind: str
    entry: np.ndarray
    limits: np.ndarray


def _entries(
    extract: Extract, converted: Mapping[str, Converted], catalogue: Catalogue, kind: str
) -> tuple[str, np.ndarray]:
    """Return the field that names an entry of the kind, and each row's position in the catalogue."""
    name = next(f.name for f in extract.fields if f.references == kind)
    ids = arrow.strings(catalogue.known(kind))
    found = pc.index_in(converted[name].values, value_set=ids)
    return name, arrow.to_numpy(found, missing=len(ids))[converted[name].column.codes]


def _scales(extract: Extract, converted: Mapping[str, Converted], catalogue: Catalogue) -> list[_Scale]:
    nothing = (np.nan, np.nan)
    scales = []
    for field in extract.fields:
        kind = RANGES.get(field.references or "")
        if kind:
            _, of_row = _entries(extract, converted, catalogue, kind)
            known = catalogue.limits(str(field.references))
            limits = [*(known.get(entry, nothing) for entry in catalogue.known(kind)), nothing]
            scales.append(_Scale(field, kind, of_row, np.array(limits)))
    return scales


def _are_missing_codes(
    scales: list[_Scale], converted: Mapping[str, Converted], border: Border
) -> np.ndarray:
    """Return which rows hold their instrument's code for "not assessed": no number, and no fault."""
    first = next(iter(converted.values()))
    is_missing = np.zeros(len(first.column.codes), dtype=bool)
    for scale in (s for s in scales if s.kind == "instrument"):
        column = converted[scale.field.name].column
        for position, instrument in enumerate(border.catalogue.instruments):
            if instrument.missing_codes:
                is_meant = is_code(column, instrument.missing_codes, border.formats)
                is_missing |= (scale.entry == position) & is_meant[column.codes]
    return is_missing


def _turned(scale: _Scale, converted: Converted) -> Converted:
    """Return a field with each value turned round on the scale of its row's entry."""
    column, width = converted.column, len(scale.limits)
    pairs, codes = np.unique(column.codes * width + scale.entry, return_inverse=True)
    texts, entries = np.divmod(pairs, width)
    low, high = scale.limits[entries].T
    values = low + high - arrow.to_numpy(converted.values.cast(pa.float64()), missing=np.nan)[texts]
    values = np.round(values, 9)  # 100 - 19.8 is 80.2, and not a little more than the scale has
    return replace(
        converted,
        column=replace(
            column,
            texts=arrow.take(column.texts, texts),
            is_native=column.is_native[texts],
            delivered=arrow.take(column.delivered, texts),
            codes=codes,
        ),
        values=arrow.numbers(values, pa.float64(), ~np.isnan(values)),
        reasons=converted.reasons[texts],
    )


def _judge_ranges(
    scales: list[_Scale], converted: Mapping[str, Converted], reasons: dict[str, np.ndarray]
) -> None:
    """Mark values outside the limits of their own row's entry; a value is never clipped."""
    for scale in scales:
        if scale.field.severity == "error":
            low, high = scale.limits[scale.entry].T
            value = _doubles(converted[scale.field.name])
            is_free = reasons[scale.field.name] == Reason.NONE
            reasons[scale.field.name][is_free & ((value < low) | (value > high))] = Reason.OUT_OF_RANGE


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
