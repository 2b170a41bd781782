"""A finding in 90 characters, and its figures in one line for a picture."""

from __future__ import annotations

from collections.abc import Mapping

from sosrake_lib.effects.design import Claim
from sosrake_lib.influence import labels, pieces, words_effects
from sosrake_lib.influence.findings import Case
from sosrake_lib.influence.rows import Row
from sosrake_lib.influence.sentence import Sentence, compose, constant
from sosrake_lib.language import numbers, say

__all__ = ["LONGEST", "headline", "one_line"]

LONGEST = 90  # characters
_CUT = "…"


def headline(case: Case, language: str, given: Mapping[str, str] | None = None) -> Sentence:
    """Say a finding in at most 90 characters, without a full stop.

    The figure's own year stands beside its name, so that an old figure is not read as the present. Where the
    names are long, the year goes shorter, then whose figure it is goes (women, an age), then the page's own
    place, then the name of the area of comparison; a name that is still too long is cut between words.
    """
    name, part = _names(case.row, language, given)
    whole, bare = _whens(case, language)
    parted = f"{name}{part}{',' if part else ''}"
    tries = ((parted, True, True), (name, True, True), (name, False, True), (name, False, False))
    for called, placed, named in tries:
        for when in (whole, bare):
            told = _told(case, f"{called} {when}", placed, named, language)
            if len(told.text) <= LONGEST:
                return told
    room = LONGEST - (len(told.text) - len(name)) - len(_CUT)
    cut = f"{name[:room].rpartition(' ')[0].rstrip(',;:( ')}{_CUT}"
    return _told(case, f"{cut} {bare}", False, False, language)


def one_line(case: Case, language: str) -> Sentence:
    """Say a finding's figures in one line; of an effect its estimate, of a hidden one why it is not shown."""
    row = case.row
    if case.kind == "absent":
        return pieces.not_shown(row, language)
    if case.kind == "effect" and case.claim is not Claim.KUVAUS:
        few = case.outcome == "too_little_data"
        return compose("finding.plain.nothing", language) if few else words_effects.size(row, language)
    if case.kind == "comparison" and row.has("reference_value"):
        return compose(
            "words.claim.figures_both",
            language,
            value=pieces.figure(row, "value", language),
            place_in=pieces.place(row, language),
            reference_value=pieces.figure(row, "reference_value", language),
            reference_in=pieces.reference_place(row, language),
            when=pieces.time(row, language),
        )
    run = case.course
    if run is not None and run.first is not None and run.first is not run.last:
        return compose(
            "finding.one_line.change",
            language,
            place_in=pieces.place(row, language),
            first=pieces.figure(run.first, "value", language),
            first_when=pieces.time(run.first, language),
            last=pieces.figure(row, "value", language),
            last_when=pieces.time(row, language),
        )
    return compose(
        "finding.one_line.level",
        language,
        place_in=pieces.place(row, language),
        value=_figure(case, language),
        when=pieces.time(row, language),
    )


def _whens(case: Case, language: str) -> tuple[str, str]:
    """Say when the figure is of, in words and bare: vuonna 2019, 2019; of a series from its first year on."""
    period, run = str(case.row["period"]), case.course
    if run is not None and run.first is not None and run.last is not None:
        ends = (str(run.first["period"]), str(run.last["period"]))
        if ends[0] != ends[1] and all(len(end) == len("2019") for end in ends):
            period = "/".join(ends)
    return labels.when(period, language), numbers.period(period, language)


def _figure(case: Case, language: str) -> Sentence:
    if case.kind == "effect":
        return words_effects.amount(case.row, language)
    return pieces.figure(case.row, "value", language)


def _names(row: Row, language: str, given: Mapping[str, str] | None) -> tuple[str, str]:
    """The short name of what the figure is of, and the part of the people it is about."""
    code = str(row["indicator"])
    if code.startswith("kuntaerot_"):
        return labels.short_name(str(row["group"]), language), ""
    name = given[code] if given and code in given else labels.short_name(code, language)
    parts = [
        given[str(row[dimension])]
        if given and str(row[dimension]) in given
        else labels.within_sentence(row, dimension, language)
        for dimension, neutral in (("sex", "total"), ("age", "all"), ("group", "all"))
        if row[dimension] != neutral
    ]
    return name, "".join(f", {part}" for part in parts)


