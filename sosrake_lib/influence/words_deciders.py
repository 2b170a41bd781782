"""What deciders need to know, in words: the matrix, who decides and when, gaps, the acts behind.

Texts are those people wrote or the reviewed tables hold; figures in the matrix come from released rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from sosrake_lib.catalogue import indicator, needs, themes
from sosrake_lib.catalogue.decision_calendar import LEVELS, Decision, decision_calendar
from sosrake_lib.catalogue.laws import NOT_RECORDED, cited, law
from sosrake_lib.catalogue.method_cards import KNOWLEDGE, methods
from sosrake_lib.influence import labels, project_texts
from sosrake_lib.influence.decisions import deciding
from sosrake_lib.influence.rows import Row, rows_if_any
from sosrake_lib.influence.sentence import Sentence, compose, constant, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import both
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Text

if TYPE_CHECKING:
    from typing import Any

ROOM = "tietotarve"
ASKED = ("decision", "when", "unsure", "used", "missing", "voices", "form", "back")
_MOST_INDICATORS = 2


def said(key: str, **values: tuple[str, str]) -> Text:
    """Give a text of this page in both languages; values are (Finnish, English)."""
    finnish = say(f"{ROOM}.{key}", "fi", **{name: pair[0] for name, pair in values.items()})
    english = say(f"{ROOM}.{key}", "en", **{name: pair[1] for name, pair in values.items()})
    return text_of(finnish, english)


def theme_name(key: str, language: str = "fi") -> str:
    """Name a theme as within a sentence."""
    found = next(one for one in themes() if one.key == key)
    return (found.name_en if language == "en" else found.name_fi).lower()


def answer(lines: Sequence[Any], theme: str) -> Text:
    """Say how many questions are recorded on a theme and how many stay without a full answer."""
    name = (theme_name(theme, "fi"), theme_name(theme, "en"))
    still = sum(one.gap != "none" for one in lines)
    counted = [(numbers.count(of, "fi"), numbers.count(of, "en")) for of in (len(lines), still)]
    if not lines:
        return said("answer_none", theme=name)
    if not still:
        return said("answer_all", theme=name, questions=counted[0])
    return said("answer", theme=name, questions=counted[0], open=counted[1])


def who_decides(bodies: pd.DataFrame, theme: str, on: date, language: str = "fi") -> Table:
    """Show who decides on a theme at each level on a day, then who decides on everything there.

    A level without a row of the theme is said to be unrecorded.

    Parameters
    ----------
    bodies : table `hanke/paattajat`.
    """
    present = deciding(bodies, on)
    cells: dict[str, list[Text]] = {name: [] for name in ("level", "body", "decides", "law")}
    for level in LEVELS:
        of_level = present.loc[present["level"] == level]
        own = of_level.loc[of_level["theme"] == theme].to_dict("records")
        for row in [*(own or [{}]), *of_level.loc[of_level["theme"] == "kaikki"].to_dict("records")]:
            cells["level"].append(said(f"level.{level}"))
            cells["body"].append(_recorded(row, "body"))
            cells["decides"].append(_recorded(row, "decides"))
            cells["law"].append(_act(str(row.get("law", NOT_RECORDED))))
    return _words(cells, "caption.who", language, theme)


def calendar(language: str = "fi") -> Table:
    """Show the yearly clock: decision, level, months, by when knowledge is needed, what the time rests on."""
    known = decision_calendar()
    cells = {
        "decision": [text_of(one.name_fi, one.name_en) for one in known],
        "level": [said(f"level.{one.level}") for one in known],
        "months": [text_of(_months(one, "fi"), _months(one, "en")) for one in known],
        "ready": [_month(one.ready) for one in known],
        "binding": [said(f"binding.{one.binding}") for one in known],
        "source": [text_of(one.source_fi, one.source_en) for one in known],
    }
    return _words(cells, "caption.calendar", language)


def matrix(
    lines: Sequence[Any], known: Any, release: Release, region: tuple[str, str], language: str = "fi"
) -> Table:
    """Show decision, question, best knowledge with its figure, and the gap.

    Parameters
    ----------
    lines : of `batch.recipes_deciders.matrix`, one theme. known : of `batch.recipes_deciders.knowledge`.
    release : with the parts `ilmiot` and `asiakkaat`.
    """
    rows = {part: _rows(release, part, region) for part in ("ilmiot", "asiakkaat")}
    head = [say(f"{ROOM}.head.{name}", language) for name in ("question", "decision", "knowledge", "gap")]
    body: list[list[Cell]] = [
        [
            constant(one.question_en if language == "en" else one.question_fi, language),
            constant(one.decision.name_en if language == "en" else one.decision.name_fi, language),
            best(one.best, known, rows, language),
            constant(_gap(one, language), language),
        ]
        for one in lines
    ]
    caption = say(f"{ROOM}.caption.matrix", language, theme=theme_name(known.theme, language))
    return word_table([*rows["ilmiot"], *rows["asiakkaat"]], head, body, caption, language)


def best(sort: str, known: Any, rows: Mapping[str, Sequence[Row]], language: str) -> Sentence:
    """Say what the best knowledge is: the indicators, or the figure of the largest phenomenon or need."""
    if sort == "indikaattori":
        names = [_name(indicator(key), language) for key in known.indicators[:_MOST_INDICATORS]]
        return compose(f"{ROOM}.best.indikaattori", language, names=constant("; ".join(names), language))
    if sort == "havainto":
        key = next(iter(known.phenomena))
        words = known.phenomena[key][language == "en"]
        return _counted("havainto", _of(rows["ilmiot"], key), language, "phenomenon", words)
    if sort == "asiakastieto":
        key = known.needs[0]
        named = next(one for one in needs() if one.key == key)
        words = _name(named, language)
        return _counted("asiakastieto", _of(rows["asiakkaat"], key), language, "need", words)
    return compose(f"{ROOM}.best.{sort or 'none'}", language)


def gaps(lines: Sequence[Any]) -> list[Text]:
    """List the questions that stay open, what they lack and what to do; a text when none is recorded."""
    told = []
    for one in lines:
        if one.gap == "none":
            continue
        key = {"partial": "open_full", "weaker": "open_line", "nothing": "open_nothing"}[one.gap]
        pairs = {
            "question": (one.question_fi, one.question_en),
            "wanted": _pair(f"sort.{one.wanted}"),
            "best": _pair(f"sort.{one.best or 'none'}"),
            "lacks": _lacking(one),
            "do": _do(one),
        }
        told.append(_spaced(said(key, **{name: pairs[name] for name in _needed(key)})))
    return told or [said("nothing_open")]


def overview(known: Sequence[Any], language: str = "fi") -> Table:
    """Show on each theme which sorts of knowledge there are and which there are not."""
    cells = {
        "theme": [_theme(one.theme) for one in known],
        "sorts": [_sorts(one.sorts) for one in known],
        "lacking": [_sorts([sort for sort in KNOWLEDGE if sort not in one.sorts]) for one in known],
    }
    return _words(cells, "caption.overview", language)


def interview(language: str = "fi") -> Table:
    """Show the interview template: what to ask a decider, and why."""
    cells = {
        "ask": [said(f"ask.{name}") for name in ASKED],
        "why": [said(f"ask.{name}_why") for name in ASKED],
    }
    return _words(cells, "caption.interview", language)


def acts(bodies: pd.DataFrame, theme: str, on: date, language: str = "fi") -> Table:
    """Show the acts behind a theme's deciders and the calendar: since when, what about, and whether checked.

    Raises
    ------
    CatalogueError when an act that a present row cites is unknown or not in force on the day.
    """
    present = deciding(bodies, on)
    rows = present.loc[present["theme"].isin((theme, "kaikki")), "law"]
    named = [key for text in rows for key in cited(str(text))]
    named += [one.law for one in decision_calendar()]
    found = [law(key, on) for key in dict.fromkeys(named)]
    cells = {
        "law": [text_of(one.title("fi"), one.title("en")) for one in found],
        "decides": [text_of(one.about_fi, one.about_en) for one in found],
        "valid": [_since(one.valid_from) for one in found],
        "checked": [_checked(one.verified, one.checked) for one in found],
    }
    return _words(cells, "caption.laws", language)


def _words(cells: Mapping[str, list[Text]], caption: str, language: str, theme: str = "") -> Table:
    headed = {say(f"{ROOM}.head.{name}", language): texts for name, texts in cells.items()}
    values = {"theme": (theme_name(theme, "fi"), theme_name(theme, "en"))} if theme else {}
    return project_texts.word_table(headed, said(caption, **values), language)


def _recorded(row: Mapping[str, Any], name: str) -> Text:
    unknown = _pair("no_decider")
    texts = [str(row.get(f"{name}_{code}", "")) or unknown[place] for place, code in enumerate(("fi", "en"))]
    return text_of(texts[0][:1].upper() + texts[0][1:], texts[1][:1].upper() + texts[1][1:])


def _act(text: str) -> Text:
    found = [law(key) for key in cited(text)]
    if not found:
        return said("no_decider")
    return text_of("; ".join(one.title("fi") for one in found), "; ".join(one.title("en") for one in found))


def _month(month: int) -> Text:
    return said(f"month.m{month}") if month else said("no_month")


def _months(one: Decision, language: str) -> str:
    names = [say(f"{ROOM}.month.m{month}", language) for month in one.months]
    rhythm = say(f"{ROOM}.rhythm.{one.rhythm}", language)
    return f"{', '.join(names) or say(f'{ROOM}.no_month', language)} ({rhythm})"


def _counted(sort: str, row: Row | None, language: str, name: str, words: str) -> Sentence:
    pieces: dict[str, Sentence | str] = {name: constant(words, language)}
    if row is None or not row.shown:
        return compose(f"{ROOM}.best.{sort}_hidden", language, capital=True, **pieces)
    text = numbers.count(round(float(row["value"])), language)
    pieces["count"] = number(text, row.reference("value"), row.release_id, language)
    pieces["period"] = constant(labels.when(str(row["period"]), language), language)
    return compose(f"{ROOM}.best.{sort}", language, capital=True, **pieces)


def _rows(release: Release, part: str, region: tuple[str, str]) -> tuple[Row, ...]:
    chosen = release.select(part=part, region=region)
    rows = rows_if_any(chosen)
    return tuple(row for row in rows if row["sex"] == "total" and row["age"] == "all")


def _of(rows: Sequence[Row], group: str) -> Row | None:
    return next((row for row in rows if row["group"] == group), None)


def _gap(one: Any, language: str) -> str:
    lacks = one.lacks_en if language == "en" else one.lacks_fi
    wanted = say(f"{ROOM}.sort.{one.wanted}", language)
    if one.gap == "none":
        return say(f"{ROOM}.gap.none", language)
    if one.gap == "partial":
        return _capital(say(f"{ROOM}.gap.partial", language, lacks=lacks))
    ending = f"{_capital(lacks)}." if lacks else ""
    told = {"lacks": ending} if one.gap == "nothing" else {"lacks": ending, "wanted": wanted}
    return _capital(say(f"{ROOM}.gap.{one.gap}", language, **told)).strip()


def _lacking(one: Any) -> tuple[str, str]:
    if not one.lacks_fi:
        return "", ""
    return say(f"{ROOM}.lacks", "fi", lacks=one.lacks_fi), say(f"{ROOM}.lacks", "en", lacks=one.lacks_en)


def _do(one: Any) -> tuple[str, str]:
    if not one.method:
        return _pair(f"do.{one.wanted}")
    name = methods().card(one.method).name
    return tuple(say(f"{ROOM}.collect", code, card=name.text(code).lower()) for code in ("fi", "en"))  # type: ignore[return-value]


def _needed(key: str) -> tuple[str, ...]:
    return {
        "open_full": ("question", "best", "lacks", "do"),
        "open_line": ("question", "wanted", "best", "lacks", "do"),
        "open_nothing": ("question", "wanted", "lacks", "do"),
    }[key]


def _spaced(text: Text) -> Text:
    """Close the gap that an empty value leaves."""
    return text_of(" ".join(text.text_fi.split()), " ".join(text.text_en.split()))


def _since(day: date) -> Text:
    fi, en = (numbers.day(day, code) for code in ("fi", "en"))
    return text_of(f"{fi} {say(f'{ROOM}.head.since', 'fi')}", f"{say(f'{ROOM}.head.since', 'en')} {en}")


def _checked(verified: bool, day: date) -> Text:
    if not verified:
        return said("verified.no")
    return said("verified.yes", day=(numbers.day(day, "fi"), numbers.day(day, "en")))


def _sorts(sorts: Sequence[str]) -> Text:
    fi, en = ("; ".join(say(f"{ROOM}.sort.{one}", code) for one in sorts) for code in ("fi", "en"))
    return text_of(fi, en)


def _theme(key: str) -> Text:
    found = next(one for one in themes() if one.key == key)
    return text_of(found.name_fi, found.name_en)


def _name(thing: Any, language: str) -> str:
    return str(thing.name_en if language == "en" else thing.name_fi)


def _pair(key: str) -> tuple[str, str]:
    return both(f"{ROOM}.{key}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
