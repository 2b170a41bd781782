"""Augmented weighting (doubly robust): right if either the score or the outcome model is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.reporting import Study, built
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.matching import reporting
from sosrake_lib.effects.matching.arms import Booleans, Floats, outcome_design
from sosrake_lib.effects.matching.weighting import Weighting, checks, sizes, weigh
from sosrake_lib.effects.matching.weights import propensity_weights, weighted_difference
from sosrake_lib.effects.regression import check_confidence, fit_ols, t_quantile

WHERE = "augmented_weighting"
AUGMENTED_ESTIMANDS = ("ATE", "ATT", "ATC")
REGISTERED = {"ATE": "aipw_ate", "ATT": "aipw_att", "ATC": "aipw_atc"}


@dataclass(frozen=True, slots=True, eq=False)
class Augmented:
    """Doubly robust estimates.

    Attributes
    ----------
    estimate : with weights normalised within each arm (Hajek). unnormalised : with plain inverse weights.
    standard_error : by the influence function of the unnormalised form. regression : outcome models alone.
    influence : (n,), mean 0 but for rounding.
    """

    estimate: float
    unnormalised: float
    standard_error: float
    regression: float
    influence: Floats


def augmented(
    outcome: Floats, treated: Booleans, scores: Floats, fitted1: Floats, fitted0: Floats, estimand: str
) -> Augmented:
    """Combine scores and outcome models; all (n,). Formulas as in `augmented_weighting`.

    fitted1, fitted0 : each row's outcome as the treated's and as the controls' model expects it.

    Examples
    --------
    >>> import numpy as np
    >>> y, t, half = np.array([1.0, 3.0, 6.0, 6.0]), np.array([False, False, True, True]), np.full(4, 0.5)
    >>> found = augmented(y, t, half, np.full(4, 6.0), np.full(4, 2.0), "ATE")
    >>> found.estimate, found.unnormalised
    (4.0, 4.0)
    """
    asked = {"ATE": np.ones(len(outcome)), "ATT": treated.astype("float64"), "ATC": 1.0 - treated}[estimand]
    share = asked.mean()
    modelled = fitted1 - fitted0
    regression = float((asked * modelled).mean() / share)
    residual = np.where(treated, outcome - fitted1, outcome - fitted0)
    weights = propensity_weights(scores, treated, estimand)
    normalised = weighted_difference(residual, treated, weights).estimate
    parts = (asked * modelled + np.where(treated, weights, -weights) * residual) / share
    unnormalised = float(parts.mean())
    # For the treated (or controls) alone, how many they are is itself estimated.
    influence = parts - asked / share * unnormalised
    error = float(influence.std(ddof=1) / np.sqrt(len(outcome)))
    return Augmented(regression + normalised, unnormalised, error, regression, influence)


def augmented_weighting(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    factors: Sequence[str] = (),
    score: str | None = None,
    estimand: str = "ATE",
    trim: float = 0.0,
    refit: bool = True,
    missing: str = "refuse",
    assignment: str = "chosen",
    times: int = 2,
    measured_in: str = "",
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Compare treated and controls by weights and by regression at once (AIPW).

    Parameters
    ----------
    as in `inverse_probability_weighting`; estimand : "ATE" everyone, "ATT" the treated, "ATC" the controls.

    Returns
    -------
    Effect, normal interval. With p the score, m1 and m0 linear models fitted to each arm apart:
    ATE = mean(m1 - m0) + Σ (t/p)(y - m1) / Σ t/p - Σ ((1-t)/(1-p))(y - m0) / Σ (1-t)/(1-p);
    ATT = mean over the treated of (m1 - m0) + mean over them of (y - m1) - Σ o(y - m0) / Σ o over the
    controls, o = p/(1-p); ATC the other way round.
    Standard error: sd(ψ)/√n, for the ATE ψ = t(y-m1)/p + m1 - (1-t)(y-m0)/(1-p) - m0; for the ATT ψ =
    [t(y-m0) - (1-t)·o·(y-m0) - t·τ] / share treated. Valid when both models are near the truth.
    `sensitivity`: nothing adjusted, weights alone, regression alone, unnormalised weights. `details`: the
    balance table.

    Compared with R PSweight's point estimates (tests/reference/matching.csv); its standard error of the
    augmented ATT is not usable. Source: Robins, Rotnitzky and Zhao (1994), doi 10.2307/2290910; Glynn AN,
    Quinn KM (2010), doi 10.1093/pan/mpp036.

    Raises
    ------
    FrameError as inverse_probability_weighting, and for a covariate that one arm cannot tell about.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 1, 0, 1, 1, 0], "x": [1, 2, 3, 4, 5, 5], "y": [1, 4, 2, 6, 9, 5]})
    >>> found = augmented_weighting(people, outcome="y", treatment="t", covariates=["x"])
    >>> round(found.estimate, 3), round(found.standard_error, 3)
    (2.803, 0.559)
    """
    check_confidence(confidence, WHERE)
    chosen = reporting.check_estimand(estimand, AUGMENTED_ESTIMANDS, WHERE)
    weighting = weigh(
        data,
        outcome=outcome,
        treatment=treatment,
        covariates=covariates,
        factors=factors,
        score=score,
        estimand=chosen,
        trim=trim,
        refit=refit,
        missing=missing,
    )
    found = augment(weighting)
    rows = checks(weighting, assignment)
    design = Design(2, times, assignment)
    return built(
        found.estimate,
        found.standard_error,
        np.inf,
        study=Study(assignment, measured_in, source, confidence),
        design=design,
        claim=reporting.bearable(design, rows),
        method=REGISTERED[chosen],
        n=sizes(weighting),
        assumptions=rows,
        sensitivity=_others(weighting, found, confidence),
        details=weighting.balance,
        caveats=reporting.caveats(
            rows,
            dropped=weighting.sample.comparison.dropped,
            extra=("trimmed",) if weighting.sample.trimmed else (),
        ),
    )


def augment(weighting: Weighting) -> Augmented:
    """Add linear outcome models of each arm to a weighting."""
    rows = weighting.sample.comparison
    fitted = []
    for name, arm in (("treated", rows.treated), ("control", ~rows.treated)):
        fit = fit_ols(rows.outcome[arm], outcome_design(rows, arm, name, WHERE))
        fitted.append(rows.design @ fit.coefficients)
    return augmented(
        rows.outcome, rows.treated, weighting.sample.scores, fitted[0], fitted[1], weighting.estimand
    )


def _others(
    weighting: Weighting, found: Augmented, confidence: float
) -> list[tuple[str, float, float, float]]:
    quantile = float(t_quantile(0.5 + confidence / 2, np.inf))
    rows = weighting.sample.comparison
    plain = weighted_difference(rows.outcome, rows.treated, np.ones(len(rows.treated)))
    answers = [
        ("nothing_adjusted", plain.estimate, plain.standard_error),
        ("weights_alone", weighting.found.estimate, weighting.found.standard_error),
        # The error of the main analysis stands for these two: they are answers, not tests.
        ("regression_alone", found.regression, found.standard_error),
        ("unnormalised_weights", found.unnormalised, found.standard_error),
    ]
    return [(name, value, value - quantile * se, value + quantile * se) for name, value, se in answers]
