"""Every text the project ships to its readers, in pieces that `check_texts` can judge.

Read are the language files (what comes from data stands as a sign), the notebooks' prose, the catalogue,
words of protection, outputs and parameters, the course, the hand-written samples, invented texts of samples
that stand on pages, the README in both languages, and documents in Finnish. Swedish has headings and labels
only, and no rules. What people are made to say in the samples (observations, quotes) is asked for labels and
persons only, as people speak as they do; what a column of a spreadsheet is for, and the name of a method, is
asked as a message is.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from make_sentences import is_message

from sosrake_lib.effects.design import Claim
from sosrake_lib.influence.claims import reading
from sosrake_lib.language.messages import catalogue

PROJECT = Path(__file__).resolve().parents[1]
LANGUAGES = ("fi", "en")
# Words of the program to its user say what to type; they tell no figure and no decision.
MESSAGE_KINDS = frozenset(("stigma", "person", "word", "selkokieli"))
# A template's typed digit is refused by `Sentence`; its figures bring their source along.
TEMPLATE_KINDS = frozenset(
    ("claim", "stigma", "rank", "person", "abbreviation", "actor", "long", "word", "selkokieli")
)
NO_PROSE = ("places", "numbers", "claims")
DOCUMENTS = ("docs/osallistava_tieto/*.md", "docs/tietosuoja/*.md", "docs/ohjeistus_*.md")
FINNISH_PART = "## Suomeksi"
# Columns of invented samples whose words stand on pages: column -> language.
OFFICIAL: Mapping[str, Mapping[str, str]] = {
    "esimerkkila_seuranta": {"arvo": "fi", "arvo_en": "en"},
    "esimerkkila_ilmiot": {"nimi": "fi", "name_en": "en", "yhteenveto": "fi", "summary_en": "en"},
    "esimerkkila_ilmioiden_vaiheet": {"teksti": "fi"},
    "esimerkkila_palautteet": {"teksti": "fi"},
}
SPOKEN: Mapping[str, Mapping[str, str]] = {
    "esimerkkila_havainnot": {"havainto": "fi", "keita_koskee": "fi", "seuraukset_asiakkaille": "fi"},
    "esimerkkila_lainaukset": {"text": "fi", "text_en": "en"},
}
SPOKEN_KINDS = frozenset(("stigma", "person", "selkokieli"))
# Tables whose words people read outside the language files and the catalogue.
DATA = ("sosrake_lib/protect/*.toml", "notebooks/*.toml")
# What a column is for, and names of methods as their field has them.
NAMES = ("sosrake_lib/gather/schemas/*.toml", "sosrake_lib/indicators/method_entries/*.toml")
COURSE = "course/*/*.toml"
# Tables whose texts are pairs of Finnish and English.
PAIR = {"0": "fi", "1": "en"}
PAIRED = ("followup_words.toml", "self_evaluation.toml")


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the project: where it stands, its language, what it may claim, and the kinds asked of it."""

    where: str
    text: str
    language: str
    claim: Claim = Claim.KUVAUS
    kinds: frozenset[str] = TEMPLATE_KINDS


def texts() -> Iterator[Text]:
    """Give every text the project ships to readers."""
    yield from _language_files()
    yield from _notebooks()
    yield from _catalogue()
    yield from _hand_texts()
    yield from _samples()
    yield from _readme()
    yield from _other_data()
    for pattern in DOCUMENTS:
        for path in sorted(PROJECT.glob(pattern)):
            for piece in reading.prose(path.read_text(encoding="utf-8"), _name(path)):
                yield Text(_name(path), piece.text, "fi")


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
    for path in sorted((PROJECT / "sosrake_lib" / "catalogue").rglob("*.toml")):
        yield from _of_table(path)


def _of_table(path: Path, among: frozenset[str] = TEMPLATE_KINDS, otherwise: str = "") -> Iterator[Text]:
    """Give the texts of a table: of the language a key ends in, else of `otherwise`."""
    for key, text in _flat(tomllib.loads(path.read_text(encoding="utf-8"))):
        paired = PAIR.get(key.rpartition(".")[2], "") if path.name in PAIRED else ""
        language = paired or next(
            (name for name in LANGUAGES if re.search(rf"(?:_|\b){name}(?:\b|\.)", key)), otherwise
        )
        text = re.sub(r"\{[^}]*\}", "…", text)
        if language and " " in text:
            # The name of an official figure is its publisher's own.
            kinds = among - {"claim"} if _is_name(key) else among
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


def _samples() -> Iterator[Text]:
    folder = PROJECT / "data" / "samples"
    told = [(OFFICIAL, TEMPLATE_KINDS), (SPOKEN, SPOKEN_KINDS)]
    for tables, kinds in told:
        for name, columns in tables.items():
            path = folder / f"{name}.csv"
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            for column, language in columns.items():
                for text in dict.fromkeys(row[column] for row in rows if " " in row[column]):
                    yield Text(f"{_name(path)}:{column}", text, language, Claim.MUUTOS, kinds)


def _readme() -> Iterator[Text]:
    english, _, finnish = (PROJECT / "README.md").read_text(encoding="utf-8").partition(FINNISH_PART)
    for language, part in (("en", english), ("fi", finnish)):
        for piece in reading.prose(part, "README.md"):
            yield Text("README.md", piece.text, language, Claim.VAIKUTUS)


def _other_data() -> Iterator[Text]:
    for pattern in DATA:
        for path in sorted(PROJECT.glob(pattern)):
            yield from _of_table(path)
    for pattern in NAMES:
        for path in sorted(PROJECT.glob(pattern)):
            yield from _of_table(path, MESSAGE_KINDS)
    for path in sorted(PROJECT.glob(COURSE)):
        yield from _of_table(path, otherwise="fi")


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def _is_name(key: str) -> bool:
    return re.search(r"\b(?:name|short|denominator)_", key) is not None
