"""The lesson on protection in words: the careless table, the reader's sums, what each reader gets, the price.

The table's own figures are constants of the library (`protect.lesson`): functions that tell them take no
figure from anywhere, so no other table's hidden cells can be told by them. All other numbers come from
released rows.
"""

from __future__ import annotations

from typing import Any

from sosrake_lib import regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import pieces, project_texts
from sosrake_lib.influence.rows import one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose
from sosrake_lib.influence.tables import HIDDEN_MARK, Table
from sosrake_lib.influence.texts import both
from sosrake_lib.influence.word_tables import word_table
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.language import messages, numbers, say
from sosrake_lib.protect import Selection, Text
from sosrake_lib.protect.lesson import Subtraction, lesson, subtractions

ROOM = "tietosuoja"
WAYS = ("rounding", "random", "merging", "larger_area", "longer_period")
READERS = ("vain_pienet", "portti", "syy_nakyy", "vanha_raportti")
_MEASURES = {"hidden": "opetus_piilossa", "recovered": "opetus_palautuu", "narrowed": "opetus_rajautuu"}


def said(key: str, **values: str) -> Text:
    """Give a text of this page in both languages."""
    return text_of(*both(f"{ROOM}.{key}", **values))


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of services, of what a reader has, and of what is counted of the attack."""
    found = messages.catalogue(ROOM, language)
    starts = (f"{ROOM}.name.", f"{ROOM}.readers.")
    return {key.removeprefix(start): text for start in starts for key, text in found.items() if start in key}


def careless(language: str = "fi") -> Table:
    """Show the lesson's table as somebody might publish it: its small cells hidden and nothing else."""
    table = lesson()
    marks, counts = table.small, table.whole
    keys = [*table.services, "all"]
    cells = {say(f"{ROOM}.municipality", language): [*map(_area, table.areas), said("county")]}
    for column, key in enumerate(keys):
        texts = [
            _mark() if hidden else _count(count)
            for hidden, count in zip(marks[:, column].tolist(), counts[:, column].tolist(), strict=True)
        ]
        cells[say(f"{ROOM}.name.{key}", language)] = texts
    return project_texts.word_table(cells, said("naive_caption", year=table.year), language)


def sums(language: str = "fi") -> Table:
    """Show round by round how a reader takes hidden figures of the careless table back."""
    found = subtractions()
    cells = {
        "round": [_count(one.round) for one in found],
        "cell": [_cell(one) for one in found],
        "sum": [said(f"step.{one.along}", total=str(one.total), known=str(one.known)) for one in found],
        "value": [_count(one.value) for one in found],
    }
    headed = {say(f"{ROOM}.step.{name}", language): texts for name, texts in cells.items()}
    return project_texts.word_table(headed, said("steps_caption"), language)


def reader(selection: Selection, key: str, language: str = "fi") -> Sentence:
    """Say how many figures a reader takes back, and how many are narrowed down.

    Parameters
    ----------
    selection : rows of part `hyokkays` of one reader (group).
    key : `only_small`, `gate`, `reason` or `earlier`: which reader's words are used.
    """
    given: dict[str, Any] = {
        name: pieces.bare(one_row(selection.select(indicator=indicator)), language)
        for name, indicator in _MEASURES.items()
    }
    wanted = {"reason": ("narrowed",)}.get(key, tuple(given))
    return compose(f"{ROOM}.{key}", language, **{name: given[name] for name in wanted})


def readers(selection: Selection, language: str = "fi") -> Table:
    """Show side by side what readers take back, in the order of the lesson.

    Parameters
    ----------
    selection : part `hyokkays`.
    """
    rows = {(str(row["group"]), str(row["indicator"])): row for row in rows_of(selection)}
    named = names(language)
    head = [say(f"{ROOM}.reader", language), *(named[indicator] for indicator in _MEASURES.values())]
    body: list[list[Sentence | str]] = [
        [named[group], *(pieces.bare(rows[group, indicator], language) for indicator in _MEASURES.values())]
        for group in READERS
    ]
    caption = say(f"{ROOM}.readers_caption", language)
    return word_table(list(rows.values()), head, body, caption, language, numbers=(1, 2, 3))


def price(gate: Selection, only_small: Selection, of: str, language: str = "fi") -> Sentence:
    """Say which share of cells (`of` = cells) or clients (clients) the marks cover, by the gate and without.

    Parameters
    ----------
    gate, only_small : one row each of part `hinta`, of the same indicator.
    """
    rows = {"gate": one_row(gate), "only_small": one_row(only_small)}
    if len({row["indicator"] for row in rows.values()}) > 1:
        raise SosrakeError("price: two different shares; select both rows by one indicator")
    told: dict[str, Any] = {name: pieces.bare(row, language) for name, row in rows.items()}
    return compose(f"{ROOM}.cost_{of}", language, **told)


def refusal(selection: Selection) -> Text:
    """Say that the ledger refused, when the release's row tells that it did.

    Raises
    ------
    SosrakeError when the row tells anything else.
    """
    row = one_row(selection)
    if row["verdict"] != "refused":
        raise SosrakeError(f"refusal: verdict {row['verdict']!r}; expected refused; mend the recipe")
    return said("refused")


def alternatives(language: str = "fi") -> Table:
    """Show what can be done instead of hiding, what each loses and when it suits."""
    cells = {
        say(f"{ROOM}.way.{head}", language): [said(f"way.{way}.{column}") for way in WAYS]
        for head, column in (("head", "name"), ("what", "what"), ("lost", "lost"), ("suits", "suits"))
    }
    return project_texts.word_table(cells, said("alternatives_caption"), language)


def cell_name(area: str, service: str, language: str = "fi") -> str:
    """Name a cell of the lesson's table: Taulukkala, perhetyö."""
    where = (
        say(f"{ROOM}.county", language)
        if area == "E1"
        else regions.name("kunta", area, language, lesson().borders)
    )
    return f"{where}, {say(f'{ROOM}.name.{service}', language).lower()}"


def _cell(one: Subtraction) -> Text:
    return text_of(*(cell_name(one.area, one.service, language) for language in ("fi", "en")))


def _area(code: str) -> Text:
    return text_of(*(regions.name("kunta", code, language, lesson().borders) for language in ("fi", "en")))


def _count(count: int) -> Text:
    return text_of(numbers.count(count, "fi"), numbers.count(count, "en"))


def _mark() -> Text:
    return text_of(HIDDEN_MARK, HIDDEN_MARK)
