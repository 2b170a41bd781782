"""The search of a site: an index as a plain script of data, so that it works from a folder without a server.

Finnish words are inflected at their end: a word fits when it begins as a known form does. Place names are
known by all their local cases, other words by the form they have in a title.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence

from sosrake_lib import regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.site_background import Found
from sosrake_lib.language import places

INDEX_FILE = "hakemisto.js"
_WORD = re.compile(r"[^\W_]+")
_COMMON = frozenset(("ja", "the", "and", "of", "in", "a", "an", "for", "on"))


def index_script(found: Iterable[Found]) -> bytes:
    """Write the index: one line a place, a variable that the search reads.

    Examples
    --------
    >>> print(index_script([Found("a.html", "Köyhyys", "teema", ("köyhyys",))]).decode().splitlines()[1])
    ["a.html","Köyhyys","teema","koyhyys"]
    """
    lines = [
        json.dumps(
            [one.address, one.title, one.kind, " ".join(folded(one.words))],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for one in found
    ]
    return ("window.sosrakeHaku = [\n" + ",\n".join(lines) + "\n];\n").encode("utf-8")


def folded(texts: Sequence[str]) -> tuple[str, ...]:
    """Cut texts into words without their accents, each once: what is typed is treated the same way.

    Examples
    --------
    >>> folded(["Päihteet ja mielenterveys"])
    ('paihteet', 'mielenterveys')
    """
    plain = unicodedata.normalize("NFD", " ".join(texts).casefold())
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return tuple(dict.fromkeys(word for word in _WORD.findall(bare) if word not in _COMMON))


def place_words(level: str, code: str, borders: int = regions.CURRENT_YEAR) -> tuple[str, ...]:
    """Give what an area is found by: its names in three languages and its Finnish local cases."""
    names = [regions.name(level, code, language, borders) for language in ("fi", "sv", "en")]
    forms = []
    for case in places.CASES:
        try:
            forms.append(places.place(names[0], case))
        except SosrakeError:
            continue  # an area that has ceased may have no list of cases; its names still find it
    return tuple(dict.fromkeys([*names, *forms]))
