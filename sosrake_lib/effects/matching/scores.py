"""The propensity score: each row's estimated chance of treatment, and where the two arms overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sosrake_lib.effects.matching.arms import Booleans, Comparison, Floats, read_comparison
from sosrake_lib.effects.regression import LogitFit, coefficient_table, fit_logit, separates, with_intercept
from sosrake_lib.errors import FrameError, SosrakeError


@dataclass(frozen=True, slots=True)
class Overlap:
    """Where the scores of treated and controls overlap.

    Attributes
    ----------
    lower, upper : the range both arms reach (common support).
    treated_inside, control_inside, all_inside : shares of rows in it.
    """

    lower: float
    upper: float
    treated_inside: float
    control_inside: float
    all_inside: float


@dataclass(frozen=True, slots=True, eq=False)
class PropensityScore:
    """An estimated propensity score.

    Attributes
    ----------
    coefficients : frame `term, estimate, standard_error, statistic, df, p_value, lower, upper`, log odds.
    scores : chance of treatment by row label. treated : truth values by row label.
    overlap : see Overlap. dropped : rows left out for empty values.
    """

    coefficients: pd.DataFrame
    scores: pd.Series
    treated: pd.Series
    overlap: Overlap
    dropped: int

    @property
    def mean_treated(self) -> float:
        """Mean score of the treated."""
        return float(self.scores[self.treated].mean())

    @property
    def mean_control(self) -> float:
        """Mean score of the controls."""
        return float(self.scores[~self.treated].mean())


def propensity_score(
    data: pd.DataFrame,
    *,
    treatment: str,
    covariates: Sequence[str],
    factors: Sequence[str] = (),
    missing: str = "refuse",
    confidence: float = 0.95,
) -> PropensityScore:
    """Estimate each row's chance of being treated from what was known before.

    Parameters
    ----------
    data : one row a person. treatment : column of 0 and 1.
    covariates, factors : columns of numbers; columns whose levels become dummies.
    missing : "refuse" or "drop" rows with an empty value.

    Returns
    -------
    PropensityScore, by maximum likelihood of log(p / (1 - p)) = a + x'b.

    Compared with R glm(binomial) (tests/reference/matching.csv) and statsmodels.
    Source: Rosenbaum PR, Rubin DB (1983), doi 10.1093/biomet/70.1.41.

    Raises
    ------
    FrameError for unfit columns (`read_comparison`), or when covariates tell exactly who was treated: then no
    control resembles any treated row and nothing can be compared.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 1, 0, 1, 1, 0], "x": [1, 2, 3, 4, 5, 4]})
    >>> found = propensity_score(people, treatment="t", covariates=["x"])
    >>> found.scores.round(2).tolist()
    [0.21, 0.33, 0.47, 0.62, 0.75, 0.62]
    """
    where = "propensity_score"
    comparison = read_comparison(
        data, treatment=treatment, covariates=covariates, factors=factors, missing=missing, where=where
    )
    fit = score_fit(comparison, where)
    table = coefficient_table(
        ("(Intercept)", *comparison.names), fit.coefficients, fit.classical, confidence=confidence
    )
    return PropensityScore(
        table,
        pd.Series(fit.probabilities, index=comparison.rows, name="score"),
        pd.Series(comparison.treated, index=comparison.rows, name="treated"),
        common_support(fit.probabilities, comparison.treated),
        comparison.dropped,
    )


def score_fit(comparison: Comparison, where: str) -> LogitFit:
    """Fit the logit of treatment on the covariates; perfect separation is told by name."""
    if not comparison.names:
        raise FrameError(f"{where}: no covariates; name what was known before the treatment")
    treated = comparison.treated.astype("float64")
    try:
        return fit_logit(treated, comparison.design)
    except SosrakeError as problem:
        if not separates(treated, comparison.design):
            raise FrameError(f"{where}: the propensity score cannot be estimated ({problem})") from problem
        alone = [
            name
            for name, column in zip(comparison.names, comparison.covariates.T, strict=True)
            if separates(treated, with_intercept(column))
        ]
        who = f"covariate {alone[0]!r} tells" if alone else f"{', '.join(comparison.names)} together tell"
        raise FrameError(
            f"{where}: {who} exactly who of some rows was treated (perfect separation), so treated and "
            "controls do not overlap; leave it out if it is the rule of assignment, or compare only rows "
            "where both occur (for a rule with a limit see regression_discontinuity)"
        ) from problem


def common_support(scores: Floats, treated: Booleans) -> Overlap:
    """Find the range of scores both arms reach, and who is in it.

    Examples
    --------
    >>> import numpy as np
    >>> found = common_support(np.array([0.1, 0.2, 0.4, 0.3, 0.6]), np.array([False] * 3 + [True] * 2))
    >>> found.lower, found.upper, found.treated_inside
    (0.3, 0.4, 0.5)
    """
    low = max(float(scores[treated].min()), float(scores[~treated].min()))
    high = min(float(scores[treated].max()), float(scores[~treated].max()))
    inside = (scores >= low) & (scores <= high)
    return Overlap(
        low, high, float(inside[treated].mean()), float(inside[~treated].mean()), float(inside.mean())
    )


def need_overlap(overlap: Overlap, where: str) -> None:
    """Refuse a comparison in which no score of one arm lies in the range of the other."""
    if overlap.lower > overlap.upper or overlap.treated_inside == 0 or overlap.control_inside == 0:
        raise FrameError(
            f"{where}: no overlap: the scores of treated and controls meet nowhere (common range "
            f"{overlap.lower:.3g} to {overlap.upper:.3g}), so nobody has a like to be compared with; look "
            "for other controls or fewer covariates"
        )


def target_share(overlap: Overlap, estimand: str) -> float:
    """Give the share inside the common support of those the estimand asks about."""
    shares = {"ATT": overlap.treated_inside, "ATC": overlap.control_inside}
    return shares.get(estimand, overlap.all_inside)
