"""Krippendorff's alpha: agreement of any number of coders, with codes missing, on any level of measurement.

Alpha = 1 - Dₒ/Dₑ: disagreement seen over disagreement expected if codes were given out by chance. 1 is full
agreement, 0 what chance gives, below 0 systematic disagreement. Krippendorff's own rule: rely on 0.80 and
above, draw tentative conclusions from 0.667.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import unit_bootstrap
from sosrake_lib.indicators.coded_units import CodedUnits, read_ratings
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Floats
from sosrake_lib.indicators.resampling import BOOTSTRAP_METHODS, check_method

LEVELS = ("nominal", "ordinal", "interval", "ratio")
METHODS = (*BOOTSTRAP_METHODS, "none")


@dataclass(frozen=True, slots=True, eq=False)
class Krippendorff:
    """Krippendorff's alpha.

    alpha : NaN when nothing varies (`note` "no_variation") or no unit has two codes ("no_pairs").
    observed, expected : disagreement seen and by chance, in the metric of the level.
    intervals : `method, confidence, lower, upper`.
    units : with two codes or more; values : codes in them; left_out : units with fewer than two codes.
    """

    alpha: float
    observed: float
    expected: float
    level: str
    intervals: pd.DataFrame
    units: int
    values: int
    left_out: int
    replicates: int
    note: str


def krippendorff_alpha(
    ratings: Any,
    *,
    level: str = "nominal",
    order: Sequence[Any] | None = None,
    units_in: str = "rows",
    confidence: float | Sequence[float] = 0.95,
    method: str = "bootstrap_percentile",
    replicates: int = 2000,
    seed: int = 1,
) -> Krippendorff:
    """Krippendorff's alpha of coders, with a bootstrap interval.

    Parameters
    ----------
    ratings : DataFrame or rows; codes may be text; empty (None, NaN) where a coder gave no code.
    level : "nominal" (codes differ or not), "ordinal" (order only), "interval" (differences count), "ratio"
        (differences count beside their size; no value below 0).
    order : the codes in order; needed for an ordinal scale of text codes. Codes nobody used change nothing.
    units_in : "rows" (one row per unit, one column per coder) or "columns" (one row per coder).
    confidence, method, replicates, seed : "bootstrap_percentile", "bootstrap_bca" or "none". Units are
        resampled whole (Zapf et al. 2016, doi 10.1186/s12874-016-0200-9), which keeps the codes of one unit
        together; Krippendorff's own algorithm draws pairs of codes and takes Dₑ as known, so
        that his software gives somewhat other limits.

    Returns
    -------
    Krippendorff.

    Raises
    ------
    FrameError: no ratings, text where numbers are needed, a code outside `order`, a negative ratio value.

    Compared with R irr 0.84.1 kripp.alpha and Krippendorff's printed examples. Source: Krippendorff (2011),
    Computing Krippendorff's alpha-reliability, https://repository.upenn.edu/asc_papers/43; Hayes &
    Krippendorff (2007), doi 10.1080/19312450709336664.

    Examples
    --------
    >>> two = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    >>> round(krippendorff_alpha(two, units_in="columns", method="none").alpha, 3)
    0.095
    """
    where = "krippendorff.krippendorff_alpha"
    check_method(method, where, METHODS)
    check_method(level, where, LEVELS)
    coded = read_ratings(ratings, where, order=order, units_in=units_in)
    return alpha_of_units(coded, level, confidence, method, replicates, seed)


def alpha_of_units(
    coded: CodedUnits,
    level: str = "nominal",
    confidence: float | Sequence[float] = 0.95,
    method: str = "bootstrap_percentile",
    replicates: int = 2000,
    seed: int = 1,
) -> Krippendorff:
    """Krippendorff's alpha of codes as `coded_units.read_ratings` gives them; see `krippendorff_alpha`."""
    numbers = _scale(coded, level)
    counts = coded.counts()
    pairable = counts[counts.sum(axis=1) >= 2]
    kinds = unit_bootstrap.patterns(pairable)
    levels = levels_of(confidence, "krippendorff_alpha")
    whole = disagreements(kinds.rows, kinds.counts[None, :].astype("float64"), numbers, level)
    seen, chance = whole.observed[0], whole.expected[0]
    alpha = float(1 - seen / chance) if chance > 0 else float("nan")
    note = "" if np.isfinite(alpha) else ("no_variation" if len(pairable) else "no_pairs")
    found = None
    if method != "none" and not note and len(pairable) > 1:
        found = unit_bootstrap.limits(
            lambda w: disagreements(kinds.rows, w, numbers, level).alpha(),
            kinds.counts,
            method=method,
            confidence=levels,
            replicates=replicates,
            seed=seed,
            where="krippendorff.krippendorff_alpha",
        )
    return Krippendorff(
        alpha=alpha,
        observed=float(seen),
        expected=float(chance),
        level=level,
        intervals=unit_bootstrap.interval_frame(method, levels, found),
        units=len(pairable),
        values=int(pairable.sum()),
        left_out=len(counts) - len(pairable),
        replicates=0 if found is None else found.replicates,
        note=note,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Disagreement:
    """Observed and expected disagreement of each replicate."""

    observed: Floats
    expected: Floats

    def alpha(self) -> Floats:
        """1 - observed / expected; NaN where nothing varies."""
        able = self.expected > 0
        return np.where(able, 1 - self.observed / np.where(able, self.expected, 1.0), np.nan)


def disagreements(counts: Floats, weights: Floats, numbers: Floats, level: str) -> Disagreement:
    """Disagreement of units weighted in many ways: counts (units, codes), weights (replicates, units).

    Dₒ = Σ over units of Σ over pairs of codes δ²/(m - 1), divided by n; Dₑ = Σ n_c n_k δ² / (n(n - 1)); n the
    codes in units with two or more. Sums over pairs are never written out: for δ² = (a - b)² they are twice
    mΣx² - (Σx)², and the ordinal metric is the interval metric of midranks.
    """
    if not len(counts):
        return Disagreement(np.full(len(weights), np.nan), np.full(len(weights), np.nan))
    size = counts.sum(axis=1)
    totals = weights @ counts
    n = totals.sum(axis=1)
    if level == "nominal":
        seen = weights @ ((size**2 - (counts**2).sum(axis=1)) / (size - 1))
        chance = n**2 - (totals**2).sum(axis=1)
    elif level == "ratio":
        above = numbers[:, None] - numbers
        apart = np.divide(above, numbers[:, None] + numbers, out=np.zeros_like(above), where=above != 0) ** 2
        seen = weights @ (((counts @ apart) * counts).sum(axis=1) / (size - 1))
        chance = ((totals @ apart) * totals).sum(axis=1)
    else:
        # Midranks follow from the replicate's own totals; interval values are the same in all.
        scale = np.cumsum(totals, axis=1) - totals / 2 if level == "ordinal" else numbers[None, :]
        squares = (weights @ (counts * (size / (size - 1))[:, None])) * scale**2
        sums = (scale @ counts.T) ** 2 / (size - 1)
        seen = 2 * (squares.sum(axis=1) - (weights * sums).sum(axis=1))
        chance = 2 * (n * (totals * scale**2).sum(axis=1) - (totals * scale).sum(axis=1) ** 2)
    chance = np.where(chance > 1e-12 * n**2 * _largest(numbers, level, n), chance, 0.0)
    return Disagreement(np.maximum(seen, 0.0) / n, chance / (n * (n - 1)))


def _largest(numbers: Floats, level: str, n: Floats) -> Floats:
    """Scale of a squared difference, below whose rounding a sum counts as nothing."""
    if level == "ordinal":
        return n**2
    if level == "interval":
        return np.full(len(n), max(float((numbers**2).max()), 1e-300))
    return np.ones(len(n))


def _scale(coded: CodedUnits, level: str) -> Floats:
    """Numbers of the codes, centred for exactness; only the order matters below the interval level."""
    where = "krippendorff.krippendorff_alpha"
    if level == "nominal":
        return np.arange(len(coded.codes), dtype="float64")
    if level == "ordinal" and coded.ordered:
        return np.arange(len(coded.codes), dtype="float64")
    try:
        numbers = np.array([float(code) for code in coded.codes])
    except (TypeError, ValueError) as problem:
        way = "give `order`, the codes in order" if level == "ordinal" else "use 'nominal' or 'ordinal'"
        raise FrameError(
            f"{where}: level {level!r} needs numbers, found a code of text ({problem}); {way}"
        ) from problem
    if level == "ratio" and (numbers < 0).any():
        raise SosrakeError(
            f"{where}: value {numbers.min():g} is below 0; level 'ratio' has a true zero; use 'interval'"
        )
    return numbers - numbers.mean() if level == "interval" and len(numbers) else numbers
