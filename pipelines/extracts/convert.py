"""Texts to values: one field of one feed, judged once per distinct text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.catalogue import Catalogue, ExtractField, Source
from pipelines.extracts import arrow, cpr
from pipelines.extracts.formats import MISSING, TOTALS, Formats, read_dates, read_numbers
from pipelines.extracts.pseudonym import PSEUDONYM, Key, pseudonymise
from pipelines.extracts.table import Column

# The Arrow type of each kind of field in a landed table.
LANDED_AS = {
    "person": PSEUDONYM,
    "code": pa.string(),
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "date": pa.date32(),
}
_LARGEST_EXACT = 2.0**53  # beyond it a float64 no longer holds every whole number


class Reason(IntEnum):
    """Why a value or a row was rejected; its name in lower case is the code in the reject table."""

    NONE = 0
    MISSING = 1
    NOT_A_DATE = 2
    NOT_A_NUMBER = 3
    NOT_AN_INTEGER = 4
    UNKNOWN_CODE = 5
    UNKNOWN_REFERENCE = 6
    OUT_OF_RANGE = 7
    BEFORE_OTHER_DATE = 8
    INVALID_CPR = 9
    LOOKS_LIKE_CPR = 10
    DUPLICATE = 11
    WRONG_COLUMN_COUNT = 12
    NOT_SCORED = 13
    NOT_PERMITTED = 14
    UNKNOWN_ITEM = 15


@dataclass(frozen=True)
class Border:
    """What values are judged by: the catalogue, the source, the file's formats and the key."""

    catalogue: Catalogue
    source: Source
    formats: Formats
    key: Key


@dataclass(frozen=True)
class Converted:
    """A column's values and reject reasons, both per distinct text of `column`.

    `padded_count` is the number of rows whose CPR number lacked its leading zero.
    """

    column: Column
    values: pa.Array
    reasons: np.ndarray
    padded_count: int = 0


def translate(column: Column, values: Mapping[str, str]) -> Column:
    """Return the column trimmed, its texts translated by the feed's value map, missing ones null.

    A text that is translated to nothing ("ved ikke") is missing too.
    """
    texts = pc.utf8_trim_whitespace(pc.utf8_normalize(column.texts, form="NFC"))
    lower = pc.utf8_lower(texts)
    named = pc.index_in(lower, value_set=arrow.strings([k.strip().lower() for k in values]))
    meant = arrow.strings(list(values.values())).take(named)
    is_named = arrow.is_present(meant)
    is_missing = arrow.is_true(pc.is_in(lower, value_set=arrow.strings(MISSING))) & ~is_named
    is_missing |= arrow.is_true(pc.is_in(meant, value_set=arrow.strings([""])))
    texts = arrow.where(pc.coalesce(meant, texts), ~is_missing)
    return replace(column, texts=texts, is_native=column.is_native | is_named)


def convert(field: ExtractField, column: Column, multiply: float | None, border: Border) -> Converted:
    """Convert a translated column to the field's type and judge each distinct value by the contract.

    Type and presence always count. The contract's rules (values, limits, references) reject only
    where its severity is error; the data checks count what a warning lets through.
    """
    reasons = np.zeros(len(column.texts), dtype=np.uint8)
    padded_count = 0
    if field.type == "person":
        values, padded_count = _persons(column, border, reasons)
    else:
        values = _plain_values(field, column, multiply, border, reasons)
        _mark(reasons, _hold_cpr(column.delivered, field), Reason.LOOKS_LIKE_CPR)
    if field.required:
        is_missing = ~arrow.is_present(values) & (reasons == Reason.NONE)
        _mark(reasons, is_missing, Reason.MISSING)
    return Converted(column, values, reasons, padded_count)


def is_code(column: Column, codes: Sequence[str], formats: Formats) -> np.ndarray:
    """Mark the column's distinct texts that are one of the codes, as text in any case or as number.

    A number counts as the file has it, before it is rescaled; a text as delivered or as translated.
    """
    wanted = arrow.strings([code.strip().lower() for code in codes])
    found, _ = read_numbers(column.texts, column.is_native, formats)
    of_codes, _ = read_numbers(wanted, np.zeros(len(wanted), dtype=bool), Formats(",", None, False, ()))
    is_found = np.isin(found, of_codes[~np.isnan(of_codes)])
    for texts in (column.texts, column.delivered):
        plain = pc.utf8_lower(pc.utf8_trim_whitespace(pc.utf8_normalize(texts, form="NFC")))
        is_found |= arrow.is_true(pc.is_in(plain, value_set=wanted))
    return is_found


