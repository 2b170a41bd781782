"""Titles and page keys of the workbook's notebooks in both languages, as the plan tells them."""

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


def page_keys(project: Path | None = None) -> Mapping[str, str]:
    """Give path of a notebook (under notebooks/, without ending) -> key of its first page in the plan.

    Examples
    --------
    >>> from sosrake_lib.batch.page_titles import page_keys
    >>> page_keys()["0_hankeseuranta"]
    'hankeseuranta'
    """
    return _keys((project or project_root()).resolve())


@cache
def _titles(project: Path) -> Mapping[str, tuple[str, str]]:
    told: dict[str, tuple[str, str]] = {}
    for entry in _entries(project):
        told.setdefault(entry["path"], (entry["title_fi"], entry["title_en"]))
    return told


@cache
def _keys(project: Path) -> Mapping[str, str]:
    told: dict[str, str] = {}
    for entry in _entries(project):
        told.setdefault(entry["path"], entry["page"])
    return told


def _entries(project: Path) -> list[dict[str, str]]:
    read = tomllib.loads((project / "notebooks" / "plan.toml").read_text(encoding="utf-8"))
    return read["muistikirjat"]
