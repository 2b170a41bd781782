"""Pages of the workbook that an entry may name: keys of notebooks/plan.toml, written one after another."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sosrake_lib.errors import SosrakeError
from sosrake_lib.samples import PLAN, project_root

PARTED = "; "
_PARTS = re.compile(r"[;,\s]+")


def workbook_pages(project: Path | None = None) -> Mapping[str, tuple[str, str]]:
    """Give key of a page -> its title in Finnish and English, as the plan of the project tells them.

    Raises
    ------
    SosrakeError when the folder has no notebooks/plan.toml.

    Examples
    --------
    >>> from sosrake_lib.register.workbook_pages import workbook_pages
    >>> workbook_pages()["vaikuttamisloki"]
    ('Vaikuttamisloki', 'Influence log')
    """
    return _pages((project or project_root()).resolve())


def keys_in(written: str) -> tuple[str, ...]:
    """Read keys of pages parted by semicolons, commas or spaces, each once.

    Examples
    --------
    >>> from sosrake_lib.register.workbook_pages import keys_in
    >>> keys_in("alueprofiili; paattajakooste,alueprofiili")
    ('alueprofiili', 'paattajakooste')
    """
    return tuple(dict.fromkeys(part for part in _PARTS.split(written) if part))


def checked_keys(where: str, written: str) -> str:
    """Check keys of pages and write them as they are kept; nothing written is kept as nothing.

    Raises
    ------
    SosrakeError naming where, the key that is no page, and all there are.

    Examples
    --------
    >>> from sosrake_lib.register.workbook_pages import checked_keys
    >>> checked_keys("register: verkosto: sivut", "alueprofiili,infograafi")
    'alueprofiili; infograafi'
    """
    keys = keys_in(written)
    if not keys:
        return ""
    known = workbook_pages()
    wrong = next((key for key in keys if key not in known), None)
    if wrong is not None:
        raise SosrakeError(
            f"{where}: no page {wrong!r} in {PLAN.as_posix()}; expected keys of pages parted by semicolons: "
            f"{', '.join(known)}"
        )
    return PARTED.join(keys)


@cache
def _pages(project: Path) -> Mapping[str, tuple[str, str]]:
    path = project / PLAN
    if not path.is_file():
        raise SosrakeError(
            f"register: {path} is not there, so the workbook's pages are not known; run this in the "
            "project's folder, or set SOSRAKE_PROJECT"
        )
    told: dict[str, tuple[str, str]] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["muistikirjat"]:
        told.setdefault(entry["page"], (entry["title_fi"], entry["title_en"]))
    return told
