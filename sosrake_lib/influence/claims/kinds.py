"""How each kind of finding is found in a text; places are those of the whole text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sosrake_lib.effects.design import Claim
from sosrake_lib.gather import identifiers
from sosrake_lib.influence.claims.figures import figures, sourced
from sosrake_lib.influence.claims.patterns import Guards, Rule, data, guards, rules
from sosrake_lib.influence.claims.sentences import Part, sentences, words

KINDS = ("claim", "number", "source", "stigma", "rank", "person", "abbreviation", "actor", "long", "word")
LONGEST = 25
_CAPITALS = re.compile(r"(?<![\w/.])(?!HE \d)[A-ZÅÄÖ]{2,6}(?![a-zåäö\d_/])(?=\b|:)")
_PERSONAL = frozenset(("NAME", "HETU", "ADDRESS", "DOB", "QUASI"))
_ILLATIVE = re.compile(r"(?:uun|yyn|oon|öön|iin|hin|hun|hyn|seen)$")
_FEWEST_LETTERS = 8  # a text all in capitals is a heading, not a row of abbreviations


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding: its kind, place, and the advice that fits it."""

    kind: str
    start: int
    end: int
    better: str


def hits(text: str, claim: Claim, results: Iterable[str], language: str) -> list[Hit]:
    """Find all kinds in a text, in the order of their places."""
    parts = tuple(sentences(text))
    found = [
        *_numbers(text, tuple(results), language),
        *_abbreviations(text, language),
        *_named(text),
        *(hit for part in parts for hit in _in_sentence(part, claim, language)),
    ]
    if sourced(text, language):
        found = [hit for hit in found if hit.kind != "source"]
    return sorted(_outermost(found), key=lambda hit: (hit.start, KINDS.index(hit.kind)))


def _in_sentence(part: Part, claim: Claim, language: str) -> Iterator[Hit]:
    if words(part.text) > LONGEST:
        yield Hit("long", part.start, part.start + len(part.text), "long")
    for rule in rules(language):
        if rule.kind == "claim" and Claim.VAIKUTUS in claim.permits:
            continue
        for hit in rule.pattern.finditer(part.text):
            if _stands(rule, hit, part.text, claim, language):
                yield Hit(rule.kind, part.start + hit.start(), part.start + hit.end(), rule.better)


def _stands(rule: Rule, hit: re.Match[str], text: str, claim: Claim, language: str) -> bool:
    """Say whether a match is a finding in its sentence."""
    if rule.kind == "claim":
        return not _no_claim(text, hit, claim, guards(language))
    if rule.kind == "actor":
        return not _has_actor(text, hit, rule, language)
    if rule.kind in ("source", "rank"):
        return not _denied(text, hit.start(), guards(language))
    return True


def _no_claim(text: str, hit: re.Match[str], claim: Claim, guard: Guards) -> bool:
    before = text[: hit.start()]
    if text.rstrip('”" ').endswith("?") or guard.anywhere.search(text) or guard.before.search(before):
        return True
    if Claim.TODENNAKOINEN_VAIKUTUS in claim.permits and guard.probable.search(_clause_of(text, hit, guard)):
        return True
    return _denied(text, hit.end(), guard)


def _denied(text: str, place: int, guard: Guards) -> bool:
    """Say whether a negation stands before the place, in its clause or in the clause that governs it."""
    begin = max((one.end() for one in guard.split.finditer(text, 0, place)), default=0)
    for negation in guard.negation.finditer(text, begin, place):
        between = text[negation.end() : place]
        _, comma, rest = between.partition(",")
        if not comma or guard.governed.match(rest.lstrip()):
            return True
    return False


def _clause_of(text: str, hit: re.Match[str], guard: Guards) -> str:
    begin = max((one.end() for one in re.finditer(r"[,;:]", text[: hit.start()])), default=0)
    rest = re.search(r"[,;:]| ja | and ", text[hit.end() :])
    return text[begin : hit.end() + (rest.start() if rest else len(text))]


def _has_actor(text: str, hit: re.Match[str], rule: Rule, language: str) -> bool:
    """Say whether somebody who acts stands in the sentence, or right before a demand."""
    told = data("rules")["parts"][language]
    if text.rstrip('”" ').endswith("?") or guards(language).asked.search(text[: hit.start()]):
        return True
    name = re.compile(rf"(?<!\w)(?:{told['puhuja' if language == 'fi' else 'actor']})(?!\w)", re.IGNORECASE)
    before, after = text[: hit.start()], text[hit.end() :]
    # Who decides stands before a passive decision; what follows is what was decided of.
    if name.search(before) or (rule.better != "decision" and name.search(f"{hit.group()}{after}")):
        return True
    if language == "en":
        return bool(re.search(r"\bby (?:the )?" + name.pattern, text, re.IGNORECASE))
    # "Kunnan tulee", "Köyhien on": who must stands in the genitive; "me" is in the verb's own ending.
    genitive = re.search(r"\w{2,}n$", before.rstrip()) and not _ILLATIVE.search(before.rstrip())
    return bool(genitive) or bool(re.search(r"\w+mme\b", text))


def _numbers(text: str, results: tuple[str, ...], language: str) -> Iterator[Hit]:
    for one in figures(text, results, language):
        if not one.held:
            yield Hit("number", one.start, one.end, "number")
        yield Hit("source", one.start, one.end, "source")


def _abbreviations(text: str, language: str) -> Iterator[Hit]:
    told = data("known")["abbreviations"]
    if sum(sign.isalpha() for sign in text) >= _FEWEST_LETTERS and text.isupper():
        return
    seen = set()
    for found in (*_CAPITALS.finditer(text), *re.finditer(told["short"], text)):
        name = found.group()
        if name in told["known"] or name in seen or re.fullmatch(told["roman"], name) or _opened(text, name):
            continue
        seen.add(name)
        yield Hit("abbreviation", found.start(), found.end(), "abbreviation")


def _opened(text: str, name: str) -> bool:
    """Say whether the text says what a short name stands for."""
    mark = re.escape(name)
    ways = (
        rf"\({mark}[,)]",
        rf"{mark}\w*:?\w* \(\w{{3,}}",
        rf"{mark}:?\w* eli ",
        rf"eli {mark}",
        rf"{mark} (?:=|tarkoittaa|on lyhenne|stands for|means|is short)",
        rf"(?:lyhenne|short for|abbreviated) {mark}",
    )
    return any(re.search(way, text) for way in ways)


def _named(text: str) -> Iterator[Hit]:
    """Find people's names and combinations that may tell who somebody is."""
    for one in identifiers.find(text, dictionary="rules"):
        if one.type in _PERSONAL and (one.type == "NAME") <= (one.level == "sure"):
            yield Hit("person", one.start, one.end, "person")


def _outermost(found: list[Hit]) -> list[Hit]:
    """Keep one finding of a kind in a place: the first, and of those that begin together the longest."""
    kept: list[Hit] = []
    for hit in sorted(set(found), key=lambda one: (one.start, one.start - one.end)):
        if not any(one.kind == hit.kind and one.start <= hit.start < one.end for one in kept):
            kept.append(hit)
    return kept
