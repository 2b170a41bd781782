"""What the release of plans and follow-up is made of: entries in words, and the few figures that may leave.

Every entry is rows of words: one row a field. A column of counts never leaves as words: the people reached,
who answered or took part leave as figures under the rules `vakio`. A sentence on what changed that says more
than a description carries stays in the house until its writer has looked at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions
from sosrake_lib.batch.followup_schedule import SCHEDULE, schedule_rows
from sosrake_lib.batch.followup_source import Followed, county_code, open_followup
from sosrake_lib.batch.recipes_reporting import RULES, as_words, wordy
from sosrake_lib.batch.releases import REGISTER_ENTRIES
from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import DisclosureError
from sosrake_lib.gather import identifiers
from sosrake_lib.indicators import channel_counts, rates
from sosrake_lib.indicators.scales import Place
from sosrake_lib.influence import claims
from sosrake_lib.language import say
from sosrake_lib.register.followup import OWN
from sosrake_lib.register.followup_kinds import Kind, kind, kinds

RELEASE = "seuranta"
HAPPENED, CHANNELS, PAIRS, TOOK_PART = "mita_tapahtui", "kanavat", "kanavaparit", "kokeilut_mukana"
PEOPLE_IN = "kokeilu_mukana"
WAITING = "odottaa_tarkistusta"
# Fields that tell what changed: they may describe and no more.
DESCRIBE = ("mita_muuttui", "mita_havaittiin", "opittu")


def followup(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of plans and follow-up, for all areas the register tells of.

    Returns
    -------
    Parts by the rules `vakio`: one a kind of entry (`register.followup_kinds.kinds`), rows of words
    (`indicator` = "<kind>_<number>", `group` = field, `label_fi`/`label_en` = words, `category` = code of a
    choice or state, `note` = day); `mita_tapahtui` the same of proposals and approved phenomena;
    `aikataulu` (`followup_schedule`: the same with days as timestamps, for a Gantt chart);
    `kanavat` (reach and share that answered, `indicators.channel_counts`), `kanavaparit` (which shares can
    be told apart, made of what is shown) and `kokeilut_mukana` (people in an experiment). With a data folder
    of one's own and nothing recorded every part is there, without rows.
    """
    return followup_parts(open_followup(data))


def followup_parts(told: Followed) -> dict[str, protect.Part]:
    """Make the parts of what was read; others may join some of them to a release of their own."""
    frames = {name: _wordy_rows(told, kind(name)) for name in kinds()}
    frames |= {HAPPENED: happened_rows(told), SCHEDULE: schedule_rows(told)}
    channels = channel_rows(told)
    frames |= {CHANNELS: channels, PAIRS: pair_rows(channels, told), TOOK_PART: people_rows(told)}
    about = _provenance(told)
    return {name: protect.part(rows.assign(**about), rules=RULES) for name, rows in frames.items()}


def happened_rows(told: Followed) -> pd.DataFrame:
    """Tell each proposal and approved phenomenon, and what the influence log knows of what changed since."""
    log = told.entries["vaikuttamisloki"]
    later = {row["ehdotus"]: row for row in log.to_dict("records") if row["ehdotus"]}
    rows: list[dict[str, Any]] = []
    for one in told.happened.to_dict("records"):
        number = f"ehdotus_{one['ehdotus_id']}" if one["ehdotus_id"] else f"ilmio_{one['ilmio_id']}"
        known = later.get(str(one["ehdotus_id"]), {})
        words = {name: str(one[name]) for name in ("ilmio", "ehdotus", "paattaja", "perustelu")}
        codes = {name: str(one[name]) for name in ("teema", "kohde", "tila")}
        days = {name: str(one[name]) for name in ("pvm", "paatetty")}
        words |= {name: known.get(name, "") for name in ("paatos_sanoin", "mita_muuttui")}
        codes |= {name: known.get(name, "") for name in ("indikaattori", "muutoksen_luonne")}
        days["seuranta_pvm"] = known.get("seuranta_pvm", "")
        start = _start(told, number, (one["alue_taso"], one["alue_koodi"]), str(one["pvm"]))
        rows += _rows(start, words, codes, days, told)
    return as_words(rows)


def channel_rows(told: Followed) -> pd.DataFrame:
    """Give reach and share that answered by county, audience and channel over all recorded days."""
    log = told.entries["kanavaloki"]
    numbers = {name: pd.to_numeric(log[name], errors="coerce") for name in ("tavoitetut", "reaktiot")}
    log = log.assign(**numbers, county=_counties(log))
    parts = [
        channel_counts.by_channel(rows, _place(str(code), rows["paiva"], told.origin))
        for code, rows in log.groupby("county")
        if code
    ]
    return frame.combine(parts) if parts else frame.empty()


def pair_rows(channels: pd.DataFrame, told: Followed) -> pd.DataFrame:
    """Say which shares of one audience can be told apart, made only of the figures a reader will see."""
    rows = []
    for code, own in _shown(channels).groupby("region_code"):
        for pair in channel_counts.compared(own).to_dict("records"):
            key = wordy(("hva", str(code)), PAIRS, str(own["period"].iloc[0]), told.origin)
            names = {"group": f"{pair['audience']}.{pair['first']}.{pair['second']}"}
            rows.append(key | names | {"category": pair["verdict"]})
    return as_words(rows)


