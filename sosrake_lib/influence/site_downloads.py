"""Files a site offers beside its pages: the same page as PDF, Word, slides, a picture or a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.language import numbers, say

FOLDER = "tiedostot"
ANCHOR = "tiedostot"
_KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "svg": "image/svg+xml",
    "csv": "text/csv",
}


@dataclass(frozen=True, slots=True)
class Download:
    """A file that goes with a site.

    Attributes
    ----------
    address : its place in the site of its language. source : the file itself, as it was made.
    region : area it tells of; None for the whole project. page : key of the page it was made from.
    name, audience : what it is and for whom, in the site's language; format : pdf, docx, ...; size : bytes.
    """

    address: str
    source: Path
    region: tuple[str, str] | None
    page: str
    name: str
    audience: str
    format: str
    size: int


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """One link: address, words of its format, its size in words, its kind for the browser."""

    address: str
    words: str
    size: str
    kind: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One output as its files: what it is called and what may be fetched."""

    name: str
    files: tuple[OfferedFile, ...]


def offers(
    downloads: Sequence[Download],
    region: tuple[str, str] | None,
    language: str,
    *,
    page: str = "",
) -> tuple[Offer, ...]:
    r"""Collect the files of an area, one entry an output; addresses are from a page one folder deep.

    Parameters
    ----------
    page : key of a page, to offer its own files only.

    Examples
    --------
    >>> kuopio = ("kunta", "297")
    >>> one = Download("kunta-297/tiedostot/a.pdf", Path("a.pdf"), kuopio, "a", "Kooste", "", "pdf", 84300)
    >>> offers([one], kuopio, "fi")[0].files[0].size
    '84\xa0kB'
    """
    grouped: dict[str, list[OfferedFile]] = {}
    for one in downloads:
        if one.region == region and page in ("", one.page):
            name = f"{one.name}, {one.audience}" if one.audience else one.name
            grouped.setdefault(name, []).append(_offered(one, language))
    return tuple(Offer(name, tuple(files)) for name, files in grouped.items())


def words_found(
    downloads: Sequence[Download], region: tuple[str, str] | None, language: str
) -> tuple[str, ...]:
    """Give the words by which the search finds an area's files; empty when it has none."""
    own = [one for one in downloads if one.region == region]
    told = [
        word for one in own for word in (one.name, one.audience, _words(one.format, language), one.format)
    ]
    return tuple(dict.fromkeys([say("site.downloads.search", language), *told])) if own else ()


def _offered(one: Download, language: str) -> OfferedFile:
    kilobytes = numbers.number(max(1, round(one.size / 1000)), 0, language)
    size = say("site.downloads.size", language, kilobytes=kilobytes)
    return OfferedFile(f"../{one.address}", _words(one.format, language), size, _KINDS[one.format])


def _words(form: str, language: str) -> str:
    return say(f"site.downloads.format.{form}", language)
