"""Rows with the scores they are matched or weighted by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.matching.arms import Comparison, Floats, read_comparison
from sosrake_lib.effects.matching.scores import Overlap, common_support, need_overlap, score_fit
from sosrake_lib.effects.regression import LogitFit, model_arrays, shown
from sosrake_lib.errors import FrameError


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Rows with the scores they are matched or weighted by.

    Attributes
    ----------
    comparison : the rows. scores : (n,) chances of treatment. overlap : of the arms, by the scores.
    fit : the logit behind the scores, None when they were given.
    """

    comparison: Comparison
    scores: Floats
    overlap: Overlap
    fit: LogitFit | None


def read_scored(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    factors: Sequence[str],
    score: str | None,
    missing: str,
    *,
    where: str,
) -> Scored:
    """Take rows and scores out of a frame: estimated by logit, or from a column."""
    if score is not None and missing == "drop":
        data = data.loc[data[score].notna()] if score in data else data
    comparison = read_comparison(
        data,
        outcome=outcome,
        treatment=treatment,
        covariates=covariates,
        factors=factors,
        missing=missing,
        where=where,
    )
    fit = score_fit(comparison, where) if score is None else None
    if fit is not None:
        scores = fit.probabilities
    else:
        kept = data.loc[comparison.rows] if comparison.dropped else data
        scores = _given_score(kept, outcome, str(score), where)
    overlap = common_support(scores, comparison.treated)
    need_overlap(overlap, where)
    return Scored(comparison, scores, overlap, fit)


def _given_score(data: pd.DataFrame, outcome: str, score: str, where: str) -> Floats:
    scores = model_arrays(data, outcome=outcome, regressors=[score], intercept=False, where=where).design[
        :, 0
    ]
    wrong = (scores <= 0) | (scores >= 1)
    if wrong.any():
        row = shown(data.index[int(np.argmax(wrong))])
        raise FrameError(
            f"{where}: score {score!r} is {scores[wrong][0]:g} in row {row}; "
            "expected chances above 0 and below 1; who is treated for certain has no like among the others"
        )
    return scores
