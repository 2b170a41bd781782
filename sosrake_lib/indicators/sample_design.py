"""How a sample was drawn: weights, strata, first-stage clusters, finite population; the variance it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.intervals import Floats

LONELY = ("fail", "adjust", "certainty")
FPC_WITHIN = ("constant", "varies")


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A checked design; make it with `design`.

    `weights` (n,); `unit` (n,) the first-stage unit of each respondent; `stratum` (units,) of each unit;
    `factor` (units,) what the squared deviation of a unit counts, (1 - f) m / (m - 1); `units` (strata,) how
    many units m; `lonely` how a stratum of one unit is treated; `finite` whether a correction was given.
    """

    weights: Floats
    unit: np.ndarray
    stratum: np.ndarray
    factor: Floats
    units: np.ndarray
    lonely: str
    finite: bool


def design(
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    *,
    size: int | None = None,
    lonely: str = "fail",
    nest: bool = False,
    fpc_within: str = "constant",
) -> Design:
    """Check and number a one-stage design.

    Parameters
    ----------
    weights : (n,) how many people each respondent stands for; left out, one each (then give `size`).
    strata : (n,) the part of the population each was drawn from; left out, one stratum.
    cluster : (n,) the group that was drawn as a whole, such as a unit; left out, each respondent alone.
    fpc : (n,) finite population of the first stage: how many units (clusters, or people) the stratum has in
        all, or the share of them that was drawn (all values at most 1). Left out: infinite.
    lonely : a stratum with one unit tells nothing of its spread: "fail" (refuse), "adjust" (its deviation
        from the mean of all units), "certainty" (no contribution, as if it had to be drawn). A stratum
        drawn whole (f = 1) never contributes.
    nest : True when clusters of different strata may carry the same name.
    fpc_within : "constant" (one figure a stratum) or "varies" (each unit its own drawing share, as in
        sampling by size; the correction then weighs each unit's deviation).

    Raises
    ------
    SosrakeError naming the respondent: lengths differ, a weight is negative, empty or infinite, weights sum
    to 0, a stratum or cluster is empty, a cluster lies in two strata, the population is smaller than the
    sample, sizes and shares are mixed, the population varies within a stratum or a cluster.

    Examples
    --------
    >>> drawn = design([2, 2, 3, 3], strata=["A", "A", "B", "B"], fpc=[4, 4, 6, 6])
    >>> print(drawn.units.tolist(), drawn.factor.round(3).tolist())
    [2, 2] [1.0, 1.0, 1.333, 1.333]
    """
    for argument, value, known in (("lonely", lonely, LONELY), ("fpc_within", fpc_within, FPC_WITHIN)):
        if value not in known:
            raise SosrakeError(f"sample_design.design: {argument} {value!r}; use one of {', '.join(known)}")
    w = _weights(weights, size if weights is None else None)
    strata_codes = _codes(strata, len(w), "strata")
    unit, stratum = _units(strata_codes, cluster, nest)
    units = np.bincount(stratum)
    drawn = np.zeros(len(stratum)) if fpc is None else _fractions(fpc, unit, stratum, units, fpc_within)
    m = units[stratum].astype("float64")
    factor = np.where(m > 1, (1 - drawn) * m / np.where(m > 1, m - 1, 1.0), 1 - drawn)
    alone = np.flatnonzero((m == 1) & (drawn < 1))
    if len(alone) and lonely == "fail":
        row = int(np.flatnonzero(unit == alone[0])[0])
        name = "" if strata is None else f" {np.asarray(strata, dtype=object)[row]!r}"
        raise SosrakeError(
            f"sample_design.design: stratum{name} has one first-stage unit, which tells nothing of its "
            "spread; merge it with another stratum, or choose lonely='adjust' or lonely='certainty'"
        )
    if lonely == "certainty":
        factor[alone] = 0.0
    return Design(w, unit, stratum, factor, units, lonely, fpc is not None)


def domain_variance(scores: Floats, domain: np.ndarray, count: int, sample: Design) -> Floats:
    """Variance of the sum of scores of each domain: Σ over strata of Σ (1 - f) m / (m - 1) (t - t̄)².

    `scores` (n,), 0 outside every domain; t is the sum over a unit. Units without a member of the domain stay
    in their stratum with t = 0, so nothing is lost by looking at a part.
    """
    strata, units = len(sample.units), len(sample.stratum)
    pair = domain * units + sample.unit
    codes, present = pd.factorize(pair)
    sums = np.bincount(codes, scores, len(present))
    of_domain, of_unit = present // units, present % units
    place = of_domain * strata + sample.stratum[of_unit]
    cells = count * strata
    middle = np.bincount(place, sums, cells) / np.tile(sample.units, count)
    if sample.lonely == "adjust":
        grand = np.bincount(of_domain, sums, count) / units
        alone = np.tile(sample.units == 1, count)
        middle = np.where(alone, np.repeat(grand, strata), middle)
    else:
        middle = np.where(np.tile(sample.units == 1, count), 0.0, middle)
    factor = sample.factor[of_unit]
    inside = np.bincount(place, factor * (sums - middle[place]) ** 2, cells)
    whole = np.tile(np.bincount(sample.stratum, sample.factor, strata), count)
    absent = np.clip(whole - np.bincount(place, factor, cells), 0, None)
    return (inside + absent * middle**2).reshape(count, strata).sum(axis=1)


