"""Check what the project says to its readers: claims, labels, ranks, people, long sentences and the others.

    python tools/check_texts.py            findings that are not allowed; ends with 1 when there are any
    python tools/check_texts.py --site reports/site   all ten kinds over made pages
    python tools/check_texts.py --entries  the same as entries for the allow file; write the reasons

What is read is told in `shipped_texts`. An entry of the allow file is an exact phrase with a reason; one that
allows nothing any more is told too. "Selkokieli" is said only of text that a person has checked; elsewhere it
is "selkeä kieli".
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

from shipped_texts import PROJECT, Text, texts

from sosrake_lib.influence.claims import find, reading

# Entries of built pages; all others are of the texts the pages are made of.
PAGES = "site/"
ALLOWED = PROJECT / "tools" / "claims_allowed.toml"
# Words for easy language, a form of language that a person checks, in Finnish and in English.
EASY = re.compile(
    r"(?i)\bselkokiel\w*|\bselkosuom\w*|\beasy[- ](?:to[- ]read\b|language\b|finnish\b|english\b)"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in a text."""

    where: str
    kind: str
    phrase: str
    text: str


def main(arguments: list[str]) -> int:
    """Print what is not allowed, and entries that allow nothing."""
    of_site = arguments[1:] if arguments[:1] == ["--site"] else []
    left, unused = judged_pages(Path(of_site[0])) if of_site else judged(texts())
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
    unused = [each for place, each in enumerate(allowed()) if place not in used]
    return left, [each for each in unused if not each["where"].startswith(PAGES)]


def judged_pages(site: Path) -> tuple[list[Found], list[dict[str, str]]]:
    """Give what no entry of a built page allows, and entries of pages that are there but allowed nothing.

    All ten kinds are asked of every page, with the most its notebook's design may claim.
    """
    left, used, names = [], set(), []
    for path in sorted(site.rglob("*.html")):
        where = PAGES + path.relative_to(site).as_posix()
        names.append(where)
        told = reading.page(path.read_text(encoding="utf-8"), where)
        for row in reading.find_in(told, reading.claim_of(path.name)).to_dict("records"):
            phrase = row["phrase"] if row["kind"] != "long" else row["phrase"][:60]
            found = Found(where, row["kind"], phrase, row["where"])
            entries = {place for place, each in enumerate(allowed()) if _allows(each, found)}
            used |= entries
            if not entries:
                left.append(found)
    there = [each for each in allowed() if any(fnmatch(name, each["where"]) for name in names)]
    return left, [each for each in there if allowed().index(each) not in used]


def findings(one: Text) -> Iterator[Found]:
    """Find in a text the kinds that are asked of it."""
    table = find(one.text, one.claim, (), one.language)
    for kind, phrase in zip(table["kind"], table["phrase"], strict=True):
        # Easy language is told below, whatever the sentence says of it.
        if kind in one.kinds and not ("selkokieli" in one.kinds and kind == "word" and EASY.search(phrase)):
            yield Found(one.where, kind, phrase if kind != "long" else phrase[:60], one.text)
    if "selkokieli" in one.kinds:
        for hit in EASY.finditer(one.text):
            yield Found(one.where, "selkokieli", hit.group(), one.text)


@cache
def allowed() -> tuple[dict[str, str], ...]:
    """Read the allow file; an entry has where (a name or a pattern), kind, phrase and reason."""
    return tuple(tomllib.loads(ALLOWED.read_text(encoding="utf-8")).get("allow", ()))


def _allows(entry: dict[str, str], found: Found) -> bool:
    return (
        entry["kind"] == found.kind
        and entry["phrase"].casefold() == found.phrase.casefold()
        and fnmatch(found.where, entry["where"])
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
