"""The reject table: every wrong row with its place, its reason, and what to do about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.catalogue import Extract, ExtractField
from pipelines.extracts import arrow
from pipelines.extracts.convert import Border, Converted, Reason
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
_MOST_KNOWN = 10  # ids of the catalogue that a message lists

_SHORT_YEAR = re.compile(r"\s*[0-9]{1,2}([-./])[0-9]{1,2}\1[0-9]{2}(?:[ T].*)?\s*")

_ADVICE = {
    Reason.NOT_A_DATE: "er ikke en dato, der kan bruges (dd-mm-åååå, fra 1900 til 2200).",
    Reason.NOT_A_NUMBER: "er ikke et tal.",
    Reason.NOT_AN_INTEGER: "skal være et helt tal.",
    Reason.LOOKS_LIKE_CPR: "indeholder noget, der ligner et CPR-nummer. Fjern det i kildesystemet.",
}
# About the instrument that a row names.
_INSTRUMENT_ADVICE = {
    Reason.NOT_SCORED: (
        "har ingen regel for, hvordan svar bliver til en score (scoring i catalogue/instruments). "
        "Lever den færdige score, eller skriv den udgivne regel ind."
    ),
    Reason.NOT_PERMITTED: (
        "må kun beregnes elektronisk med rettighedshaverens skriftlige tilladelse. Lever den færdige score, "
        "eller skriv jeres tilladelse i måleredskabets katalogfil (permission_da under scoring)."
    ),
}
_LIMITS = {
    "instrument.range": "måleredskabets skala",
    "instrument.item_range": "måleredskabets svarmuligheder",
    "question.range": "spørgsmålets skala",
}
_SHORT_YEAR_ADVICE = "er ikke en dato, der kan bruges: årstallet skal have fire cifre (dd-mm-åååå)."


@dataclass(frozen=True)
class Place:
    """Where a feed's rows stand: file, extract, what they are judged by, and each row's physical line."""

    source_file: str
    extract: Extract
    border: Border
    lines: np.ndarray


def of_field(place: Place, field: ExtractField, converted: Converted, reasons: np.ndarray) -> pa.Table:
    """Return one reject per row whose reason in `reasons` (per row) is not NONE."""
    wrong = np.flatnonzero(reasons)
    column = converted.column
    # Told once per distinct text and reason, however many rows.
    pairs, of_row = np.unique(column.codes[wrong] * len(Reason) + reasons[wrong], return_inverse=True)
    codes, numbers = np.divmod(pairs, len(Reason))
    found = [Reason(number) for number in numbers]
    delivered = arrow.take(column.delivered, codes).to_pylist()
    texts = arrow.take(column.texts, codes).to_pylist()
    shown = [_shown(field, column.header, v) for v in delivered]
    told = zip(found, delivered, texts, strict=True)
    messages = [message_da(reason, place, field, given, text) for reason, given, text in told]
    return _table(
        place.lines[wrong],
        source_file=place.source_file,
        extract_id=place.extract.id,
        field_id=field.name,
        column_name=conceal(column.header) if column.header else None,
        value=arrow.take(arrow.strings(shown), of_row),
        reason=arrow.take(arrow.strings([_code(reason) for reason in found]), of_row),
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


def message_da(
    reason: Reason, place: Place, field: ExtractField, delivered: str | None, text: str | None
) -> str:
    """Return what is wrong with a value and what to do, for the municipality's analyst.

    `delivered` is the value as it stood in the file, `text` as it was translated. Of neither more
    is said than the name of a known instrument: a value may be a citizen's.
    """
    source, label = place.border.source, f"»{field.label_da}«"
    if reason == Reason.MISSING:
        return f"{label} mangler (tomt, »-«, »ukendt« eller lignende). {_missing_advice(place, field)}"
    if reason == Reason.UNKNOWN_REFERENCE:
        ids = place.border.catalogue.known(str(field.references))
        few = ", ".join([*ids[:_MOST_KNOWN], *(["…"] if len(ids) > _MOST_KNOWN else [])])
        advice = f"Opret den, eller oversæt den i kildens katalogfil ({source.id})."
        return f"{label} findes ikke i kataloget. Kendte: {few}. {advice}"
    if reason in _INSTRUMENT_ADVICE:
        return f"{text} {_INSTRUMENT_ADVICE[reason]}"
    if reason == Reason.UNKNOWN_CODE:
        known = f" Kendte: {', '.join(field.values)}." if field.values else ""
        return f"{label} har en ukendt værdi.{known} Oversæt den i kildens katalogfil ({source.id})."
    if reason == Reason.UNKNOWN_ITEM:
        advice = f"Oversæt det i kildens katalogfil ({source.id})."
        return f"{label} er ikke et af måleredskabets spørgsmål. {advice}"
    if reason == Reason.OUT_OF_RANGE:
        return f"{label} {_range(field)}"
    if reason == Reason.BEFORE_OTHER_DATE:
        labels = {f.name: f.label_da for f in place.extract.fields}
        return f"{label} ligger før »{labels[str(field.not_before)]}«. Ret datoerne i kildesystemet."
    if reason == Reason.INVALID_CPR:
        is_cpr = source.person_key == "cpr"
        meant = "et gyldigt CPR-nummer (ti cifre, først en dato)" if is_cpr else "en borger"
        return f"{label}: værdien er ikke {meant}. Er linjen en sum, skal den ikke med i udtrækket."
    if reason == Reason.NOT_A_DATE and delivered is not None and _SHORT_YEAR.fullmatch(delivered):
        return f"{label} {_SHORT_YEAR_ADVICE}"
    return f"{label} {_ADVICE[reason]}"


def _missing_advice(place: Place, field: ExtractField) -> str:
    """Return what to do about an empty field; a row that is nothing without it may be left out."""
    fill = "Udfyld feltet i kildesystemet"
    is_left_out = field.references in _LIMITS or (field.type == "code" and not place.extract.required)
    if not is_left_out:
        return f"{fill}."
    left_out = f'skriv absent_when_missing = ["{field.name}"] i kildens katalogfil ({place.border.source.id})'
    return f"{fill}, lad rækken blive ude af udtrækket, eller {left_out}."


def _range(field: ExtractField) -> str:
    if field.references in _LIMITS:
        outside = f"ligger uden for {_LIMITS[field.references]}. Ret værdien i kildesystemet."
        if field.references == "question.range":
            return (
                f'{outside} Er tallet en kode for »ved ikke«, så oversæt den til "" i kildens katalogfil '
                "(values.answer)."
            )
        return (
            f"{outside} Er tallet en kode for »ikke vurderet«, så skriv den i missing_codes på måleredskabet "
            "(catalogue/instruments)."
        )
    limits = [("mindst", field.minimum), ("højst", field.maximum)]
    told = [f"{word} {limit:.15g}".replace(".", ",") for word, limit in limits if limit is not None]
    return f"skal være {' og '.join(told)}. Ret værdien i kildesystemet."


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
