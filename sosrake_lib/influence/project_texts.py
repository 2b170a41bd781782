"""Words of the project's own page: facts, actors and events from small tables, and names of its figures.

What stands here is words and dates: each cell is a `protect.Text` whose numerals are declared constants of a
source. Figures that are counted or summed come from a release and are shown by `tables` and `words`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sosrake_lib.influence.rows import rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.language import messages, numbers, say
from sosrake_lib.protect import Selection, Text

ROOM = "hankeseuranta"
FUNDER = "viranomainen"
COUNTED = ("maakunnat", "seutukunnat", "kunnat", "avainkumppanit", "kokonaisrahoitus")
_NUMERAL = re.compile(r"\d[\d./:–-]*\d|\d")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PERIOD = re.compile(r"\d{4}(-\d{2})?")


@dataclass(frozen=True, slots=True)
class PageNames:
    """A cell that names pages of the workbook: (name, key of the page in the plan), or a file with key "".

    The site makes links of the names it has a page for (`site_links`).
    """

    pieces: tuple[tuple[Text, str], ...]

    def text(self, language: str) -> str:
        """Give the names, parted by semicolons."""
        return "; ".join(name.text(language) for name, _ in self.pieces)

    def markup(self, language: str) -> str:
        """Give the names, each that is a page's marked with the page's key."""
        return "; ".join(
            f'<span data-sivu="{key}">{_marked(name.text(language))}</span>'
            if key
            else _marked(name.text(language))
            for name, key in self.pieces
        )


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of the release's own codes: indicators, stages, criteria and dimensions."""
    found = messages.catalogue(ROOM, language)
    start = f"{ROOM}.code."
    return {key.removeprefix(start): text for key, text in found.items() if key.startswith(start)}


def sources(facts: pd.DataFrame, language: str = "fi") -> dict[str, str]:
    """Name the sources of a table, which tell rows of one count apart, in the words of the language."""
    return {source: _said(source, language) for source in facts["source"].dropna().unique()}


def basic_facts(facts: pd.DataFrame, language: str = "fi") -> Table:
    """Show the words and dates that all sources agree on (or only one tells), each with its source.

    Parameters
    ----------
    facts : table `hanke/perustiedot`: fact, name_fi, value, source. An empty value is said to be unrecorded.
    """
    agreed = facts.loc[~facts["fact"].isin([*COUNTED, *_contradicted(facts)])]
    return _of_facts(agreed, "basic", language)


def contradictions(facts: pd.DataFrame, language: str = "fi") -> Table:
    """Show side by side the words and dates on which sources disagree; none is called the right one."""
    disputed = facts.loc[facts["fact"].isin(_contradicted(facts)) & ~facts["fact"].isin(COUNTED)]
    return _of_facts(disputed, "contradictions", language)


def funder(facts: pd.DataFrame) -> tuple[str, str] | None:
    """Name the authority the project reports to in (Finnish, English); None when no source tells it."""
    told = [
        value for value in facts.loc[facts["fact"] == FUNDER, "value"] if isinstance(value, str) and value
    ]
    return (_said(told[0], "fi"), _said(told[0], "en")) if told else None


def equality(answers: pd.DataFrame, language: str = "fi") -> Table:
    """Show the questions on gender equality with their answers (yes, no) and reasons."""
    return _words_of(answers, ("question_fi", "answer", "reason_fi", "source"), "equality", language)


def actors(organisations: pd.DataFrame, language: str = "fi") -> Table:
    """Show the actors that still stand in the table without an end: role and the day it began."""
    standing = organisations.loc[organisations["valid_to"].isna()]
    return _words_of(standing, ("organisation", "type", "role", "valid_from"), "actors", language)


def ceased_actors(organisations: pd.DataFrame, language: str = "fi") -> Table:
    """Show the actors that have ceased, when, and who carries their task on."""
    ceased = organisations.loc[organisations["valid_to"].notna()]
    shown = ("organisation", "role", "valid_from", "valid_to", "successor")
    return _words_of(ceased, shown, "ceased", language)


def events(happened: pd.DataFrame, language: str = "fi") -> Table:
    """Show what happened and when, in the order of time, with the number of people as the source words it."""
    in_time = happened.sort_values("start", kind="stable")
    when = [_span(row["start"], row["end"], language) for row in in_time.to_dict("records")]
    shown = ("when", "event_fi", "participants_as_given", "source")
    return _words_of(in_time.assign(when=when), shown, "events", language)


