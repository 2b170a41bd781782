"""Scoring as functions on arrays: reversed items, sums and means with empty items, classes of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.catalogue import Band
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
# A score that should be a whole number may be a rounding error below it.
ROUNDING = 1e-9
ANY_AGE = (0.0, 150.0)


@dataclass(frozen=True, slots=True, eq=False)
class ItemScores:
    """Scores of people: `score` (NaN when too many items are empty) and `answered`, items with an answer."""

    score: Floats
    answered: NDArray[np.intp]


def turned(answers: ArrayLike, reverse: Sequence[int], item_min: float, item_max: float) -> Floats:
    """Turn the items that are worded the other way round: x becomes item_min + item_max - x.

    Parameters
    ----------
    answers : (people, items), as marked on the form, NaN = not answered.
    reverse : numbers of the items to turn, the first item is 1.

    Examples
    --------
    >>> print(turned([[5, 5], [1, np.nan]], [2], 1, 5).tolist())
    [[5.0, 1.0], [1.0, nan]]
    """
    values = np.array(answers, dtype="float64")
    columns = np.asarray(reverse, dtype=np.intp) - 1
    values[:, columns] = item_min + item_max - values[:, columns]
    return values


def item_scores(
    answers: ArrayLike, *, method: str = "sum", factor: float = 1.0, shift: float = 0.0, max_missing: int = 0
) -> ItemScores:
    """Sum or mean of a scale's items.

    Formula: factor · mean + shift, or factor · k · mean + shift for a sum of k items; an empty item counts as
    the mean of the person's other items of the scale, when at most `max_missing` are empty.

    Parameters
    ----------
    answers : (people, k) of one scale, turned where needed, NaN = not answered.
    method : "sum" or "mean".

    Raises
    ------
    SosrakeError for another method, no items, or `max_missing` that would leave nothing to score from.

    Examples
    --------
    >>> found = item_scores([[3, 4, np.nan], [3, np.nan, np.nan]], max_missing=1)
    >>> print(found.score.tolist(), found.answered.tolist())
    [10.5, nan] [2, 1]
    """
    values = np.atleast_2d(np.asarray(answers, dtype="float64"))
    size = values.shape[1]
    if method not in ("sum", "mean"):
        raise SosrakeError(f"item_scores: method {method!r}; expected sum or mean")
    if not 0 <= max_missing < size:
        raise SosrakeError(
            f"item_scores: max_missing {max_missing} of {size} items; expected 0 to {size - 1}, so that at "
            "least one answer is left"
        )
    present = np.isfinite(values)
    answered = present.sum(axis=1)
    total = np.where(present, values, 0.0).sum(axis=1)
    enough = size - answered <= max_missing
    mean = np.full(len(values), np.nan)
    np.divide(total, answered, out=mean, where=enough)
    times = factor * size if method == "sum" else factor
    return ItemScores(times * mean + shift, answered)


def bands_of(
    scores: ArrayLike, bands: Sequence[Band], sex: ArrayLike | None = None, age: ArrayLike | None = None
) -> NDArray[np.object_]:
    """Give each score the key of its class; None where no class is for that sex and age, or the score is NaN.

    Parameters
    ----------
    scores : of people; bands : of one scale, in any order.
    sex : "male" or "female", anything else = unknown; age : in years, NaN = unknown. Without them only
        classes for everybody are given.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> bands = catalogue.instrument("audit_c").scale("total").bands
    >>> print(bands_of([5, 5, 5], bands, ["male", "female", None], [40, 40, 70]).tolist())
    ['below_cutoff', 'at_or_above_cutoff', 'at_or_above_cutoff']
    """
    values = np.atleast_1d(np.asarray(scores, dtype="float64"))
    sexes = np.full(values.shape, None) if sex is None else np.asarray(sex, dtype=object)
    ages = np.full(values.shape, np.nan) if age is None else np.asarray(age, dtype="float64")
    found = np.full(values.shape, None, dtype=object)
    for band in sorted(bands, key=lambda one: one.at_least):
        found[(values >= band.at_least - ROUNDING) & _meant(band, sexes, ages)] = band.key
    return found


def _meant(band: Band, sexes: NDArray[np.object_], ages: Floats) -> NDArray[np.bool_]:
    every_age = (band.age_from, band.age_to) == ANY_AGE
    # 64 years last until the 65th birthday.
    of_age = (ages >= band.age_from) & (ages < band.age_to + 1)
    return (every_age | of_age) & ((sexes == band.sex) | (band.sex == "any"))
