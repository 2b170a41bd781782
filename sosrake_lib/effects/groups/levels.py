"""A level at the end when some were not followed up: weighted by the chance of it, and bounded without it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import need_columns, numbers
from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.effect import SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.groups.bounds import ChangeBounds, change_bounds
from sosrake_lib.effects.groups.weighting import weigh_followed
from sosrake_lib.effects.regression import check_confidence, t_quantile, with_intercept
from sosrake_lib.errors import FrameError

_ZERO = "level before"


def weighted_level(
    data: pd.DataFrame,
    *,
    outcome: str,
    predictors: tuple[str, ...],
    unit: str,
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Mean level at the end of everyone who began, by inverse-probability weighting.

    It answers what share of all would have reached their goals, if those who left resemble those who stayed
    with the same predictors. With an outcome of 0 and 100 the estimate is a share in per cent.

    Parameters
    ----------
    data : one row a person who began, NaN in `outcome` = not followed up.
    predictors : columns of numbers known at the start of everyone; one at least.
    unit : what a level counts.

    Formula: Σ y/p / Σ 1/p over those followed up, p the chance of it by logistic regression; the standard
    error counts in that p is estimated (Lunceford & Davidian 2004, doi 10.1002/sim.1903).

    Returns
    -------
    Effect with claim `kuvaus`: a level tells of no change. `n`: paired (followed up) and lost; `details` as
    weighted_change; `sensitivity`: unweighted. level_bounds tells what without the assumption.

    Raises
    ------
    FrameError for a missing column, no predictor, an empty predictor, nobody lost or fewer than three
    followed up; SosrakeError when a predictor tells exactly who was lost.

    Examples
    --------
    >>> data = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6, 2, 4], "y": [0.0, 0, 1, 1, 1, None, None, 0]})
    >>> found = weighted_level(data, outcome="y", predictors=("x",), unit="points")
    >>> print(round(found.estimate, 2), found.n["lost"], found.claim.value)
    0.53 2 kuvaus
    """
    where = "weighted_level"
    check_confidence(confidence, where)
    need_columns(data, [outcome, *predictors], where)
    if not predictors:
        raise FrameError(f"{where}: no predictors; name what was known at the start, or use the plain mean")
    design = with_intercept(*(numbers(data, name, where, complete=True) for name in predictors))
    level = numbers(data, outcome, where)
    again = np.isfinite(level)
    values = np.where(again, level, 0.0)
    found = weigh_followed(values, again, design, ("intercept", *predictors), confidence, where)
    about_change = found.assumptions["check"].isin(["comparison_group", "regression_to_the_mean"])
    return Effect(
        **found.figures,
        unit=unit,
        design=Design(groups=1, times=2),
        claim=Claim.KUVAUS,
        method="weighted_level",
        assumptions=found.assumptions.loc[~about_change].reset_index(drop=True),
        sensitivity=_unweighted(level[again], confidence),
        details=found.details,
        caveats=("dropout", "dropout_explained_by_predictors"),
        source=source,
    )


def level_bounds(
    data: pd.DataFrame, *, outcome: str, lowest: float, highest: float, confidence: float = 0.95
) -> ChangeBounds:
    """Bound the mean level at the end without assuming anything of those who were not followed up.

    Parameters
    ----------
    data : one row a person who began, NaN in `outcome` = not followed up.
    lowest, highest : ends of the outcome, such as 0 and 100 of a share in per cent.

    Returns
    -------
    ChangeBounds with levels in the place of changes: a level is a change from zero. `lost_unchanged` of its
    table then means zero.

    Examples
    --------
    >>> data = pd.DataFrame({"reached": [100.0, 100, 0, 100, None]})
    >>> found = level_bounds(data, outcome="reached", lowest=0, highest=100)
    >>> print(found.low, found.high, found.complete)
    60.0 80.0 75.0
    """
    need_columns(data, [outcome], "level_bounds")
    if not lowest <= 0 <= highest:
        raise FrameError(f"level_bounds: {lowest:g} to {highest:g}; expected a scale that holds 0")
    from_zero = pd.DataFrame({_ZERO: np.zeros(len(data)), outcome: data[outcome].to_numpy()})
    return change_bounds(
        from_zero, before=_ZERO, after=outcome, lowest=lowest, highest=highest, confidence=confidence
    )


def _unweighted(level: np.ndarray, confidence: float) -> pd.DataFrame:
    error = level.std(ddof=1) / np.sqrt(len(level))
    half = float(t_quantile(0.5 + confidence / 2, len(level) - 1)) * error
    row = ("unweighted", float(level.mean()), float(level.mean() - half), float(level.mean() + half))
    return pd.DataFrame([row], columns=list(SENSITIVITY_COLUMNS))