def domain_freedom(used: np.ndarray, domain: np.ndarray, count: int, sample: Design) -> Floats:
    """Degrees of freedom of each domain: first-stage units minus strata that hold one of its members."""
    units, strata = len(sample.stratum), len(sample.units)
    weighty = used & (sample.weights > 0)
    present = pd.unique(domain[weighty] * units + sample.unit[weighty])
    of_domain = present // units
    pairs = pd.unique(of_domain * strata + sample.stratum[present % units])
    return (np.bincount(of_domain, minlength=count) - np.bincount(pairs // strata, minlength=count)).astype(
        "float64"
    )


def _weights(weights: ArrayLike | None, size: int | None) -> Floats:
    if weights is None:
        if size is None:
            raise SosrakeError("sample_design.design: give weights, or the size of the sample")
        return np.ones(size)
    w = np.asarray(weights, "float64")
    wrong = np.flatnonzero(~np.isfinite(w) | (w < 0))
    if len(wrong):
        raise SosrakeError(
            f"sample_design.design: weight {w[wrong[0]]:g} of respondent {wrong[0] + 1}; expected a number "
            "from 0 up, how many people the respondent stands for; correct it or leave the respondent out"
        )
    if not w.sum() > 0:
        raise SosrakeError("sample_design.design: the weights sum to 0; nobody is represented; give weights")
    return w


def _codes(labels: ArrayLike | None, size: int, name: str) -> np.ndarray:
    if labels is None:
        return np.zeros(size, "int64")
    given = pd.Series(np.asarray(labels, dtype=object))
    if len(given) != size:
        raise SosrakeError(
            f"sample_design.design: {name} has {len(given)} entries, weights {size}; one each per respondent"
        )
    codes, _ = pd.factorize(given)
    empty = np.flatnonzero(codes < 0)
    if len(empty):
        raise SosrakeError(
            f"sample_design.design: {name} of respondent {empty[0] + 1} is empty; say which it is, or leave "
            "the respondent out"
        )
    return codes


def _units(strata: np.ndarray, cluster: ArrayLike | None, nest: bool) -> tuple[np.ndarray, np.ndarray]:
    if cluster is None:
        return np.arange(len(strata)), strata
    clusters = _codes(cluster, len(strata), "cluster")
    unit, present = pd.factorize(clusters * (int(strata.max(initial=0)) + 1) + strata)
    if not nest and len(present) > len(np.unique(clusters)):
        name = _in_two_strata(np.asarray(cluster, dtype=object), clusters, strata)
        raise SosrakeError(
            f"sample_design.design: cluster {name!r} lies in two strata; give clusters names of their own, "
            "or nest=True when the same name means different clusters"
        )
    stratum = np.empty(len(present), "int64")
    stratum[unit] = strata
    return unit, stratum


def _in_two_strata(names: np.ndarray, clusters: np.ndarray, strata: np.ndarray) -> object:
    pairs = pd.DataFrame({"cluster": clusters, "stratum": strata}).drop_duplicates()
    twice = pairs.loc[pairs["cluster"].duplicated(), "cluster"].iloc[0]
    return names[int(np.flatnonzero(clusters == twice)[0])]


def _fractions(
    fpc: ArrayLike, unit: np.ndarray, stratum: np.ndarray, units: np.ndarray, within: str
) -> Floats:
    """Give the drawn share f of each unit."""
    given, shares = _checked_fpc(fpc, unit.size)
    of_unit = np.empty(len(stratum))
    of_unit[unit] = given
    if (of_unit[unit] != given).any():
        raise SosrakeError("sample_design.design: fpc varies within a cluster; give one figure a cluster")
    of_stratum = np.empty(len(units))
    of_stratum[stratum] = of_unit
    if within == "constant" and (of_stratum[stratum] != of_unit).any():
        raise SosrakeError(
            "sample_design.design: fpc varies within a stratum; give the strata the sample was drawn by, or "
            "fpc_within='varies' where each unit has a drawing share of its own"
        )
    share = of_unit if shares else units[stratum] / of_unit
    if (share > 1).any():
        row = int(np.flatnonzero(unit == np.flatnonzero(share > 1)[0])[0])
        raise SosrakeError(
            f"sample_design.design: fpc {given[row]:g} of respondent {row + 1} is smaller than the "
            f"{units[stratum[unit[row]]]} units drawn from the stratum; give the size of the population"
        )
    return share


def _checked_fpc(fpc: ArrayLike, size: int) -> tuple[Floats, bool]:
    """Check the correction; say whether it is given as shares drawn."""
    given = np.asarray(fpc, "float64")
    if given.shape != (size,):
        raise SosrakeError(
            f"sample_design.design: fpc has {given.size} entries, weights {size}; one each per respondent"
        )
    wrong = np.flatnonzero(~(given > 0))
    if len(wrong):
        raise SosrakeError(
            f"sample_design.design: fpc {given[wrong[0]]:g} of respondent {wrong[0] + 1}; expected the size "
            "of the stratum's population or the share drawn"
        )
    shares = bool((given <= 1).all())
    if not shares and (given < 1).any():
        raise SosrakeError(
            "sample_design.design: fpc mixes sizes (above 1) and shares (below 1); give one kind throughout"
        )
    return given, shares
