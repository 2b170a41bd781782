"""What standardisation hands back: an analysed indicator frame, one row a group and confidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.intervals import Interval
from sosrake_lib.indicators.strata import Strata

Floats = NDArray[np.float64]
# A group without a figure for one of these reasons still tells its totals.
TOTALS_KNOWN = ("", "few_events", "few_reference_events", "zero_population", "nothing_expected")


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """One figure a group; `reason` is "" where there is one, `extra` are further columns."""

    statistic: str
    method: str | NDArray[np.str_]
    value: Floats
    numerator: Floats
    denominator: Floats
    reason: NDArray[np.str_]
    extra: Mapping[str, Any] = field(default_factory=dict)


def analysed(
    strata: Strata,
    figures: Figures,
    limits: Callable[[float], Interval],
    levels: tuple[float, ...],
    per: float,
    function: str,
) -> pd.DataFrame:
    """Put the figures and their limits at each confidence together and check them as an indicator frame."""
    shown = figures.reason == ""
    known = np.isin(figures.reason, TOTALS_KNOWN)
    base = strata.groups.assign(
        value=np.where(shown, figures.value, np.nan),
        per=float(per),
        numerator=np.where(known, figures.numerator, np.nan),
        denominator=np.where(known, figures.denominator, np.nan),
        status=np.where(shown, "ok", "missing"),
        statistic=figures.statistic,
        method=figures.method,
        **figures.extra,
        ages_used=strata.used,
        ages_expected=strata.count.shape[1],
        reason=figures.reason,
    )
    parts = []
    for level in levels:
        found = limits(level)
        lower, upper = (np.where(shown, per * side, np.nan) for side in (found.lower, found.upper))
        parts.append(base.assign(lower=lower, upper=upper, confidence=level))
    joined = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    first = [*frames.KEY, *frames.VALUES, *frames.ANALYSIS_KEY]
    rest = [column for column in joined.columns if column not in first]
    return frames.check(joined[first + rest], file=function)


def checked_per(per: float, function: str) -> None:
    """Refuse a scale that is not above zero."""
    if not (np.isfinite(per) and per > 0):
        raise FrameError(f"{function}: per {per!r}: expected a number above 0, such as 100_000 or 1")