def _told(case: Case, name: str, placed: bool, named: bool, language: str) -> Sentence:
    row = case.row
    known: dict[str, Sentence | str] = {
        "indicator": constant(name, language),
        "place_in": pieces.place(row, language) if placed else "",
    }
    if case.kind == "comparison":
        known |= _reference(row, placed, named, language)
    if case.kind == "level" or _described(case):
        known["value"] = _figure(case, language)
    if case.kind == "effect" and case.outcome in ("increase", "decrease"):
        known["told"] = next(
            iter(words_effects.direction(row, case.claim.value, case.outcome, language).values()), ""
        )
    return _tidy(compose(f"finding.headline.{_key(case)}", language, capital=True, **known))


def _described(case: Case) -> bool:
    """Say whether an effect is told as a plain level: its design carries no more."""
    return case.kind == "effect" and case.claim is Claim.KUVAUS and case.outcome != "too_little_data"


def _reference(row: Row, placed: bool, named: bool, language: str) -> dict[str, Sentence | str]:
    if not row.has("reference_level") or not row["reference_level"]:
        named = False
    if not named:
        return {
            "reference_in": say("finding.elsewhere", language),
            "between": say("finding.to_elsewhere", language),
        }
    reference = (str(row["reference_level"]), str(row["reference_code"]))
    own = (str(row["region_level"]), str(row["region_code"]))
    both = labels.between(own, reference, int(row["borders"]), language)
    return {
        "reference_in": pieces.reference_place(row, language),
        "between": constant(both if placed else say("finding.to_elsewhere", language), language),
    }


def _key(case: Case) -> str:
    """Name the headline's template: by kind, what was found and how sure."""
    kind, outcome, grade = case.kind, case.outcome, case.grade
    if kind == "level":
        return "level.figure"
    if kind == "absent":
        return f"absent.{outcome}"
    if kind == "comparison":
        return (
            f"comparison.{outcome}"
            if outcome in ("similar", "not_testable")
            else f"comparison.{outcome}.{grade}"
        )
    if kind == "change":
        return f"change.{outcome}.{grade or 'none'}" if outcome in ("rose", "fell") else f"change.{outcome}"
    if kind == "trend":
        rose = {"increase": "rose", "decrease": "fell"}.get(outcome, "")
        return f"change.{rose}.{grade or 'none'}" if rose else "change.not_shown"
    if kind == "inequality":
        return _inequality_key(case)
    if outcome == "too_little_data":
        return "effect.too_little_data"
    if _described(case):
        return "level.figure"
    return f"effect.{case.claim.value}.{'not_shown' if outcome == 'not_shown' else grade}"


def _inequality_key(case: Case) -> str:
    if case.outcome in ("higher", "lower", "increase", "decrease") and case.grade:
        return f"inequality.{case.outcome}.{case.grade}"
    if case.outcome in ("measured", "not_testable"):
        return "inequality.measured"
    return "inequality.no_change_shown" if case.measure == "change" else "inequality.open"


def _tidy(sentence: Sentence) -> Sentence:
    """Take out the blanks that an empty piece left, keeping the marks of numbers in their places."""
    while (at := _blank(sentence.text)) >= 0:
        sentence = _without(sentence, at)
    return sentence


def _blank(text: str) -> int:
    at = max(text.find("  "), text.find(" ,"))
    return at if at >= 0 else len(text) - 1 if text.endswith(" ") else -1


def _without(sentence: Sentence, at: int) -> Sentence:
    def moved(place: int) -> int:
        return place - (place > at)

    return Sentence(
        sentence.text[:at] + sentence.text[at + 1 :],
        sentence.language,
        tuple((moved(start), moved(end), of) for start, end, of in sentence.numbers),
        sentence.release_id,
        tuple((moved(start), moved(end)) for start, end in sentence.constants),
    )
