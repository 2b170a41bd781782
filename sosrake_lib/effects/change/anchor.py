"""Smallest important difference from people's own view of their change (an anchor)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import need_columns, need_share, numbers
from sosrake_lib.effects.change.intervals import t_half_width
from sosrake_lib.errors import FrameError

# Below this an anchor says too little of the score to set a limit by (Revicki et al. 2008).
LEAST_CORRELATION = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class AnchorDifference:
    """Mean change of the people who felt a little better.

    Attributes
    ----------
    smallest, lower, upper : in points towards the wanted, with the t interval.
    people : who felt a little better; `compared` everyone with a change and a view.
    correlation : Spearman's, between change towards the wanted and view; NaN without variation.
    caveats : text keys: "anchor_weak" below 0.3, "anchor_not_above_zero" when the interval holds 0 or less.
    """

    smallest: float
    lower: float
    upper: float
    people: int
    compared: int
    correlation: float
    caveats: tuple[str, ...]


def anchor_difference(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    view: str,
    a_little_better: Sequence[float],
    higher_is_better: bool,
    confidence: float = 0.95,
) -> AnchorDifference:
    """Find how large a change people themselves call a little better.

    Parameters
    ----------
    data : one row a person, NaN = not measured or not asked.
    view : the person's own view of the change, a number that grows towards better.
    a_little_better : the views that mean the smallest change worth having.

    Use `smallest` with `meaningful_change` only when `caveats` is empty: a view that does not follow the
    score sets no limit for it.

    Formula: mean of the changes of those with the view ± t(n - 1) s/√n. Source: Jaeschke, Singer & Guyatt
    (1989), doi 10.1016/0197-2456(89)90005-6; the least correlation: Revicki, Hays, Cella & Sloan (2008),
    doi 10.1016/j.jclinepi.2007.03.012.

    Raises
    ------
    FrameError when a column is missing or fewer than three people felt a little better.

    Examples
    --------
    >>> data = pd.DataFrame(
    ...     {"before": [10.0, 12, 11, 14, 13], "after": [10.0, 14, 14, 18, 20], "view": [3, 4, 4, 4, 5]}
    ... )
    >>> found = anchor_difference(
    ...     data, before="before", after="after", view="view", a_little_better=[4], higher_is_better=True
    ... )
    >>> print(found.smallest, found.people, round(found.correlation, 2))
    3.0 3 0.89
    """
    where = "anchor_difference"
    need_columns(data, [before, after, view], where)
    need_share(confidence, "confidence", where)
    first, second, felt = (numbers(data, column, where) for column in (before, after, view))
    known = np.isfinite(first) & np.isfinite(second) & np.isfinite(felt)
    moved = (second - first)[known] if higher_is_better else (first - second)[known]
    views = pd.Series(felt[known])
    own = moved[views.isin(list(a_little_better))]
    if len(own) < 3:
        raise FrameError(
            f"{where}: {len(own)} people have both measurements and felt a little better; expected three or "
            "more; take a smallest important difference from the literature instead"
        )
    varies = np.ptp(moved) > 0 and views.nunique() > 1
    correlation = float(pd.Series(moved).rank().corr(views.rank())) if varies else float("nan")
    half = float(t_half_width(own.std(ddof=1) / np.sqrt(len(own)), len(own) - 1, confidence))
    smallest = float(own.mean())
    told = [] if correlation >= LEAST_CORRELATION else ["anchor_weak"]
    told += [] if smallest - half > 0 else ["anchor_not_above_zero"]
    return AnchorDifference(
        smallest, smallest - half, smallest + half, len(own), len(moved), correlation, tuple(told)
    )
