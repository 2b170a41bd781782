"""How many joinpoints: criteria and the permutation test; the profile interval of one; arrays only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import joinpoints as lines
from sosrake_lib.indicators.interval_form import one_level
from sosrake_lib.indicators.intervals import Floats, Interval

CRITERIA = ("bic", "bic3", "aic", "permutation")
# Penalty for k joinpoints as (a, b): (a·k + b) parameters; BIC3 counts a joinpoint three times.
_PARAMETERS = {"aic": (2, 2), "bic": (2, 2), "bic3": (3, 2)}
# A residual sum of squares below this multiple of what rounding leaves is a perfect fit.
_ROUNDING = 64.0


def fit_series(
    time: ArrayLike,
    value: ArrayLike,
    k: int | None = None,
    *,
    most: int = 3,
    name: str = "bic",
    scale: str = "log",
    **options: Any,
) -> lines.Joinpoints:
    """Fit one series with `k` joinpoints, or with the number a criterion chooses; absent values are left out.

    When `k` is None, up to `most` joinpoints are tried, as many as `advised_points` allows; `name` is one of
    CRITERIA; `options` as `joinpoints.fit`.

    Examples
    --------
    >>> found = fit_series(range(10), [1, 2.1, 2.9, 4, 5.1, 4, 3.1, 2, None, 0.1], scale="linear")
    >>> found.k, len(found.time)
    (1, 9)
    """
    t, y = np.asarray(time, "float64"), np.asarray(value, "float64").ravel()
    if t.shape != y.shape:
        raise SosrakeError(
            f"joinpoints: {t.size} times and {y.size} values; expected one time for each value"
        )
    t, y = t[np.isfinite(y)], y[np.isfinite(y)]
    if k is not None:
        return lines.fit(t, y, int(k), scale=scale, **options)
    room = {part: options[part] for part in ("end_points", "between_points") if part in options}
    least = [max(lines.fewest_points(count, **room), advised_points(count)) for count in range(most + 1)]
    tried = [count for count, points in enumerate(least) if len(t) >= points]
    if not tried:
        raise SosrakeError(f"joinpoints: {len(t)} points are too few for a trend; at least 3 are needed")
    models = [lines.fit(t, y, count, scale=scale, **options) for count in tried]
    y = np.log(y) if scale == "log" else y
    if name == "permutation":
        return models[by_permutation(t, y, tried[-1], **options).chosen]
    floor = rounding(y)
    found = [criterion(np.maximum(model.rss, floor), model.k, len(t), name)[0] for model in models]
    # Criteria equal but for rounding: the simpler line stands.
    return models[int(np.argmax(np.array(found) <= min(found) + 1e-9))]


def advised_points(k: int) -> int:
    """Count the points from which `k` joinpoints should be tried: 7 for one, 12 for two, 17 for three.

    With fewer, a broken line follows the noise so closely that every criterion falls for it. After the advice
    of NCI's Joinpoint on the greatest number of joinpoints.
    """
    return 5 * k + 2


def criterion(rss: ArrayLike, k: int, points: int, name: str = "bic") -> Floats:
    """Give the criterion of a broken line; the smallest wins.

    Formulas (NCI's scale): ln(RSS/n) + p·ln(n)/n with p = 2k + 2 (BIC) or 3k + 2 (BIC3);
    ln(RSS/n) + 2p/n with p = 2k + 2 (AIC). Sources: Yao (1988), doi 10.1016/0167-7152(88)90118-6;
    Kim & Kim (2016), doi 10.1016/j.jspi.2015.09.008.

    Examples
    --------
    >>> print(float(criterion(0.0578, 0, 14).round(3)), float(criterion(0.000546, 1, 14).round(3)))
    -5.113 -9.398
    """
    if name not in _PARAMETERS:
        raise SosrakeError(f"joinpoints: criterion {name!r}; expected one of {', '.join(_PARAMETERS)}")
    each, rest = _PARAMETERS[name]
    price = 2.0 if name == "aic" else np.log(points)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.asarray(rss, "float64") / points) + (each * k + rest) * price / points)


def rounding(values: ArrayLike) -> Floats:
    """Give per series the residual sum of squares that rounding alone leaves of a perfect fit."""
    y = np.atleast_2d(np.asarray(values, "float64"))
    step = _ROUNDING * np.finfo("float64").eps * np.abs(y).max(axis=1).clip(1)
    return np.asarray(y.shape[1] * step**2)


@dataclass(frozen=True, slots=True, eq=False)
class Permuted:
    """One series' sequence of tests: `chosen` joinpoints and `tests`, (fewer, more, p value, level) each."""

    chosen: int
    tests: tuple[tuple[int, int, float, float], ...]


def by_permutation(
    time: ArrayLike,
    values: ArrayLike,
    most: int,
    *,
    draws: int = 999,
    alpha: float = 0.05,
    seed: int = 20_190_101,
    **options: Any,
) -> Permuted:
    """Choose the number of joinpoints of one series by NCI's sequence of permutation tests.

    Of `fewer` against `more` joinpoints (first 0 against `most`): the residuals of the smaller model are
    shuffled `draws` times, both models refitted, and RSS(fewer)/RSS(more) compared with the data's own. If
    its p value is below alpha / (most - fewer), `fewer` grows by one, else `more` shrinks by one, until they
    meet. The chance of too many joinpoints stays below `alpha`.

    Parameters
    ----------
    values : on the scale of the fit (logs for the log scale); one series.
    options : `place, end_points, between_points, weight` of `joinpoints.fit`.

    Source: Kim et al. (2000), doi 10.1002/(SICI)1097-0258(20000215)19:3<335::AID-SIM336>3.0.CO;2-Z. Each test
    refits 2 x `draws` broken lines: some seconds for a long series, so a named exception for speed.
    """
    y, generator = np.asarray(values, "float64").ravel(), np.random.default_rng(seed)
    fewer, more, tests = 0, most, []
    while fewer < more:
        p_value = _permutation_p(time, y, (fewer, more), draws, generator, options)
        level = alpha / (most - fewer)
        tests.append((fewer, more, p_value, level))
        if p_value < level:
            fewer += 1
        else:
            more -= 1
    return Permuted(fewer, tuple(tests))


def profile_limits(
    time: ArrayLike,
    value: ArrayLike,
    confidence: float = 0.95,
    *,
    scale: str = "log",
    end_points: int = 2,
    steps: int = 2000,
) -> Interval:
    """Give the limits of one series' only joinpoint by the profile of its residual sum of squares.

    The joinpoints v with RSS(v) <= RSS·(1 + F(1, n - 4)/(n - 4)), from the first to the last of them. Unlike
    the delta method's, they need not lie evenly around the joinpoint and never leave the data. Source: Lerman
    (1980), doi 10.2307/2346413.

    Examples
    --------
    >>> found = profile_limits(range(10), [1, 2.1, 2.9, 4, 5.1, 4, 3.1, 2, 0.9, 0.1], scale="linear")
    >>> print(found.lower.round(2), found.upper.round(2))
    3.88 4.14
    """
    best = lines.fit(time, value, 1, scale=scale, end_points=end_points)
    t, y = best.time, np.asarray(value, "float64").ravel()
    y = np.log(y) if scale == "log" else y
    trial = np.linspace(t[end_points - 1], t[-end_points], steps + 1)
    trial = np.sort(np.append(trial, best.joinpoint[0]))
    designs = np.empty((len(trial), len(t), 3))
    designs[:, :, :2] = np.vander(t - t.mean(), 2)
    designs[:, :, 2] = np.clip(t - trial[:, None], 0, None)
    q, _ = np.linalg.qr(designs)
    centred = y - y.mean()
    explained = np.einsum("vtc,t->vc", q, centred)
    rss = ((centred - np.einsum("vtc,vc->vt", q, explained)) ** 2).sum(axis=1)
    if best.df <= 0:
        return Interval(np.array(np.nan), np.array(np.nan))
    allowed = best.rss[0] * (1 + _f_quantile(confidence, best.df) / best.df) + rounding(y)[0]
    return _ends(trial, rss - allowed)


def _f_quantile(confidence: float, df: int) -> float:
    # With 1 and `df` degrees of freedom F is the square of Student's t.
    return float(special.stdtrit(df, 0.5 + one_level(confidence) / 2) ** 2)


def _ends(trial: Floats, excess: Floats) -> Interval:
    """First and last place where the excess is not above zero, between two trials by a straight line."""
    inside = np.flatnonzero(excess <= 0)
    ends = []
    for edge, step in ((inside[0], -1), (inside[-1], 1)):
        beyond = edge + step
        if not 0 <= beyond < len(trial):
            ends.append(trial[edge])
            continue
        share = excess[edge] / (excess[edge] - excess[beyond])
        ends.append(trial[edge] + share * (trial[beyond] - trial[edge]))
    return Interval(np.array(ends[0]), np.array(ends[1]))


def _permutation_p(
    time: ArrayLike,
    y: Floats,
    counts: tuple[int, int],
    draws: int,
    generator: np.random.Generator,
    options: dict[str, Any],
) -> float:
    small = lines.fit(time, y, counts[0], scale="linear", **options)
    fitted = small.fitted()[0]
    weight = options.get("weight")
    root = np.ones_like(y) if weight is None else np.sqrt(np.asarray(weight, "float64"))
    shuffled = generator.permuted(np.tile((y - fitted) * root, (draws, 1)), axis=1)
    made = np.vstack([y, fitted + shuffled / root])
    floor = rounding(made)
    rss = [np.maximum(lines.fit(time, made, k, scale="linear", **options).rss, floor) for k in counts]
    ratio = rss[0] / rss[1]
    # Ties within rounding count as at least as extreme.
    return float((1 + (ratio[1:] >= ratio[0] * (1 - 1e-9)).sum()) / (draws + 1))
