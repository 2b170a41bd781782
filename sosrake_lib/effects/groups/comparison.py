"""Change of a group beside that of another: analysis of covariance, and what other analyses would say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats
from sosrake_lib.effects.design import Design
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.groups.arms import Arms, arms, lost_shares
from sosrake_lib.effects.prepost import DROPOUT_DOUBTFUL, FEW_PAIRS
from sosrake_lib.effects.regression import (
    LinearFit,
    check_confidence,
    coefficient_table,
    cr2,
    fit_ols,
    hc_covariance,
    t_quantile,
    two_sided,
    with_intercept,
)
from sosrake_lib.errors import SosrakeError

# First scores this many deviations apart are not adjusted away by a straight line one may trust.
FAR_APART = 0.5


def compared_change(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    group: str,
    treated: Any,
    comparison: Any,
    assignment: str,
    unit: str,
    covariates: tuple[str, ...] = (),
    cluster: str | None = None,
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Difference in later scores between a group and its comparison, at the same first score.

    Parameters
    ----------
    data : one row a person, NaN = not measured.
    group, treated, comparison : column and its two values; other groups are left out.
    assignment : how people came to the groups: "none", "chosen", "by_rule" or "randomised" (Design). It
        decides what may be claimed; of people who chose, ANCOVA and change scores answer different questions
        (Lord 1967, doi 10.1037/h0025105) and `sensitivity` shows both.
    unit : what a score counts.
    covariates : columns of numbers adjusted for as well.
    cluster : column of groups within which people go together; then CR2 with Satterthwaite's freedom.

    Formula: after = b₀ + b₁ treated + b₂(before - mean) + ...; estimate b₁, HC3 without clusters.

    Returns
    -------
    Effect with the design's own claim. `sensitivity`: change scores, unadjusted later scores, slopes of the
    first score free in each group; `details`: every coefficient.

    Raises
    ------
    FrameError for missing columns, unknown group, fewer than three people a group; SosrakeError for a fit
    without freedom or with a covariate that repeats another.

    Examples
    --------
    >>> data = pd.DataFrame({"b": [10.0, 12, 14, 16, 11, 13, 15, 17], "g": list("xxxxyyyy")})
    >>> data["a"] = [15.0, 16, 19, 20, 12, 15, 15, 18]
    >>> found = compared_change(
    ...     data, before="b", after="a", group="g", treated="x", comparison="y", assignment="randomised",
    ...     unit="points",
    ... )
    >>> print(round(found.estimate, 2), found.claim.value)
    3.4 vaikutus
    """
    where = "compared_change"
    check_confidence(confidence, where)
    design = Design(groups=2, times=2, assignment=assignment)
    found = arms(
        data, before=before, after=after, group=group, treated=treated, comparison=comparison,
        covariates=covariates, cluster=cluster, where=where,
    )  # fmt: skip
    if np.ptp(found.after) == 0 or np.ptp(found.before) == 0:
        raise SosrakeError(
            f"{where}: every score of {before if np.ptp(found.before) == 0 else after!r} is the same; "
            "nothing can be compared; check the column"
        )
    regressors = with_intercept(found.treated, found.before - found.before.mean(), found.covariates)
    fit = fit_ols(found.after, regressors)
    names = ("intercept", "difference", "before", *covariates)
    error, df, table = _inference(fit, found, names, confidence)
    half = float(t_quantile(0.5 + confidence / 2, df)) * error
    estimate = float(fit.coefficients[1])
    return Effect(
        estimate=estimate,
        standard_error=error,
        lower=estimate - half,
        upper=estimate + half,
        p_value=float(two_sided(estimate / error, df)),
        df=df,
        confidence=confidence,
        n={"treated": int(found.treated.sum()), "comparison": int((1 - found.treated).sum())},
        unit=unit,
        design=design,
        claim=design.claim,
        method="ancova_change",
        assumptions=_assumptions(fit, found, assignment),
        sensitivity=_sensitivity(found, confidence),
        details=table,
        caveats=_caveats(found, assignment),
        source=source,
    )


