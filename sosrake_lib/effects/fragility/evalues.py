"""E-values: how strongly something left out would have to go with both the service and the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
RATIOS = ("RR", "IRR", "OR", "HR")
MEASURES = (*RATIOS, "SMD", "OLS")
_ALIASES = {"MD": "SMD"}
# Chinn's (2000) conversion of a standardised difference to a log odds ratio, halved, as VanderWeele and Ding
# print
# it: ln RR = 0.91 d, with 1.78 standard errors of d for a 95 % interval.
SMD_TO_LOG_RATIO = 0.91
SMD_LIMIT = 1.78


@dataclass(frozen=True, slots=True)
class EValue:
    """E-values of an estimate and of the limit of its interval that is nearer to no effect.

    Attributes
    ----------
    point : of the estimate. lower, upper : of the limits; only the limit nearer to `null` has one (1 when the
        interval holds `null`), the other is not a number.
    ratio, ratio_lower, ratio_upper : estimate and limits as risk ratios, exact or approximate.
    measure, null : what was given, and the value on its scale that was asked about.
    """

    point: float
    lower: float
    upper: float
    ratio: float
    ratio_lower: float
    ratio_upper: float
    measure: str
    null: float
    method: str = "e_value"

    @property
    def limit(self) -> float:
        """The E-value of the limit nearer to no effect; not a number when no interval was given."""
        return self.upper if np.isnan(self.lower) else self.lower


def e_of_ratio(ratio: ArrayLike, null: ArrayLike = 1.0) -> Floats:
    """Turn risk ratios into E-values, g + √(g(g - 1)); g is ratio/null or null/ratio, whichever is above 1.

    Examples
    --------
    >>> e_of_ratio([2.0, 0.5, 1.0]).round(3).tolist()
    [3.414, 3.414, 1.0]
    """
    with np.errstate(divide="ignore"):
        away = np.asarray(ratio, "float64") / np.asarray(null, "float64")
        away = np.maximum(away, 1 / away)
    return away + np.sqrt(away * (away - 1))


def e_value(
    estimate: float,
    lower: float | None = None,
    upper: float | None = None,
    *,
    measure: str = "RR",
    rare: bool | None = None,
    null: float | None = None,
    standard_error: float | None = None,
    sd: float | None = None,
    contrast: float = 1.0,
) -> EValue:
    """Say how strong unmeasured confounding would have to be to explain an estimate away.

    An E-value of 2 reads: something not measured, twice as common among those who got the service as among
    those who did not, and doubling the risk of the outcome, could make the whole estimate; anything weaker
    could not.

    Parameters
    ----------
    estimate, lower, upper : on the scale of the measure; limits may be left out.
    measure : "RR" or "IRR" (taken as they are), "OR", "HR", "SMD" (standardised mean difference), "OLS" (a
        regression coefficient of an outcome whose deviation is `sd`, for a change of `contrast` in the
        regressor).
    rare : of OR and HR: is the outcome rare (under 15 % at the end of follow-up)? It must be said.
    null : the value asked about; left out, no effect (1 for ratios, 0 for differences).
    standard_error : of SMD or OLS, instead of limits.

    Returns
    -------
    EValue. Formula (as a risk ratio R): rare OR, HR: R = estimate; common OR: √OR; common HR:
    (1 - 0.5^√HR) / (1 - 0.5^√(1/HR)); SMD: exp(0.91 d), limits exp(0.91 d ± 1.78 se); then R + √(R(R - 1)).

    Raises
    ------
    SosrakeError when the measure is unknown, `rare` is not said, a ratio is not above 0, the limits are in
    the wrong order or do not hold the estimate, or what SMD and OLS need is not given.

    Compared with R EValue 4.1.4 (tests/reference/sensitivity.csv).
    Source: VanderWeele and Ding (2017), doi 10.7326/M16-2607.

    Examples
    --------
    >>> found = e_value(10.73, 8.02, 14.36)
    >>> print(round(found.point, 2), round(found.lower, 2))
    20.95 15.52
    """
    kind = _ALIASES.get(measure, measure)
    if kind not in MEASURES:
        raise SosrakeError(f"e_value: measure {measure!r}; expected one of {', '.join(MEASURES)}")
    reference = (1.0 if kind in RATIOS else 0.0) if null is None else float(null)
    given = _given(estimate, lower, upper)
    _check_order(given)
    if kind in RATIOS:
        _check_ratio([*given, reference], kind, rare)
        ratios, base = (
            as_risk_ratio(given, kind, bool(rare)),
            float(as_risk_ratio(reference, kind, bool(rare))),
        )
    else:
        scale = _scale(kind, sd, contrast)
        ratios = _from_difference(given, standard_error, scale)
        base = float(np.exp(SMD_TO_LOG_RATIO * reference * scale))
    return _built(ratios, base, measure, reference)


def as_risk_ratio(value: ArrayLike, measure: str, rare: bool) -> Floats:
    """Turn a ratio into the risk ratio it stands for, exactly (RR, IRR) or approximately (OR, HR).

    Examples
    --------
    >>> as_risk_ratio([0.86, 4.0], "OR", rare=False).round(4).tolist()
    [0.9274, 2.0]
    """
    ratio = np.asarray(value, "float64")
    if rare or measure in ("RR", "IRR"):
        return ratio
    if measure == "OR":
        return np.sqrt(ratio)
    return (1 - 0.5 ** np.sqrt(ratio)) / (1 - 0.5 ** np.sqrt(1 / ratio))


def e_value_risk_difference(
    treated: tuple[int, int], control: tuple[int, int], *, null: float = 0.0, confidence: float = 0.95
) -> EValue:
    """Give the E-value of a risk difference from the four counts.

    Parameters
    ----------
    treated, control : (with the outcome, without it) in each arm; the risk must be higher among the treated,
        exchange the arms otherwise.
    null : the difference asked about. confidence : of the limit, two-sided.

    Returns
    -------
    EValue with `ratio` the bounding factor B at which the adjusted difference
    (p₁ - p₀B)(f + (1 - f)/B) equals `null`, f the share treated; `upper` is not a number.

    Source: Ding and VanderWeele (2016), doi 10.1097/EDE.0000000000000457.

    Examples
    --------
    >>> print(round(e_value_risk_difference((397, 78557), (51, 108778)).point, 2))
    20.95
    """
    counts = np.array([*treated, *control], "float64")
    if (
        counts.shape != (4,)
        or not np.isfinite(counts).all()
        or (counts < 0).any()
        or counts.reshape(2, 2).sum(1).min() == 0
    ):
        raise SosrakeError(
            f"e_value_risk_difference: counts {treated} and {control}; expected two non-negative counts "
            f"(with, without the outcome) of each arm, not both zero"
        )
    size = counts.reshape(2, 2).sum(axis=1)
    p1, p0 = counts[[0, 2]] / size
    share = size[0] / size.sum()
    if not p1 > p0 > 0:
        raise SosrakeError(
            f"e_value_risk_difference: risks {p1:.4g} (treated) and {p0:.4g} (control); the treated must "
            f"have the higher risk and the control some: exchange the arms"
        )
    if not null < p1 - p0:
        raise SosrakeError(
            f"e_value_risk_difference: null {null:g} is not below the difference {p1 - p0:.4g}; lower it"
        )
    limit_at = _risk_limit(p1, p0, share, size, float(special.ndtri(0.5 + confidence / 2)))
    linear = null + p0 * (1 - share) - p1 * share
    point = (np.sqrt(linear**2 + 4 * p0 * p1 * share * (1 - share)) - linear) / (2 * p0 * share)
    low = (
        1.0
        if limit_at(1.0) <= null
        else float(optimize.brentq(lambda factor: limit_at(factor) - null, 1.0, point))
    )
    made = e_of_ratio([point, low])
    return EValue(float(made[0]), float(made[1]), np.nan, float(point), low, np.nan, "RD", null)


def _risk_limit(p1: float, p0: float, share: float, size: Floats, z: float) -> Callable[[float], float]:
    spread1, spread0 = p1 * (1 - p1) / size[0], p0 * (1 - p0) / size[1]
    spread_share = share * (1 - share) / size.sum()

    def limit(factor: float) -> float:
        difference, mixed = p1 - p0 * factor, share + (1 - share) / factor
        variance = (spread1 + spread0 * factor**2) * mixed**2 + (
            difference * (1 - 1 / factor)
        ) ** 2 * spread_share
        return float(difference * mixed - z * np.sqrt(variance))

    return limit


def _given(estimate: float, lower: float | None, upper: float | None) -> Floats:
    values = np.array([np.nan if value is None else value for value in (estimate, lower, upper)], "float64")
    if not np.isfinite(values[0]) or np.isinf(values).any():
        raise SosrakeError(
            f"e_value: estimate {estimate}, limits {lower} and {upper}; expected finite numbers"
        )
    return values


def _check_order(given: Floats) -> None:
    estimate, lower, upper = given
    # A limit that was not given is not a number, and compares false.
    if lower > estimate or upper < estimate:
        raise SosrakeError(
            f"e_value: the estimate {estimate:g} lies outside its limits {lower:g} to {upper:g}; give lower, "
            f"then upper, on the scale of the estimate"
        )


def _check_ratio(values: list[float], kind: str, rare: bool | None) -> None:
    if kind in ("OR", "HR") and rare is None:
        raise SosrakeError(
            f"e_value: rare is not said of this {kind}; give rare=True when under 15 % have the outcome at "
            f"the end of follow-up, rare=False when more have it"
        )
    if np.nanmin(values) <= 0:
        raise SosrakeError(
            f"e_value: {kind} of {np.nanmin(values):g}; ratios, their limits and null must be above 0 "
            f"(differences are measure='SMD' or 'OLS')"
        )


def _scale(kind: str, sd: float | None, contrast: float) -> float:
    if kind == "SMD":
        return 1.0
    if sd is None or not (np.isfinite(sd) and sd > 0):
        raise SosrakeError(f"e_value: sd {sd!r} of the outcome; measure='OLS' needs it, above 0")
    return contrast / sd


def _from_difference(given: Floats, standard_error: float | None, scale: float) -> Floats:
    size = given * scale
    if standard_error is not None:
        if not (np.isfinite(standard_error) and standard_error >= 0):
            raise SosrakeError(f"e_value: standard_error {standard_error!r}; expected 0 or more")
        half = SMD_LIMIT * standard_error * abs(scale)
        return np.exp(SMD_TO_LOG_RATIO * size[0] + np.array([0.0, -half, half]))
    return np.exp(SMD_TO_LOG_RATIO * (size if scale >= 0 else size[[0, 2, 1]]))


def _built(ratios: Floats, base: float, measure: str, null: float) -> EValue:
    ratio, low, high = (float(value) for value in ratios)
    point, at_low, at_high = (float(value) for value in e_of_ratio(ratios, base))
    # Only the limit nearer to the null is of interest; within the interval the null needs no confounding.
    lower = np.nan if ratio < base or np.isnan(low) else at_low if low > base else 1.0
    upper = np.nan if ratio >= base or np.isnan(high) else at_high if high < base else 1.0
    return EValue(point, lower, upper, ratio, low, high, measure, null)
