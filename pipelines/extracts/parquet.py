"""Parquet files to a :class:`RawTable`: typed columns need no guessing."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.errors import ExtractError, Problem
from pipelines.extracts import arrow
from pipelines.extracts.table import Column, Header, RawTable, check_header, heading, ignored_columns


def read_parquet(name: str, data: bytes, wanted: Mapping[str, str]) -> RawTable:
    """Read the wanted columns of a Parquet file.

    Raises:
        ExtractError: the file is corrupt, lacks a column, or has one of a type that means no single value.
    """
    file = _opened(name, data)
    names = tuple(file.schema_arrow.names)
    check_header(Header(0, names, match_count=1), wanted, name)
    positions = {heading(n): n for n in names}
    table = _read(name, file, [positions[key] for key in wanted])
    row_count = file.metadata.num_rows
    return RawTable(
        columns={key: _column(name, wanted[key], table[positions[key]]) for key in wanted},
        lines=np.arange(1, row_count + 1),
        wrong=(),
        headers=names,
        ignored_columns=ignored_columns(names, wanted),
    )


def headings(name: str, data: bytes) -> tuple[str, ...]:
    """Return the names of the columns.

    Raises:
        ExtractError: the file is corrupt.
    """
    return tuple(_opened(name, data).schema_arrow.names)


def _opened(name: str, data: bytes) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
    except (pa.ArrowException, OSError, ValueError):
        pass  # the text of the cause may quote a value
    raise _corrupt(name)


def _read(name: str, file: pq.ParquetFile, columns: list[str]) -> pa.Table:
    try:
        table = file.read(columns=columns)
        table.validate(full=True)
        return table
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError):
        pass
    raise _corrupt(name)


def _column(name: str, header: str, values: pa.ChunkedArray) -> Column:
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
        kind = values.type
    place = f"{name}, kolonnen »{header}«"
    if pa.types.is_timestamp(kind) and kind.tz:
        message = "tidspunkterne har tidszone, så datoen kan være en dag forkert. Gem kolonnen som dato."
        raise ExtractError([Problem(place, message)])
    if not (pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or _is_text(kind)):
        message = f"typen {kind} kan ikke bruges. Gem den som tekst, tal eller dato."
        raise ExtractError([Problem(place, message)])
    is_native = pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_temporal(kind)
    encoded = pc.dictionary_encode(values, null_encoding="encode").combine_chunks()
    texts = encoded.dictionary.cast(pa.string())
    return Column.of(
        header, texts, np.full(len(texts), is_native), arrow.to_numpy(encoded.indices, missing=0)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _corrupt(name: str) -> ExtractError:
    message = "filen er beskadiget og kan ikke læses som Parquet. Lav udtrækket igen."
    return ExtractError([Problem(name, message)])
