"""Codes that raters gave to units: read from rows or from a long table, checked, numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.agreement_kernels import Codes
from sosrake_lib.indicators.intervals import Floats
from sosrake_lib.indicators.item_answers import shown


@dataclass(frozen=True, slots=True, eq=False)
class CodedUnits:
    """Ratings as numbers of codes: `ratings` (units, raters), -1 where empty.

    codes : the codes in order; ordered : the order was given, or the codes are numbers.
    """

    ratings: Codes
    codes: tuple[Any, ...]
    raters: tuple[str, ...]
    ordered: bool

    def counts(self) -> Floats:
        """How many raters gave each unit each code: (units, codes)."""
        units, codes = len(self.ratings), len(self.codes)
        given = self.ratings >= 0
        places = (self.ratings + codes * np.arange(units)[:, None])[given]
        return np.bincount(places, minlength=units * codes).reshape(units, codes).astype("float64")

    def complete(self) -> Codes:
        """Ratings of the units that every rater coded."""
        return self.ratings[(self.ratings >= 0).all(axis=1)]


def read_ratings(
    ratings: Any, where: str, *, order: Sequence[Any] | None = None, units_in: str = "rows"
) -> CodedUnits:
    """Read ratings in rows (unit by rater) or turned (rater by unit).

    Raises
    ------
    FrameError: nothing to read, rows of different lengths, a code that is not in `order`.

    Examples
    --------
    >>> found = read_ratings([["asuminen", "asuminen"], ["velka", None]], "example")
    >>> found.codes, found.ratings.tolist()
    (('asuminen', 'velka'), [[0, 0], [1, -1]])
    """
    if units_in not in ("rows", "columns"):
        raise FrameError(f"{where}: units_in {units_in!r}; use 'rows' or 'columns'")
    table = ratings if isinstance(ratings, pd.DataFrame) else _frame(ratings, where)
    table = table.T if units_in == "columns" else table
    if not table.size:
        raise FrameError(f"{where}: no ratings; expected one row per unit and one column per rater")
    # One unravelled column gives all raters the same numbers for the same codes.
    flat = pd.Series(table.astype("object").to_numpy().ravel())
    numbers, codes = number_codes(flat, where, order)
    names = tuple(str(column) for column in table.columns)
    ordered = order is not None or all(isinstance(code, int | float | np.number) for code in codes)
    return CodedUnits(numbers.reshape(table.shape), codes, names, ordered)


def number_codes(given: pd.Series, where: str, order: Sequence[Any] | None) -> tuple[Codes, tuple[Any, ...]]:
    """Number codes by `order`, or by their own order; -1 where empty."""
    empty = given.isna().to_numpy()
    if order is None:
        found = pd.unique(given[~empty].astype("object"))
        try:
            codes = tuple(sorted(found))
        except TypeError as problem:
            raise FrameError(
                f"{where}: codes are partly text, partly numbers ({problem}); write them in one way"
            ) from problem
    else:
        codes = tuple(order)
        if len(set(codes)) < len(codes):
            raise FrameError(f"{where}: a code stands twice in {codes}; name each code once")
    numbers = pd.Index(codes, dtype="object").get_indexer(given.astype("object"))
    numbers = np.where(empty, -1, numbers).astype("int64")
    wrong = np.flatnonzero((numbers < 0) & ~empty)
    if len(wrong):
        code = shown(given.iloc[wrong[0]])
        raise FrameError(
            f"{where}: code {code} ({len(wrong)} such ratings) is not among {list(codes)}; "
            "add it to the list of codes or correct it"
        )
    return numbers, codes


def _frame(ratings: Any, where: str) -> pd.DataFrame:
    if isinstance(ratings, np.ndarray) and ratings.ndim == 2:
        return pd.DataFrame(ratings)
    rows = [list(row) for row in ratings]
    if len({len(row) for row in rows}) > 1:
        raise FrameError(f"{where}: rows of ratings differ in length; write None where a rating is absent")
    return pd.DataFrame(rows, dtype="object")
