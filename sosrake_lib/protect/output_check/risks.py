"""What a table of results tells too much of; each function looks for one kind and names columns only."""

from __future__ import annotations

import numpy as np

from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.exhaustive import feasible
from sosrake_lib.protect.output_check import tables
from sosrake_lib.protect.output_check.limits import Limits, Risk
from sosrake_lib.protect.output_check.tables import HIDDEN, NUMBER, ResultTable

_PERSON_ROWS = 20
_NEAR = 1e-6


def table_risks(table: ResultTable, limits: Limits) -> list[Risk]:
    """List everything a program can see in one table."""
    found = [
        *_small(table, limits),
        *_shares(table, limits),
        *_rates(table, limits),
        *_summaries(table, limits),
        *_recoverable(table, limits),
        *_persons(table),
    ]
    return [*found, *(Risk("sum_of_money", table.columns[n]) for n in tables.money_columns(table))]


def small_counts(values: np.ndarray, minimum_count: int) -> np.ndarray:
    """Mark the counts 1 .. minimum_count - 1."""
    return (values > 0) & (values < minimum_count)


def _small(table: ResultTable, limits: Limits) -> list[Risk]:
    found = []
    for column in tables.count_columns(table):
        places = int(small_counts(table.values[:, column], limits.minimum_count).sum())
        if places:
            found.append(Risk("small_count", table.columns[column], places))
    return found


def _shares(table: ResultTable, limits: Limits) -> list[Risk]:
    found = []
    denominators = tables.denominator_columns(table)
    for column in tables.share_columns(table):
        values = table.values[:, column]
        whole = tables.scale(table.columns[column], values)
        ends = int((np.isclose(values, 0) | np.isclose(values, whole)).sum())
        if ends:
            found.append(Risk("full_group", table.columns[column], ends))
        if not denominators:
            found.append(Risk("no_count", table.columns[column]))
            continue
        few = np.any([table.values[:, n] < limits.minimum_denominator for n in denominators], axis=0)
        places = int((few & np.isfinite(values)).sum())
        if places:
            found.append(Risk("small_denominator", table.columns[column], places))
    return found


def _rates(table: ResultTable, limits: Limits) -> list[Risk]:
    """Find rates that give a small count back: the rate times the people it is of."""
    found = []
    people = [table.values[:, n] for n in tables.denominator_columns(table)]
    for column in tables.share_columns(table) if people else []:
        values = table.values[:, column]
        per = tables.scale(table.columns[column], values)
        given = np.array(people) * values / per
        counts = np.round(given)
        near = np.isclose(given, counts, atol=0.25) & small_counts(counts, limits.minimum_count)
        # a small count that stands beside is told of as such
        beside = [n for n in tables.count_columns(table) if n != column]
        shown = np.any([table.values[:, n] == counts for n in beside], axis=0) if beside else False
        places = int((near & ~np.asarray(shown)).any(axis=0).sum())
        if places:
            found.append(Risk("recoverable_rate", table.columns[column], places))
    return found


def _summaries(table: ResultTable, limits: Limits) -> list[Risk]:
    counts = tables.count_columns(table)
    least = np.min([table.values[:, n] for n in counts], axis=0) if counts else None
    found = []
    for kind, columns in (
        ("extreme", tables.extreme_columns(table)),
        ("few_behind", tables.summary_columns(table)),
    ):
        for column in columns:
            told = np.isfinite(table.values[:, column])
            if least is None:
                found.append(Risk("extreme" if kind == "extreme" else "no_count", table.columns[column]))
            elif (few := int((told & (least < limits.behind_summary)).sum())) or kind == "extreme":
                found.append(Risk(kind, table.columns[column], few or int(told.sum())))
    rows = len(tables.extreme_rows(table))
    return [*found, Risk("extreme", table.name, rows)] if rows else found


