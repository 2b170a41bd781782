"""One person's scores: change against error of measurement, and a profile to talk about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.change import Measured, individual_change, over_reliability
from sosrake_lib.effects.change.reliable import measurement_error
from sosrake_lib.errors import SosrakeError

# Areas named as a person's strongest, and as ones to talk about: a third of them, three at most, and equals.
MOST_NAMED = 3
_COLUMNS = ("area", "before", "after", "lowest", "highest", "higher_is_better")


@dataclass(frozen=True, slots=True, eq=False)
class PersonChange:
    """How a person's score moved against error of measurement.

    Attributes
    ----------
    before, after, change : points.
    lower, upper : interval of the change at 95 %, error of measurement only.
    measurement_error : standard error of a single score, in points.
    standard_error : of the change, in points. index : change in those.
    smallest : smallest change that is called reliable, in points.
    kind : class of `change.CLASSES`.
    cutoff : of a clinical instrument, or NaN.
    over_reliability : `reliability, smallest_reliable_change, kind` for other reliabilities.
    stable : whether the class is the same at every one of those.
    """

    before: float
    after: float
    change: float
    lower: float
    upper: float
    measurement_error: float
    standard_error: float
    index: float
    smallest: float
    kind: str
    cutoff: float
    over_reliability: pd.DataFrame
    stable: bool


@dataclass(frozen=True, slots=True, eq=False)
class PersonProfile:
    """A person's areas.

    Attributes
    ----------
    rows : `area, before, after, share_before, share_after`: shares from 0 (the unwanted end) to 1.
    strongest, weakest : areas at the wanted and the unwanted end of the person's own answers; both empty when
        all areas are alike.
    towards, away : areas whose score moved towards the wanted, or away from it, the largest move first.
    """

    rows: pd.DataFrame
    strongest: tuple[str, ...]
    weakest: tuple[str, ...]
    towards: tuple[str, ...]
    away: tuple[str, ...]


def person_change(
    before: float,
    after: float,
    *,
    sd: float,
    reliability: float,
    higher_is_better: bool,
    cutoff: float | None = None,
) -> PersonChange:
    """Judge one person's change by Jacobson and Truax.

    Formula: (after - before) / (s √2 √(1 - r)), reliable beyond ±1.96; interval of the change: change ± 1.96
    standard errors. See `change.individual_change`, which this calls.

    Parameters
    ----------
    sd : deviation of scores among people like this one (norms or your own clients).
    reliability : of the measure, best over the time between the measurements.
    cutoff : only of a clinical instrument; then a reliable change across it is `recovered`.

    Raises
    ------
    SosrakeError for a deviation not above 0, a reliability outside 0 to 1 or a score that is missing.

    Examples
    --------
    >>> found = person_change(32.5, 47.5, sd=7.5, reliability=0.8, higher_is_better=True)
    >>> found.kind, round(found.index, 2), round(found.smallest, 1)
    ('reliable_wanted', 3.16, 9.3)
    """
    if not (np.isfinite(before) and np.isfinite(after)):
        raise SosrakeError("person_change: a score is missing; expected both a score before and one after")
    judged = individual_change(
        pd.DataFrame({"before": [before], "after": [after]}),
        before="before",
        after="after",
        reliability=reliability,
        higher_is_better=higher_is_better,
        known=Measured(reliability=reliability, sd_before=sd),
        clinical=cutoff is not None,
        cutoff=cutoff,
    )
    person = judged.people.iloc[0]
    error, limit = judged.reliable.standard_error, judged.critical
    others = _classes_over_reliability(over_reliability(judged))
    kind = str(person["class"])
    return PersonChange(
        before=float(before),
        after=float(after),
        change=float(person["change"]),
        lower=float(after - person["unclear_to"]),
        upper=float(after - person["unclear_from"]),
        measurement_error=measurement_error(sd, reliability),
        standard_error=error,
        index=float(person["index"]),
        smallest=limit * error,
        kind=kind,
        cutoff=judged.cutoff,
        over_reliability=others,
        stable=bool(others["kind"].eq(kind).all()),
    )


def _classes_over_reliability(table: pd.DataFrame) -> pd.DataFrame:
    """Name the class of the one person at each reliability."""
    classes = table.columns.difference(["reliability", "standard_error", "smallest_reliable_change"])
    kinds = table[classes].idxmax(axis=1)
    return table[["reliability", "smallest_reliable_change"]].assign(kind=kinds)


def person_profile(areas: pd.DataFrame) -> PersonProfile:
    """Lay a person's areas side by side: where things are well, what moved, what to talk about.

    Areas are compared with the person's own other areas only, by the latest score there is, so that everyone
    has strengths. An area left unanswered stays in `rows` and is not named.

    Parameters
    ----------
    areas : one row an area: `area, before, after` (NaN = no answer), `lowest, highest` (ends of the scale)
        and `higher_is_better`.

    Examples
    --------
    >>> areas = pd.DataFrame({"area": ["home", "money", "health"], "before": [8.0, 2, 5],
    ...     "after": [8.0, 4, None], "lowest": 0, "highest": 10, "higher_is_better": True})
    >>> found = person_profile(areas)
    >>> found.strongest, found.weakest, found.towards
    (('home',), ('money',), ('money',))
    """
    lacking = [name for name in _COLUMNS if name not in areas]
    if lacking:
        raise SosrakeError(
            f"person_profile: column {lacking[0]!r} is missing; expected {', '.join(_COLUMNS)}"
        )
    shares = {f"share_{name}": _share(areas, name) for name in ("before", "after")}
    rows = areas[["area", "before", "after"]].assign(**shares).reset_index(drop=True)
    latest = rows["share_after"].fillna(rows["share_before"])
    named = min(MOST_NAMED, max(1, int(latest.notna().sum()) // 3))
    moved = rows["share_after"] - rows["share_before"]
    ordered = latest.dropna().sort_values(ascending=False, ignore_index=True)
    # as many as are named, and those equal to the last of them: the order of the form decides nothing
    best = (latest >= ordered.get(named - 1, np.nan)) & (latest > latest.min())
    worst = (latest <= ordered.get(len(ordered) - named, np.nan)) & (latest < latest.max()) & ~best
    return PersonProfile(
        rows=rows,
        strongest=_first(rows["area"], -latest[best], len(rows)),
        weakest=_first(rows["area"], latest[worst], len(rows)),
        towards=_first(rows["area"], (-moved).where(moved > 0), len(rows)),
        away=_first(rows["area"], moved.where(moved < 0), len(rows)),
    )


def _share(areas: pd.DataFrame, name: str) -> pd.Series:
    """Place of a score between the unwanted (0) and the wanted (1) end of its scale."""
    share = (areas[name].astype("float64") - areas["lowest"]) / (areas["highest"] - areas["lowest"])
    return share.where(areas["higher_is_better"].astype(bool), 1 - share)


def _first(names: pd.Series, order: pd.Series, most: int) -> tuple[str, ...]:
    """Name the first areas in the order given, of equals the earlier on the form; NaN is left out."""
    ranked = order.dropna().sort_values(kind="stable")
    return tuple(names.loc[ranked.index[:most]])
