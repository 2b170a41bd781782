"""An ordinal outcome compared between groups by proportional odds, with a look at each cut by itself."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats
from sosrake_lib.effects.design import Design
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.groups.arms import Arms, arms, lost_shares
from sosrake_lib.effects.prepost import DROPOUT_DOUBTFUL, FEW_PAIRS
from sosrake_lib.effects.regression import check_confidence, fit_logit, t_quantile, two_sided, with_intercept
from sosrake_lib.errors import SosrakeError

# A cut's own log odds this many of its standard errors from the common one makes one doubt the model.
CUTS_DIFFER = 2.0
# Log odds a deviation of a regressor from which on the likelihood is taken to have no top.
SEPARATED = 15.0


def proportional_odds(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    group: str,
    treated: Any,
    comparison: Any,
    assignment: str,
    covariates: tuple[str, ...] = (),
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Log odds of a higher level afterwards, treated against comparison, at the same level before.

    Parameters
    ----------
    data : one row a person; levels as numbers in their order, NaN = not measured.
    group, treated, comparison, assignment, covariates : as in compared_change.

    Formula: logit P(after > k) = b·treated + c·before + ... - θ_k, one b for every cut k (McCullagh 1980,
    doi 10.1111/j.2517-6161.1980.tb01109.x), by maximum likelihood (statsmodels OrderedModel), Wald limits.

    Returns
    -------
    Effect in log odds with the design's own claim; `details` holds the odds ratio with limits and every
    coefficient; `sensitivity` the log odds at each cut alone.

    Raises
    ------
    SosrakeError with one level only, or when groups and levels are separated so that no estimate exists.

    Examples
    --------
    >>> data = pd.DataFrame({"b": [1, 2, 3, 1, 2, 3, 1, 2, 3, 2, 1, 3], "g": list("xxxxxxyyyyyy")})
    >>> data["a"] = [2, 3, 4, 1, 3, 4, 1, 2, 3, 3, 2, 2]
    >>> found = proportional_odds(
    ...     data, before="b", after="a", group="g", treated="x", comparison="y", assignment="chosen"
    ... )
    >>> print(round(found.estimate, 2), found.claim.value)
    2.36 yhteys
    """
    where = "proportional_odds"
    check_confidence(confidence, where)
    design = Design(groups=2, times=2, assignment=assignment)
    found = arms(
        data, before=before, after=after, group=group, treated=treated, comparison=comparison,
        covariates=covariates, where=where,
    )  # fmt: skip
    regressors = np.column_stack([found.treated, found.before - found.before.mean(), found.covariates])
    odds, covariance, thresholds = _fitted(found.after, regressors)
    estimate, error = float(odds[0]), float(np.sqrt(covariance[0, 0]))
    half = float(t_quantile(0.5 + confidence / 2, np.inf)) * error
    cuts = _cuts(found, regressors, confidence)
    return Effect(
        estimate=estimate,
        standard_error=error,
        lower=estimate - half,
        upper=estimate + half,
        p_value=float(two_sided(estimate / error, np.inf)),
        df=float("inf"),
        confidence=confidence,
        n={"treated": int(found.treated.sum()), "comparison": int((1 - found.treated).sum())},
        unit="log odds",
        design=design,
        claim=design.claim,
        method="proportional_odds",
        assumptions=_assumptions(found, cuts, estimate, half / error),
        sensitivity=cuts,
        details=_details(("difference", "before", *covariates), odds, thresholds, (estimate, half)),
        caveats=_caveats(found, assignment),
        source=source,
    )


def _fitted(after: Floats, regressors: Floats) -> tuple[Floats, Floats, Floats]:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    levels, codes = np.unique(after, return_inverse=True)
    if len(levels) < 2:
        raise SosrakeError(
            f"proportional_odds: every later level is {levels[0]:g}; nothing can be compared; "
            "check the column"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = OrderedModel(codes, regressors, distr="logit", hasconst=False)
        fitted = model.fit(method="bfgs", disp=False, maxiter=500, gtol=1e-8)
    width = regressors.shape[1]
    covariance = np.linalg.inv(-model.hessian(fitted.params))[:width, :width]
    thresholds = np.asarray(model.transform_threshold_params(fitted.params))[1:-1]
    spread = np.abs(fitted.params[:width]) * regressors.std(axis=0)
    if not np.isfinite(fitted.params).all() or not covariance[0, 0] > 0 or (spread > SEPARATED).any():
        raise SosrakeError(
            "proportional_odds: groups or first levels decide the later level, so that no finite estimate "
            "exists; join rare levels, use fewer covariates, or tell the levels as they are"
        )
    return np.asarray(fitted.params[:width]), covariance, thresholds


def _cuts(found: Arms, regressors: Floats, confidence: float) -> pd.DataFrame:
    rows = []
    z = float(t_quantile(0.5 + confidence / 2, np.inf))
    for cut in np.unique(found.after)[1:]:
        try:
            fit = fit_logit((found.after >= cut).astype("float64"), with_intercept(regressors))
        except SosrakeError:
            # Separated at this cut alone: the common odds may still exist, its own do not.
            rows.append((f"level_{cut:g}_or_above", np.nan, np.nan, np.nan))
            continue
        b, error = float(fit.coefficients[1]), float(np.sqrt(fit.bread[1, 1]))
        rows.append((f"level_{cut:g}_or_above", b, b - z * error, b + z * error))
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def _assumptions(found: Arms, cuts: pd.DataFrame, estimate: float, z: float) -> pd.DataFrame:
    errors = (cuts["upper"] - cuts["lower"]) / (2 * z)
    furthest = float(((cuts["estimate"] - estimate) / errors).abs().max())
    verdict = "doubtful" if furthest > CUTS_DIFFER else "holds" if np.isfinite(furthest) else "not_testable"
    lost = lost_shares(found)
    few = min(int(found.treated.sum()), int((1 - found.treated).sum()))
    rows = [
        ("comparison_group", "chosen by the user", "not_testable"),
        ("proportional_odds", f"{furthest:.2f}", verdict),
        ("dropout", f"{lost[0]:.3f}; {lost[1]:.3f}", "doubtful" if max(lost) > DROPOUT_DOUBTFUL else "holds"),
        ("number_of_people", str(few), "doubtful" if few < FEW_PAIRS else "holds"),
    ]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def _details(
    names: tuple[str, ...], odds: Floats, thresholds: Floats, limits: tuple[float, float]
) -> pd.DataFrame:
    estimate, half = limits
    values = {
        "odds_ratio": float(np.exp(estimate)),
        "odds_ratio_lower": float(np.exp(estimate - half)),
        "odds_ratio_upper": float(np.exp(estimate + half)),
    }
    values |= {f"log_odds_{name}": float(value) for name, value in zip(names, odds, strict=True)}
    values |= {f"threshold_{place}": float(value) for place, value in enumerate(thresholds, 1)}
    return pd.DataFrame({"quantity": list(values), "value": list(values.values())})


def _caveats(found: Arms, assignment: str) -> tuple[str, ...]:
    told = ["levels_are_ordinal", "odds_are_not_shares"]
    if assignment != "randomised":
        told += ["groups_differ_unseen", "regression_to_the_mean"]
    if sum(found.lost):
        told.append("dropout")
    return tuple(told)
