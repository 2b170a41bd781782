"""Answers to the items of a scale: read, turned, checked, and their covariances; shared by alpha and omega.

Shapes: answers are (respondents, items), NaN where not answered. Weights of respondents are (replicates,
respondents): 1 each for the data themselves, how often each was drawn for a bootstrap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.intervals import Floats

DELETIONS = ("pairwise", "listwise")
MIN_RESPONDENTS = 3
# Instruments whose items are parts that make up an area of life or work, not signs of one trait.
FORMATIVE_INSTRUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "3x10d": "its ten areas of life make up wellbeing together; its makers call it formative",
        "avain": "its goals, situation, services and methods describe a client's plan, not one trait",
        "gas": "each client's goals are their own",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Checked answers: `values` (respondents, items), names of the items, and how many were left out."""

    values: Floats
    names: tuple[str, ...]
    asked: int
    complete: int
    deletion: str

    @property
    def n(self) -> int:
        """Respondents used."""
        return len(self.values)

    @property
    def k(self) -> int:
        """Items."""
        return len(self.names)


def refuse_formative(formative: bool, instrument: str | None, where: str) -> None:
    """Stop when the items form the area they describe instead of reflecting one trait.

    Source: Bollen & Lennox (1991), doi 10.1037/0033-2909.110.2.305.

    Examples
    --------
    >>> refuse_formative(False, "phq9", "reliability.cronbach_alpha")
    """
    key = "" if instrument is None else instrument.strip().lower()
    if not formative and key not in FORMATIVE_INSTRUMENTS:
        return
    named = f"{instrument} is" if instrument else "the measure is"
    why = FORMATIVE_INSTRUMENTS.get(key, "its items make up the area together")
    raise SosrakeError(
        f"{where}: {named} formative ({why}): items form the area and need not go together, so internal "
        "consistency (alpha, omega) says nothing of its quality; show the profile of areas, and judge "
        "stability by test-retest (icc.icc on two measurements)"
    )


def table_of(items: Any, names: Sequence[str] | None = None) -> Any:
    """Name the columns of rows of answers, or choose columns of a table; without names, give back the items.

    Examples
    --------
    >>> table_of([[1, None], [2, 4]], ["a", "b"]).columns.tolist()
    ['a', 'b']
    """
    if names is None:
        return items
    if isinstance(items, pd.DataFrame):
        lacking = [name for name in names if name not in items]
        if lacking:
            raise FrameError(
                f"item_answers.table_of: column {lacking[0]} is missing; there are {list(items)}"
            )
        return items.loc[:, list(names)]
    table = _table(items, "item_answers.table_of")
    if len(names) != table.shape[1]:
        raise FrameError(f"item_answers.table_of: {len(names)} names for {table.shape[1]} columns of answers")
    return table.set_axis(list(names), axis=1)


def read_answers(
    items: Any,
    where: str,
    *,
    reverse: Sequence[str] = (),
    max_plus_min: float | None = None,
    deletion: str = "pairwise",
) -> Answers:
    """Check answers and make them ready.

    Parameters
    ----------
    items : DataFrame of item columns, or rows of numbers (None or NaN = not answered).
    reverse : names of items worded the other way round; without names, items are "1", "2", ...
    max_plus_min : greatest plus smallest point of the scale (7 on a scale 1-6); x becomes max_plus_min - x.
    deletion : "pairwise" keeps whoever answered at least one item; "listwise" those who answered all.

    Raises
    ------
    FrameError: fewer than two items or three respondents, a column that is not numbers, an infinite answer,
    an unknown reversed item, an answer outside the scale, an item that all answer alike.
    """
    if deletion not in DELETIONS:
        raise SosrakeError(f"{where}: deletion {deletion!r}; use one of {', '.join(DELETIONS)}")
    table = _numeric(items if isinstance(items, pd.DataFrame) else _table(items, where), where)
    values = _turned(table, reverse, max_plus_min, where)
    present = np.isfinite(values)
    complete = present.all(axis=1)
    used = values[complete if deletion == "listwise" else present.any(axis=1)]
    names = tuple(str(column) for column in table.columns)
    found = Answers(used, names, len(values), int(complete.sum()), deletion)
    reason = unable(found)
    if reason:
        raise FrameError(f"{where}: {reason}")
    return found


def unable(answers: Answers) -> str:
    """Say why no reliability can be computed, what was expected and what to do; empty when it can."""
    if answers.k < 2:
        return f"{answers.k} item; reliability of a sum needs two items at least; report the item itself"
    if answers.n < MIN_RESPONDENTS:
        way = "; deletion='pairwise' uses incomplete answers" if answers.deletion == "listwise" else ""
        return f"{answers.n} respondents used of {answers.asked}; expected {MIN_RESPONDENTS} or more{way}"
    with np.errstate(invalid="ignore"):
        spread = np.nanmax(np.where(np.isnan(answers.values), -np.inf, answers.values), axis=0)
        spread -= np.nanmin(np.where(np.isnan(answers.values), np.inf, answers.values), axis=0)
    for name, width in zip(answers.names, spread, strict=True):
        if not width > 0:
            what = "is answered alike by all" if width == 0 else "has no answer"
            return f"item {name!r} {what} (no variance); an item must tell people apart; leave it out"
    pairs = np.isfinite(answers.values).astype("float64")
    if (pairs.T @ pairs).min() < MIN_RESPONDENTS:
        return f"two items share fewer than {MIN_RESPONDENTS} respondents; leave one out"
    return ""


