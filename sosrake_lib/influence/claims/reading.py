"""What is checked: a text, a file, a notebook's prose or a made page, in pieces that know their numbers."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd

from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.claims.figures import figures
from sosrake_lib.influence.claims.finding import COLUMNS, SPACES, find, once_sourced
from sosrake_lib.influence.claims.patterns import data
from sosrake_lib.language import say

PLACED = ("where", *COLUMNS)
_TEXTS, _PAGES, _NOTEBOOKS = (".txt", ".md", ".markdown"), (".html", ".htm"), (".ipynb",)
_FIELDS = (".toml",)
_BLOCKS = frozenset(
    (*("p", "li", "h1", "h2", "h3", "h4", "h5", "td", "th", "caption", "figcaption", "summary", "dt", "dd"),
     *("blockquote", "div", "section", "article", "main", "header", "footer", "label", "legend", "button"))
)  # fmt: skip
_SILENT = frozenset(("script", "style", "code", "pre", "svg", "title", "nav"))
_ROW = "rivi"  # the class of a part that stands on a line of its own
_NAMED = re.compile(r"(?i)\b(?:CC BY(?:-[A-Z]{2})*|WCAG)\s[\d.]+")
_REFERENCE = re.compile(
    r"\bdoi 10\.|\bISBN \d|, \d+[-–]\d+\.?$|^[A-Z][\w'’-]+ [A-Z]{1,3}\b.*\((?:19|20)\d{2}\)"
    r"|sqrt\(|√|Σ|\w·[\w(]|\d · \w+ / |\)\^|\(\w+ - 1\)"
)
_CREDITED = re.compile(r"^(?:Lähde|Lähteet|Source|Sources):|\bCC BY\b")
_CODE = re.compile(r"```.*?```|^(?: {4}|\t)[^\n]*$|`[^`\n]*`|<!--.*?-->", re.DOTALL | re.MULTILINE)
_MARKS = re.compile(r"^[#>\s]*(?:[-*+]\s+)?|\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|https?://\S+|</?[a-zA-Z][^>]*>")


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph: its text, place, language, and the numbers results hold in it.

    traced : of a made page, whose marked numbers lead to their source.
    written : by a person into a field of an output; a number is asked for its source, not for a result.
    """

    where: str
    text: str
    language: str = "fi"
    results: tuple[str, ...] = ()
    traced: bool = False
    written: bool = False


def pieces(what: str, language: str = "fi") -> list[Piece]:
    """Read a text given as such, or the file of that name.

    Raises
    ------
    SosrakeError when the file has another form or is not there.
    """
    path = Path(what)
    known = (*_TEXTS, *_PAGES, *_NOTEBOOKS, *_FIELDS)
    if path.suffix.lower() not in known:
        if "\n" not in what and " " not in what and (path.suffix or path.exists()):
            raise SosrakeError(say("claims.no_file", language, path=what))
        return prose(what, "", language)
    try:
        body = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as broken:
        raise SosrakeError(say("claims.no_file", language, path=what)) from broken
    if path.suffix.lower() in _PAGES:
        return page(body, path.name)
    if path.suffix.lower() in _NOTEBOOKS:
        return [one for one in notebook(body, path.name) if one.language == language]
    if path.suffix.lower() in _FIELDS:
        return fields(body, path.name)
    return prose(body, path.name, language)


def prose(text: str, where: str, language: str = "fi") -> list[Piece]:
    """Cut a text or Markdown into paragraphs; code, addresses and tables' rules are left out."""
    plain = _CODE.sub(" ", text)
    plain = _LINK.sub(lambda one: one.group(1) or " ", plain)
    made = []
    for number, body in enumerate(_paragraphs(plain), start=1):
        place = f"{where}, {number}" if where else str(number)
        made.append(Piece(place, body, language))
    return made


def notebook(body: str, where: str) -> list[Piece]:
    """Give the prose of a notebook: the Finnish of its cells and the English kept beside it."""
    made: list[Piece] = []
    for number, cell in enumerate(json.loads(body)["cells"], start=1):
        if cell["cell_type"] != "markdown":
            continue
        made += prose("".join(cell["source"]), f"{where}, {number}")
        english = cell.get("metadata", {}).get("sosrake", {}).get("en", "")
        made += prose("".join(english), f"{where}, {number} (en)", "en")
    return made


