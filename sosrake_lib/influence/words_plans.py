"""Sentences on plans and clients' paths: law changes, limits, how long, and what is not recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from sosrake_lib.catalogue.record_rules import LawChange, TimeLimit, law_changes, time_limit
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, number
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection, Text

_Rule = TypeVar("_Rule", LawChange, TimeLimit)
ROOM = "aktivointisuunnitelmat"
KINDS = ("aktivointisuunnitelma", "monialainen")
HEADINGS = (
    *("needs_caption", "in_time_caption", "time_caption", "reviewed_caption", "own_words_caption"),
    *("together_caption", "municipality_caption", "path_caption", "period", "kind", "share", "days"),
    *("needs", "waiting", "figure"),
)
# Shares of the path that a table shows; denied service and fees have words of their own.
PATH = (
    *("polku_arviointi_ajoissa", "polku_palvelu_ajoissa", "polku_uusinta", "polku_tarkistettu"),
    *("polku_omin_sanoin", "polku_yhdessa"),
)
RIGHTS = ("polku_evatty", "polku_maksu")
PATH_LIMITS = ("arviointi_aikuinen", "palvelu")


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of the kinds of plan."""
    return {kind: say(f"{ROOM}.kind.{kind}", language) for kind in KINDS}


def changes() -> list[Text]:
    """Tell each law change with its day and act; one that is not checked says so."""
    return [_both(_change, one) for one in law_changes()]


def limits(keys: tuple[str, ...] = PATH_LIMITS) -> list[Text]:
    """Tell the limits figures are read against, and which of them no act sets."""
    return [_both(_limit, time_limit(key)) for key in keys]


def share(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say one share or time with its group and year; of what is not recorded, that it is no zero."""
    row = one_row(selection)
    thing = constant(_thing(row, language), language)
    when = pieces.time(row, language)
    if row["status"] == "missing":
        key = "not_recorded" if labels.is_percent(row) else "not_reached"
        return compose(f"{ROOM}.words.{key}", language, capital=True, thing=thing, when=when)
    if not row.shown:
        return compose(f"{ROOM}.words.hidden", language, capital=True, thing=thing, when=when)
    return compose(
        f"{ROOM}.words.share",
        language,
        capital=True,
        thing=thing,
        when=when,
        value=pieces.figure(row, "value", language),
        interval=pieces.interval(row, "lower", "upper", language),
    )


def still_waiting(selection: Selection | Row, language: str = "fi") -> Sentence | None:
    """Say how many still waited when the following ended; nothing when it is not told."""
    row = one_row(selection)
    if not row.shown or not row.has("censored") or not float(row["censored"]):
        return None
    told = number(
        numbers.count(round(float(row["censored"])), language),
        row.reference("censored"),
        row.release_id,
        language,
    )
    return compose(f"{ROOM}.words.waiting", language, count=told, when=pieces.time(row, language))


def path(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say times of the path, each followed by how many still waited."""
    told: list[Sentence] = []
    for row in rows_of(selection):
        told.append(share(row, language))
        waiting = still_waiting(row, language)
        told += [waiting] if waiting is not None else []
    return told


def rows(selection: Selection) -> list[Row]:
    """Give the rows of a selection one by one."""
    return list(rows_of(selection))


def last_whole_year(selection: Selection) -> str:
    """Name the last year that the figures tell to its end: the one before the newest, if there are two."""
    years = sorted({str(row["period"]) for row in rows_of(selection)})
    return years[-2] if len(years) > 1 else years[-1]


def _thing(row: Row, language: str) -> str:
    name = labels.full_name(row, language)
    group = str(row["group"])
    return f"{name}, {_small(names(language)[group])}" if group in KINDS else name


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _change(one: LawChange, language: str) -> str:
    text = one.text_en if language == "en" else one.text_fi
    act = one.act_en if language == "en" else one.act_fi
    key = "change" if one.verified else "change_unchecked"
    told = {"day": numbers.day(one.on, language), "act": act, "number": one.act, "proposal": one.proposal}
    return say(f"{ROOM}.words.{key}", language, text=text, **told)


def _limit(one: TimeLimit, language: str) -> str:
    text = one.text_en if language == "en" else one.text_fi
    key = "limit" if one.verified or not one.statutory else "limit_unchecked"
    section = f" ({one.act}, {one.section})" if one.statutory else ""
    return say(f"{ROOM}.words.{key}", language, text=text[:1].upper() + text[1:], section=section)


def _both(told: Callable[[_Rule, str], str], one: _Rule) -> Text:
    """Give a text in both languages; its numerals are those of days and acts."""
    finnish, english = told(one, "fi"), told(one, "en")
    constants = tuple(dict.fromkeys(re.findall(r"\d+(?:[./]\d+)*", f"{finnish} {english}")))
    return Text(finnish, english, constants=constants)
