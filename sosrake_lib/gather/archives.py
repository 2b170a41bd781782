"""Packed files (workbooks) seen as untrusted: sizes, ratios and entities are judged before parsing."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from defusedxml import DefusedXmlException

from sosrake_lib.gather.findings import Finding

LARGEST_UNPACKED = 50_000_000
HIGHEST_RATIO = 200
MOST_ENTRIES = 2_000
_SMALL_ENTRY = 200_000
# What the standard library and openpyxl raise on a damaged workbook; the user needs one line.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    DefusedXmlException,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,  # what other XML parsers call a parse error
    TypeError,
    ValueError,
)


def unsafe(body: bytes, wanted: str) -> Finding | None:
    """Refuse a packed file that would grow out of measure, holds entities, or is of another kind.

    `wanted` : "xlsx" or "ods", by the file's name. Nothing is parsed, and nothing is unpacked before the
    sizes its own list tells are within the caps; the reader of the list never gives more than it tells.
    """
    wrong = "not_excel" if wanted == "xlsx" else "not_ods"
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        return Finding("old_excel")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return _too_large(packed) or _other_kind(packed, wanted, wrong) or _entities(packed)
    except DAMAGE:
        return Finding("html_page") if _is_page(body) else Finding(wrong)


def _is_page(body: bytes) -> bool:
    start = body[:2000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body"))


def _too_large(packed: zipfile.ZipFile) -> Finding | None:
    entries = packed.infolist()
    total = sum(entry.file_size for entry in entries)
    steep = any(
        entry.file_size > _SMALL_ENTRY and entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    if steep or total > LARGEST_UNPACKED or len(entries) > MOST_ENTRIES:
        return Finding("zip_bomb", values={"size": str(round(total / 1e6))})
    return None


def _other_kind(packed: zipfile.ZipFile, wanted: str, wrong: str) -> Finding | None:
    names = packed.namelist()
    is_excel, is_ods = "xl/workbook.xml" in names, "content.xml" in names
    if wanted == "xlsx":
        if is_ods and not is_excel:
            return Finding("named_otherwise", values={"found": "OpenDocument", "ending": ".ods"})
        return None if is_excel else Finding(wrong)
    if is_excel:
        return Finding("named_otherwise", values={"found": "Excel", "ending": ".xlsx"})
    if not is_ods:
        return Finding(wrong)
    manifest = packed.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    return Finding("protected") if b"encryption-data" in manifest else None


def _entities(packed: zipfile.ZipFile) -> Finding | None:
    """Find document type definitions, also where a long comment or UTF-16 would hide them."""
    for entry in packed.infolist():
        if entry.filename.lower().endswith((".xml", ".rels")):
            content = packed.read(entry).replace(b"\0", b"")
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<!doctype" in content:
                return Finding("entities")
    return None