def fields(body: str, where: str) -> list[Piece]:
    """Give the texts people have written into the fields of an output, in Finnish and English.

    Raises
    ------
    SosrakeError when the file is no table of fields.
    """
    try:
        told = tomllib.loads(body)
    except tomllib.TOMLDecodeError as broken:
        raise SosrakeError(say("claims.no_file", "fi", path=where)) from broken
    return [
        replace(piece, written=True)
        for name, entry in told.items()
        if isinstance(entry, dict)
        for key, language in (("text", "fi"), ("text_en", "en"))
        for piece in prose(str(entry.get(key, "")), f"{where}, {name}", language)
    ]


def page(body: str, where: str) -> list[Piece]:
    """Give the paragraphs of a made page; numbers marked as results or constants are held."""
    reader = _Reader()
    reader.feed(body)
    reader.close()
    reader.end_block()
    return [
        Piece(f"{where}, {number}", text, language, (*results, *_named_numbers(text)), traced=True)
        for number, (text, language, results) in enumerate(reader.made, start=1)
    ]


def claim_of(what: str) -> Claim:
    """Give the most a file's page may claim: that of its notebook when known, else a description.

    Examples
    --------
    >>> claim_of("site/hva-12/eriarvoisuus.html").value, claim_of("Pelkkää tekstiä.").value
    ('ero', 'kuvaus')
    """
    return Claim(data("known")["designs"].get(Path(what).stem, "kuvaus"))


def find_in(told: list[Piece], claim: Claim = Claim.KUVAUS, results: tuple[str, ...] = ()) -> pd.DataFrame:
    """Find in pieces: `where` and the columns of `find`. A traced number brings its own source along."""
    tables = []
    for piece in told:
        found = find(piece.text, claim, (*results, *piece.results), piece.language)
        if piece.traced:
            found = _of_page(found, piece)
        if piece.written:
            found = once_sourced(found[found["kind"] != "number"], piece.text)
        tables.append(found.assign(where=piece.where))
    joined = [one for one in tables if len(one)]
    if not joined:
        return pd.DataFrame(columns=list(PLACED))
    return pd.concat(joined, ignore_index=True)[list(PLACED)]


def _of_page(found: pd.DataFrame, piece: Piece) -> pd.DataFrame:
    """Leave out what is no prose: sources of traced numbers, and the parts of references and formulas."""
    counted = {one.start for one in figures(piece.text.translate(SPACES), (), piece.language)}
    answered = (found["kind"] == "source") & found["start"].isin(counted)
    if _REFERENCE.search(piece.text):
        answered |= found["kind"].isin(("abbreviation", "long", "number"))
    if _CREDITED.search(piece.text):
        answered |= found["kind"] == "long"
    return found[~answered]


def _named_numbers(text: str) -> list[str]:
    """Give numbers that name a source: a licence's version, a reference with its DOI."""
    return [text] if "doi" in text.casefold() else [one.group() for one in _NAMED.finditer(text)]


def _paragraphs(text: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*+|>#]|\d+[.)]\s))", text):
        for cell in block.split("|"):
            body = " ".join(_MARKS.sub("", cell).split())
            if any(sign.isalpha() for sign in body):
                yield body


@dataclass
class _Block:
    text: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collect the text of a page block by block, with its language and marked numbers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made: list[tuple[str, str, tuple[str, ...]]] = []
        self._open: list[tuple[str, str, bool, bool, bool]] = []
        self._block = _Block()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.end_block()
        if tag in ("br", "img", "input", "meta", "link", "hr", "source", "wbr", "col"):
            return
        told = dict(attrs)
        row = _ROW in (told.get("class") or "").split()
        if tag in _BLOCKS or row:
            self.end_block()
        silent = tag in _SILENT or told.get("hidden") is not None or self._silent
        held = "data-result" in told or "data-constant" in told
        self._open.append((tag, told.get("lang") or self._language, silent, held, row))

    def handle_endtag(self, tag: str) -> None:
        closed = next((one for one in reversed(self._open) if one[0] == tag), None)
        if closed is None:
            return
        if tag in _BLOCKS or closed[-1]:
            self.end_block()
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self._block.text.append(data)
        if any(one[3] for one in self._open):
            self._block.results.append(data)

    def end_block(self) -> None:
        """Close the paragraph that is open."""
        text = " ".join("".join(self._block.text).split())
        if any(sign.isalpha() for sign in text) and self._language in ("fi", "en"):
            self.made.append((text, self._language, tuple(self._block.results)))
        self._block = _Block()

    @property
    def _language(self) -> str:
        return self._open[-1][1] if self._open else "fi"

    @property
    def _silent(self) -> bool:
        return bool(self._open) and self._open[-1][2]
