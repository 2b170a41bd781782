"""The effect by propensity matching, with its checks and the same question answered otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Design
from sosrake_lib.effects.did.reporting import Study, built
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.matching import reporting
from sosrake_lib.effects.matching.nearest import Matching, averages_of, pairs_of
from sosrake_lib.effects.matching.scored import read_scored
from sosrake_lib.effects.matching.scores import target_share
from sosrake_lib.effects.matching.weighting import weighting_of
from sosrake_lib.effects.matching.weights import weighted_difference
from sosrake_lib.effects.regression import check_confidence, t_quantile
from sosrake_lib.errors import SosrakeError

WHERE = "propensity_matching"
# Austin (2011), doi 10.1002/pst.433: standard deviations of the logit of the score.
USUAL_CALIPER = 0.2
LEFT_OUT_DOUBTFUL, LEFT_OUT_FAILED = 0.0, 0.2

Answer = tuple[str, float, float, float]


def propensity_matching(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    factors: Sequence[str] = (),
    score: str | None = None,
    estimand: str = "ATT",
    replace: bool = False,
    ratio: int = 1,
    order: str = "largest",
    caliper: float | None = None,
    caliper_unit: str = "sd",
    scale: str = "score",
    seed: int = 0,
    missing: str = "refuse",
    assignment: str = "chosen",
    times: int = 2,
    measured_in: str = "",
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Compare the treated with the controls nearest to them by the propensity score.

    Parameters
    ----------
    data, outcome, treatment, covariates, factors, score, estimand, ratio, order, caliper, caliper_unit,
    scale, seed, missing : see `match_pairs`.
    replace : False, each control serves once (`match_pairs`; depends on `order`); True, a control may serve
        often and ties are averaged (`match_averaged`; `ratio` = matches each; estimand also "ATE").
    assignment, times : see `Design`; times 2 = covariates before, outcome after. confidence, measured_in,
        source : kept in the result.

    Returns
    -------
    Effect; `details` is the balance table (row `distance` = the score), `sensitivity` nothing adjusted, the
    other way of replacing, a caliper of 0.2 standard deviations of the logit, weighting. Covariates that
    still differ by more than 0.25 standard deviations lower the claim to a difference. What was not measured
    is not matched: see rosenbaum_bounds for how much of it would undo the finding.

    Compared with R MatchIt and Matching (tests/reference/matching.csv).
    Source: Rosenbaum PR, Rubin DB (1985), doi 10.1080/00031305.1985.10479383; errors as in match_pairs.

    Raises
    ------
    FrameError as match_pairs and match_averaged.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 1, 0, 1, 1, 0], "x": [1, 2, 3, 4, 5, 5], "y": [1, 4, 2, 6, 9, 5]})
    >>> found = propensity_matching(people, outcome="y", treatment="t", covariates=["x"])
    >>> print(round(found.estimate, 2), found.claim.value, found.n["control"])
    3.67 ero 3
    """
    check_confidence(confidence, WHERE)
    chosen = reporting.check_estimand(estimand, ("ATT", "ATC", "ATE") if replace else ("ATT", "ATC"), WHERE)
    scored = read_scored(data, outcome, treatment, covariates, factors, score, missing, where=WHERE)
    near: dict[str, Any] = {"caliper": caliper, "caliper_unit": caliper_unit, "scale": scale}
    if replace:
        matching = averages_of(scored, chosen, **near, matches=ratio)
    else:
        matching = pairs_of(scored, chosen, **near, ratio=ratio, order=order, seed=seed)
    study = Study(assignment, measured_in, source, confidence)
    others = _others(matching, confidence, replace=replace, with_caliper=caliper is not None)
    return matched_effect(matching, study, times=times, sensitivity=others)


def matched_effect(
    matching: Matching, study: Study, *, times: int = 2, sensitivity: Sequence[Answer] = ()
) -> Effect:
    """Turn a Matching into an Effect; study : assignment, measured_in, source, confidence."""
    rows = _checks(matching, study.assignment)
    design = Design(2, times, study.assignment)
    dropped = matching.scored.comparison.dropped
    return built(
        matching.estimate,
        matching.standard_error,
        matching.df,
        study=study,
        design=design,
        claim=reporting.bearable(design, rows),
        method=_method(matching),
        n=matching.sizes,
        assumptions=rows,
        sensitivity=sensitivity,
        details=matching.balance,
        caveats=reporting.caveats(rows, dropped=dropped),
    )


def _method(matching: Matching) -> str:
    if matching.pairs is None:
        return "matching_abadie_imbens"
    return "matching_pairs" if np.isfinite(matching.df) else "matching_pairs_replaced"


def _checks(matching: Matching, assignment: str) -> list[reporting.Row]:
    sizes = matching.sizes
    share = sizes["unmatched"] / matching.asked
    verdict = "holds" if share <= LEFT_OUT_DOUBTFUL else "doubtful" if share <= LEFT_OUT_FAILED else "fails"
    return [
        reporting.assignment_row(assignment),
        reporting.balance_row(matching.balance),
        reporting.support_row(target_share(matching.scored.overlap, matching.estimand)),
        ("all_matched", f"{sizes['unmatched']} of {matching.asked} without a match", verdict),
        reporting.size_row(sizes["treated"], sizes["control"]),
        reporting.NO_SPILLOVER,
    ]


def _others(matching: Matching, confidence: float, *, replace: bool, with_caliper: bool) -> list[Answer]:
    scored, asked = matching.scored, matching.estimand
    rows = scored.comparison
    plain = weighted_difference(rows.outcome, rows.treated, np.ones(len(rows.treated)))
    found = [_answer("nothing_adjusted", plain.estimate, plain.standard_error, np.inf, confidence)]
    if replace and asked != "ATE":
        found += _tried("without_replacement", lambda: pairs_of(scored, asked), confidence)
    elif not replace:
        found += _tried("with_replacement", lambda: averages_of(scored, asked), confidence)
    if not with_caliper:
        limited: dict[str, Any] = {"caliper": USUAL_CALIPER, "scale": "logit"}
        kind = averages_of if replace else pairs_of
        found += _tried("caliper_0.2_sd_of_logit", lambda: kind(scored, asked, **limited), confidence)
    weighted = weighting_of(scored, asked).found
    found.append(_answer("weighting", weighted.estimate, weighted.standard_error, np.inf, confidence))
    return found


def _tried(name: str, run: Callable[[], Matching], confidence: float) -> list[Answer]:
    """One more answer, or none where the data do not bear it."""
    try:
        matching = run()
    except SosrakeError:
        return []
    return [_answer(name, matching.estimate, matching.standard_error, matching.df, confidence)]


def _answer(name: str, estimate: float, error: float, df: float, confidence: float) -> Answer:
    half = float(t_quantile(0.5 + confidence / 2, df)) * error
    return (name, estimate, estimate - half, estimate + half)
