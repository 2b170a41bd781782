"""Tables of released figures: caption, headings, each number named, one mark for what is hidden."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib import frame as frames
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.language import collation_key, say
from sosrake_lib.protect import Selection

HIDDEN_MARK = "••"
SPECIAL = {
    "interval": ("lower", "upper"),
    "difference_interval": ("difference_lower", "difference_upper"),
}
_HEADED = (
    "value",
    "numerator",
    "denominator",
    "interval",
    "reference_value",
    "difference",
    "difference_interval",
    "verdict",
    "n",
)


@dataclass(frozen=True, eq=False)
class Table:
    """A finished table: HTML for pages, a frame of texts for plain reading, the release behind it."""

    html: str
    plain: pd.DataFrame
    release_id: str
    caption: str
    synthetic: bool = False
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class _Cell:
    markup: str
    text: str
    word: bool = False


def table(
    selection: Selection,
    columns: Sequence[str] = ("value", "interval"),
    caption: str = "",
    language: str = "fi",
    *,
    across: str | None = None,
    once: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
    decimals: Mapping[str, int] | None = None,
    order: Sequence[str] = (),
) -> Table:
    """Make a table of a selection, in the selection's own order (regions by name when they vary).

    Parameters
    ----------
    selection : released rows; one row a line, or several lines' cells when `across` is given.
    columns : released columns to show, in order; `interval` and `difference_interval` show two at once and
        `verdict` shows the word for higher, similar, lower or not testable.
    caption : what the table shows; required, as a table without a caption cannot be found by ear.
    across : dimension (`period`, `sex`, `region`, `indicator`, `age`, `group`) laid out as columns; `point`
        lays out the points of a scale (rows with `item` and `point`), with the item as the line.
    once : columns in which all cells of a line agree, shown once at its end (with `across`), such as how many
        answered.
    names : own words for codes the catalogue does not know: code -> text.
    headings : own headings of columns that are not of the house: column -> text.
    decimals : decimals of own columns: column -> number of decimals.
    order : items (or indicators) in the order of their lines, as in a survey; others stand after them.

    Returns
    -------
    Table; a hidden figure is one and the same mark in every column, whatever the reason it is hidden for.

    Raises
    ------
    SosrakeError when the caption is empty, a column is unknown, two rows would share a cell or a line does
    not agree in a column of `once`.
    """
    if not caption.strip():
        raise SosrakeError("table: no caption; give a caption that says what the table shows")
    rows = rows_of(selection)
    make = _Maker(language, names or {}, headings or {}, decimals or {})
    stub = _stub(rows, across)
    lines = _lines(_as_asked(in_order(rows, stub, language), order), stub)
    spread = _spread(rows, across, language) if across else [None]
    head = [make.stub_heading(name) for name in stub]
    for code in spread:
        lead = f"{_across_text(code, str(across), language, names)}, " if code else ""
        many = len(columns) > 1 or code is None
        head += [lead + _decapital(make.heading(c), lead) if many else lead.rstrip(", ") for c in columns]
    head += [make.heading(column) for column in once]
    body = []
    for line in lines:
        first = line[0]
        cells = [_word(make.stub(first, name)) for name in stub]
        for code in spread:
            cells += make.cells(_at(line, across, code), columns)
        cells += [make.cell(_agreed(line, column), column) for column in once]
        body.append(cells)
    caption = labels.dated(caption, rows, language)
    shown = say("words.synthetic", language) + ": " + caption if rows[0].synthetic else caption
    statuses = {str(row["status"]) for row in rows} - {"ok"}
    return Table(
        _markup(shown, head, body, len(stub), rows[0].release_id, _notes(statuses, language), language),
        pd.DataFrame([[cell.text for cell in cells] for cells in body], columns=head),
        rows[0].release_id,
        shown,
        rows[0].synthetic,
        Facts.of_rows(rows),
    )


@dataclass(frozen=True)
class _Maker:
    """How one table words its headings and cells."""

    language: str
    names: Mapping[str, str]
    headings: Mapping[str, str]
    decimals: Mapping[str, int]

    def stub_heading(self, name: str) -> str:
        named = "indicator" if name == "item" else name
        return self.headings.get(named) or say(f"tables.stub.{named}", self.language)

    def stub(self, row: Row, name: str) -> str:
        if name == "indicator":
            return labels.full_name(row, self.language, self.names)
        if name == "item":
            item = str(row["item"])
            return self.names.get(item) or labels.short_name(item, self.language)
        return labels.key_text(row, name, self.language, self.names)

    def heading(self, column: str) -> str:
        if column in self.headings:
            return self.headings[column]
        if column not in _HEADED:
            raise SosrakeError(
                f"table: column {column!r} has no heading; expected one of {', '.join(_HEADED)}; "
                "give headings={column: text}"
            )
        return say(f"tables.column.{column}", self.language)

    def cells(self, row: Row | None, columns: Sequence[str]) -> list[_Cell]:
        if row is None:
            return [_word("–")] * len(columns)
        return [self.cell(row, column) for column in columns]

    def cell(self, row: Row, column: str) -> _Cell:
        pair = SPECIAL.get(column)
        if not row.shown:
            return _hidden(str(row["status"]), self.language)
        if column == "verdict":
            return _word(say(f"words.comparison.verdict.{row['verdict']}", self.language))
        if pair is None:
            if not row.has(column):
                row[column]  # an unknown column is an error, an empty one a dash
                return _word(say("tables.no_figure", self.language))
            return self.number(row, column)
        if not all(row.has(name) for name in pair):
            return _word(say("tables.no_figure", self.language))
        low, high = (self.number(row, name, bare=True) for name in pair)
        dash = " – " if float(row[pair[0]]) < 0 else "–"
        return _Cell(low.markup + dash + high.markup, low.text + dash + high.text)

    def number(self, row: Row, column: str, *, bare: bool = False) -> _Cell:
        write = labels.bare_figure if bare else labels.figure
        text = write(row, column, self.language, self.decimals)
        reference = html.escape(row.reference(column))
        return _Cell(f'<span class="luku" data-result="{reference}">{html.escape(text)}</span>', text)


def varying(rows: tuple[Row, ...]) -> list[str]:
    """Name the dimensions in which the rows differ from each other."""
    found = []
    for name in labels.DIMENSIONS:
        columns = ("region_level", "region_code") if name == "region" else (name,)
        if len({tuple(row[column] for column in columns) for row in rows}) > 1:
            found.append(name)
    return found


def in_order(rows: tuple[Row, ...], stub: Sequence[str], language: str) -> list[Row]:
    """Order by region name where regions vary (municipalities first, wider areas after).

    Elsewhere by the catalogue's order of indicators, theme by theme; what it does not know stays as given.
    """
    if "region" not in stub:
        known = {one.key: place for place, one in enumerate(catalogue.indicators())}
        return sorted(rows, key=lambda row: known.get(str(row["indicator"]), len(known)))
    levels = {level: place for place, level in enumerate(frames.REGION_LEVELS)}

    def place(row: Row) -> tuple:
        order = collation_key(labels.region_text(row, language))
        return (levels[str(row["region_level"])], order)

    return sorted(rows, key=place)


def _as_asked(rows: list[Row], order: Sequence[str]) -> list[Row]:
    """Put rows in the order given for their items; a row without an item of its own names it in its code."""
    places = {code: place for place, code in enumerate(order)}

    def place(row: Row) -> int:
        indicator = str(row["indicator"])
        names = (str(row["item"]) if row.has("item") else "", indicator, indicator.rpartition(".")[0])
        return min((places[name] for name in names if name in places), default=len(places))

    return sorted(rows, key=place)


def _stub(rows: tuple[Row, ...], across: str | None) -> list[str]:
    """Name the dimensions that head a line."""
    if across == "point":
        # A point of a scale is an indicator of its own; what stays on the line is its item.
        return ["item", *(name for name in varying(rows) if name != "indicator")]
    return [name for name in varying(rows) if name != across] or [
        "indicator" if across != "indicator" else "region"
    ]


def _lines(rows: list[Row], stub: Sequence[str]) -> list[list[Row]]:
    found: dict[tuple, list[Row]] = {}
    for row in rows:
        key = tuple((row["region_level"], row["region_code"]) if n == "region" else row[n] for n in stub)
        found.setdefault(key, []).append(row)
    return list(found.values())


def _spread(rows: tuple[Row, ...], across: str, language: str) -> list[Row]:
    known = (*labels.DIMENSIONS, "point")
    if across not in known:
        raise SosrakeError(f"table: across {across!r}; expected one of {', '.join(known)}")
    firsts: dict[tuple, Row] = {}
    for row in rows:
        firsts.setdefault(_code(row, across), row)
    if across == "point":
        return sorted(firsts.values(), key=lambda row: float(row["point"]))
    if across == "period":
        return sorted(firsts.values(), key=lambda row: frames.period_end(str(row["period"])))
    if across == "region":
        return in_order(tuple(firsts.values()), ["region"], language)
    return list(firsts.values())


def _code(row: Row, across: str) -> tuple:
    return (row["region_level"], row["region_code"]) if across == "region" else (row[across],)


def _across_text(row: Row, across: str, language: str, names: Mapping[str, str] | None) -> str:
    if across != "point":
        return labels.key_text(row, across, language, names)
    point = f"{float(row['point']):g}"
    return (names or {}).get(point, point)


def _agreed(line: list[Row], column: str) -> Row:
    shown = [row for row in line if row.shown and row.has(column)]
    if len({row[column] for row in shown}) > 1:
        raise SosrakeError(
            f"table: column {column!r} is not one figure on the line of {shown[0]['result_id']}; "
            "show it among the columns instead of once"
        )
    return shown[0] if shown else line[0]


def _at(line: list[Row], across: str | None, code: Row | None) -> Row | None:
    found = (
        line if code is None else [row for row in line if _code(row, str(across)) == _code(code, str(across))]
    )
    if len(found) > 1:
        raise SosrakeError(
            f"table: {len(found)} rows would share one cell (first {found[0]['result_id']}); "
            "expected one; select one confidence, statistic and period, or lay a dimension across"
        )
    return found[0] if found else None


def _decapital(text: str, lead: str) -> str:
    return text[:1].lower() + text[1:] if lead else text


def _word(text: str) -> _Cell:
    return _Cell(html.escape(text), text, word=True)


def _hidden(status: str, language: str) -> _Cell:
    word = say(f"words.mark.{status}", language)
    if status != "suppressed":
        return _Cell(f'<span class="puuttuu">{html.escape(word)}</span>', word, word=True)
    return _Cell(
        f'<span class="suojattu"><span aria-hidden="true">{HIDDEN_MARK}</span>'
        f'<span class="vain-kuultava">{html.escape(word)}</span></span>',
        f"{HIDDEN_MARK} {word}",
        word=True,
    )


def _notes(statuses: set[str], language: str) -> list[str]:
    return [say(f"tables.note.{status}", language) for status in sorted(statuses)]


def _markup(
    caption: str,
    head: list[str],
    body: list[list[_Cell]],
    stubs: int,
    release: str,
    notes: list[str],
    language: str,
) -> str:
    top = "".join(f'<th scope="col">{_constants(text)}</th>' for text in head)
    lines = []
    for cells in body:
        first = "".join(f'<th scope="row">{_constants(cell.text)}</th>' for cell in cells[:stubs])
        rest = "".join(
            f'<td class="{"sana" if cell.word else "arvo"}">{cell.markup}</td>' for cell in cells[stubs:]
        )
        lines.append(f"<tr>{first}{rest}</tr>")
    under = "".join(f'<p class="taulukon-huomautus">{html.escape(note)}</p>' for note in notes)
    label = html.escape(caption)
    return (
        f'<div class="taulukko" lang="{language}" data-release="{html.escape(release)}">'
        f'<div class="vieritys" role="region" aria-label="{label}" tabindex="0">'
        f"<table><caption>{_constants(caption)}</caption>"
        f"<thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>{under}</div>"
    )


def _constants(text: str) -> str:
    """Escape a heading; its digits (a period, an age) are no results and say so."""
    escaped = html.escape(text)
    return f'<span data-constant="">{escaped}</span>' if any(sign.isdigit() for sign in text) else escaped
