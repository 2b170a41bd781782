"""Do the items of a scale measure one thing together? Cronbach's alpha, its intervals, each item's part.

Alpha assumes that every item carries the trait equally; `omega.omega_total` does not. Neither shows that
there is only one trait, and neither applies to a formative measure, whose items make up an area (3X10D):
refused with the reason. Domains of a survey: `reliability_domains.by_domain`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import item_answers, reliability_kernels, unit_bootstrap
from sosrake_lib.indicators.interval_form import levels_of, one_level
from sosrake_lib.indicators.intervals import Floats, Interval
from sosrake_lib.indicators.resampling import BOOTSTRAP_METHODS, check_method

METHODS = (*reliability_kernels.INTERVAL_METHODS, *BOOTSTRAP_METHODS)


@dataclass(frozen=True, slots=True, eq=False)
class Alpha:
    """Internal consistency of a scale.

    n : respondents used; complete : those who answered every item; k : items.
    alpha, alpha_standardised : from covariances and from correlations.
    mean_correlation : mean correlation between items; standard_error : of alpha (Duhachek & Iacobucci).
    lambda6 : Guttman's lambda 6, from squared multiple correlations.
    intervals : `method, confidence, lower, upper`.
    items : `item, n, mean, standard_deviation, item_rest, item_total, alpha_if_dropped`.
    note : "" or "negative_alpha" (items work against each other: look for an item that must be reversed).
    """

    n: int
    complete: int
    k: int
    alpha: float
    alpha_standardised: float
    mean_correlation: float
    standard_error: float
    lambda6: float
    intervals: pd.DataFrame
    items: pd.DataFrame
    deletion: str
    note: str

    def limits(self, method: str) -> Interval:
        """Limits by one of the methods asked for, one per confidence."""
        rows = self.intervals.loc[self.intervals["method"] == method]
        check_method(method, "reliability.Alpha.limits", tuple(self.intervals["method"].unique()))
        return Interval(rows["lower"].to_numpy(), rows["upper"].to_numpy())


def cronbach_alpha(
    items: Any,
    *,
    reverse: Sequence[str] = (),
    max_plus_min: float | None = None,
    deletion: str = "pairwise",
    confidence: float | Sequence[float] = 0.95,
    methods: Sequence[str] = ("feldt", "duhachek"),
    replicates: int = 2000,
    seed: int = 1,
    formative: bool = False,
    instrument: str | None = None,
) -> Alpha:
    """Cronbach's alpha of a scale, with intervals and item analysis.

    Answers: how far would another set of items of the same kind order the respondents alike?

    Formula: k/(k - 1) · (1 - Σ variances of items / variance of their sum); standardised: k r̄ / (1 + (k -
    1) r̄).

    Parameters
    ----------
    items : DataFrame with one column per item, or rows of numbers; empty (None, NaN) where not answered.
    reverse : items worded the other way round; `max_plus_min` (7 on a scale 1-6) is then needed.
    deletion : "pairwise" (default, as R psych and pingouin): each covariance from those who answered both
        items, n = those who answered any; the interval then trusts n too much when much is missing.
        "listwise" (as SPSS): only those who answered every item.
    confidence : two-sided level, or several.
    methods : intervals wanted: "feldt" (F distribution; the field's own), "duhachek" (normal, without equal
        covariances), "bonett", "hakstian_whalen", "fisher_z", "bootstrap_percentile", "bootstrap_bca".
    replicates, seed : of the bootstrap.
    formative, instrument : a formative measure is refused; known ones are FORMATIVE_INSTRUMENTS (3X10D).

    Returns
    -------
    Alpha. A negative value is given as it is, with the note "negative_alpha".

    Raises
    ------
    FrameError: one item, fewer than three respondents, an item without variance, an unknown column.
    SosrakeError: a formative measure, an unknown method or deletion.

    Compared with R psych 2.2.9 (tests/reference/reliability.csv). Sources: Cronbach (1951),
    doi 10.1007/BF02310555; Feldt, Woodruff & Salih (1987), doi 10.1177/014662168701100107.

    Examples
    --------
    >>> answers = [[1, 2, 2], [2, 2, 3], [3, 4, 3], [4, 4, 5], [5, 4, 5]]
    >>> found = cronbach_alpha(answers)
    >>> round(found.alpha, 3), found.n, found.k
    (0.939, 5, 3)
    """
    where = "reliability.cronbach_alpha"
    item_answers.refuse_formative(formative, instrument, where)
    for method in methods:
        check_method(method, where, METHODS)
    answers = item_answers.read_answers(
        items, where, reverse=reverse, max_plus_min=max_plus_min, deletion=deletion
    )
    return alpha_of_answers(answers, confidence, methods, replicates, seed)


def alpha_of_answers(
    answers: item_answers.Answers,
    confidence: float | Sequence[float] = 0.95,
    methods: Sequence[str] = ("feldt", "duhachek"),
    replicates: int = 2000,
    seed: int = 1,
) -> Alpha:
    """Cronbach's alpha of checked answers (`item_answers.read_answers`); see `cronbach_alpha`."""
    covariance = item_answers.covariance(answers)
    correlation = item_answers.correlations(covariance)
    alpha = float(reliability_kernels.alpha_of(covariance))
    error = float(reliability_kernels.duhachek_error(covariance, answers.n))
    levels = levels_of(confidence, "reliability.cronbach_alpha")
    return Alpha(
        n=answers.n,
        complete=answers.complete,
        k=answers.k,
        alpha=alpha,
        alpha_standardised=float(reliability_kernels.alpha_of(correlation)),
        mean_correlation=float(reliability_kernels.mean_correlation(correlation)),
        standard_error=error,
        lambda6=reliability_kernels.guttman_lambda6(correlation),
        intervals=_intervals(answers, alpha, error, methods, levels, replicates, seed),
        items=_items(answers, covariance),
        deletion=answers.deletion,
        note="negative_alpha" if alpha < 0 else "",
    )


