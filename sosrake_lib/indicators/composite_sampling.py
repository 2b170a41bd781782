"""Sampling error carried into a composite index: how sure is an area's index, given its own figures' error.

The figures behind an index come from counts, often small. Each is drawn anew within its own error, all of an
area's and all areas' at once, and the index is computed again from every draw. No composite tool we know of
does this: they vary the method only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import composite
from sosrake_lib.indicators.composite_aggregate import climb
from sosrake_lib.indicators.composite_errors import Errors, drawn_tables, errors_of
from sosrake_lib.indicators.composite_normalise import normalise_columns, ranks
from sosrake_lib.indicators.composite_scaling import ON_RANGE, Scaling, Scalings, scalings
from sosrake_lib.indicators.composite_tree import Tree, compiled
from sosrake_lib.indicators.composite_wide import UNIT, Wide, widen
from sosrake_lib.indicators.interval_form import one_level

Floats = NDArray[np.float64]

DRAWS = 2_000
WITHOUT_ERROR = ("refuse", "exact")
_CELLS_AT_ONCE = 3_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """An index with intervals.

    `frame` : as `composite.index`, with `lower, upper`, method "composite_sampling", `probability_higher`
    (than the median area or the area named), `noise_shift`, `draws_used`, `parts_without_error`.
    `orders` (research only): interval of each area's place, 1 = highest.
    """

    frame: pd.DataFrame
    orders: pd.DataFrame


def sampling_error(
    frame: pd.DataFrame,
    framework: pd.DataFrame,
    normalisation: Scalings = "min_max",
    aggregation: str = "arithmetic",
    *,
    exponent: float = 1.0,
    missing: str = "refuse",
    scope: str = "period",
    reference: str | None = None,
    reference_period: str | None = None,
    higher_than: str = "median",
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 2019,
    without_error: str = "refuse",
) -> Sampled:
    """Compute an index with an interval that holds the sampling error of its indicators.

    Parameters
    ----------
    frame : analysed indicator frame (`rates.analyse`): `lower`, `upper` and `confidence` of every figure, or
        its counts where a limit lies on the edge.
    framework ... reference_period : as in `composite.index`.
    higher_than : "median" (the median area of the same draw) or a region code.
    confidence : two-sided level of the index's interval.
    draws, seed : number of simulated tables, and where the generator starts.
    without_error : "refuse" figures that have neither limits nor counts, naming them, or take them as "exact"
        (they are counted in `parts_without_error`; the interval is then too narrow).

    Returns
    -------
    Sampled. The interval is the value plus the quantiles of the draws around their own median: a figure that
    already holds chance is made noisier by drawing, which pulls the extreme areas to the middle; that pull
    is not part of the error and is told apart in `noise_shift` (median of the draws minus the value).
    Limits are cut to the range that min_max, percentile_rank and goalposts can give. 2 000 draws of 300
    areas and 50 indicators take about 3 s, one period at a time.

    Notes
    -----
    min_max hangs on the two extreme areas of each indicator: their error goes into every area's interval.
    index_to_median and goalposts are steadier.

    Proportions are drawn on the logit scale, rates and ratios on the log scale, others as they are; the
    standard error is the width of the given interval on that scale over 2z. A count of 0 (or of all) is drawn
    from x + 1/2. Figures are drawn independently of each other; where the same people are counted in several
    indicators the true interval is a little wider or narrower.

    Raises
    ------
    FrameError when the frame is not analysed, a figure has no error, or what `composite.index` refuses.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib.indicators import rates
    >>> from sosrake_lib.indicators.composite_framework import flat
    >>> rows = pd.DataFrame({"indicator": ["a"] * 3 + ["b"] * 3, "region_level": "kunta",
    ...     "region_code": ["046", "140", "297"] * 2, "borders": 2026, "period": "2019", "per": 100,
    ...     "numerator": [40, 300, 5000, 50, 500, 9000], "denominator": [400, 4000, 60000] * 2,
    ...     "status": "ok", "origin": "synthetic"})
    >>> rows["value"] = 100 * rows["numerator"] / rows["denominator"]
    >>> found = sampling_error(rates.proportion(rows), flat({"a": 1, "b": 1}), "index_to_median").frame
    >>> print(found[["region_code", "value", "lower", "upper"]].round(0).to_string(index=False))
    region_code  value  lower  upper
            046  110.0   94.0  131.0
            140   95.0   85.0  102.0
            297  110.0  102.0  117.0
    """
    _check_options(frame, confidence, draws, without_error)
    tree = compiled(framework, aggregation, exponent)
    wide = widen(frame, tree.indicators, "composite_sampling", scope)
    chosen = scalings(normalisation, tree.indicators)
    options = {"exponent": exponent, "missing": missing, "scope": scope, "reference": reference}
    point = composite.index(
        frame,
        framework,
        normalisation,
        aggregation,
        reference_period=reference_period,
        confidence=confidence,
        **options,  # type: ignore[arg-type]
    )
    errors = errors_of(wide)
    bare = np.isfinite(wide.values) & (errors.scale == 0)
    _check_bare(wide, bare, without_error)
    columns = _columns(len(wide.values), tree)
    for number, (places, name) in enumerate(wide.each_set()):
        few = Errors(errors.centre[places], errors.error[places], errors.scale[places], errors.per[places])
        row = composite.reference_place(wide, places, reference, reference_period, name)
        generator = np.random.default_rng([seed, number])
        simulated = _simulated(few, tree, chosen, missing, row, draws, generator)
        yard = _yardstick(wide, places, higher_than, name)
        for key, drawn in simulated.items():
            _summarise(columns, key, places, drawn, yard, confidence)
    return _sampled(point, wide, tree, chosen, columns, bare)


def _simulated(
    errors: Errors,
    tree: Tree,
    chosen: tuple[Scaling, ...],
    missing: str,
    reference: int | None,
    draws: int,
    generator: np.random.Generator,
) -> dict[str, Floats]:
    """Draw tables and put each together; branch key -> (draws, areas), in steps that fit into memory."""
    step = max(1, _CELLS_AT_ONCE // errors.centre.size)
    parts: dict[str, list[Floats]] = {branch.key: [] for branch in tree.branches}
    for start in range(0, draws, step):
        tables = drawn_tables(errors, min(step, draws - start), generator)
        row = None if reference is None else tables[:, reference]
        leaves = normalise_columns(tables, chosen, tree.directions, row)
        for key, value in climb(leaves, tree, missing).items():
            parts[key].append(value)
    return {key: np.concatenate(values) for key, values in parts.items()}


def _summarise(
    columns: dict[str, dict[str, Floats]],
    key: str,
    places: NDArray[np.int64],
    drawn: Floats,
    yard: int | None,
    confidence: float,
) -> None:
    """Write what the draws of one branch tell about the areas of one set."""
    tails = [(1 - confidence) / 2, 0.5, (1 + confidence) / 2]
    finite = np.isfinite(drawn)
    some = finite.any(axis=0)
    low, middle, high = (np.full(len(places), np.nan) for _ in range(3))
    if some.any():
        quantile = np.quantile if finite[:, some].all() else np.nanquantile
        low[some], middle[some], high[some] = quantile(drawn[:, some], tails, axis=0)
        level = np.nanmedian(drawn[:, some], axis=1) if yard is None else drawn[:, yard]
        above = (drawn > level[:, None]) + 0.5 * (drawn == level[:, None])
        share = (
            np.where(finite, above, np.nan).sum(axis=0) if finite.all() else np.nansum(above * finite, axis=0)
        )
        columns["probability_higher"][key][places] = np.where(
            some, share / np.maximum(finite.sum(axis=0), 1), np.nan
        )
        place = ranks(-drawn[:, :, None])[:, :, 0][:, some]
        first, last = np.nanquantile(place, [tails[0], tails[2]], axis=0, method="nearest")
        columns["order_first"][key][places[some]] = first
        columns["order_last"][key][places[some]] = last
    columns["down"][key][places], columns["up"][key][places] = low - middle, high - middle
    columns["middle"][key][places] = middle
    columns["draws_used"][key][places] = finite.sum(axis=0)


def _columns(units: int, tree: Tree) -> dict[str, dict[str, Floats]]:
    names = ("down", "up", "middle", "probability_higher", "draws_used", "order_first", "order_last")
    return {name: {branch.key: np.full(units, np.nan) for branch in tree.branches} for name in names}


def _sampled(
    point: pd.DataFrame,
    wide: Wide,
    tree: Tree,
    chosen: tuple[Scaling, ...],
    columns: dict[str, dict[str, Floats]],
    bare: NDArray[np.bool_],
) -> Sampled:
    # Rows of `point` stand branch by branch in the order of the units, as do the columns.
    joined = {name: np.concatenate(list(of_key.values())) for name, of_key in columns.items()}
    lowest, highest = _bounds(tree, chosen)
    found = point.copy()
    found["lower"] = np.clip(found["value"] + joined["down"], lowest, highest)
    found["upper"] = np.clip(found["value"] + joined["up"], lowest, highest)
    found["noise_shift"] = joined["middle"] - found["value"]
    for name in ("probability_higher", "draws_used"):
        found[name] = joined[name]
    without = [
        bare[:, [tree.indicators.index(key) for key in tree.leaves_of[branch.key]]].sum(axis=1)
        for branch in tree.branches
    ]
    found["parts_without_error"] = np.concatenate(without)
    found["method"] = "composite_sampling"
    orders = found[["indicator", *UNIT, "confidence"]].assign(
        order_first=joined["order_first"], order_last=joined["order_last"], audience=composite.RESEARCH
    )
    return Sampled(frames.check(found, file="composite_sampling"), orders)


def _bounds(tree: Tree, chosen: tuple[Scaling, ...]) -> tuple[float, float]:
    copeland = any(branch.aggregation == "copeland" for branch in tree.branches)
    if copeland or any(one.method not in ON_RANGE for one in chosen):
        return -np.inf, np.inf
    return min(one.lower for one in chosen), max(one.upper for one in chosen)


def _yardstick(wide: Wide, places: NDArray[np.int64], higher_than: str, name: str) -> int | None:
    if higher_than == "median":
        return None
    found = np.flatnonzero(wide.units["region_code"].to_numpy()[places] == higher_than)
    if len(found) != 1:
        raise FrameError(
            f"composite_sampling: higher_than {higher_than!r} has {len(found)} rows in {name}; "
            "use 'median' or the code of one area"
        )
    return int(found[0])


def _check_options(frame: pd.DataFrame, confidence: float, draws: int, without_error: str) -> None:
    if not frames.is_analysed(frame):
        raise FrameError(
            "composite_sampling: the frame lacks statistic, method, confidence; run rates.analyse first, "
            "so that every figure has its interval"
        )
    one_level(confidence, "composite_sampling")
    if draws < 100:
        raise FrameError(f"composite_sampling: {draws} draws; quantiles need at least 100")
    if without_error not in WITHOUT_ERROR:
        raise FrameError(
            f"composite_sampling: without_error {without_error!r}; use one of {', '.join(WITHOUT_ERROR)}"
        )


def _check_bare(wide: Wide, bare: NDArray[np.bool_], without_error: str) -> None:
    if without_error == "exact" or not bare.any():
        return
    unit, place = (int(one) for one in np.argwhere(bare)[0])
    raise FrameError(
        f"composite_sampling: {int(bare.sum())} figure(s) have neither limits nor counts, the first "
        f"{wide.indicators[place]!r} in area {wide.units.at[unit, 'region_code']}; their error cannot be "
        f"known: "
        "take them out of the framework, or say without_error='exact' and tell that the interval is too "
        "narrow"
    )
