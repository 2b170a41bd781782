"""What the release of a county's social report is made of: its half-year and people's voices.

Counts of observations are not here: the page takes them from the releases of social reporting and of the
phenomenon cards, so that no figure leaves twice in two shapes. Here are words: which half-years the report
tells of and quotes that may be shown. Promises and what became of them come from the release of follow-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib import frame, protect, samples
from sosrake_lib.batch import recipes_reporting as reporting
from sosrake_lib.batch import reporting_source as source
from sosrake_lib.batch.journal import digest
from sosrake_lib.batch.recipes_participation import shown_quotes
from sosrake_lib.register.reported import Reported

PERIODS, VOICES = "jaksot", "aanet"
NOW, BEFORE, SEEN = "nykyinen", "edellinen", "nahty"
MOST_VOICES = 3
# Parts of social reporting that the page shows: the report's texts are read again when these change.
BENEATH = ("maarat", "luokat", "kattavuus", "ilmiot", "ehdotukset")


@dataclass(frozen=True, slots=True)
class HalfYears:
    """The half-year a report tells of and the one before it; empty when there is none."""

    now: str
    before: str


def social_report(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the social report, for each county that has observations.

    Returns
    -------
    Parts by the rules `vakio`, all rows of words: `jaksot` (`group` nykyinen, edellinen: the half-year in
    `period`, the form's versions in `note`, whether it has ended in `category`; and one row whose `group`
    is a hash of the figures shown, by which hand-written texts are known to be older than the figures) and
    `aanet` (quotes).

    Raises
    ------
    AbsentTable when there is neither a register with observations nor the invented ones.
    """
    reported = source.open_reported(data)
    shown = _shown(reporting.reporting_parts(reported, data))
    home = source.county_of(reported.observations)
    made: dict[str, list[dict[str, Any]]] = {PERIODS: [], VOICES: []}
    for county in source.counties(reported):
        observed = reported.observations.loc[home == county[1]]
        halves = half_years(observed["period"], pd.to_datetime(reported.on.isoformat()))
        made[PERIODS] += period_rows(observed, halves, county, reported)
        made[PERIODS].append(_seen(shown, halves, county, reported.origin))
        made[VOICES] += voice_rows(county, halves, reported, data)
    about = reporting.provenance(reported)
    return {
        name: protect.part(reporting.as_words(rows).assign(**about), rules=reporting.RULES)
        for name, rows in made.items()
        if rows
    }


def half_years(periods: pd.Series, on: pd.Timestamp) -> HalfYears:
    """Choose the half-year to tell of (the newest that has ended, else the newest) and the one before it.

    Examples
    --------
    >>> half_years(pd.Series(["2025-H2", "2025-H1", "2024-H2"]), pd.Timestamp("2025-12-31"))
    HalfYears(now='2025-H2', before='2025-H1')
    """
    now = reporting.newest_half_year(periods, on)
    return HalfYears(now, max((one for one in set(periods) if one < now), default=""))


def period_rows(
    observed: pd.DataFrame, halves: HalfYears, county: tuple[str, str], reported: Reported
) -> list[dict[str, Any]]:
    """Say of each half-year told of which versions of the form it has and whether it has ended."""
    rows = []
    for group, period in ((NOW, halves.now), (BEFORE, halves.before)):
        if period:
            forms = sorted(set(observed.loc[observed["period"] == period, "kaavio"].astype("str")))
            ended = reporting.YES if frame.period_end(period) <= reported.on else reporting.NO
            row = reporting.wordy(county, "raportti_jakso", period, reported.origin)
            rows.append(row | {"group": group, "category": ended, "note": ", ".join(forms)})
    return rows


def voice_rows(
    county: tuple[str, str], halves: HalfYears, reported: Reported, data: Path | None
) -> list[dict[str, Any]]:
    """Give the quotes that may be shown of a county: at most one a theme, the first themes of the list."""
    quotes = _invented(data, reported) if reported.origin == "synthetic" else _own(county, reported)
    rows = []
    for one in quotes.drop_duplicates("theme").head(MOST_VOICES).to_dict("records"):
        row = reporting.wordy(county, f"aani_{one['quote']}", halves.now, reported.origin)
        words = {"label_fi": one["text"], "label_en": one["text_en"] or one["text"]}
        rows.append(row | words | {"theme": one["theme"], "category": one["source"]})
    return rows


def _invented(data: Path | None, reported: Reported) -> pd.DataFrame:
    try:
        listed = shown_quotes(data, reported.on).shown
    except samples.AbsentTable:
        listed = ()
    rows = [(one.number, one.text_fi, one.text_en, one.source, one.theme) for one in listed]
    return pd.DataFrame(rows, columns=["quote", "text", "text_en", "source", "theme"])


def _own(county: tuple[str, str], reported: Reported) -> pd.DataFrame:
    """Read the quotes the gate of the bank lets on a page; those of the county itself, the newest first."""
    from sosrake_lib.register.engine import open_register
    from sosrake_lib.register.quote_bank import publishable

    register = open_register()
    try:
        found = publishable(register, reported.on, region=county)
    finally:
        register.close()
    found = found.loc[found["origin"] != "synthetic"].iloc[::-1]
    return found.rename(columns={"lainaus_id": "quote"}).assign(text_en="")


def _shown(parts: Mapping[str, protect.Part]) -> pd.DataFrame:
    """Give the figures of social reporting as a reader will see them."""
    made = protect.release(dict(parts), name="sosiaalinen_raportointi", preview=True)
    frames = [protect.protected_frame(made.select(part=name)) for name in BENEATH if name in parts]
    return pd.concat(frames, ignore_index=True)


def _seen(shown: pd.DataFrame, halves: HalfYears, county: tuple[str, str], origin: str) -> dict[str, Any]:
    """Name the figures of a county by a hash of what a reader sees, hidden ones as hidden."""
    own = shown.loc[(shown["region_level"] == county[0]) & (shown["region_code"] == county[1])]
    columns = [*frame.KEY, "status", "value"]
    told = sorted("|".join(map(str, row)) for row in own[columns].itertuples(index=False))
    row = reporting.wordy(county, SEEN, halves.now, origin)
    return row | {"group": digest(told)[:16]}
