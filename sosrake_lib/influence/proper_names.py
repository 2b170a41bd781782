"""Names that stand in Finnish in the data, said in the language of the page: producers of figures and roles.

The names are in `language/{fi,en}/names.toml`. A producer's English name is the one it uses of itself. What
has no name there stays in Finnish, and the page marks it so.
"""

from __future__ import annotations

from functools import cache

from sosrake_lib.language import messages, say


def sources(told: str, language: str) -> str:
    """Say producers and the house's own sources of a source line in a language.

    Examples
    --------
    >>> sources("Tilastokeskus, THL Sotkanet, CC BY 4.0", "en")
    'Statistics Finland, THL Sotkanet, CC BY 4.0'
    """
    for room in ("producer", "source"):
        for finnish, there in _names(room, language):
            told = told.replace(finnish, there)
    return told


def role(written: str, language: str) -> str | None:
    """Say the role of a writer in a language; None when it has no name in it.

    Examples
    --------
    >>> role("kehittäjäkoordinaattori (keksitty)", "en")
    'development coordinator (invented)'
    >>> role("kylän vanhin", "en") is None
    True
    """
    if language == "fi":
        return written
    mark = say("names.invented", "fi")
    plain = written.removesuffix(mark).strip()
    found = dict(_names("role", language)).get(plain.casefold())
    if found is None:
        return None
    return f"{found} {say('names.invented', language)}" if written.endswith(mark) else found


@cache
def _names(room: str, language: str) -> tuple[tuple[str, str], ...]:
    """Pair the Finnish names with those of a language, the longest first: one may stand inside another."""
    if language not in ("fi", "en"):
        return ()
    finnish, there = (messages.catalogue("names", one) for one in ("fi", language))
    pairs = [(finnish[key], there[key]) for key in finnish if key.startswith(f"names.{room}.")]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))
