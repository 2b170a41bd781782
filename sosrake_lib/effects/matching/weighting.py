"""Inverse-probability weighting: everyone stands for as many as were like them but in the other arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.reporting import Study, built
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.matching import reporting
from sosrake_lib.effects.matching.balance import balance
from sosrake_lib.effects.matching.sample import Sample, sample_of
from sosrake_lib.effects.matching.scored import Scored, read_scored
from sosrake_lib.effects.matching.scores import target_share
from sosrake_lib.effects.matching.weights import (
    WEIGHTED_ESTIMANDS,
    WeightedDifference,
    estimated_score_error,
    propensity_weights,
    weighted_difference,
)
from sosrake_lib.effects.regression import check_confidence, t_quantile
from sosrake_lib.errors import FrameError, SosrakeError

WHERE = "inverse_probability_weighting"
ERRORS = ("score_known", "score_estimated")
REGISTERED = {"ATT": "ipw_att", "ATE": "ipw_ate", "ATC": "ipw_atc", "ATO": "ipw_ato"}
# Trimmings a reader is shown beside the main answer.
OTHER_TRIMS = (0.05, 0.1)


@dataclass(frozen=True, slots=True, eq=False)
class Weighting:
    """A weighted comparison.

    Attributes
    ----------
    scored : rows before trimming. sample : rows, scores, overlap, how many were trimmed. estimand.
    found : means, effective sizes, errors.
    weights : by row label. balance : see balance_table.
    score_estimated_error : standard error with the estimated score counted in; None for given scores.
    """

    scored: Scored
    sample: Sample
    estimand: str
    found: WeightedDifference
    weights: pd.Series
    balance: pd.DataFrame
    score_estimated_error: float | None


def weigh(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    factors: Sequence[str] = (),
    score: str | None = None,
    estimand: str = "ATT",
    trim: float = 0.0,
    refit: bool = True,
    missing: str = "refuse",
) -> Weighting:
    """Weigh treated and controls by their scores; parameters as in `inverse_probability_weighting`.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 1, 0, 1, 1, 0], "x": [1, 2, 3, 4, 5, 5], "y": [1, 4, 2, 6, 9, 5]})
    >>> found = weigh(people, outcome="y", treatment="t", covariates=["x"])
    >>> round(found.found.estimate, 3), round(found.found.effective_control, 3)
    (2.853, 2.436)
    """
    chosen = reporting.check_estimand(estimand, WEIGHTED_ESTIMANDS, WHERE)
    scored = read_scored(data, outcome, treatment, covariates, factors, score, missing, where=WHERE)
    return weighting_of(scored, chosen, trim=trim, refit=refit)


def weighting_of(
    scored: Scored, estimand: str = "ATT", *, trim: float = 0.0, refit: bool = True
) -> Weighting:
    """Weigh rows already scored; parameters as in `inverse_probability_weighting`."""
    sample = sample_of(scored, trim, refit=refit, where=WHERE)
    rows = sample.comparison
    weights = propensity_weights(sample.scores, rows.treated, estimand)
    found = weighted_difference(rows.outcome, rows.treated, weights)
    columns = np.column_stack([sample.scores, rows.covariates])
    fit = sample.fit
    return Weighting(
        scored,
        sample,
        estimand,
        found,
        pd.Series(weights, index=rows.rows, name="weight"),
        balance(("distance", *rows.names), columns, rows.treated, weights, estimand),
        None
        if fit is None
        else estimated_score_error(rows.outcome, rows.treated, weights, found, fit, estimand),
    )


def inverse_probability_weighting(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    factors: Sequence[str] = (),
    score: str | None = None,
    estimand: str = "ATT",
    standard_error: str = "score_known",
    trim: float = 0.0,
    refit: bool = True,
    missing: str = "refuse",
    assignment: str = "chosen",
    times: int = 2,
    measured_in: str = "",
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Compare treated and controls who are made alike by weights.

    Parameters
    ----------
    data : one row a person. outcome : column of numbers. treatment : column of 0 and 1.
    covariates, factors : what was known before the treatment and may have decided it.
    score : a column of chances estimated elsewhere instead of a logit of the covariates.
    estimand : "ATT" the treated, "ATE" everyone, "ATC" the controls, "ATO" those who might have gone either
        way (weights never explode).
    standard_error : "score_known" (robust; the usual report, too wide for the ATE as a rule) or
        "score_estimated" (stacked estimating equations).
    trim : rows with a score below this or above 1 - this are left out; `refit` the scores on those kept. The
        question then is about those kept. missing : "refuse" or "drop" rows with an empty value.
    assignment, times : see `Design`; times 2 = covariates before, outcome after. confidence, measured_in,
        source : kept in the result.

    Returns
    -------
    Effect, normal interval. estimate = Σw1·y/Σw1 - Σw0·y/Σw0 (Hajek). `details` is the balance table,
    `sensitivity` nothing adjusted, the other standard error, trimmed at 0.05 and 0.1; `n` also the effective
    sizes, rounded down. A check that fails lowers the claim to a difference.

    Compared with R survey's svyglm (tests/reference/matching.csv) and with Hernán and Robins's (2020, chapter
    12) 3.4 (2.4 to 4.5) kg (tests/test_weighting.py). Source: Hirano K, Imbens GW (2001), doi
    10.1023/A:1020371312283.

    Raises
    ------
    FrameError for unfit columns, perfect separation, scores that meet nowhere, nothing left after trimming.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 1, 0, 1, 1, 0], "x": [1, 2, 3, 4, 5, 5], "y": [1, 4, 2, 6, 9, 5]})
    >>> found = inverse_probability_weighting(people, outcome="y", treatment="t", covariates=["x"])
    >>> print(round(found.estimate, 3), found.claim.value, "few_units" in found.caveats)
    2.853 yhteys True
    """
    if standard_error not in ERRORS:
        raise FrameError(f"{WHERE}: standard_error {standard_error!r}; expected one of {', '.join(ERRORS)}")
    check_confidence(confidence, WHERE)
    weighting = weigh(
        data,
        outcome=outcome,
        treatment=treatment,
        covariates=covariates,
        factors=factors,
        score=score,
        estimand=estimand,
        trim=trim,
        refit=refit,
        missing=missing,
    )
    error = _chosen_error(weighting, standard_error)
    study = Study(assignment, measured_in, source, confidence)
    rows = checks(weighting, assignment)
    design = Design(2, times, assignment)
    return built(
        weighting.found.estimate,
        error,
        np.inf,
        study=study,
        design=design,
        claim=reporting.bearable(design, rows),
        method=REGISTERED[weighting.estimand],
        n=sizes(weighting),
        assumptions=rows,
        sensitivity=_others(weighting, standard_error, trim, confidence),
        details=weighting.balance,
        caveats=reporting.caveats(
            rows,
            dropped=weighting.sample.comparison.dropped,
            extra=("trimmed",) if weighting.sample.trimmed else (),
        ),
    )


