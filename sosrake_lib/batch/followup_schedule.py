"""Rows of a plan on a line of time: what is done by which role from when to when, of several kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sosrake_lib.batch.followup_source import Followed
from sosrake_lib.batch.recipes_reporting import as_words, wordy

SCHEDULE = "aikataulu"


@dataclass(frozen=True, slots=True)
class Timed:
    """Which fields of a kind tell its name, its first and last day and who answers for it."""

    name: str
    starts: str
    ends: str
    role: str


TIMED: Mapping[str, Timed] = {
    "vuosikello": Timed("tapahtuma", "paiva", "paiva", "vastuurooli"),
    "mediasuunnitelma": Timed("viesti", "paiva", "paiva", "vastuurooli"),
    "kokeilut": Timed("nimi", "alku", "loppu", "omistaja"),
    "ilmiotyopaja": Timed("kortti", "paiva", "maarapaiva", "omistaja"),
}


def schedule_rows(told: Followed) -> pd.DataFrame:
    """Put entries with days in the order of their first day, cancelled ones left out.

    Returns
    -------
    Frame of words for `influence.charts_gantt.gantt`: `item` = key of the entry ("kokeilut_4"), `kind` = its
    kind, `category` = the role, `starts`, `ends`, `decided` (timestamps; a try that goes on has no end).
    """
    rows = []
    for name, timed in TIMED.items():
        for one in told.entries[name].to_dict("records"):
            if one["tila"] == "peruttu":
                continue
            key = f"{name}_{one['seuranta_id']}"
            start = wordy((one["alue_taso"], one["alue_koodi"]), SCHEDULE, one[timed.starts][:7], told.origin)
            days = {"starts": one[timed.starts], "ends": one[timed.ends], "decided": ""}
            words = {"group": key, "item": key, "kind": name, "category": one[timed.role]}
            rows.append(
                {**start, **words, **{name: pd.Timestamp(day or pd.NaT) for name, day in days.items()}}
            )
    rows.sort(key=lambda row: (row["starts"], row["group"]))
    return as_words(rows)
