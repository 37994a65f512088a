"""Faults planted into the extracts, each with its exact place and what must become of it.

Every fault is a row of its own, added to the clean ones: a copy of a good row with one
thing wrong. So what is left when the rejected rows are gone is exactly the clean table
plus the rows that only deserve a warning.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from pipelines.demo.cells import Cell, Table, hyphenated

Row = list[Cell]
ANY_TEXT = "*"


@dataclass(frozen=True)
class Fault:
    """A planted fault. `line` is the physical line, sheet row or Parquet row (from 1).

    `column` is the header, or None where the whole row is at fault; `value` the cell as
    written. `handling` is rejected (with the contract's reason code), absent (counted, no record) or warning.
    """

    file: str
    extract_id: str
    line: int
    column: str | None
    kind: str
    value: str | None
    handling: str
    reason: str | None

    def as_dict(self) -> dict[str, str | int | None]:
        """The fault as it stands in faults.json."""
        return asdict(self)


@dataclass(frozen=True)
class Corruption:
    """How to spoil a copy of a good row.

    `value` replaces the cell of `field`; as a function it gets the row's cells by field.
    `only` restricts which rows can be copied: field and text, or ANY_TEXT.
    A `reason` of None means a warning.
    """

    kind: str
    field: str | None
    value: Cell | Callable[[dict[str, Cell]], Cell]
    reason: str | None
    count: int = 1
    only: tuple[tuple[str, str], ...] = ()


def _days_later(field: str, days: int) -> Callable[[dict[str, Cell]], Cell]:
    def shifted(cells: dict[str, Cell]) -> Cell:
        there = datetime.strptime(str(cells[field]), "%d-%m-%Y") + timedelta(days=days)
        return there.strftime("%d-%m-%Y")

    return shifted


def _month_13(cells: dict[str, Cell]) -> Cell:
    cpr = str(cells["person_id"])
    return f"{cpr[:2]}13{cpr[4:]}"


def _other_score(cells: dict[str, Cell]) -> Cell:
    score = float(str(cells["score"]))
    return str(int(score - 8 if score >= 50 else score + 8))


STARTED = (("started_date", ANY_TEXT), ("ended_date", ANY_TEXT), ("decided_date", ANY_TEXT))
WHO5 = (("instrument_id", "WHO-5"),)
ANSWERED = (("answer_1", "Det meste af tiden"),)
REVIEWED = (("reviewed_date", ANY_TEXT),)
DUPLICATE, SPARE_PERSON, NOT_ASSESSED = "exact_duplicate", "unknown_person", "not_assessed"
EXTRA_CELL, MISSING_CELL = "extra_cell", "missing_cell"
END_FIRST, DECIDED_FIRST = _days_later("started_date", -20), _days_later("requested_date", -10)

CORRUPTIONS: dict[str, tuple[Corruption, ...]] = {
    "cpr_udtraek": (
        Corruption(DUPLICATE, None, None, "duplicate", 2),
        Corruption("impossible_date", "birth_date", "31-02-2001", "not_a_date"),
        Corruption("not_a_date", "death_date", "ja", "not_a_date"),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr", 2),
        Corruption("missing_value", "person_id", "", "missing"),
        Corruption("unknown_code", "sex", "Z", "unknown_code"),
    ),
    "fagsystem": (
        Corruption(DUPLICATE, None, None, "duplicate", 3),
        Corruption("impossible_date", "started_date", "31-02-2025", "not_a_date", 1, STARTED),
        Corruption("end_before_start", "ended_date", END_FIRST, "before_other_date", 2, STARTED),
        Corruption("unknown_intervention", "intervention_id", "nedlagt_indsats", "unknown_reference", 2),
        Corruption("missing_value", "intervention_id", "", "missing"),
        Corruption("missing_value", "episode_id", "", "missing"),
        Corruption("cpr_in_provider", "provider_id", lambda cells: cells["person_id"], "looks_like_cpr"),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr"),
        Corruption(EXTRA_CELL, None, None, "wrong_column_count"),
        Corruption("text_in_number", "weekly_hours", "ca. 5", "not_a_number"),
        Corruption("out_of_range", "weekly_hours", "200,0", "out_of_range"),
        Corruption("out_of_range", "cost_dkk", "-1.250,00", "out_of_range"),
        Corruption("unknown_code", "end_reason", "Blandet", "unknown_code", 1, STARTED),
        Corruption(SPARE_PERSON, "person_id", None, None, 2),
        Corruption("decided_before_requested", "decided_date", DECIDED_FIRST, None, 1, STARTED),
    ),
    "trivselsskema": (
        Corruption(DUPLICATE, None, None, "duplicate", 4),
        Corruption("out_of_range", "score", "104", "out_of_range", 2, WHO5),
        Corruption("out_of_range", "score", "-4", "out_of_range", 1, WHO5),
        Corruption("unknown_instrument", "instrument_id", "WHO-6", "unknown_reference", 2),
        Corruption("missing_value", "score", "", "missing"),
        Corruption("missing_value", "measured_date", "", "missing"),
        Corruption("impossible_date", "measured_date", "30.02.2025", "not_a_date"),
        Corruption("text_in_number", "score", "ikke besvaret", "not_a_number"),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr"),
        Corruption(EXTRA_CELL, None, None, "wrong_column_count"),
        Corruption(MISSING_CELL, None, None, "wrong_column_count"),
        Corruption(SPARE_PERSON, "person_id", None, None),
        Corruption("two_scores_one_day", "score", _other_score, None, 2, WHO5),
    ),
    "familiecenter": (
        Corruption(DUPLICATE, None, None, "duplicate"),
        Corruption("out_of_range", "score", 55, "out_of_range"),
        Corruption("text_in_number", "score", "ikke udfyldt", "not_a_number"),
        Corruption("missing_value", "measured_date", None, "missing"),
        Corruption("impossible_date", "measured_date", "31-06-2025", "not_a_date"),
        Corruption("unknown_code", "respondent", "Nabo", "unknown_code"),
    ),
    "udredning": (
        Corruption(DUPLICATE, None, None, "duplicate"),
        Corruption("unknown_instrument", "instrument_id", "ADL-X", "unknown_reference"),
        # 9 is Fælles Sprog III's "ikke relevant": no level, and no fault of the row either.
        Corruption(NOT_ASSESSED, "score", 9.0, None, 2, (("instrument_id", "FSIII"),)),
        Corruption("missing_value", "score", None, "missing"),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr"),
    ),
    # Only what is wrong with a whole row: of a row with one wrong answer the other answers are good.
    "spoergeskemasvar": (
        Corruption(DUPLICATE, None, None, "duplicate", 1, ANSWERED),
        Corruption("impossible_date", "measured_date", "30-02-2025", "not_a_date", 1, ANSWERED),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr", 1, ANSWERED),
        Corruption(EXTRA_CELL, None, None, "wrong_column_count"),
    ),
    "borgermaal": (
        Corruption(DUPLICATE, None, None, "duplicate", 2),
        Corruption("unknown_code", "goal_type", "Forbedre", "unknown_code"),
        Corruption("unknown_instrument", "instrument_id", "WHO-6", "unknown_reference"),
        Corruption("broken_number", "attained_level", "0,5", "not_an_integer", 1, REVIEWED),
        Corruption("out_of_range", "attained_level", "3", "out_of_range", 1, REVIEWED),
        Corruption("end_before_start", "reviewed_date", _days_later("set_date", -7), "before_other_date"),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr"),
    ),
    "forsoergelse": (
        Corruption(DUPLICATE, None, None, "duplicate", 2),
        Corruption("unknown_code", "domain", "Fritid", "unknown_code"),
        Corruption("unknown_status", "status_id", "På orlov", "unknown_reference"),
        Corruption("impossible_date", "from_date", "31-04-2025", "not_a_date"),
        Corruption("end_before_start", "to_date", _days_later("from_date", -20), "before_other_date"),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr"),
    ),
    "bolig": (
        Corruption(DUPLICATE, None, None, "duplicate"),
        Corruption("unknown_status", "status_id", "Hos venner", "unknown_reference"),
        Corruption("missing_value", "from_date", "", "missing"),
    ),
    "gaeld": (
        Corruption(DUPLICATE, None, None, "duplicate"),
        Corruption(MISSING_CELL, None, None, "wrong_column_count"),
    ),
    "bevilling": (
        Corruption(DUPLICATE, None, None, "duplicate", 2),
        Corruption("out_of_range", "weekly_hours", "-3,0", "out_of_range"),
        Corruption("text_in_number", "weekly_hours", "efter behov", "not_a_number"),
        Corruption("missing_value", "episode_id", "", "missing"),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr"),
    ),
    "kontakter": (
        Corruption(DUPLICATE, None, None, "duplicate", 3),
        Corruption("missing_value", "provider_id", None, "missing"),
        Corruption("cpr_in_provider", "provider_id", lambda cells: cells["person_id"], "looks_like_cpr"),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr", 2),
        Corruption(SPARE_PERSON, "person_id", None, None, 2),
    ),
    "haendelser": (
        Corruption(DUPLICATE, None, None, "duplicate"),
        Corruption("unknown_event", "kind", "Uheld", "unknown_reference"),
        Corruption("impossible_date", "event_date", "30.02.2025", "not_a_date"),
        Corruption("missing_value", "event_date", "", "missing"),
    ),
    "planer": (
        Corruption(DUPLICATE, None, None, "duplicate", 2),
        Corruption("unknown_code", "transition_kind", "Fylder 19 år", "unknown_code"),
        Corruption("end_before_start", "ended_date", _days_later("decided_date", -20), "before_other_date"),
        Corruption("missing_value", "plan_id", "", "missing"),
        Corruption(EXTRA_CELL, None, None, "wrong_column_count"),
    ),
    # Only what is wrong with a whole row, as above. Its answers are then without an invitation.
    "borgerundersoegelse": (
        Corruption(DUPLICATE, None, None, "duplicate", 2),
        Corruption("impossible_date", "invited_date", "31-09-2025", "not_a_date"),
        Corruption("invalid_cpr", "person_id", _month_13, "invalid_cpr", 2),
        Corruption(EXTRA_CELL, None, None, "wrong_column_count"),
    ),
    "personaleundersoegelse": (Corruption(DUPLICATE, None, None, "duplicate"),),
    "ambassadoerer": (
        Corruption(DUPLICATE, None, None, "duplicate"),
        Corruption("end_before_start", "left_date", _days_later("joined_date", -5), "before_other_date"),
    ),
    "aktiviteter": (Corruption("text_in_number", "participant_count", "ca. 40", "not_a_number"),),
    # One wrong row of the few would be more than a file may have.
    "cpr_skift": (),
    "beslutninger": (),
    "handlinger": (),
}


def plant_faults(table: Table, spare_cprs: list[str], rng: np.random.Generator) -> list[Fault]:
    """Add the source's faulty rows to `table` at random places; uses up `spare_cprs` from the end."""
    added: list[tuple[int, Corruption, Row]] = []
    for corruption in CORRUPTIONS[table.source_id]:
        usable = _usable(table, corruption)
        for origin in rng.choice(usable, min(corruption.count, len(usable)), replace=False).tolist():
            row = list(table.rows[origin])
            if corruption.kind != DUPLICATE:
                _renew(table, row, len(added), spare_cprs)
                row = _spoil(table, row, corruption, spare_cprs)
            first = origin + 1 if corruption.kind == DUPLICATE else 0
            added.append((int(rng.integers(first, len(table.rows) + 1)), corruption, row))
    added.sort(key=lambda entry: entry[0])
    # From the back, so that the places further up still hold.
    for place, _, row in reversed(added):
        table.rows.insert(place, row)
    line_counts = [1 + sum(cell.count("\n") for cell in row if isinstance(cell, str)) for row in table.rows]
    lines = table.header_line + 1 + np.cumsum([0, *line_counts])
    return [
        _fault(table, int(lines[place + shift]), corruption, row)
        for shift, (place, corruption, row) in enumerate(added)
    ]


def _usable(table: Table, corruption: Corruption) -> npt.NDArray[np.int64]:
    """The rows a corruption may copy."""
    wanted = [(table.fields[field], text) for field, text in corruption.only]
    if not wanted:
        return np.arange(len(table.rows))
    return np.array(
        [
            index
            for index, row in enumerate(table.rows)
            if all(row[place] if text == ANY_TEXT else row[place] == text for place, text in wanted)
        ]
    )


def _renew(table: Table, row: Row, serial: int, spare_cprs: list[str]) -> None:
    """Give a copied row an identity of its own, so that only what is planted is wrong with it."""
    if table.extract_id == "episode":
        row[table.fields["episode_id"]] = f"F{900001 + serial}"
    if table.extract_id == "survey_invitation":
        row[table.fields["invitation_id"]] = f"B-9{serial:03d}"
    if table.extract_id == "person":
        row[table.fields["person_id"]] = hyphenated(spare_cprs.pop())


def _spoil(table: Table, row: Row, corruption: Corruption, spare_cprs: list[str]) -> Row:
    if corruption.kind == EXTRA_CELL:
        return [*row, "x"]
    if corruption.kind == MISSING_CELL:
        return row[:-1]
    value = corruption.value
    if corruption.kind == SPARE_PERSON:
        value = spare_cprs.pop()
    elif callable(value):
        value = value({field: row[place] for field, place in table.fields.items()})
    row[table.fields[str(corruption.field)]] = value
    return row


def _handling(corruption: Corruption) -> str:
    if corruption.kind == NOT_ASSESSED:
        return "absent"
    return "warning" if corruption.reason is None else "rejected"


def _fault(table: Table, line: int, corruption: Corruption, row: Row) -> Fault:
    place = None if corruption.field is None else table.fields[corruption.field]
    cell = None if place is None else row[place]
    return Fault(
        file=table.file,
        extract_id=table.extract_id,
        line=line,
        column=None if place is None else table.header[place],
        kind=corruption.kind,
        value=None if cell is None else str(cell),
        handling=_handling(corruption),
        reason=corruption.reason,
    )
