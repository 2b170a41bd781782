"""Each number of a page as a link to where it comes from: a list at its end, equal notes told once.

Without a script the link leads to the note; `site.js` opens the same note beside the number.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels
from sosrake_lib.influence.documents.notes import NumberNote
from sosrake_lib.influence.number_notes import Behind, interval_written, limits_written, written
from sosrake_lib.influence.rows import Row
from sosrake_lib.language import numbers, say

_TAG = re.compile(r"(<[^>]*>)")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"))
_HOLDS_NO_LINK = frozenset(("a", "summary"))  # a link may not stand inside what can be pressed already
_FIELDS = ("source", "period", "method", "hidden")


@dataclass(frozen=True, slots=True)
class Noted:
    """A page whose numbers are links, and the list the links lead to."""

    body: str
    section: str


@dataclass(eq=False)
class _Place:
    """One number in the markup: its opening and closing piece, what it is, the table row it stands in."""

    opens: int
    closes: int
    key: tuple[str, str]
    stub: str
    free: bool


@dataclass(eq=False)
class _Walk:
    """What is open at a piece of the markup."""

    stack: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stub: list[str] = field(default_factory=list)

    def nearest(self, name: str) -> str:
        return next((held[name] for _, held in reversed(self.stack) if name in held), "")

    def inside(self, names: frozenset[str]) -> bool:
        return any(tag in names for tag, _ in self.stack)


@dataclass(eq=False)
class _Line:
    """One row behind numbers of a page: its address, where it is first shown, its name."""

    address: str
    back: str
    behind: Behind
    name: str


def noted(body: str, behind: Mapping[tuple[str, str], Behind], language: str) -> Noted:
    """Make every number of a page a link to its note.

    Parameters
    ----------
    body : markup of the page's article. behind : what stands behind each number (`notes_behind`).

    Raises
    ------
    SosrakeError when a number has no note.
    """
    pieces = _TAG.split(body)
    places = _places(pieces)
    if not places:
        return Noted(body, "")
    groups: dict[tuple[NumberNote, str], dict[tuple[str, str, str], _Line]] = {}
    for count, place in enumerate(places, start=1):
        one = behind.get(place.key)
        if one is None:
            raise SosrakeError(f"number {place.key[1]}: nothing stands behind it; make its page again")
        shared = (replace(one.note, interval="", n="", area=""), place.key[0])
        lines = groups.setdefault(shared, {})
        number, name = list(groups).index(shared) + 1, _name(one, place.stub, language)
        new = _Line(f"a{number}-{len(lines) + 1}", f"n{count}", one, name)
        line = lines.setdefault((name, one.note.interval, one.note.n), new)
        if place.free:
            back = f' id="{line.back}"' if line.back == f"n{count}" else ""
            opening = f'<a class="lahde" href="#{line.address}" data-nro="{number}"{back}>'
            pieces[place.opens] = f"{opening}{pieces[place.opens]}"
            pieces[place.closes] += "</a>"
    listed = "".join(
        _group(number, note, list(lines.values()), language)
        for number, ((note, _), lines) in enumerate(groups.items(), start=1)
    )
    return Noted("".join(pieces), f'<ol class="alkuperat">{listed}</ol>')


def _places(pieces: Sequence[str]) -> list[_Place]:
    """Find the numbers of a page in their order."""
    walk, found = _Walk(), []
    waiting: dict[int, _Place] = {}
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            if any(tag == "th" and held.get("scope") == "row" for tag, held in walk.stack):
                walk.stub.append(piece)
            continue
        name = re.match(r"</?\s*([a-zA-Z0-9]+)", piece)
        if name is None:
            continue
        tag = name[1].lower()
        if piece.startswith("</"):
            _close(walk, tag, at, waiting)
            continue
        held = dict(_ATTRIBUTE.findall(piece))
        if tag == "tr":
            walk.stub = []
        if held.get("data-result"):
            key = (
                walk.nearest("data-release") or held.get("data-release", ""),
                html.unescape(held["data-result"]),
            )
            stub = " ".join(" ".join(walk.stub).split())
            place = _Place(at, at, key, html.unescape(stub), not walk.inside(_HOLDS_NO_LINK))
            found.append(place)
            waiting[len(walk.stack)] = place
        if tag not in _VOID:
            walk.stack.append((tag, held))
    return found


def _close(walk: _Walk, tag: str, at: int, waiting: dict[int, _Place]) -> None:
    while walk.stack:
        closed, _ = walk.stack.pop()
        if closed == "tr":  # a sentence after the table stands in no row of it
            walk.stub = []
        place = waiting.pop(len(walk.stack), None)
        if place is not None:
            place.closes = at
        if closed == tag:
            return


def _name(one: Behind, stub: str, language: str) -> str:
    """Name a row in a reader's words: its indicator and area, or the row of the table it stands in."""
    row = one.row
    known = _known(str(row["indicator"]), float(row["per"]), language)
    if not known:
        return stub
    told = [known, labels.region_text(row, language), numbers.period(str(row["period"]), language)]
    if str(row["sex"]) != "total":
        told.append(say(f"words.sex.{row['sex']}", language))
    return ", ".join(told)


@cache
def _known(indicator: str, per: float, language: str) -> str:
    """Give the short name of an indicator of the catalogue; empty when it has none."""
    described = labels.described_by(Row("", False, {"indicator": indicator, "per": per}))
    if described is None:
        return ""
    return described.short_en if language == "en" else described.short_fi


def _group(number: int, note: NumberNote, lines: Sequence[_Line], language: str) -> str:
    told = "".join(
        f"<div><dt>{say(f'site.note.{name}', language)}</dt><dd>{_constant(getattr(note, name))}</dd></div>"
        for name in _FIELDS
        if getattr(note, name)
    )
    rows = "".join(_row(line, language) for line in lines)
    return f'<li id="a{number}" class="alkupera"><dl>{told}</dl><ul>{rows}</ul></li>'


def _row(line: _Line, language: str) -> str:
    one = line.behind
    name = _constant(line.name or say("site.note.number", language))
    told = [f'<a href="#{line.back}">{name}</a>']
    if one.limits:
        ends = limits_written(one.text, one.row, one.limits, language)
        lower, upper = (_number(one, *end) for end in zip(one.limits, ends, strict=True))
        between = interval_written(ends, language, (lower, upper))
        told.append(f'<span class="vali">{say("site.note.interval", language)} {between}</span>')
    elif one.note.interval:
        told.append(_lacking("vali", "interval", one.note.interval, language))
    if one.counted:
        counted = _number(one, one.counted, written(one.text, one.row, one.counted, language))
        told.append(f'<span class="maara">{say("site.note.n", language)} {counted}</span>')
    elif one.note.n:
        told.append(_lacking("maara", "n", one.note.n, language))
    return f'<li id="{line.address}" data-release="{one.row.release_id}">{", ".join(told)}</li>'


def _lacking(kind: str, name: str, words: str, language: str) -> str:
    """Say that a source gives no interval, or no size of the group."""
    return f'<span class="{kind}">{say(f"site.note.{name}", language)}: {_constant(words)}</span>'


def _number(one: Behind, column: str, text: str) -> str:
    result = html.escape(one.row.reference(column))
    return f'<span class="luku" data-result="{result}">{html.escape(text)}</span>'


def _constant(text: str) -> str:
    """Escape words whose digits are no results: a period, a law, the name of a source or of an age group."""
    return f'<span data-constant="">{html.escape(text)}</span>'
