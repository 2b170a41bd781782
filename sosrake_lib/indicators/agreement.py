"""Do coders give the same code to the same unit? Kappas of two and of many, and percent agreement.

| raters | codes | every unit coded by all | use |
|---|---|---|---|
| two | nominal or ordered | yes | `cohen_kappa` (ordered: weights) |
| several | nominal | yes | `fleiss_kappa` (raters interchangeable), `conger_kappa` (the same raters) |
| any | any level | no | `krippendorff.krippendorff_alpha` |

From a long table of coding, with all of these at once: `coders.coders`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import agreement_kernels as kernels
from sosrake_lib.indicators.coded_units import read_ratings
from sosrake_lib.indicators.intervals import Floats
from sosrake_lib.indicators.kappa_form import Agreement, Kappa, code_frame, normal_intervals, p_of, z_of

WEIGHTS = ("none", "unweighted", "linear", "equal", "quadratic", "squared")


def cohen_kappa(
    rater1: Sequence[Any],
    rater2: Sequence[Any],
    *,
    levels: Sequence[Any] | None = None,
    weights: str | ArrayLike = "none",
    confidence: float | Sequence[float] = 0.95,
) -> Kappa:
    """Cohen's kappa of two raters, plain or weighted.

    Formula: (pₒ - pₑ)/(1 - pₑ), chance from each rater's own use of codes.

    Parameters
    ----------
    rater1, rater2 : codes of the same units in the same order; a unit without both is left out, counted.
    levels : the codes in order, also those nobody used. Left out: those found, in their own order. With
        weights the count of levels matters: the distance of two codes is divided by the longest (R irr takes
        the codes found, R psych and a factor all of them).
    weights : "none" ("unweighted"); "linear" ("equal") and "quadratic" ("squared") for ordered codes; or your
        own: a matrix of agreement (1 on the diagonal), or a list of disagreement by distance that starts
        with 0, such as [0, 1, 4].
    confidence : two-sided level, or several, of the interval κ ± z·√asymptotic variance.

    Returns
    -------
    Kappa. The test uses the variance under no agreement (as R irr), the interval the asymptotic one (as R
    psych): both from Fleiss, Cohen & Everitt (1969).

    Raises
    ------
    FrameError: raters of different length, no unit with both codes, a code outside `levels`.
    SosrakeError: unknown weights, or weights of another size than the codes.

    Compared with R irr 0.84.1 kappa2, R psych 2.2.9 cohen.kappa, statsmodels cohens_kappa. Cohen (1960),
    doi 10.1177/001316446002000104; Cohen (1968), doi 10.1037/h0026256; Fleiss, Cohen & Everitt (1969), doi
    10.1037/h0028106.

    Examples
    --------
    >>> found = cohen_kappa(["velka", "asuminen", "velka", "työ"], ["velka", "asuminen", "työ", "työ"])
    >>> round(found.kappa, 3), found.n
    (0.636, 4)
    """
    where = "agreement.cohen_kappa"
    if len(rater1) != len(rater2):
        raise FrameError(f"{where}: {len(rater1)} and {len(rater2)} codes; expected the same units for both")
    pairs = pd.DataFrame({"rater1": list(rater1), "rater2": list(rater2)}, dtype="object")
    coded = read_ratings(pairs, where, order=levels)
    both = coded.complete()
    table = kernels.cross_table(both[:, 0], both[:, 1], len(coded.codes))
    return _two_raters(table, coded.codes, weights, confidence, len(coded.ratings) - len(both), where)


def cohen_kappa_of_table(
    table: ArrayLike,
    *,
    levels: Sequence[Any] | None = None,
    weights: str | ArrayLike = "none",
    confidence: float | Sequence[float] = 0.95,
) -> Kappa:
    """Cohen's kappa from a cross table of counts: first rater in rows, second in columns, codes in one order.

    Other arguments, result and sources as `cohen_kappa`.

    Raises
    ------
    FrameError: a table that is not square, a negative or infinite count, no unit at all.

    Examples
    --------
    >>> found = cohen_kappa_of_table([[20, 5], [10, 15]])
    >>> round(found.kappa, 2), round(found.z, 3)
    (0.4, 2.887)
    """
    where = "agreement.cohen_kappa_of_table"
    counts = np.asarray(table, dtype="float64")
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise FrameError(f"{where}: table of shape {counts.shape}; expected as many rows as columns (codes)")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise FrameError(f"{where}: a count is negative, infinite or empty; expected numbers of units")
    codes = tuple(range(1, len(counts) + 1)) if levels is None else tuple(levels)
    if len(codes) != len(counts):
        raise FrameError(f"{where}: {len(codes)} levels for {len(counts)} rows; name every code once")
    return _two_raters(counts, codes, weights, confidence, 0, where)


def fleiss_kappa(
    ratings: Any = None,
    *,
    counts: Any = None,
    levels: Sequence[Any] | None = None,
) -> Kappa:
    """Fleiss' kappa of several raters, who need not be the same persons for every unit.

    Parameters
    ----------
    ratings : rows of codes, one per unit, one column per rater; units with an empty code are left out.
    counts : instead of ratings, how many raters gave each unit each code: (units, codes). Every unit must
        have as many ratings.
    levels : the codes in order, also those nobody used (their kappa is empty).

    Returns
    -------
    Kappa with `by_code`. The test is against no agreement; there is no accepted closed interval, so
    `intervals` is empty: `coders.coders` resamples units.

    Raises
    ------
    FrameError: neither or both of ratings and counts, units with different numbers of ratings, one rater.

    Compared with R irr 0.84.1 kappam.fleiss, statsmodels fleiss_kappa and Fleiss' printed .430. Fleiss
    (1971), doi 10.1037/h0031619; Fleiss, Nee & Landis (1979), doi 10.1037/0033-2909.86.5.974.

    Examples
    --------
    >>> round(fleiss_kappa([[1, 1, 1], [2, 2, 1], [2, 2, 2], [1, 2, 1]]).kappa, 3)
    0.333
    """
    where = "agreement.fleiss_kappa"
    if (ratings is None) == (counts is None):
        raise FrameError(f"{where}: give either ratings or counts")
    if counts is not None:
        table = _counts(counts, where)
        codes = tuple(range(1, table.shape[1] + 1)) if levels is None else tuple(levels)
        if len(codes) != table.shape[1]:
            raise FrameError(f"{where}: {len(codes)} levels for {table.shape[1]} columns; name every code")
        return _fleiss(table, codes, 0)
    coded = read_ratings(ratings, where, order=levels)
    complete = coded.complete()
    _enough(complete, where)
    return _fleiss(
        kernels.counts_of(complete, len(coded.codes)), coded.codes, len(coded.ratings) - len(complete)
    )


def conger_kappa(ratings: Any, *, levels: Sequence[Any] | None = None) -> Kappa:
    """Conger's exact kappa of several raters, each the same person throughout.

    Chance comes from each rater's own use of codes, as in Cohen's kappa; for two raters it is Cohen's.
    Fleiss' kappa takes one common use of codes instead and is never greater.

    Parameters and errors as `fleiss_kappa` (ratings only). `z`, `p` and the variances are empty: use
    `coders.coders` for an interval.

    Compared with R irr 0.84.1 kappam.fleiss(exact=TRUE). Source: Conger (1980), doi
    10.1037/0033-2909.88.2.322.

    Examples
    --------
    >>> round(conger_kappa([[1, 1], [2, 2], [2, 1], [1, 1]]).kappa, 3)
    0.5
    """
    where = "agreement.conger_kappa"
    coded = read_ratings(ratings, where, order=levels)
    complete = coded.complete()
    _enough(complete, where)
    units = np.ones((1, len(complete)))
    kappa = float(kernels.conger_many(complete, len(coded.codes), units)[0])
    counts = kernels.counts_of(complete, len(coded.codes))
    observed = float(kernels.pairwise_agreement(counts).mean())
    expected = 1 - (1 - observed) / (1 - kappa) if kappa < 1 else float("nan")
    nothing = float("nan")
    return replace(
        _fleiss(counts, coded.codes, len(coded.ratings) - len(complete)),
        kappa=kappa,
        z=nothing,
        p=nothing,
        null_variance=nothing,
        expected=expected,
    )


def percent_agreement(ratings: Any, *, levels: Sequence[Any] | None = None) -> Agreement:
    """Percent agreement, not corrected for chance: of units where all agree, and of pairs of raters.

    Errors as `fleiss_kappa`.

    Examples
    --------
    >>> percent_agreement([[1, 1, 1], [2, 2, 1], [2, 2, 2], [1, 2, 1]]).all_agree
    50.0
    """
    where = "agreement.percent_agreement"
    coded = read_ratings(ratings, where, order=levels)
    complete = coded.complete()
    _enough(complete, where)
    counts = kernels.counts_of(complete, len(coded.codes))
    alike = counts.max(axis=1) == complete.shape[1]
    return Agreement(
        all_agree=float(100 * alike.mean()),
        pairs_agree=float(100 * kernels.pairwise_agreement(counts).mean()),
        n=len(complete),
        raters=complete.shape[1],
        left_out=len(coded.ratings) - len(complete),
    )


def weight_matrix(weights: str | ArrayLike, codes: int, where: str) -> Floats:
    """Read weights of agreement: a name of WEIGHTS, a matrix, or a list of disagreement by distance."""
    if isinstance(weights, str):
        if weights not in WEIGHTS:
            raise SosrakeError(f"{where}: weights {weights!r}; use one of {', '.join(WEIGHTS)}, or numbers")
        return kernels.agreement_weights(codes, weights)
    given = np.asarray(weights, dtype="float64")
    if given.ndim == 1 and len(given) == codes and codes > 1 and given[0] == 0 and given.max() > 0:
        apart = np.abs(np.arange(codes)[:, None] - np.arange(codes))
        return 1 - given[apart] / given.max()
    if given.shape != (codes, codes) or not np.isfinite(given).all() or (np.diagonal(given) != 1).any():
        raise SosrakeError(
            f"{where}: weights of shape {given.shape} for {codes} codes; expected a {codes} x {codes} matrix "
            "of agreement with 1 on the diagonal, or one disagreement per distance, starting with 0"
        )
    return given


def _two_raters(
    table: Floats,
    codes: tuple[Any, ...],
    weights: str | ArrayLike,
    confidence: float | Sequence[float],
    left_out: int,
    where: str,
) -> Kappa:
    if not table.sum() > 0:
        raise FrameError(f"{where}: no unit has a code from both raters; there is nothing to compare")
    matrix = weight_matrix(weights, len(codes), where)
    found = kernels.two_raters(table, matrix)
    kappa, asymptotic = float(found.kappa), float(found.asymptotic)
    z = z_of(kappa, float(found.null))
    return Kappa(
        kappa=kappa,
        z=z,
        p=p_of(z),
        null_variance=float(found.null),
        asymptotic_variance=asymptotic,
        observed=float(found.observed),
        expected=float(found.expected),
        intervals=normal_intervals(kappa, asymptotic, confidence, where),
        by_code=_code_kappas(table, codes),
        table=pd.DataFrame(table, index=list(codes), columns=list(codes)),
        n=int(table.sum()),
        raters=2,
        left_out=left_out,
        note="one_code_only" if np.isnan(kappa) else "",
    )


def _code_kappas(table: Floats, codes: tuple[Any, ...]) -> pd.DataFrame:
    """Kappa of each code against all the others together."""
    own = np.diagonal(table)
    first, second, total = table.sum(axis=1) - own, table.sum(axis=0) - own, table.sum()
    collapsed = np.stack([own, first, second, total - own - first - second], axis=1).reshape(-1, 2, 2)
    found = kernels.two_raters(collapsed, np.eye(2))
    z = [z_of(float(kappa), float(null)) for kappa, null in zip(found.kappa, found.null, strict=True)]
    ratings = 2 * own + first + second
    return code_frame(codes, found.kappa, np.array(z), ratings)


def _counts(counts: Any, where: str) -> Floats:
    table = np.asarray(counts, dtype="float64")
    if table.ndim != 2 or not table.size or not np.isfinite(table).all() or (table < 0).any():
        raise FrameError(f"{where}: counts are not a table of numbers from 0 up; expected one row per unit")
    sizes = table.sum(axis=1)
    wrong = np.flatnonzero(sizes != sizes[0])
    if len(wrong):
        raise FrameError(
            f"{where}: unit {wrong[0] + 1} has {sizes[wrong[0]]:g} ratings, the first {sizes[0]:g}; expected "
            "as many for every unit; with gaps use krippendorff.krippendorff_alpha"
        )
    if sizes[0] < 2:
        raise FrameError(f"{where}: {sizes[0]:g} rating per unit; agreement needs two raters at least")
    return table


def _enough(complete: kernels.Codes, where: str) -> None:
    if complete.shape[1] < 2:
        raise FrameError(f"{where}: {complete.shape[1]} rater; agreement needs two raters at least")
    if not len(complete):
        raise FrameError(
            f"{where}: no unit was coded by all {complete.shape[1]} raters; use "
            "krippendorff.krippendorff_alpha"
        )


def _fleiss(counts: Floats, codes: tuple[Any, ...], left_out: int) -> Kappa:
    found = kernels.fleiss(counts)
    observed = float(kernels.pairwise_agreement(counts).mean())
    shares = counts.sum(axis=0) / counts.sum()
    z = z_of(found.kappa, found.error**2)
    return Kappa(
        kappa=found.kappa,
        z=z,
        p=p_of(z),
        null_variance=found.error**2,
        asymptotic_variance=float("nan"),
        observed=observed,
        expected=float((shares**2).sum()),
        intervals=pd.DataFrame(columns=["method", "confidence", "lower", "upper"]),
        by_code=_by_code(counts, codes),
        table=pd.DataFrame(),
        n=len(counts),
        raters=int(counts[0].sum()),
        left_out=left_out,
        note="one_code_only" if np.isnan(found.kappa) else "",
    )


def _by_code(counts: Floats, codes: tuple[Any, ...]) -> pd.DataFrame:
    found = kernels.fleiss(counts)
    return code_frame(codes, found.by_code, found.by_code / found.code_error, counts.sum(axis=0))