def _recoverable(table: ResultTable, limits: Limits) -> list[Risk]:
    """Reckon hidden cells from totals, where the table shows its totals."""
    block = _block(table)
    if block is None:
        return []
    values, hidden = block
    try:
        found = feasible_with_totals(values, hidden)
    except DisclosureError:
        return []
    # Totals that the table does not show are not its own figures.
    own = hidden & np.isin(np.arange(hidden.shape[1]), np.flatnonzero(np.isfinite(values).any(axis=0)))
    narrow = own & (found[..., 1] - found[..., 0] < limits.minimum_count - 1)
    return [Risk("recoverable", table.name, int(narrow.sum()))] if narrow.any() else []


def feasible_with_totals(values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Give a reader's interval of each cell of a table whose last row and last column are totals.

    Hidden cells are filled with any table that fits; where none fits, the totals are no sums.

    Raises
    ------
    DisclosureError when no counts fit the totals.
    """
    from scipy.optimize import milp

    from sosrake_lib.protect.exhaustive import total_equations

    equations = total_equations(values.shape)
    free = hidden.ravel()
    right = -(equations[:, ~free] @ values.ravel()[~free])
    solved = milp(
        np.zeros(int(free.sum())),
        integrality=np.ones(int(free.sum())),
        constraints=(equations[:, free], right, right),
    )
    if solved.x is None:
        raise DisclosureError("output check: the totals of the table are not the sums of its cells")
    filled = values.copy()
    filled[hidden] = np.round(solved.x)
    return feasible(filled[:-1, :-1], hidden)


def _block(table: ResultTable) -> tuple[np.ndarray, np.ndarray] | None:
    rows = [n for n, words in enumerate(table.words) if any(tables.is_total(word) for word in words)]
    counted = [n for n in range(len(table.columns)) if table.numeric(n) and table.whole(n)]
    totals = [n for n in counted if tables.is_total(table.columns[n])]
    if len(rows) != 1 or not (table.states == HIDDEN).any() or not counted:
        return None
    inner = [n for n in counted if n not in totals]
    order_rows = [n for n in range(len(table.values)) if n != rows[0]] + rows
    order = [*inner, *totals] if len(totals) == 1 else inner
    values = table.values[np.ix_(order_rows, order)]
    hidden = table.states[np.ix_(order_rows, order)] == HIDDEN
    if not ((table.states[np.ix_(order_rows, order)] == NUMBER) | hidden).all() or not hidden.any():
        return None
    if len(totals) == 1:
        return values, hidden
    # Without a column of totals nothing is known of the rows: totals that are hidden too.
    return _with_unknown_totals(values, hidden)


def _with_unknown_totals(values: np.ndarray, hidden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    more = np.full((len(values), 1), np.nan)
    return np.hstack([values, more]), np.hstack([hidden, np.ones_like(more, dtype=bool)])


def _persons(table: ResultTable) -> list[Risk]:
    """A long table without a column of counts, in which rows differ, is a table of persons."""
    rows = len(table.values)
    keys = [n for n, name in enumerate(table.columns) if _names_a_person(name) and _unlike(table, n)]
    if keys:
        return [Risk("person_rows", table.columns[keys[0]], rows)]
    if rows < _PERSON_ROWS or tables.count_columns(table) or tables.summary_columns(table):
        return []
    return [Risk("person_rows", table.name, rows)] if not tables.share_columns(table) else []


def _names_a_person(name: str) -> bool:
    folded = name.casefold()
    return folded in ("id", "hetu", "nimi", "name") or any(
        part in folded for part in ("asiakas_id", "henkilo", "henkilö", "person_id", "client_id", "pseudonym")
    )


def _unlike(table: ResultTable, column: int) -> bool:
    told = [
        word or value
        for word, value in zip(table.words[:, column], table.values[:, column].tolist(), strict=True)
        if word or not np.isnan(value)
    ]
    return len(told) >= 3 and len(set(told)) > 0.9 * len(told)
