"""The files of a site: written whole, remembered in a list, and only those ever replaced or removed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.errors import BatchError

LIST_FILE = "site-pages.json"  # which page rests on which releases: approving and publishing go by it
MANIFEST_FILE = "site-files.json"  # what the site wrote


@dataclass(frozen=True)
class Site:
    """What building did: where to begin reading, and how many files were written, left alone and removed."""

    index: Path
    written: int
    unchanged: int
    removed: int


def write_all(root: Path, files: Mapping[str, bytes | Path]) -> Site:
    """Write the files of a site and remove those of an earlier build that are not among them.

    A path stands for the file there, which is copied.

    The list of files is written before them and after them, so that a run that is killed between leaves
    nothing the next one would take for somebody else's.
    """
    before = manifest(root)
    _list(root, before | set(files))
    written = sum(_write(root / name, content) for name, content in files.items())
    removed = _remove(root, before - set(files))
    _list(root, set(files))
    return Site(root / "index.html", written, len(files) - written, removed)


def clear(root: Path) -> int:
    """Remove every file of a site, and its list; give their number. What others wrote stays."""
    removed = _remove(root, manifest(root))
    (root / MANIFEST_FILE).unlink(missing_ok=True)
    return removed


def foreign(root: Path, names: Mapping[str, bytes | Path]) -> str:
    """Name a file that stands where one of these would, and that no build of this site wrote; else empty."""
    known = manifest(root)
    return next((name for name in sorted(names) if name not in known and (root / name).exists()), "")


def listed_pages(root: Path) -> dict[str, tuple[str, ...]]:
    """Give the releases each page of a built site rests on, by the page's address; empty without a site."""
    file = root / LIST_FILE
    if not file.is_file():
        return {}
    try:
        return {one["address"]: tuple(one["releases"]) for one in json.loads(file.read_text("utf-8"))}
    except (ValueError, TypeError, KeyError) as error:
        raise BatchError(
            f"{file.name}: is no list of pages; build the site again (sosrake reports)"
        ) from error


def manifest(root: Path) -> set[str]:
    """Give the names of the files that building wrote into a folder."""
    path = root / MANIFEST_FILE
    if not path.is_file():
        return set()
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise BatchError(
            f"{path.name}: is no list of files ({error.msg}); remove it and build again"
        ) from error
    return {name for name in names if isinstance(name, str)}


def _list(root: Path, names: set[str]) -> None:
    _write(root / MANIFEST_FILE, (json.dumps(sorted(names), indent=0) + "\n").encode("utf-8"))


def _remove(root: Path, names: set[str]) -> int:
    removed = 0
    for name in sorted(names):
        old = (root / name).resolve()
        if old.is_relative_to(root.resolve()) and old.is_file():
            old.unlink()
            removed += 1
            if old.parent != root.resolve() and not any(old.parent.iterdir()):
                old.parent.rmdir()
    return removed


def _write(path: Path, content: bytes | Path) -> bool:
    """Write a file whole or not at all; say whether it changed."""
    if isinstance(content, Path):
        content = content.read_bytes()  # one at a time: all outputs of a county are hundreds of megabytes
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    passing = path.with_name(f".{path.name}.part")
    with passing.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    passing.replace(path)
    return True
