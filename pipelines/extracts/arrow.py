"""Between Arrow, numpy and Python values without pandas.

`pyarrow.array`, `pyarrow.scalar`, `Array.to_numpy` and `Table.group_by` import pandas where it is
installed (0.5 s at the first call), although nothing here is a pandas object. These few functions
read and write Arrow's buffers instead.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_MOST_KEYS = int(np.iinfo(np.int64).max)

_STORED_AS = {
    pa.int32(): np.int32,
    pa.int64(): np.int64,
    pa.float64(): np.float64,
    pa.date32(): np.int32,
}


def strings(values: Sequence[str | None]) -> pa.StringArray:
    """Return the texts as an array; None is null."""
    builder = pa.lib.StringBuilder()
    builder.append_values(values)
    return builder.finish()


def numbers(values: NDArray[Any], kind: pa.DataType, is_valid: Mask | None = None) -> pa.Array:
    """Return int64, float64 or date32 (days since 1970-01-01); null where not `is_valid`."""
    data = np.ascontiguousarray(values, dtype=_STORED_AS[kind])
    return pa.Array.from_buffers(kind, len(data), [_bitmap(is_valid), pa.py_buffer(data)])


def digests(values: Sequence[bytes | None], size: int) -> pa.FixedSizeBinaryArray:
    """Return byte strings that are all `size` long; None is null."""
    data = b"".join(bytes(size) if v is None else v for v in values)
    is_valid = np.array([v is not None for v in values], dtype=bool)
    return pa.Array.from_buffers(pa.binary(size), len(values), [_bitmap(is_valid), pa.py_buffer(data)])


def mask(values: Mask) -> pa.BooleanArray:
    """Return a boolean array."""
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, _bitmap(values)])


def to_numpy(values: pa.Array | pa.ChunkedArray, missing: float) -> NDArray[Any]:
    """Return integers, doubles or days as numpy, `missing` where null."""
    stored = np.dtype(_STORED_AS[values.type])
    if not len(values):
        return np.zeros(0, dtype=stored)
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks)
    data = np.frombuffer(values.buffers()[1], dtype=stored, count=values.offset + len(values))
    return np.where(is_present(values), data[values.offset :], stored.type(missing))


def is_true(values: pa.BooleanArray) -> Mask:
    """Return a numpy mask of what is true; null counts as false."""
    return _bits(values.buffers()[1], values) & is_present(values)


def is_present(values: pa.Array) -> Mask:
    """Return a numpy mask of what is not null."""
    return _bits(values.buffers()[0], values)


def take(values: pa.Array, indices: NDArray[Any], is_valid: Mask | None = None) -> Any:
    """Return `values` at `indices` (an array or a chunked one); null where not `is_valid`."""
    return values.take(numbers(indices, pa.int64(), is_valid))


def where(values: pa.Array, is_kept: Mask) -> pa.Array:
    """Return `values` with null where not `is_kept`."""
    return take(values, np.arange(len(values)), is_kept)


def repeat(text: str | None, count: int) -> pa.StringArray:
    """Return the same text `count` times."""
    return take(strings([text]), np.zeros(count, dtype=np.int64))


def empty_table(schema: pa.Schema) -> pa.Table:
    """Return a table without rows."""
    return pa.Table.from_batches([], schema=schema)


def first_equals(table: pa.Table, columns: Sequence[str]) -> NDArray[Any]:
    """Return for each row the position of the first row equal to it in `columns` (nulls are equal)."""
    if not len(table):
        return np.zeros(0, dtype=np.int64)
    row_keys, key_count = np.zeros(len(table), dtype=np.int64), 1
    for name in columns:
        encoded = pc.dictionary_encode(table[name], null_encoding="encode").combine_chunks()
        size = max(len(encoded.dictionary), 1)
        if key_count > _MOST_KEYS // size:  # renumber before the product no longer fits
            row_keys = np.unique(row_keys, return_inverse=True)[1]
            key_count = len(table)
        row_keys = row_keys * size + to_numpy(encoded.indices, missing=0)
        key_count *= size
    _, firsts, of_row = np.unique(row_keys, return_index=True, return_inverse=True)
    return firsts[of_row]


def _bitmap(values: Mask | None) -> pa.Buffer | None:
    return None if values is None else pa.py_buffer(np.packbits(values, bitorder="little"))


def _bits(buffer: pa.Buffer | None, values: pa.Array) -> Mask:
    if buffer is None or not len(values):  # without a validity bitmap nothing is null
        return np.ones(len(values), dtype=bool)
    end = values.offset + len(values)
    bits = np.unpackbits(np.frombuffer(buffer, dtype=np.uint8), count=end, bitorder="little")
    return bits[values.offset :].astype(bool)
