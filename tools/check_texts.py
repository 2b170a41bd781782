"""Check what the project says to its readers: claims, labels, ranks, people, long sentences and the others.

    python tools/check_texts.py            findings that are not allowed; ends with 1 when there are any
    python tools/check_texts.py --entries  the same as entries for the allow file; write the reasons

Read are the language files (what comes from data stands as a sign), the notebooks' prose, the catalogue, the
hand-written samples, the course and the documents in Finnish. An entry of the allow file is an exact phrase
with a reason; one that allows nothing any more is told too. "Selkokieli" is said only of text that a person
has checked; elsewhere it is "selkeä kieli".
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from make_sentences import is_message

from sosrake_lib.effects.design import Claim
from sosrake_lib.influence.claims import find, reading
from sosrake_lib.influence.claims.sentences import words
from sosrake_lib.language.messages import catalogue

PROJECT = Path(__file__).resolve().parents[1]
ALLOWED = PROJECT / "tools" / "claims_allowed.toml"
LANGUAGES = ("fi", "en")
# Words of the program to its user say what to type; they tell no figure and no decision.
MESSAGE_KINDS = frozenset(("stigma", "person", "word", "selkokieli"))
# A template's typed digit is refused by `Sentence`; its figures bring their source along.
TEMPLATE_KINDS = frozenset(
    ("claim", "stigma", "rank", "person", "abbreviation", "actor", "long", "word", "selkokieli")
)
NO_PROSE = ("places", "numbers", "claims")
# English needs more words than Finnish for the same: articles, prepositions, pronouns.
LONGEST_ENGLISH = 35
EASY = re.compile(r"(?i)\bselkokiel\w*|\bselkosuom\w*")
DOCUMENTS = ("docs/osallistava_tieto/*.md", "docs/tietosuoja/*.md", "docs/ohjeistus_*.md")


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the project: where it stands, its language, what it may claim, and the kinds asked of it."""

    where: str
    text: str
    language: str
    claim: Claim = Claim.KUVAUS
    kinds: frozenset[str] = TEMPLATE_KINDS


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in a text."""

    where: str
    kind: str
    phrase: str
    text: str


def main(arguments: list[str]) -> int:
    """Print what is not allowed, and entries that allow nothing."""
    left, unused = judged(texts())
    for one in left:
        if "--entries" in arguments:
            told = {"where": one.where, "kind": one.kind, "phrase": one.phrase, "reason": ""}
            print("[[allow]]\n" + "".join(f"{name} = {_quoted(value)}\n" for name, value in told.items()))
        else:
            print(f"{one.where} [{one.kind}] {one.phrase!r} in: {one.text[:160]}")
    for entry in unused:
        print(f"{ALLOWED.name} allows nothing: {entry['where']} [{entry['kind']}] {entry['phrase']!r}")
    if left:
        print(f"{len(left)} findings: mend the text, or enter the phrase and a reason in {ALLOWED.name}")
    return 1 if left or unused else 0


def judged(told: Iterable[Text]) -> tuple[list[Found], list[dict[str, str]]]:
    """Give the findings no entry allows, and the entries that allowed nothing."""
    left, used = [], set()
    for one in told:
        for found in findings(one):
            entry = next((place for place, each in enumerate(allowed()) if _allows(each, found)), None)
            if entry is None:
                left.append(found)
            else:
                used.add(entry)
    return left, [each for place, each in enumerate(allowed()) if place not in used]


def findings(one: Text) -> Iterator[Found]:
    """Find in a text the kinds that are asked of it."""
    table = find(one.text, one.claim, (), one.language)
    for kind, phrase in zip(table["kind"], table["phrase"], strict=True):
        short = kind == "long" and one.language == "en" and words(phrase) <= LONGEST_ENGLISH
        if kind in one.kinds and not short:
            yield Found(one.where, kind, phrase if kind != "long" else phrase[:60], one.text)
    if "selkokieli" in one.kinds:
        for hit in EASY.finditer(one.text):
            yield Found(one.where, "selkokieli", hit.group(), one.text)


def texts() -> Iterator[Text]:
    """Give every text the project ships to readers."""
    yield from _language_files()
    yield from _notebooks()
    yield from _catalogue()
    yield from _hand_texts()
    for pattern in DOCUMENTS:
        for path in sorted(PROJECT.glob(pattern)):
            for piece in reading.prose(path.read_text(encoding="utf-8"), _name(path)):
                yield Text(_name(path), piece.text, "fi")


@cache
def allowed() -> tuple[dict[str, str], ...]:
    """Read the allow file; an entry has where (a name or a pattern), kind, phrase and reason."""
    return tuple(tomllib.loads(ALLOWED.read_text(encoding="utf-8")).get("allow", ()))


def _language_files() -> Iterator[Text]:
    for language in LANGUAGES:
        folder = PROJECT / "sosrake_lib" / "language" / language
        for path in sorted(folder.glob("*.toml")):
            if path.stem in NO_PROSE:
                continue
            for key, text in catalogue(path.stem, language).items():
                plain = re.sub(r"\{[^}]*\}", "…", text)
                kinds = MESSAGE_KINDS if is_message(key) else TEMPLATE_KINDS
                yield Text(f"{language}/{key}", plain, language, _claim(key), kinds)


def _claim(key: str) -> Claim:
    """Give what a template may claim: the design its own key names, else that of its page."""
    named = [part for part in key.split(".") if part in {one.value for one in Claim}]
    return Claim(named[0]) if named else reading.claim_of(f"{key.partition('.')[0]}.ipynb")


def _notebooks() -> Iterator[Text]:
    for path in sorted(
        [*(PROJECT / "notebooks").rglob("*.ipynb"), *(PROJECT / "course").rglob("oppitunti.ipynb")]
    ):
        if ".ipynb_checkpoints" in path.parts:
            continue
        for piece in reading.notebook(path.read_text(encoding="utf-8"), _name(path)):
            yield Text(piece.where, piece.text, piece.language, reading.claim_of(path.name))


def _catalogue() -> Iterator[Text]:
    folder = PROJECT / "sosrake_lib" / "catalogue"
    for path in sorted(folder.rglob("*.toml")):
        for key, text in _flat(tomllib.loads(path.read_text(encoding="utf-8"))):
            language = next((name for name in LANGUAGES if re.search(rf"(?:_|\b){name}(?:\b|\.)", key)), "")
            text = re.sub(r"\{[^}]*\}", "…", text)
            if language and " " in text:
                # The name of an official figure is its publisher's own.
                kinds = TEMPLATE_KINDS - {"claim"} if _is_name(key) else TEMPLATE_KINDS
                yield Text(f"{_name(path)}:{key}", text, language, kinds=kinds)


def _hand_texts() -> Iterator[Text]:
    for path in sorted((PROJECT / "data" / "samples" / "omat_tekstit").rglob("*.toml")):
        for key, text in _flat(tomllib.loads(path.read_text(encoding="utf-8"))):
            if key.endswith((".text", ".text_en")):
                yield Text(f"{_name(path)}:{key}", text, "en" if key.endswith("_en") else "fi")


def _flat(told: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(told, str):
        yield key, told
    elif isinstance(told, dict):
        for name, value in told.items():
            yield from _flat(value, f"{key}.{name}" if key else name)
    elif isinstance(told, list):
        for place, value in enumerate(told):
            yield from _flat(value, f"{key}.{place}")


def _allows(entry: dict[str, str], found: Found) -> bool:
    return (
        entry["kind"] == found.kind
        and entry["phrase"].casefold() == found.phrase.casefold()
        and fnmatch(found.where, entry["where"])
    )


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def _is_name(key: str) -> bool:
    return re.search(r"\b(?:name|short|denominator)_", key) is not None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
