"""What a site needs beside its pages: rows behind numbers, the publisher, the register's answers, memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sosrake_lib.influence.site_downloads import Download
from sosrake_lib.language import say
from sosrake_lib.protect import Release

# Ways of use a publisher checks by hand, in the order the statement tells them.
CHECKS = ("nappaimisto", "suurennus", "puhelin", "ruudunlukija", "tuloste")


@dataclass(frozen=True, slots=True)
class Defect:
    """A known barrier of the site: criterion of WCAG, what it is, when it will be mended (ISO day)."""

    criterion: str
    what_fi: str
    what_en: str
    mended_by: str = ""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who answers for the site's accessibility, as the publisher's file tells; an empty field is not told.

    Attributes
    ----------
    body : name of the authority. address : where the site is published.
    made_on, checked_on : ISO days on which the statement was made and last checked.
    method : how conformity was judged: `itsearviointi` or `ulkopuolinen`.
    conformity : `taysin`, `osittain` or `ei`.
    email, form : the channels of feedback.
    defects : known barriers.
    checks : day (ISO) on which a way of use was checked, by its name in `CHECKS`; the others were not.
    """

    body: str = ""
    address: str = ""
    made_on: str = ""
    checked_on: str = ""
    method: str = ""
    conformity: str = ""
    email: str = ""
    form: str = ""
    defects: tuple[Defect, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """Name the fields without which a statement is a draft only."""
        needed = ("body", "address", "made_on", "method", "conformity")
        lacking = [name for name in needed if not getattr(self, name)]
        return (*lacking, *(() if self.email or self.form else ("feedback",)))


@dataclass(frozen=True, eq=False)
class Background:
    """What stands beside the pages of a site.

    Attributes
    ----------
    releases : folder of the releases the pages rest on; without it numbers have no notes.
    publisher : from the publisher's file; None when there is none.
    register : the release of follow-up, when the pages rest on one that may be shown.
    register_approved : whether that release has been approved.
    today : day on which a change since the last round is told.
    previous : state file of the round before, empty for the first one.
    downloads : files that go with the site.
    """

    releases: Path | None = None
    publisher: Publisher | None = None
    register: Release | None = None
    register_approved: bool = False
    today: date | None = None
    previous: bytes = b""
    downloads: tuple[Download, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A place to go: address, words, a remark after it."""

    address: str
    text: str
    note: str = ""
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What the search knows of one place: address, title, what it is, and words it is found by."""

    address: str
    title: str
    kind: str
    words: tuple[str, ...] = field(default=())


def render(template: str, language: str, **values: Any) -> str:
    """Fill a template of the site; text in it is escaped unless it is markup the room has made."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sosrake_lib.influence", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def text(key: str, **pieces: object) -> str:
        return say(f"pages.{key}", language, **pieces)

    def words(key: str, **pieces: object) -> str:
        return say(f"site.{key}", language, **pieces)

    return environment.get_template(template).render(language=language, text=text, words=words, **values)


def other_address(address: str, language: str) -> str:
    """Lead from a page to the same page in the other language: the English site stands in `en/`."""
    up = "../" * address.count("/")
    return f"{up}en/{address}" if language == "fi" else f"{up}../{address}"


def joined(links: Sequence[Link]) -> tuple[Link, ...]:
    """Give links without repeats, in their order."""
    return tuple(dict.fromkeys(links))
