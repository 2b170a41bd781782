"""A finding in clear language for residents: short sentences, no brackets, the interval told in words.

Only "selkeä kieli" (clear language): text may be called selkokieli when a person has checked it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sosrake_lib.effects.design import Claim
from sosrake_lib.influence import labels, pieces, words_effects
from sosrake_lib.influence.findings import Case
from sosrake_lib.influence.rows import Row
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.language import numbers, say

__all__ = ["plain"]

_EXPLAINED = frozenset(
    ("pienituloisuusaste", "toimeentulotuki_25_64", "tyottomyysaste", "pitkaaikaistyottomat", "asumistuki")
)
_PRECISION = {"sure": "precise", "likely": "rough", "open": "vague"}
_CAUSE = {"comparison": "cause_of_difference", "change": "cause_of_change", "trend": "cause_of_change"}


def plain(case: Case, language: str, given: Mapping[str, str] | None = None) -> tuple[Sentence, ...]:
    """Say a finding in short sentences, one thing in each."""
    row = case.row
    said = [_said("subject", language, indicator=_subject(row, language, given)), *_about(row, language)]
    if case.kind == "absent":
        said += [_said(case.outcome, language), compose("finding.unknown.not_zero", language)]
    elif case.kind == "comparison":
        said += [*_level(row, language), *_comparison(case, language)]
    elif case.kind == "change":
        said += _change(case, language)
    elif case.kind == "effect" and case.claim is not Claim.KUVAUS:
        said += _effect(case, language)
    elif case.outcome == "too_little_data":
        said.append(_said("nothing", language))
    elif case.kind == "trend":
        said += [_said({"increase": "rose", "decrease": "fell"}.get(case.outcome, "no_trend"), language)]
        said += [_how_sure(case, language)]
    elif case.kind == "inequality":
        said += _inequality(case, language)
    else:
        said += [*_level(row, language), _precise(case, language)]
    if case.kind in _CAUSE:
        said.append(compose(f"finding.unknown.{_CAUSE[case.kind]}", language))
    return tuple(said)


def figure(row: Row, column: str, language: str) -> Sentence:
    """Give a released number with the word for per cent or its unit, as it is spoken: 9,9 prosenttia."""
    if row.has("claim") and row["claim"] and column == "value":
        return words_effects.amount(row, language)
    if not labels.is_percent(row, column):
        return pieces.figure(row, column, language)
    shown = labels.bare_figure(row, column, language)
    form = "one" if shown == "1" else "other"
    word = say(f"numbers.unit.{form}.percent", language)
    marked = number(shown, row.reference(column), row.release_id, language)
    return join([marked, constant(numbers.NO_BREAK_SPACE + word, language)], between="")


def _said(key: str, language: str, **known: Sentence | str) -> Sentence:
    return compose(f"finding.plain.{key}", language, capital=True, **known)


def _subject(row: Row, language: str, given: Mapping[str, str] | None) -> Sentence:
    if str(row["indicator"]).startswith("kuntaerot_"):
        return constant(labels.short_name(str(row["group"]), language), language)
    code = str(row["indicator"])
    # what the name says in full, the next sentence says in plain words
    short = {code: labels.short_name(code, language)} if code in _EXPLAINED else {}
    return words_effects.name_of(row, language, {**short, **(given or {})})


def _about(row: Row, language: str) -> list[Sentence]:
    """Say what a much used figure counts: `asuntokunnista` tells a resident little."""
    code = str(row["indicator"])
    return [compose(f"finding.plain_about.{code}", language)] if code in _EXPLAINED else []


def _level(row: Row, language: str) -> list[Sentence]:
    told = _said(
        "about" if row.has("lower") else "exact",
        language,
        place_in=pieces.place(row, language),
        value=figure(row, "value", language),
        when=pieces.time(row, language),
    )
    return [told, *_interval(row, "lower", "upper", language)]


def _interval(row: Row, lower: str, upper: str, language: str) -> list[Sentence]:
    if not (row.has(lower) and row.has(upper)):
        return []
    bare = labels.bare_figure(row, lower, language)
    low = number(bare, row.reference(lower), row.release_id, language)
    return [_said("interval", language, lower=low, upper=figure(row, upper, language))]


def _comparison(case: Case, language: str) -> list[Sentence]:
    row = case.row
    said = []
    if row.has("reference_value"):
        there = pieces.reference_place(row, language)
        said.append(
            _said("reference", language, reference_in=there, value=figure(row, "reference_value", language))
        )
    if case.outcome in ("higher", "lower"):
        said.append(_said(case.outcome, language, reference_in=pieces.reference_place(row, language)))
    else:
        said.append(_said(case.outcome, language))
    return said if case.outcome == "not_testable" else [*said, _how_sure(case, language)]


def _change(case: Case, language: str) -> list[Sentence]:
    run = case.course
    if run is None or run.first is None or run.outcome == "only_one":
        return [*_level(case.row, language), _said("only_one", language)]
    ends = [
        _said(
            name,
            language,
            **({"place_in": pieces.place(row, language)} if name == "first" else {}),
            value=figure(row, "value", language),
            when=pieces.time(row, language),
        )
        for name, row in (("first", run.first), ("last", case.row))
    ]
    said = [*ends, _said(run.outcome, language)]
    return said if run.outcome in ("same", "broken") else [*said, _how_sure(case, language)]


def _effect(case: Case, language: str) -> list[Sentence]:
    if case.outcome == "too_little_data":
        return [_said("nothing", language)]
    row = case.row
    known: dict[str, Sentence | str] = {
        "place_in": pieces.place(row, language),
        "when": pieces.time(row, language),
    }
    words = words_effects.direction(row, case.claim.value, case.outcome, language)
    found = f"finding.plain_effect.{case.claim.value}"
    unknown = compose(f"{found}.unknown", language)
    if not words:
        told = compose(f"{found}.not_shown", language, capital=True, **known)
        return [told, _said("open", language), unknown]
    known["told"] = next(iter(words.values()))
    told = compose(f"{found}.found", language, capital=True, **known)
    return [told, _how_sure(case, language), unknown]


def _inequality(case: Case, language: str) -> list[Sentence]:
    told = {
        "higher": "fewer_incomes_higher",
        "lower": "fewer_incomes_lower",
        "increase": "differences_grew",
        "decrease": "differences_shrank",
        "measured": "differences_measured",
        "similar": "differences_open",
        "no_change_shown": "differences_no_change",
    }.get(case.outcome, "not_testable")
    said = [_said(told, language)]
    if case.outcome in ("higher", "lower", "increase", "decrease"):
        said.append(_how_sure(case, language))
    return [*said, compose("finding.unknown.between_people", language)]


def _how_sure(case: Case, language: str) -> Sentence:
    return _said(case.grade or "unsure", language)


def _precise(case: Case, language: str) -> Sentence:
    return _said(_PRECISION[case.grade] if case.grade else "unsure", language)
