"""Where the pages of plans and follow-up read from: the house's own register, else the invented one.

A register that holds an entry, a proposal or an observation is the house's own and is read as it stands,
however little it tells. Without one the samples of Esimerkkilä are brought into a register of their own,
through the same functions the command line uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from sosrake_lib import regions, samples
from sosrake_lib.batch import reporting_source as source
from sosrake_lib.batch.house_register import counties_told, house_register, invented_register
from sosrake_lib.language import say
from sosrake_lib.register import engine, followup
from sosrake_lib.register.followup_kinds import kind, kinds
from sosrake_lib.register.happened import happened
from sosrake_lib.register.proposals import proposals
from sosrake_lib.register.reported import areas, has_observations
from sosrake_lib.register.tables import HAVAINTO, ILMIO, SEURANTA

ENTRIES = "esimerkkila_seuranta"
TRANSLATED = "kaannos"
_USER = "tp1"


@dataclass(frozen=True)
class Followed:
    """What the register tells of plans and follow-up.

    Attributes
    ----------
    entries : kind -> newest version of each entry (`register.followup.entries`).
    happened : proposals with their decisions, and approved phenomena (`register.happened`).
    counties : codes of the wellbeing services counties the register tells of.
    origin : "own" or "synthetic". on : day of reading.
    english : Finnish words -> English ones; empty for an own register, whose words stand as written.
    """

    entries: Mapping[str, pd.DataFrame]
    happened: pd.DataFrame
    counties: tuple[str, ...]
    origin: str
    on: date
    english: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filled:
    """How many invented things of each kind a register holds."""

    observations: int
    phenomena: int
    proposals: int
    entries: int


def open_followup(data: Path | None = None, today: date | None = None) -> Followed:
    """Read plans and follow-up.

    Parameters
    ----------
    data : data folder with the samples; used only when the house has no register of its own.
    today : day of reading; the invented register is read on the last day of its newest half-year.

    Returns
    -------
    Followed. A data folder of one's own without the invented entries gives one of origin "own" in which
    nothing has been recorded: pages that rest on other figures too are made, and say so.

    Raises
    ------
    AbsentTable when the shipped samples themselves lack the invented entries.
    """
    with house_register() as own:
        if own is not None and _holds(own):
            if not _is_invented(own):
                return _read(own, followup.OWN, today or date.today(), {})
            # It was filled with the samples (`sosrake register samples`) and is read as they are.
            return _read(own, followup.SYNTHETIC, _last_day(own), _english_there(data))
    try:
        with invented_register() as invented:
            last = fill_invented(invented, data)
            return _read(invented, followup.SYNTHETIC, last, english_words(data))
    except samples.AbsentTable:
        if samples.is_shipped(data):
            raise
    with invented_register() as empty:
        return _read(empty, followup.OWN, today or date.today(), {})


def followed_counties() -> tuple[tuple[str, str], ...]:
    """Name the counties the house's register tells of; without one of its own, the invented county."""
    return counties_told(_counties)


def fill_invented(register: engine.Register, data: Path | None = None) -> date:
    """Bring the invented observations and entries into an empty register; give its day of reading."""
    table = _invented(data)
    last = source.fill_invented(register, data)
    numbers = _numbers(register, data)
    with register.together() as within:
        for key, rows in table.groupby(table["laji"] + "|" + table["tunnus"], sort=False):
            name, _, own_id = str(key).partition("|")
            _add_invented(within, name, own_id, rows, numbers, last)
    return last


def fill_samples(register: engine.Register, data: Path | None = None) -> Filled:
    """Fill a register with all that is invented: observations, phenomena, proposals, plans and follow-up.

    A register filled earlier with observations and phenomena alone gets the rest; the second time nothing is
    added.
    """
    with register.together() as within:
        if not followup.areas_followed(within) and proposals(within).empty:
            fill_invented(within, data)
    entered = sum(len(followup.entries(register, name)) for name in kinds())
    with register.reading() as connection:
        counts = [sa.select(sa.func.count()).select_from(one) for one in (HAVAINTO, ILMIO)]
        observed, named = (connection.execute(one).scalar_one() for one in counts)
    return Filled(observed, named, len(proposals(register)), entered)


