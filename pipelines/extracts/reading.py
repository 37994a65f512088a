"""The bytes of a file to a :class:`RawTable`, by the reader its name calls for."""

from collections.abc import Mapping
from pathlib import Path

from pipelines.errors import ExtractError, Problem
from pipelines.extracts.delimited import read_delimited
from pipelines.extracts.table import RawTable, check_letters


def read_bytes(path: Path, name: str) -> bytes:
    """Return the whole file.

    Raises:
        ExtractError: it cannot be opened or read to its end.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        cause = error.strerror
    raise ExtractError([Problem(name, f"filen kan ikke åbnes ({cause}). Er den åben i et andet program?")])


def read_table(name: str, data: bytes, wanted: Mapping[str, str]) -> RawTable:
    """Read the wanted columns of a file; its suffix says how, anything unknown is delimited text.

    Raises:
        ExtractError: the file cannot be read with certainty.
    """
    if name.lower().endswith(".xlsx"):
        from pipelines.extracts.sheet import read_sheet

        table = read_sheet(name, data, wanted)
    elif name.lower().endswith(".parquet"):
        from pipelines.extracts.parquet import read_parquet

        table = read_parquet(name, data, wanted)
    else:
        table = read_delimited(name, data, wanted)
    check_letters(table.columns, table.lines, name)
    return table
