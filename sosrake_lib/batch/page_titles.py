"""Titles of the workbook's notebooks in both languages, as the plan tells them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sosrake_lib.samples import project_root


def page_titles(project: Path | None = None) -> Mapping[str, tuple[str, str]]:
    """Give path of a notebook (under notebooks/, without ending) -> title in Finnish and English.

    Examples
    --------
    >>> from sosrake_lib.batch.page_titles import page_titles
    >>> page_titles()["4_vaikuttaminen/vaikuttamisloki"]
    ('Vaikuttamisloki', 'Influence log')
    """
    return _titles((project or project_root()).resolve())


@cache
def _titles(project: Path) -> Mapping[str, tuple[str, str]]:
    read = tomllib.loads((project / "notebooks" / "plan.toml").read_text(encoding="utf-8"))
    told: dict[str, tuple[str, str]] = {}
    for entry in read["muistikirjat"]:
        told.setdefault(entry["path"], (entry["title_fi"], entry["title_en"]))
    return told