def english_words(data: Path | None = None) -> Mapping[str, str]:
    """Give the English of the invented entries, proposals and phenomena: Finnish text -> English text."""
    table = samples.table(ENTRIES, data).fillna("")
    told = {row["arvo"]: row["arvo_en"] for row in table.to_dict("records") if row["arvo_en"]}
    about = samples.table(source.PHENOMENA, data)
    return {**dict(zip(about["nimi"], about["name_en"], strict=True)), **told}


def _add_invented(
    register: engine.Register,
    name: str,
    own_id: str,
    rows: pd.DataFrame,
    numbers: Mapping[tuple[str, str], str],
    on: date,
) -> None:
    first = rows.iloc[0]
    region = (str(first["region_level"]), str(first["region_code"]))
    fields = dict(zip(rows["kentta"], rows["arvo"], strict=True))
    links = {field: numbers[field, fields[field]] for field in kind(name).links if field in fields}
    followup.add_entry(
        register,
        followup.entry_key(name, own_id, region),
        name,
        fields | links,
        region=region,
        state=str(first["tila"]),
        user=_USER,
        on=on,
        origin=followup.SYNTHETIC,
    )


def _invented(data: Path | None) -> pd.DataFrame:
    if samples.dictionary(ENTRIES, data).get("kind") != "synthetic":
        raise samples.AbsentTable(say("sosiaalinen_raportointi.own_table", table=ENTRIES), ENTRIES)
    table = samples.table(ENTRIES, data).fillna("").astype("str")
    return table.loc[table["laji"] != TRANSLATED]


def _holds(register: engine.Register) -> bool:
    return (
        bool(followup.areas_followed(register)) or has_observations(register) or len(proposals(register)) > 0
    )


def _is_invented(register: engine.Register) -> bool:
    with register.reading() as connection:
        columns = [one.c.alkupera for one in (SEURANTA, HAVAINTO)]
        told = [sa.select(one).where(one == followup.SYNTHETIC).limit(1) for one in columns]
        return any(connection.execute(query).first() is not None for query in told)


def _last_day(register: engine.Register) -> date:
    with register.reading() as connection:
        newest = connection.execute(sa.select(sa.func.max(HAVAINTO.c.saapunut))).scalar_one()
    return source.half_year_end(str(newest)) if newest else date.today()


def _english_there(data: Path | None) -> Mapping[str, str]:
    try:
        return english_words(data)
    except samples.AbsentTable:
        return {}


def _read(register: engine.Register, origin: str, on: date, english: Mapping[str, str]) -> Followed:
    entries = {name: followup.entries(register, name) for name in kinds()}
    return Followed(entries, happened(register), _counties(register), origin, on, english)


def _counties(register: engine.Register) -> tuple[str, ...]:
    told = happened(register)
    places = {*followup.areas_followed(register), *zip(told["alue_taso"], told["alue_koodi"], strict=True)}
    observed = source.county_of(areas(register)) if has_observations(register) else ()
    return tuple(sorted({*(county_code(*place) for place in places), *observed} - {""}))


def county_code(level: str, code: str) -> str:
    """Give the county an area belongs to; empty when it belongs to none."""
    return code if level == "hva" else regions.parent(code, "hva") or "" if level == "kunta" else ""


def _numbers(register: engine.Register, data: Path | None) -> dict[tuple[str, str], str]:
    """Give the numbers of invented phenomena and their proposals: (table, "$key") -> number."""
    about = samples.table(source.PHENOMENA, data)
    keys = dict(zip(about["nimi"], about["ilmio"], strict=True))
    with register.reading() as connection:
        names = {
            row[0]: keys[row[1]] for row in connection.execute(sa.select(ILMIO.c.ilmio_id, ILMIO.c.nimi))
        }
    told = happened(register)
    found = {("ilmio", f"${key}"): str(number) for number, key in names.items()}
    made = told.loc[told["ehdotus_id"] > 0]
    return found | {
        ("ehdotus", f"${names[phenomenon]}"): str(proposal)
        for phenomenon, proposal in zip(made["ilmio_id"], made["ehdotus_id"], strict=True)
    }
