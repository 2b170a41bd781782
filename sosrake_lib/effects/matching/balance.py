"""Are treated and controls alike? Standardised differences and variance ratios, before and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.effects.matching.arms import Booleans, Floats, read_comparison
from sosrake_lib.effects.matching.reporting import ESTIMANDS, check_estimand
from sosrake_lib.errors import FrameError

BALANCE_COLUMNS = (
    *("covariate", "mean_treated_before", "mean_control_before", "smd_before", "variance_ratio_before"),
    *("mean_treated_after", "mean_control_after", "smd_after", "variance_ratio_after"),
)


def balance_table(
    data: pd.DataFrame,
    *,
    treatment: str,
    covariates: Sequence[str],
    weights: str | ArrayLike | None = None,
    factors: Sequence[str] = (),
    estimand: str = "ATT",
) -> pd.DataFrame:
    """Compare covariates of treated and controls before and after weighting or matching.

    Parameters
    ----------
    data : one row a person. treatment : column of 0 and 1. covariates, factors : what is compared.
    weights : column or (n,) values >= 0, as matching or weighting gives them; left out, before = after.
    estimand : ATT, ATC, ATE or ATO; decides the standard deviation one divides by.

    Returns
    -------
    DataFrame, one row a covariate: `covariate`, `mean_treated_before`, `mean_control_before`, `smd_before`,
    `variance_ratio_before`, and the same `_after`.

    smd = (mean treated - mean control) / s, s from the sample BEFORE (so that a smaller s after matching
    cannot pass for balance): of the treated for ATT, of the controls for ATC, √((s1² + s0²)/2) else. Of a
    covariate of 0 and 1, s = √(p(1 - p)), and its variance ratio is left empty. Weighted variance: Σw(x - m)²
    / (Σw - Σw²/Σw).

    Compared with R MatchIt's summary (tests/reference/matching.csv). Source: Stuart EA (2010), doi
    10.1214/09-STS313.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 0, 0, 1, 1], "x": [1.0, 2.0, 9.0, 2.0, 4.0]})
    >>> table = balance_table(people, treatment="t", covariates=["x"], weights=[0, 1, 0, 1, 0])
    >>> table[["smd_before", "smd_after"]].round(3).values.tolist()
    [[-0.707, 0.0]]
    """
    where = "balance_table"
    chosen = check_estimand(estimand, ESTIMANDS, where)
    found = read_comparison(data, treatment=treatment, covariates=covariates, factors=factors, where=where)
    given = data[weights] if isinstance(weights, str) else weights
    w = np.ones(len(found.treated)) if given is None else _weights(given, len(found.treated), where)
    for name, arm in (("treated", found.treated), ("control", ~found.treated)):
        if w[arm].sum() == 0:
            raise FrameError(f"{where}: the weights of the {name} rows sum to 0; nobody is left to compare")
    return balance(found.names, found.covariates, found.treated, w, chosen)


def balance(
    names: Sequence[str], covariates: Floats, treated: Booleans, weights: Floats, estimand: str
) -> pd.DataFrame:
    """Balance of the columns of an array, unweighted and by weights; see balance_table."""
    before = np.ones(len(treated))
    binary = np.asarray(np.isin(covariates, (0.0, 1.0)).all(axis=0))
    scale = _scale(covariates, treated, binary, estimand)
    parts = {"covariate": list(names)}
    for when, w in (("before", before), ("after", weights)):
        mean1, variance1 = _moments(covariates[treated], w[treated], binary)
        mean0, variance0 = _moments(covariates[~treated], w[~treated], binary)
        with np.errstate(divide="ignore", invalid="ignore"):
            smd = np.where(mean1 == mean0, 0.0, (mean1 - mean0) / scale)
            ratio = np.where(binary | ~(variance0 > 0), np.nan, variance1 / variance0)
        found = {"mean_treated": mean1, "mean_control": mean0, "smd": smd, "variance_ratio": ratio}
        parts |= {f"{name}_{when}": list(values) for name, values in found.items()}
    return pd.DataFrame(parts, columns=list(BALANCE_COLUMNS))


def _scale(covariates: Floats, treated: Booleans, binary: Booleans, estimand: str) -> Floats:
    ones = np.ones(len(treated))
    variance1 = _moments(covariates[treated], ones[treated], binary)[1]
    variance0 = _moments(covariates[~treated], ones[~treated], binary)[1]
    pooled = (variance1 + variance0) / 2
    chosen = {"ATT": variance1, "ATC": variance0}.get(estimand, pooled)
    # An arm in which nothing varies gives no yardstick; the two together then do.
    return np.sqrt(np.where(chosen > 1e-16, chosen, np.where(pooled > 0, pooled, np.nan)))


def _moments(x: Floats, w: Floats, binary: Booleans) -> tuple[Floats, Floats]:
    """Weighted mean and variance of each column."""
    total = w.sum()
    mean = w @ x / total
    left = total - w @ w / total
    # Nothing spreads around the mean of one row; rounding may leave the divisor a hair above or below zero.
    divisor = left if left > 1e-12 * total else np.nan
    variance = w @ (x - mean) ** 2 / divisor
    return mean, np.where(binary, mean * (1 - mean), variance)


def _weights(given: ArrayLike, count: int, where: str) -> Floats:
    w = np.asarray(given, dtype="float64")
    if w.shape != (count,) or not np.isfinite(w).all() or (w < 0).any():
        raise FrameError(
            f"{where}: weights of shape {w.shape} for {count} rows; expected one number of 0 or more a row"
        )
    return w
