"""Bandwidths that make the error of a jump small: chosen from the data in three steps; on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sosrake_lib.effects.discontinuity.local import Recipe, residuals, smoother
from sosrake_lib.effects.discontinuity.running import Running, Side
from sosrake_lib.errors import SosrakeError

# Which error is made small: of the jump ("rd") or its two sides apart ("two") or their sum ("sum"); mse = of
# the estimate, cer = of the interval's coverage.
SELECTORS = (
    *("mserd", "msetwo", "msesum", "msecomb1", "msecomb2"),
    *("cerrd", "certwo", "cersum", "cercomb1", "cercomb2"),
)
MASS_POINTS = ("adjust", "off")
# Silverman's rule's constant of each kernel.
PILOT = {"triangular": 2.576, "uniform": 1.843, "epanechnikov": 2.34}
# From this share of repeated values on, a window must hold at least so many different ones on each side.
MANY_REPEATED, LEAST_DIFFERENT = 0.2, 10
# Residuals below this share of the outcome's range are rounding.
NO_SPREAD = 1e-10


@dataclass(frozen=True, slots=True)
class Bandwidths:
    """Bandwidths left and right of the limit: `h` of the estimate, `b` of its bias."""

    h: tuple[float, float]
    b: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Parts:
    """Variance, bias and the bias's own variance of one side, for a bandwidth of 1."""

    variance: float
    bias: float
    noise: float


@dataclass(frozen=True, slots=True)
class _Step:
    """A coefficient, the order of the fit it is taken from, and whether noise in its bias is counted."""

    coefficient: int
    order: int
    regularised: bool


def bandwidths(
    running: Running, recipe: Recipe, selector: str = "mserd", mass_points: str = "adjust"
) -> Bandwidths:
    """Choose bandwidths from the data.

    Parameters
    ----------
    running : both sides. recipe : kernel, orders, variance.
    selector : "mserd" one bandwidth for both sides, least mean squared error of the jump; "msetwo" one for
        each side; "msesum" for the sum; "msecomb1" the smaller of mserd and msesum; "msecomb2" the median of
        the three; "cerrd" ... the same for the coverage error of the interval (shorter h, same b).
    mass_points : "adjust" for values of the running variable that repeat, or "off".

    Returns
    -------
    Bandwidths. Each step takes h = [(2ν+1)·V / (2(k+1-ν)·(B² + 3R))]^(1/(2k+3)): V the variance and B the
    bias of coefficient ν of a fit of order k, R the variance of B's estimate (left out in the first step).
    V is estimated at c = C·min(s, IQR/1.349)·n^(-1/5) (with repeated values n counts the different ones). B
    needs the next coefficient, estimated at the bandwidth of the step before: first over the whole side for
    d, then d for b, then b for h. cer: h·n^(-p/((3+p)(3+2p))).

    Compared with published bandwidths of the Senate data (tests/reference/rdd.csv, tests/test_discontinuity).
    Source: Calonico S, Cattaneo MD, Titiunik R (2014), doi 10.3982/ECTA11757; Calonico S, Cattaneo MD,
    Farrell MH (2020), doi 10.1093/ectj/utz022; regularisation: Imbens G, Kalyanaraman K (2012), doi
    10.1093/restud/rdr043.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 80)
    >>> y = np.cos(3 * x) + (x >= 0) + np.sin(7 * np.arange(80)) / 4
    >>> running = Running(Side(x[:40], y[:40]), Side(x[40:], y[40:]), 0.0, "above", 0)
    >>> found = bandwidths(running, Recipe())
    >>> round(found.h[0], 2), round(found.b[0], 2), found.h[0] == found.h[1]
    (0.25, 0.51, True)
    """
    if selector not in SELECTORS or mass_points not in MASS_POINTS:
        raise SosrakeError(
            f"bandwidths: selector {selector!r}, mass_points {mass_points!r}; expected one of "
            f"{', '.join(SELECTORS)} and one of {', '.join(MASS_POINTS)}"
        )
    kind = selector[3:]
    found = {name: _chain(running, recipe, name, mass_points) for name in _needed(kind)}
    chosen = _combined(kind, found)
    if selector.startswith("mse"):
        return chosen
    n, p = running.left.n + running.right.n, recipe.p
    shrink = n ** (-p / ((3 + p) * (3 + 2 * p)))
    return Bandwidths((chosen.h[0] * shrink, chosen.h[1] * shrink), chosen.b)


def _needed(kind: str) -> tuple[str, ...]:
    return {"comb1": ("rd", "sum"), "comb2": ("rd", "two", "sum")}.get(kind, (kind,))


