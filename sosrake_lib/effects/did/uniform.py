"""A band that holds the whole path at once, by the multiplier bootstrap of influence functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import SosrakeError

LARGEST = 20_000_000


def uniform_critical(
    influence: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    draws: int = 9_999,
    seed: int = 1,
) -> float:
    """Give the critical value c so that estimate ± c·standard error holds all estimates together.

    Parameters
    ----------
    influence : (units, m), mean zero. clusters : (units,) codes; None = units.
    confidence : probability of holding all m at once. draws : of random signs, one for each cluster. seed :
        of them.

    Each draw gives Σ v_g ψ_g; c is the quantile of max_j |draw_j| / s_j, s_j from the interquartile range.
    Columns that do not vary (a base cell) are left out.
    Source: Callaway B, Sant'Anna PHC (2021), doi 10.1016/j.jeconom.2020.12.001, algorithm 1.

    Raises
    ------
    SosrakeError when draws are fewer than 100 or no column varies.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> 1.9 < uniform_critical(rng.normal(size=(200, 1)), seed=5) < 2.1
    True
    """
    psi = np.asarray(influence, dtype="float64")
    if draws < 100:
        raise SosrakeError(f"uniform_critical: {draws} draws; at least 100 are needed, 9 999 are usual")
    psi = psi[:, np.isfinite(psi).all(axis=0)]
    psi = psi[:, np.abs(psi).max(axis=0) > 0] if psi.size else psi
    if not psi.size:
        raise SosrakeError("uniform_critical: no estimate varies, so there is no band")
    if clusters is not None:
        codes = np.asarray(clusters)
        count = int(codes.max()) + 1
        psi = np.column_stack([np.bincount(codes, weights=one, minlength=count) for one in psi.T])
    drawn = _drawn(psi, draws, seed)
    quartiles = np.quantile(drawn, [0.25, 0.75], axis=0)
    spread = (quartiles[1] - quartiles[0]) / (2 * special.ndtri(0.75))
    return float(np.quantile(np.max(np.abs(drawn) / spread, axis=1), confidence))


def _drawn(psi: Floats, draws: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    at_once = max(1, LARGEST // len(psi))
    parts = []
    for begin in range(0, draws, at_once):
        size = min(at_once, draws - begin)
        signs = rng.integers(0, 2, size=(size, len(psi)), dtype="int8")
        parts.append((2.0 * signs - 1.0) @ psi)
    return np.concatenate(parts)
