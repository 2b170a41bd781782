"""What a site needs beside its pages: the publisher's file of the data folder, releases, the day.

The file `julkaisija.toml` is written by the publisher; the accessibility statement is drafted from it.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sosrake_lib import samples
from sosrake_lib.errors import BatchError

if TYPE_CHECKING:
    from sosrake_lib.influence.pages import Page
    from sosrake_lib.influence.site_background import Background, Publisher
    from sosrake_lib.protect import Release
    from sosrake_lib.protect.approval import Approval

FILE = "julkaisija.toml"
REGISTER = "seuranta"  # the release of follow-up: what was told, what was decided
# Field of the file -> field of Publisher.
_TEXTS = {"nimi": "body", "osoite": "address", "sahkoposti": "email", "lomake": "form"}
_DAYS = {"laadittu": "made_on", "tarkistettu": "checked_on"}
_CHOICES = {
    "arviointi": ("method", ("itsearviointi", "ulkopuolinen")),
    "tayttaa": ("conformity", ("taysin", "osittain", "ei")),
}
_DEFECT = ("kriteeri", "mika_fi", "mika_en", "korjataan")
_CHECKED = "tarkistukset"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def publisher_of(data: Path | None = None) -> Publisher | None:
    """Read the publisher's file of a data folder; None when there is none.

    Fields: nimi, osoite, laadittu, tarkistettu (ISO days), arviointi (itsearviointi or ulkopuolinen), tayttaa
    (taysin, osittain or ei), sahkoposti, lomake, tables [[puutteet]] with kriteeri, mika_fi, mika_en,
    korjataan (ISO day), and tables [tarkistukset.NAME] with tarkistettu (the ISO day on which the site was
    tried out so): nappaimisto, suurennus, puhelin, ruudunlukija, tuloste. What is left out is asked
    for on the page, or told as not checked.

    Raises
    ------
    BatchError when the file is not read, or holds a field or a choice the statement has no place for.
    """
    from sosrake_lib.influence.site_background import Publisher

    file = samples.folder(data) / FILE
    if not file.is_file():
        return None
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BatchError(f"{FILE}: {error}; mend the file") from error
    known = {*_TEXTS, *_DAYS, *_CHOICES, "puutteet", _CHECKED}
    strange = sorted(set(read) - known)
    if strange:
        raise BatchError(f"{FILE}: unknown field {strange[0]!r}; expected some of {', '.join(sorted(known))}")
    told = {name: str(read[field]).strip() for field, name in _TEXTS.items() if field in read}
    told |= {name: _day(field, read[field]) for field, name in _DAYS.items() if field in read}
    told |= {
        name: _choice(field, read[field], words) for field, (name, words) in _CHOICES.items() if field in read
    }
    _check_channels(told)
    defects = tuple(_defect(row) for row in read.get("puutteet", ()))
    return Publisher(**told, defects=defects, checks=_checks(read.get(_CHECKED, {})))


def fingerprint(data: Path | None = None) -> str:
    """Give a hash of the publisher's file; empty without one. A changed file means a new statement."""
    file = samples.folder(data) / FILE
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def background_of(
    pages: Iterable[Page], releases: Path, data: Path | None, known: Mapping[str, Approval]
) -> Background:
    """Collect what stands beside the pages of a site.

    Parameters
    ----------
    pages : the pages the site will hold. releases : folder of their releases.
    data : the data folder, with the publisher's file. known : approvals by release.
    """
    from sosrake_lib.influence.site_background import Background
    from sosrake_lib.protect.approval import approval_of

    ids = list(dict.fromkeys(release for page in pages for release in page.releases))
    register = _register(ids, releases)
    return Background(
        releases=releases if all((releases / release).is_dir() for release in ids) else None,
        publisher=publisher_of(data),
        register=register,
        register_approved=register is not None and approval_of((register.id,), known) is not None,
        today=date.today(),
    )


def _register(ids: Iterable[str], releases: Path) -> Release | None:
    """Find the release of follow-up among those the pages rest on."""
    from sosrake_lib.protect import Release

    for release in ids:
        if (releases / release).is_dir():
            opened = Release.load(release, folder=releases)
            if opened.name == REGISTER:
                return opened
    return None


def _defect(row: Mapping[str, Any]) -> Any:
    from sosrake_lib.influence.site_background import Defect

    lacking = [name for name in _DEFECT[:3] if not str(row.get(name, "")).strip()]
    strange = sorted(set(row) - set(_DEFECT))
    if lacking or strange:
        what = f"lacks {lacking[0]}" if lacking else f"has an unknown field {strange[0]!r}"
        raise BatchError(f"{FILE}: a table of puutteet {what}; expected {', '.join(_DEFECT)}")
    mended = _day("korjataan", row["korjataan"]) if "korjataan" in row else ""
    return Defect(str(row["kriteeri"]), str(row["mika_fi"]), str(row["mika_en"]), mended)


def _checks(tables: Any) -> dict[str, str]:
    """Read on which day each way of use was tried out."""
    from sosrake_lib.influence.site_background import CHECKS

    wanted = f"tables [{_CHECKED}.NAME] with tarkistettu, NAME one of {', '.join(CHECKS)}"
    whole = isinstance(tables, dict) and all(
        isinstance(one, dict) and set(one) == {"tarkistettu"} for one in tables.values()
    )
    if not whole or not set(tables) <= set(CHECKS):
        raise BatchError(f"{FILE}: {_CHECKED} = {tables!r}; expected {wanted}")
    return {name: _day(f"{_CHECKED}.{name}.tarkistettu", one["tarkistettu"]) for name, one in tables.items()}


def _day(field: str, value: object) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise BatchError(f"{FILE}: {field} = {value!r}; expected a day such as 2026-03-01") from None


def _choice(field: str, value: object, words: tuple[str, ...]) -> str:
    if value not in words:
        raise BatchError(f"{FILE}: {field} = {value!r}; expected one of {', '.join(words)}")
    return str(value)


def _check_channels(told: Mapping[str, str]) -> None:
    if told.get("email") and not _EMAIL.fullmatch(told["email"]):
        raise BatchError(
            f"{FILE}: sahkoposti = {told['email']!r}; expected an address such as palaute@kunta.fi"
        )
    if told.get("form") and not told["form"].startswith("https://"):
        raise BatchError(f"{FILE}: lomake = {told['form']!r}; expected an address that begins with https://")