def alpha_interval(
    alpha: ArrayLike,
    k: ArrayLike,
    n: ArrayLike,
    *,
    confidence: ArrayLike = 0.95,
    method: str = "feldt",
    two_sided: bool = True,
    standard_error: ArrayLike | None = None,
) -> Interval:
    """Interval of a published alpha, from alpha, number of items and number of respondents.

    Parameters
    ----------
    alpha, k, n : coefficient (at most 1), items (2 or more) and respondents (3 or more); arrays broadcast.
    confidence : level; several broadcast too.
    method : "feldt": 1 - (1 - α) F(n - 1, (n - 1)(k - 1)); "bonett" (2002): ln(1 - α) is near normal;
        "hakstian_whalen" (1976): cube root of 1 - α; "fisher_z"; "duhachek" needs `standard_error`.
    two_sided : False gives two one-sided bounds, each at the level: read the lower or the upper, not both.

    Returns
    -------
    Interval of two arrays.

    Raises
    ------
    SosrakeError naming the argument out of range.

    Sources: Feldt (1965), doi 10.1007/BF02289499; Bonett (2002), doi 10.3102/10769986027004335; Hakstian &
    Whalen (1976), doi 10.1007/BF02291840. Compared with R psych 2.2.9 alpha.ci.

    Examples
    --------
    >>> limits = alpha_interval(0.84, 7, 30)
    >>> print(limits.lower.round(3), limits.upper.round(3))
    0.734 0.914
    """
    where = "reliability.alpha_interval"
    check_method(method, where, reliability_kernels.INTERVAL_METHODS)
    _within(alpha, "alpha", -np.inf, 1.0, "a coefficient, at most 1", where)
    _within(k, "k", 2, np.inf, "the number of items, 2 or more", where)
    least = 4 if method == "fisher_z" else 3
    _within(n, "n", least, np.inf, f"the number of respondents, {least} or more", where)
    levels = np.asarray(confidence, dtype="float64")
    for level in np.ravel(levels):
        one_level(float(level), where)
    tail = (1 - levels) / 2 if two_sided else 1 - levels
    return reliability_kernels.interval(alpha, k, n, tail, method, standard_error)


def _within(values: ArrayLike, name: str, low: float, high: float, expected: str, where: str) -> None:
    numbers = np.ravel(np.asarray(values, dtype="float64"))
    wrong = numbers[(numbers < low) | (numbers > high) | np.isinf(numbers)]
    if len(wrong):
        raise SosrakeError(f"{where}: {name} {wrong[0]:g}; expected {expected}")


def _intervals(
    answers: item_answers.Answers,
    alpha: float,
    error: float,
    methods: Sequence[str],
    levels: Sequence[float],
    replicates: int,
    seed: int,
) -> pd.DataFrame:
    rows = []
    for method in methods:
        if method in BOOTSTRAP_METHODS:
            found = bootstrap_alpha(answers, method, levels, replicates, seed).intervals
        else:
            found = tuple(
                alpha_interval(
                    alpha, answers.k, answers.n, confidence=level, method=method, standard_error=error
                )
                for level in levels
            )
        for level, limits in zip(levels, found, strict=True):
            rows.append((method, level, limits.lower.item(), limits.upper.item()))
    return pd.DataFrame(rows, columns=["method", "confidence", "lower", "upper"])


def bootstrap_alpha(
    answers: item_answers.Answers, method: str, levels: Sequence[float], replicates: int, seed: int
) -> unit_bootstrap.Resampled:
    """Bootstrap limits of alpha: respondents drawn whole, all replicates in one product of matrices."""
    kinds = unit_bootstrap.patterns(answers.values)

    def statistic(weights: Floats) -> Floats:
        return reliability_kernels.alpha_of(item_answers.covariances(kinds.rows, weights))

    return unit_bootstrap.limits(
        statistic,
        kinds.counts,
        method=method,
        confidence=levels,
        replicates=replicates,
        seed=seed,
        where="reliability.cronbach_alpha",
    )


def _items(answers: item_answers.Answers, covariance: Floats) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item": answers.names,
            "n": np.isfinite(answers.values).sum(axis=0),
            "mean": np.nanmean(answers.values, axis=0),
            "standard_deviation": np.sqrt(np.diagonal(covariance)),
            "item_rest": reliability_kernels.item_rest(covariance),
            "item_total": reliability_kernels.item_total(covariance),
            "alpha_if_dropped": reliability_kernels.alpha_if_dropped(covariance),
        }
    )
