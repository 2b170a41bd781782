"""Is the jump one of the limit? Other limits, rows next to it left out, other bandwidths, other outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.discontinuity.jump import Jump, estimate_jump, local_jump
from sosrake_lib.effects.discontinuity.running import LEAST_VALUES, Running, Side
from sosrake_lib.errors import FrameError, SosrakeError

# Shares of a side's rows at which a limit that is none is tried.
PLACEBO_SHARES = (0.25, 0.5, 0.75)
MULTIPLES = (0.5, 0.75, 1.25, 1.5, 2.0)
CHECK_COLUMNS = ("estimate", "lower", "upper", "p_value", "h", "n_left", "n_right")


def placebo_cutoffs(
    jump: Jump, cutoffs: Sequence[float] | None = None, *, confidence: float = 0.95, **options: Any
) -> pd.DataFrame:
    """Look for jumps where nothing happens.

    Parameters
    ----------
    jump : from `local_jump`. cutoffs : limits to try, in the data's units; left out, the quartiles of each
        side. Only rows of one side of the true limit are used for each, so the true jump is not in it.
    options : other choices of `estimate_jump`; kernel, orders and variance are the jump's, h chosen anew.

    Returns
    -------
    DataFrame `cutoff, side, estimate, lower, upper, p_value, h, n_left, n_right`: conventional estimate,
    robust limits; empty where a side is too thin. About one in twenty is "found" by chance.
    """
    running = jump.running
    tried = _default_cutoffs(running) if cutoffs is None else [float(one) for one in cutoffs]
    rows = []
    for cutoff in tried:
        at = cutoff - running.cutoff
        if at == 0:
            raise FrameError(f"placebo_cutoffs: {cutoff:g} is the true limit; name others")
        side = running.right if at > 0 else running.left
        parts = Running(side.kept(side.x < at), side.kept(side.x >= at), cutoff, running.treated, 0)
        moved = replace(parts, left=_moved(parts.left, at), right=_moved(parts.right, at))
        rows.append((cutoff, "above" if at > 0 else "below", *_line(moved, jump, confidence, options)))
    return pd.DataFrame(rows, columns=["cutoff", "side", *CHECK_COLUMNS])


def _default_cutoffs(running: Running) -> list[float]:
    return [
        float(np.quantile(side.x, share)) + running.cutoff
        for side in (running.left, running.right)
        for share in PLACEBO_SHARES
    ]


def _moved(side: Side, by: float) -> Side:
    return Side(side.x - by, side.y)


def donut(
    jump: Jump, radii: Sequence[float] | None = None, *, confidence: float = 0.95, **options: Any
) -> pd.DataFrame:
    """Leave out the rows next to the limit, where people could have chosen their side.

    Parameters
    ----------
    radii : distances from the limit within which rows are left out; left out, 2, 5 and 10 % of h.
    options : of `estimate_jump`; h is chosen anew unless given.

    Returns
    -------
    DataFrame `radius, left_out, estimate, lower, upper, p_value, h, n_left, n_right`. The lines are carried
    on over the hole, so intervals widen. Source: Barreca, Guldi, Lindo and Waddell (2011), doi
    10.1093/qje/qjr042.
    """
    running = jump.running
    near = min(jump.bandwidths.h)
    tried = [share * near for share in (0.02, 0.05, 0.1)] if radii is None else [float(one) for one in radii]
    rows = []
    for radius in tried:
        if not radius >= 0:
            raise FrameError(f"donut: radius {radius!r}; expected a distance of 0 or more")
        left, right = (side.kept(np.abs(side.x) > radius) for side in (running.left, running.right))
        out = running.left.n + running.right.n - left.n - right.n
        holed = replace(running, left=left, right=right)
        rows.append((radius, out, *_line(holed, jump, confidence, options)))
    return pd.DataFrame(rows, columns=["radius", "left_out", *CHECK_COLUMNS])


def bandwidth_range(
    jump: Jump, multiples: Sequence[float] = MULTIPLES, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate the jump with other bandwidths: multiples of both h and b.

    Returns
    -------
    DataFrame `multiple, estimate, lower, upper, p_value, h, n_left, n_right`.
    """
    rows = []
    for multiple in multiples:
        h, b = ([multiple * one for one in widths] for widths in (jump.bandwidths.h, jump.bandwidths.b))
        rows.append((float(multiple), *_line(jump.running, jump, confidence, {"h": h, "b": b})))
    return pd.DataFrame(rows, columns=["multiple", *CHECK_COLUMNS])


def covariate_jumps(
    data: pd.DataFrame,
    covariates: Iterable[str],
    *,
    running: str,
    cutoff: float,
    confidence: float = 0.95,
    **options: Any,
) -> pd.DataFrame:
    """Look for jumps in what the treatment cannot have changed.

    Parameters
    ----------
    data, running, cutoff, options : as in `local_jump`. covariates : columns known before the treatment.

    Returns
    -------
    DataFrame `covariate, estimate, lower, upper, p_value, h, n_left, n_right`.
    """
    rows = []
    for name in covariates:
        found = local_jump(data, outcome=name, running=running, cutoff=cutoff, **options)
        rows.append((name, *_told(found, confidence)))
    return pd.DataFrame(rows, columns=["covariate", *CHECK_COLUMNS])


def _line(running: Running, jump: Jump, confidence: float, options: dict[str, Any]) -> tuple[float, ...]:
    """Estimate by the jump's recipe; empty figures where the rows do not bear it."""
    recipe = jump.recipe
    asked = {
        "kernel": recipe.kernel,
        "p": recipe.p,
        "q": recipe.q,
        "variance": recipe.variance,
        "neighbours": recipe.neighbours,
        **options,
    }
    sizes = (float(running.left.n), float(running.right.n))
    if min(running.left.n, running.right.n) == 0:
        return (np.nan, np.nan, np.nan, np.nan, np.nan, *sizes)
    if min(running.left.values, running.right.values) < LEAST_VALUES:
        return (np.nan, np.nan, np.nan, np.nan, np.nan, *sizes)
    try:
        return _told(estimate_jump(running, **asked), confidence)
    except SosrakeError:
        return (np.nan, np.nan, np.nan, np.nan, np.nan, *sizes)


def _told(jump: Jump, confidence: float) -> tuple[float, ...]:
    robust = jump.table(confidence).iloc[2]
    return (
        jump.conventional,
        float(robust["lower"]),
        float(robust["upper"]),
        float(robust["p_value"]),
        jump.bandwidths.h[0],
        float(jump.effective[0]),
        float(jump.effective[1]),
    )
