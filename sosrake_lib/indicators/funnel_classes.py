"""Funnel plots on an indicator frame: the baseline, the class of each area, the lines to draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.funnel_rows import METHOD_OF, able_rows, baselines, checked_rows, family_numbers
from sosrake_lib.indicators.funnels import CONFIDENCES, funnel_limits
from sosrake_lib.indicators.interval_form import levels_of
from sosrake_lib.indicators.overdispersion import (
    OVERDISPERSION,
    WINSORISED,
    Overdispersion,
    estimate_overdispersion,
)
from sosrake_lib.indicators.rates import per_units

CLASSES = ("much_higher", "higher", "similar", "lower", "much_lower", "not_testable")
# The names of the same classes in the public-health guidance of England, with the tail of each.
PHE_CLASSES = {
    "much_higher": "High (0.001)",
    "higher": "High (0.025)",
    "similar": "Not significant",
    "lower": "Low (0.025)",
    "much_lower": "Low (0.001)",
    "not_testable": "",
}
_SHARES = ("funnel_binomial", "funnel_normal")


def funnel_class(
    frame: pd.DataFrame,
    baseline: float | None = None,
    *,
    confidence: tuple[float, float] = CONFIDENCES,
    method: str | None = None,
    by: Sequence[str] | None = None,
    overdispersion: str = "none",
    winsorise: float = WINSORISED,
) -> pd.DataFrame:
    """Class each area by the funnel around the level of all areas together.

    Parameters
    ----------
    frame : analysed frame with numerators and denominators, of one indicator, period, sex, age and group
        unless `by` tells several apart. Of several confidences the rows of each are classed alike. Statistic
        proportion, rate, or ratio (observed over expected events; give its baseline, usually `per`).
    baseline : level in units of `per`; left out, all areas pooled (sum of numerators / denominators).
    confidence : the inner and the outer two-sided level.
    method : as `funnel_limits`; left out, exact: binomial for proportions, Poisson for rates and ratios.
    by : columns that tell families apart, each with a funnel of its own; left out, the frame is one family.
    overdispersion : "none" (limits of chance alone), "multiplicative" (distance from the baseline times √φ)
        or "additive" (random effects, τ²), both estimated from the areas of the family, at least 3.
    winsorise : share of the z-scores drawn in at each end before φ is estimated.

    Returns
    -------
    The rows with `baseline, funnel_lower, funnel_upper` (inner limits), `funnel_outer_lower,
    funnel_outer_upper`, `funnel_method` and `funnel_class`: much_higher (outside the outer limits), higher,
    similar, lower, much_lower, or not_testable (no value or no denominator). With over-dispersion also
    `funnel_overdispersion`, `funnel_phi` and `funnel_tau2` (squared units of `per`); φ at most 1, or τ² 0,
    leaves the limits as they were.

    Raises
    ------
    FrameError when the frame is not analysed, several families stand in one, or a statistic has no funnel.

    Notes
    -----
    450 000 rows take two to three seconds: four exact limits an area. "funnel_normal" takes half a second.

    Sources: Spiegelhalter (2005), doi 10.1002/sim.1970; Spiegelhalter et al. (2012),
    doi 10.1111/j.1467-985X.2011.01010.x; compared with PHEindicatormethods' public figures.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators import rates
    >>> areas = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "hva",
    ...     "region_code": ["E1", "E2", "E3"], "borders": 2026, "period": "2020", "value": [20.0, 10, 8],
    ...     "per": 100, "numerator": [200, 10, 80], "denominator": [1_000, 100, 1_000], "status": "ok",
    ...     "origin": "synthetic"})
    >>> found = funnel_class(rates.proportion(areas), baseline=10.0)
    >>> shown = ["region_code", "value", "funnel_lower", "funnel_upper", "funnel_class"]
    >>> print(found[shown].round(1).to_string(index=False))
    region_code  value  funnel_lower  funnel_upper funnel_class
             E1   20.0           8.1          11.9  much_higher
             E2   10.0           4.1          16.7      similar
             E3    8.0           8.1          11.9        lower
    """
    rows = checked_rows(frame, by)
    if overdispersion not in OVERDISPERSION:
        raise FrameError(
            f"smallarea.funnel_class: overdispersion {overdispersion!r}; "
            f"use one of {', '.join(OVERDISPERSION)}"
        )
    _two_levels(confidence, "smallarea.funnel_class")
    able = able_rows(rows)
    family = family_numbers(rows, by)
    columns = pd.DataFrame({"baseline": baselines(rows, able, family, baseline)}, index=rows.index)
    columns["funnel_method"] = rows["statistic"].map(METHOD_OF) if method is None else method
    if overdispersion != "none":
        columns["funnel_overdispersion"] = overdispersion
        columns[["funnel_phi", "funnel_tau2"]] = _estimates(rows, able, family, columns, winsorise)
    columns = _with_limits(rows, able, columns, confidence, overdispersion)
    result = pd.concat([rows.drop(columns=columns.columns, errors="ignore"), columns], axis=1)
    result["funnel_class"] = _classes(result, able)
    return result


def funnel_baseline(frame: pd.DataFrame) -> float:
    """Pool the areas: sum of numerators over sum of denominators, in units of `per`, each area once.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators import rates
    >>> areas = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "hva",
    ...     "region_code": ["E1", "E2", "E3"], "borders": 2026, "period": "2020", "value": [20.0, 10, 8],
    ...     "per": 100, "numerator": [200, 10, 80], "denominator": [1_000, 100, 1_000], "status": "ok",
    ...     "origin": "synthetic"})
    >>> print(round(funnel_baseline(rates.proportion(areas)), 2))
    13.81
    """
    rows = checked_rows(frame, None)
    able = able_rows(rows)
    if not able.any():
        raise FrameError(
            "smallarea.funnel_baseline: no row has a value, a numerator and a denominator; give `baseline`"
        )
    return float(baselines(rows, able, family_numbers(rows, None), None)[0])


def funnel_curve(
    frame: pd.DataFrame,
    baseline: float | None = None,
    *,
    confidence: Sequence[float] = CONFIDENCES,
    points: int = 100,
    overdispersion: str = "none",
    winsorise: float = WINSORISED,
) -> pd.DataFrame:
    """Give the lines of a funnel plot for the sizes of this frame's areas: as `funnel_limits`.

    The sizes run evenly on a logarithmic scale from the smallest to the largest area. With `overdispersion`
    the lines are widened as `funnel_class` widens the limits.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators import rates
    >>> areas = pd.DataFrame({"indicator": "tyottomyysaste", "region_level": "hva",
    ...     "region_code": ["E1", "E2", "E3"], "borders": 2026, "period": "2020", "value": [20.0, 10, 8],
    ...     "per": 100, "numerator": [200, 10, 80], "denominator": [1_000, 100, 1_000], "status": "ok",
    ...     "origin": "synthetic"})
    >>> found = funnel_curve(rates.proportion(areas), points=2)
    >>> print(found[["denominator", "confidence", "lower", "upper"]].round(3).to_string(index=False))
     denominator  confidence  lower  upper
           100.0       0.950  6.935 21.378
          1000.0       0.950 11.657 16.031
           100.0       0.998  3.867 25.871
          1000.0       0.998 10.496 17.330
    """
    rows = checked_rows(frame, None)
    able = able_rows(rows)
    if not able.any():
        raise FrameError("smallarea.funnel_curve: no area has a value and a denominator above zero")
    level = float(baselines(rows, able, family_numbers(rows, None), baseline)[0])
    how = METHOD_OF[rows["statistic"].iloc[0]]
    sizes = rows.loc[able, "denominator"]
    extra: dict[str, float] = {}
    if overdispersion != "none":
        once = able & ~rows.duplicated(subset=list(frames.KEY)).to_numpy()
        found = _estimated(rows.loc[once], np.full(int(once.sum()), level), how, winsorise)
        extra = {"phi": found.phi, "tau2": found.tau2}
    return funnel_limits(
        np.geomspace(sizes.min(), sizes.max(), points),
        level,
        per=float(rows["per"].iloc[0]),
        confidence=confidence,
        method=how,
        overdispersion=overdispersion,
        **extra,
    )


def phe_significance(classes: Iterable[str]) -> list[str]:
    """Name funnel classes as the English guidance does: "High (0.001)" for much_higher, and so on.

    Examples
    --------
    >>> phe_significance(["much_higher", "similar", "lower"])
    ['High (0.001)', 'Not significant', 'Low (0.025)']
    """
    return [PHE_CLASSES[name] for name in classes]


def pooled_level(numerator: ArrayLike, denominator: ArrayLike, per: float = 1.0) -> float:
    """Pool areas: per · Σ numerators / Σ denominators, of the areas that have both."""
    x, n = np.broadcast_arrays(np.asarray(numerator, "float64"), np.asarray(denominator, "float64"))
    both = np.isfinite(x) & np.isfinite(n)
    return float(per_units(x[both].sum(), n[both].sum(), per))


def area_classes(
    numerator: ArrayLike,
    denominator: ArrayLike,
    baseline: float | None = None,
    *,
    method: str = "funnel_poisson",
    per: float = 1.0,
    confidence: tuple[float, float] = CONFIDENCES,
) -> NDArray[np.str_]:
    """Class counts by the funnel, arrays in and classes out; see `funnel_class`.

    NaN, or a denominator that is not above zero, is not_testable. `baseline` in units of `per`; left out,
    the areas pooled.

    Examples
    --------
    >>> area_classes([8, 800], [50, 5_000], 0.082, method="funnel_binomial").tolist()
    ['similar', 'much_higher']
    """
    x, n = np.broadcast_arrays(
        np.atleast_1d(np.asarray(numerator, "float64")), np.asarray(denominator, "float64")
    )
    able = np.isfinite(x) & (n > 0)
    if baseline is None and not able.any():
        raise SosrakeError("smallarea.area_classes: no area has counts; give `baseline`")
    level = pooled_level(x[able], n[able], per) if baseline is None else float(baseline)
    limits = {}
    for name, one in zip(("inner", "outer"), _two_levels(confidence, "smallarea.area_classes"), strict=True):
        found = funnel_limits(n[able], level, per=per, confidence=[one], method=method)
        for side in ("lower", "upper"):
            limits[f"{name}_{side}"] = _laid(found[side].to_numpy(), able)
    value = _laid(per * x[able] / n[able], able)
    return _named(value, able, limits)


def _two_levels(confidence: Sequence[float], where: str) -> tuple[float, ...]:
    levels = levels_of(confidence, where)
    if len(levels) != 2 or levels[0] > levels[1]:
        raise FrameError(
            f"{where}: confidence {confidence!r}; expected the inner and the outer level, such as "
            "(0.95, 0.998)"
        )
    return levels


def _estimates(
    rows: pd.DataFrame,
    able: NDArray[np.bool_],
    family: NDArray[np.int64],
    columns: pd.DataFrame,
    winsorise: float,
) -> NDArray[np.float64]:
    """Estimate φ and τ² of each family; two numbers a row."""
    once = able & ~rows.duplicated(subset=list(frames.KEY)).to_numpy()
    chosen = np.flatnonzero(once)
    chosen = chosen[np.argsort(family[chosen], kind="stable")]
    found = np.full((int(family.max()) + 1, 2), np.nan)
    ends = np.flatnonzero(np.diff(family[chosen])) + 1
    value = per_units(rows["numerator"], rows["denominator"], rows["per"])
    error = _standard_error(rows, columns["baseline"].to_numpy(), columns["funnel_method"].to_numpy())
    level = columns["baseline"].to_numpy()
    for part in np.split(chosen, ends):
        one = _refused(value[part], error[part], level[part], rows.iloc[part[:1]], winsorise)
        found[family[part[0]]] = one.phi, one.tau2
    return found[family]


def _estimated(
    rows: pd.DataFrame, level: NDArray[np.float64], method: str, winsorise: float
) -> Overdispersion:
    value = per_units(rows["numerator"], rows["denominator"], rows["per"])
    error = _standard_error(rows, level, np.full(len(rows), method))
    return _refused(value, error, level, rows, winsorise)


def _refused(
    value: NDArray[np.float64],
    error: NDArray[np.float64],
    level: NDArray[np.float64],
    rows: pd.DataFrame,
    winsorise: float,
) -> Overdispersion:
    try:
        return estimate_overdispersion(
            value, error, float(level[0]) if len(level) else 0.0, winsorise=winsorise
        )
    except SosrakeError as problem:
        first = rows.iloc[0] if len(rows) else {"indicator": "the frame", "period": ""}
        raise FrameError(
            f"smallarea.funnel_class: {first['indicator']} {first['period']}: {problem}"
        ) from problem


def _standard_error(
    rows: pd.DataFrame, baseline: NDArray[np.float64], method: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Give the standard error, in units of `per`, that an area of this size has at the baseline."""
    per = rows["per"].to_numpy()
    share = baseline / per
    variance = np.where(np.isin(method, _SHARES), share * (1 - share), share)
    size = rows["denominator"].to_numpy()
    spread = np.divide(np.maximum(variance, 0), size, out=np.zeros(len(rows)), where=size > 0)
    return per * np.sqrt(spread)


