"""What the release of the quality of recording is made of: shares by unit, and control charts with phases.

Nothing is given below the unit, and a unit with fewer than five recorders is hidden whole.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.batch.client_rows import RULES, provenance
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import records_entries
from sosrake_lib.gather.records_checks import ROOM as FAULTS
from sosrake_lib.indicators import control_charts, recording
from sosrake_lib.indicators.scales import Place
from sosrake_lib.language import say

TABLE = "esimerkkila_kirjaaminen"
PREFIX = "recording_"
# Measures of the page in its order; the first six have control charts.
CHARTED = (*("client_view", "goal_measurability", "vague_wording", "coded", "within_3_days", "completeness"),)
MEASURES = (*CHARTED, "complete_entries", "text_only", "delay_median")
WITHIN = (3,)


def recording_quality(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the page on the quality of recording.

    Parameters
    ----------
    data : data folder with `esimerkkila_kirjaaminen`; the samples when left out. Its dictionary may name a
        `change`: the first month after a known change, such as "2025-07".

    Returns
    -------
    Parts by the rules `vakio`, `group` = unit: `osuudet` (MEASURES by half-year) and `ohjaus` (CHARTED by
    month with `centre, limit_lower, limit_upper, phase, points`, and `note` = signals of the chart).

    Raises
    ------
    GatherError when the table breaks its contract or its municipalities are of several counties.
    """
    about = samples.dictionary(TABLE, data)
    rows = records_entries.entries(samples.table(TABLE, data), f"{TABLE}.csv")
    place = place_of(rows, about["kind"])
    halves = measured(rows, place, "half")
    monthly = measured(rows, place, "month")
    source = provenance(TABLE, about)
    parts = {"osuudet": halves, "ohjaus": charted(monthly, str(about.get("change", "")) or None)}
    return {name: protect.part(part.assign(**source), rules=RULES) for name, part in parts.items()}


def place_of(rows: pd.DataFrame, kind: str) -> Place:
    """Find the one county of the entries."""
    counties = {regions.parent(code, "hva") for code in rows["region_code"].unique()}
    if len(counties) != 1:
        raise GatherError(say(f"{FAULTS}.counties", file=f"{TABLE}.csv"))
    years = sorted(rows["contact"].dt.year.unique())
    origin = "synthetic" if kind == "synthetic" else "own"
    return Place("hva", str(counties.pop()), regions.CURRENT_YEAR, f"{years[0]}/{years[-1]}", origin)


def measured(rows: pd.DataFrame, place: Place, period: str) -> pd.DataFrame:
    """Count the entries by unit and period, and turn counts into the measures of the page."""
    there = set(rows.columns)
    counted = recording.counted(
        rows,
        unit="unit",
        period=period,
        recorder="recorder",
        required=[column for column in records_entries.REQUIRED if column in there],
        contact="contact",
        recorded="recorded",
        code="need" if "need" in there else None,
        text="text" if "text" in there else None,
        goals="goals" if {"goals", "measurable"} <= there else None,
        measurable="measurable" if {"goals", "measurable"} <= there else None,
        client_view="client_view" if "client_view" in there else None,
        vague="vague" if {"vague", "text"} <= there else None,
    )
    found = recording.indicators(counted, place, within=WITHIN)
    kept = found.loc[found["indicator"].isin([PREFIX + one for one in MEASURES])]
    return kept.drop(columns="recorders").reset_index(drop=True)


def charted(monthly: pd.DataFrame, change: str | None) -> pd.DataFrame:
    """Chart each measure and unit by month; months that will be hidden are no points of the chart.

    A centre line reckoned with a hidden month in it would give that month back.
    """
    rows = monthly.loc[monthly["indicator"].isin([PREFIX + one for one in CHARTED])]
    rules = protect.rule_set(RULES)
    low = (rows["numerator"] < rules.minimum_count) & (rows["numerator"] > 0)
    few = (rows["status"] == "ok") & (low | (rows["denominator"] < rules.minimum_denominator))
    # The rest of a share tells as much as the share: four of sixty without is four people.
    few |= (rows["status"] == "ok") & (rows["denominator"] - rows["numerator"]).between(
        1, rules.minimum_count - 1
    )
    rows = rows.assign(status=np.where(few, "suppressed", rows["status"]))
    rows.loc[few, ["value", "lower", "upper", "numerator", "denominator"]] = np.nan
    made = control_charts.chart(frame.check(rows, file="recipes_recording"), "p", change=change)
    signals = made["signals"].where(made["status"] == "ok", "")
    return made.drop(columns=["chart_method", "sigma", "signals"]).assign(note=signals)


def units(selection: protect.Selection) -> list[str]:
    """Name the units whose figures may be shown, in alphabetical order."""
    rows = protect.protected_frame(selection)
    return sorted(rows.loc[rows["status"] == "ok", "group"].unique())


def indicators(measures: tuple[str, ...] = MEASURES) -> list[str]:
    """Name the indicators of measures."""
    return [PREFIX + one for one in measures]
