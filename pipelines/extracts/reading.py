"""The bytes of a file to a :class:`RawTable`, by the reader its name calls for."""

from collections.abc import Mapping
from pathlib import Path

from pipelines.errors import Problem, UnreachableError
from pipelines.extracts import delimited
from pipelines.extracts.table import RawTable, Top, check_letters


def read_bytes(path: Path, name: str) -> bytes:
    """Return the whole file.

    Raises:
        UnreachableError: it cannot be opened or read to its end.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        cause = error.strerror
    message = f"filen kan ikke åbnes ({cause}). Er den åben i et andet program?"
    raise UnreachableError([Problem(name, message)])


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
        table = delimited.read_delimited(name, data, wanted)
    check_letters(table.columns, table.lines, name)
    return table


def read_top(name: str, data: bytes) -> list[Top]:
    """Return the first rows of a file, in each of the ways it may be read: what a header is sought in.

    Raises:
        ExtractError: the file cannot be opened as what its suffix says.
    """
    if name.lower().endswith(".xlsx"):
        from pipelines.extracts import sheet

        return sheet.top_rows(name, data)
    if name.lower().endswith(".parquet"):
        from pipelines.extracts import parquet

        return [Top([parquet.headings(name, data)], has_certain_header=True)]
    return delimited.top_rows(name, data)
