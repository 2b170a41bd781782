"""Read every text that a built artefact holds, in any channel a reader could open.

Pages and SVG (markup whole: texts, attributes, comments), notebooks (sources, outputs, metadata, parameters,
widget state), office files (every part of the zip), PDF (text, metadata, what is said of pictures), JSON,
logs, text chunks of pictures, also of those inside pages and notebooks, rows of a release, and file names.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from artefact_records import pdf_text

TEXT = (
    ".html",
    ".svg",
    ".css",
    ".json",
    ".jsonl",
    ".ipynb",
    ".csv",
    ".tsv",
    ".txt",
    ".log",
    ".toml",
    ".xml",
    ".md",
)
ZIPS = (".xlsx", ".docx", ".pptx", ".ods")
PNG = b"\x89PNG\r\n\x1a\n"
DRAWINGS = "application/vnd.sosrake.drawings+json"  # charts for print, packed in executed notebooks
_PICTURE = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/=\\n]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one channel of one file holds: place in the folder, the channel, its text."""

    place: str
    channel: str
    text: str


def walk(folder: Path) -> Iterator[Piece]:
    """Read all files under a folder; one that cannot be read as text is refused, never passed over."""
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        yield Piece(place, "name", place)
        if path.is_file():
            yield from pieces(place, path.read_bytes())


def pieces(place: str, content: bytes) -> Iterator[Piece]:
    """Read one file by what its name says it is."""
    ending = Path(place).suffix.lower()
    if content.startswith(PNG):
        yield Piece(place, "picture", "\n".join(chunks(content)))
    elif ending in ZIPS:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield Piece(place, "name", name)
                yield from pieces(f"{place}!{name}", packed.read(name))
    elif content.startswith(b"SQLite format 3"):
        # pages that were freed still hold their text: read the file, not the database
        yield Piece(place, "database", content.decode("latin-1"))
    elif ending == ".pdf":
        yield Piece(place, "pdf", pdf_text(content))
    elif ending == ".parquet":
        yield Piece(place, "rows", pd.read_parquet(io.BytesIO(content)).to_csv(index=False))
    else:
        # an unknown kind that is no text stops the walk here: nothing is passed over
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as unread:
            raise ValueError(f"{place}: neither text nor a kind this walk reads; teach it to") from unread
        yield Piece(place, ending if ending in TEXT else "text", text)
        if ending == ".ipynb" and DRAWINGS in text:
            for name, packed in drawings(json.loads(text)):
                yield Piece(place, f"drawing {name}", packed)
        for number, found in enumerate(_PICTURE.findall(text)):
            plain = found.replace("\\n", "")
            picture = base64.b64decode(plain + "=" * (-len(plain) % 4))
            yield Piece(place, f"picture {number}", "\n".join(chunks(picture)))


def drawings(notebook: dict) -> Iterator[tuple[str, str]]:
    """Unpack the charts that a notebook carries for print."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            for name, packed in output.get("data", {}).get(DRAWINGS, {}).items():
                yield name, zlib.decompress(base64.b64decode(packed)).decode("utf-8")


def chunks(picture: bytes) -> Iterator[str]:
    """Read the texts of a PNG: tEXt, zTXt, iTXt and what stands after its end."""
    at = len(PNG)
    while at + 8 <= len(picture):
        size, kind = int.from_bytes(picture[at : at + 4]), picture[at + 4 : at + 8]
        data = picture[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt", b"eXIf"):
            yield data.decode("latin-1")
        if kind == b"zTXt":
            key, _, packed = data.partition(b"\0")
            yield key.decode("latin-1") + zlib.decompress(packed[1:]).decode("latin-1")
        at += size + 12
        if kind == b"IEND":
            yield picture[at:].decode("latin-1")
            return
