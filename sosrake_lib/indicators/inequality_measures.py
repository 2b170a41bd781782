"""The measures of inequality by name, and any of them with an interval.

Names: gini, gini_corrected, theil_t, theil_l, entropy_<α>, atkinson_<ε>, variation, palma, s80s20,
s80s20_quantile, poverty_rate. The name stands in the column `statistic` of frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import inequality_kernels as kernels
from sosrake_lib.indicators import inequality_shares as shares
from sosrake_lib.indicators import resampling
from sosrake_lib.indicators.inequality_kernels import Floats, Kernel
from sosrake_lib.indicators.interval_form import levels_of

NAMES = (
    "gini",
    "gini_corrected",
    "theil_t",
    "theil_l",
    "entropy_2",
    "atkinson_0.5",
    "atkinson_1",
    "atkinson_2",
    "variation",
    "palma",
    "s80s20",
    "s80s20_quantile",
    "poverty_rate",
)
_PARAMETERS = {"entropy": kernels.entropy_kernel, "atkinson": kernels.atkinson_kernel}


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A measure: its kernel, its key in the registry of methods, and the range it cannot leave.

    `key` is the name without its parameter; `lower` and `upper` hold for values of 0 or more. `negative` says
    whether negative values mean anything: "yes", "no" (no logarithm or power), or "on_request" (the formula
    goes through, but the Gini may pass 1). `steady` is False where leaving one area out makes the figure jump
    (it rests on a quantile), so that the jackknife does not hold.
    """

    name: str
    key: str
    kernel: Kernel
    lower: float = 0.0
    upper: float = np.inf
    negative: str = "no"
    steady: bool = True

    def accepts(self, negative: str) -> bool:
        """Say whether negative values may be computed, with the caller's "refuse" or "keep"."""
        return self.negative == "yes" or (self.negative == "on_request" and negative == "keep")

    def way(self, method: str | None, where: str) -> str:
        """Give the way to an interval: the one asked for, or the jackknife where it holds, else a bootstrap.

        Raises
        ------
        SosrakeError for the jackknife of a measure that jumps, naming the ways out.
        """
        if method is None:
            return "jackknife" if self.steady else "bootstrap_percentile"
        if method == "jackknife" and not self.steady:
            raise SosrakeError(
                f"{where}: method 'jackknife' does not hold for {self.name}, which rests on a quantile and "
                "jumps when a unit is left out; use bootstrap_percentile, or leave method out"
            )
        return method


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A measure with its interval: one row of `limits` (confidence, lower, upper) per confidence asked.

    `lower` and `upper` are those of the first confidence; `units` counts what was resampled.
    """

    measure: str
    value: float
    limits: pd.DataFrame
    method: str
    units: int

    @property
    def lower(self) -> float:
        """Lower limit of the first confidence."""
        return float(self.limits["lower"].iloc[0])

    @property
    def upper(self) -> float:
        """Upper limit of the first confidence."""
        return float(self.limits["upper"].iloc[0])


def named(name: str, where: str = "inequality.measure") -> Measure:
    """Look a measure up by its name.

    Raises
    ------
    SosrakeError for an unknown name, listing those there are, and for a parameter that is no number.

    Examples
    --------
    >>> named("atkinson_0.5").key, named("palma").lower
    ('atkinson', 0.25)
    """
    known = {
        "gini": Measure("gini", "gini", kernels.gini_kernel, 0, 1, "on_request"),
        "gini_corrected": Measure(
            "gini_corrected", "gini_corrected", kernels.gini_kernel, 0, 1, "on_request"
        ),
        "theil_t": Measure("theil_t", "theil_t", kernels.entropy_kernel(1.0)),
        "theil_l": Measure("theil_l", "theil_l", kernels.entropy_kernel(0.0)),
        "variation": Measure("variation", "variation", kernels.variation_kernel, negative="on_request"),
        "palma": Measure(
            "palma", "palma", shares.share_ratio_kernel(0.9, 0.4, 0.25), 0.25, np.inf, "on_request"
        ),
        "s80s20": Measure(
            "s80s20", "s80s20", shares.share_ratio_kernel(0.8, 0.2, 1.0), 1, np.inf, "on_request"
        ),
        "s80s20_quantile": Measure(
            "s80s20_quantile", "s80s20_quantile", shares.quintile_kernel, negative="yes", steady=False
        ),
        "poverty_rate": Measure(
            "poverty_rate",
            "poverty_rate",
            shares.poverty_kernel(shares.POVERTY_SHARE),
            0,
            1,
            negative="yes",
            steady=False,
        ),
    }
    if name in known:
        return known[name]
    key, _, parameter = name.partition("_")
    if key not in _PARAMETERS:
        raise SosrakeError(
            f"{where}: measure {name!r} is unknown; use one of {', '.join(NAMES)} (with other numbers behind "
            "entropy_ and atkinson_)"
        )
    try:
        number = float(parameter)
    except ValueError as problem:
        raise SosrakeError(
            f"{where}: measure {name!r}: {parameter!r} is no number; write for example atkinson_0.5"
        ) from problem
    return Measure(
        f"{key}_{number:g}", key, _PARAMETERS[key](number), upper=1 if key == "atkinson" else np.inf
    )


def value_of(
    measure: str, values: ArrayLike, weights: ArrayLike | None = None, *, missing: str = "refuse"
) -> float:
    """Give one measure of a list of values, by its name.

    Parameters
    ----------
    measure : as in `NAMES`.
    values, weights : as `inequality_kernels.gini`.
    missing : "refuse", or "leave_out" values (and weights) that are NaN.

    Examples
    --------
    >>> print(round(value_of("atkinson_1", [10, 20, None, 30, 40, 50], missing="leave_out"), 4))
    0.1316
    """
    chosen = named(measure)
    data = _data(chosen, values, weights, missing)
    return kernels.one(chosen.kernel, data) * _factor(chosen, len(data.values))


def estimate(
    measure: str,
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    method: str = "bootstrap_percentile",
    confidence: float | Sequence[float] = 0.95,
    replicates: int = 2000,
    seed: int = 1,
    units: ArrayLike | None = None,
    missing: str = "refuse",
) -> Estimate:
    """Give a measure with an interval by resampling respondents, or areas with everybody in them.

    Parameters
    ----------
    measure : as in `NAMES`, such as "gini", "palma", "atkinson_2".
    values, weights : one per respondent (or area).
    method : "bootstrap_percentile", "bootstrap_bca", "jackknife" (steady measures only: refused for
        s80s20_quantile and poverty_rate, whose jumps break it).
    confidence : one or several two-sided levels.
    replicates, seed : of the bootstrap.
    units : the area (or household) of each value, drawn as a whole; left out, each value is drawn alone.
    missing : "refuse" or "leave_out".

    Returns
    -------
    Estimate; limits never leave the measure's range. With few or very skewed values the percentile interval
    lies low, as resamples are less unequal than the data; BCa mends part of that.

    Raises
    ------
    SosrakeError as `inequality_kernels.gini`, for unknown options, the jackknife of a measure that jumps, a
    measure that is infinite, and only one unit to draw from.

    Sources: Mills & Zandvakili (1997), doi 10.1002/(SICI)1099-1255(199703)12:2<133::AID-JAE433>3.0.CO;2-H;
    Efron (1987), doi 10.1080/01621459.1987.10478410.

    Examples
    --------
    >>> found = estimate("gini", [8, 9, 12, 15, 20, 21, 30, 44], method="jackknife")
    >>> print(round(found.value, 3), round(found.lower, 3), round(found.upper, 3))
    0.306 0.139 0.472
    """
    where = f"inequality.estimate({measure})"
    chosen = named(measure, where)
    chosen.way(method, where)
    data = _data(chosen, values, weights, missing, units)
    codes = None
    if units is not None:
        given = np.asarray(units)[_present(values, weights, missing)]
        codes = resampling.unit_numbers(given[data.order], len(data.order), where)
    factor = _factor(chosen, len(data.values))

    def statistic(w: Floats) -> Floats:
        return factor * chosen.kernel(data.values[None], w)

    value = float(statistic(data.weights[None, None])[0, 0])
    if not np.isfinite(value):
        raise SosrakeError(f"{where}: the measure is infinite, as a value is 0; use theil_t, gini or palma")
    levels = list(levels_of(confidence, where))
    found = resampling.limits(
        statistic,
        data.weights[None],
        method=method,
        confidence=levels,
        replicates=replicates,
        seed=seed,
        units=codes,
        where=where,
    )
    table = pd.DataFrame(
        {
            "confidence": levels,
            "lower": [float(np.clip(limit.lower[0], chosen.lower, chosen.upper)) for limit in found],
            "upper": [float(np.clip(limit.upper[0], chosen.lower, chosen.upper)) for limit in found],
        }
    )
    return Estimate(
        chosen.name, value, table, method, len(data.order) if codes is None else int(codes.max()) + 1
    )


def summary(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    measures: Sequence[str] = NAMES,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Give many measures of one list of values: DataFrame `measure, value`.

    Examples
    --------
    >>> print(summary([10, 20, 30, 40, 50], measures=["gini", "palma"]).round(4).to_string(index=False))
    measure  value
       gini 0.2667
      palma 0.8333
    """
    found = [value_of(measure, values, weights, missing=missing) for measure in measures]
    return pd.DataFrame({"measure": list(measures), "value": found})


