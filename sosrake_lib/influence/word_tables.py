"""Tables whose cells are words and sentences: each cell a text, or a sentence that marks its results."""

from __future__ import annotations

import html
from collections.abc import Sequence

import pandas as pd

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.rows import Row
from sosrake_lib.influence.sentence import Sentence
from sosrake_lib.influence.tables import Table
from sosrake_lib.language import say

Cell = Sentence | str


def word_table(
    rows: Sequence[Row],
    head: Sequence[str],
    body: Sequence[Sequence[Cell]],
    caption: str,
    language: str = "fi",
    *,
    numbers: Sequence[int] = (),
) -> Table:
    """Make a table of sentences and words; the first cell of a line is its heading.

    Parameters
    ----------
    rows : released rows the table rests on.
    head : headings of the columns.
    body : lines of cells; a plain text may hold no digit, a sentence marks its own.
    caption : what the table shows.
    numbers : places of columns that hold figures; a word among them is set as a word.

    Raises
    ------
    SosrakeError when the caption is empty, there is no row, or a line has another number of cells than the
    heading.
    """
    if not caption.strip() or not rows:
        raise SosrakeError("word_table: no caption or no row; give a caption and what the table rests on")
    if any(len(line) != len(head) for line in body):
        raise SosrakeError(f"word_table: a line has not {len(head)} cells; give one cell a heading")
    synthetic = any(row.synthetic for row in rows)
    shown = f"{say('words.synthetic', language)}: {caption}" if synthetic else caption
    top = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in head)
    lines = "".join(_line(line, set(numbers), language) for line in body)
    label = html.escape(shown)
    markup = (
        f'<div class="taulukko" lang="{language}" data-release="{html.escape(rows[0].release_id)}">'
        f'<div class="vieritys" role="region" aria-label="{label}" tabindex="0">'
        f"<table><caption>{_whole(shown)}</caption>"
        f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div></div>"
    )
    plain = pd.DataFrame([[str(cell) for cell in line] for line in body], columns=list(head))
    return Table(markup, plain, rows[0].release_id, shown, synthetic, Facts.of_rows(rows))


def _line(line: Sequence[Cell], numbers: set[int], language: str) -> str:
    first, *rest = (cell if isinstance(cell, Sentence) else Sentence(cell, language) for cell in line)
    cells = "".join(
        f'<td class="{"arvo" if place in numbers and _has_digit(cell) else "sana"}">{_inner(cell)}</td>'
        for place, cell in enumerate(rest, start=1)
    )
    return f'<tr><th scope="row">{_inner(first)}</th>{cells}</tr>'


def _whole(caption: str) -> str:
    """Mark a caption's digits (a period, a scale) as one constant, as a picture's caption must match it."""
    escaped = html.escape(caption)
    return f'<span data-constant="">{escaped}</span>' if any(map(str.isdigit, caption)) else escaped


def _has_digit(cell: Sentence) -> bool:
    return any(sign.isdigit() for sign in cell.text)


def _inner(cell: Sentence) -> str:
    """Give a cell's markup without the sentence's own frame: the table names release and language."""
    return cell.html().partition(">")[2].removesuffix("</span>")
