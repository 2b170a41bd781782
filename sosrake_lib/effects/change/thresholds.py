"""Is a change large enough to matter: by a smallest important difference, by percentage, combined."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.errors import SosrakeError

THRESHOLD_CLASSES = ("meaningful_wanted", "no_meaningful_change", "meaningful_unwanted")
THRESHOLD_NAMES = MappingProxyType(
    {
        "meaningful_wanted": ("merkityksellinen muutos toivottuun suuntaan", "meaningful change, wanted"),
        "no_meaningful_change": ("ei merkityksellistä muutosta", "no meaningful change"),
        "meaningful_unwanted": (
            "merkityksellinen muutos ei-toivottuun suuntaan",
            "meaningful change, unwanted",
        ),
    }
)
Classes = NDArray[np.object_]


def meaningful_change(
    before: ArrayLike,
    after: ArrayLike,
    *,
    smallest: float,
    higher_is_better: bool,
    smallest_unwanted: float | None = None,
) -> Classes:
    """Judge changes by a smallest important difference (anchor, MID) found with people's own judgement.

    Parameters
    ----------
    before, after : scores of the same people; NaN gives None.
    smallest : points of change towards the wanted that count as important; exactly as much is enough.
    smallest_unwanted : the same away from the wanted; left out, `smallest`.

    Examples
    --------
    >>> print(meaningful_change([20, 20, 20], [13, 15, 28], smallest=7, higher_is_better=False).tolist())
    ['meaningful_wanted', 'no_meaningful_change', 'meaningful_unwanted']
    """
    away = smallest if smallest_unwanted is None else smallest_unwanted
    _positive("meaningful_change", smallest=smallest, smallest_unwanted=away)
    first, second = (np.asarray(scores, dtype="float64") for scores in (before, after))
    return _three(second - first, smallest, away, higher_is_better)


def percentage_change(
    before: ArrayLike,
    after: ArrayLike,
    *,
    smallest: float,
    higher_is_better: bool,
    smallest_unwanted: float | None = None,
) -> Classes:
    """Judge changes by percentage of the first score; of a first score 0 there is no percentage (None).

    `smallest` and `smallest_unwanted` are shares, 0.5 for fifty per cent. A percentage has meaning only where
    0 means none of what is measured; most questionnaires begin elsewhere.

    Examples
    --------
    >>> print(percentage_change([20, 0], [10, 4], smallest=0.5, higher_is_better=False).tolist())
    ['meaningful_wanted', None]
    """
    away = smallest if smallest_unwanted is None else smallest_unwanted
    _positive("percentage_change", smallest=smallest, smallest_unwanted=away)
    first, second = (np.asarray(scores, dtype="float64") for scores in (before, after))
    if (first < 0).any():
        raise SosrakeError(
            f"percentage_change: first score {first[first < 0][0]:g} is below 0; a percentage needs a scale "
            "that begins at 0; use meaningful_change"
        )
    share = np.full(first.shape, np.nan)
    np.divide(second - first, first, out=share, where=first != 0)
    return _three(share, smallest, away, higher_is_better)


def combined_change(reliable: ArrayLike, meaningful: ArrayLike) -> Classes:
    """Join classes: a change counts only when it is both reliable and meaningful.

    Parameters
    ----------
    reliable : classes of individual_change.
    meaningful : classes of meaningful_change or percentage_change, in the same order.

    Returns
    -------
    The reliable classes, with "no_reliable_change" where the change is not meaningful in the same direction;
    None where either is unknown.

    Examples
    --------
    >>> meaningful = ["no_meaningful_change", "meaningful_wanted"]
    >>> print(combined_change(["reliable_wanted", "recovered"], meaningful))
    ['no_reliable_change' 'recovered']
    """
    first, second = (np.asarray(kinds, dtype=object) for kinds in (reliable, meaningful))
    if first.shape != second.shape:
        raise SosrakeError(
            f"combined_change: {first.size} and {second.size} classes; expected the same people in both"
        )
    unknown = pd.isna(first) | pd.isna(second)
    wanted = np.isin(first, ["reliable_wanted", "recovered"]) & (second == "meaningful_wanted")
    away = (first == "reliable_unwanted") & (second == "meaningful_unwanted")
    joined = np.where(wanted | away, first, "no_reliable_change").astype(object)
    joined[unknown] = None
    return joined


def _three(moved: NDArray[np.float64], smallest: float, away: float, higher_is_better: bool) -> Classes:
    towards = moved if higher_is_better else -moved
    kinds = np.full(towards.shape, "no_meaningful_change", dtype=object)
    kinds[towards >= smallest] = "meaningful_wanted"
    kinds[towards <= -away] = "meaningful_unwanted"
    kinds[np.isnan(towards)] = None
    return kinds


def _positive(where: str, **values: float) -> None:
    for name, value in values.items():
        if not (np.isfinite(value) and value > 0):
            raise SosrakeError(f"{where}: {name} {value!r}; expected above 0")
