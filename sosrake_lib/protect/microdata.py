"""Rows of persons before they are shown to anyone: who is alone, and whose secret a group gives away.

A *key* is a column that others may know (sex, age, municipality). Rows with equal keys form a class; in a
class of one the person is found by whoever knows the keys, and in a class that shares one answer the answer
is found without finding the person. These figures look at one file only: they do not make it anonymous.

Sources: Sweeney, k-anonymity, IJUFKS 10 (2002) 557-570, doi:10.1142/S0218488502001648; Machanavajjhala et
al., l-diversity, TKDD 1 (2007) 3, doi:10.1145/1217299.1217302. A missing key matches every value, as in
sdcMicro's documentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.errors import DisclosureError, FrameError

_PAIRS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class AnonymitySummary:
    """A file in figures: rows; alone, in pairs and in classes under `minimum`; the smallest class."""

    rows: int
    alone: int
    in_pairs: int
    below_minimum: int
    smallest: int
    minimum: int


def class_sizes(rows: pd.DataFrame, keys: Sequence[str], weight: str | None = None) -> pd.DataFrame:
    """Count, for each row, the rows that its keys fit; a missing key fits every value.

    Parameters
    ----------
    rows : one row a person.
    keys : columns others may know.
    weight : column of sampling weights; their sum estimates the class in the population.

    Returns
    -------
    DataFrame with the index of `rows`: `size` (at least 1), and `weighted_size` when a weight is given.

    Raises
    ------
    FrameError when a column is absent or no row or key is given.

    Examples
    --------
    >>> people = pd.DataFrame({"sex": ["f", "f", "m"], "age": ["18-24", "18-24", None]})
    >>> class_sizes(people, ["sex", "age"])["size"].tolist()
    [2, 2, 1]
    """
    _check(rows, [*keys, *([weight] if weight else [])])
    weights = np.ones(len(rows)) if weight is None else rows[weight].to_numpy(dtype="float64")
    patterns, place = _patterns(rows, keys)
    count = np.bincount(place, minlength=len(patterns)).astype("float64")
    weighted = np.bincount(place, weights=weights, minlength=len(patterns))
    sizes = np.empty((len(patterns), 2))
    step = max(1, _PAIRS_AT_ONCE // max(len(patterns), 1))
    for start in range(0, len(patterns), step):
        fits = _fits(patterns[start : start + step], patterns)
        sizes[start : start + step] = fits @ np.column_stack([count, weighted])
    found = pd.DataFrame({"size": sizes[place, 0].astype("int64")}, index=rows.index)
    return found if weight is None else found.assign(weighted_size=sizes[place, 1])


def summary(rows: pd.DataFrame, keys: Sequence[str], minimum: int = 5) -> AnonymitySummary:
    """Tell in figures that name nobody how alone the rows of a file are.

    Examples
    --------
    >>> summary(pd.DataFrame({"area": list("aaab")}), ["area"], minimum=3)
    AnonymitySummary(rows=4, alone=1, in_pairs=0, below_minimum=1, smallest=1, minimum=3)
    """
    if minimum < 2:
        raise DisclosureError(f"anonymity: minimum {minimum}; expected at least 2")
    sizes = class_sizes(rows, keys)["size"].to_numpy()
    of_size = {size: int((sizes == size).sum()) for size in (1, 2)}
    below = int((sizes < minimum).sum())
    return AnonymitySummary(len(sizes), of_size[1], of_size[2], below, int(sizes.min()), minimum)


def distinct_diversity(rows: pd.DataFrame, keys: Sequence[str], sensitive: str) -> pd.Series:
    """Count, for each row, the different answers in its class; 1 means that the class tells the answer.

    A missing key fits every value; a missing answer is no answer.

    Examples
    --------
    >>> answers = pd.DataFrame({"area": ["a", "a", "b", "b"], "need": [1, 2, 3, 3]})
    >>> distinct_diversity(answers, ["area"], "need").tolist()
    [2, 2, 1, 1]
    """
    _check(rows, [*keys, sensitive])
    patterns, place = _patterns(rows, keys)
    codes, answers = pd.factorize(rows[sensitive])
    told = codes >= 0
    held = np.zeros((len(patterns), len(answers)), dtype=bool)
    held[place[told], codes[told]] = True
    different = np.empty(len(patterns), dtype="int64")
    step = max(1, _PAIRS_AT_ONCE // max(len(patterns), 1))
    for start in range(0, len(patterns), step):
        fits = _fits(patterns[start : start + step], patterns)
        different[start : start + step] = ((fits @ held.astype("float32")) > 0).sum(axis=1)
    return pd.Series(different[place], index=rows.index, name="diversity")


def sample_uniques(rows: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Say which rows nobody shares the keys with: bool, with the index of `rows`."""
    return class_sizes(rows, keys)["size"].eq(1).rename("unique")


def rows_in_common(one: pd.DataFrame, other: pd.DataFrame, columns: Sequence[str]) -> int:
    """Count the rows of one file that stand in another too, over the columns both have.

    Holds invented data to their word: a synthetic file must not repeat a real row.

    Examples
    --------
    >>> rows_in_common(pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [2, 3]}), ["a"])
    1
    """
    _check(one, columns)
    _check(other, columns)
    known = set(map(tuple, other[list(columns)].astype("str").to_numpy()))
    return sum(row in known for row in map(tuple, one[list(columns)].astype("str").to_numpy()))


def _patterns(rows: pd.DataFrame, keys: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    codes = np.column_stack([pd.factorize(rows[key])[0] for key in keys])
    patterns, place = np.unique(codes, axis=0, return_inverse=True)
    return patterns, place.ravel()


def _fits(some: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    fits = np.ones((len(some), len(patterns)), dtype="float32")
    for column in range(patterns.shape[1]):
        left, right = some[:, column, None], patterns[None, :, column]
        fits *= (left == right) | (left < 0) | (right < 0)
    return fits


def _check(rows: pd.DataFrame, columns: Sequence[str]) -> None:
    if not len(columns) or not len(rows):
        raise FrameError("anonymity: no rows or no key columns; name a column that others may know")
    lacking = [column for column in columns if column not in rows]
    if lacking:
        raise FrameError(f"anonymity: column {lacking[0]!r} is not in the table; it has {', '.join(rows)}")
