"""What kind of figure each row is: named by the caller, by a column, or by the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from sosrake_lib.errors import CatalogueError, FrameError

KINDS = ("proportion", "rate", "mean", "index", "count", "ratio")


def kinds_of(frame: pd.DataFrame, kinds: Mapping[str, str] | str | None) -> pd.Series:
    """Give the kind of each row.

    Parameters
    ----------
    kinds : indicator -> kind, or the name of a column that holds the kind; left out, the catalogue knows.

    Raises
    ------
    FrameError naming the first row whose kind is not one of KINDS.
    """
    if isinstance(kinds, str):
        if kinds not in frame:
            raise FrameError(f"rates.analyse: column {kinds} is missing; it should hold the kind of each row")
        found = frame[kinds]
    elif kinds is None:
        found = frame["indicator"].map(_catalogue_kinds(frame["indicator"].unique()))
    else:
        found = frame["indicator"].map(dict(kinds))
    wrong = frame.index[~found.isin(KINDS)]
    if len(wrong):
        row = wrong[0]
        raise FrameError(
            f"rates.analyse: row {row + 1}, indicator {frame.at[row, 'indicator']!r}: kind {found[row]!r}; "
            f"expected one of {', '.join(KINDS)}; name it in `kinds` or in the catalogue"
        )
    return found


def _catalogue_kinds(keys: Iterable[str]) -> dict[str, str]:
    from sosrake_lib import catalogue

    kinds = {}
    for key in keys:
        try:
            kinds[key] = catalogue.indicator(key).kind
        except CatalogueError:
            # The message of `_kinds` names the row, which the catalogue cannot know.
            kinds[key] = ""
    return kinds
