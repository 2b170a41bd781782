"""Message catalogues as data, and the Finnish alphabet.

A message is named "file.entry" (or "file.table.entry") and stands in language/<fi|en|sv>/<file>.toml.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from numbers import Integral
from string import Formatter
from typing import Any

from sosrake_lib.errors import SosrakeError

LANGUAGES = ("fi", "en", "sv")
# What Swedish must hold: headings and labels of pages, tables, charts and exports, and the reporting form.
# Sentences are said in Finnish and English only. A key of language/fi that begins so has its Swedish text.
SWEDISH = (
    *("pages.name", "pages.skip", "pages.navigation", "pages.siblings", "pages.other_language"),
    *("pages.synthetic", "pages.ceased", "pages.state.", "pages.section.", "pages.hidden."),
    *("pages.basis.title", "pages.basis.sources", "pages.basis.methods", "pages.basis.release"),
    *("tables.", "charts.invented", "charts.limit.", "numbers.", "finding.grade."),
    *("words.sex.", "words.all_", "words.synthetic", "words.mark.", "words.source."),
    *("words.comparison.verdict.", "regions.level.", "regions.levels.", "vienti.", "raportointi."),
)
# Data of the language rooms themselves, not messages.
_DATA_FILES = ("places",)
# Letters that Finnish puts in a place of their own, or beside another; the braces stand after z.
_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "ü": "y", "ß": "ss", "đ": "d"})


def say(key: str, language: str = "fi", **values: object) -> str:
    """Say the message `key` in a language, with the values in the places their names show.

    Parameters
    ----------
    key : "file.entry", such as "regions.level.kunta".
    language : fi, en or sv.
    values : texts and whole numbers; a decimal number is first made text by `numbers`.

    Raises
    ------
    SosrakeError for an unknown language or key, a value the message needs and does not get, and a decimal
    number given raw (its point would end up on the page).

    Examples
    --------
    >>> from sosrake_lib.language import say
    >>> say("numbers.period.first_half", year=2020)
    '2020, alkuvuosi'
    """
    message = catalogue(key.partition(".")[0], language).get(key)
    if message is None:
        raise SosrakeError(
            f"message {key!r} is not in sosrake_lib/language/{language}/; add it to the file "
            f"{key.partition('.')[0]}.toml in fi and en"
        )
    needed = {name for _, name, _, _ in Formatter().parse(message) if name is not None}
    lacking = sorted(needed - set(values))
    if lacking:
        raise SosrakeError(f"message {key!r} ({language}) needs the value {lacking[0]!r}; give it to say()")
    for name in sorted(needed):
        value = values[name]
        if not isinstance(value, str | Integral) or isinstance(value, bool):
            raise SosrakeError(
                f"message {key!r}: value {name} is {type(value).__name__}; give text or a whole "
                "number, made by sosrake_lib.language.numbers"
            )
    return message.format(**values)


@cache
def catalogue(file: str, language: str) -> dict[str, str]:
    """Give the messages of one file as full key -> text; nested tables are joined with dots."""
    return dict(_flat(load(file, language), file))


@cache
def load(file: str, language: str) -> dict[str, Any]:
    """Read language/<language>/<file>.toml; do not change what comes back."""
    check_language(language)
    source = files("sosrake_lib.language").joinpath(language, f"{file}.toml")
    if not file.isidentifier() or not source.is_file():
        raise SosrakeError(
            f"sosrake_lib/language/{language}/{file}.toml does not exist; make it, or correct the message key"
        )
    return tomllib.loads(source.read_text(encoding="utf-8"))


def keys(language: str) -> frozenset[str]:
    """Give every message key of a language."""
    check_language(language)
    folder = files("sosrake_lib.language").joinpath(language)
    names = [entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return frozenset(key for name in names if name not in _DATA_FILES for key in catalogue(name, language))


def collate(names: Iterable[str]) -> list[str]:
    """Sort names as Finnish does: å, ä and ö after z, capitals like small letters, without a system locale.

    Examples
    --------
    >>> from sosrake_lib.language import collate
    >>> collate(["Äänekoski", "Varkaus", "Ähtäri", "Åland", "Öja", "Aura"])
    ['Aura', 'Varkaus', 'Åland', 'Ähtäri', 'Äänekoski', 'Öja']
    """
    return sorted(names, key=collation_key)


def collation_key(name: str) -> tuple[str, str]:
    """Give the key by which a name is sorted in Finnish; other accents weigh nothing."""
    letters = unicodedata.normalize("NFC", name).casefold().translate(_LETTERS)
    plain = "".join(sign for sign in unicodedata.normalize("NFD", letters) if not unicodedata.combining(sign))
    return plain, name


def check_language(language: str) -> None:
    """Refuse a language the workbook does not speak."""
    if language not in LANGUAGES:
        raise SosrakeError(f"language {language!r} is not spoken here; use one of {', '.join(LANGUAGES)}")


def _flat(table: dict[str, Any], before: str) -> Iterable[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}.{name}")
        elif isinstance(value, str):
            yield f"{before}.{name}", value
        else:
            raise SosrakeError(f"message {before}.{name} is {type(value).__name__}; a message is text")
