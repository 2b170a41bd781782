"""Channels side by side, honestly: how many were reached, what share of them answered, within one audience.

Two channels are set side by side only for the same audience: councillors who were met and readers of a web
page are not the same people, and a difference between them tells nothing of the channels. Nothing here says
that a channel works: nobody drew lots on who was told where.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from sosrake_lib import frame
from sosrake_lib.indicators import rates
from sosrake_lib.indicators.scales import Place

REACHED, ANSWERED = "kanava_tavoitetut", "kanava_reaktiot"
SIMILAR, APART = "ei_erotu", "eroaa"


def group_of(audience: str, channel: str) -> str:
    """Name the group of one audience in one channel.

    Examples
    --------
    >>> group_of("valtuutetut", "kokous")
    'valtuutetut.kokous'
    """
    return f"{audience}.{channel}"


def by_channel(log: pd.DataFrame, place: Place) -> pd.DataFrame:
    """Sum those reached, and give the share of them that answered, by audience and channel.

    Parameters
    ----------
    log : one row each time something was told: kohderyhma, kanava, tavoitetut, reaktiot (numbers; NaN = not
        measured). A share is made only of the times for which both were measured.

    Returns
    -------
    Analysed frame: indicator `REACHED` (people, times summed: someone met twice counts twice) and `ANSWERED`
    (per cent with a 95 % interval); a group nobody has measured is `missing`, never 0.

    Examples
    --------
    >>> told = pd.DataFrame({"kohderyhma": ["asukkaat"] * 2, "kanava": ["some"] * 2,
    ...                      "tavoitetut": [400.0, 600.0], "reaktiot": [10.0, 30.0]})
    >>> made = by_channel(told, Place("hva", "E1", 2026, "2025", "synthetic"))
    >>> made["value"].tolist()
    [1000.0, 4.0]
    """
    parts = []
    groups = log["kohderyhma"].astype("str") + "." + log["kanava"].astype("str")
    for group, rows in log.groupby(groups, sort=True):
        parts += [_reached(rows, place, str(group)), _answered(rows, place, str(group))]
    return frame.combine(parts) if parts else frame.empty()


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of each two channels of one audience whether their shares can be told apart.

    Parameters
    ----------
    rows : of `by_channel`, after what may not be shown has been left out.

    Returns
    -------
    DataFrame audience, first, second, verdict: `APART` when the 95 % intervals do not meet (a careful rule:
    intervals that meet a little may still differ), `SIMILAR` otherwise.
    """
    known = rows.loc[(rows["indicator"] == ANSWERED) & (rows["status"] == "ok")].reset_index(drop=True)
    keys = [tuple(str(group).split(".", 1)) for group in known["group"]]
    told = []
    for one, two in combinations(range(len(known)), 2):
        if keys[one][0] != keys[two][0]:
            continue
        low, high = known["lower"].to_numpy(), known["upper"].to_numpy()
        meets = bool(max(low[one], low[two]) <= min(high[one], high[two]))
        told.append((keys[one][0], keys[one][1], keys[two][1], SIMILAR if meets else APART))
    return pd.DataFrame(told, columns=["audience", "first", "second", "verdict"])


def _reached(rows: pd.DataFrame, place: Place, group: str) -> pd.DataFrame:
    measured = rows["tavoitetut"].dropna()
    value = float(measured.sum()) if len(measured) else np.nan
    return rates.as_given(_row(place, REACHED, group, value), "count")


def _answered(rows: pd.DataFrame, place: Place, group: str) -> pd.DataFrame:
    both = rows.dropna(subset=["tavoitetut", "reaktiot"])
    reached, answered = float(both["tavoitetut"].sum()), float(both["reaktiot"].sum())
    value = float(rates.per_units(answered, reached, 100)) if reached else np.nan
    row = _row(place, ANSWERED, group, value).assign(per=100.0)
    if not reached:
        return rates.as_given(row, "count")
    return rates.proportion(row.assign(numerator=answered, denominator=reached))


def _row(place: Place, indicator: str, group: str, value: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator": [indicator],
            "region_level": place.region_level,
            "region_code": place.region_code,
            "borders": place.borders,
            "period": place.period,
            "group": group,
            "value": value,
            "status": "ok" if np.isfinite(value) else "missing",
            "origin": place.origin,
        }
    )
