"""How each kind of finding is found in a text; places are those of the whole text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sosrake_lib.effects.design import Claim
from sosrake_lib.gather import identifiers
from sosrake_lib.influence.claims.figures import figures, named, sourced
from sosrake_lib.influence.claims.patterns import Guards, Rule, checked, data, guards, rules
from sosrake_lib.influence.claims.sentences import Part, longest, paragraphs, sentences

KINDS = ("claim", "number", "source", "stigma", "rank", "person", "abbreviation", "actor", "long", "word")
# English needs more words than Finnish for the same: articles, prepositions, pronouns.
LONGEST = {"fi": 25, "en": 35}
_CAPITALS = re.compile(r"(?<![\w/.])(?!HE \d)[A-ZÅÄÖ]{2,6}(?![a-zåäö\d_/])(?=\b|:)")
_PERSONAL = frozenset(("NAME", "HETU", "ADDRESS", "DOB", "QUASI"))
# Identifying by themselves when they are sure; phones and addresses are judged one by one.
_CODES = frozenset(("HETU", "IBAN", "CARD", "PASSPORT", "CLIENT_ID"))
_MOBILE = re.compile(r"(?:(?:\+358|00358)0?|0)(?:4\d|50)")
_OF_PERSON = re.compile(r"[a-zåäö]+[._][a-zåäö]+@", re.IGNORECASE)  # first name and surname
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
    if _told_checked(text, language):
        found = [hit for hit in found if hit.better != "easy"]
    personal = [(hit.start, hit.end) for hit in found if hit.kind == "person" and hit.better == "contact"]
    found = [hit for hit in found if hit.kind == "person" or not _within(hit.start, personal)]
    clear = [place for place in paragraphs(text) if sourced(text[slice(*place)], language)]
    found = [hit for hit in found if hit.kind != "source" or not _within(hit.start, clear)]
    return sorted(_outermost(found), key=lambda hit: (hit.start, KINDS.index(hit.kind)))


def _in_sentence(part: Part, claim: Claim, language: str) -> Iterator[Hit]:
    if longest(part.text) > LONGEST[language]:
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
        return bool(re.search(r"\bby:? (?:the )?" + name.pattern, text, re.IGNORECASE))
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
    seen, names = set(), named(text, language)
    for found in (*_CAPITALS.finditer(text), *re.finditer(told["short"], text)):
        name = found.group()
        if name in told["known"] or name in seen or re.fullmatch(told["roman"], name) or _opened(text, name):
            continue
        if _within(found.start(), names):
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
    """Find people's names, ways to reach or identify them, and combinations that may tell who somebody is.

    A name that is only probable counts beside a way to reach somebody: alone it is often a place or a word.
    """
    told = identifiers.find(text, dictionary="rules")
    reached = [one for one in told if _identifies(one, text)]
    for one in told:
        if one in reached:
            yield Hit("person", one.start, one.end, "contact")
        elif one.type == "NAME":
            if one.level == "sure" or (one.level == "probable" and _beside(one, reached, text)):
                yield Hit("person", one.start, one.end, "person")
        elif one.type in _PERSONAL:
            yield Hit("person", one.start, one.end, "person")


def _identifies(one: identifiers.Entity, text: str) -> bool:
    """Say whether a find reaches or tells one person: no exchange's number, no mailbox of an office."""
    written = text[one.start : one.end]
    if one.type == "PHONE":
        return one.level == "sure" and bool(_MOBILE.match(re.sub(r"[^\d+]", "", written)))
    if one.type == "EMAIL":
        return bool(_OF_PERSON.match(written)) and not _of_office(written.partition("@")[0])
    return one.type in _CODES and one.level == "sure"


def _of_office(mailbox: str) -> bool:
    """Say whether a part of a mailbox's name is a word of offices: asiakas.palvelu."""
    words = re.compile("|".join(f"(?:{one})" for one in data("known")["mailboxes"]["office"]), re.IGNORECASE)
    return any(words.fullmatch(part) for part in re.split(r"[._]", mailbox))


def _beside(one: identifiers.Entity, reached: list[identifiers.Entity], text: str) -> bool:
    """Say whether a way to reach somebody stands in the same sentence."""
    return any(
        not re.search(r"[.!?]\s", text[min(one.end, each.end) : max(one.start, each.start)])
        for each in reached
    )


def _told_checked(text: str, language: str) -> bool:
    """Say whether the text tells that a person has checked its easy language."""
    guard = guards(language)
    return any(
        not _denied(part.text, hit.start(), guard) and not guard.before.search(part.text[: hit.start()])
        for part in sentences(text)
        if not part.text.rstrip('”" ').endswith("?")
        for hit in checked(language).finditer(part.text)
    )


def _within(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(begin <= place < end for begin, end in spans)


def _outermost(found: list[Hit]) -> list[Hit]:
    """Keep one finding of a kind in a place: the first, and of those that begin together the longest."""
    kept: list[Hit] = []
    for hit in sorted(set(found), key=lambda one: (one.start, one.start - one.end)):
        if not any(one.kind == hit.kind and one.start <= hit.start < one.end for one in kept):
            kept.append(hit)
    return kept