def _plain_values(
    field: ExtractField, column: Column, multiply: float | None, border: Border, reasons: np.ndarray
) -> pa.Array:
    if field.type == "date":
        dates, is_unreadable = read_dates(column.texts, column.is_native, border.formats)
        _mark(reasons, is_unreadable, Reason.NOT_A_DATE)
        return dates
    if field.type in ("integer", "decimal"):
        return _numbers(field, column, multiply, border.formats, reasons)
    _judge_codes(field, column.texts, border.catalogue, reasons)
    return column.texts


def _persons(column: Column, border: Border, reasons: np.ndarray) -> tuple[pa.Array, int]:
    texts = column.texts.to_pylist()
    is_cpr = border.source.person_key == "cpr"
    numbers = [None if t is None or t.lower() in TOTALS else cpr.normalise(t) if is_cpr else t for t in texts]
    pairs = list(zip(texts, numbers, strict=True))
    _mark(reasons, np.array([t is not None and n is None for t, n in pairs], dtype=bool), Reason.INVALID_CPR)
    lost_zero = np.array([is_cpr and n is not None and cpr.lost_zero(t) for t, n in pairs], dtype=bool)
    return pseudonymise(arrow.strings(numbers), border.key), int(lost_zero[column.codes].sum())


def _numbers(
    field: ExtractField, column: Column, multiply: float | None, formats: Formats, reasons: np.ndarray
) -> pa.Array:
    numbers, is_unreadable = read_numbers(column.texts, column.is_native, formats)
    _mark(reasons, is_unreadable, Reason.NOT_A_NUMBER)
    numbers = numbers * (1.0 if multiply is None else multiply)
    low = -np.inf if field.minimum is None else field.minimum
    high = np.inf if field.maximum is None else field.maximum
    if field.severity == "error":
        _mark(reasons, (numbers < low) | (numbers > high), Reason.OUT_OF_RANGE)
    is_valid = ~np.isnan(numbers)
    if field.type == "decimal":
        return arrow.numbers(numbers, pa.float64(), is_valid)
    is_whole = is_valid & (np.floor(numbers) == numbers) & (np.abs(numbers) < _LARGEST_EXACT)
    _mark(reasons, is_valid & ~is_whole, Reason.NOT_AN_INTEGER)
    return arrow.numbers(np.where(is_whole, numbers, 0), pa.int64(), is_whole)


def _judge_codes(
    field: ExtractField, texts: pa.StringArray, catalogue: Catalogue, reasons: np.ndarray
) -> None:
    is_present = arrow.is_present(texts)
    if field.type == "code":
        is_total = arrow.is_true(pc.is_in(pc.utf8_lower(texts), value_set=arrow.strings(TOTALS)))
        _mark(reasons, is_total, Reason.UNKNOWN_CODE)
    if field.severity != "error":
        return
    if field.values:
        is_known = arrow.is_true(pc.is_in(texts, value_set=arrow.strings(field.values)))
        _mark(reasons, is_present & ~is_known, Reason.UNKNOWN_CODE)
    # "extract.field" refers to another extract, which a row alone cannot be judged by.
    if field.references and "." not in field.references:
        known = arrow.strings(catalogue.known(field.references))
        is_known = arrow.is_true(pc.is_in(texts, value_set=known))
        _mark(reasons, is_present & ~is_known, Reason.UNKNOWN_REFERENCE)


def _hold_cpr(texts: pa.StringArray, field: ExtractField) -> np.ndarray:
    if field.type in ("integer", "decimal"):  # 310190.5000 is an amount; 3101905000 is not
        texts = pc.replace_substring(texts, pattern=".", replacement=",")
    is_held = arrow.is_true(pc.match_substring_regex(texts, pattern=cpr.CANDIDATE))
    candidates = texts.filter(arrow.mask(is_held)).to_pylist()
    is_held[is_held] = [cpr.contains_cpr(text) for text in candidates]
    return is_held


def _mark(reasons: np.ndarray, is_wrong: np.ndarray, reason: Reason) -> None:
    reasons[is_wrong] = reason