def _inference(
    fit: LinearFit, found: Arms, names: tuple[str, ...], confidence: float
) -> tuple[float, float, pd.DataFrame]:
    if fit.df_residual < 1:
        raise SosrakeError(
            f"compared_change: {fit.n} people for {fit.k} coefficients; "
            "expected more people or fewer covariates"
        )
    if found.cluster is not None:
        robust = cr2(fit, found.cluster)
        table = coefficient_table(names, fit.coefficients, robust.covariance, robust.df, confidence)
    else:
        kind = "HC3" if (fit.leverage < 1 - 1e-9).all() else "HC1"
        table = coefficient_table(
            names, fit.coefficients, hc_covariance(fit, kind), fit.df_residual, confidence
        )
    row = table.set_index("term").loc["difference"]
    if not row["standard_error"] > 0:
        raise SosrakeError(
            "compared_change: later scores follow first scores and groups without any residual; no interval "
            "can be computed; check the data"
        )
    return float(row["standard_error"]), float(row["df"]), table


def _sensitivity(found: Arms, confidence: float) -> pd.DataFrame:
    centred = found.before - found.before.mean()
    whole = found.covariates
    change = found.after - found.before
    fits = {
        "change_scores": (change, with_intercept(found.treated, whole)),
        "without_first_score": (found.after, with_intercept(found.treated, whole)),
        "slopes_apart": (
            found.after,
            with_intercept(found.treated, centred, found.treated * centred, whole),
        ),
    }
    rows = []
    for name, (outcome, regressors) in fits.items():
        fit = fit_ols(outcome, regressors)
        if fit.df_residual < 1 or fit.rss <= 0:
            continue
        covariance = (
            hc_covariance(fit, "HC1") if found.cluster is None else cr2(fit, found.cluster).covariance
        )
        names = [str(place) for place in range(fit.k)]
        table = coefficient_table(names, fit.coefficients, covariance, fit.df_residual, confidence)
        rows.append((name, *(float(value) for value in table.loc[1, ["estimate", "lower", "upper"]])))
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def _apart(found: Arms) -> float:
    in_group = found.treated > 0
    parts = found.before[in_group], found.before[~in_group]
    spread = np.sqrt(sum(float(part.var(ddof=1)) for part in parts) / 2)
    return float((parts[0].mean() - parts[1].mean()) / spread) if spread > 0 else float("inf")


def _overlap_of_first(found: Arms) -> float:
    """Share of the treated whose first score lies within the comparison's range."""
    in_group = found.treated > 0
    low, high = found.before[~in_group].min(), found.before[~in_group].max()
    inside: Floats = (found.before[in_group] >= low) & (found.before[in_group] <= high)
    return float(inside.mean())


def _assumptions(fit: LinearFit, found: Arms, assignment: str) -> pd.DataFrame:
    apart, inside, lost = _apart(found), _overlap_of_first(found), lost_shares(found)
    random = assignment == "randomised"
    few = min(int(found.treated.sum()), int((1 - found.treated).sum()))
    worst = max(lost) > DROPOUT_DOUBTFUL or abs(lost[0] - lost[1]) > DROPOUT_DOUBTFUL / 2
    rows = [
        ("comparison_group", assignment, "holds" if random else "not_testable"),
        ("first_scores_alike", f"{apart:.2f}", "doubtful" if abs(apart) > FAR_APART else "holds"),
        ("first_scores_overlap", f"{inside:.2f}", "fails" if inside < 0.5 else "holds"),
        ("dropout", f"{lost[0]:.3f}; {lost[1]:.3f}", "doubtful" if worst else "holds"),
        ("number_of_people", str(few), "doubtful" if few < FEW_PAIRS else "holds"),
    ]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def _caveats(found: Arms, assignment: str) -> tuple[str, ...]:
    told = []
    if assignment != "randomised":
        told += ["groups_differ_unseen", "regression_to_the_mean"]
    if sum(found.lost):
        told.append("dropout")
    if min(found.treated.sum(), (1 - found.treated).sum()) < FEW_PAIRS:
        told.append("few_people")
    return tuple(told)
