"""Row headings of tables in a tagged PDF.

The typesetter tags the cells of a table's first row as headings, but offers no way to say that a row has one
too. Here the first cells of each row are made headings of their row (`TH`, scope `Row`) in the finished file,
and the other cells of the row name them, so that a screen reader tells whose figure it reads.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sosrake_lib.errors import SosrakeError

_REFERENCE = re.compile(rb"(\d+) 0 R")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])")
_KIND = re.compile(rb"/S /(\w+)")
_NAMES = re.compile(rb"/IDTree <<\s*/Names \[(.*?)\]", re.DOTALL)
_NAME = re.compile(rb"\(((?:[^()\\]|\\.)*)\) (\d+) 0 R")
_HEX = b"/Filter [/ASCIIHexDecode /FlateDecode]"
_HEADERS = re.compile(rb"/Headers \[(.*?)\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _File:
    """A PDF with a plain table of places: what stands before the objects, the objects, the trailer."""

    start: bytes
    objects: dict[int, bytes]
    order: list[int]
    trailer: bytes
    names: dict[bytes, int] = field(default_factory=dict)


def with_row_headers(pdf: bytes, stubs: Sequence[int]) -> bytes:
    """Mark the headings of rows and compress what is not.

    Parameters
    ----------
    pdf : as the typesetter writes it readably: objects one by one and a plain table of their places.
    stubs : of each table in reading order, how many of its first columns head the rows.

    Raises
    ------
    SosrakeError when the file is not of that form or has another number of tables.
    """
    file = _read(pdf)
    tables = [number for number in _in_order(file) if _kind(file.objects[number]) == b"Table"]
    if len(tables) != len(stubs):
        raise SosrakeError(
            f"pdf: {len(tables)} tables in the structure, {len(stubs)} in the page; typeset again"
        )
    for place, (table, count) in enumerate(zip(tables, stubs, strict=True), start=1):
        _mark(file, table, count, place)
    _named(file)
    for number, body in file.objects.items():
        file.objects[number] = _compressed(body)
    return _written(file)


def _read(pdf: bytes) -> _File:
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf)
    table = int(found[1]) if found else -1
    if table < 0 or pdf[table : table + 4] != b"xref":
        raise SosrakeError("pdf: no plain table of objects; expected a file typeset with pretty=True")
    trailer = pdf.index(b"trailer", table)
    first = re.match(rb"xref\s+0 (\d+)\s+", pdf[table:trailer])
    if not first:
        raise SosrakeError("pdf: the table of objects does not begin at 0; typeset again")
    entries = _ENTRY.findall(pdf, table + first.end() - 1, trailer)
    places = sorted((int(at), number) for number, (at, _, use) in enumerate(entries) if use == b"n")
    ends = [at for at, _ in places[1:]] + [table]
    objects = {number: pdf[at:end].rstrip() for (at, number), end in zip(places, ends, strict=True)}
    tail = pdf[trailer : pdf.rindex(b"startxref")]
    return _File(pdf[: places[0][0]], objects, [number for _, number in places], tail)


def _in_order(file: _File) -> list[int]:
    """List the elements of the structure in reading order."""
    roots = [number for number, body in file.objects.items() if b"/Type /StructTreeRoot" in body]
    if len(roots) != 1:
        raise SosrakeError(f"pdf: {len(roots)} structure trees; expected one; typeset with tags")
    made: list[int] = []
    waiting = _children(file, roots[0])[::-1]
    while waiting:
        number = waiting.pop()
        made.append(number)
        waiting += _children(file, number)[::-1]
    return made


def _children(file: _File, number: int) -> list[int]:
    body = file.objects[number]
    start = body.find(b"/K ")
    if start < 0:
        return []
    kids = _balanced(body[start + 3 :])
    named = [int(one) for one in _REFERENCE.findall(kids)]
    return [one for one in named if b"/Type /StructElem" in file.objects.get(one, b"")]


def _balanced(text: bytes) -> bytes:
    """Give the value at the start of a text: a list to its end, or a reference."""
    if not text.startswith(b"["):
        return text[: text.find(b"\n")]
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == ord("[")) - (sign == ord("]"))
        if depth == 0:
            return text[: place + 1]
    return text


def _kind(body: bytes) -> bytes:
    found = _KIND.search(body)
    return found[1] if found else b""


def _mark(file: _File, table: int, stubs: int, place: int) -> None:
    rows = [
        row
        for part in _children(file, table)
        if _kind(file.objects[part]) == b"TBody"
        for row in _children(file, part)
    ]
    for line, row in enumerate(rows):
        cells = _children(file, row)
        names = [f"R{place}x{column}y{line}".encode() for column in range(min(stubs, len(cells)))]
        told = b"".join(b" (" + name + b")" for name in names)
        for column, cell in enumerate(cells):
            if column < len(names):
                file.objects[cell] = _heading(file.objects[cell], names[column])
                file.names[names[column]] = cell
            else:
                file.objects[cell] = _heads_named(file.objects[cell], told)


def _heads_named(body: bytes, told: bytes) -> bytes:
    return _HEADERS.sub(lambda found: found[0][:-1] + told + b"]", body, count=1)


def _heading(body: bytes, name: bytes) -> bytes:
    made = body.replace(b"/S /TD", b"/S /TH\n  /ID (" + name + b")", 1)
    made = made.replace(b"/O /Table", b"/O /Table\n    /Scope /Row", 1)
    if made.count(b"/Scope /Row") != 1 or b"/S /TH" not in made:
        raise SosrakeError("pdf: a table's cell is not tagged as one; typeset again")
    return made


def _named(file: _File) -> None:
    """Write the names of the headings in the tree where a reader looks them up, in order."""
    if not file.names:
        return
    root = next(number for number, body in file.objects.items() if b"/Type /StructTreeRoot" in body)
    found = _NAMES.search(file.objects[root])
    if not found:
        raise SosrakeError("pdf: the headings of tables have no names; typeset again")
    entries = {name: int(number) for name, number in _NAME.findall(found[1])} | file.names
    told = b" ".join(b"(%s) %d 0 R" % (name, entries[name]) for name in sorted(entries))
    body = file.objects[root]
    file.objects[root] = body[: found.start(1)] + told + body[found.end(1) :]


def _compressed(body: bytes) -> bytes:
    """Write a stream in few bytes: what is spelt in signs as bytes, and what is plain compressed."""
    head, found, rest = body.partition(b"stream\n")
    length = re.search(rb"/Length (\d+)", head)
    if not found or not length:
        return body
    data = rest[: int(length[1])]
    if _HEX in head:
        small = bytes.fromhex(data.decode("ascii").rstrip(">"))
        head = head.replace(_HEX, b"/Filter /FlateDecode", 1)
    elif (
        b"/Filter" not in head and b"/Type /Metadata" not in head
    ):  # what a PDF is, is left to be read plainly
        small = zlib.compress(data, 9)
        head = head.replace(length[0], length[0] + b"\n  /Filter /FlateDecode", 1)
    else:
        return body
    head = head.replace(length[0], b"/Length %d" % len(small), 1)
    return head + b"stream\n" + small + b"\nendstream\nendobj"


def _written(file: _File) -> bytes:
    made = bytearray(file.start)
    places = {}
    for number in file.order:
        places[number] = len(made)
        made += file.objects[number] + b"\n\n"
    table = len(made)
    size = max(places) + 1
    made += b"xref\n0 %d\n0000000000 65535 f\r\n" % size
    for number in range(1, size):
        made += b"%010d 00000 n\r\n" % places[number] if number in places else b"0000000000 65535 f\r\n"
    made += file.trailer + b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(made)