def _with_limits(
    rows: pd.DataFrame,
    able: NDArray[np.bool_],
    columns: pd.DataFrame,
    confidence: tuple[float, float],
    overdispersion: str,
) -> pd.DataFrame:
    columns = columns.copy()
    names = [name + side for name in ("funnel_", "funnel_outer_") for side in ("lower", "upper")]
    found = {name: np.full(len(rows), np.nan) for name in names}
    kinds = pd.DataFrame({"method": columns["funnel_method"], "per": rows["per"]}).drop_duplicates()
    for method, per in kinds.itertuples(index=False):
        mine = able & (columns["funnel_method"] == method).to_numpy() & (rows["per"] == per).to_numpy()
        extra = {}
        if overdispersion != "none":
            extra = {key: columns.loc[mine, f"funnel_{key}"].to_numpy() for key in ("phi", "tau2")}
        for name, one in zip(("funnel_", "funnel_outer_"), confidence, strict=True):
            limits = funnel_limits(
                rows.loc[mine, "denominator"],
                columns.loc[mine, "baseline"].to_numpy(),
                per=per,
                confidence=[one],
                method=method,
                overdispersion=overdispersion,
                **extra,
            )
            for side in ("lower", "upper"):
                found[name + side][mine] = limits[side].to_numpy()
    return columns.assign(**found)


def _classes(rows: pd.DataFrame, able: NDArray[np.bool_]) -> NDArray[np.str_]:
    # The area's own figure from its counts: a published value is rounded and could sit on a limit.
    value = per_units(rows["numerator"], rows["denominator"], rows["per"])
    names = {"inner": "funnel", "outer": "funnel_outer"}
    limits = {
        f"{name}_{side}": rows[f"{column}_{side}"].to_numpy()
        for name, column in names.items()
        for side in ("lower", "upper")
    }
    return _named(value, able, limits)


def _named(
    value: NDArray[np.float64], able: NDArray[np.bool_], limits: dict[str, NDArray[np.float64]]
) -> NDArray[np.str_]:
    conditions = [
        ~able,
        value > limits["outer_upper"],
        value < limits["outer_lower"],
        value > limits["inner_upper"],
        value < limits["inner_lower"],
    ]
    names = ["not_testable", "much_higher", "much_lower", "higher", "lower"]
    return np.select(conditions, names, default="similar")


def _laid(found: NDArray[np.float64], able: NDArray[np.bool_]) -> NDArray[np.float64]:
    whole = np.full(len(able), np.nan)
    whole[able] = found
    return whole
