"""Tables inside text: what Stata, R and SPSS print, Markdown, LaTeX and HTML; and lines into a frame.

A log is read line by line: neighbouring lines that begin with a word and hold as many numbers are a table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

import pandas as pd

_APART = re.compile(r"\s*\|\s*|\s*&\s*|\t+|\s{2,}")
_RULE = re.compile(r"^[\s|+:=\-\\]*$|\\hline|\\(?:top|mid|bottom)rule")
_NUMBER = re.compile(r"^[−-]?(?:\d[\d\u00a0]*(?:[.,]\d+)?|[.,]\d+)\s?%?$")
_MARK = re.compile(r"^(?:\.\.|\*+|••|<\s?\d+|x|-)$", re.IGNORECASE)
# What a table of a model is headed by: its whole numbers are degrees of freedom, not people.
_OF_MODEL = re.compile(
    r"\b(SS|MS|df|coef\w*|std\.?\s*(?:err|error|dev)\w*|estimate|p>\||pr\(>|\[95%|odds ratio|"
    r"keskivirhe|kerroin)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"^(?:19|20)\d\d$")


def framed(lines: Sequence[Sequence[object]]) -> Iterator[pd.DataFrame]:
    """Make frames of lines of cells: a table begins where a line holds as many cells as its lines mostly do.

    Titles above a table and notes under it are left out; an empty line ends a table. A table without a
    heading gets names of its columns' places (#1, #2, ...), so that none of its numbers is passed over.

    Examples
    --------
    >>> lines = [["Taulukko"], [], ["alue", "lkm"], ["A", "3"], ["B", "20"]]
    >>> [frame.to_dict("list") for frame in framed(lines)]
    [{'alue': ['A', 'B'], 'lkm': ['3', '20']}]
    """
    for block in _blocks(lines):
        filled = [sum(_told(cell) for cell in line) for line in block]
        usual = Counter(count for count in filled if count > 1).most_common(1)
        if not usual:
            continue
        pairs = zip(block, filled, strict=True)
        start = next(place for place, pair in enumerate(pairs) if _begins(*pair, usual[0][0]))
        width = max(len(line) for line in block)
        cells = [[*line, *[""] * (width - len(line))] for line in block[start:]]
        # the corner may be empty; any other column without a heading is named by its place
        head = [
            str(cell).strip() if _told(cell) else f"#{place}" if place > 1 else ""
            for place, cell in enumerate(cells[0], start=1)
        ]
        if _is_heading(head):
            yield pd.DataFrame(cells[1:], columns=head)
        else:
            yield pd.DataFrame(cells, columns=[f"#{place}" for place in range(1, width + 1)])


def in_text(text: str) -> Iterator[pd.DataFrame]:
    r"""Find the tables of a plain text: log, Markdown or LaTeX.

    Examples
    --------
    >>> log = "  palvelu |  mies  nainen\n----+----\n asuminen |   3   17\n  talous |  40   52\n"
    >>> [frame.to_dict("list") for frame in in_text(log)]
    [{'palvelu': ['asuminen', 'talous'], 'mies': ['3', '40'], 'nainen': ['17', '52']}]
    """
    waiting: list[list[str]] = []
    above = ""
    for line in [*text.splitlines(), ""]:
        cells = _cells(line)
        if _row_of_numbers(cells):
            if waiting and len(cells) != len(waiting[0]):
                yield from _of_text(waiting, above)
                waiting, above = [], ""
            waiting.append(cells)
        elif waiting and (not line.strip() or not _RULE.search(line)):
            yield from _of_text(waiting, above)
            waiting, above = [], line
        elif line.strip() and not _RULE.search(line):
            above = line


def in_html(text: str) -> Iterator[pd.DataFrame]:
    """Find the tables of an HTML file."""
    reader = _Tables()
    reader.feed(text)
    for table in reader.tables:
        yield from framed(table)


def _of_text(rows: list[list[str]], above: str) -> Iterator[pd.DataFrame]:
    if len(rows) < 2 or _OF_MODEL.search(above) or _OF_MODEL.search(" ".join(row[0] for row in rows)):
        return
    width = len(rows[0])
    heads = _cells(above)
    if len(heads) != width:
        heads = above.replace("|", " ").replace("&", " ").split()
    # what stands in the corner may be empty: R's table() prints nothing there
    heads = ["", *heads] if len(heads) == width - 1 else heads
    named = len(heads) == width and not any(_NUMBER.match(head) and not _YEAR.match(head) for head in heads)
    yield pd.DataFrame(rows, columns=heads if named else [f"#{place}" for place in range(1, width + 1)])


def _cells(line: str) -> list[str]:
    plain = re.sub(r"\\\\(?:\[.*?\])?|\\hline", "", line).strip().strip("|").strip()
    return [cell.strip() for cell in _APART.split(plain)] if plain else []


def _row_of_numbers(cells: Sequence[str]) -> bool:
    """Say whether a line of a text is a row of a table: a word, then numbers or marks."""
    if len(cells) < 2 or not re.search(r"[^\W\d_]", cells[0]):
        return False
    rest = cells[1:]
    return all(_NUMBER.match(cell) or _MARK.match(cell) for cell in rest) and any(
        _NUMBER.match(cell) for cell in rest
    )


def _blocks(lines: Sequence[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    block: list[Sequence[object]] = []
    for line in [*lines, []]:
        if any(_told(cell) for cell in line):
            block.append(line)
        elif block:
            yield block
            block = []


def _begins(line: Sequence[object], filled: int, usual: int) -> bool:
    """Say whether a table begins at a line: as full as the others, or with nothing but its corner empty."""
    return filled >= max(2, usual - 1) or (filled == usual - 1 and len(line) >= usual and not _told(line[0]))


def _told(cell: object) -> bool:
    return cell is not None and cell == cell and str(cell).strip() != ""


def _is_heading(cells: Sequence[str]) -> bool:
    numbers = [cell for cell in cells if _NUMBER.match(cell)]
    return not numbers or all(_YEAR.match(cell) for cell in numbers)


class _Tables(HTMLParser):
    """Cells of each table of a page, row by row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell."""
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        """Close a cell."""
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Add to the open cell."""
        if self._inside and self.tables and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] += data.strip()
