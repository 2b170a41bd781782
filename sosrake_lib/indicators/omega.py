"""McDonald's omega: how much of the variance of a scale's sum comes from what its items share.

Two different quantities go by the name "omega total". `omega_total` has one factor (congeneric items): what
reporting guides mean, and the default here. `omega_schmid_leiman` has a general factor and group factors, as
R psych's `omega(nfactors=3)` prints it; group factors count as reliable there, so it is usually greater.
Say which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import factor_kernels, item_answers, reliability_kernels, unit_bootstrap
from sosrake_lib.indicators.factor_kernels import FLOOR
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.intervals import Floats
from sosrake_lib.indicators.resampling import BOOTSTRAP_METHODS, check_method

METHODS = (*BOOTSTRAP_METHODS, "none")
_DIVISORS = ("n", "n_minus_1")


@dataclass(frozen=True, slots=True, eq=False)
class Omega:
    """Omega total of one factor.

    omega, omega_standardised : of the sum of the items, and of the sum of standardised items.
    intervals : `method, confidence, lower, upper` of omega; empty without a bootstrap.
    loadings : `item, loading, residual_variance, standardised_loading, uniqueness, heywood`.
    chi_square, df : fit of the one factor (df 0: any three items fit).
    replicates : bootstrap replicates that had a solution.
    note : "", "heywood_case" (an item's uniqueness stopped at 0.005: too few respondents or not one factor),
        "negative_loading" (an item must be reversed or left out), "not_converged"; several by "; ".
    """

    n: int
    k: int
    omega: float
    omega_standardised: float
    intervals: pd.DataFrame
    loadings: pd.DataFrame
    chi_square: float
    df: int
    replicates: int
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class SchmidLeiman:
    """Omega of a general factor with group factors.

    omega_total : share of variance from all factors; omega_hierarchical : from the general factor only;
    omega_limit : hierarchical of a test of endless length; alpha : standardised.
    loadings : `item, general, group_1 ..., communality, uniqueness, turned` (turned: item was reversed).
    factor_correlations : of the oblique factors, before the general factor was taken out of them.
    note : "", "heywood_case" (a uniqueness, also of a factor, stopped at its bound), "not_converged".
    """

    n: int
    k: int
    factors: int
    omega_total: float
    omega_hierarchical: float
    omega_limit: float
    alpha: float
    loadings: pd.DataFrame
    factor_correlations: Floats
    note: str


def omega_total(
    items: Any,
    *,
    reverse: Sequence[str] = (),
    max_plus_min: float | None = None,
    deletion: str = "listwise",
    confidence: float | Sequence[float] = 0.95,
    method: str = "bootstrap_percentile",
    replicates: int = 1000,
    seed: int = 1,
    divisor: str = "n",
    formative: bool = False,
    instrument: str | None = None,
) -> Omega:
    """Omega total: reliability of the sum of items that carry one trait unequally (congeneric items).

    Formula: (Σλ)² / ((Σλ)² + Σθ), λ loadings and θ residual variances of one factor fitted by maximum
    likelihood to the covariance matrix; standardised: the same from the correlations.

    Parameters
    ----------
    items, reverse, max_plus_min, formative, instrument : as `reliability.cronbach_alpha`; 3 items at least.
    deletion : "listwise" (as lavaan) or "pairwise" (as R psych).
    confidence, method, replicates, seed : "bootstrap_percentile", "bootstrap_bca" or "none". The factor
        is fitted again in every replicate, all at once (`factor_kernels.one_factor_ml_batch`).
    divisor : of the covariances, "n" (maximum likelihood, as lavaan) or "n_minus_1"; loadings and residual
        variances change by a constant, omega does not.

    Returns
    -------
    Omega. An item whose residual variance would fall below 0.005 of its variance is kept there (Heywood case)
    and noted.

    Raises
    ------
    FrameError as `cronbach_alpha`; SosrakeError for two items, a formative measure, a covariance matrix
    that is not positive definite.

    Compared with R lavaan 0.6.14 and psych 2.2.9 fa(fm="ml"), tests/reference/reliability.csv. Sources:
    McDonald (1999), Test theory, doi 10.4324/9781410601087; Jöreskog (1971), doi 10.1007/BF02291393;
    interval: Kelley & Pornprasertmanit (2016), doi 10.1037/a0040086.

    Examples
    --------
    >>> answers = [[1, 2, 2], [2, 2, 3], [3, 4, 3], [4, 4, 5], [5, 4, 5], [2, 3, 1]]
    >>> round(omega_total(answers, method="none").omega, 3)
    0.936
    """
    where = "omega.omega_total"
    item_answers.refuse_formative(formative, instrument, where)
    check_method(method, where, METHODS)
    check_method(divisor, where, _DIVISORS)
    answers = item_answers.read_answers(
        items, where, reverse=reverse, max_plus_min=max_plus_min, deletion=deletion
    )
    return omega_of(answers, confidence, method, replicates, seed, divisor)


def omega_of(
    answers: item_answers.Answers,
    confidence: float | Sequence[float] = 0.95,
    method: str = "bootstrap_percentile",
    replicates: int = 1000,
    seed: int = 1,
    divisor: str = "n",
) -> Omega:
    """Omega total of checked answers (`item_answers.read_answers`); see `omega_total`."""
    covariance = _definite(answers, "omega.omega_total", least=3)
    fit = factor_kernels.one_factor_ml(item_answers.correlations(covariance))
    if divisor == "n":
        covariance = covariance * (answers.n - 1) / answers.n
    deviations = np.sqrt(np.diagonal(covariance))
    levels = levels_of(confidence, "omega.omega_total")
    bootstrap = None if method == "none" else _bootstrap(answers, method, levels, replicates, seed)
    k = answers.k
    return Omega(
        n=answers.n,
        k=k,
        omega=float(_ratio(fit, deviations)),
        omega_standardised=float(_ratio(fit, np.ones(k))),
        intervals=unit_bootstrap.interval_frame(method, levels, bootstrap),
        loadings=_loading_frame(answers, fit, deviations),
        chi_square=max(float(fit.discrepancy) * (answers.n - 1 - (2 * k + 5) / 6 - 2 / 3), 0.0),
        df=k * (k - 3) // 2,
        replicates=0 if bootstrap is None else bootstrap.replicates,
        note=_note(fit),
    )


def omega_schmid_leiman(
    items: Any,
    *,
    factors: int = 3,
    reverse: Sequence[str] = (),
    max_plus_min: float | None = None,
    deletion: str = "pairwise",
    turn_negative: bool = True,
    formative: bool = False,
    instrument: str | None = None,
) -> SchmidLeiman:
    """Omega total and hierarchical from a general factor and group factors (what R psych calls omega).

    NOT the one-factor omega of `omega_total`: the same data give another number under the same name.

    Steps: `factors` factors of the correlations by minimum residuals; oblique rotation (direct oblimin, gamma
    0); one factor of the factors' correlations; Schmid-Leiman: general loadings F·g and group loadings
    F·√(1 - g²). Then, R the correlations and u² the uniquenesses,

    omega total = 1 - Σu² / ΣR, omega hierarchical = (Σ general)² / ΣR.

    Parameters
    ----------
    items, reverse, max_plus_min, deletion, formative, instrument : as `reliability.cronbach_alpha`.
    factors : 3 is the peer's default. With 2 the second step is not determined and both get the loading
        √r (the peer's option "equal"); with 1 there is no group and hierarchical equals total.
    turn_negative : items with a negative general loading are reversed before the sums are taken.

    Raises
    ------
    SosrakeError when so many factors cannot be told from so few items ((k - m)² < k + m; three factors need
    six items), or the correlation matrix is not positive definite.

    Compared with R psych 2.2.9 omega(nfactors=3), to 3e-4 (rotations end at different digits).
    Sources: Schmid & Leiman (1957), doi 10.1007/BF02289209; Zinbarg et al. (2005), doi
    10.1007/s11336-003-0974-7; Harman & Jones (1966), doi 10.1007/BF02289468; Jennrich (2002), doi
    10.1007/BF02294706.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> general, group = rng.normal(size=(400, 1)), rng.normal(size=(400, 3))
    >>> answers = 0.7 * general + 0.4 * np.repeat(group, 3, axis=1) + 0.59 * rng.normal(size=(400, 9))
    >>> found = omega_schmid_leiman(answers)
    >>> round(found.omega_hierarchical, 1), round(found.omega_total, 1)
    (0.8, 0.9)
    """
    where = "omega.omega_schmid_leiman"
    item_answers.refuse_formative(formative, instrument, where)
    answers = item_answers.read_answers(
        items, where, reverse=reverse, max_plus_min=max_plus_min, deletion=deletion
    )
    _identified(answers.k, factors, where)
    correlation = item_answers.correlations(_definite(answers, where, least=3))
    fit = factor_kernels.minres(correlation, factors)
    rotated = factor_kernels.oblimin(fit.loadings)
    second = _second_order(rotated.correlations)
    general = rotated.loadings @ second
    turned = np.where((general < 0) & turn_negative, -1.0, 1.0)
    whole = float(turned @ correlation @ turned)
    shared = whole - float(fit.uniquenesses.sum())
    own = float((turned * general).sum()) ** 2
    heywood = fit.uniquenesses.min() <= FLOOR or np.abs(second).max() >= np.sqrt(1 - FLOOR)
    notes = ["heywood_case"] * bool(heywood and factors > 1)
    notes += ["not_converged"] * (not (fit.converged and rotated.converged))
    return SchmidLeiman(
        n=answers.n,
        k=answers.k,
        factors=factors,
        omega_total=shared / whole,
        omega_hierarchical=own / whole,
        omega_limit=own / shared,
        alpha=float(reliability_kernels.alpha_of(correlation * np.outer(turned, turned))),
        loadings=_schmid_leiman_frame(answers, rotated, second, fit.uniquenesses, turned),
        factor_correlations=rotated.correlations,
        note="; ".join(notes),
    )


def _ratio(fit: factor_kernels.OneFactor, deviations: Floats) -> Floats:
    shared = (fit.loadings * deviations).sum(axis=-1) ** 2
    return shared / (shared + (fit.uniquenesses * deviations**2).sum(axis=-1))


def _bootstrap(
    answers: item_answers.Answers, method: str, levels: Sequence[float], replicates: int, seed: int
) -> unit_bootstrap.Resampled:
    kinds = unit_bootstrap.patterns(answers.values)

    def statistic(weights: Floats) -> Floats:
        covariance = item_answers.covariances(kinds.rows, weights)
        fit = factor_kernels.one_factor_ml_batch(item_answers.correlations(covariance))
        return _ratio(fit, np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)))

    return unit_bootstrap.limits(
        statistic,
        kinds.counts,
        method=method,
        confidence=levels,
        replicates=replicates,
        seed=seed,
        where="omega.omega_total",
    )


def _loading_frame(
    answers: item_answers.Answers, fit: factor_kernels.OneFactor, deviations: Floats
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item": answers.names,
            "loading": fit.loadings * deviations,
            "residual_variance": fit.uniquenesses * deviations**2,
            "standardised_loading": fit.loadings,
            "uniqueness": fit.uniquenesses,
            "heywood": fit.uniquenesses <= FLOOR * (1 + 1e-6),
        }
    )


def _note(fit: factor_kernels.OneFactor) -> str:
    notes = ["heywood_case"] * bool((fit.uniquenesses <= FLOOR * (1 + 1e-6)).any())
    notes += ["negative_loading"] * bool((fit.loadings < 0).any())
    notes += ["not_converged"] * (not bool(fit.converged))
    return "; ".join(notes)


def _definite(answers: item_answers.Answers, where: str, least: int) -> Floats:
    if answers.k < least:
        raise SosrakeError(
            f"{where}: {answers.k} items; a factor needs {least} at least; use reliability.cronbach_alpha"
        )
    covariance = item_answers.covariance(answers)
    if not reliability_kernels.is_definite(item_answers.correlations(covariance)):
        raise SosrakeError(
            f"{where}: the covariances of {answers.k} items and {answers.n} respondents are not positive "
            "definite: an item is a sum of others, there are too few respondents, or answers are missing in "
            "different places; leave an item out or use deletion='listwise'"
        )
    return covariance


def _identified(k: int, factors: int, where: str) -> None:
    if factors < 1 or factors != int(factors):
        raise SosrakeError(f"{where}: factors {factors!r}; expected a whole number from 1")
    if (k - factors) ** 2 < k + factors:
        raise SosrakeError(
            f"{where}: {factors} factors cannot be told from {k} items, their loadings are not determined; "
            "use fewer factors (three need six items), or omega.omega_total for one"
        )


def _second_order(correlations: Floats) -> Floats:
    """Loadings of the factors on the general factor."""
    if len(correlations) == 1:
        return np.ones(1)
    if len(correlations) == 2:
        shared = correlations[0, 1]
        return np.sqrt(abs(shared)) * np.array([1.0, np.sign(shared)])
    return factor_kernels.minres(correlations, 1).loadings[:, 0]


def _schmid_leiman_frame(
    answers: item_answers.Answers,
    rotated: factor_kernels.Rotated,
    second: Floats,
    uniquenesses: Floats,
    turned: Floats,
) -> pd.DataFrame:
    groups = rotated.loadings * np.sqrt(np.maximum(1 - second**2, 0.0)) * turned[:, None]
    names = {f"group_{place + 1}": groups[:, place] for place in range(groups.shape[1])}
    return pd.DataFrame(
        {
            "item": answers.names,
            "general": rotated.loadings @ second * turned,
            **names,
            "communality": 1 - uniquenesses,
            "uniqueness": uniquenesses,
            "turned": turned < 0,
        }
    )
