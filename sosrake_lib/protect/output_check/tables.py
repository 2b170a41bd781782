"""Tables of results as blocks of numbers, with what hides a number and what names a column kept apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.gather import cells

NUMBER, HIDDEN, EMPTY, WORD = "number", "hidden", "empty", "word"
# The last letters only: "yhteensa", "Kaikki yhteensä", "All".
_TOTAL = re.compile(r"\b(yhteens[äa]|kaikki|koko maa|summa|total|all|sum|totalt|alla)\b", re.IGNORECASE)
_COUNT = re.compile(
    r"(^n$|^n_|_n$|\bn\b|lkm|lukum|määrä|maara|asiakk|henkil|vastaaj|havain|count|freq|obs|number|"
    r"persons|people|clients|cases|numerator|denominator|osoittaja|nimittäjä|nimittaja)",
    re.IGNORECASE,
)
_DENOMINATOR = re.compile(
    r"(denominator|nimitt[äa]j[äa]|v[äa]est[öo]|population|^n$|\bkaikkiaan\b)", re.IGNORECASE
)
_SHARE = re.compile(r"(%|‰|pros|promil|osuus|share|percent|prop|rate|suhde|\bper ?1[0 ]+)", re.IGNORECASE)
_PER = re.compile(r"(?:per|/) ?(1[0 \u00a0]{2,})", re.IGNORECASE)
_EXTREME = re.compile(
    r"(\bmin\b|\bmax\b|minim|maxim|pienin|suurin|percentil|persentiil|kvantiil|quantil|\bp(?:1|5|10|90|95|99)\b|"
    r"^(?:1|5|10|25|75|90|95|99) ?%$)",
    re.IGNORECASE,
)
_SUMMARY = re.compile(
    r"(mean|keskiarvo|median|mediaani|std|sd\b|hajonta|variance|varianssi|keskivirhe)", re.IGNORECASE
)
_MONEY = re.compile(r"(€|eur|euro|kustann|cost|tulo\b|tulot|income|tunti|tunnit|hours)", re.IGNORECASE)
_COUNTED_MOST = 10_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ResultTable:
    """A table of results.

    Attributes
    ----------
    name : file and sheet.
    columns : names of the columns.
    values : (rows, columns) numbers, NaN where there is none.
    states : (rows, columns) number, hidden, empty or word.
    words : (rows, columns) what stands in the cells that are no numbers.
    """

    name: str
    columns: tuple[str, ...]
    values: np.ndarray
    states: np.ndarray
    words: np.ndarray

    def of(self, pattern: re.Pattern[str]) -> list[int]:
        """Find the columns whose name fits, and hold numbers."""
        return [n for n, name in enumerate(self.columns) if pattern.search(name) and self.numeric(n)]

    def numeric(self, column: int) -> bool:
        """Say whether a column holds numbers, or marks where numbers stood."""
        states = self.states[:, column]
        return bool(np.isin(states, (NUMBER, HIDDEN)).any()) and not (states == WORD).mean() > 0.5

    def whole(self, column: int) -> bool:
        """Say whether all numbers of a column are counts: whole and not below 0."""
        found = self.values[:, column][self.states[:, column] == NUMBER]
        return bool(len(found)) and bool(((found >= 0) & (found % 1 == 0) & (found < _COUNTED_MOST)).all())


def result_table(name: str, frame: pd.DataFrame) -> ResultTable:
    """Read the cells of a frame as numbers, marks and words.

    Examples
    --------
    >>> table = result_table("t", pd.DataFrame({"alue": ["A", "B"], "lkm": ["1 204", "<5"]}))
    >>> table.values[0, 1].item(), table.states[1, 1]
    (1204.0, 'hidden')
    """
    shape = frame.shape
    values, states = np.full(shape, np.nan), np.full(shape, WORD, dtype=object)
    words = np.full(shape, "", dtype=object)
    for column in range(shape[1]):
        for row, cell in enumerate(frame.iloc[:, column].tolist()):
            state, value, word = _cell(cell)
            values[row, column], states[row, column], words[row, column] = value, state, word
    return ResultTable(name, tuple(str(column).strip() for column in frame.columns), values, states, words)


def count_columns(table: ResultTable) -> list[int]:
    """Find the columns of counts: by their name, or whole numbers in a table that names no other."""
    years = [n for n in range(len(table.columns)) if _is_year(table, n)]
    whole = [n for n in range(len(table.columns)) if table.numeric(n) and table.whole(n) and n not in years]
    placed = [n for n in whole if table.columns[n].startswith("#") and not _is_label(table, n)]
    named = [n for n in whole if _COUNT.search(table.columns[n]) or n in placed]
    plain = [n for n in whole if not _is_label(table, n) and not _is_share(table.columns[n])]
    return named or plain


def share_columns(table: ResultTable) -> list[int]:
    """Find the columns of shares and rates."""
    return [n for n in table.of(_SHARE) if n not in table.of(_COUNT)]


def scale(name: str, values: np.ndarray) -> float:
    """Tell what a column of shares is of: one, a hundred, or what its name says (per 1 000, ‰).

    Examples
    --------
    >>> scale("tapauksia / 10 000", np.array([3.2])), scale("osuus %", np.array([41.0, 100.0]))
    (10000.0, 100.0)
    """
    if named := _PER.search(name):
        return float(re.sub(r"\s", "", named[1]))
    if "‰" in name or "promil" in name.casefold():
        return 1000.0
    return 1.0 if np.nanmax(values, initial=0.0) <= 1 and "%" not in name else 100.0


def denominator_columns(table: ResultTable) -> list[int]:
    """Find the columns that say of how many a share is."""
    return [n for n in table.of(_DENOMINATOR) if table.whole(n)]


def summary_columns(table: ResultTable) -> list[int]:
    """Find the columns of means, medians and deviations."""
    return table.of(_SUMMARY)


def extreme_columns(table: ResultTable) -> list[int]:
    """Find the columns of least, greatest and outer percentiles."""
    return table.of(_EXTREME)


def extreme_rows(table: ResultTable) -> list[int]:
    """Find the rows named least, greatest or an outer percentile, as `describe` writes them."""
    return [row for row, words in enumerate(table.words) if any(_EXTREME.search(word) for word in words)]


def money_columns(table: ResultTable) -> list[int]:
    """Find the columns of sums of money or hours."""
    return table.of(_MONEY)


def is_total(word: str) -> bool:
    """Say whether a label names a total."""
    return bool(_TOTAL.search(word))


def _cell(cell: object) -> tuple[str, float, str]:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)) or cell == "":
        return EMPTY, np.nan, ""
    if isinstance(cell, bool):
        return WORD, np.nan, str(cell)
    if isinstance(cell, int | float | np.number):
        return (NUMBER, float(cell), "") if np.isfinite(float(cell)) else (EMPTY, np.nan, "")
    text = str(cell).strip().removesuffix("%").strip()
    read = cells.read_number(text, typed=False, whole=False)
    if read.wrong:
        return WORD, np.nan, str(cell)
    if read.state == cells.HIDDEN:
        return HIDDEN, np.nan, str(cell)
    return (NUMBER, float(read.value), "") if read.state == cells.OK and read.value else (EMPTY, np.nan, "")


def _is_year(table: ResultTable, column: int) -> bool:
    found = table.values[:, column][table.states[:, column] == NUMBER]
    named = re.search(
        r"(vuosi|year|^år|period|kausi|\bkk\b|month|kuukausi)", table.columns[column], re.IGNORECASE
    )
    return bool(named) or (bool(len(found)) and bool(((found >= 1900) & (found <= 2100)).all()))


def _is_label(table: ResultTable, column: int) -> bool:
    """A running number, a code with its zeros, or a scale's point names a row; it counts nobody."""
    named = re.search(
        r"(^$|^unnamed|koodi|code|_nro|numero|^id$|_id$|ikä|^age|luokka|class|index|piste)",
        table.columns[column],
        re.IGNORECASE,
    )
    found = table.values[:, column]
    running = len(found) > 2 and np.array_equal(found, found[0] + np.arange(len(found)))
    return bool(named) or bool(running)


def _is_share(name: str) -> bool:
    return bool(_SHARE.search(name))