def _present(values: ArrayLike, weights: ArrayLike | None, missing: str) -> np.ndarray:
    if missing not in ("refuse", "leave_out"):
        raise SosrakeError(f"inequality: missing {missing!r}; use refuse or leave_out")
    x = np.asarray(values, dtype="float64")
    if missing == "refuse" or x.ndim != 1:
        return np.ones(x.shape, dtype=bool)
    return ~np.isnan(x) & (True if weights is None else ~np.isnan(np.asarray(weights, dtype="float64")))


def _data(
    chosen: Measure,
    values: ArrayLike,
    weights: ArrayLike | None,
    missing: str,
    units: ArrayLike | None = None,
) -> kernels.Sorted:
    where = f"inequality.{chosen.name}"
    x = np.asarray(values, dtype="float64")
    for what, other in (("weights", weights), ("units", units)):
        if other is not None and np.shape(other) != x.shape:
            raise SosrakeError(
                f"{where}: {what} has shape {np.shape(other)} for {x.size} values; give one each"
            )
    kept = _present(values, weights, missing)
    own = None if weights is None else np.asarray(weights, dtype="float64")[kept]
    return kernels.ordered(x[kept], own, where, negative=chosen.negative == "yes")


def _factor(chosen: Measure, n: int) -> float:
    return kernels.correction(n) if chosen.key == "gini_corrected" else 1.0
