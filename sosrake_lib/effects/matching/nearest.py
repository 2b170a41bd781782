"""Matching on the propensity score: who is compared with whom, how alike they are, and the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from sosrake_lib.effects.matching.abadie_imbens import (
    MATCHED_ESTIMANDS,
    TIES,
    Averaged,
    averaged_matches,
    combined,
)
from sosrake_lib.effects.matching.arms import Floats
from sosrake_lib.effects.matching.balance import balance
from sosrake_lib.effects.matching.greedy import Integers, Pairs, greedy_pairs
from sosrake_lib.effects.matching.reporting import check_estimand
from sosrake_lib.effects.matching.scored import Scored, read_scored
from sosrake_lib.effects.matching.weights import effective_size
from sosrake_lib.errors import FrameError

SCALES = ("score", "logit")
CALIPER_UNITS = ("sd", "raw")


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """A matched sample and its difference.

    Attributes
    ----------
    scored : rows and scores. estimand : ATT, ATC or ATE.
    estimate, standard_error, df : of the difference in the outcome.
    pairs : frame `set, row, match, distance` by the data's row labels; None when ties were averaged.
    weights : by row label; 1 for matched rows asked about, a match's share for the others, 0 unmatched.
    balance : see balance_table; its first row `distance` is the score. used : rows asked about and matched.
    asked : rows asked about. sample_error, naive_error : see Averaged; None for greedy pairs.
    """

    scored: Scored
    estimand: str
    estimate: float
    standard_error: float
    df: float
    pairs: pd.DataFrame | None
    weights: pd.Series
    balance: pd.DataFrame
    used: int
    asked: int
    sample_error: float | None
    naive_error: float | None

    @property
    def sizes(self) -> dict[str, int]:
        """Matched treated, matched controls, and those left out."""
        weight, treated = self.weights.to_numpy(), self.scored.comparison.treated
        return {
            "treated": int((weight[treated] > 0).sum()),
            "control": int((weight[~treated] > 0).sum()),
            "unmatched": self.asked - self.used,
        }

    @property
    def effective_sizes(self) -> dict[str, float]:
        """Number of equally weighted rows that would tell as much, by arm."""
        weight, treated = self.weights.to_numpy(), self.scored.comparison.treated
        return {"treated": effective_size(weight[treated]), "control": effective_size(weight[~treated])}

    def matched_rows(self, arm: str, first: int = 0) -> list[int]:
        """List the matched rows of an arm by their place among the rows used, counted from `first`."""
        mine = self.scored.comparison.treated == (arm == "treated")
        return (np.flatnonzero(mine & (self.weights.to_numpy() > 0)) + first).tolist()


def match_pairs(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    factors: Sequence[str] = (),
    score: str | None = None,
    estimand: str = "ATT",
    ratio: int = 1,
    order: str = "largest",
    replace: bool = False,
    caliper: float | None = None,
    caliper_unit: str = "sd",
    scale: str = "score",
    seed: int = 0,
    missing: str = "refuse",
) -> Matching:
    """Match every treated row with its nearest control on the propensity score, one at a time.

    Parameters
    ----------
    data : one row a person. outcome : column of numbers. treatment : column of 0 and 1.
    covariates, factors : columns known before the treatment; score model and balance.
    score : a column of chances estimated elsewhere, instead of a logit of the covariates.
    estimand : "ATT" finds controls for the treated, "ATC" treated for the controls.
    ratio, order, replace, seed : see `greedy_pairs`.
    caliper : the largest distance allowed, in `caliper_unit` "sd" (standard deviations of the score over all
        rows) or "raw"; None = any. scale : match on the "score" or on its "logit".
    missing : "refuse" or "drop" rows with an empty value.

    Returns
    -------
    Matching. estimate = mean of d_i = outcome minus the mean of its matches (sign treated minus control).
    Without replacement the standard error is sd(d)/√n, n - 1 degrees of freedom: sets are the units, as
    Abadie and Spiess (2022) show is right then; with replacement it is Abadie and Imbens's (2006).

    Compared with R MatchIt (tests/reference/matching.csv). Source: doi 10.1080/01621459.2020.1840383, doi
    10.1111/j.1468-0262.2006.00655.x.

    Raises
    ------
    FrameError for unfit columns, perfect separation, scores that meet nowhere, fewer than two sets.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 1, 0, 1, 1, 0], "x": [1, 2, 3, 4, 5, 5], "y": [1, 4, 2, 6, 9, 5]})
    >>> found = match_pairs(people, outcome="y", treatment="t", covariates=["x"])
    >>> found.estimate, found.pairs["match"].tolist()
    (3.6666666666666665, [5, 2, 0])
    """
    where = "match_pairs"
    chosen = check_estimand(estimand, ("ATT", "ATC"), where)
    scored = read_scored(data, outcome, treatment, covariates, factors, score, missing, where=where)
    return pairs_of(
        scored,
        chosen,
        ratio=ratio,
        order=order,
        replace=replace,
        caliper=caliper,
        caliper_unit=caliper_unit,
        scale=scale,
        seed=seed,
    )


def pairs_of(
    scored: Scored,
    estimand: str = "ATT",
    *,
    ratio: int = 1,
    order: str = "largest",
    replace: bool = False,
    caliper: float | None = None,
    caliper_unit: str = "sd",
    scale: str = "score",
    seed: int = 0,
) -> Matching:
    """Match rows already scored; parameters as in `match_pairs`."""
    where = "match_pairs"
    measure, width = _measure(scored, scale, caliper, caliper_unit, where)
    own = scored.comparison.treated == (estimand == "ATT")
    pairs = greedy_pairs(
        measure[own],
        measure[~own],
        ratio=ratio,
        order=order,
        replace=replace,
        caliper=width,
        seed=seed,
    )
    return _greedy_matching(scored, estimand, own, pairs, replace=replace, where=where)


def match_averaged(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    factors: Sequence[str] = (),
    score: str | None = None,
    estimand: str = "ATT",
    matches: int = 1,
    caliper: float | None = None,
    caliper_unit: str = "sd",
    scale: str = "score",
    ties: float = TIES,
    missing: str = "refuse",
) -> Matching:
    """Match with replacement, averaging over ties, with the Abadie-Imbens standard error.

    Parameters
    ----------
    as in `match_pairs`; estimand also "ATE"; matches, ties : see `averaged_matches`.

    Returns
    -------
    Matching without single pairs; the score is taken as known. Depends on no order and no seed.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 1, 0, 1, 1, 0], "x": [1, 2, 3, 4, 5, 5], "y": [1, 4, 2, 6, 9, 5]})
    >>> found = match_averaged(people, outcome="y", treatment="t", covariates=["x"], matches=2)
    >>> round(found.estimate, 3), found.weights.tolist()
    (3.5, [0.5, 1.0, 1.5, 1.0, 1.0, 1.0])
    """
    where = "match_averaged"
    chosen = check_estimand(estimand, MATCHED_ESTIMANDS, where)
    scored = read_scored(data, outcome, treatment, covariates, factors, score, missing, where=where)
    return averages_of(
        scored,
        chosen,
        matches=matches,
        caliper=caliper,
        caliper_unit=caliper_unit,
        scale=scale,
        ties=ties,
    )


def averages_of(
    scored: Scored,
    estimand: str = "ATT",
    *,
    matches: int = 1,
    caliper: float | None = None,
    caliper_unit: str = "sd",
    scale: str = "score",
    ties: float = TIES,
) -> Matching:
    """Match rows already scored, averaging over ties; parameters as in `match_averaged`."""
    measure, width = _measure(scored, scale, caliper, caliper_unit, "match_averaged")
    found = averaged_matches(
        scored.comparison.outcome,
        scored.comparison.treated,
        measure,
        estimand=estimand,
        matches=matches,
        caliper=width,
        ties=ties,
    )
    return _matching(scored, estimand, found, found.standard_error, None, averaged=True, replace=True)


def _measure(
    scored: Scored, scale: str, caliper: float | None, unit: str, where: str
) -> tuple[Floats, float]:
    """The number rows are matched on, and the caliper in its units."""
    if scale not in SCALES or unit not in CALIPER_UNITS:
        raise FrameError(
            f"{where}: scale {scale!r}, caliper_unit {unit!r}; expected one of {', '.join(SCALES)} and one "
            f"of {', '.join(CALIPER_UNITS)}"
        )
    measure = scored.scores if scale == "score" else special.logit(scored.scores)
    if caliper is None:
        return measure, np.inf
    if not caliper > 0:
        raise FrameError(f"{where}: caliper {caliper!r}; expected a distance above 0, or None")
    return measure, float(caliper) * (float(measure.std(ddof=1)) if unit == "sd" else 1.0)


def _greedy_matching(
    scored: Scored, estimand: str, own: np.ndarray, pairs: Pairs, *, replace: bool, where: str
) -> Matching:
    comparison = scored.comparison
    places, others = np.flatnonzero(own), np.flatnonzero(~own)
    mine, theirs = places[pairs.own], others[pairs.other]
    count = np.bincount(mine, minlength=len(own)).astype("float64")
    matched = count > 0
    if matched.sum() < 2:
        raise FrameError(
            f"{where}: {int(matched.sum())} row(s) found a match within the caliper; widen it, or look for "
            "other controls"
        )
    share = 1 / count[mine]
    sign = 1.0 if estimand == "ATT" else -1.0
    apart = sign * (comparison.outcome[mine] - comparison.outcome[theirs])
    size = len(own)
    gap, square = _sums(mine, share * apart, size), _sums(mine, share * apart**2, size)
    load, square_load = _sums(theirs, share, size), _sums(theirs, share**2, size)
    found = combined(gap, square, count, load, square_load)
    # Sets that share nobody are independent of each other; otherwise the loads enter.
    error = found.standard_error if replace else float(gap[matched].std(ddof=1)) / np.sqrt(found.used)
    numbered = np.cumsum(matched) - 1
    table = pd.DataFrame(
        {
            "set": numbered[mine],
            "row": comparison.rows[mine],
            "match": comparison.rows[theirs],
            "distance": pairs.distance,
        }
    )
    return _matching(scored, estimand, found, error, table, averaged=False, replace=replace)


def _sums(places: Integers, values: Floats, size: int) -> Floats:
    return np.bincount(places, weights=values, minlength=size).astype("float64")


def _matching(
    scored: Scored,
    estimand: str,
    found: Averaged,
    error: float,
    pairs: pd.DataFrame | None,
    *,
    averaged: bool,
    replace: bool,
) -> Matching:
    comparison = scored.comparison
    treated = comparison.treated
    asked = {"ATT": treated.sum(), "ATC": (~treated).sum()}.get(estimand, len(treated))
    columns = np.column_stack([scored.scores, comparison.covariates])
    return Matching(
        scored,
        estimand,
        found.estimate,
        error,
        np.inf if replace else float(found.used - 1),
        pairs,
        pd.Series(found.weights, index=comparison.rows, name="weight"),
        balance(("distance", *comparison.names), columns, treated, found.weights, estimand),
        found.used,
        int(asked),
        found.sample_error if averaged else None,
        found.naive_error if averaged else None,
    )
