"""Where the pages of social reporting read from: the house's own register, else the invented one.

A register that holds observations is read as it stands. Without one the samples of Esimerkkilä are brought
into a register of their own in a temporary folder, through the same functions a desk uses, and read from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from sosrake_lib import frame, regions, samples
from sosrake_lib.batch.house_register import counties_told, house_register, invented_register
from sosrake_lib.batch.plan import INVENTED_COUNTY
from sosrake_lib.language import say
from sosrake_lib.register import engine, feedback, importer, phenomena
from sosrake_lib.register.proposals import add_proposal, decide, proposals
from sosrake_lib.register.reported import Reported, areas, has_observations, read_reported

OBSERVATIONS, PHENOMENA = "esimerkkila_havainnot", "esimerkkila_ilmiot"
FEEDBACK, STEPS = "esimerkkila_palautteet", "esimerkkila_ilmioiden_vaiheet"
_USER = "tp1"


def open_reported(data: Path | None = None, today: date | None = None) -> Reported:
    """Read what has been reported.

    Parameters
    ----------
    data : data folder with the samples; used only when the house has no register with observations.
    today : day of reading; the invented register is read on the last day of its newest half-year.

    Raises
    ------
    AbsentTable when there is neither a register with observations nor the invented ones.
    """
    with house_register() as own:
        if own is not None and has_observations(own):
            return read_reported(own, today or date.today())
    with invented_register() as invented:
        return read_reported(invented, fill_invented(invented, data))


def counties(reported: Reported) -> tuple[tuple[str, str], ...]:
    """Name the wellbeing services counties observations come from."""
    found = county_of(reported.observations)
    return tuple(("hva", code) for code in sorted(set(found) - {""}))


def reporting_counties() -> tuple[tuple[str, str], ...]:
    """Name the counties whose observations the house's register holds; without any, the invented one."""
    return counties_told(lambda register: county_of(areas(register)))


def county_of(observations: pd.DataFrame) -> pd.Series:
    """Give the county of each observation: of its municipality or sub-region, or the county it names."""
    places = observations[["alue_taso", "alue_koodi"]].drop_duplicates()
    known = {
        (level, code): _county(level, code)
        for level, code in zip(places["alue_taso"], places["alue_koodi"], strict=True)
    }
    pairs = zip(observations["alue_taso"], observations["alue_koodi"], strict=True)
    return pd.Series([known[pair] for pair in pairs], index=observations.index, dtype="str")


def english_names(reported: Reported, data: Path | None = None) -> Mapping[str, str]:
    """Give the English names of the invented phenomena; an own register has none, and its names stand."""
    if reported.origin != "synthetic":
        return {}
    try:
        about = samples.table(PHENOMENA, data)
    except samples.AbsentTable:
        return {}
    return dict(zip(about["nimi"], about["name_en"], strict=True))


def _county(level: str, code: str) -> str:
    if level == "hva":
        return code
    municipality = code if level == "kunta" else regions.members(level, code)[0]
    return regions.parent(municipality, "hva") or ""


def fill_invented(register: engine.Register, data: Path | None) -> date:
    """Bring the invented observations and what followed them into a register; give its day of reading."""
    reported, about = (_invented(name, data) for name in (OBSERVATIONS, PHENOMENA))
    answered, steps = (_invented(name, data) for name in (FEEDBACK, STEPS))
    with register.together() as within:
        filled = importer.fill_with_samples(within, reported, about)
        for row in answered.to_dict("records"):
            feedback.give_feedback(
                within,
                f"{FEEDBACK}-{row['id']}",
                str(row["teksti"]),
                user=_USER,
                observation=filled.observations[str(row["id"])],
                on=date.fromisoformat(str(row["pvm"])),
            )
        _follow(within, filled.phenomena, about, steps)
    return half_year_end(max(str(day) for day in reported["saapunut"]))


def half_year_end(day: str) -> date:
    """Give the last day of the half-year an ISO day belongs to."""
    return frame.period_end(f"{day[:4]}-H{1 if int(day[5:7]) <= 6 else 2}")


def _follow(
    register: engine.Register, numbers: Mapping[str, int], about: pd.DataFrame, steps: pd.DataFrame
) -> None:
    """Take the phenomena along their lives: working group, proposal, decision."""
    themes = dict(zip(about["ilmio"], about["teema"], strict=True))
    made: dict[str, int] = {}
    for row in steps.sort_values("pvm", kind="stable").to_dict("records"):
        key, day = str(row["ilmio"]), date.fromisoformat(str(row["pvm"]))
        number = numbers[key]
        if row["tapahtuma"] == "tila":
            version = int(phenomena.read_phenomenon(register, number)["versio"])
            phenomena.move(register, number, row["arvo"], expected_version=version, user=_USER, on=day)
        elif row["tapahtuma"] == "mittari":
            version = int(phenomena.read_phenomenon(register, number)["versio"])
            change = {"mittarit": str(row["arvo"])}
            phenomena.change_phenomenon(register, number, change, expected_version=version, user=_USER)
        elif row["tapahtuma"] == "ehdotus":
            made[key] = add_proposal(
                register, key=f"{STEPS}-{key}",
                region_level=INVENTED_COUNTY[0], region_code=INVENTED_COUNTY[1],
                theme=themes[key], text=str(row["teksti"]), decision_maker=str(row["paattaja"]),
                target=str(row["kohde"]), proposed_on=day, phenomenon=number, user=_USER,
            )  # fmt: skip
        else:
            listed = proposals(register)
            version = int(listed.loc[listed["ehdotus_id"] == made[key], "version"].iloc[0])
            decide(
                register, made[key], status=row["arvo"], decided_on=day, expected_version=version, user=_USER
            )


def _invented(name: str, data: Path | None) -> pd.DataFrame:
    """Read a sample; real people's observations belong to a register and are left out here, in words."""
    if samples.dictionary(name, data).get("kind") != "synthetic":
        raise samples.AbsentTable(say("sosiaalinen_raportointi.own_table", table=name), name)
    return samples.table(name, data)
