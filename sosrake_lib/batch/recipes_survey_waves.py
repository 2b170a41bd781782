"""Parts of the competence survey over its waves: own skill by domain, and who answered of those invited.

The first wave has means of organisations only, so waves are put side by side by organisation, never by
person: nobody's change is known, and different people may have answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, frame, samples
from sosrake_lib.batch import recipes_survey_scales as on_scales
from sosrake_lib.gather import survey_waves
from sosrake_lib.indicators import importance, rates, scales
from sosrake_lib.language import say

MEANS, INVITED = "osaamiskartoitus_aallot", "osaamiskartoitus_kutsutut"
# The wave of the table osaamiskartoitus.
OWN_WAVE = "a2020"
WAVE = "kyselykerrat"
RATE = "vastausaste_kerroittain"


def wave_parts(
    answers: pd.DataFrame, data: Path | None, place: scales.Place, others: str
) -> Mapping[str, pd.DataFrame]:
    """Make the frames of the waves, as far as the data folder holds them.

    Parameters
    ----------
    answers : long answers of the wave `OWN_WAVE`, small organisations already joined as `others`.
    data : data folder; `osaamiskartoitus_aallot` (means of organisations) and `osaamiskartoitus_kutsutut`
        (the invited) may lack.

    Returns
    -------
    `kyselykerrat` (own skill of each domain by wave and organisation, and of all) and
    `vastausaste_kerroittain` (answered of invited); a frame whose table lacks is left out.
    """
    told = _table(MEANS, data)
    asked = _table(INVITED, data)
    means = survey_waves.read_means(told) if told is not None else None
    made = {}
    if means is not None:
        means = _joined(means, set(answers["organisation"]), others)
        made[WAVE] = frame.combine([skill_of_answers(answers, place), *skill_of_means(means, place)])
    if asked is not None:
        counts = survey_waves.answered(
            answers.assign(wave=OWN_WAVE), means if means is not None else _no_means()
        )
        invited = _joined(survey_waves.read_invited(asked), set(answers["organisation"]), others)
        invited = invited.groupby(["wave", "organisation"], as_index=False)["invited"].sum()
        made[RATE] = response(survey_waves.invited_and_answered(invited, counts), place)
    return made


def skill_of_answers(answers: pd.DataFrame, place: scales.Place) -> pd.DataFrame:
    """Give the mean own skill of each domain, by organisation and of all: means of respondents' means."""
    rows = answers.loc[(answers["scale"] == on_scales.SKILL) & answers["answer"].notna()]
    keys = ["domain", "organisation", "respondent"]
    own = rows.astype({"answer": "float64"}).groupby(keys)["answer"].mean().reset_index()
    by = own.groupby(["domain", "organisation"])["answer"].agg(["mean", "count"]).reset_index()
    return _framed(by.rename(columns={"mean": "value", "count": "denominator"}), place)


def skill_of_means(means: pd.DataFrame, place: scales.Place) -> list[pd.DataFrame]:
    """Give the same of each wave told as means of organisations: the mean of a domain's item means."""
    rows = means.loc[means["scale"] == on_scales.SKILL]
    made = []
    for key, of_wave in rows.groupby("wave"):
        by = of_wave.groupby(["domain", "organisation"]).agg(
            value=("mean", "mean"), denominator=("respondents", "max")
        )
        made.append(_framed(by.reset_index(), replace(place, period=survey_waves.wave(str(key)).period)))
    return made


def response(both: pd.DataFrame, place: scales.Place) -> pd.DataFrame:
    """Give answered of invited by wave and organisation, and of all."""
    made = []
    for key, rows in both.groupby("wave"):
        people = pd.DataFrame({"organisation": np.repeat(rows["organisation"], rows["answered"])})
        staff = rows[["organisation", "invited"]].rename(columns={"invited": "staff"})
        here = replace(place, period=survey_waves.wave(str(key)).period)
        found = importance.response(people, staff.astype({"staff": "float64"}), here, by="organisation")
        made.append(found.drop(columns=["finite_correction", "margin", "weight"]))
    return frame.combine(made)


def names() -> dict[str, str]:
    """Name the indicators of the parts by what they measure: code -> key of the domain."""
    return {f"{one.key}.{on_scales.SKILL}.{WAVE}": one.key for one in catalogue.competences()}


def headings(language: str = "fi") -> dict[str, str]:
    """Give the headings of the tables of respondents and of answered of invited: column -> words."""
    words = {
        "group": "organisation",
        "period": "waves_period",
        "denominator": "waves_invited",
        "numerator": "waves_answered",
    }
    return {name: say(f"osaamiskartoitus.{word}", language) for name, word in words.items()} | {"value": "%"}


def _framed(by: pd.DataFrame, place: scales.Place) -> pd.DataFrame:
    weighted = by.assign(total=by["value"] * by["denominator"].astype("float64"))
    whole = weighted.groupby("domain", as_index=False)[["total", "denominator"]].sum()
    whole = whole.assign(
        value=whole["total"] / whole["denominator"].astype("float64"), group=frame.ALL_GROUPS
    )
    rows = pd.concat([whole, by.rename(columns={"organisation": "group"})], ignore_index=True)
    table = pd.DataFrame(
        {
            "indicator": rows["domain"] + f".{on_scales.SKILL}.{WAVE}",
            "group": rows["group"],
            "value": rows["value"].round(on_scales.DECIMALS),
            "denominator": rows["denominator"].astype("float64"),
            "status": "ok",
        }
    )
    return rates.mean(table.assign(**asdict(place)))


def _joined(rows: pd.DataFrame, kept: set[str], others: str) -> pd.DataFrame:
    """Call by one name the organisations that were joined among the answers, means weighted by people."""
    if others not in kept:
        return rows
    renamed = rows.assign(organisation=rows["organisation"].where(rows["organisation"].isin(kept), others))
    if "mean" not in renamed:
        return renamed
    people = renamed["respondents"].astype("float64")
    keys = ["wave", "organisation", "item", "scale", "domain"]
    summed = renamed.assign(total=renamed["mean"] * people).groupby(keys, as_index=False)
    joined = summed[["total", "respondents"]].sum()
    return joined.assign(mean=joined["total"] / joined["respondents"].astype("float64")).drop(columns="total")


def _table(name: str, data: Path | None) -> pd.DataFrame | None:
    if not (samples.folder(data) / f"{name}.csv").is_file():
        return None
    return samples.table(name, data)


def _no_means() -> pd.DataFrame:
    columns = {"wave": "str", "organisation": "str", "respondents": "int64"}
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in columns.items()})