def covariances(values: Floats, weights: Floats) -> Floats:
    """Covariance matrices (replicates, items, items) of weighted answers, divisor Σweights - 1.

    Empty answers leave out the respondent from the pairs the item is in (pairwise); on complete answers it is
    the ordinary covariance. A pair without enough respondents in a replicate gives NaN.
    """
    k = values.shape[1]
    first, second = np.triu_indices(k)
    present = np.isfinite(values)
    # Deviations from the mean keep the sums of squares exact.
    with np.errstate(invalid="ignore"):
        centred = np.where(present, values - np.nanmean(values, axis=0), 0.0)
    if len(weights) == 1:
        return _one_covariance(centred, present.astype("float64"), weights[0])[None]
    products = weights @ (centred[:, first] * centred[:, second])
    if present.all():
        sizes = weights.sum(axis=1, keepdims=True)
        sums = weights @ centred
        left, right = sums[:, first], sums[:, second]
    else:
        sizes = weights @ (present[:, first] & present[:, second]).astype("float64")
        left = weights @ (centred[:, first] * present[:, second])
        right = weights @ (centred[:, second] * present[:, first])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (products - left * right / sizes) / (sizes - 1)
    found = np.where(sizes > 1, found, np.nan)
    whole = np.empty((len(weights), k, k))
    whole[:, first, second] = found
    whole[:, second, first] = found
    return whole


def _one_covariance(centred: Floats, present: Floats, weight: Floats) -> Floats:
    """One matrix needs no list of pairs: products of whole tables do."""
    heavy = centred * weight[:, None]
    sizes = present.T @ (present * weight[:, None])
    sums = heavy.T @ present
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (heavy.T @ centred - sums * sums.T / sizes) / (sizes - 1)
    upper = np.triu(np.where(sizes > 1, found, np.nan))
    # One half mirrored: the matrix is symmetric to the last digit.
    return np.where(np.tri(len(upper), k=-1, dtype="bool"), upper.T, upper)


def covariance(answers: Answers) -> Floats:
    """Covariance matrix (items, items) of checked answers."""
    return covariances(answers.values, np.ones((1, answers.n)))[0]


def correlations(covariance_matrices: Floats) -> Floats:
    """Correlation matrices of covariance matrices (..., items, items)."""
    deviations = np.sqrt(np.diagonal(covariance_matrices, axis1=-2, axis2=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return covariance_matrices / (deviations[..., :, None] * deviations[..., None, :])


def shown(value: Any) -> str:
    """Write a wrong value for a message: text in quotes, numbers plain."""
    return repr(value) if isinstance(value, str) else str(value)


def _table(items: Any, where: str) -> pd.DataFrame:
    try:
        values = np.array([[np.nan if one is None else one for one in row] for row in items], dtype="float64")
    except (TypeError, ValueError) as problem:
        raise FrameError(
            f"{where}: answers are not a table of numbers ({problem}); expected one row per respondent, "
            "as many numbers in each, empty (None) where not answered"
        ) from problem
    if values.ndim != 2:
        raise FrameError(f"{where}: no answers; expected one row per respondent and one column per item")
    return pd.DataFrame(values, columns=[str(number + 1) for number in range(values.shape[1])])


def _numeric(table: pd.DataFrame, where: str) -> pd.DataFrame:
    found = {}
    for place, column in enumerate(table.columns):
        series = table.iloc[:, place]
        numbers = pd.to_numeric(series, errors="coerce").astype("float64")
        wrong = np.flatnonzero((numbers.isna() & series.notna()) | np.isinf(numbers))
        if len(wrong):
            raise FrameError(
                f"{where}: row {wrong[0] + 1}, column {column}: {shown(series.iloc[wrong[0]])}; expected a "
                "finite number or nothing; correct the sheet, or choose the item columns only"
            )
        if str(column) in found:
            raise FrameError(f"{where}: column {column} stands twice; give each item one column")
        found[str(column)] = numbers.to_numpy()
    return pd.DataFrame(found)


def _turned(table: pd.DataFrame, reverse: Sequence[str], max_plus_min: float | None, where: str) -> Floats:
    unknown = [name for name in map(str, reverse) if name not in table]
    if unknown:
        raise FrameError(
            f"{where}: reversed item {unknown[0]!r} is not among the items {', '.join(table.columns)}"
        )
    values = table.to_numpy(dtype="float64").copy()
    if not len(reverse):
        return values
    if max_plus_min is None or not np.isfinite(max_plus_min):
        raise FrameError(
            f"{where}: reversing needs max_plus_min, the scale's greatest plus smallest point (7 for 1-6)"
        )
    turned = table.columns.get_indexer([str(name) for name in reverse])
    values[:, turned] = max_plus_min - values[:, turned]
    return values
