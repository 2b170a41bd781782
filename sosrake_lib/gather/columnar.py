"""A regular text table read by column at once: no cell over lines, every line as wide as its header.

Most exports are so, and a million rows are read in about a second. Anything else goes row by row, so that
each row that differs can be named.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from sosrake_lib.gather.raw import Coded

_BLOCK = 8_000_000
_WORTH_IT = 200


@dataclass(frozen=True, eq=False)
class Columns:
    """A header and its columns; `numbers` are the rows as a person sees them."""

    header: list[str]
    columns: list[Coded]
    numbers: NDArray[np.int64]


def read(text: str, separator: str, header_row: int) -> Columns | None:
    """Read a regular table, or give None when it is not regular (or too short to be worth it)."""
    if "\0" in text or text.count("\n", 0, 100_000) < _WORTH_IT:
        return None
    lines = text.split("\n", header_row)
    quoted = '"' in text
    if quoted and any(line.count('"') % 2 for line in lines[:header_row]):
        return None
    header = next(csv.reader([lines[header_row - 1]], delimiter=separator), [])
    if len(header) < 2 or not header[-1].strip():
        return None
    body = lines[header_row].encode("utf-8")
    if not body.endswith(b"\n"):
        body += b"\n"
    filled = _even_lines(body) if quoted else _filled_lines(body, separator, len(header))
    if filled is None:
        return None
    columns = _columns(body, separator, len(header), quoted)
    if columns is None or any(len(column.codes) != len(filled) for column in columns):
        return None
    numbers = filled.astype(np.int64) + header_row + 1
    told = ~np.logical_and.reduce([_blank(column) for column in columns])
    if not told.all():
        columns, numbers = [column.take(told) for column in columns], numbers[told]
    return Columns(header, columns, numbers)


def _filled_lines(body: bytes, separator: str, width: int) -> NDArray[np.intp] | None:
    """Give the lines, from 0, that are not empty; None when one of them is not of the header's width."""
    signs = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    marks = np.flatnonzero(signs == ord(separator))
    within = np.diff(np.searchsorted(marks, ends), prepend=0)
    lengths = np.diff(ends, prepend=-1) - 1
    filled = np.flatnonzero(lengths > 0)
    if not len(filled) or (within[filled] != width - 1).any() or lengths.max() > _BLOCK // 4:
        return None
    return filled


def _even_lines(body: bytes) -> NDArray[np.intp] | None:
    """Give the lines, from 0, that are not empty; None when a quoted cell may run over lines."""
    signs = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    marks = np.flatnonzero(signs == ord('"'))
    lengths = np.diff(ends, prepend=-1) - 1
    if (np.searchsorted(marks, ends) % 2).any() or lengths.max() > _BLOCK // 4:
        return None
    return np.flatnonzero(lengths > 0)


def _columns(body: bytes, separator: str, width: int, quoted: bool) -> list[Coded] | None:
    names = [str(place) for place in range(width)]
    coded = pa.dictionary(pa.int32(), pa.string())
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(body),
            # One thread: a process that forks later must not have others.
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, quote_char='"' if quoted else False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, coded), strings_can_be_null=False, check_utf8=False
            ),
        ).unify_dictionaries()
    except pa.ArrowInvalid:
        return None
    return [_coded(table.column(name)) for name in names]


def _coded(column: pa.ChunkedArray) -> Coded:
    codes = [chunk.indices.to_numpy(zero_copy_only=False) for chunk in column.chunks]
    values = column.chunk(0).dictionary.to_pylist() if column.num_chunks else []
    return Coded(np.concatenate(codes) if codes else np.empty(0, dtype=np.int32), values)


def _blank(column: Coded) -> NDArray[np.bool_]:
    empty = np.array([not value.strip() for value in column.values] or [True])
    return empty[column.codes]