def use_of_money(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say of each item how large a share of the planned sum was used."""
    known = names(language)
    return [
        compose(
            f"{ROOM}.used",
            language,
            item=constant(known[str(row["indicator"])], language),
            share=number(
                numbers.percent(float(row["value"]), 1, language),
                row.reference("value"),
                row.release_id,
                language,
            ),
        )
        for row in rows_of(selection)
    ]


def unrecorded(selection: Selection, key: str) -> list[Text]:
    """Give the text `key` when no row of the selection has a figure, else nothing."""
    if any(row.shown for row in rows_of(selection)):
        return []
    return [_text(say(key, "fi"), say(key, "en"))]


def recorded_indicators(selection: Selection) -> list[str]:
    """Name the indicators of a selection that have at least one figure, in its order."""
    return list(dict.fromkeys(str(row["indicator"]) for row in rows_of(selection) if row.shown))


def word_table(
    columns: Mapping[str, Sequence[Text] | Sequence[PageNames]], caption: Text, language: str = "fi"
) -> Table:
    """Make a table of words: heading -> cells; the first column heads its line, numerals are constants."""
    label = html.escape(caption.text(language))
    head = "".join(f'<th scope="col">{html.escape(heading)}</th>' for heading in columns)
    lines = []
    for cells in zip(*columns.values(), strict=True):
        first, *rest = (
            cell.markup(language) if isinstance(cell, PageNames) else _marked(cell.text(language))
            for cell in cells
        )
        others = "".join(f'<td class="sana">{cell}</td>' for cell in rest)
        lines.append(f'<tr><th scope="row">{first}</th>{others}</tr>')
    markup = (
        f'<div class="taulukko" lang="{language}">'
        f'<div class="vieritys" role="region" aria-label="{label}" tabindex="0">'
        f"<table><caption>{_marked(caption.text(language))}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div></div>"
    )
    plain = pd.DataFrame({name: [cell.text(language) for cell in cells] for name, cells in columns.items()})
    return Table(markup, plain, "", caption.text(language))


def _of_facts(facts: pd.DataFrame, table: str, language: str) -> Table:
    return _words_of(facts, ("name_fi", "value", "source"), table, language)


def _words_of(rows: pd.DataFrame, columns: Sequence[str], table: str, language: str) -> Table:
    cells = {
        say(f"{ROOM}.column.{column}", language): [_cell(value) for value in rows[column]]
        for column in columns
    }
    caption = _text(*(say(f"{ROOM}.caption.{table}", code) for code in ("fi", "en")))
    return word_table(cells, caption, language)


def _contradicted(facts: pd.DataFrame) -> set[str]:
    """Name the facts that have different values in different sources."""
    values = facts.groupby("fact")["value"].nunique()
    return set(values.index[values > 1])


def _cell(value: object) -> Text:
    return _text(*(_said(value, language) for language in ("fi", "en")))


def _said(value: object, language: str) -> str:
    """Say a cell: a day or period in the form of the language, known words translated, others as they stand.

    Words are known when language/fi/hankeseuranta.toml holds them; a person's own words, and names of
    organisations, stay in the language they were written in.
    """
    if not isinstance(value, str) or not value:
        return say(f"{ROOM}.not_recorded", language)
    if _DAY.fullmatch(value):
        return numbers.day(date.fromisoformat(value), language)
    if _PERIOD.fullmatch(value):
        return numbers.period(value, language)
    own = messages.catalogue(ROOM, "fi")
    key = next((key for key, text in own.items() if text == value and key.startswith(f"{ROOM}.word.")), None)
    if key:
        return say(key, language)
    return _DAY.sub(lambda day: numbers.day(date.fromisoformat(day.group()), language), value)


def _span(start: object, end: object, language: str) -> str:
    first = _said(start, language)
    return f"{first} – {_said(end, language)}" if isinstance(end, str) and end else first


def _text(text_fi: str, text_en: str) -> Text:
    found = dict.fromkeys(_NUMERAL.findall(text_fi) + _NUMERAL.findall(text_en))
    return Text(text_fi, text_en, constants=tuple(found))


def _marked(text: str) -> str:
    """Escape a text; its numerals are constants and say so."""
    return "".join(
        f'<span data-constant="">{piece}</span>' if piece.isdigit() else html.escape(piece)
        for piece in re.split(r"(\d+)", text)
    )
