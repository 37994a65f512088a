"""How a file writes dates, numbers and "nothing here", found out once per file.

Conventions: shared/domain/catalogue.yaml, extract_conventions (recalled, certainty high). Its
9, 99 and 999 are missing only in some instruments, so they are not missing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import ExtractError, Problem
from pipelines.extracts import arrow

MISSING = ("", "-", "ukendt", "ikke oplyst", "null", "#i/t", "#n/a")
TOTALS = ("i alt", "ialt", "total", "hovedtotal", "sum")

_EPOCH = date(1970, 1, 1).toordinal()
# How systems that cannot leave a date empty write "none yet" and "open".
_EMPTY = (date(1900, 1, 1), date(2099, 12, 31), date(9999, 12, 31))
EMPTY_DATES = np.array([d.toordinal() - _EPOCH for d in _EMPTY])
EARLIEST, LATEST = (d.toordinal() - _EPOCH for d in (date(1900, 1, 1), date(2200, 12, 31)))

_TIME = r"(?:[ T](?:[01]?[0-9]|2[0-3])[:.][0-5][0-9](?:[:.][0-5][0-9](?:[.,][0-9]+)?)?)?"
# No text fits two of these, and none has the month first.
DATE_FORMATS = {
    "dd-mm-yyyy": rf"^(?P<day>[0-9]{{1,2}})-(?P<month>[0-9]{{1,2}})-(?P<year>[0-9]{{4}}){_TIME}$",
    "dd.mm.yyyy": rf"^(?P<day>[0-9]{{1,2}})\.(?P<month>[0-9]{{1,2}})\.(?P<year>[0-9]{{4}}){_TIME}$",
    "dd/mm/yyyy": rf"^(?P<day>[0-9]{{1,2}})/(?P<month>[0-9]{{1,2}})/(?P<year>[0-9]{{4}}){_TIME}$",
    "yyyy-mm-dd": rf"^(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{1,2}})-(?P<day>[0-9]{{1,2}}){_TIME}$",
}
_EXCEL_EPOCH = 25_569  # Excel's day number of 1970-01-01
_EXCEL_SERIAL = r"^[0-9]{1,6}(?:\.[0-9]+)?$"

_DANISH = r"^[+-]?(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,[0-9]+)?$"
_ENGLISH = r"^[+-]?(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?$"
_NATIVE = r"^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"


@dataclass(frozen=True)
class Formats:
    """What one file was found to use; None where it has nothing to tell by.

    `notes_da` states every choice that the values alone did not settle.
    """

    decimal_sign: str | None
    date_format: str | None
    has_serial_dates: bool
    notes_da: tuple[str, ...]


def detect(
    where: str,
    dates: Sequence[pa.StringArray],
    numbers: Sequence[pa.StringArray],
    delimiter: str | None,
    has_serial_dates: bool,
) -> Formats:
    """Find a file's formats from the distinct texts of its date and its number columns.

    Raises:
        ExtractError: the dates have the month first.
    """
    decimal_sign, note = _decimal_sign(_together(numbers), delimiter)
    notes = (note,) if note else ()
    date_format = _date_format(where, _together(dates))
    return Formats(decimal_sign, date_format, has_serial_dates, notes)


def read_dates(texts: pa.StringArray, is_native: np.ndarray, formats: Formats) -> tuple[pa.Array, np.ndarray]:
    """Return date32 values (null where empty, open-ended or unreadable) and a mask of unreadable texts."""
    days, is_read = _calendar_days(texts)
    if formats.has_serial_dates:
        is_serial = is_native & arrow.is_true(pc.match_substring_regex(texts, pattern=_EXCEL_SERIAL))
        serials = arrow.to_numpy(arrow.where(texts, is_serial).cast(pa.float64()), missing=0)
        # Excel counts a 29 February 1900 that never was: earlier serials are one day late.
        days = np.where(is_serial, np.floor(serials).astype(np.int64) - _EXCEL_EPOCH + (serials < 60), days)
        is_read = is_read | is_serial
    is_empty = is_read & np.isin(days, EMPTY_DATES)
    is_valid = is_read & ~is_empty & (days >= EARLIEST) & (days <= LATEST)
    values = arrow.numbers(np.where(is_valid, days, 0), pa.date32(), is_valid)
    return values, arrow.is_present(texts) & ~is_valid & ~is_empty


def read_numbers(
    texts: pa.StringArray, is_native: np.ndarray, formats: Formats
) -> tuple[np.ndarray, np.ndarray]:
    """Return float64 values (NaN where missing or unreadable) and a mask of unreadable texts."""
    is_danish = formats.decimal_sign != "."
    typed = pc.match_substring_regex(texts, pattern=_DANISH if is_danish else _ENGLISH)
    plain = pc.replace_substring(texts, pattern="." if is_danish else ",", replacement="")
    plain = pc.replace_substring(plain, pattern=",", replacement=".") if is_danish else plain
    is_typed = arrow.is_true(typed) & ~is_native
    is_exact = arrow.is_true(pc.match_substring_regex(texts, pattern=_NATIVE)) & is_native
    values = np.full(len(texts), np.nan)
    for source, is_readable in ((plain, is_typed), (texts, is_exact)):
        readable = source.filter(arrow.mask(is_readable))
        unsigned = pc.utf8_ltrim(readable, characters="+")
        values[is_readable] = arrow.to_numpy(unsigned.cast(pa.float64()), missing=np.nan)
    # A float column's NaN is how some systems write "missing".
    is_nan = is_native & arrow.is_true(pc.match_substring_regex(texts, pattern="^[nN]a[nN]$"))
    is_readable = (is_typed | is_exact) & np.isfinite(values)
    return values, arrow.is_present(texts) & ~is_readable & ~is_nan


def _together(texts: Sequence[pa.StringArray]) -> pa.StringArray:
    return pa.concat_arrays([arrow.strings([]), *texts])


def _calendar_days(texts: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970-01-01 by whichever format fits, and which texts are days of the calendar."""
    days = np.zeros(len(texts), dtype=np.int64)
    is_read = np.zeros(len(texts), dtype=bool)
    for pattern in DATE_FORMATS.values():
        day, month, year, fits = _parts(texts, pattern)
        first = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
        found = first.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + day - 1
        next_first = (first + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        is_day = fits & (month >= 1) & (month <= 12) & (day >= 1) & (found < next_first)
        days = np.where(is_day, found, days)
        is_read |= is_day
    return days, is_read


def _parts(texts: pa.Array, pattern: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    matched = pc.extract_regex(texts, pattern=pattern)
    fits = arrow.is_present(matched)
    day, month, year = (
        arrow.to_numpy(arrow.where(pc.struct_field(matched, [part]), fits).cast(pa.int64()), missing=1)
        for part in ("day", "month", "year")
    )
    return day, month, year, fits


def _date_format(where: str, texts: pa.StringArray) -> str | None:
    counts = {}
    month_first = day_first = 0
    for name, pattern in DATE_FORMATS.items():
        day, month, _, fits = _parts(texts, pattern)
        counts[name] = int(fits.sum())
        if name.startswith("dd"):
            month_first += int((fits & (month > 12) & (day <= 12)).sum())
            day_first += int((fits & (day > 12) & (month <= 12)).sum())
    if month_first > day_first:
        message = "datoerne har måneden først (fx 12/31/2024). Lav udtrækket med danske datoer (dd-mm-åååå)."
        raise ExtractError([Problem(where, message)])
    used = sorted((n for n in counts if counts[n]), key=lambda n: -counts[n])
    return ", ".join(used) or None


def _decimal_sign(texts: pa.StringArray, delimiter: str | None) -> tuple[str | None, str | None]:
    danish = arrow.is_true(pc.match_substring_regex(texts, pattern=_DANISH))
    english = arrow.is_true(pc.match_substring_regex(texts, pattern=_ENGLISH))
    has_sign = arrow.is_true(pc.match_substring_regex(texts, pattern="[.,]"))
    only_danish, only_english = int((danish & ~english).sum()), int((english & ~danish).sum())
    is_open = bool((danish & english & has_sign).any())
    if only_danish != only_english:
        sign = "," if only_danish > only_english else "."
        mixed = f"Filen blander komma og punktum som decimaltegn; læst med »{sign}«."
        return sign, mixed if min(only_danish, only_english) else None
    if not only_danish and not is_open:
        return None, None
    # Comma as delimiter is the one sign of a file not made the Danish way.
    sign = "." if delimiter == "," else ","
    meaning = "1234" if (sign == ",") else "1,234 (lidt over 1)"
    return sign, f"Decimaltegnet fremgår ikke entydigt af tallene; læst med »{sign}«, så 1.234 er {meaning}."
