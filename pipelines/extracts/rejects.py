"""The reject table: every wrong row with its place, its reason, and what to do about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.catalogue import Extract, ExtractField, Source
from pipelines.extracts import arrow
from pipelines.extracts.convert import Converted, Reason
from pipelines.extracts.cpr import HIDDEN, conceal
from pipelines.extracts.table import WrongLine

SCHEMA = pa.schema(
    [
        ("source_file", pa.string()),
        ("source_line", pa.int64()),
        ("extract_id", pa.string()),
        ("field_id", pa.string()),
        ("column_name", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("message_da", pa.string()),
    ]
)
_LONGEST_VALUE = 60  # a code or number is shorter; a note may hold what nobody should see

_SHORT_YEAR = re.compile(r"\s*[0-9]{1,2}([-./])[0-9]{1,2}\1[0-9]{2}(?:[ T].*)?\s*")

_ADVICE = {
    Reason.MISSING: "mangler. Udfyld feltet i kildesystemet.",
    Reason.NOT_A_DATE: "er ikke en dato, der kan bruges (dd-mm-åååå, fra 1900 til 2200).",
    Reason.NOT_A_NUMBER: "er ikke et tal.",
    Reason.NOT_AN_INTEGER: "skal være et helt tal.",
    Reason.UNKNOWN_REFERENCE: "findes ikke i kataloget. Opret den, eller oversæt den i kildens katalogfil.",
    Reason.NOT_SCORED: (
        "har ingen regel for, hvordan svar bliver til en score (scoring i catalogue/instruments). "
        "Lever den færdige score, eller skriv den udgivne regel ind."
    ),
    Reason.NOT_PERMITTED: (
        "må kun beregnes elektronisk med rettighedshaverens skriftlige tilladelse. Lever den færdige score, "
        "eller skriv jeres tilladelse i måleredskabets katalogfil (permission_da under scoring)."
    ),
    Reason.LOOKS_LIKE_CPR: "indeholder noget, der ligner et CPR-nummer. Fjern det i kildesystemet.",
}
_SHORT_YEAR_ADVICE = "er ikke en dato, der kan bruges: årstallet skal have fire cifre (dd-mm-åååå)."


@dataclass(frozen=True)
class Place:
    """Where a feed's rows stand: file, extract, source, and each row's physical line."""

    source_file: str
    extract: Extract
    source: Source
    lines: np.ndarray


def of_field(place: Place, field: ExtractField, converted: Converted, reasons: np.ndarray) -> pa.Table:
    """Return one reject per row whose reason in `reasons` (per row) is not NONE."""
    wrong = np.flatnonzero(reasons)
    column = converted.column
    codes, row_codes = np.unique(column.codes[wrong], return_inverse=True)
    delivered = arrow.take(column.delivered, codes).to_pylist()
    shown = [_shown(field, column.header, v) for v in delivered]
    found, row_reasons = np.unique(reasons[wrong], return_inverse=True)
    messages = [message_da(Reason(r), place, field) for r in found]
    of_row = row_reasons
    if Reason.NOT_A_DATE in found:
        has_short_year = np.array([v is not None and bool(_SHORT_YEAR.fullmatch(v)) for v in delivered])
        is_short = has_short_year[row_codes] & (reasons[wrong] == Reason.NOT_A_DATE)
        of_row = np.where(is_short, len(messages), row_reasons)
        messages.append(f"»{field.label_da}« {_SHORT_YEAR_ADVICE}")
    return _table(
        place.lines[wrong],
        source_file=place.source_file,
        extract_id=place.extract.id,
        field_id=field.name,
        column_name=conceal(column.header) if column.header else None,
        value=arrow.take(arrow.strings(shown), row_codes),
        reason=arrow.take(arrow.strings([_code(Reason(r)) for r in found]), row_reasons),
        message_da=arrow.take(arrow.strings(messages), of_row),
    )


def of_lines(place: Place, wrong: Sequence[WrongLine]) -> pa.Table:
    """Return one reject per line that could not be split into the header's cells."""
    return _table(
        np.array([w.line for w in wrong], dtype=np.int64),
        source_file=place.source_file,
        extract_id=place.extract.id,
        value=HIDDEN,
        reason=_code(Reason.WRONG_COLUMN_COUNT),
        message_da=arrow.strings([w.message_da for w in wrong]),
    )


def of_duplicates(extract: Extract, rows: pa.Table) -> pa.Table:
    """Return one reject per landed row that repeats an earlier one in every field."""
    return _table(
        arrow.to_numpy(rows["source_line"], missing=0),
        source_file=rows["source_file"],
        extract_id=extract.id,
        reason=_code(Reason.DUPLICATE),
        message_da="Rækken er magen til en tidligere række i alle felter og tæller kun én gang.",
    )


def message_da(reason: Reason, place: Place, field: ExtractField) -> str:
    """Return what is wrong with a value and what to do, for the municipality's analyst."""
    source, label = place.source, f"»{field.label_da}«"
    if reason == Reason.UNKNOWN_CODE:
        known = f" Kendte: {', '.join(field.values)}." if field.values else ""
        return f"{label} har en ukendt værdi.{known} Oversæt den i kildens katalogfil ({source.id})."
    if reason == Reason.UNKNOWN_ITEM:
        advice = f"Oversæt det i kildens katalogfil ({source.id})."
        return f"{label} er ikke et af måleredskabets spørgsmål. {advice}"
    if reason == Reason.OUT_OF_RANGE:
        return f"{label} {_range(field)} Ret værdien i kildesystemet."
    if reason == Reason.BEFORE_OTHER_DATE:
        labels = {f.name: f.label_da for f in place.extract.fields}
        return f"{label} ligger før »{labels[str(field.not_before)]}«. Ret datoerne i kildesystemet."
    if reason == Reason.INVALID_CPR:
        is_cpr = source.person_key == "cpr"
        meant = "et gyldigt CPR-nummer (ti cifre, først en dato)" if is_cpr else "en borger"
        return f"{label}: værdien er ikke {meant}. Er linjen en sum, skal den ikke med i udtrækket."
    return f"{label} {_ADVICE[reason]}"


def _range(field: ExtractField) -> str:
    if field.references == "instrument.range":
        return "ligger uden for måleredskabets skala."
    if field.references == "instrument.item_range":
        return "ligger uden for måleredskabets svarmuligheder."
    limits = [("mindst", field.minimum), ("højst", field.maximum)]
    told = [f"{word} {limit:.15g}".replace(".", ",") for word, limit in limits if limit is not None]
    return f"skal være {' og '.join(told)}."


def _code(reason: Reason) -> str:
    return reason.name.lower()


def _shown(field: ExtractField, header: str | None, value: str | None) -> str | None:
    if value is None or header is None:
        return None
    if field.type == "person" or conceal(value) != value:
        return HIDDEN
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"


def _table(lines: np.ndarray, **columns: str | pa.Array | None) -> pa.Table:
    """Lay a reject table; a text stands on every row, and a column not given is null."""
    columns["source_line"] = arrow.numbers(lines, pa.int64())
    arrays = []
    for name in SCHEMA.names:
        given = columns.get(name)
        arrays.append(arrow.repeat(given, len(lines)) if given is None or isinstance(given, str) else given)
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
