"""Means of the outcome in steps of the running variable: what the picture of a limit shows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sosrake_lib.effects.discontinuity.running import Side, read_running
from sosrake_lib.errors import FrameError


def binned_means(
    data: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    bins: int = 20,
    at_cutoff: str = "above",
    missing: str = "refuse",
) -> pd.DataFrame:
    """Average the outcome in equal steps on each side of a limit; no step crosses it.

    Parameters
    ----------
    data, outcome, running, cutoff, at_cutoff, missing : see `read_running`. bins : steps on each side.

    Returns
    -------
    DataFrame `side, lower, upper, mean_running, mean_outcome, n`, ascending, steps without rows left out. A
    picture for eyes, not an estimate; steps of few people are not to be published.

    Examples
    --------
    >>> data = pd.DataFrame({"score": range(-8, 8), "y": range(16)})
    >>> table = binned_means(data, outcome="y", running="score", cutoff=0, bins=2)
    >>> table[["side", "mean_outcome", "n"]].values.tolist()
    [['below', 1.5, 4], ['below', 5.5, 4], ['above', 9.5, 4], ['above', 13.5, 4]]
    """
    where = "binned_means"
    if int(bins) != bins or bins < 1:
        raise FrameError(f"{where}: bins {bins!r}; expected a whole number of 1 or more")
    rows = read_running(
        data,
        outcome=outcome,
        running=running,
        cutoff=cutoff,
        at_cutoff=at_cutoff,
        missing=missing,
        where=where,
    )
    both = [_steps(rows.left, "below", int(bins), rows.cutoff, at_cutoff)]
    both.append(_steps(rows.right, "above", int(bins), rows.cutoff, at_cutoff))
    return pd.concat(both, ignore_index=True).sort_values("lower", ignore_index=True)


def _steps(side: Side, name: str, bins: int, cutoff: float, at_cutoff: str) -> pd.DataFrame:
    width = side.reach / bins
    places = np.abs(side.x) / width
    # A value on an edge belongs to the step above it, unless the limit's own value belongs below.
    outward = (name == "above") == (at_cutoff == "above")
    step = np.floor(places) if outward else np.ceil(places) - 1
    step = np.clip(step.astype("int64"), 0, bins - 1)
    count = np.bincount(step, minlength=bins)
    safe = np.maximum(count, 1)
    nearer, farther = np.arange(bins) * width, (np.arange(bins) + 1) * width
    lower, upper = (-farther, -nearer) if name == "below" else (nearer, farther)
    return pd.DataFrame(
        {
            "side": name,
            "lower": lower + cutoff,
            "upper": upper + cutoff,
            "mean_running": np.bincount(step, weights=side.x, minlength=bins) / safe + cutoff,
            "mean_outcome": np.bincount(step, weights=side.y, minlength=bins) / safe,
            "n": count,
        }
    ).loc[count > 0]
