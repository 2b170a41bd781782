"""Mean change when some were not measured again: those who were, weighted by how likely they were to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats, need_columns, numbers
from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.regression import check_confidence, fit_logit, t_quantile, two_sided, with_intercept
from sosrake_lib.errors import FrameError

# Below this chance of being measured again, one person stands for more than twenty.
SMALL_CHANCE = 0.05
FEW_EFFECTIVE = 20


@dataclass(frozen=True, slots=True, eq=False)
class _Weighted:
    mean: float
    error: float
    weights: Floats
    effective: float


def weighted_change(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    predictors: tuple[str, ...] = (),
    unit: str,
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Mean change of everyone measured at the start, by inverse-probability weighting.

    Parameters
    ----------
    data : one row a person, NaN in `after` = not measured again; without `before` a person is left out.
    predictors : columns of numbers known at the start of everyone (age, group as 0/1 ...); `before` always is
        one.
    unit : what a score counts.

    Returns
    -------
    Effect with claim `muutos`, t interval; standard error by the influence of each person, the estimated
    chances counted in (Lunceford & Davidian 2004, doi 10.1002/sim.1903). `details`: chance of each predictor
    (log odds), effective number. `sensitivity`: unweighted, and the lost taken as unchanged.

    Holds if people with the same first score and predictors change alike whether measured again or not; that
    cannot be tested from the data. change_bounds tells what without it.

    Raises
    ------
    FrameError for a missing column, an empty predictor, nobody lost or fewer than three pairs; SosrakeError
    when a predictor tells exactly who was lost.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [2.0, 3, 4, 5, 6, 7, 8, 4], "after": [5.0, 5, 6, 6, None, 8, None, 5]})
    >>> found = weighted_change(data, before="before", after="after", unit="points")
    >>> print(round(found.estimate, 2), found.n["lost"])
    1.52 2
    """
    where = "weighted_change"
    check_confidence(confidence, where)
    need_columns(data, [before, after, *predictors], where)
    began = data.loc[np.isfinite(numbers(data, before, where))]
    names = (before, *(name for name in predictors if name != before))
    design = with_intercept(*(numbers(began, name, where, complete=True) for name in names))
    second = numbers(began, after, where)
    again = np.isfinite(second)
    change = np.where(again, second - design[:, 1], 0.0)
    found = weigh_followed(change, again, design, ("intercept", *names), confidence, where)
    return Effect(
        **found.figures,
        unit=unit,
        design=Design(groups=1, times=2),
        claim=Claim.MUUTOS,
        method="weighted_change",
        assumptions=found.assumptions,
        sensitivity=_sensitivity(change, again, confidence),
        details=found.details,
        caveats=(
            "no_comparison_group",
            "regression_to_the_mean",
            "dropout",
            "dropout_explained_by_predictors",
        ),
        source=source,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Those followed up, weighted to stand for everyone who began.

    Attributes
    ----------
    figures : fields of an Effect: estimate, standard_error, lower, upper, p_value, df, confidence, n.
    assumptions, details : frames of an Effect.
    """

    figures: dict[str, Any]
    assumptions: pd.DataFrame
    details: pd.DataFrame


def weigh_followed(
    values: Floats,
    again: np.ndarray,
    design: Floats,
    names: tuple[str, ...],
    confidence: float,
    where: str,
) -> Followed:
    """Weigh the values of those followed up by the fitted chance of it.

    Parameters
    ----------
    values : (people,) what is averaged, 0 where lost. again : bool, was followed up.
    design : (people, columns) what was known at the start, an intercept first; `names` of its columns.

    Raises
    ------
    FrameError when nobody was lost or fewer than three were followed up.
    """
    _check_lost(again, where)
    fit = fit_logit(again.astype("float64"), design)
    found = weighted_mean(values, again, fit.probabilities, fit.scores, fit.bread)
    freedom = float(again.sum() - 1)
    half = float(t_quantile(0.5 + confidence / 2, freedom)) * found.error
    figures = {
        "estimate": found.mean,
        "standard_error": found.error,
        "lower": found.mean - half,
        "upper": found.mean + half,
        "p_value": float(two_sided(found.mean / found.error, freedom)),
        "df": freedom,
        "confidence": confidence,
        "n": {"paired": int(again.sum()), "lost": int((~again).sum())},
    }
    details = _details(names, fit.coefficients, fit.bread, found)
    return Followed(figures, _assumptions(found, fit.probabilities[again]), details)


def weighted_mean(
    change: Floats, again: np.ndarray, chance: Floats, scores: Floats, bread: Floats
) -> _Weighted:
    """Mean of changes weighted by 1/chance over those measured again, with its standard error.

    `scores` and `bread` are those of the logistic fit of being measured again; projecting on them counts in
    that the chances are estimated.

    Examples
    --------
    >>> found = weighted_mean(
    ...     np.array([1.0, 3.0, 0.0]), np.array([True, True, False]), np.array([0.5, 1.0, 0.5]),
    ...     np.zeros((3, 1)), np.eye(1)
    ... )
    >>> print(round(found.mean, 4))
    1.6667
    """
    weights = np.where(again, 1 / chance, 0.0)
    mean = float(weights @ change / weights.sum())
    own = weights * (change - mean)
    # The part of a person's influence that the fitted chances already explain is taken out.
    explained = scores @ (bread @ (scores.T @ own))
    influence = (own - explained) * len(change) / weights.sum()
    n = len(change)
    error = float(np.sqrt((influence**2).sum() / (n * (n - scores.shape[1]))))
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return _Weighted(mean, error, weights[again], effective)


def _check_lost(again: np.ndarray, where: str) -> None:
    if again.all():
        raise FrameError(
            f"{where}: everyone was measured again; nothing is to be weighted: use paired_change"
        )
    if again.sum() < 3:
        raise FrameError(f"{where}: {int(again.sum())} people have both measurements; expected three or more")


def _assumptions(found: _Weighted, chance: Floats) -> pd.DataFrame:
    smallest = float(chance.min())
    rows = [
        ("comparison_group", "none", "fails"),
        ("regression_to_the_mean", "not measured", "not_testable"),
        ("lost_change_alike", "not known", "not_testable"),
        (
            "chance_of_second_measurement",
            f"{smallest:.3f}",
            "doubtful" if smallest < SMALL_CHANCE else "holds",
        ),
        (
            "effective_number",
            f"{found.effective:.1f}",
            "doubtful" if found.effective < FEW_EFFECTIVE else "holds",
        ),
    ]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def _sensitivity(change: Floats, again: np.ndarray, confidence: float) -> pd.DataFrame:
    rows = []
    for name, values in (("unweighted", change[again]), ("dropouts_unchanged", change)):
        error = values.std(ddof=1) / np.sqrt(len(values))
        half = float(t_quantile(0.5 + confidence / 2, len(values) - 1)) * error
        rows.append((name, float(values.mean()), float(values.mean() - half), float(values.mean() + half)))
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def _details(names: tuple[str, ...], odds: Floats, bread: Floats, found: _Weighted) -> pd.DataFrame:
    values = {f"log_odds_{name}": float(value) for name, value in zip(names, odds, strict=True)}
    values |= {
        f"standard_error_{name}": float(value)
        for name, value in zip(names, np.sqrt(np.diag(bread)), strict=True)
    }
    values |= {"effective_number": found.effective, "largest_weight": float(found.weights.max())}
    return pd.DataFrame({"quantity": list(values), "value": list(values.values())})