def people_rows(told: Followed) -> pd.DataFrame:
    """Count the people who took part in each experiment; a small count is hidden as any other."""
    tried = told.entries["kokeilut"]
    parts = [
        _people(
            one,
            _place(county_code(one["alue_taso"], one["alue_koodi"]), pd.Series([one["alku"]]), told.origin),
        )
        for one in tried.to_dict("records")
        if one["mukana"]
    ]
    return frame.combine(parts) if parts else frame.empty()


def _wordy_rows(told: Followed, of: Kind) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    texts, choices, days = of.of("text"), of.of("choice"), of.of("date")
    for one in told.entries[of.name].to_dict("records"):
        number = f"{of.name}_{one['seuranta_id']}"
        region = (str(one["alue_taso"]), str(one["alue_koodi"]))
        start = _start(told, number, region, str(one[of.when] if of.when else one["pvm"]))
        words = {name: str(one[name]) for name in texts if name not in (*of.links, *of.keys, *of.pages)}
        codes = {"tila": str(one["tila"])} | {name: str(one[name]) for name in choices}
        codes |= {name: str(one[name]) for name in (*of.links, *of.keys, *of.pages)}
        dated = {name: str(one[name]) for name in days} | {"kirjattu_pvm": str(one["pvm"])}
        rows += _rows(start, words, codes, dated, told)
    return as_words(rows)


def _start(told: Followed, number: str, region: tuple[str, str], day: str) -> dict[str, Any]:
    return wordy(region, number, day[:7] or str(told.on.year), told.origin)


def _rows(
    start: Mapping[str, Any],
    words: Mapping[str, str],
    codes: Mapping[str, str],
    days: Mapping[str, str],
    told: Followed,
) -> list[dict[str, Any]]:
    """Make the rows of one entry: one a field that holds something."""
    made = []
    for field, text in words.items():
        if text:
            _refuse_names(str(start["indicator"]), field, text)
            made.append({**start, "group": field, **_said(field, text, told)})
    made += [{**start, "group": field, "category": code} for field, code in codes.items() if code]
    made += [{**start, "group": field, "note": day} for field, day in days.items() if day]
    return made


def _said(field: str, text: str, told: Followed) -> dict[str, str]:
    if field in DESCRIBE and beyond_description(text):
        return {"category": WAITING}
    return {"label_fi": text, "label_en": told.english.get(text, text)}


def beyond_description(text: str) -> tuple[str, ...]:
    """Find words in a Finnish text that claim more than a description or a change at two times.

    Examples
    --------
    >>> from sosrake_lib.batch.recipes_followup import beyond_description
    >>> beyond_description("Jonot lyhenivät palvelun ansiosta."), beyond_description("Jono on nyt lyhyempi.")
    (('ansiosta',), ())
    """
    found = claims.check(text, Claim.MUUTOS, "fi")
    return tuple(str(one) for one in found.loc[found["kind"] == "claim", "phrase"])


def _refuse_names(number: str, field: str, text: str) -> None:
    """Look once more at what leaves: an entry from before a rule of finding names is caught here."""
    if any(entity.level == "sure" for entity in identifiers.find(text)):
        raise DisclosureError(
            f"follow-up: {number}, {field}: names a person; correct the entry (sosrake followup add --change)"
        )


def _people(one: Mapping[str, Any], place: Place) -> pd.DataFrame:
    row = {
        "indicator": PEOPLE_IN,
        "region_level": place.region_level,
        "region_code": place.region_code,
        "borders": place.borders,
        "period": place.period,
        "group": f"kokeilut_{one['seuranta_id']}",
        "value": float(one["mukana"]),
        "status": "ok",
        "origin": place.origin,
    }
    return rates.as_given(pd.DataFrame([row]), "count")


def _shown(channels: pd.DataFrame) -> pd.DataFrame:
    if channels.empty:
        return channels
    made = protect.release({CHANNELS: protect.part(channels, rules=RULES)}, name=RELEASE, preview=True)
    return protect.protected_frame(made.select(part=CHANNELS))


def _counties(entries: pd.DataFrame) -> np.ndarray:
    return np.array(
        [county_code(*pair) for pair in zip(entries["alue_taso"], entries["alue_koodi"], strict=True)]
    )


def _place(county: str, days: pd.Series, origin: str) -> Place:
    years = sorted({str(day)[:4] for day in days})
    period = years[0] if len(years) == 1 else f"{years[0]}/{years[-1]}"
    return Place("hva", county, regions.CURRENT_YEAR, period, origin)


def _provenance(told: Followed) -> dict[str, str]:
    if told.origin == OWN:
        producer = say("sosiaalinen_raportointi.own_register")
        return {"producer": producer, "source": REGISTER_ENTRIES, "licence": ""}
    return {"producer": say("words.synthetic"), "source": "esimerkkila_seuranta.csv", "licence": "MIT"}
