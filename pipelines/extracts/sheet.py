"""Excel workbooks (xlsx) to a :class:`RawTable`."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from pipelines.errors import ExtractError, Problem
from pipelines.extracts import arrow
from pipelines.extracts.delimited import looks_like_text
from pipelines.extracts.table import (
    HEADER_SEARCH_ROWS,
    Column,
    Header,
    RawTable,
    Top,
    better,
    check_header,
    find_header,
    heading,
    ignored_columns,
)

# A 9 MB bomb took the reader to 2.1 GB (shared/safety.md, Input). A full sheet of a million rows and
# ten columns unpacks to some 500 MB, and sheets as systems write them shrink 5 to 40 times.
MAX_UNPACKED_BYTES = 1_000_000_000
MAX_COMPRESSION_RATIO = 200

_TEXT = (
    "filen er ikke en xlsx-fil; den ligner en tekstfil. Gem den som xlsx, "
    "eller omdøb den til .csv, og ret file i kildens katalogfil."
)
_CORRUPT = "filen er beskadiget og kan ikke åbnes som Excel-fil (xlsx). Lav udtrækket igen."


def read_sheet(name: str, data: bytes, wanted: Mapping[str, str]) -> RawTable:
    """Read the wanted columns of the one sheet that has them.

    Raises:
        ExtractError: the workbook is corrupt or a bomb, or not exactly one sheet has the headings.
    """
    _check_zip(name, data)
    sheet, header, rows = _choose(name, _cells(name, data), wanted)
    check_header(header, wanted, f"{name}, arket »{sheet}«")
    below = enumerate(rows[header.position + 1 :], header.position + 2)
    body = [(number, row) for number, row in below if any(cell != "" for cell in row)]
    keys = [heading(c) for c in header.cells]
    return RawTable(
        columns={
            key: _column(text, [row[keys.index(key)] for _, row in body]) for key, text in wanted.items()
        },
        lines=np.array([number for number, _ in body], dtype=np.int64),
        wrong=(),
        headers=header.cells,
        ignored_columns=ignored_columns(header.cells, wanted),
        header_line=header.position + 1,
        has_serial_dates=True,
    )


def top_rows(name: str, data: bytes) -> list[Top]:
    """Return the first rows of every sheet as texts.

    Raises:
        ExtractError: the workbook is corrupt or a bomb.
    """
    _check_zip(name, data)
    return [
        Top([[_text(c)[0] for c in row] for row in rows[:HEADER_SEARCH_ROWS]])
        for rows in _cells(name, data).values()
    ]


def _check_zip(name: str, data: bytes) -> None:
    """Refuse an archive that is damaged or unpacks to too much, before the reader opens it."""
    broken = ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(i.file_size for i in archive.infolist())
            if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_COMPRESSION_RATIO * max(len(data), 1):
                size = f"{unpacked // 1_000_000} MB"
                broken = f"filen fylder {size} pakket ud, mere end et udtræk gør. Gem den som csv."
            elif archive.testzip() is not None:  # also catches a size that lies
                broken = _CORRUPT
    except Exception:  # zipfile raises half a dozen kinds on damaged archives
        broken = _TEXT if looks_like_text(data) else _CORRUPT
    if broken:
        raise ExtractError([Problem(name, broken)])


def _cells(name: str, data: bytes) -> dict[str, list[list[Any]]]:
    """Return every sheet's cells from A1 on; the one place that a limited child process can take."""
    from python_calamine import CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return {s: book.get_sheet_by_name(s).to_python(skip_empty_area=False) for s in book.sheet_names}
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # the reader's panics are no Exception; their text may quote a cell
        pass
    raise ExtractError([Problem(name, _CORRUPT)])


def _choose(
    name: str, sheets: Mapping[str, list[list[Any]]], wanted: Mapping[str, str]
) -> tuple[str, Header, list[list[Any]]]:
    best: tuple[str, Header] | None = None
    complete = []
    for sheet, rows in sheets.items():
        header = find_header([[_text(c)[0] for c in r] for r in rows[:HEADER_SEARCH_ROWS]], wanted)
        if header and wanted and header.match_count == len(wanted):
            complete.append(sheet)
        if header and better(header, best[1] if best else None):
            best = sheet, header
    if len(complete) > 1:
        names = ", ".join(f"»{s}«" for s in complete)
        message = f"arkene {names} har alle overskrifterne. Saml rækkerne på ét af dem."
        raise ExtractError([Problem(name, message)])
    if best is None:
        raise ExtractError([Problem(name, "projektmappen er tom. Lav udtrækket igen.")])
    return best[0], best[1], sheets[best[0]]


def _column(name: str, cells: Sequence[Any]) -> Column:
    seen: dict[tuple[str, bool], int] = {}
    codes = np.array([seen.setdefault(_text(c), len(seen)) for c in cells], dtype=np.int64)
    is_native = np.array([native for _, native in seen], dtype=bool)
    return Column.of(name, arrow.strings([text for text, _ in seen]), is_native, codes)


def _text(cell: Any) -> tuple[str, bool]:
    """Return a cell as text, and whether its type is certain (a number or date, not typed text)."""
    if isinstance(cell, str):
        return cell, False
    if isinstance(cell, date):
        return cell.isoformat(), True
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell), True
    return str(cell), False
