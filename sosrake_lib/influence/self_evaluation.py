"""The self-evaluation of a provider as it is read: the printable form, the table to fill in, own strengths.

A provider sees its own steps and the joint mean; no sentence or table sets providers side by side.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.influence import labels
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.language import say
from sosrake_lib.protect import Selection

ROOM = "kuntouttava_tyotoiminta"
BOX = "☐"
COLUMNS = ("provider", "year", "evaluators", "question", "step", "evidence")
# From which mean step an area is told as a strength, and below which as one to develop; steps are 1-4.
STRONG, WEAK = 3.0, 2.5


def form_tables(language: str = "fi") -> list[Table]:
    """Give the form to print, a table an area: statement, a box for each step, what shows it."""
    form = catalogue.self_evaluation()
    steps = [str(place) for place, _ in enumerate(form.steps, start=1)]
    head = [say(f"{ROOM}.form.statement", language), *steps, say(f"{ROOM}.form.evidence", language)]
    tables = []
    for area in form.areas:
        body = [
            [
                one.text_en if language == "en" else one.text_fi,
                *(BOX for _ in steps),
                f"{BOX} {one.evidence_en if language == 'en' else one.evidence_fi}",
            ]
            for one in form.of_area(area.key)
        ]
        name = area.name_en if language == "en" else area.name_fi
        tables.append(plain_table(head, body, say(f"{ROOM}.form.caption", language, area=name), language))
    return tables


def steps_in_words(language: str = "fi") -> Sentence:
    """Say what the steps of the form mean."""
    said = [
        f"{place} = {one[language == 'en']}"
        for place, one in enumerate(catalogue.self_evaluation().steps, start=1)
    ]
    return compose(f"{ROOM}.form.steps", language, steps=constant(", ".join(said), language))


def schema_table(language: str = "fi") -> Table:
    """Give the columns of the table in which answers are taken in, with what each holds."""
    head = [say(f"{ROOM}.schema.{name}", language) for name in ("column", "meaning")]
    body = [[column, say(f"{ROOM}.schema.{column}_holds", language)] for column in COLUMNS]
    return plain_table(head, body, say(f"{ROOM}.schema.caption", language), language)


def question_keys(language: str = "fi") -> Table:
    """Give the keys of the questions, which the table of answers uses."""
    head = [say(f"{ROOM}.schema.{name}", language) for name in ("key", "statement")]
    body = [
        [one.key, one.text_en if language == "en" else one.text_fi]
        for one in catalogue.self_evaluation().questions
    ]
    return plain_table(head, body, say(f"{ROOM}.schema.keys_caption", language), language)


def own_profile(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say one provider's areas of the newest year: strengths first, then what to develop, then the rest.

    Parameters
    ----------
    selection : rows of one provider of `itsearviointi`.
    """
    rows = rows_of(selection)
    newest = max(str(row["period"]) for row in rows)
    told = [row for row in rows if row["period"] == newest]
    shown = [row for row in told if row.shown]
    if not shown:
        return [compose(f"{ROOM}.words.hidden_profile", language)]
    kinds = {
        "strong": lambda x: x >= STRONG,
        "weak": lambda x: x < WEAK,
        "between": lambda x: WEAK <= x < STRONG,
    }
    return [
        compose(f"{ROOM}.words.{kind}", language, area=_area(row, language), step=_step(row, language))
        for kind, belongs in kinds.items()
        for row in _in_order(shown)
        if belongs(float(row["value"]))
    ]


def plain_table(head: Sequence[str], body: Sequence[Sequence[str]], caption: str, language: str) -> Table:
    """Make a table of words only, which rests on no release: a form to fill in, a list of columns.

    A digit in it (a column's limits) is marked as a constant.
    """
    top = "".join(f'<th scope="col">{_marked(text)}</th>' for text in head)
    lines = "".join(
        f'<tr><th scope="row">{_marked(first)}</th>'
        + "".join(f'<td class="sana">{_marked(text)}</td>' for text in rest)
        + "</tr>"
        for first, *rest in body
    )
    label = html.escape(caption)
    markup = (
        f'<div class="taulukko" lang="{language}">'
        f'<div class="vieritys" role="region" aria-label="{label}" tabindex="0">'
        f"<table><caption>{_marked(caption)}</caption>"
        f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div></div>"
    )
    return Table(markup, pd.DataFrame([list(line) for line in body], columns=list(head)), "", caption)


def _in_order(rows: Sequence[Row]) -> list[Row]:
    order = [one.key for one in catalogue.self_evaluation().areas]
    return sorted(rows, key=lambda row: order.index(str(row["category"])))


def _area(row: Row, language: str) -> str:
    found = next(one for one in catalogue.self_evaluation().areas if one.key == row["category"])
    return found.name_en if language == "en" else found.name_fi


def _step(row: Row, language: str) -> Sentence:
    text = labels.bare_figure(row, "value", language)
    return number(text, row.reference("value"), row.release_id, language)


def _marked(text: str) -> str:
    escaped = html.escape(text)
    return f'<span data-constant="">{escaped}</span>' if any(map(str.isdigit, text)) else escaped