def _combined(kind: str, found: dict[str, Bandwidths]) -> Bandwidths:
    if kind not in ("comb1", "comb2"):
        return found[kind]
    h = np.array([one.h for one in found.values()])
    b = np.array([one.b for one in found.values()])
    middle_h, middle_b = (
        (h.min(axis=0), b.min(axis=0)) if kind == "comb1" else (np.median(h, axis=0), np.median(b, axis=0))
    )
    return Bandwidths((float(middle_h[0]), float(middle_h[1])), (float(middle_b[0]), float(middle_b[1])))


def _chain(running: Running, recipe: Recipe, kind: str, mass_points: str) -> Bandwidths:
    sides = (running.left, running.right)
    floors = _floors(sides, mass_points)
    reach = (running.left.reach, running.right.reach)
    pilot = max(min(_pilot(running, recipe, mass_points), max(reach)), max(floors))
    p, q = recipe.p, recipe.q
    steps = (_Step(q + 1, q + 1, False), _Step(p + 1, q, True), _Step(0, p, True))
    window, found = reach, []
    for step in steps:
        parts = [_parts(side, recipe, step, pilot, wide) for side, wide in zip(sides, window, strict=True)]
        window = _within(_window(parts, step, kind), floors, reach, common=kind != "two")
        found.append(window)
    return Bandwidths(found[2], found[1])


def _within(
    window: tuple[float, float], floors: tuple[float, float], reach: tuple[float, float], *, common: bool
) -> tuple[float, float]:
    """Keep bandwidths within the data; one common to both sides stays common."""
    if common:
        floors, reach = (max(floors), max(floors)), (max(reach), max(reach))
    left, right = (max(min(w, r), low) for w, r, low in zip(window, reach, floors, strict=True))
    return (left, right)


def _pilot(running: Running, recipe: Recipe, mass_points: str) -> float:
    x = running.x
    low, high = np.quantile(x, [0.25, 0.75], method="averaged_inverted_cdf")
    spread = min(float(x.std(ddof=1)), float(high - low) / 1.349) if high > low else float(x.std(ddof=1))
    count = running.left.values + running.right.values if mass_points == "adjust" else len(x)
    return PILOT[recipe.kernel] * spread * count**-0.2


def _floors(sides: tuple[Side, Side], mass_points: str) -> tuple[float, float]:
    """Least bandwidths where many values repeat: to the tenth different value on each side."""
    repeated = max(1 - side.values / side.n for side in sides)
    if mass_points == "off" or repeated < MANY_REPEATED:
        return (0.0, 0.0)
    farthest = []
    for side in sides:
        distances = np.unique(np.abs(side.x))
        # A hair more, since a row a whole bandwidth away has no weight.
        farthest.append(float(distances[min(LEAST_DIFFERENT, len(distances)) - 1]) * (1 + 1e-8))
    return (farthest[0], farthest[1])


def _parts(side: Side, recipe: Recipe, step: _Step, at: float, wide: float) -> _Parts:
    k, coefficient = step.order, step.coefficient
    near = smoother(side, at, k, recipe.kernel)
    weights, spread = near.rows[coefficient], residuals(near, recipe)
    if not np.abs(spread).max() > NO_SPREAD * np.ptp(side.y):
        raise SosrakeError(
            "bandwidths: the outcome has no spread around a curve near the limit to choose a bandwidth from; "
            "give h (and b) yourself"
        )
    variance = float(weights**2 @ spread**2) * at ** (2 * coefficient + 1)
    constant = float(weights @ near.x ** (k + 1)) / at ** (k + 1 - coefficient)
    far = smoother(side, wide, _far_order(step, recipe), recipe.kernel)
    slope = far.rows[k + 1]
    return _Parts(
        variance,
        constant * float(slope @ far.y),
        constant**2 * float(slope**2 @ residuals(far, recipe) ** 2),
    )


def _far_order(step: _Step, recipe: Recipe) -> int:
    # The fit that tells the bias: of order q for the estimate itself, one above its own order else.
    return recipe.q if step.coefficient == 0 else step.order + 1


def _window(parts: list[_Parts], step: _Step, kind: str) -> tuple[float, float]:
    left, right = parts
    if kind == "two":
        return (_best(left, step), _best(right, step))
    sign = -1.0 if kind == "rd" else 1.0
    both = _Parts(left.variance + right.variance, right.bias + sign * left.bias, left.noise + right.noise)
    best = _best(both, step)
    return (best, best)


def _best(parts: _Parts, step: _Step) -> float:
    squared = parts.bias**2 + (3 * parts.noise if step.regularised else 0.0)
    ahead = 2 * (step.order + 1 - step.coefficient)
    if not squared > 0 or not parts.variance > 0:
        raise SosrakeError(
            "bandwidths: the outcome has no spread or no curvature near the limit to choose a bandwidth "
            "from; give h (and b) yourself"
        )
    power = 1 / (2 * step.order + 3)
    return float(((2 * step.coefficient + 1) * parts.variance / (ahead * squared)) ** power)
