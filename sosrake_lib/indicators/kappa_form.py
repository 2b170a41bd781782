"""Results of agreement functions: what a kappa is told with, its normal limits and its test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Kappa:
    """Chance-corrected agreement.

    kappa : NaN when only one code is used by everyone (`note` "one_code_only").
    z, p : test against no agreement beyond chance, with `null_variance`.
    asymptotic_variance : for intervals (two raters; NaN for more, resample with `coders.coders`).
    observed, expected : agreement seen and by chance (weighted when weights are given).
    intervals : `method, confidence, lower, upper`; limits may pass 1 as they come from a normal law.
    by_code : `code, kappa, z, p, ratings` per code.
    table : cross table of two raters (first in rows); empty for more.
    n, raters, left_out : units used, raters, units with a missing code.
    """

    kappa: float
    z: float
    p: float
    null_variance: float
    asymptotic_variance: float
    observed: float
    expected: float
    intervals: pd.DataFrame
    by_code: pd.DataFrame
    table: pd.DataFrame
    n: int
    raters: int
    left_out: int
    note: str

    def limits(self, confidence: float) -> tuple[float, float]:
        """Asymptotic limits at another confidence."""
        row = normal_intervals(self.kappa, self.asymptotic_variance, confidence, "agreement.Kappa").iloc[0]
        return float(row["lower"]), float(row["upper"])


@dataclass(frozen=True, slots=True)
class Agreement:
    """Percent agreement: `all_agree` (all raters alike, per 100 units), `pairs_agree` (per 100 pairs)."""

    all_agree: float
    pairs_agree: float
    n: int
    raters: int
    left_out: int


def normal_intervals(
    kappa: float, variance: float, confidence: float | Sequence[float], where: str
) -> pd.DataFrame:
    """Limits κ ± z·√variance, a row per confidence."""
    rows = []
    for level in levels_of(confidence, where):
        half = float(special.ndtri(0.5 + level / 2)) * np.sqrt(variance)
        rows.append(("kappa_asymptotic", level, kappa - half, kappa + half))
    return pd.DataFrame(rows, columns=["method", "confidence", "lower", "upper"])


def code_frame(codes: tuple[Any, ...], kappa: Floats, z: Floats, ratings: Floats) -> pd.DataFrame:
    """Kappa of each code with its test and how often it was given."""
    columns = {"code": list(codes), "kappa": kappa, "z": z, "p": 2 * special.ndtr(-np.abs(z))}
    return pd.DataFrame({**columns, "ratings": ratings})


def z_of(kappa: float, variance: float) -> float:
    """Kappa in standard errors; NaN without a variance."""
    return kappa / float(np.sqrt(variance)) if variance > 0 else float("nan")


def p_of(z: float) -> float:
    """Two-sided p of a standard normal z."""
    return float(2 * special.ndtr(-abs(z)))