def _chosen_error(weighting: Weighting, kind: str) -> float:
    if kind == "score_known":
        return weighting.found.standard_error
    if weighting.score_estimated_error is None:
        raise FrameError(
            f"{WHERE}: standard_error 'score_estimated' needs scores estimated here on the rows used; leave "
            "`score` out and refit, or use score_known"
        )
    return weighting.score_estimated_error


def sizes(weighting: Weighting) -> dict[str, int]:
    """Rows used, their effective numbers, and those left out."""
    found = weighting.found
    return {
        **weighting.sample.comparison.sizes,
        "effective_treated": int(found.effective_treated + 1e-9),
        "effective_control": int(found.effective_control + 1e-9),
        "trimmed": weighting.sample.trimmed,
    }


def checks(weighting: Weighting, assignment: str) -> list[reporting.Row]:
    """Judge what a weighted comparison rests on."""
    counts = weighting.sample.comparison.sizes
    effective = min(
        weighting.found.effective_treated / counts["treated"],
        weighting.found.effective_control / counts["control"],
    )
    return [
        reporting.assignment_row(assignment),
        reporting.balance_row(weighting.balance),
        reporting.support_row(target_share(weighting.sample.overlap, weighting.estimand)),
        reporting.effective_row(effective),
        reporting.size_row(counts["treated"], counts["control"]),
        reporting.NO_SPILLOVER,
    ]


def _others(
    weighting: Weighting,
    standard_error: str,
    trim: float,
    confidence: float,
) -> list[tuple[str, float, float, float]]:
    """The same question answered otherwise: `analysis, estimate, lower, upper`."""
    quantile = float(t_quantile(0.5 + confidence / 2, np.inf))
    rows = weighting.sample.comparison
    plain = weighted_difference(rows.outcome, rows.treated, np.ones(len(rows.treated)))
    found = [("nothing_adjusted", plain.estimate, plain.standard_error)]
    other = "score_estimated" if standard_error == "score_known" else "score_known"
    if weighting.score_estimated_error is not None:
        found.append((f"standard_error_{other}", weighting.found.estimate, _chosen_error(weighting, other)))
    for level in OTHER_TRIMS:
        if level > trim:
            try:
                again = weighting_of(weighting.scored, weighting.estimand, trim=level).found
            except SosrakeError:
                # Nothing comparable is left at this trimming: no answer to show.
                continue
            found.append((f"trimmed_{level:g}", again.estimate, again.standard_error))
    return [(name, value, value - quantile * se, value + quantile * se) for name, value, se in found]
