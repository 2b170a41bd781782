"""Did people choose their side of the limit? Tests of a jump in how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sosrake_lib.effects.discontinuity.local import kernel_weights
from sosrake_lib.effects.discontinuity.running import Floats
from sosrake_lib.effects.regression import check_columns, fit_ols, numbers, two_sided, with_intercept
from sosrake_lib.errors import FrameError

WHERE = "density_test"
# Rows a side for a curve of the density; McCrary's constant of the bandwidth.
LEAST_ROWS, LEAST_BINS = 30, 10
BANDWIDTH_CONSTANT = 3.348
# Rows nearest to the limit whose sides are counted.
NEAREST = (20, 40, 80)


@dataclass(frozen=True, slots=True, eq=False)
class DensityTest:
    """A test of the running variable's density at a limit.

    Attributes
    ----------
    log_difference : ln f(just above) - ln f(just below). standard_error, p_value : of it.
    left, right : the densities. bin_width, bandwidth : used.
    counts : frame `window, left, right, p_value`: rows within a window of the limit, exact binomial test that
        either side is as likely.
    """

    log_difference: float
    standard_error: float
    p_value: float
    left: float
    right: float
    bin_width: float
    bandwidth: float
    counts: pd.DataFrame


def density_test(
    data: pd.DataFrame,
    *,
    running: str,
    cutoff: float,
    at_cutoff: str = "above",
    bin_width: float | None = None,
    bandwidth: float | None = None,
    windows: Sequence[float] | None = None,
    missing: str = "refuse",
) -> DensityTest:
    """Test whether there are more rows just beyond a limit than just before it.

    Parameters
    ----------
    data : one row a person. running : column of numbers. cutoff : the limit. at_cutoff : the side of a value
        equal to it.
    bin_width : of the histogram, 2·s·n^(-1/2) when left out. bandwidth : of the local lines; when left out
        the mean of 3.348·[σ²·reach / Σ f''²]^(1/5) over the sides, σ² and f'' of a fourth-order polynomial.
    windows : half-widths for the counts; left out, those that hold the 20, 40 and 80 nearest rows.
    missing : "refuse" or "drop" empty values.

    Returns
    -------
    DensityTest. Heights of bins that end at the limit are smoothed by triangular local lines on each side;
    θ = ln f+ - ln f-, standard error √[(24/5)(1/f+ + 1/f-) / (n·h)].

    A running variable with few different values (full years, whole points) heaps anyway: look at `counts`.
    No jump is not a proof: moves in both directions cancel out. The windows are exact only where the density
    is near flat, so take small ones.

    Source: McCrary J (2008), doi 10.1016/j.jeconom.2007.05.005; counts: Cattaneo MD, Frandsen BR, Titiunik R
    (2015), doi 10.1515/jci-2013-0010.

    Raises
    ------
    FrameError for fewer than 30 rows on a side, or bins too wide (fewer than 10 on a side).

    Examples
    --------
    >>> data = pd.DataFrame({"score": (np.arange(400) + 0.5) / 200 - 1})
    >>> found = density_test(data, running="score", cutoff=0)
    >>> round(found.log_difference, 3), found.counts["p_value"].tolist()
    (0.0, [1.0, 1.0, 1.0])
    """
    x = _values(data, running, missing) - float(cutoff)
    right = x >= 0 if at_cutoff == "above" else x > 0
    sizes = int((~right).sum()), int(right.sum())
    if min(sizes) < LEAST_ROWS:
        raise FrameError(
            f"{WHERE}: {sizes[0]} rows below and {sizes[1]} above the limit {cutoff:g}; at least "
            f"{LEAST_ROWS} on each side are needed"
        )
    n = len(x)
    width = float(2 * x.std(ddof=1) / np.sqrt(n) if bin_width is None else bin_width)
    below, above = _heights(-x[~right], width, n, open_at_zero=True), _heights(x[right], width, n)
    if not width > 0 or min(len(below[0]), len(above[0])) < LEAST_BINS:
        raise FrameError(
            f"{WHERE}: bins of {width:g} leave {len(below[0])} and {len(above[0])} of them below and above "
            f"the limit; at least {LEAST_BINS} are needed, give a smaller bin_width"
        )
    h = (_curve(*below) + _curve(*above)) / 2 if bandwidth is None else float(bandwidth)
    f_left, f_right = _at_limit(*below, h, n), _at_limit(*above, h, n)
    return _tested(x, right, (f_left, f_right), width, h, windows)


def _values(data: pd.DataFrame, running: str, missing: str) -> Floats:
    check_columns(data, [running], WHERE)
    if missing not in ("refuse", "drop"):
        raise FrameError(f"{WHERE}: missing {missing!r}; expected refuse or drop")
    return numbers(data.dropna(subset=[running]) if missing == "drop" else data, running, WHERE)


def _heights(distance: Floats, width: float, n: int, *, open_at_zero: bool = False) -> tuple[Floats, Floats]:
    """Middles and heights of bins counted outward from the limit; a value on an edge is beyond it."""
    if not width > 0:
        return np.empty(0), np.empty(0)
    places = distance / width
    index = np.ceil(places).astype("int64") - 1 if open_at_zero else np.floor(places).astype("int64")
    count = np.bincount(np.maximum(index, 0)).astype("float64")
    middle = np.asarray((np.arange(len(count)) + 0.5) * width, dtype="float64")
    return middle, count / (n * width)


def _curve(middle: Floats, height: Floats) -> float:
    """Bandwidth of one side from a fourth-order polynomial through its bins."""
    reach = float(middle[-1] + middle[0])
    u = middle / reach
    fit = fit_ols(height, np.vander(u, 5, increasing=True))
    _, _, second, third, fourth = fit.coefficients
    bend = (2 * second + 6 * third * u + 12 * fourth * u**2) / reach**2
    sigma2 = float(fit.residuals @ fit.residuals) / max(len(u) - 5, 1)
    found = BANDWIDTH_CONSTANT * (sigma2 * reach / max(float(bend @ bend), 1e-300)) ** 0.2
    # A density without bend asks for no end of a bandwidth: the whole side then.
    return float(min(max(found, 3 * 2 * middle[0]), reach))


def _at_limit(middle: Floats, height: Floats, h: float, n: int) -> float:
    weights = kernel_weights(middle / h, "triangular")
    inside = weights > 0
    if inside.sum() < 3:
        raise FrameError(
            f"{WHERE}: bandwidth {h:g} holds {int(inside.sum())} bins on a side; at least three are needed"
        )
    fit = fit_ols(height[inside], with_intercept(middle[inside]), weights[inside])
    line = float(fit.coefficients[0])
    # Where hardly anybody is left beside the limit the line may end below zero: the mean of the bins then, so
    # that the strongest sorting is not the one that escapes; an empty window counts as half a row.
    return line if line > 0 else max(float(np.average(height, weights=weights)), 0.5 / (n * h))


def _tested(
    x: Floats,
    right: np.ndarray,
    heights: tuple[float, float],
    width: float,
    h: float,
    windows: Sequence[float] | None,
) -> DensityTest:
    f_left, f_right = heights
    theta = float(np.log(f_right) - np.log(f_left))
    error = float(np.sqrt(4.8 * (1 / f_right + 1 / f_left) / (len(x) * h)))
    return DensityTest(
        theta,
        error,
        float(two_sided(theta / error, np.inf)),
        f_left,
        f_right,
        width,
        h,
        _counts(np.abs(x), right, windows),
    )


def _counts(distance: Floats, right: np.ndarray, windows: Sequence[float] | None) -> pd.DataFrame:
    ordered = np.sort(distance)
    chosen = [float(ordered[k - 1]) for k in NEAREST if k <= len(ordered)] if windows is None else windows
    rows = []
    for window in chosen:
        inside = distance <= window
        above, all_inside = int((inside & right).sum()), int(inside.sum())
        p_value = stats.binomtest(above, all_inside, 0.5).pvalue if all_inside else np.nan
        rows.append((float(window), all_inside - above, above, float(p_value)))
    return pd.DataFrame(rows, columns=["window", "left", "right", "p_value"])
