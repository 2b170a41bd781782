"""Standard errors of synthetic difference-in-differences: placebo, jackknife, bootstrap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sosrake_lib.effects.synthetic.did_weights import Weighted, combine, weighted_difference
from sosrake_lib.effects.synthetic.panel import Panel
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]


def placebo_estimates(
    panel: Panel, fit: Weighted, kind: str = "sdid", *, draws: int = 999, seed: int = 0, solver: str = "exact"
) -> Floats:
    """Estimate with donors in the place of the treated, weights found anew, the penalty kept.

    With one treated unit every donor is taken once, which is what random draws converge to; with several,
    `draws` random sets of as many donors.

    Source: Arkhangelsky et al. (2021), algorithm 4, doi 10.1257/aer.20190159.
    """
    count, donors = len(panel.treated), panel.donors
    if len(donors) <= count + 1:
        raise FrameError(
            f"synthetic_did: {len(donors)} donors and {count} treated units; a placebo needs at least "
            f"{count + 2} donors"
        )
    if count == 1:
        sets = np.arange(len(donors))[:, None]
    else:
        rng = np.random.default_rng(seed)
        sets = np.argsort(rng.random((draws, len(donors))), axis=1)[:, :count]
    return np.array([_placebo(panel, fit, chosen, kind, solver) for chosen in sets])


def _placebo(panel: Panel, fit: Weighted, chosen: NDArray[np.int64], kind: str, solver: str) -> float:
    left = np.ones(len(panel.donors), dtype=bool)
    left[chosen] = False
    return weighted_difference(
        panel.donors[left],
        panel.donors[chosen].mean(axis=0),
        panel.before,
        kind=kind,
        zeta_omega=fit.zeta_omega,
        noise=fit.noise,
        solver=solver,
    ).estimate


def placebo_error(estimates: Floats) -> float:
    """Root of the mean squared deviation of placebo estimates from their mean."""
    return float(np.std(estimates))


def jackknife_error(panel: Panel, fit: Weighted) -> float:
    """Leave out one unit at a time, the weights kept and scaled to sum 1.

    √((n - 1)/n Σ (θ_i - θ̄)²). Needs two treated units, and more than one donor with weight.

    Source: Arkhangelsky et al. (2021), algorithm 3, doi 10.1257/aer.20190159.
    """
    if len(panel.treated) < 2:
        raise FrameError(
            "synthetic_did: the jackknife needs two treated units, there is one; use error='placebo'"
        )
    if (fit.unit_weights > 0).sum() < 2:
        raise FrameError(
            "synthetic_did: one donor has all the weight, so the jackknife cannot leave it out; use "
            "error='placebo'"
        )
    n0, n1 = len(panel.donors), len(panel.treated)
    without_donor = (1 - np.eye(n0)) * fit.unit_weights
    without_donor /= without_donor.sum(axis=1, keepdims=True)
    found = [
        combine(panel.donors, panel.target, panel.before, row, fit.time_weights) for row in without_donor
    ]
    targets = (panel.treated.sum(axis=0) - panel.treated) / (n1 - 1)
    found += [combine(panel.donors, row, panel.before, fit.unit_weights, fit.time_weights) for row in targets]
    n = n0 + n1
    return float(np.sqrt((n - 1) / n * ((np.array(found) - np.mean(found)) ** 2).sum()))


def bootstrap_estimates(
    panel: Panel, fit: Weighted, kind: str = "sdid", *, draws: int = 999, seed: int = 0
) -> Floats:
    """Draw units with replacement, find weights anew with the penalty kept; draws without both are redrawn.

    Source: Arkhangelsky et al. (2021), algorithm 2, doi 10.1257/aer.20190159.
    """
    if len(panel.treated) < 2:
        raise FrameError(
            "synthetic_did: the bootstrap needs two treated units, there is one; use error='placebo'"
        )
    rng = np.random.default_rng(seed)
    every = np.vstack([panel.donors, panel.treated])
    n0 = len(panel.donors)
    found: list[float] = []
    while len(found) < draws:
        chosen = rng.integers(0, len(every), len(every))
        ours = chosen[chosen >= n0]
        if ours.size == 0 or ours.size >= chosen.size - 1:
            continue
        found.append(
            weighted_difference(
                every[chosen[chosen < n0]],
                every[ours].mean(axis=0),
                panel.before,
                kind=kind,
                zeta_omega=fit.zeta_omega,
                noise=fit.noise,
            ).estimate
        )
    return np.array(found)
