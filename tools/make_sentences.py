"""Write docs/sentences.md: every sentence template of the language room with an example and its English.

    python tools/make_sentences.py [--check]

For a Finnish reader who checks in one sitting what the workbook says. An example is taken from the saved
output of a notebook where one shows the sentence; else the template is filled with stand-in values of the
right type (tools/sentence_values.toml). Messages of the program to its user stand on a page of their own
(docs/sentences_messages.md). `--check` writes nothing and ends with 1 when a page is not up to date.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from string import Formatter

from shown_sentences import Shown, shown_texts

from sosrake_lib.language import collate, keys
from sosrake_lib.language.messages import catalogue

PROJECT = Path(__file__).resolve().parents[1]
PAGES = {"pages": PROJECT / "docs" / "sentences.md", "messages": PROJECT / "docs" / "sentences_messages.md"}
VALUES = PROJECT / "tools" / "sentence_values.toml"
# What the program says to the person who runs it, or of a file that cannot be read.
MESSAGE_FILES = frozenset(
    {
        *("batch", "claims", "cli", "coding", "counting", "gather", "gather_all", "ledger", "output_check"),
        *("outputs", "parameters", "personal", "selfcheck", "serving", "survey"),
    }
)
MESSAGE_TABLES = frozenset({"cli", "error", "fault", "file", "read", "refused"})
LEAST_LETTERS = 12  # of a template's own text, for an example to be found by it
INTRO = {
    "pages": """# Virkkeet, joita sivut, tuotokset ja lomakkeet sanovat

Tämä sivu tehdään työkalulla `tools/make_sentences.py` kansion `sosrake_lib/language` tiedostoista; muuta
niitä, älä sivua. Jokainen virke on esimerkkinä niin kuin lukija sen näkee, ja **lihavoitu** kohta tulee
aineistosta. Esimerkki on tallennetusta työkirjan sivusta (●) tai täytetty malliarvoilla (○), jotka eivät ole
tuloksia. Sivulta otetussa esimerkissä lihavoituina ovat kohdat, jotka sivu itse merkitsee: julkaisun luvut
ja vuodet; kuvan tekstivastineessa merkintöjä ei ole. Englanninkielinen pohja on vieressä. Sanat ja otsikot,
joissa ei ole virkettä, ovat luetteloina kunkin aiheen lopussa. Ohjelman ilmoitukset käyttäjälle ovat
[omalla sivullaan](sentences_messages.md).
""",
    "messages": """# Ilmoitukset, joita ohjelma sanoo käyttäjälleen

Tämä sivu tehdään työkalulla `tools/make_sentences.py`; katso [sentences.md](sentences.md).
""",
}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say whether they are up to date."""
    stale = [path for part, path in PAGES.items() if not _is(path, page(part))]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(PROJECT)} is not up to date: run python tools/make_sentences.py")
        return 1 if stale else 0
    for part, path in PAGES.items():
        path.write_text(page(part), encoding="utf-8")
    return 0


@cache
def page(part: str) -> str:
    """Give a whole page: `pages` or `messages`."""
    shown = shown_texts()
    files = collate({key.partition(".")[0] for key in keys("fi")})
    return INTRO[part] + "".join(_topic(file, part, shown) for file in files)


def is_message(key: str) -> bool:
    """Say whether a text is told to the program's user and not to a reader of a page."""
    file, _, rest = key.partition(".")
    return file in MESSAGE_FILES or rest.partition(".")[0] in MESSAGE_TABLES


def is_sentence(text: str) -> bool:
    """Say whether a text is a sentence or is filled with values; the others are words and headings."""
    return text.rstrip().endswith((".", "?", "!", "”")) or "{" in text


def example(key: str, template: str, shown: Iterable[Shown] = ()) -> str:
    """Give a template as a saved page shows it, else with stand-in values; what comes from data is bold.

    In a page's text the bold places are those the page marks (numbers of a release, years); of a picture's
    alt text nothing is marked. Stand-ins are bold as wholes.
    """
    names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    if not names:
        return template
    found = _found(template, shown)
    if found is not None:
        return f"● {found.bold()}"
    values = stand_ins(key, tuple(names))
    filled = "".join(
        literal + ("" if name is None else _bold(values[at]))
        for at, (literal, name, _, _) in enumerate(Formatter().parse(template))
    )
    return f"○ {filled.replace('****', '')}"


def stand_ins(key: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Give a value of the right type for each name; a name without one is shown in angle marks."""
    told = tomllib.loads(VALUES.read_text(encoding="utf-8"))
    own = told["in"].get(key.partition(".")[0], {})
    if any(key.startswith(begin) for begin in told["county"]["keys"]):
        own = {**own, **told["county"]["values"]}
    return tuple(own.get(name, told["values"].get(name, f"‹{name}›")) for name in names)


def _found(template: str, shown: Iterable[Shown]) -> Shown | None:
    """Find where a shown text says the template from its first to its last sign; None when none does."""
    parts = list(Formatter().parse(template))
    letters = sum(sign.isalpha() for literal, _, _, _ in parts for sign in literal)
    if letters < LEAST_LETTERS:
        return None
    pattern = "".join(
        re.escape(literal) + ("" if name is None else "(.{1,120}?)") for literal, name, _, _ in parts
    )
    whole = re.compile(rf"(?:^|(?<=[.!?:] )){pattern}(?=$| [A-ZÅÄÖ])", re.IGNORECASE)
    for one in shown:
        match = whole.search(one.text)
        if match:
            return one.part(*match.span())
    return None


def _bold(value: str) -> str:
    told = value.strip()
    return value.replace(told, f"**{told}**") if told else ""


def _topic(file: str, part: str, shown: tuple[Shown, ...]) -> str:
    finnish, english = (catalogue(file, language) for language in ("fi", "en"))
    chosen = [key for key in finnish if is_message(key) == (part == "messages")]
    told = [key for key in chosen if is_sentence(finnish[key])]
    words = [key for key in chosen if not is_sentence(finnish[key])]
    if not chosen:
        return ""
    lines = ["", f"## {file}", ""]
    if told:
        lines += ["| virke | English | avain |", "|---|---|---|"]
        lines += [
            f"| {_cell(example(key, finnish[key], shown))} | {_cell(english[key])} | `{_short(key)}` |"
            for key in told
        ]
    if words:
        listed = "; ".join(f"{_cell(finnish[key])} (`{_short(key)}`)" for key in words)
        lines += ["", f"Sanat ja otsikot: {listed}."]
    return "\n".join(lines) + "\n"


def _short(key: str) -> str:
    return key.partition(".")[2]


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|").strip()


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
