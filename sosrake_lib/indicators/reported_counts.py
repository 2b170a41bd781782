"""Counts of what has been reported: in all, by class, by area; the wait for feedback; coders' agreement.

Every function takes frames of classes and days without words, and gives indicator frames. Nothing here is a
measure of need: who reports depends on who has been asked to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from sosrake_lib import frame
from sosrake_lib.indicators import rates
from sosrake_lib.indicators.agreement import cohen_kappa
from sosrake_lib.indicators.analysed import analysed
from sosrake_lib.indicators.interval_form import Interval
from sosrake_lib.indicators.scales import Place
from sosrake_lib.indicators.survival_kernels import median_wait, waiting_curve
from sosrake_lib.indicators.waiting import KEPT

UNKNOWN = "ei_kirjattu"
OTHERS = "muut_luokat"
UNIT_CLASSES = ((0, 0, "0"), (1, 2, "1-2"), (3, 10**9, "3-"))


def in_all(observed: pd.DataFrame, place: Place, indicator: str) -> pd.DataFrame:
    """Count observations of one place and period.

    Examples
    --------
    >>> here = Place("hva", "E1", 2026, "2025-H2", "synthetic")
    >>> in_all(pd.DataFrame({"teema": ["asuminen", "muu"]}), here, "raportointi_havainnot")["value"].tolist()
    [2.0]
    """
    return rates.as_given(_rows(place, indicator, {frame.ALL_GROUPS: len(observed)}), "count")


def in_places(sizes: Mapping[tuple[str, str], int], place: Place, indicator: str, group: str) -> pd.DataFrame:
    """Give counted observations of several areas (level, code) as one frame; `place` tells the period."""
    parts = [
        _rows(Place(*where, place.borders, place.period, place.origin), indicator, {group: size})
        for where, size in sizes.items()
    ]
    return rates.as_given(pd.concat(parts, ignore_index=True), "count")


def by_class(
    observed: pd.DataFrame, field: str, classes: Sequence[str], place: Place, indicator: str, minimum: int
) -> pd.DataFrame:
    """Count observations by one field: the form's classes, those without one (`UNKNOWN`), and all together.

    A class nobody has used is 0: the form offered it. Classes of 1 to `minimum` - 1 are counted together
    (`OTHERS`), with the next smallest until the sum is at least the minimum, so that none can be reckoned
    back from the rest; only when even everything together is too small do they stay as they are.
    """
    found = observed[field].replace("", UNKNOWN).value_counts()
    counted = {one: int(found.get(one, 0)) for one in classes}
    if UNKNOWN in found:
        counted[UNKNOWN] = int(found[UNKNOWN])
    whole = {frame.ALL_GROUPS: len(observed)}
    merged = with_small_merged(counted, minimum)
    return rates.as_given(_rows(place, indicator, {**whole, **merged}), "count")


def with_small_merged(counted: Mapping[str, int], minimum: int) -> dict[str, int]:
    """Put small classes together; nothing is merged when no class is small or the sum stays small.

    Examples
    --------
    >>> with_small_merged({"a": 20, "b": 3, "c": 0, "d": 7}, 5)
    {'a': 20, 'c': 0, 'muut_luokat': 10}
    """
    used = sorted((value, name) for name, value in counted.items() if value > 0)
    together: list[str] = []
    total = 0
    for value, name in used:
        if value >= minimum and (not together or (total >= minimum and len(together) > 1)):
            break
        together.append(name)
        total += value
    if not together or total < minimum or len(together) < 2:
        return dict(counted)
    return {name: value for name, value in counted.items() if name not in together} | {OTHERS: total}


def waits(observed: pd.DataFrame, on: date) -> pd.DataFrame:
    """Give each observation its wait in days and whether it has ended: columns days, answered."""
    came = pd.to_datetime(observed["saapunut"])
    answers = pd.to_datetime(observed["answered"].replace("", None))
    ended = answers.notna() & (answers <= pd.Timestamp(on))
    until = answers.where(ended, pd.Timestamp(on))
    return pd.DataFrame({"days": (until - came).dt.days.clip(lower=0), "answered": ended})


def median_days(observed: pd.DataFrame, on: date, place: Place, indicator: str) -> pd.DataFrame:
    """Estimate the median days to the first feedback, those still waiting counted too.

    Returns
    -------
    One analysed row: value, lower, upper (days), denominator (observations). Without a median, because fewer
    than half have been answered, the row is missing.
    """
    waited = waits(observed, on)
    curve = waiting_curve(waited["days"], waited["answered"])
    found = median_wait(curve)
    known = np.isfinite(found.median)
    row = _rows(place, indicator, {frame.ALL_GROUPS: found.median if known else np.nan})
    row = row.assign(denominator=float(curve.size), status="ok" if known else "missing")
    able = row["status"] == "ok"
    limits = Interval(np.array([found.lower]), np.array([found.upper]))
    return analysed(frame.check(row), able, 0.95, "median", lambda rows, level: limits, KEPT)


def share(numerator: int, denominator: int, place: Place, indicator: str) -> pd.DataFrame:
    """Give a share in per cent with its interval."""
    value = float(rates.per_units(float(numerator), float(denominator), 100))
    row = _rows(place, indicator, {frame.ALL_GROUPS: value}).assign(
        per=100.0, numerator=float(numerator), denominator=float(denominator)
    )
    return rates.proportion(row)


def units_by_reporters(units: pd.DataFrame, place: Place, indicator: str) -> pd.DataFrame:
    """Count units by how many of their workers have reported: none, one or two, three or more."""
    reporters = units["raportoijia"].astype("int64")
    counted = {name: int(reporters.between(low, high).sum()) for low, high, name in UNIT_CLASSES}
    return rates.as_given(_rows(place, indicator, {frame.ALL_GROUPS: len(units), **counted}), "count")


def agreement(pairs: pd.DataFrame, place: Place, indicator: str) -> pd.DataFrame:
    """Measure how two coders agree on one field: Cohen's kappa with its interval, and percent agreement.

    Parameters
    ----------
    pairs : one row an observation coded by both: first, second.
    indicator : of kappa; that of the percent agreement is `<indicator>_samat`.
    """
    coded = pairs.loc[(pairs["first"] != "") & (pairs["second"] != "")]
    if coded.empty:
        return frame.empty()
    found = cohen_kappa(list(coded["first"]), list(coded["second"]))
    same = share(int((coded["first"] == coded["second"]).sum()), len(coded), place, f"{indicator}_samat")
    row = _rows(place, indicator, {frame.ALL_GROUPS: found.kappa}).assign(denominator=float(found.n))
    if not np.isfinite(found.kappa):
        return same
    method = str(found.intervals["method"].iloc[0])
    low, high = (max(-1.0, min(1.0, limit)) for limit in found.limits(0.95))
    limits = Interval(np.array([low]), np.array([high]))
    told = analysed(frame.check(row), pd.Series([True]), 0.95, "kappa", lambda rows, level: limits, method)
    return frame.combine([told, same])


def _rows(place: Place, indicator: str, values: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator": indicator,
            "region_level": place.region_level,
            "region_code": place.region_code,
            "borders": place.borders,
            "period": place.period,
            "group": list(values),
            "value": [float(value) for value in values.values()],
            "status": "ok",
            "origin": place.origin,
        }
    )
