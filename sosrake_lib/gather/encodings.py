"""Bytes of a text file into letters: the encodings Finnish offices have used, told apart by ä and ö.

UTF-8 is known by its form. Of the one-byte encodings the one is chosen whose letters fit Finnish best:
Windows-1252, ISO-8859-15, old Macintosh, DOS 850. Lines in two encodings in one file are refused by row.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from sosrake_lib.gather.findings import Finding

_FINNISH = frozenset("äöåÄÖÅ")
_USUAL = frozenset("éüõæøßÉÜÕÆØšžŠŽáíóúèçñ€§°±½²³µ£«»–—’‘“”„•…\u00a0·´")
_ONE_BYTE = ("cp1252", "iso-8859-15", "mac_roman", "cp850")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|script|meta|div|h\d|p|br|!--)\b", re.IGNORECASE)
_SAME = {"cp1252": "cp1252, latin-1, ISO-8859-1", "iso-8859-15": "ISO-8859-15, latin-9"}


@dataclass(frozen=True)
class Decoded:
    """The text of a file and what was found; `text` is None when it is no text of a table."""

    text: str | None
    findings: list[Finding] = field(default_factory=list)


def decode(body: bytes) -> Decoded:
    """Decode a file, or say why the bytes are no text of a table."""
    strange = _not_text(body)
    if strange is not None:
        return Decoded(None, [strange])
    found = _decoded(body)
    if found.text is None:
        return found
    page = _page(found.text)
    if page is not None:
        return Decoded(None, [page])
    zeros = found.text.count("\0")
    # A few zero bytes are told by row and column; a file full of them is something else than text.
    if zeros > 3 and zeros > 0.01 * len(found.text):
        return Decoded(None, [Finding("not_text")])
    return found


def _not_text(body: bytes) -> Finding | None:
    if body.startswith(b"PK\x03\x04"):
        if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in body[:200]:
            return Finding("named_otherwise", values={"found": "OpenDocument", "ending": ".ods"})
        return Finding("excel_named_csv")
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        return Finding("old_excel")
    if body.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"SQLite format", b"Rar!")
    ):
        return Finding("not_text")
    return None


def _decoded(body: bytes) -> Decoded:
    for mark, encoding in (
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if body.startswith(mark):
            kind = "byte_order_mark" if encoding == "utf-8-sig" else "encoding"
            return _strictly(body, encoding, kind)
    wide = _utf16_without_mark(body)
    if wide:
        return _strictly(body, wide, "encoding")
    try:
        return Decoded(body.decode("utf-8"))
    except UnicodeDecodeError:
        return _one_byte(body)


def _strictly(body: bytes, encoding: str, kind: str) -> Decoded:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-8-sig":
            return _one_byte(body.removeprefix(b"\xef\xbb\xbf"))
        return Decoded(None, [Finding("not_text")])
    # A second mark comes when files are joined one after another.
    return Decoded(text.lstrip("\ufeff"), [Finding(kind, values={"encoding": encoding})])


def _utf16_without_mark(body: bytes) -> str:
    """Tell UTF-16 by where its zero bytes stand: every other byte of Latin text."""
    sample = body[:2000]
    if len(sample) < 20:
        return ""
    half = len(sample) / 2
    if sample[1::2].count(0) > 0.7 * half and sample[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return ""


def _one_byte(body: bytes) -> Decoded:
    lines = body.split(b"\n")
    high = [place for place, line in enumerate(lines) if not line.isascii()]
    right = {place for place in high if _is_utf8(lines[place])}
    encoding = _best(b"\n".join(lines[place] for place in high if place not in right))
    if encoding is None:
        return Decoded(None, [Finding("not_text")])
    if not right:
        said = _SAME.get(encoding, encoding)
        return Decoded(body.decode(encoding), [Finding("encoding", values={"encoding": said})])
    texts = [
        line.decode("utf-8" if place in right else encoding, "replace") for place, line in enumerate(lines)
    ]
    odd = [place for place in high if (place in right) == (2 * len(right) < len(high))]
    findings = [Finding("mixed_encoding", place + 1, values={"encoding": encoding}) for place in odd[:100]]
    return Decoded("\n".join(texts), findings)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _best(body: bytes) -> str | None:
    """Give the one-byte encoding whose letters fit Finnish text best; the first of equals."""
    counted = Counter(byte for byte in body if byte >= 128)
    best: tuple[float, str | None] = (float("-inf"), None)
    for encoding in _ONE_BYTE:
        score = 0.0
        for byte, count in counted.items():
            letter = bytes([byte]).decode(encoding, "ignore")
            score += count * (1 if letter in _FINNISH else 0 if letter in _USUAL else -1) if letter else -1e9
        if score > best[0] and score > -1e9:
            best = (score, encoding)
    return best[1]


def _page(text: str) -> Finding | None:
    """Say when the text is a page or a document of another kind than a table."""
    start = text.lstrip("\ufeff \t\r\n")[:2000]
    if start[:1] == "<":
        if start.lower().startswith("<?xml") and not _HTML.search(start):
            return Finding("not_table", values={"found": "XML"})
        return Finding("html_page")
    if start[:1] in ("{", "["):
        return Finding("not_table", values={"found": "RTF" if start.startswith("{\\rtf") else "JSON"})
    return None
